"""What the fuzzing found once, each by name: none of it may come back."""

import json

import pytest

from healthindicators.errors import DataError, SourceChanged
from healthindicators.formats import delimited, figures, jsonstat, px, pxjson, refusals
from healthindicators.protocols import Reply, _eurostat_text, kolada, statbank
from tests.formats.test_jsonstat import dataset
from tests.fuzz.test_fuzz_conversations import bank, sweden
from tests.fuzz.test_fuzz_pages import PXJSON
from tests.fuzz.test_fuzz_text import FIGURES


def refused(read, body, **options):
    with pytest.raises(DataError) as caught:
        read(body, where="x", **options)
    return str(caught.value)


def test_an_error_nested_deeper_than_can_be_printed_is_refused():
    body = b'{"error":' + b"[" * 900 + b"]" * 900 + b"}"
    assert "nested more than 100 deep" in refused(jsonstat.read, body)


def test_a_dimension_that_is_no_object_is_not_left_out():
    said = dataset(size=[1, 2], value=[1, 2], status=None)
    said["dimension"]["Region"] = [0, 1]
    assert "it is no object" in refused(jsonstat.read, json.dumps(said).encode())


@pytest.mark.parametrize("written", ["1e999", "-1e999", "9" * 400])
def test_a_number_larger_than_any_is_no_figure(written):
    file = f'STUB="a";VALUES("a")="x";DATA={written};'.encode()
    assert "larger than any number" in refused(px.read, file)
    rows = [{"key": ["0114", "2023"], "values": [written, ".."]}]
    table = json.dumps({**PXJSON, "data": rows}).encode()
    assert "larger than any number" in refused(pxjson.read, table)
    plain = FIGURES.replace(b"12.5", written.encode())
    assert "not a number" in refused(figures.read, plain)


@pytest.mark.parametrize("written", ["inf", "Infinity", " 1", "1 ", "1_0"])
def test_only_numbers_as_we_write_them_are_figures(written):
    assert "not a number" in refused(figures.read, FIGURES.replace(b"12.5", written.encode()))


def test_digits_of_another_script_are_no_year():
    body = FIGURES.decode().replace("0301,2020", "0301,２０２０").encode()
    assert "a year is not a number" in refused(figures.read, body)


def test_a_line_break_inside_a_text_does_not_move_the_lines_of_others():
    assert "line break" in refused(figures.read, FIGURES.replace(b'"16, 17"', b'"16\n17"'))


@pytest.mark.parametrize("name", ["value", "symbol"])
def test_a_dimension_called_as_a_column_of_ours_is_not_lost(name):
    body = f"AREA;{name};INDHOLD\n1;2;3\n2;3;4\n".encode()
    assert f"'{name}'" in refused(delimited.read, body, value="INDHOLD")


@pytest.mark.parametrize("first", ["geo,geo", "geo,time", "geo,value", "symbol,geo"])
def test_a_dimension_of_eurostat_is_not_lost_to_another(first):
    tsv = f"{first}\\TIME_PERIOD\t2020\nA,B\t1\n".encode()
    assert "as a column of ours" in refused(_eurostat_text.read, tsv)


def test_time_beside_the_period_is_not_lost():
    sdmx = b"geo,time,TIME_PERIOD,OBS_VALUE\nA,B,2020,2\n"
    assert "'time' twice" in refused(_eurostat_text.read, sdmx)


@pytest.mark.parametrize("kind", [["c"], {}, None])
def test_the_type_of_a_column_that_is_no_text_is_refused(kind):
    said = json.loads(json.dumps(PXJSON))
    said["columns"][3]["type"] = kind
    assert "columns are of types" in refused(pxjson.read, json.dumps(said).encode())


def test_a_dimension_called_as_our_dimension_of_contents_is_not_lost():
    said = json.loads(json.dumps(PXJSON))
    said["columns"][1]["code"] = pxjson.CONTENTS
    assert "one of ours" in refused(pxjson.read, json.dumps(said).encode())


def test_periods_are_not_picked_from_what_cannot_be_read():
    text = 'HEADING="t";TIMEVAL("t")=TLIST)=TLIST(A1,"2020"-"2021");DATA=1 2;'
    assert "TIMEVAL" in refused(px.read, text.encode())


@pytest.mark.parametrize("digits", ["²", "9" * 5_000])
def test_decimals_that_are_no_number_are_left_alone(digits):
    text = (
        'CHARSET="ANSI";STUB="c";VALUES("c")="x";CODES("c")="1";CONTVARIABLE="c";'
        f'UNITS("x")="y";DECIMALS={digits};DATA=1;'
    )
    assert px.read(text.encode("cp1252"), where="x").units == {"1": {"base": "y"}}


@pytest.mark.parametrize("name", ["undefined", "a\0b", "klingon"])
def test_an_encoding_that_python_stumbles_over_is_refused(name):
    text = f'CODEPAGE="{name}";STUB="a";VALUES("a")="x";DATA=1;'.encode()
    assert "not " in refused(px.read, text)


def test_a_refusal_in_such_an_encoding_can_still_be_told():
    assert "too many" in refusals.said(b"too many", "text/plain; charset=undefined")


def test_a_table_of_statbank_without_time_does_not_make_zeros_of_absent_rows():
    with bank() as talk:
        about, data = talk.answered
        timeless = Reply(talk.answered[about].body.replace(b'"time": true', b'"time": false'))
        cube = statbank.read(talk.question, {**talk.answered, about: timeless}, where="x")
        absent = cube.cells[cube.cells["symbol"] == "no-rows"]
        assert len(absent) == 4
        assert absent["value"].isna().all()
        assert not (cube.cells["value"] == 0).any()
        assert b";0\r\n" not in talk.answered[data].body


def test_a_variable_of_statbank_that_stands_twice_is_refused():
    with bank() as talk:
        about = next(iter(talk.answered))
        said = json.loads(talk.answered[about].body.decode("utf-8-sig"))
        said["variables"].append(said["variables"][0])
        twice = Reply(json.dumps(said).encode())
        with pytest.raises(SourceChanged, match="a variable stands twice"):
            statbank.read(talk.question, {**talk.answered, about: twice}, where="x")


def test_a_next_page_of_kolada_without_an_address_is_refused():
    with sweden() as talk:
        about = next(iter(talk.answered))
        said = json.loads(talk.answered[about].body.decode("utf-8-sig"))
        lost = Reply(json.dumps({**said, "next_url": "http://[::"}).encode())
        with pytest.raises(SourceChanged, match="has no address"):
            kolada.requests(talk.question, {**talk.answered, about: lost})
