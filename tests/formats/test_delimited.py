"""Delimited text: what is found out, what is refused, and that no number is ever another."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.errors import DataError
from healthindicators.formats import delimited, encoding
from healthindicators.formats.delimited import Layout
from tests.formats import slowly_delimited
from tests.formats.spoiling import spoiled
from tests.real_files import real_file
from tests.services.asking import told


def read(text, **options):
    body = text if isinstance(text, bytes) else text.encode()
    return delimited.read(body, where="x", value="V", layout=Layout(**options))


def values(cube):
    return [None if math.isnan(v) else v for v in cube.cells["value"]]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(delimiter):
    cube = read("A;B;V\n01;x;1\n1;x;2\n".replace(";", delimiter))
    assert cube.cells["A"].tolist() == ["01", "1"]
    assert values(cube) == [1, 2]


@pytest.mark.parametrize(
    ("header", "columns"), [("A,B;V", ()), ("AV", ()), ("A;B;V", ("A", "C", "V")), ("A|B,V;W", ())]
)
def test_a_header_that_fits_no_delimiter_or_two_is_refused(header, columns):
    with pytest.raises(DataError, match="unclear what separates the columns"):
        delimited.read(f"{header}\n1;2;3\n".encode(), where="x", value="V", columns=columns)


def test_columns_that_are_expected_settle_the_delimiter():
    cube = delimited.read(b"A,B;V\nx;1\n", where="x", value="V", columns=("A,B", "V"))
    assert told(cube) == {("x",): (1, "")}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["1,5", "2"], [1.5, 2]),
        (["1.25", "-3"], [1.25, -3]),
        (["0,125", "1,125"], [0.125, 1.125]),
        ([",125", "1,125"], [0.125, 1.125]),
        (["1,2345"], [1.2345]),
        (["12", "-7", ".."], [12, -7, None]),
        (["1.5", ""], [1.5, None]),
    ],
)
def test_the_decimal_mark_is_found_where_the_values_leave_no_doubt(written, expected):
    text = "".join(f"{place};{value}\n" for place, value in enumerate(written))
    assert values(read("A;V\n" + text)) == expected


@pytest.mark.parametrize(
    "written", [["1.234"], ["1,234", "999"], ["1.5", "1,5"], ["1.234.567"], ["1.234,5"]]
)
def test_a_decimal_mark_that_could_be_thousands_is_not_guessed(written):
    text = "".join(f"{place};{value}\n" for place, value in enumerate(written))
    with pytest.raises(DataError, match="the decimal mark is unclear"):
        read("A;V\n" + text)


def test_a_decimal_mark_that_was_told_is_believed_and_kept_to():
    assert values(read("A;V\n1;1.234\n", decimal=".")) == [1.234]
    assert values(read("A;V\n1;1,234\n", decimal=",")) == [1.234]
    with pytest.raises(DataError, match=r"'1\.234' is no number"):
        read("A;V\n1;1.234\n", decimal=",")
    with pytest.raises(DataError, match="'1,234' is no number"):
        read("A;V\n1;1,234\n", decimal=".")


@pytest.mark.parametrize(
    "wrong", ["x", "1x", "1 234", "nan", "inf", "-inf", "Infinity", "0x10", "1_0", " 1", "١", "--1"]
)  # fmt: skip
def test_what_is_no_number_is_told_with_its_line(wrong):
    with pytest.raises(DataError) as caught:
        read(f"A;V\n1;1\n2;{wrong}\n3;?\n", decimal=".")
    problems = caught.value.problems
    assert {p.line for p in problems} <= {3, 4}
    assert problems[0].line == 3


def test_a_number_larger_than_any_is_told():
    with pytest.raises(DataError, match="'1e999' is no number"):
        read("A;V\n1;1e999\n", decimal=".")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cp1252", "Tårnby Århus Ærø"),
        ("mac_roman", "Örebro Älvdalen Åre"),
        ("cp850", "Høje-Taastrup Sjælland"),
        ("utf-8", "Ängelholm"),
        ("utf-8-sig", "Fanø"),
        ("utf-16", "Læsø"),
    ],
)
def test_an_encoding_is_found_out_from_the_letters(name, text):
    assert encoding.as_utf8(text.encode(name), "x").decode() == text


@pytest.mark.parametrize("body", [b"a\x81b\xe5", b"\xff\xfe\x00", b"\xc3", b"\xe5\x8c"])
def test_an_encoding_that_fits_no_language_or_two_is_refused(body):
    with pytest.raises(DataError, match=r"not (UTF-8|utf-16)"):
        encoding.as_utf8(body, "x")


def test_an_encoding_that_was_told_must_fit():
    with pytest.raises(DataError, match="are not utf-8"):
        encoding.as_utf8("Tårnby".encode("cp1252"), "x", "utf-8")
    assert encoding.as_utf8(b"\xe5", "x", "cp1252").decode() == "å"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is no text"),
        ("\n\n", "there is no text"),
        ("A;V\n1;2;3\n1\n", "3 fields instead of 2"),
        ("A;V\n1;2\n\n3;4\n", "there is an empty line"),
        ("A;V\r\n1;2\r\n\r\n", "there is an empty line"),
        ("A;V\n1;2\r3;4\n", "a line ends in the middle"),
        ("A;V\n1;2\x00\n", "a zero byte"),
        ("A;A;V\n1;2;3\n", "two columns of the same name"),
        ("A;;V\n1;2;3\n", "a column without name"),
        ("A;W\n1;2\n", "there is no column 'V'"),
        ('A;V\n"1;2\n3;4\n', "not a table|fields instead"),
        ('A;V\n"1"x;2\n', "not a table"),
        ('A;V\n"1\n2";2\n3;4\n', "line break"),
        ("A;V\n1;2\n1;3\n", "a second line with the same codes"),
    ],
)
def test_text_that_is_no_table_is_refused(text, message):
    with pytest.raises(DataError, match=message):
        read(text, delimiter=";", decimal=".")


def test_every_line_of_another_length_is_told_with_its_number():
    with pytest.raises(DataError) as caught:
        read("A;V\n1;2\n1;2;3\n4;4\n5\n", delimiter=";")
    assert [p.line for p in caught.value.problems] == [3, 5]


def test_a_cut_text_is_noticed_where_a_line_break_must_end_it():
    assert values(read("A;V\n1;25")) == [25]
    with pytest.raises(DataError, match="the last line is cut off"):
        read("A;V\n1;25", closed=True)


def test_quoted_texts_may_hold_the_delimiter_and_marks():
    cube = read('"A";"V"\r\n"a;b";"1,5"\r\n"say ""x""";..\r\n')
    assert told(cube) == {("a;b",): (1.5, ""), ('say "x"',): (None, "..")}


def test_many_dimensions_do_not_run_over():
    """Seventy dimensions of two codes have more combinations than a key of 64 bits can tell apart."""
    names = [f"D{number}" for number in range(70)]
    rows = [[first, *others * 69] for others in ("a", "b") for first in ("0", "1")]
    lines = [";".join([*row, str(value)]) for value, row in enumerate(rows)]
    assert values(read("\n".join([";".join([*names, "V"]), *lines]))) == [0, 1, 2, 3]
    with pytest.raises(DataError, match="a second line with the same codes"):
        read("\n".join([";".join([*names, "V"]), *lines, lines[1]]))


@pytest.mark.parametrize(
    ("name", "rows", "total"),
    [
        ("dk/statbank_data_csv.csv", 1, 233454),
        ("dk/FOLK1A_all_areas_2020K1.csv", 525, 34936578),
        ("dk/FOLK1A_api_codes_head.csv", 3999, 84423536),
        ("dk/FOLK1A_api_text_bom.csv", 52, 294206202),
    ],
)
def test_published_files_of_statbank(name, rows, total):
    body = real_file(name).read_bytes()
    cube = delimited.read(body, where=name, value="INDHOLD")
    assert len(cube.cells) == rows
    assert cube.cells["value"].sum() == total
    assert same(cube, slowly_delimited.read(body, value="INDHOLD", delimiter=";", decimal="."))


def test_the_published_population_is_that_of_the_country():
    body = real_file("dk/FOLK1A_all_areas_2020K1.csv").read_bytes()
    cells = delimited.read(body, where="x", value="INDHOLD").cells
    every = cells[cells["CIVILSTAND"] == "I alt"].set_index("OMRÅDE")["value"]
    regions = every[[name for name in every.index if name.startswith("Region")]]
    assert every["Hele landet"] == regions.sum() == 5822763


def same(cube, slowly):
    names = cube.dimensions
    found = {}
    for record in cube.cells.to_dict("records"):
        value = None if math.isnan(record["value"]) else record["value"]
        found[tuple(sorted((n, record[n]) for n in names))] = (value, record["symbol"])
    return found == slowly


BASE = (
    "\ufeffOMRÅDE;KØN;TID;V\r\n000;1;2020K1;12,5\r\n084;1;2020K1;..\r\n101;2;2020K2;-3\r\n"
    "0301;2;2021K1;1234567,25\r\n01;1;2021K2;0\r\n1;1;2021K2;7\r\n"
).encode()


def judge(body, decimal=","):
    """Return whether it was read; both readers must agree on every number that comes."""
    try:
        cube = delimited.read(body, where="x", value="V", layout=Layout("utf-8", ";", decimal))
    except DataError:
        return False
    assert same(cube, slowly_delimited.read(body, value="V", delimiter=";", decimal=decimal))
    return True


def test_spoiled_text_is_read_right_or_refused():
    outcomes = [judge(spoiled(BASE, seed)) for seed in range(300)]
    assert 30 < sum(outcomes) < 270


@given(st.binary(max_size=80))
def test_any_bytes_are_read_right_or_refused(body):
    judge(b"A;V\n" + body)


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20), st.sampled_from(".,")
)
def test_numbers_come_back_as_they_were_written(numbers, decimal):
    text = "".join(f"{place};{number!r}\n" for place, number in enumerate(numbers))
    assert values(read("A;V\n" + text.replace(".", decimal), decimal=decimal)) == numbers
