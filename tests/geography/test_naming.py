"""Names of downloaded files against a register: beside codes, and in place of them."""

import pytest

from healthindicators.errors import DataError
from healthindicators.geography import load
from healthindicators.geography.naming import by_name, refuse_misaligned
from tests.geography.making import norway

NORWAY = norway()


def problems(call, *given, **known):
    with pytest.raises(DataError) as caught:
        call(*given, **known)
    return caught.value.problems


def test_names_inside_counties_are_told_apart_by_the_county_above_them():
    names = [
        "Østfold", "Halden", "Våler (Østfold)", "Hedmark", "Hamar", "Våler (Hedmark)",
        "Nordland", "Bodø", "Herøy (Nordland)", "Bø (Nordland)", "Telemark", "Skien", "Bø (Telemark)",
    ]  # fmt: skip
    counties = dict.fromkeys(("Østfold", "Hedmark", "Nordland", "Telemark"), "")
    assert by_name(names, NORWAY, where="x", edition=2018, told=counties) == {
        "Halden": "NO-0101", "Våler (Østfold)": "NO-0137", "Hamar": "NO-0403",
        "Våler (Hedmark)": "NO-0426", "Bodø": "NO-1804", "Herøy (Nordland)": "NO-1818",
        "Bø (Nordland)": "NO-1867", "Skien": "NO-0806", "Bø (Telemark)": "NO-0821",
    }  # fmt: skip


def test_a_name_that_two_have_is_refused_with_both():
    (problem,) = problems(by_name, ["Våler"], NORWAY, where="x", edition=2018)
    assert "NO-0137, NO-0426" in problem.what


def test_double_names_are_found_in_either_order_and_without_dash():
    found = by_name(["Gáivuotna Kåfjord Kaivuono"], NORWAY, where="x", edition=2019)
    assert found == {"Gáivuotna Kåfjord Kaivuono": "NO-1940"}


def test_names_are_those_of_the_edition():
    assert by_name(["Moss"], NORWAY, where="x", edition=2018) == {"Moss": "NO-0104"}
    assert by_name(["Moss"], NORWAY, where="x", edition=2026) == {"Moss": "NO-3103"}
    assert problems(by_name, ["Rygge"], NORWAY, where="x", edition=2026)


def test_habo_is_not_habo_with_a_ring():
    found = by_name(["Habo", "Håbo"], load("SE"), where="x", edition=2019)
    assert found == {"Habo": "SE-0643", "Håbo": "SE-0305"}


def test_what_is_told_comes_first_and_the_unknown_is_refused_with_the_nearest():
    told = {"Oslo": "", "Oslo (2)": "NO-0301"}
    found = by_name(["Oslo", "Oslo (2)"], NORWAY, where="x", edition=2018, told=told)
    assert found == {"Oslo (2)": "NO-0301"}
    (problem,) = problems(by_name, ["Fauske Fuosko"], NORWAY, where="x", edition=2018)
    assert "Fauske" in problem.hint


def test_two_names_of_one_municipality_are_refused():
    (problem,) = problems(by_name, ["København", "Copenhagen"], load("DK"), where="x", edition=2020)
    assert "DK-101" in problem.what


def test_codes_beside_their_own_names_pass_also_former_and_foreign_ones():
    refuse_misaligned({"0137": "Våler", "0104": "Moss", "3103": "Moss", "9": "?"}, NORWAY, "x")
    refuse_misaligned({"101": "Copenhagen", "147": "Frederiksberg C"}, load("DK"), "x")


def test_codes_beside_the_names_of_others_are_refused_each_with_both_names():
    labels = {"101": "København", "147": "Dragør", "155": "Frederiksberg"}
    first, *each = problems(refuse_misaligned, labels, load("DK"), "x")
    assert first.what == "2 of 3 codes stand beside another geo's name"
    assert "join = 'name'" in first.hint
    assert each[0].what == "'147' is Frederiksberg, and 'Dragør' stands beside it"
