"""Selections: what they pick, what they refuse, and parts that are the whole together."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.errors import CatalogError, SourceChanged
from healthindicators.protocols._selection import expand, parts

CODES = ["0", "03", "0301", "1103", "1108", "K-0301", "k*", "top(1)", "-9", "Å1"]
YEARS = ["2018", "2019", "2020", "2021", "2022"]


@pytest.mark.parametrize(
    ("expressions", "codes"),
    [
        (["*"], CODES),
        (["0301", "0301"], ["0301"]),
        (["11*"], ["1103", "1108"]),
        (["*03"], ["03", "1103"]),
        (["*03*"], ["03", "0301", "1103", "K-0301"]),
        (["k-0301"], ["K-0301"]),
        (["å1"], ["Å1"]),
        (["k*"], ["k*"]),
        (["K-*"], ["K-0301"]),
        (["top(1)"], ["top(1)"]),
        (["TOP(2)"], ["0", "03"]),
        (["bottom(2)"], ["-9", "Å1"]),
        (["??"], ["03", "k*", "-9", "Å1"]),
        (["????"], ["0301", "1103", "1108"]),
        (["11??"], ["1103", "1108"]),
        (["from(k-0301)"], ["K-0301", "k*", "top(1)", "-9", "Å1"]),
        (["to(03)", "1108"], ["0", "03", "1108"]),
        (["range(1108, 0301)"], ["0301", "1103", "1108"]),
        (["range(0301,1108)"], ["0301", "1103", "1108"]),
        (["1108", "0"], ["0", "1108"]),
    ],
)
def test_expression_picks_codes_in_the_order_of_the_table(expressions, codes):
    assert list(expand(expressions, CODES, is_time=False, where="Region")) == codes


@pytest.mark.parametrize(
    ("expression", "years"),
    [
        ("top(2)", ["2021", "2022"]),
        ("top(2,1)", ["2020", "2021"]),
        ("top(99)", YEARS),
        ("bottom(2)", ["2018", "2019"]),
        ("bottom(1,1)", ["2019"]),
        ("from(2021)", ["2021", "2022"]),
    ],
)
@pytest.mark.parametrize("order", [YEARS, YEARS[::-1]])
def test_top_is_the_newest_whatever_the_order_of_the_table(expression, years, order):
    if expression.startswith("from") and order != YEARS:
        years = ["2018", "2019", "2020", "2021"]  # from and to follow the list
    picked = expand([expression], order, is_time=True, where="Tid")
    assert sorted(picked) == years
    assert list(picked) == [year for year in order if year in picked]


def test_unknown_codes_are_all_told_with_the_nearest():
    with pytest.raises(SourceChanged) as caught:
        expand(["1104", "0301", "9*", "from(1109)"], CODES, is_time=False, where="table T, Region")
    text = str(caught.value)
    assert [p.what for p in caught.value.problems] == [
        "there is no code '1104'",
        "no code fits '9*'",
        "there is no code '1109'",
    ]
    assert "1103" in text
    assert "table T, Region" in text


@pytest.mark.parametrize(
    "expression",
    ["a*b*c", "0*1", "***1*", "top(x)", "top(1,2,3)", "range(0301)", "from(0,1)", "*0?"],
)
def test_expression_that_cannot_be_is_a_mistake_of_the_table_file(expression):
    with pytest.raises(CatalogError):
        expand([expression], CODES, is_time=False, where="Region")


@pytest.mark.parametrize("expressions", [[], ["top(0)"], ["top(1,99)"]])
def test_selection_of_nothing_is_refused(expressions):
    with pytest.raises(CatalogError, match="nothing is selected"):
        expand(expressions, CODES, is_time=False, where="Region")


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(0, 60), st.booleans())
def test_parts_are_small_enough_and_the_whole_together(sizes, most, spare):
    selection = {f"d{n}": tuple(f"{n}-{i}" for i in range(size)) for n, size in enumerate(sizes)}
    found = parts(selection, most, last=["d0"] if spare else [])
    if most:
        assert all(math.prod(len(c) for c in part.values()) <= max(most, 1) for part in found)
    together = [key for part in found for key in itertools.product(*part.values())]
    assert sorted(together) == sorted(itertools.product(*selection.values()))
    assert all(list(part) == list(selection) for part in found)


def test_parts_are_few_and_even():
    selection = {"Region": tuple(map(str, range(357))), "Tid": tuple(map(str, range(10)))}
    found = parts(selection, 1000)
    assert [len(part["Region"]) for part in found] == [90, 89, 89, 89]
    assert all(len(part["Tid"]) == 10 for part in found)


def test_contents_are_parted_last():
    selection = {"Contents": tuple(map(str, range(50))), "Tid": tuple(map(str, range(4)))}
    assert all(len(part["Contents"]) == 50 for part in parts(selection, 100, last=["Contents"]))
