"""A municipality is found by id, code and name in every spelling, or the nearest are offered."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators import geography
from healthindicators.errors import ParameterError, UnknownMunicipality
from healthindicators.geography.register import parse
from healthindicators.workspace import slug

REGISTER = geography.load("DK")


def find(name):
    return geography.find_municipality(name, [REGISTER])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *((n, "101") for n in ("DK-101", "dk-101", "101", " 101 ", "København", "KØBENHAVN")),
        *((n, "101") for n in ("Copenhagen", "copenhagen", "kobenhavn", "koebenhavn")),
        *((n, "751") for n in ("aarhus", "Århus", "AARHUS", "århus", "ÅRHUS", "Aarhus")),
        *((n, "492") for n in ("aero", "aeroe", "Ærø", "ÆRØ", "ærø")),
        ("helsingor", "217"),
        ("Elsinore", "217"),
        ("aalborg", "851"),
        ("Ålborg", "851"),
        ("hoje-taastrup", "169"),
    ],
)
def test_every_spelling_works(name, code):
    assert find(name).id == f"DK-{code}"


@pytest.mark.parametrize("geo", REGISTER.municipalities, ids=lambda g: g.id)
def test_each_municipality_is_found_by_all_that_names_it(geo):
    for name in (geo.id, geo.code, *geo.names.values(), *geo.aliases):
        assert find(name) is geo
        assert find(name.upper()) is geo
        assert find(name.lower()) is geo


def test_slugs_are_unique_and_plain():
    slugs = {slug(geo.name("da")) for geo in REGISTER.municipalities}
    assert len(slugs) == len(REGISTER.municipalities) == 98
    assert all(s.isascii() and s.replace("-", "").isalnum() for s in slugs)


def test_a_name_copied_from_a_mac_is_found():
    """File names on macOS hold å as an a and a ring; it looks the same and is another text."""
    assert find(unicodedata.normalize("NFD", "Århus")).id == "DK-751"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("Kobenhvn", "København"),
        ("Ahus", "Aarhus"),
        ("Lollan", "Lolland"),
        ("DK-1001", "DK-101"),
    ],
)
def test_a_misspelt_name_offers_the_nearest(name, nearest):
    with pytest.raises(UnknownMunicipality) as raised:
        find(name)
    assert raised.value.exit_code == 11
    assert f"There is no municipality '{name}'. Nearest:" in str(raised.value)
    assert nearest in str(raised.value)


@pytest.mark.parametrize("name", ["", "   ", "DK", "DK-084", "landkommuner", "411", "Christiansø"])
def test_what_is_no_municipality_is_not_taken_for_one(name):
    with pytest.raises(UnknownMunicipality):
        find(name)


@pytest.mark.parametrize("number", [101, 101.0, None, True, ["101"]])
def test_a_number_is_refused_because_codes_are_text(number):
    with pytest.raises(ParameterError, match="Codes are text") as raised:
        find(number)
    assert raised.value.exit_code == 3
    assert f'write "{number}" in quotation marks' in str(raised.value)


def test_a_name_of_two_countries_must_be_told_apart():
    rows = "code,level,name_nb,aliases,region,group,valid_from,valid_to\n"
    other = parse("XX", f"{rows}XX,country,Annet,,,,0,\n101,municipality,Halden,,,,2020,\n")
    with pytest.raises(ParameterError, match=r"DK-101 København, XX-101 Halden\. Give the id"):
        geography.find_municipality("101", [REGISTER, other])
    assert geography.find_municipality("XX-101", [REGISTER, other]).names == {"nb": "Halden"}


@given(st.text(max_size=20))
def test_any_text_is_found_or_refused_with_our_own_error(text):
    try:
        found = find(text)
    except UnknownMunicipality:
        found = None
    assert found is None or found in REGISTER.municipalities
