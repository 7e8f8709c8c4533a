"""The profile of a municipality: every indicator once, in order, with its sources."""

from dataclasses import fields, replace

import pandas as pd
import pytest

from healthindicators import catalog, geography, profile

FRAMEWORKS = sorted(catalog.load().frameworks)
SOME = ["DK-101", "DK-360", "DK-492", "DK-825"]
ALL = [m.id for m in geography.load("DK").municipalities]


@pytest.fixture(scope="module")
def make(processed, declared, register):
    """A function that makes a municipality's profile."""

    def profile_of(geo, framework="denmark-2021-2030"):
        return profile.make(
            processed, declared, register, register[geo], declared.framework(framework), "2026"
        )

    return profile_of


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("geo", SOME)
def test_every_indicator_is_there_once(processed, declared, make, geo, framework):
    lines = [line.indicator.id for line in make(geo, framework).lines]
    shown = {i for i in processed.plan.available if declared.indicators[i].shown}
    assert len(lines) == len(set(lines))
    assert set(lines) == shown


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_sections_stand_in_the_order_of_the_framework(declared, make, framework):
    made, areas = make("DK-101", framework), declared.framework(framework).areas
    assert [section.area.id for section in made.sections] == [area.id for area in areas]
    for section, area in zip(made.sections, areas, strict=True):
        assert [service for service, _ in section.lines] == list(area.indicators)
        assert all(service.indicator == line.indicator.id for service, line in section.lines)


def test_what_serves_no_area_stands_last_and_is_not_lost(processed, declared, register):
    whole = declared.framework("denmark-2021-2030")
    served = next(area for area in whole.areas if area.indicators)
    part = replace(whole, areas=(replace(served, indicators=served.indicators[:2], maps=()),))
    made = profile.make(processed, declared, register, register["DK-101"], part, "2026")
    lines = [line.indicator.id for line in made.lines]
    assert lines[:2] == [service.indicator for service in served.indicators[:2]]
    assert lines[2:] == [line.indicator.id for line in made.others]
    shown = {i for i in processed.plan.available if declared.indicators[i].shown}
    assert sorted(lines) == sorted(shown)


def test_an_area_that_nothing_measures_is_there_with_its_gap(make):
    empty = [section for section in make("DK-101").sections if not section.lines]
    assert empty
    assert all(text.gap for section in empty for text in section.area.text.values())


@pytest.mark.parametrize("geo", ALL[::9])
def test_a_profile_says_what_the_estimates_say(processed, make, geo):
    made = make(geo)
    rows = processed.estimates
    rows = rows[(rows["geo"] == geo) & (rows["sex"] == "total")]
    for line in made.lines:
        own = rows[rows["indicator"] == line.indicator.id]
        assert len(line.series) == len(own)
        found = own[
            (own["first_year"] == line.value.period.first)
            & (own["last_year"] == line.value.period.last)
        ].iloc[0]
        assert line.value.value == (None if pd.isna(found["value"]) else found["value"])
        assert (line.value.status, line.value.reason) == (found["status"], found["reason"])
        assert [v.period for v in line.series] == sorted(v.period for v in line.series)


def test_all_geos_of_a_profile_are_its_own(make, register):
    made = make("DK-360")
    assert made.geo.name("da") == "Lolland"
    assert made.region.name("da") == "Region Sjælland"
    assert made.group.name("da") == "Landkommuner"
    for line in made.lines:
        assert {k: b.geo.id for k, b in line.benchmarks.items()}.items() <= {
            "country": "DK", "region": "DK-085", "group": "DK-landkommuner",
        }.items()  # fmt: skip


def test_a_line_of_daily_smoking(make):
    line = next(x for x in make("DK-360").lines if x.indicator.id == "daily-smoking")
    assert line.basis == "survey"
    assert line.value.value == 18.3
    assert not line.value.has_interval
    assert line.value.reason == "survey-interval-not-published"
    assert (line.position.first, line.position.last, line.position.count) == (98, 98, 98)
    assert line.position.fifth == 5
    assert {b.verdict for b in line.benchmarks.values()} == {"cannot-say"}
    assert not any(b.published for b in line.benchmarks.values())
    assert line.spread.maximum == 18.3
    assert [v.period.first for v in line.series] == [2010, 2013, 2017, 2021, 2025]
    assert line.previous.since.first == 2021
    assert line.first.since.first == 2010
    assert line.by_sex == {}


def test_a_line_with_intervals_for_women_and_men(make):
    line = next(x for x in make("DK-101").lines if x.indicator.id == "mortality-below-75")
    assert line.basis == "computed"
    assert line.value.interval == "dobson"
    assert line.value.has_interval
    assert set(line.by_sex) == {"female", "male"}
    assert line.by_sex["female"].value < line.value.value < line.by_sex["male"].value
    assert {b.verdict for b in line.benchmarks.values()} <= {"better", "similar", "worse"}


def test_a_small_island_keeps_its_lines_and_says_why_they_are_empty(make):
    lines = {line.indicator.id: line for line in make("DK-825").lines}
    published, computed = lines["life-expectancy"], lines["life-expectancy-computed"]
    assert (published.value.value, published.value.reason) == (None, "not-published")
    assert (computed.value.value, computed.value.reason) == (None, "population-too-small")
    for line in (published, computed):
        assert line.position is None
        assert line.previous is None
        assert line.benchmarks, "whom it would be held against is still told"


def test_key_facts(make):
    facts = {fact.name: fact for fact in make("DK-101").facts}
    assert facts["Residents on 1 January"].value == 632_340
    assert facts["Residents on 1 January"].period.last == 2020
    assert facts["Aged 65 and over"].value == pytest.approx(10.354, abs=0.001)
    assert facts["Residents per square kilometre"].value == pytest.approx(632_340 / 86.7)


def snapshots_behind(processed, made):
    """Return the snapshots of every row whose number a profile shows, benchmarks among them."""
    geos = {made.geo.id, made.region.id, made.group.id, made.country.id}
    rows = processed.estimates
    joined = rows.loc[rows["geo"].isin(geos), "snapshot"].unique()
    return {part for text in joined for part in text.split(" + ")}


@pytest.mark.parametrize("geo", SOME)
def test_sources_name_every_snapshot_that_fed_a_number(processed, make, geo):
    made = make(geo)
    pins = {pin.sha256: pin.file for pin in processed.lock.pins.values()}
    named = {pins[source.sidecar.sha256] for source in made.sources}
    assert snapshots_behind(processed, made) <= named
    assert len(made.sources) == len(named), "each once"


def test_sources_name_what_the_key_facts_came_from(make):
    assert {"population-2020", "area"} <= {s.sidecar.table for s in make("DK-101").sources}


def test_each_source_says_what_it_fed_and_for_which_years(make):
    sources = {source.sidecar.table: source for source in make("DK-101").sources}
    life = sources["life-expectancy"]
    assert [i.id for i in life.indicators] == ["life-expectancy"]
    assert (life.first_year, life.last_year) == (2000, 2025)
    assert {i.id for i in sources["deaths"].indicators} == {
        "life-expectancy-computed", "mortality-all-ages", "mortality-below-75",
    }  # fmt: skip
    order = [(s.sidecar.provider, s.sidecar.provider_table) for s in sources.values()]
    assert order == sorted(order)


def test_a_map_has_a_value_of_every_municipality(processed):
    values = profile.everywhere(processed, "daily-smoking")
    assert set(values) == set(ALL)
    assert values["DK-101"].value == 10.6
    assert profile.everywhere(processed, "life-expectancy")["DK-492"].value is None


def test_a_profile_is_the_same_each_time(make):
    once, again = make("DK-492"), make("DK-492")
    assert all(getattr(once, f.name) == getattr(again, f.name) for f in fields(once))
