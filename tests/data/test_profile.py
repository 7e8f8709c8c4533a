"""The profile of a municipality: every indicator once, in order, with its sources."""

from dataclasses import fields, replace

import orjson
import pandas as pd
import pytest

from healthindicators import catalog, geography, profile
from healthindicators.model import Period
from healthindicators.profile import Position

FRAMEWORKS = sorted(catalog.load().frameworks)
SOME = ["DK-101", "DK-360", "DK-492", "DK-825"]
ONE = ["indicator", "geo", "sex"]
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
        told = {line.indicator.id for line in made.lines}
        ours = [service for service in area.indicators if service.indicator in told]
        assert [service for service, _ in section.lines] == ours
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


def told(row):
    """Return a row of a frame as the profile tells it."""
    numbers = (None if pd.isna(row[x]) else row[x] for x in ("value", "lower", "upper"))
    period = Period(row["first_year"], row["last_year"])
    return profile.Value(period, *numbers, row["interval"], row["status"], row["reason"])


@pytest.fixture(scope="module")
def history(processed):
    """A function that gives the values of an indicator, geo and sex out of the whole frame."""
    rows = processed.estimates.sort_values(["last_year", "first_year"], kind="stable")
    groups = {key: group.to_dict("records") for key, group in rows.groupby(ONE)}
    return lambda *key: tuple(map(told, groups.get(key, ())))


@pytest.fixture(scope="module")
def compared(processed):
    """The comparison of each indicator and geo, out of the whole frame."""
    return processed.comparisons.set_index(["indicator", "geo"]).sort_index()


@pytest.mark.parametrize("geo", ["DK-101", "DK-492", "DK-563", "DK-825"])
def test_a_profile_is_the_selection_from_the_whole_frames(history, compared, make, geo):
    for line in make(geo).lines:
        id = line.indicator.id
        assert line.value == told(compared.loc[id, geo])
        assert line.series == history(id, geo, "total")
        sexes = {sex: history(id, geo, sex) for sex in ("female", "male")}
        assert line.by_sex == {
            sex: v for sex, values in sexes.items() for v in values if v.period == line.value.period
        }
        five = compared.loc[id]["value"].describe()
        assert line.spread == profile.Spread(*five[["min", "25%", "50%", "75%", "max"]])


@pytest.mark.parametrize("geo", ["DK-101", "DK-492", "DK-825"])
def test_benchmarks_are_the_selection_from_the_whole_frames(history, compared, register, make, geo):
    for line in make(geo).lines:
        row = compared.loc[line.indicator.id, geo]
        for kind, benchmark in register.benchmarks(register[geo]).items():
            values = history(line.indicator.id, benchmark.id, "total")
            assert line.benchmark_series[kind] == values
            found = line.benchmarks.get(kind)
            assert (found is None) == pd.isna(row[f"{kind}_value"])
            if found:
                assert found.value in values
                assert found.value.value == row[f"{kind}_value"]
                assert found.value.period == line.value.period
                assert (found.published, found.verdict) == (
                    row[f"{kind}_published"], row[f"{kind}_verdict"],
                )  # fmt: skip


@pytest.mark.parametrize("geo", ["DK-101", "DK-825"])
def test_positions_and_changes_are_those_of_the_comparison(compared, make, geo):
    for line in make(geo).lines:
        row = compared.loc[line.indicator.id, geo]
        numbers = [row[f"position_{x}"] for x in ("first", "last", "count")] + [row["fifth"]]
        place = Position(*(None if pd.isna(n) else n for n in numbers))
        assert line.position == (None if place.first is None else place)
        for name, change in (("previous", line.previous), ("first", line.first)):
            if pd.isna(row[f"{name}_difference"]):
                assert change is None
            else:
                since = Period(row[f"{name}_first_year"], row[f"{name}_last_year"])
                assert change == profile.Change(since, row[f"{name}_difference"])


@pytest.mark.parametrize("geo", SOME)
def test_key_facts_are_sums_of_the_counts(processed, make, geo):
    rows = processed.observations.query("geo == @geo and indicator == 'population'")
    rows = rows[rows["last_year"] == rows["last_year"].max()]
    old = rows[rows["age"].isin(["65-69", "70-74", "75-79", "80-84", "85-89", "90+"])]
    residents, share, _ = (fact.value for fact in make(geo).facts)
    assert residents == rows["value"].sum()
    assert share == 100 * old["value"].sum() / rows["value"].sum()


def test_a_benchmark_is_selected_once_for_all_its_municipalities(make):
    one, other = make("DK-101").lines, make("DK-825").lines
    assert one[0].benchmark_series["country"] is other[0].benchmark_series["country"]


def test_a_profile_is_plain_data(make):
    """It can be written down as it is, to tell whether a report would come out the same."""
    once, again, other = (orjson.dumps(make(geo)) for geo in ("DK-101", "DK-101", "DK-825"))
    assert once == again != other
    assert "daily-smoking" in once.decode()


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
    assert facts["Residents"].value == 632_340
    assert facts["Residents"].period.last == 2020
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
