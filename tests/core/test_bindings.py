"""Every table of a service: whether it can be read into our words, and what it was held against."""

import csv
import json
import re
from itertools import product

import numpy as np
import pandas as pd
import pytest

from healthindicators import countries, geography, protocols
from healthindicators.formats import Cube
from healthindicators.formats.cells import categorical, frame
from healthindicators.geography import Register
from healthindicators.ingest.cells import ZERO, cells_of
from healthindicators.protocols import Ask, Reply
from healthindicators.vocabulary import (
    ROLES,
    SEXES,
    STATUSES_WITHOUT_VALUE,
    STRATIFIERS,
    TOTAL,
    age_range,
)
from tests.real_files import real_file

COUNTRIES = countries.load()
BOUND = [
    (home.country, table)
    for home in COUNTRIES.values()
    for table in home.tables
    if home.country.sources[table.source].is_live
]
VERIFIED = [(country, table) for country, table in BOUND if not table.unverified]


def named(bound):
    """Return parameters of tests with the names of their tables."""
    return [pytest.param(c, table, id=f"{c.id}-{table.id}") for c, table in bound]


def held(source):
    """Return the tables of a source that were held against recorded metadata."""
    return named((c, table) for c, table in VERIFIED if table.source == source)


LIVE = named(BOUND)
SERVICES = [
    pytest.param(home.country, id, source, id=f"{home.country.id}-{id}")
    for home in COUNTRIES.values()
    for id, source in home.country.sources.items()
    if source.is_live
]
ONCE = ("geo", "period", "sex", "age", "stratum", "measure")
PERIODS = {
    "statbank": ("2021", "2021:2025"),
    "pxwebapi2": ("2025", "2023-2024"),
    "pxweb1": ("2022",),
    "fhi": ("2024_2024", "2015_2021"),
    "kolada": ("2025",),
}
"""Periods as the services write them."""


def plain(expression):
    """Whether a selection is one code, and no pattern, comparison or count."""
    return not re.search(r"[*?<>()]", expression)


def codes_of(dimension, country, source):
    """Return codes that an answer could have: those named, those with words, or samples."""
    if dimension.words:
        return tuple(dimension.words)
    if all(map(plain, dimension.select)):
        return dimension.select
    if dimension.role == "period":
        at_start = all(text.endswith("K1") for text in dimension.select)
        monthly = all(text.endswith("M12") for text in dimension.select)
        return ("2020K1",) if at_start else ("2025M12",) if monthly else PERIODS[source.protocol]
    assert dimension.role == "geo"
    known = [code.removeprefix(f"{country.id}-") for code in municipalities(country)]
    if dimension.codelist:
        return ("K-Rest", *(f"K-{code}" for code in known[:3]))
    return (*source.geo_codes, *known[:3])


def municipalities(country):
    return [geo.id for geo in geography.load(country.id).municipalities]


def answer(country, table):
    """Return a cube such as the service could answer with."""
    source = country.sources[table.source]
    axes = {d.code: codes_of(d, country, source)[:110] for d in table.dimensions}
    size = len(list(product(*axes.values())))
    marks = categorical(np.zeros(size, dtype="int32"), [""])
    return Cube(frame(axes, np.ones(size), marks))


@pytest.mark.parametrize(("country", "table"), LIVE)
def test_a_binding_is_complete(declared, country, table):
    roles = [d.role for d in table.dimensions]
    assert set(roles) <= set(ROLES)
    assert all(roles.count(role) <= 1 for role in ONCE)
    assert roles.count("geo") == 1
    assert roles.count("period") == 1 or {"first_year", "last_year"} <= set(table.fixed)
    assert not set(table.fixed) & set(roles)
    assert all((table.code, table.title, table.unit, table.feeds))
    assert table.id.startswith(source_name(table.source))
    assert table.id == table.id.lower()
    assert all(feed.indicator in declared.indicators for feed in table.feeds)
    for dimension in table.dimensions:
        assert dimension.select
        # What means one thing only is asked for by one code.
        assert dimension.role != "single" or len(dimension.select) == 1
        if dimension.words and all(map(plain, dimension.select)):
            assert set(dimension.select) == {c for c, word in dimension.words.items() if word}


def source_name(source):
    return source.removesuffix("-counts") + "-"


@pytest.mark.parametrize(("country", "table"), LIVE)
def test_an_answer_comes_out_in_our_words_and_every_feed_gets_some(country, table):
    cells = cells_of(answer(country, table), table, country.sources[table.source], table.id)
    register = geography.load(country.id)
    assert_known(cells, country, register, table)
    for feed in table.feeds:
        of_feed = (cells["topic"] == feed.topic) & (cells["measure"] == feed.measure)
        ages = cells["age"].isin(feed.ages) if feed.ages else True
        assert (of_feed & ages).any(), feed.indicator
    told = {(feed.topic, feed.measure) for feed in table.feeds}
    assert set(zip(cells["topic"], cells["measure"], strict=True)) <= told


def assert_known(cells: pd.DataFrame, country, register: Register, table):
    own = country.sources[table.source].geo_codes
    geos = {own.get(code, f"{country.id}-{code}") for code in cells["geo"].unique()}
    assert all(register.known(pd.Series(sorted(geos))))
    assert set(cells["sex"]) <= set(SEXES)
    assert all(age_range(age) for age in cells["age"].unique())
    strata = {TOTAL} | {f"{name}/{s}" for name, group in STRATIFIERS.items() for s in group}
    assert set(cells["stratum"]) <= strata
    totals = {feed.total for feed in table.feeds}
    if "count" not in set(cells["measure"]) and totals != {"mean-of-sexes"}:
        assert TOTAL in set(cells["sex"])


@pytest.mark.parametrize(("country", "id", "source"), SERVICES)
def test_a_service_is_known_to_the_last(country, id, source):
    assert source.protocol in protocols.names()
    assert re.fullmatch(r"https://.*[^/]", source.base)
    assert all((source.provider, source.licence))
    assert set(source.symbols.values()) <= {ZERO, "provisional", *STATUSES_WITHOUT_VALUE}
    known = geography.load(country.id).by_id
    assert set(source.geo_codes.values()) <= set(known)
    assert country.id in source.geo_codes.values()


@pytest.mark.parametrize("home", COUNTRIES.values(), ids=COUNTRIES)
def test_every_figure_of_a_country_comes_from_a_service_or_says_why_not(declared, home):
    sources = home.country.sources
    live = [t for t in home.tables if sources[t.source].is_live]
    fed = {feed.indicator for table in live for feed in table.feeds}
    # A count is not needed where the rate that is made of it is published.
    made = {
        i.derivation.numerator for i in declared.indicators.values() if i.derivation and i.id in fed
    }
    computed = {
        i.id
        for i in declared.indicators.values()
        if i.id not in home.country.not_computed
        and i.derivation
        and {i.derivation.numerator, i.derivation.denominator} - {""} <= fed
    }
    shown = {f.indicator for t in home.tables if not sources[t.source].is_live for f in t.feeds}
    assert shown - fed - made - computed == set(home.country.unbound)
    assert all(reason.strip() for reason in home.country.unbound.values())


def test_the_municipalities_that_are_asked_for_by_name_are_those_of_today():
    home = COUNTRIES["NO"]
    today = {geo.removeprefix("NO-") for geo in municipalities(home.country)}
    named = [
        {code for code in d.select if len(code) == 4}
        for t in home.tables
        for d in t.dimensions
        if d.role == "geo" and len(d.select) > 50
    ]
    assert len(named) == 3
    assert all(codes == today for codes in named)


def test_a_binding_that_was_held_against_nothing_says_so():
    assert {table.source for _, table in VERIFIED} == {"fhi", "kolada", "scb"}


@pytest.mark.parametrize(("country", "table"), held("fhi"))
def test_a_table_of_the_institute_is_in_a_recorded_request(country, table):
    folder = real_file("no/fhi_queries/Miljø__Luftforurensning.txt").parent
    recorded = {}
    for file in folder.iterdir():
        text = file.read_text("utf-8")
        if f"/{table.code.replace('/', '/Table/')}/data" in text:
            for said in json.loads(text[text.index('{"response"') :])["dimensions"]:
                recorded.setdefault(said["code"], set()).update(said["values"])
    assert set(recorded) == {d.code for d in table.dimensions}
    for dimension in table.dimensions:
        if dimension.select != ("*",):
            assert set(dimension.select) <= recorded[dimension.code]
        else:
            assert dimension.role in ("geo", "period")


@pytest.mark.parametrize(("country", "table"), held("scb"))
def test_a_table_of_statistics_sweden_is_as_its_recorded_metadata(country, table):
    replies = [
        Reply(real_file(f"se/{name}").read_bytes())
        for name in ("scb_v2_config.json", f"{table.code}_metadata.json")
    ]
    speaker = protocols.protocol("pxwebapi2")
    ask = Ask(country.sources["scb"], table)
    opening = speaker.requests(ask, {})
    told = speaker.requests(ask, dict(zip(opening, replies, strict=True)))
    bodies = [json.loads(request.body) for request in told if request.method == "POST"]
    asked = {
        s["variableCode"]: {c for body in bodies for t in body["selection"] for c in t["valueCodes"]
                            if t["variableCode"] == s["variableCode"]}
        for s in bodies[0]["selection"]
    }  # fmt: skip
    assert asked["Tid"] == {"2025M12"}
    assert len(asked["Region"]) == 291
    assert len(asked["Alder"]) == 101


@pytest.mark.parametrize(("country", "table"), held("kolada"))
def test_a_key_figure_has_a_card(country, table):
    with real_file("se/kolada_public_health_kpis.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        cards = {card["id"]: card for card in csv.DictReader(file)}
    by_code = {d.code: d for d in table.dimensions}
    kpis = [cards[kpi] for kpi in by_code["kpi"].select]
    divided = [card["is_divided_by_gender"] == "True" for card in kpis]
    assert any(divided) == (set(by_code["gender"].select) == {"T", "K", "M"})
    # A key figure of municipalities only has none of the country.
    wanted = {"A"} if "0000" in by_code["municipality"].select else {"K"}
    assert {card["municipality_type"] for card in kpis} == wanted
