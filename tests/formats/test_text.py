"""Text that people save: its encoding, its delimiter and its title found out, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.errors import DataError
from healthindicators.formats import text

NAMES = ["Malmö", "Gävle", "Alingsås", "Älmhult", "Tårnby", "Ærø", "Tromsø", "Kárášjohka"]


def refused(body, **known):
    with pytest.raises(DataError) as caught:
        text.grid(body, where="file", **known)
    return caught.value.problems


@pytest.mark.parametrize("mark", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf8_and_marked_text_is_read_as_what_it_is(mark):
    assert text.decoded("Tårnby;Ærø".encode(mark), where="file") == "Tårnby;Ærø"


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_names_with_several_nordic_letters_tell_their_old_encoding(encoding):
    said = "Alingsås\nTårnby\nÄlmhult\nTromsø\n"
    assert text.decoded(said.encode(encoding), where="file") == said


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("Tromsø", "cp1252"), ("Tårnby", "cp850"), ("Malmö", "cp1252")],
)
def test_a_letter_where_no_word_has_it_tells_an_old_encoding(name, encoding):
    assert text.decoded(f"{name};1\n".encode(encoding), where="file") == f"{name};1\n"


def test_text_of_two_bytes_a_letter_without_its_mark_is_told():
    (problem,) = refused("Tromsø;1\n".encode("utf-16-le"))
    assert "UTF-16" in problem.hint


def test_what_could_be_two_encodings_is_refused_with_both_the_bytes_and_the_line():
    (problem,) = text_problems("Ale\nMalmö\n".encode("mac_roman"))
    assert "mac_roman" in problem.what
    assert "cp1252" in problem.what
    assert "9a 0a" in problem.what
    assert "Malmö" in problem.what
    assert "Malmš" in problem.what
    assert problem.line == 2
    assert "declare its encoding" in problem.hint


def text_problems(body, **known):
    with pytest.raises(DataError) as caught:
        text.decoded(body, where="file", **known)
    return caught.value.problems


def test_known_names_decide_between_two_encodings():
    body = "Ale\nMalmö\nGävle\n".encode("mac_roman")
    assert text.decoded(body, where="file", names=NAMES) == "Ale\nMalmö\nGävle\n"


def test_names_that_fit_no_reading_decide_nothing():
    assert text_problems("Malmö\n".encode("mac_roman"), names=["Lund", "Ærø"])


def test_a_declared_encoding_is_used_and_checked():
    assert text.decoded("Malmö".encode("mac_roman"), where="file", encoding="mac_roman") == "Malmö"
    (problem,) = text_problems(b"Ale\nMalm\x9a\n", encoding="utf-8")
    assert problem.line == 2
    assert text_problems(b"Ale\n", encoding="klingon")
    assert text_problems(b"Ale\n", encoding="hex")


def test_utf8_with_one_spoiled_byte_is_no_other_encoding():
    body = "Ærø;Tårnby;Malmö\n".encode()
    assert text_problems(body[:5] + b"\xff" + body[5:])


@given(st.binary(max_size=80))
def test_any_bytes_are_text_or_are_refused(body):
    try:
        found = text.grid(body, where="file", unended=True)
    except DataError:
        return
    assert all(len(row) == len(found.header) for row in found.rows)


@pytest.mark.parametrize("delimiter", list(text.DELIMITERS))
def test_the_delimiter_is_the_one_that_makes_a_table(delimiter):
    body = f'a{delimiter}b\n0301{delimiter}"1{delimiter}5"\n'.encode()
    found = text.grid(body, where="file")
    assert found.header == ("a", "b")
    assert found.rows == [["0301", f"1{delimiter}5"]]


def test_decimal_commas_in_every_cell_do_not_hide_the_delimiter():
    found = text.grid(b"geo;share\n0301;1,5\n1103;2,5\n", where="file")
    assert found.header == ("geo", "share")


def test_two_delimiters_that_both_make_a_table_are_refused():
    (problem,) = refused(b"a,b;c,d\n1,2;3,4\n")
    assert "';' or ','" in problem.what
    assert text.grid(b"a,b;c,d\n1,2;3,4\n", where="file", delimiter=";").header == ("a,b", "c,d")


def test_title_above_and_notes_below_stand_apart():
    body = b'"Population, by region"\n\n"region";"2021"\n"0301";7\n\n"Source: Statistics Norway"\n'
    found = text.grid(body, where="file")
    assert (found.title, found.notes) == ("Population, by region", ("Source: Statistics Norway",))
    assert (found.rows, found.lines) == ([["0301", "7"]], [4])


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"a;b\n1;2\n3\n4;5\n", 3),
        (b"a;b\n1;2\n3;4;5\n", 3),
        (b"a;b\n1;2\n\nnote\n3;4\n", 4),
        (b"a;b\n1;2\n\n3;4;5\n", 4),
        (b"a;b\n1;2\nnote\n", 3),
    ],
)
def test_lines_of_another_length_are_refused_with_their_number(body, line):
    assert [p.line for p in refused(body, delimiter=";")] == [line]


def test_lines_that_a_spreadsheet_program_filled_up_are_title_empty_and_notes():
    body = b"Residents;;\n;;\ngeo;year;n\n0301;2020;7\n;;\n1103;2020;\n;;\nSource: x;;\n"
    found = text.grid(body, where="file")
    assert (found.title, found.notes) == ("Residents", ("Source: x",))
    assert found.rows == [["0301", "2020", "7"], ["1103", "2020", ""]]
    assert found.lines == [4, 6]


def test_a_row_with_a_code_alone_is_a_row_and_no_note():
    found = text.grid(b"geo;n;m\n0301;7;8\n1103;;\n", where="file")
    assert found.rows == [["0301", "7", "8"], ["1103", "", ""]]


@pytest.mark.parametrize(
    "body",
    [
        b"Residents; by region\n\ngeo;n\n0301;1,5\n1103;2,5\n",
        b"Residents\ngeo;n\n0301;1,5\n1103;2,5\n",
        b"sep=;\ngeo;n\n0301;1,5\n1103;2,5\n",
        b";geo;n;\n;0301;1,5;\n;1103;2,5;\n",
    ],
)
def test_the_columns_that_are_known_tell_header_and_delimiter(body):
    found = text.grid(body, where="file", expected=["n", "geo"])
    assert (found.header, found.rows) == (("geo", "n"), [["0301", "1,5"], ["1103", "2,5"]])


def test_a_column_without_heading_stays_where_something_is_in_it():
    assert text.grid(b"geo;n;\n0301;1;\n1103;2;x\n", where="file").header == ("geo", "n", "")


def test_a_last_line_without_end_may_be_cut_off():
    (problem,) = refused(b"a;b\n1;25")
    assert "cut off" in problem.what
    assert text.grid(b"a;b\n1;25", where="file", unended=True).rows == [["1", "25"]]
    assert text.grid(b'a;b\n1;"25"', where="file").rows == [["1", "25"]]


def test_short_lines_are_filled_only_where_that_is_declared():
    body = b'"code";"name";"from"\n"0301";"Oslo"\n"1103";"Stavanger";"2020"\n'
    assert refused(body)
    found = text.grid(body, where="file", short=True)
    assert found.rows == [["0301", "Oslo", ""], ["1103", "Stavanger", "2020"]]


@pytest.mark.parametrize(
    "body", [b"", b" \n", b"a;b\n1;\x002\n", b'a;b\n"1"x;2\n', b"alone\nalone\n"]
)
def test_what_is_no_table_is_refused(body):
    assert refused(body)
