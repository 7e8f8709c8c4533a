"""Numbers as people's programs write them: which mark is which is told, proved, or refused."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.errors import DataError
from healthindicators.formats.numerals import Column, Style, read


def column(*cells, alike=True):
    return Column("n", cells, lambda row: ("file", row + 2), alike)


def numbers(*cells, told=None, alike=True):
    ((values, marks),) = read([column(*cells, alike=alike)], told)
    return [mark or value for value, mark in zip(values.tolist(), marks, strict=True)]


def refused(*columns, told=None):
    with pytest.raises(DataError) as caught:
        read(columns, told)
    return caught.value.problems


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("11,7", "6,0", "25"), [11.7, 6.0, 25.0]),
        (("0.299", "1.250"), [0.299, 1.25]),
        (("1.234.567", "6.421"), [1234567.0, 6421.0]),
        (("1.234,5", "6.421"), [1234.5, 6421.0]),
        (("1,234.5", "6,421"), [1234.5, 6421.0]),
        (("  1.250", "   694"), [1250.0, 694.0]),
        (("1 234", "12\xa0345,5"), [1234.0, 12345.5]),
        (("\N{MINUS SIGN}0,57", "-1,2", "+3"), [-0.57, -1.2, 3.0]),
        (("1.5e3", ".5"), [1500.0, 0.5]),
        (("5.678", "1234"), [5.678, 1234.0]),
        (("15.678", "12345"), [15.678, 12345.0]),
        (("12.345", "9999", "10.000"), [12345.0, 9999.0, 10000.0]),
    ],
)
def test_marks_are_what_other_cells_prove(cells, expected):
    assert numbers(*cells) == expected


@pytest.mark.parametrize(
    "cells", [("6.421",), ("6.421", "5.123"), ("6,421", "12"), ("1.250",), ("12.345", "1234")]
)
def test_three_digits_behind_the_only_mark_prove_nothing(cells):
    (problem,) = refused(column(*cells))
    assert "could be a decimal number or thousands" in problem.what
    assert problem.line == 2


def test_cells_of_several_kinds_prove_less():
    assert refused(column("1.250", "694", alike=False))
    assert numbers("1.250", "694") == [1250.0, 694.0]


def test_another_column_of_the_file_proves_it_too():
    found = read([column("5.772"), column("1.250", "694")])
    assert found[0][0].tolist() == [5772.0]


def test_what_is_declared_needs_no_proof():
    assert numbers("6.421", told=Style(decimal=".")) == [6.421]
    assert numbers("6.421", told=Style(thousands=".")) == [6421.0]
    assert numbers("6.421", told=Style(",", ".")) == [6421.0]


def test_beside_the_mark_that_is_declared_the_other_is_the_other():
    assert numbers("6.421", told=Style(decimal=",")) == [6421.0]
    assert numbers("6,421", told=Style(thousands=".")) == [6.421]
    assert refused(column("1.5"), told=Style(decimal=","))


def test_a_declaration_that_a_cell_does_not_fit_is_told_by_its_line():
    (problem,) = refused(column("6.421", "6.42"), told=Style(thousands="."))
    assert problem.line == 3


def test_contradictions_name_both_cells():
    (problem,) = refused(column("1.5", "1.234.567"))
    assert "'1.5' (file:2)" in problem.what
    assert "'1.234.567' (file:3)" in problem.what
    assert refused(column("1,5", "1.5"))


def test_marks_in_place_of_numbers_stay_as_they_are_and_are_never_zero():
    marks = ["..", ":", "NULL", "<5", "-", ".", "NA", "nan", "inf", "Prikket"]
    assert numbers(*marks) == marks
    ((values, symbols),) = read([column("", None, " ", 7.0)])
    assert [math.isnan(v) for v in values] == [True, True, True, False]
    assert list(symbols) == [""] * 4


@pytest.mark.parametrize(
    "cell", ["5*", "12 ‰", "1-2", "1..2", "1,,2", "12:3", "1e999", "1 23", "٣5"]
)
def test_what_begins_as_a_number_must_be_one(cell):
    if cell[0].isascii():
        assert [p.line for p in refused(column("1.5", cell))] == [3]
    else:
        assert numbers("1.5", cell) == [1.5, cell]


def test_blanks_between_thousands_a_sign_of_per_cent_and_powers_of_ten_are_of_a_number():
    cells = ("1 234", "1\xa0234", "1\u202f234", "1\u2009234", "12,5 %", "3%", "1E3")
    assert numbers(*cells) == [1234.0] * 4 + [12.5, 3.0, 1000.0]


def test_numbers_of_a_workbook_need_no_marks():
    assert numbers(6.421, "1.5", 7.0) == [6.421, 1.5, 7.0]


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), st.sampled_from([".", ","]))
def test_written_numbers_are_read_back_or_refused(values, mark):
    written = [repr(v).replace(".", mark) for v in values]
    try:
        found = numbers(*written)
    except DataError:
        return
    assert found == values


@given(st.lists(st.integers(0, 10**9), min_size=1), st.sampled_from([".", ","]))
def test_grouped_whole_numbers_are_read_back_or_refused(values, mark):
    written = [f"{v:,}".replace(",", mark) for v in values]
    try:
        found = numbers(*written)
    except DataError:
        return
    assert found == values


@given(st.lists(st.integers(-(10**7), 10**7), min_size=1), st.sampled_from([".", ","]))
def test_numbers_with_three_fixed_decimals_are_read_back_or_refused(values, mark):
    written = [f"{v / 1000:.3f}".replace(".", mark) for v in values]
    try:
        found = numbers(*written)
    except DataError:
        return
    assert found == pytest.approx([v / 1000 for v in values])
