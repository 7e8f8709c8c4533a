"""Workbooks that people download: title rows, blank stub cells, notes, broken packages."""

import re
import zipfile
from contextlib import suppress
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from healthindicators.errors import DataError
from healthindicators.formats import package, workbook
from tests.formats.workbooks import saved, with_part

TITLE = "Deaths by sex, age, region and time"
DEATHS = [
    [TITLE],
    ["Units: number"],
    [None, None, None, None, None, None, "2018", "2019"],
    ["M", "Men", "TOT", "Total", "000", "All Denmark", 27992, 27455],
    [None, None, None, None, "101", "Copenhagen", 1835, ".."],
    [None, None, "0", "0 years", "000", "All Denmark", 130, 107],
    [],
    ["A note"],
]
SHEET = "xl/worksheets/sheet1.xml"


def shown(rows, formats):
    """Return the cells of a workbook, some of them in a format of numbers."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for place, form in formats.items():
        book.active[place].number_format = form
    file = BytesIO()
    book.save(file)
    return workbook.plain(workbook.sheet(file.getvalue(), where="file")).rows


def test_a_cell_says_what_it_shows():
    day = date(2020, 1, 1)
    rows = [["geo", "day", "share"], [301, day, 0.07], [301, day, 0.125], [301, day, 0.5]]
    formats = {"A2": "0000", "A3": '0"000"', "B3": "yyyy", "C2": "0%", "C3": "0.0 %", "C4": '0"%"'}
    assert shown(rows, formats) == [
        ["0301", "2020-01-01", 7.0],
        [301.0, "2020-01-01", 12.5],
        [301.0, "2020-01-01", 0.5],
    ]


def test_a_title_notes_and_an_empty_column_are_no_part_of_a_plain_sheet():
    rows = [["Residents"], [], [None, "geo", "n"], [None, "0301", 1], [], [None, "Source: x"]]
    found = workbook.plain(workbook.sheet(saved(rows), where="file"))
    assert (found.title, found.header, found.notes) == ("Residents", ("geo", "n"), ("Source: x",))
    assert (found.rows, found.lines) == ([["0301", 1.0]], [4])
    assert found.place("file", 0, 1) == ("file, cell Sheet1!C4", None)


def test_a_sheet_that_is_hidden_is_not_meant():
    book = Workbook()
    book.active.append(["geo", "n"])
    book.create_sheet("hidden").sheet_state = "hidden"
    file = BytesIO()
    book.save(file)
    assert workbook.sheet(file.getvalue(), where="file").name == "Sheet"
    assert workbook.sheet(file.getvalue(), where="file", name="hidden").rows == []


def crosstab(rows, names=(), across=""):
    return workbook.crosstab(workbook.sheet(saved(rows), where="file"), names, across)


def refused(call, *given, **known):
    with pytest.raises(DataError) as caught:
        call(*given, **known)
    return caught.value.problems


def test_a_stub_is_written_out_with_the_names_of_the_title():
    found = crosstab(DEATHS)
    assert found.header == ("sex", "age", "region", "2018", "2019")
    assert found.across == "time"
    assert found.rows == [
        ["M", "TOT", "000", 27992.0, 27455.0],
        ["M", "TOT", "101", 1835.0, ".."],
        ["M", "0", "000", 130.0, 107.0],
    ]
    assert found.lines == [4, 5, 6]
    assert found.labels["region"] == {"000": "All Denmark", "101": "Copenhagen"}
    assert (found.title, found.notes) == (TITLE, ("Units: number", "A note"))


@pytest.mark.parametrize(
    ("title", "names"),
    [("Folketal efter område og tid", ("område",)), ("Dødsfall, etter region og år", ("region",))],
)
def test_titles_name_columns_in_the_other_languages(title, names):
    assert crosstab([[title], [None, "2018"], ["000", 1]]).keys == names


def test_names_beside_the_headings_are_taken():
    rows = [["År", None, "2018", "2019"], ["Geografi", "Alder"], ["Oslo", "2 år", 1, 2]]
    found = crosstab([["Title"], *rows, [None, "9 år", 3, 4]])
    assert found.header == ("Geografi", "Alder", "2018", "2019")
    assert found.across == "År"
    assert found.rows[1] == ["Oslo", "9 år", 3.0, 4.0]


def test_a_county_and_its_only_municipality_are_told_apart():
    rows = [["År", None, "2018"], ["Geografi", "Alder"]]
    blocks = [["Oslo", "2 år", 1], [None, "9 år", 2], ["Oslo", "2 år", 3], [None, "9 år", 4]]
    found = crosstab([*rows, *blocks])
    assert [row[0] for row in found.rows] == ["Oslo", "Oslo", "Oslo (2)", "Oslo (2)"]
    assert "Oslo (2)" in found.notes[0]


@pytest.mark.parametrize(
    ("spoiled", "cell"),
    [
        ({(5, 4): None, (5, 5): None}, "E6"),
        ({(4, 5): None}, "F5"),
        ({(4, 4): None, (4, 5): None}, "A5"),
        ({(5, 2): None}, "C6"),
        ({(4, 8): 7}, "I5"),
        ({(2, 6): None}, "H3"),
    ],
)
def test_what_cannot_be_filled_without_a_guess_is_refused_with_its_cell(spoiled, cell):
    rows = [list(row) + [None] * (9 - len(row)) for row in DEATHS]
    for (row, column), value in spoiled.items():
        rows[row][column] = value
    problems = refused(crosstab, rows)
    assert any(cell in p.where or "columns stand beside" in p.what for p in problems)


def test_a_code_with_two_texts_is_refused():
    rows = [list(row) for row in DEATHS]
    rows[5][5] = "Denmark"
    (problem,) = refused(crosstab, rows)
    assert problem.where.endswith("Sheet1!F6")


def test_a_gap_among_the_figures_is_refused():
    assert refused(crosstab, [*DEATHS[:4], [], *DEATHS[4:]])


def test_title_without_names_needs_a_declaration():
    rows = [["Kolada"], [None, None, "1998"], ["Kvot", "Ale", 1], ["Kvot", "Ydre", 2]]
    (problem,) = refused(crosstab, rows)
    assert "declare" in problem.hint
    found = crosstab(rows, ("kpi", "municipality"), "year")
    assert (found.keys, found.across) == (("kpi", "municipality"), "year")


def test_cells_are_numbers_or_text_as_the_file_says():
    body = saved([["code", "n"], ["0301", "48"], ["1101", "<5"], ["1103", 10], [1106, 0.5]])
    found = workbook.plain(workbook.sheet(body, where="file"))
    assert found.rows == [["0301", "48"], ["1101", "<5"], ["1103", 10.0], [1106.0, 0.5]]


def test_a_part_that_is_named_and_not_there_is_not_needed():
    body = saved([["a", "b"], [1, 2]])
    body = with_part(body, "xl/theme/theme1.xml", lambda old: None)
    named = b'<drawing xmlns:r="http://x/" r:id="rId1"/></worksheet>'
    body = with_part(body, SHEET, lambda old: old.replace(b"</worksheet>", named))
    assert workbook.plain(workbook.sheet(body, where="file")).rows == [[1.0, 2.0]]


def test_a_sheet_that_says_it_is_one_cell_large_is_read_whole():
    body = with_part(
        saved([["a", "b"], [1, 2]]), SHEET, lambda old: old.replace(b'ref="A1:B2"', b'ref="A1"')
    )
    assert workbook.plain(workbook.sheet(body, where="file")).rows == [[1.0, 2.0]]


def test_which_of_several_sheets_must_be_said():
    body = saved([["a", "b"], [1, 2]], "Data", more=("Info",))
    (problem,) = refused(workbook.sheet, body, where="file")
    assert problem.hint == "Data, Info"
    assert workbook.sheet(body, where="file", name="Data").rows[1] == [1.0, 2.0]
    assert refused(workbook.sheet, body, where="file", name="data")


def test_formulas_without_results_are_refused():
    (problem,) = refused(workbook.sheet, saved([["a", "b"], [1, "=A2*2"]]), where="file")
    assert "no results" in problem.what


def test_what_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(package, "MOST_BYTES", 2**20)
    body = with_part(saved([["a", "b"]]), SHEET, lambda old: old + b" " * 2**21)
    assert len(body) < 2**16
    (problem,) = refused(workbook.sheet, body, where="file")
    assert "unpacks to more than 1 megabytes" in problem.what


def test_too_many_cells_are_refused(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_CELLS", 100)
    (problem,) = refused(workbook.sheet, saved([["a"] * 11] * 10), where="file")
    assert "more than 100 cells" in problem.what


def test_entities_are_not_followed():
    evil = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet'
    body = with_part(
        saved([["a", "b"], [1, 2]]), SHEET, lambda old: re.sub(rb"<worksheet", evil, old, count=1)
    )
    try:
        rows = workbook.sheet(body, where="file").rows
    except DataError:
        return
    assert rows == [["a", "b"], [1.0, 2.0]]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<row r="4"', b'<row r="2"'), (b'r="B3"', b'r="A3"'), (b'r="A3"', b'r="C3"'),
        (b'r="B3"', b'r="B2"'),
    ],
)  # fmt: skip
def test_rows_and_cells_twice_or_out_of_order_are_refused(old, new):
    body = with_part(
        saved([["a", "b"], [1, 2], [3, 4], [5, 6]]), SHEET, lambda xml: xml.replace(old, new)
    )
    (problem,) = refused(workbook.sheet, body, where="file")
    assert "stands twice or out of order" in problem.what


def test_an_old_workbook_is_refused_with_what_to_do():
    (problem,) = refused(workbook.sheet, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", where="file")
    assert "save it as .xlsx" in problem.hint


def test_a_package_that_is_no_workbook_is_refused():
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("a.txt", "b")
    assert refused(workbook.sheet, out.getvalue(), where="file")


SMALL = saved(DEATHS)


@settings(max_examples=150)
@given(st.integers(0, len(SMALL) - 1), st.integers(1, 255))
def test_a_changed_byte_gives_the_same_cells_or_is_refused(at, other):
    body = SMALL[:at] + bytes([SMALL[at] ^ other]) + SMALL[at + 1 :]
    try:
        found = workbook.crosstab(workbook.sheet(body, where="file"))
    except DataError:
        return
    assert found.rows == crosstab(DEATHS).rows


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"])
@settings(max_examples=60)
@given(data=st.data())
def test_spoiled_xml_gives_no_strange_error(part, data):
    def spoil(old):
        at = data.draw(st.integers(0, len(old) - 1))
        return old[:at] + bytes([data.draw(st.integers(1, 255))]) + old[at + 1 :]

    body = with_part(SMALL, part, spoil)
    with suppress(DataError):
        workbook.crosstab(workbook.sheet(body, where="file"))
