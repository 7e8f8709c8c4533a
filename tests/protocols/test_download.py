"""Files that a user downloaded: what the table declares, and what the file must show."""

import hashlib
from dataclasses import replace

import pytest

from healthindicators.errors import CatalogError, DataError
from healthindicators.formats.workbook import is_workbook
from healthindicators.ingest.cells import cells_of
from healthindicators.model import Dimension, Source, Table
from healthindicators.protocols import Ask, Reply, Request, download, protocol
from tests.formats.workbooks import saved

FILES = Source(
    "download", "as downloaded by hand", provider="Office", licence="CC BY 4.0",
    symbols={":": "suppressed", "..": "missing", "<5": "suppressed", "-": "zero"},
)  # fmt: skip


def asked(code, *dimensions, **layout):
    told = tuple(Dimension(name, role) for name, role in dimensions)
    return Ask(FILES, Table("t", "files", "register", code=code, dimensions=told, layout=layout))


def read(body, ask):
    body = body if isinstance(body, bytes) else body.encode()
    return download.read(ask, {Request("x"): Reply(body)}, where="file")


def told(cube):
    text = cube.cells.astype(dict.fromkeys((*cube.dimensions, "symbol"), str))
    return [
        (*tuple(row[:-2]), row[-1] or row[-2]) for row in text.itertuples(index=False, name=None)
    ]


def problems(body, ask, error=DataError):
    with pytest.raises(error) as caught:
        read(body, ask)
    return caught.value.problems


def test_nothing_is_asked():
    ask = asked("columns")
    assert protocol("download").requests(ask, {}) == ()
    assert protocol("download").limits(ask, {}) == FILES.limits


def test_a_long_text_is_read_with_codes_as_text():
    cube = read(
        "OMRÅDE;TID;INDHOLD\r\n084;2020K1;1846023\r\n000;2020K1;..\r\n", asked("statbank-csv")
    )
    assert told(cube) == [("084", "2020K1", 1846023.0), ("000", "2020K1", "..")]
    assert list(cube.cells.index) == [2, 3]


def test_a_wide_text_has_its_headings_as_codes():
    body = "kommune_nr;alle;innvandrere\n0101;11,7;35,7\n0118;8,5;:\n"
    cube = read(body, asked("imdi-csv", ("kommune_nr", "geo"), ("column", "topic")))
    assert cube.dimensions == ("kommune_nr", "column")
    assert told(cube)[2:] == [("0118", "alle", 8.5), ("0118", "innvandrere", ":")]


def test_cells_become_ours_by_the_declared_dimensions():
    rows = ['"region";"Persons 2021"', '"K-3001 Halden";"31373"', '"K-3002 Moss";".."']
    body = "\n".join(['"07459: Population"', "", *rows, ""])
    table = Table(
        "t", "files", "register", code="ssb-csv",
        dimensions=(
            Dimension("region", "geo", pattern=r"K-(\d{4}) .*"),
            Dimension("column", "period", pattern=r"Persons (\d{4})"),
        ),
    )  # fmt: skip
    cube = read(body, Ask(FILES, table))
    cells = cells_of(cube, table, FILES, "file")
    assert cells[["geo", "first_year", "status"]].values.tolist() == [
        ["3001", 2021, "observed"], ["3002", 2021, "missing"],
    ]  # fmt: skip


def test_which_columns_are_codes_must_be_declared():
    (problem,) = problems("a;b\n1;2\n", asked("columns"))
    assert "not declared which columns are codes" in problem.what


def test_columns_that_are_declared_must_be_there():
    ask = asked("columns", ("kommune", "geo"), label="navn", ignored="x")
    assert [p.what for p in problems("kommunenr;n\n0301;7\n", ask)] == [
        "there is no column 'x'", "there is no column 'navn'", "there is no column 'kommune'",
    ]  # fmt: skip


def test_names_beside_codes_become_labels():
    body = "id;name;tests\n101;København; 40.601\n411;Christiansø;      67\n563;Fanø; 1.120\n"
    cube = read(body, asked("columns", ("id", "geo"), label="name"))
    assert cube.labels == {"id": {"101": "København", "411": "Christiansø", "563": "Fanø"}}
    assert cube.cells["value"].tolist() == [40601.0, 67.0, 1120.0]


def test_figures_of_several_kinds_in_a_column_are_no_proof_of_thousands():
    body = "id;kind;n\n101;tests;1.250\n101;deaths;694\n"
    assert problems(body, asked("columns", ("id", "geo"), ("kind", "topic")))
    cube = read(body, asked("columns", ("id", "geo"), ("kind", "topic"), thousands="."))
    assert cube.cells["value"].tolist() == [1250.0, 694.0]


def test_a_cell_that_stands_twice_is_taken_once_if_it_says_the_same():
    cube = read("g;value\nA;1\nB;2\nA;1\n", asked("columns", value="value"))
    assert told(cube) == [("A", 1.0), ("B", 2.0)]
    assert "1 cells stand twice" in cube.notes[0]
    (problem,) = problems("g;value\nA;1\nB;2\nA;3\n", asked("columns", value="value"))
    assert (problem.line, problem.hint) == (4, "A")


def test_a_workbook_of_records_and_one_with_a_stub():
    records = saved([["year", "code", "n"], [2022, "0301", "48"], [2022, "1101", "<5"]])
    assert told(read(records, asked("columns", value="n"))) == [
        ("2022", "0301", 48.0), ("2022", "1101", "<5"),
    ]  # fmt: skip
    stub = saved([["Deaths by region and time"], [None, None, "2018"], ["101", "Copenhagen", 3]])
    cube = read(stub, asked("statbank-xlsx"))
    assert told(cube) == [("101", "2018", 3.0)]
    assert cube.labels == {"region": {"101": "Copenhagen"}}


def test_the_unweighted_mean_of_kolada_is_left_out_and_told():
    rows = [["Kolada"], [None, None, "1998"], ["Kvot", "Alla kommuner", 9], ["Kvot", "Ale", 1]]
    cube = read(saved(rows), asked("kolada-xlsx"))
    assert told(cube) == [("Kvot", "Ale", "1998", 1.0)]
    assert "unweighted mean" in cube.notes[-1]


def test_destroyed_letters_are_told_and_no_names_to_join_by():
    body = "region;n\n0121 R\N{REPLACEMENT CHARACTER}mskog;7\n0101 Halden;8\n0135 R?de;9\n"
    ask = asked("columns", ("region", "geo"))
    (note,) = read(body, ask).notes
    assert "letters of 2 texts of 'region'" in note
    (problem,) = problems(body, asked("columns", ("region", "geo"), join="name"))
    assert "join by code" in problem.hint


def test_a_row_that_does_not_say_where_or_when_is_refused():
    rows = [["region", "year", "sex", "n"], ["0301", 2020, None, 7], [None, 2021, "M", 8]]
    ask = asked("columns", ("region", "geo"), ("year", "period"), ("sex", "sex"), value="n")
    (problem,) = problems(saved(rows), ask)
    assert str(problem.where).endswith("cell Sheet1!A3")
    assert told(read(saved(rows[:2]), ask)) == [("0301", "2020", "", 7.0)]


def test_names_of_a_register_decide_an_encoding():
    body = "kommun;n\nMalmö;7\n".encode("mac_roman")
    ask = asked("columns", ("kommun", "geo"))
    assert problems(body, ask)
    known = replace(ask, names=frozenset(["Malmö"]))
    assert told(read(body, known)) == [("Malmö", "n", 7.0)]
    declared = asked("columns", ("kommun", "geo"), encoding="mac_roman")
    assert told(read(body, declared)) == [("Malmö", "n", 7.0)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"), (b"<!DOCTYPE html><p>", "web page"), (b'{"class": "dataset"}', "JSON"),
        (b"PK\x03\x04", "workbook"), (b"a;b\n1;2", "cut off"),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused_with_the_reason(body, reason):
    assert reason in problems(body, asked("columns", ("a", "geo")))[0].what


def test_a_text_where_a_workbook_was_declared_is_refused():
    assert "no workbook" in problems("a;b\n1;2\n", asked("kolada-xlsx"))[0].what


def test_declarations_are_held_against_what_there_is():
    ask = asked("statbank-cvs", decimals=",", join="code", lines="long", label="n")
    assert len(problems("a;b\n1;2\n", ask, CatalogError)) == 5
    assert problems("a;b\n1;2\n", asked("columns", ("a", "geo"), decimal=";"))


def test_a_sidecar_says_all_that_is_known_of_the_file():
    body, ask = b"g;value\nA;1\nB;2\n", asked("columns", value="value")
    cube = read(body, ask)
    made = download.sidecar_for(
        body,
        ask,
        cube,
        country="NO",
        file="C:\\Users\\Kari\\tall.csv",
        taken="2026-11-22T11:00:00Z",
    )
    assert made.rows == 2
    assert made.sha256 == hashlib.sha256(body).hexdigest()
    assert made.request == "none: the file tall.csv, downloaded by hand"
    assert (made.provider, made.licence, made.source, made.table) == (
        "Office",
        "CC BY 4.0",
        "files",
        "t",
    )
    assert not is_workbook(body)
