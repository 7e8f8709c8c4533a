"""The plan joins the three axes, and refuses what does not fit, all at once."""

from dataclasses import replace

import pytest

from healthindicators import countries, plan, snapshots
from healthindicators.errors import CatalogError
from healthindicators.model import Feed
from healthindicators.snapshots import table_key
from healthindicators.workspace import Workspace


@pytest.fixture(scope="module")
def lock(repository):
    return snapshots.read_lock(Workspace(repository))


def refused(declared, home, lock):
    with pytest.raises(CatalogError) as raised:
        plan.make(declared, home, lock)
    assert raised.value.exit_code == 20
    return [str(problem) for problem in raised.value.problems]


def with_feed(home, feed):
    first, *others = home.tables
    return replace(home, tables=(replace(first, feeds=(*first.feeds, feed)), *others))


def test_every_table_is_read_from_its_pin(declared, denmark, lock):
    made = plan.make(declared, denmark, lock)
    compiled = [table for table in denmark.tables if table.source == "compiled"]
    assert [r.table for r in made.readings] == compiled
    ours = {pin for key, pin in lock.pins.items() if key.startswith("DK/")}
    assert {r.pin for r in made.readings} == ours
    assert made.table_pin("gini").file.startswith("DK/compiled/gini/")


def test_every_indicator_is_published_computed_or_absent(declared, denmark, lock):
    made = plan.make(declared, denmark, lock)
    assert made.available | {i.id for i in made.absent} == set(declared.indicators)
    assert not made.available & {i.id for i in made.absent}
    assert made.basis["daily-smoking"] == "survey"
    assert made.basis["life-expectancy"] == "register"
    assert made.basis["mortality-below-75"] == "computed"


def test_each_computation_comes_after_what_it_is_computed_from(declared, denmark, lock):
    made = plan.make(declared, denmark, lock)
    have = {feed.indicator for table in denmark.tables for feed in table.feeds}
    for indicator in made.computations:
        assert {indicator.derivation.numerator, indicator.derivation.denominator} - {""} <= have
        have.add(indicator.id)


def test_what_is_published_is_not_computed_as_well(declared, denmark, lock):
    feed = Feed("mortality-all-ages", "mortality", "value", "not-published")
    made = plan.make(declared, with_feed(denmark, feed), lock)
    assert "mortality-all-ages" not in [i.id for i in made.computations]
    assert made.basis["mortality-all-ages"] == "register"


def test_what_nothing_feeds_is_absent_and_no_error(declared, denmark, lock):
    home = replace(denmark, tables=tuple(t for t in denmark.tables if t.id != "deaths"))
    before = {i.id for i in plan.make(declared, denmark, lock).absent}
    absent = {i.id for i in plan.make(declared, home, lock).absent}
    assert absent - before == {
        "deaths", "life-expectancy-computed", "mortality-all-ages", "mortality-below-75",
    }  # fmt: skip


def test_a_feed_of_an_unknown_indicator_offers_the_nearest(declared, denmark, lock):
    home = with_feed(denmark, Feed("daily-smokin", "smoking", "value", "not-published"))
    assert refused(declared, home, lock) == [
        "DK area.toml: feeds unknown indicator 'daily-smokin' (daily-smoking)"
    ]


def test_a_table_without_pin_is_named(declared, denmark, lock):
    fewer = replace(lock, pins={k: p for k, p in lock.pins.items() if not k.endswith("/gini")})
    assert refused(declared, denmark, fewer) == [
        "DK gini.toml: no snapshot is pinned for it in lock.toml"
    ]


def test_everything_that_does_not_fit_is_told_at_once(declared, denmark, lock):
    home = with_feed(denmark, Feed("gini", "gini", "number", "not-published"))
    source = replace(denmark.country.sources["compiled"], protocol="figurs")
    country = replace(denmark.country, framework="denmark-2021", sources={"compiled": source})
    compiled = tuple(table for table in home.tables if table.source == "compiled")
    home = replace(home, country=country, tables=compiled)
    fewer = replace(lock, pins={})
    lines = refused(declared, home, fewer)
    assert "DK: source 'compiled' has unknown protocol 'figurs' (figures)" in lines
    assert any(x.startswith("DK: unknown framework 'denmark-2021' (denmark-2021-") for x in lines)
    assert "DK area.toml: unknown measure 'number' (value or count)" in lines
    assert len(lines) == 3 + len(compiled)


@pytest.mark.parametrize(
    ("fetched", "read"),
    [
        (("scb-tab960",), ("deaths-person-years",)),
        (("scb1-medelfolkfodelsear",), ("deaths-person-years",)),
        (("scb-tab960", "scb1-medelfolkfodelsear"), ("scb-tab960", "scb1-medelfolkfodelsear")),
    ],
)
def test_counts_that_were_compiled_together_give_way_together(declared, lock, fetched, read):
    # Deaths of single years have no period in common with person-years of five.
    home = countries.home("SE")
    tables = {table.id: table for table in home.tables}
    some = next(iter(lock.pins.values()))
    pins = {table_key("SE", tables[id].source, id): some for id in fetched}
    made = plan.make(declared, home, replace(lock, pins={**lock.pins, **pins}))
    of = {"deaths", "person-years"}
    feeding = [(r.table.id, of & r.feeding) for r in made.readings if of & r.feeding]
    assert tuple(id for id, _ in feeding) == read
    assert set.union(*(set(fed) for _, fed in feeding)) == of
    assert sum(len(fed) for _, fed in feeding) == 2


@pytest.mark.parametrize(
    ("country", "fetched", "indicator"),
    [
        ("SE", ["scb/scb-tab638"], "share-aged-75-and-over"),
        ("DK", ["statbank/statbank-bib1", "statbank-counts/statbank-folk1a"], "library-loans"),
    ],
)
def test_what_services_let_us_compute_goes_before_compiled_figures(
    declared, lock, country, fetched, indicator
):
    home = countries.home(country)
    before = plan.make(declared, home, lock)
    assert indicator not in {computed.id for computed in before.computations}
    some = next(iter(lock.pins.values()))
    pins = {f"{country}/{key}": some for key in fetched}
    after = plan.make(declared, home, replace(lock, pins={**lock.pins, **pins}))
    assert indicator in {computed.id for computed in after.computations}
    assert not any(indicator in reading.feeding for reading in after.readings)
    # One of the two inputs is not enough.
    half = {key: some for key in pins if key.endswith("bib1")}
    between = plan.make(declared, home, replace(lock, pins={**lock.pins, **half}))
    assert indicator not in {computed.id for computed in between.computations}
