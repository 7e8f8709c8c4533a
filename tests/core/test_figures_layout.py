"""The plain figures layout: what fits is read exactly, what does not is told with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators import protocols
from healthindicators.errors import DataError, UnknownName
from healthindicators.formats.figures import HEADER, read

TOP = ",".join(HEADER) + "\n"
ROWS = (
    "101,2023,2023,total,total,gini,,value,34.98,",
    "147,2023,2023,total,total,gini,,value,,missing",
)
GOOD = TOP + "".join(row + "\n" for row in ROWS)


def told(body, rows=2):
    with pytest.raises(DataError) as raised:
        read(body.encode() if isinstance(body, str) else body, where="gini.csv", rows=rows)
    assert raised.value.exit_code == 30
    return [str(problem) for problem in raised.value.problems]


def test_what_fits_is_read():
    cells = read(GOOD.encode(), where="gini.csv", rows=2)
    assert cells.index.tolist() == [2, 3], "a cell is indexed by its line"
    assert cells["geo"].tolist() == ["101", "147"], "codes stay text"
    assert cells.loc[2, "value"] == 34.98
    assert cells["value"].isna().tolist() == [False, True]
    assert cells["status"].tolist() == ["observed", "missing"]


def test_leading_zeros_are_kept():
    cells = read(GOOD.replace("101,", "0301,").encode(), where="x", rows=2)
    assert cells["geo"].tolist() == ["0301", "147"]


@pytest.mark.parametrize(
    ("word", "status"),
    [("suppressed", "suppressed"), ("not-applicable", "not-applicable"), ("missing", "missing")],
)
def test_a_row_without_value_says_why(word, status):
    cells = read(GOOD.replace("missing", word).encode(), where="x", rows=2)
    assert cells["status"].tolist() == ["observed", status]


def test_an_uncertain_value_is_kept_and_marked():
    cells = read(GOOD.replace("34.98,", "34.98,uncertain").encode(), where="x", rows=2)
    assert (cells.loc[2, "value"], cells.loc[2, "status"]) == (34.98, "unreliable")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("34.98,", "34.98,gone", "gini.csv:2: unknown status (101,2023,2023,total,total,gini,,v"),
        ("34.98,", "34.98,missing", "gini.csv:2: a value, and a status that says there is none"),
        (",,missing", ",,", "gini.csv:3: no value, and no status that says why"),
        (",,missing", ",,uncertain", "gini.csv:3: no value, and no status that says why"),
        ("34.98", "34,98", "gini.csv:2: 11 fields instead of 10"),
        ("34.98", "many", "gini.csv:2: the value is not a number"),
        ("34.98", "nan", "gini.csv:2: the value is not a number"),
        ("34.98", "NULL", "gini.csv:2: the value is not a number"),
        ("101,2023", "101,year", "gini.csv:2: a year is not a number"),
        ("101,2023", "101,", "gini.csv:2: a year is not a number"),
        ("geo,", "area,", "gini.csv:1: the first line is not the header (geo,first_year"),
        ("geo,", "\ufeffgeo,", "gini.csv:1: the first line is not the header"),
        ("\n147", "\n\n147", "gini.csv:3: 0 fields instead of 10"),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(before, after, expected):
    assert before in GOOD
    assert any(line.startswith(expected) for line in told(GOOD.replace(before, after, 1)))


def test_all_lines_are_told_at_once():
    lines = told(GOOD.replace("34.98", "many").replace("missing", "gone"))
    assert {line.split(":")[1] for line in lines} == {"2", "3"}


@pytest.mark.parametrize("body", ["", "\n", TOP[:-1]])
def test_an_empty_file_is_no_table(body):
    assert told(body)


def test_other_letters_than_utf8_are_told():
    assert told(GOOD.replace("gini", "børn").encode("latin-1")) == [
        "gini.csv: not UTF-8: invalid start byte"
    ]


@given(st.integers(1, len(GOOD) - 1))
def test_a_file_cut_off_anywhere_is_noticed(length):
    """In the middle of a line, before its end, and at its end, which only a count tells."""
    assert told(GOOD[:length])


def test_a_file_cut_at_the_end_of_a_line_is_told_by_its_number_of_rows():
    assert told(GOOD[: GOOD.index("147")]) == [
        "gini.csv: 1 rows instead of 2 (the file is cut off, or its sidecar is not its own)"
    ]


def test_a_file_with_rows_too_many_is_told():
    assert "3 rows instead of 2" in told(GOOD + GOOD.splitlines(keepends=True)[1])[0]


def test_half_a_year_is_no_year():
    assert told(GOOD.replace("101,2023", "101,2023.5", 1))


def test_an_endless_year_is_no_year():
    assert told(GOOD.replace("101,2023", "101,inf", 1))


@pytest.mark.parametrize("wrong", ["34\r.98", '"' + "3" * 200_000 + '"'])
def test_what_no_csv_can_hold_is_told(wrong):
    assert told(GOOD.replace("34.98", wrong))


def test_protocols_are_walked():
    assert "figures" in protocols.names()
    offered = ("requests", "limits", "read")
    found = [protocols.protocol(name) for name in protocols.names()]
    assert all(callable(getattr(module, name)) for module in found for name in offered)


def test_an_unknown_protocol_offers_the_nearest():
    with pytest.raises(UnknownName, match="Nearest: figures"):
        protocols.protocol("figure")
