"""Norway's folder: its register, its pinned tables, the codes that each of them is on."""

import csv
import io
import json
from collections import Counter
from functools import cache

import pandas as pd
import pytest

from healthindicators import countries, geography, snapshots
from healthindicators.formats import figures
from healthindicators.workspace import Workspace

TELEMARK = {
    "4001", "4003", "4005", "4010", "4012", "4014", "4016", "4018", "4020", "4022", "4024", "4026",
    "4028", "4030", "4032", "4034", "4036",
}  # fmt: skip

PUBLISHED = {2013: 5_051_275, 2015: 5_165_802, 2018: 5_295_619, 2020: 5_367_580, 2022: 5_425_270,
             2024: 5_550_203, 2025: 5_594_340}  # fmt: skip
"""Residents of Norway on 1 January, Statistics Norway."""

MUNICIPALITIES = {
    "boundaries": 357, "covid-vaccination": 356, "general-practice": 355, "mean-income": 428,
    "offences": 357, "persistent-low-income": 428, "physiotherapists": 356, "population": 357,
    "register": 357, "residents-2019": 422, "social-assistance": 428, "turnout-local": 356,
    "upper-secondary": 428, "vaccination": 422,
}  # fmt: skip
"""How many there were in the year whose codes a table has."""


@pytest.fixture(scope="module")
def norway():
    return geography.load("NO")


@pytest.fixture(scope="module")
def bodies(repository):
    """The bytes of every pinned Norwegian table, by table."""
    workspace = Workspace(repository)
    pins = snapshots.read_lock(workspace).pins
    return {
        key.split("/")[-1]: snapshots.open_pinned(workspace, pin).body
        for key, pin in pins.items()
        if key.startswith("NO/")
    }


@pytest.fixture(scope="module")
def tables():
    return {t.id: t for t in countries.home("NO").tables if t.source == "compiled"}


@pytest.fixture(scope="module")
def cells(bodies):
    """Read a table in the plain layout, each only once."""
    return cache(lambda table: figures.read(bodies[table], where=table))


def worded(rows, table):
    """The rows that the table's words leave in, in our words."""
    for column, words in table.words.items():
        rows = rows.assign(**{column: rows[column].map(words)})
        rows = rows[rows[column] != ""]
    return rows


def test_the_register_agrees_with_the_pinned_one(norway, bodies):
    published = {
        row["code"]: (f"NO-{row['county_code']}", f"NO-{row['kostra_group']}", row["name"])
        for row in csv.DictReader(io.StringIO(bodies["register"].decode("utf-8")))
    }
    assert set(published) == {m.code for m in norway.municipalities}
    for municipality in norway.municipalities:
        region, group, name = published[municipality.code]
        assert (municipality.region, municipality.group) == (region, group)
        assert name in (municipality.name("nb"), *municipality.aliases)


def test_how_many_municipalities_lie_where(norway):
    assert Counter(norway[m.region].code for m in norway.municipalities) == {
        "03": 1, "11": 23, "15": 27, "18": 41, "31": 12, "32": 21, "33": 18, "34": 46, "39": 6,
        "40": 17, "42": 25, "46": 43, "50": 38, "55": 21, "56": 18,
    }  # fmt: skip
    assert Counter(norway[m.group].code for m in norway.municipalities) == {
        "EKG01": 40, "EKG02": 18, "EKG03": 9, "EKG04": 39, "EKG05": 33, "EKG06": 28, "EKG07": 38,
        "EKG08": 13, "EKG09": 27, "EKG10": 13, "EKG11": 10, "EKG12": 11, "EKG13": 1, "EKG14": 25,
        "EKG15": 36, "EKG16": 8, "EKG17": 8,
    }  # fmt: skip
    assert len(norway.municipalities) == 357


def test_oslo_is_alone_in_its_county_and_its_group(norway):
    oslo = norway["NO-0301"]
    assert norway.members(norway[oslo.region]) == norway.members(norway[oslo.group]) == (oslo,)


@pytest.mark.parametrize("table", sorted(MUNICIPALITIES))
def test_a_table_holds_the_municipalities_of_its_year(bodies, cells, table):
    if table == "boundaries":
        codes = json.loads(bodies[table])["features"]
        found = {feature["properties"]["code"] for feature in codes}
    elif table == "register":
        rows = csv.DictReader(io.StringIO(bodies[table].decode("utf-8")))
        found = {row["code"] for row in rows}
    else:
        found = set(cells(table)["geo"])
    assert len(found) == MUNICIPALITIES[table]


def test_every_code_is_valid_in_the_year_that_its_table_names(norway, cells, tables):
    codes = countries.home("NO").country.sources["compiled"].geo_codes
    fed = [table for table in tables.values() if table.feeds]
    assert fed
    for table in fed:
        geo = cells(table.id)["geo"].drop_duplicates()
        ids = geo.map(lambda code: codes.get(code, f"NO-{code}"))
        years = pd.Series(table.codes_of, ids.index)
        assert ids[~norway.valid(ids, years)].tolist() == [], table.id


def test_alesund_before_its_split_stands_apart(cells):
    for table in ("general-practice", "offences", "population"):
        rows, apart = cells(table), cells(f"{table}-alesund")
        assert set(apart["geo"]) == {"1507"}
        assert apart["last_year"].max() < 2024
        assert "1507" not in set(rows["geo"])
        parts = rows[rows["geo"].isin(["1508", "1580"])]
        # the newest offences are of both years around the split, and are not published
        assert parts.loc[parts["last_year"] < 2024, "value"].isna().all()


def test_no_cell_of_a_figure_stands_twice(cells, tables):
    key = ["geo", "first_year", "last_year", "sex", "age", "topic", "stratum", "measure"]
    for table in tables.values():
        if table.feeds:
            assert not worded(cells(table.id), table).duplicated(key).any(), table.id


@pytest.mark.parametrize("year", sorted(PUBLISHED))
def test_the_residents_add_up_to_the_published_total(cells, year):
    """Before 2024 the compilation rounds the parts of municipalities that were split."""
    rows = pd.concat([cells("population"), cells("population-alesund")])
    parts = rows[(rows["last_year"] == year) & (rows["sex"] != "total") & (rows["age"] != "total")]
    assert parts["value"].sum() == pytest.approx(PUBLISHED[year], abs=0 if year >= 2024 else 50)


def test_the_weights_of_2019_add_up_to_the_published_total(cells):
    rows = cells("residents-2019")
    assert rows.loc[rows["age"] == "total", "value"].sum() == 5_328_212


@pytest.mark.parametrize(
    "table",
    ["life-expectancy", "life-expectancy-by-education", "primary-care", "suicide", "youth-survey"],
)
def test_the_health_tables_cover_telemark_its_county_and_the_country(norway, cells, table):
    assert set(cells(table)["geo"]) == TELEMARK | {"40", "0"}
    assert {m.code for m in norway.members(norway["NO-40"])} == TELEMARK


def test_everything_that_a_table_says_has_a_word_and_every_word_is_used(cells, tables):
    for table in tables.values():
        for column, words in table.words.items():
            assert set(cells(table.id)[column]) == set(words), (table.id, column)


def test_every_value_lies_where_its_indicator_expects_it(declared, cells, tables):
    fed = [(table.id, feed) for table in tables.values() for feed in table.feeds]
    assert len(fed) > 30
    for table, feed in fed:
        rows = worded(cells(table), tables[table])
        rows = rows[(rows["topic"] == feed.topic) & (rows["measure"] == feed.measure)]
        if feed.ages:
            rows = rows[rows["age"].isin(feed.ages)]
        known = rows["value"].dropna() * feed.factor
        expect = declared.indicator(feed.indicator).expect
        assert len(known), (table, feed.indicator)
        assert known.between(expect.minimum, expect.maximum).all(), (table, feed.indicator)
