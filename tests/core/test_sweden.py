"""Sweden: its register, what its snapshots hold, and what its tables make of them."""

import csv
import io
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from healthindicators import catalog, countries, geography, snapshots
from healthindicators.formats import figures
from healthindicators.geography import find_municipality
from healthindicators.model import Grade, Level, Polarity
from healthindicators.statistics import (
    directly_standardised_rate,
    life_expectancy,
    standard_weights,
)
from healthindicators.vocabulary import AGE_BANDS, age_range
from healthindicators.workspace import Workspace

TABLES = [
    "boundaries", "deaths-person-years", "dental-visits", "earned-income", "education",
    "life-expectancy", "living-conditions", "peers", "population", "register", "school-eligibility",
    "stockholm-social", "stockholm-trust", "turnout-national", "violent-crime",
]  # fmt: skip
KOLADA = "Kolada (Council for the Promotion of Municipal Analyses, RKA)"
STOCKHOLM_ONLY = {"car-distance", "child-poverty-0-19", "lack-of-trust", "low-income-share", "neet"}


@pytest.fixture(scope="module")
def sweden():
    """Sweden's sources, register and tables that come with the project."""
    home = countries.home("SE")
    return replace(home, tables=tuple(t for t in home.tables if t.source == "compiled"))


@pytest.fixture(scope="module")
def geos():
    """Sweden's geos."""
    return geography.load("SE")


@pytest.fixture(scope="module")
def pinned(repository):
    """Sweden's pinned snapshots by table."""
    workspace = Workspace(repository)
    pins = snapshots.read_lock(workspace).pins
    return {
        key.rpartition("/")[2]: snapshots.open_pinned(workspace, pin)
        for key, pin in pins.items()
        if key.startswith("SE/")
    }


@pytest.fixture(scope="module")
def cells(pinned):
    """A function that gives the cells of a table as they stand in its snapshot."""

    @cache
    def of(table):
        snapshot = pinned[table]
        return figures.read(snapshot.body, where=snapshot.id, rows=snapshot.sidecar.rows)

    return of


def rows_of(snapshot):
    return list(csv.DictReader(io.StringIO(snapshot.body.decode("utf-8"))))


def test_every_table_is_declared_and_pinned(sweden, pinned):
    assert [table.id for table in sweden.tables] == TABLES == sorted(pinned)


def test_every_sidecar_says_that_the_figures_were_compiled(pinned):
    for snapshot in pinned.values():
        sidecar = snapshot.sidecar
        assert (sidecar.country, sidecar.source) == ("SE", "compiled")
        assert sidecar.status == "compiled from published tables"
        assert "received" not in f"{sidecar.status} {sidecar.request} {sidecar.quality}"
        assert sidecar.provider in sidecar.citation
        assert sidecar.taken.startswith("2026-11-22T")


def test_nothing_of_ours_is_ascribed_to_kolada(pinned):
    theirs = {table for table, s in pinned.items() if s.sidecar.provider == KOLADA}
    assert theirs == {
        "living-conditions", "peers", "population", "stockholm-social", "stockholm-trust",
        "violent-crime",
    }  # fmt: skip
    for table in theirs:
        sidecar = pinned[table].sidecar
        assert "own processing must not be ascribed to Kolada" in sidecar.licence
        assert "not to be ascribed to Kolada" in sidecar.citation


def test_the_register_agrees_with_the_pinned_one(geos, pinned):
    published = {
        row["code"]: (row["name"], row["county_code"], row["county"], row["skr_group"])
        for row in rows_of(pinned["register"])
    }
    ours = {
        m.code: (m.name("sv"), geos[m.region].code, geos[m.region].name("sv"), geos[m.group].code)
        for m in geos.municipalities
    }
    assert len(ours) == 290
    assert ours == published


def test_how_many_municipalities_lie_in_each_county(geos):
    assert Counter(geos[m.region].code for m in geos.municipalities) == {
        "01": 26, "03": 8, "04": 9, "05": 13, "06": 13, "07": 8, "08": 12, "09": 1, "10": 5,
        "12": 33, "13": 6, "14": 49, "17": 16, "18": 12, "19": 10, "20": 15, "21": 10, "22": 7,
        "23": 8, "24": 15, "25": 14,
    }  # fmt: skip
    assert all(m.code.startswith(geos[m.region].code) for m in geos.municipalities)


def test_how_many_municipalities_are_in_each_group(geos):
    assert Counter(geos[m.group].code for m in geos.municipalities) == {
        "A1": 3, "A2": 43, "B3": 23, "B4": 63, "B5": 24, "C6": 27, "C7": 51, "C8": 35, "C9": 21,
    }  # fmt: skip
    assert {m.name("en") for m in geos.municipalities if m.group == "SE-A1"} == {
        "Stockholm", "Gothenburg", "Malmö",
    }  # fmt: skip


def test_every_geo_has_its_names(geos):
    assert all(geo.names["sv"] for geo in geos.geos)
    large = [g for g in geos.geos if g.level in (Level.COUNTRY, Level.REGION, Level.GROUP)]
    assert len(large) == 1 + 21 + 9
    assert all(geo.names.get("en") for geo in large)
    groups = [g for g in geos.geos if g.level is Level.GROUP]
    assert all(set(g.names) == {"sv", "en", "da", "nb"} for g in groups)
    assert geos["SE-01"].names == {"sv": "Stockholms län", "en": "Stockholm County"}


@pytest.mark.parametrize(
    ("written", "id"),
    [
        ("Göteborg", "SE-1480"), ("Göteborgs stad", "SE-1480"), ("Gothenburg", "SE-1480"),
        ("goteborg", "SE-1480"), ("Malmö stad", "SE-1280"), ("Lunds", "SE-1281"),
        ("Falu", "SE-2080"), ("Region Gotland", "SE-0980"), ("Malung", "SE-2023"),
        ("UPPLANDS VÄSBY", "SE-0114"), ("upplands bro", "SE-0139"), ("Heby", "SE-0331"),
        ("0331", "SE-0331"), ("SE-0180", "SE-0180"),
    ],
)  # fmt: skip
def test_a_municipality_is_found_by_what_people_write(geos, written, id):
    assert find_municipality(written, [geos]).id == id


def test_codes_that_changed_are_valid_in_their_years_only(geos):
    ids = pd.Series(["SE-1917", "SE-1917", "SE-0331", "SE-0331", "SE-0330", "SE-0330"])
    years = pd.Series([2006, 2007, 2006, 2007, 2002, 2003])
    assert geos.known(ids).all()
    assert geos.valid(ids, years).tolist() == [True, False, False, True, False, True]
    assert [(c.old, c.new, c.year, c.kind.value) for c in geos.changes] == [
        ("SE-1917", "SE-0331", 2007, "renumber")
    ]
    assert len(geos.edition(2003)) == len(geos.edition(2006)) == 290
    assert geos["SE-1917"] not in geos.municipalities
    assert geos["SE-1917"].region == "SE-19"
    assert geos["SE-0331"].region == "SE-03"


def test_every_code_of_a_table_is_valid_in_its_year(sweden, geos, cells):
    for table in (t for t in sweden.tables if t.feeds):
        read = cells(table.id)
        read = read[read["topic"].isin([feed.topic for feed in table.feeds])]
        ids = "SE-" + read["geo"]
        years = (
            read["last_year"] if table.codes_of is None else ids.map(lambda _, t=table: t.codes_of)
        )
        assert geos.valid(ids, years).all(), table.id


def test_older_years_stand_on_the_municipalities_of_today(cells, geos):
    """Why those tables say `codes_of`: Heby's code of 2007 stands beside years before."""
    for table in ("life-expectancy", "population", "earned-income", "education"):
        read = cells(table)
        heby = read[(read["geo"] == "0331") & read["value"].notna()]
        assert heby["last_year"].min() < 2007, table
        assert "1917" not in set(read["geo"])


def test_every_topic_of_a_table_is_fed_or_left_out_by_name(sweden, cells):
    left_out = {}
    for table in (t for t in sweden.tables if t.feeds):
        read = cells(table.id)
        words = table.words.get("topic", {t: t for t in read["topic"].unique()})
        assert set(read["topic"]) == set(words), table.id
        kept = {words[topic] for topic in read["topic"].unique()} - {""}
        assert kept == {feed.topic for feed in table.feeds}, table.id
        dropped = {topic for topic in words if not words[topic]}
        left_out |= {table.id: dropped} if dropped else {}
    assert left_out == {
        "living-conditions": {"turnout"},
        "stockholm-social": {"lack-of-trust", "school-eligibility"},
    }


def test_the_turnout_left_out_is_of_another_count(cells):
    other = cells("living-conditions").query("topic == 'turnout'").set_index("geo")["value"]
    counted = cells("turnout-national").query("last_year == 2022").set_index("geo")["value"]
    apart = other - counted
    assert apart.isna().sum() == 3
    assert 0.9 < apart.mean() < 1.0
    assert 3.5 < apart.max() < 4.0


def test_every_value_lies_where_its_indicator_expects(sweden, cells):
    known = catalog.load().indicators
    for table in sweden.tables:
        for feed in (f for f in table.feeds if f.indicator in known):
            value = cells(table.id).query("topic == @feed.topic")["value"] * feed.factor
            expect = known[feed.indicator].expect
            assert value.min() >= expect.minimum, feed.indicator
            assert value.max() <= expect.maximum, feed.indicator


def test_deaths_and_person_years_of_five_years(cells, sweden):
    read = cells("deaths-person-years")
    assert set(zip(read["first_year"], read["last_year"], strict=True)) == {(2015, 2019)}
    assert len(read) == 290 * 2 * 21 * 2
    assert read["status"].eq("observed").all()
    total = read.groupby("topic")["value"].sum()
    assert total["deaths"] == 454_812
    # The mean of the populations at both ends of each year, from the other provider's table.
    people = cells("population").query("topic == 'population'").groupby("last_year")["value"].sum()
    ends = sum((people[year - 1] + people[year]) / 2 for year in range(2015, 2020))
    assert total["person-years"] == ends == 50_234_069
    words = next(t for t in sweden.tables if t.id == "deaths-person-years").words["age"]
    assert set(read["age"]) == set(words)
    assert tuple(dict.fromkeys(words.values())) == AGE_BANDS
    merged = {band for band, ours in words.items() if band != ours}
    assert merged == {"90-94", "95+"}
    assert all(age_range(band)[0] >= age_range(words[band])[0] for band in words)


def test_the_population_of_sweden(cells):
    read = cells("population").query("topic == 'population'")
    by_year = read.groupby("last_year")["value"].agg(["sum", "size"])
    assert by_year.loc[2019, "sum"] == 10_327_589
    assert (by_year["size"] == 290).all()
    assert by_year.index.tolist() == list(range(2003, 2020))


def test_shares_of_education_add_up_to_all(cells):
    read = cells("education")
    levels = read[read["topic"].str.startswith("education-")]
    total = levels.groupby(["geo", "last_year"])["value"].sum()
    assert len(total) == 6 * 290 - 1, "Knivsta is younger than the first year"
    assert (total - 1).abs().max() < 1e-6


def test_the_snapshot_of_trust_is_a_part_of_the_other(cells):
    trust = cells("stockholm-trust").reset_index(drop=True)
    other = cells("stockholm-social").query("topic == 'lack-of-trust'").reset_index(drop=True)
    pd.testing.assert_frame_equal(trust, other)
    assert set(cells("stockholm-social")["geo"].str[:2]) == {"01"}


def test_what_comes_from_where(sweden):
    basis = {feed.indicator: table.basis for table in sweden.tables for feed in table.feeds}
    assert {i for i, b in basis.items() if b == "survey"} == {"lack-of-trust"}
    assert {i for i, b in basis.items() if b == "election"} == {"turnout-national"}
    assert set(basis) >= STOCKHOLM_ONLY
    assert len(basis) >= 18


def test_what_municipalities_are_alike_by_is_published_and_no_health_outcome(sweden):
    fed = {feed.indicator for table in sweden.tables for feed in table.feeds}
    fed |= {"residents"} if "population" in fed else set()
    features = {f.indicator for f in sweden.country.likeness.features}
    assert features | set(sweden.country.conditions) <= fed
    assert not features & {"life-expectancy", "dental-visit", "deaths"}
    assert sweden.country.languages[0] == "sv"


def test_an_inset_draws_neighbours_of_one_county_or_two(sweden, geos):
    where = [{geos[id].region for id in inset.geos} for inset in sweden.country.insets]
    assert where == [{"SE-01"}, {"SE-13", "SE-14"}, {"SE-12"}]
    drawn = [id for inset in sweden.country.insets for id in inset.geos]
    assert len(drawn) == len(set(drawn))
    assert {"SE-0180", "SE-1480", "SE-1280"} <= set(drawn)


def test_a_condition_of_the_place_has_no_better_direction():
    known = catalog.load().indicators
    neutral = {
        "earned-income", "education-upper-secondary", "foreign-born", "mean-age", "median-income",
        "population-density", "rented-dwellings", "share-aged-75-and-over", "share-aged-under-20",
        "single-households", "urban-share", "car-distance",
    }  # fmt: skip
    assert all(known[id].polarity is Polarity.NEUTRAL for id in neutral)


def test_how_far_denmark_and_sweden_may_be_compared():
    known = catalog.load().indicators
    grades = {
        id: [c.grade for c in i.comparability if set(c.countries) >= {"DK", "SE"}]
        for id, i in known.items()
    }
    graded = {id: found for id, found in grades.items() if found}
    assert all(len(found) == 1 for found in graded.values())
    assert {id for id, (grade,) in graded.items() if grade is Grade.SAME} == {
        "residents", "share-aged-65-and-over",
    }  # fmt: skip
    assert {id for id, (grade,) in graded.items() if grade is Grade.NEAR} == {
        "gini", "life-expectancy", "life-expectancy-computed", "mortality-all-ages",
        "mortality-below-75", "population-density", "turnout-national",
    }  # fmt: skip
    for indicator in known.values():
        for comparability in indicator.comparability:
            assert set(comparability.reason) == {"en", "da", "nb", "sv"}, indicator.id


@pytest.fixture(scope="module")
def counted(cells, sweden):
    """Deaths and person-years of 2015-2019 by sex and municipality, in our twenty bands."""
    read = cells("deaths-person-years")
    words = next(t for t in sweden.tables if t.id == "deaths-person-years").words["age"]
    bands = pd.Categorical(read["age"].map(words), AGE_BANDS, ordered=True)
    wide = read.assign(age=bands).pivot_table(
        index=["sex", "geo"], columns=["topic", "age"], values="value", aggfunc="sum", observed=True
    )
    return wide["deaths"], wide["person-years"]


@pytest.mark.parametrize(("sex", "apart"), [("female", 0.06), ("male", 0.03)])
def test_our_life_expectancy_agrees_with_the_published_one(cells, counted, sex, apart):
    """Both are of the same deaths; the provider's table is by single years of age, ours by bands."""
    deaths, years = (table.loc[sex] for table in counted)
    ours = life_expectancy(deaths, years, [age_range(band)[0] for band in AGE_BANDS])
    read = cells("life-expectancy").query("first_year == 2015 and last_year == 2019")
    published = read[read["sex"] == sex].set_index("geo")["value"].reindex(deaths.index).to_numpy()
    difference = ours.value - published
    assert abs(difference.mean()) < apart
    assert abs(difference).max() < 0.8, "the open band of a small municipality"
    assert ((ours.lower <= published) & (published <= ours.upper)).all()
    assert np.corrcoef(ours.value, published)[0, 1] > 0.98


def test_our_mortality_orders_municipalities_as_the_published_life_expectancy_does(cells, counted):
    deaths, years = (table.loc["male"] for table in counted)
    young = ["0", "1-4"]

    def joined(table):
        first = table[young].sum(axis=1).to_numpy()[:, None]
        return np.hstack([first, table[[b for b in AGE_BANDS if b not in young]].to_numpy()])

    bands = ("0-4", *AGE_BANDS[2:])
    rate = directly_standardised_rate(
        joined(deaths), joined(years), standard_weights(bands), per=100_000.0
    )
    read = cells("life-expectancy").query("first_year == 2015 and sex == 'male'")
    published = read.set_index("geo")["value"].reindex(deaths.index)
    order = pd.Series(rate.value, deaths.index).rank().corr(published.rank())
    # Not the same order: the European standard weighs the oldest more than a life table does.
    assert order < -0.85
