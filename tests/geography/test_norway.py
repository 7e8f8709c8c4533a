"""Norway's municipalities from 2013 to today, held against the official lists."""

import csv
import hashlib
import io
import re

import pytest

from healthindicators.errors import ParameterError, UnknownMunicipality
from healthindicators.geography import find_municipality
from healthindicators.geography.changes import Kind, carried
from healthindicators.model import Level
from tests.geography.making import norway
from tests.real_files import real_file

NORWAY = norway()
TODAY = {m.code for m in NORWAY.municipalities}
DENMARK = "a0b417b193b99347c217a3b96533bfc978a71d9153e00f737bb887e08aab4c76"
IMDI = {"1901": "1903"}
"""Harstad's code of 2012, which the directorate's tables of 2013 still have."""


def find(name):
    return find_municipality(name, [NORWAY])


def arrivals(year, codes=None):
    ids = [g.id for g in NORWAY.edition(year)] if codes is None else [f"NO-{c}" for c in codes]
    shares = carried(NORWAY.changes, ids, year)
    return {new[3:] for parts in shares.values() for new in parts}


def codes_at_line_starts(name, pattern, encoding="latin-1"):
    return set(re.findall(pattern, real_file(name).read_text(encoding), re.MULTILINE))


def test_the_norwegian_change_waves_applied_to_the_2013_codes_give_exactly_todays_357():
    assert len(NORWAY.edition(2013)) == 428
    assert arrivals(2013) == TODAY
    assert len(TODAY) == 357


@pytest.mark.parametrize(
    ("year", "count"),
    [(2014, 428), (2017, 426), (2018, 422), (2019, 422), (2020, 356), (2023, 356), (2024, 357)],
)
def test_the_waves_applied_to_later_codes_give_exactly_todays_357(year, count):
    assert len(NORWAY.edition(year)) == count
    assert arrivals(year) == TODAY


def test_todays_codes_are_those_that_the_office_lists():
    listed = codes_at_line_starts("no/ssb_klass_kommuneinndeling_2026.csv", r'^"(\d{4})"')
    assert listed - {"9999"} == TODAY


def test_published_codes_of_2013_2019_and_2021_are_the_editions_and_arrive_today():
    kommune = list(csv.DictReader(io.StringIO(real_file("no/sosialhjelp.csv").read_text("utf-8"))))
    codes_2013 = {row["kommune_nr"] for row in kommune} - {"NULL"}
    codes_2013 = {IMDI.get(code, code) for code in codes_2013}
    codes_2019 = codes_at_line_starts("no/ssb_destroyed_letters_2019.csv", r"^(\d{4}) ")
    codes_2021 = codes_at_line_starts("no/ssb_07459_csv2_2021.csv", r'^"K-(\d{4}) ')
    # The table of 2019 has Rindal's former code too, with no residents.
    for year, codes in ((2013, codes_2013), (2019, codes_2019 - {"1567"}), (2021, codes_2021)):
        assert {g.code for g in NORWAY.edition(year)} == codes
        assert arrivals(year, codes) == TODAY


@pytest.mark.parametrize("years", ["2013_til2017", "2017_til2018", "2018_til2019", "2019_til2020"])
def test_the_changes_are_those_of_the_official_lists(years):
    text = real_file(f"no/kommuner_med_endringer_fra{years}.csv").read_text("cp1252")
    pairs = re.findall(r"^(\d{4})\s-\s[^;]*;(\d{4})\s-\s", text, re.MULTILINE)
    assert len(pairs) == len(text.splitlines()) - 1, "every line is read, breaking spaces or not"
    official = {pair for pair in pairs if pair[0] != pair[1]}  # the others only change their name
    year = int(years[-4:])
    assert {(c.old[3:], c.new[3:]) for c in NORWAY.changes if c.year == year} == official


def test_three_municipalities_were_split_and_the_weights_say_where_they_are_from():
    splits = {}
    for change in NORWAY.changes:
        if change.kind is Kind.SPLIT:
            splits.setdefault(change.old, []).append(change)
            assert "07459" in change.weight_source
    assert sorted(splits) == ["NO-1507", "NO-1850", "NO-5012"]
    assert [c.weight for c in splits["NO-1507"]] == [
        pytest.approx(58509 / 67866, abs=1e-4),
        pytest.approx(9357 / 67866, abs=1e-4),
    ]


def test_no_code_was_given_to_another_municipality_later():
    """A code that changes is gone: it is nowhere in a later edition."""
    for change in NORWAY.changes:
        assert NORWAY[change.old].valid_to == change.year - 1
        assert NORWAY[change.new].valid_from <= change.year


def test_how_many_of_what():
    levels = [g.level for g in NORWAY.geos]
    assert levels.count(Level.REGION) == 15
    assert levels.count(Level.GROUP) == 17
    assert NORWAY.nation.id == "NO"
    around = NORWAY.benchmarks(NORWAY["NO-4003"])
    assert {k: g.name("nb") for k, g in around.items()} == {
        "country": "Norge", "region": "Telemark", "group": "KOSTRA-gruppe 11",
    }  # fmt: skip
    assert len(NORWAY.members(NORWAY["NO-40"])) == 17
    assert NORWAY["NO-EKG01"].name("sv") == "KOSTRA-grupp 1"
    assert NORWAY["NO-EKG01"].name("en") == "KOSTRA group 1"
    alone = {m.id for m in NORWAY.municipalities if set(NORWAY.benchmarks(m)) != set(around)}
    assert alone == {"NO-0301"}  # Oslo is a county and a KOSTRA group of its own


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Kautokeino", "5612"), ("Guovdageaidnu", "5612"), ("Guovdageaidnu - Kautokeino", "5612"),
        ("guovdageaidnu-kautokeino", "5612"), ("Kárášjohka", "5610"), ("karasjohka", "5610"),
        ("Gáivuotna - Kåfjord - Kaivuono", "5540"), ("Kaivuono", "5540"), ("Kafjord", "5540"),
        ("Porsáŋgu", "5622"), ("porsangu", "5622"), ("Snåase", "5041"),
        ("Trondheim - Tråante", "5001"),
        ("Rosse", "5025"), ("Rosse - Røros", "5025"),
        ("Oslo - Oslove", "0301"), ("Oslo kommune", "0301"),
        ("1508", "1508"), ("Ålesund", "1508"), ("Haram", "1580"), ("Aalesund", "1508"),
        ("4003 Skien", "4003"), ("Skien 4003", "4003"), ("1103 - Stavanger", "1103"),
        ("Bø", "1867"), ("Nes", "3228"), ("Herøy (Nordland)", "1818"), ("Halden", "3101"),
    ],
)  # fmt: skip
def test_every_spelling_finds_the_municipality_of_today(name, code):
    assert find(name).code == code


@pytest.mark.parametrize("geo", NORWAY.municipalities, ids=lambda g: g.id)
def test_each_municipality_is_found_by_all_that_names_it(geo):
    for name in {geo.id, geo.code, *geo.names.values(), *geo.aliases} - {"Herøy", "Våler"}:
        assert find(name) is geo


def test_names_are_told_apart():
    assert len({m.name("nb") for m in NORWAY.municipalities}) == 357
    assert NORWAY["NO-5612"].name("nb") == "Kautokeino"
    assert NORWAY["NO-5041"].name("nb") == "Snåsa"
    assert NORWAY["NO-5622"].name("nb") == "Porsanger"


@pytest.mark.parametrize(("name", "both"), [("Herøy", "1515 1818"), ("våler", "3114 3419")])
def test_two_of_one_name_must_be_told_apart_by_id(name, both):
    with pytest.raises(ParameterError) as raised:
        find(name)
    assert all(f"NO-{code}" in str(raised.value) for code in both.split())


@pytest.mark.parametrize(
    ("name", "story"),
    [
        ("0101", "0101 Halden has been 3101 Halden since 2024: ask for NO-3101."),
        ("NO-3001", "3001 Halden has been 3101 Halden since 2024: ask for NO-3101."),
        ("Skien 0806", "0806 Skien has been 4003 Skien since 2024: ask for NO-4003."),
        (
            "Andebu",
            "0719 Andebu became part of 0710 Sandefjord in 2017, which has been 3907 Sandefjord "
            "since 2024: ask for NO-3907.",
        ),
        (
            "1102",
            "1102 Sandnes became part of 1108 Sandnes in 2020: ask for NO-1108.",
        ),
        (
            "Snillfjord",
            "1613 Snillfjord became 5012 Snillfjord in 2018, which was split in 2020 between "
            "5055 Heim, 5056 Hitra and 5059 Orkland: ask for NO-5055, NO-5056 or NO-5059.",
        ),
        (
            "1507",
            "1507 Ålesund was split in 2024 between 1508 Ålesund and 1580 Haram: "
            "ask for NO-1508 or NO-1580.",
        ),
    ],
)
def test_a_former_municipality_says_what_became_of_it(name, story):
    with pytest.raises(UnknownMunicipality) as raised:
        find(name)
    assert str(raised.value) == f"There is no municipality '{name}' today. {story}"
    assert raised.value.exit_code == 11


@pytest.mark.parametrize("geo", NORWAY.former, ids=lambda g: g.id)
def test_every_former_code_has_a_story_that_ends_today(geo):
    with pytest.raises(UnknownMunicipality, match=r"today\. .*: ask for NO-") as raised:
        find(geo.code)
    asked = re.findall(r"NO-(\d{4})", str(raised.value).partition("ask for")[2])
    assert set(asked) <= TODAY


def test_the_danish_register_has_not_moved_by_a_byte(denmark, register):
    assert hashlib.sha256(denmark.register.encode()).hexdigest() == DENMARK
    assert denmark.changes == ""
    assert register.changes == ()
    assert register.former == ()
    assert register.edition(2020) == register.municipalities
    assert register.edition(2006) == ()
