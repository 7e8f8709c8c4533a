"""Delimited text and the plain figures layout with anything wrong in them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.formats import delimited, figures
from tests.formats import slowly_delimited
from tests.fuzz import slowly_figures
from tests.fuzz.cases import TIMES, Tally, chances, count, draws, told, unmarked
from tests.fuzz.spoil import spoiled
from tests.real_files import real_file

TEXTS = (
    ("OMRÅDE;KØN;TID;INDHOLD\r\n000;1;2020;1,5\r\n0301;1;2020;..\r\n101;2;2021;-7\r\n", ";", ","),
    ("AREA;TID;INDHOLD\n084;2020;1234\n085;2020;0\n099;2021;12345678\n", ";", "."),
    ("geo,time,INDHOLD\n0301,2020,1.25\n1103,2020,\n0301,2021,1e3\n1103,2021,0.5", ",", "."),
    ('"geo";"INDHOLD"\r\n"Herøy; i Nordland";"1,5"\r\n"a ""b""";"..";\r\n', ";", ","),
    ('geo\tkøn\tINDHOLD\n"0301"\tT\t1.5\n1103\tT\t2.75\n', "\t", "."),
)


def read(given):
    body, delimiter, decimal = given
    layout = delimited.Layout("utf-8", delimiter, decimal)
    cube = delimited.read(body, where="x", value="INDHOLD", layout=layout)
    return by_name(cube.dimensions, told(cube))


def by_name(names, cells):
    return {tuple(sorted(zip(names, key, strict=True))): cell for key, cell in cells.items()}


def slow(given):
    body, delimiter, decimal = given
    return slowly_delimited.read(
        unmarked(body), value="INDHOLD", delimiter=delimiter, decimal=decimal
    )


def test_spoiled_text_of_a_known_layout():
    tally = Tally(read, slow)
    for chance in draws("delimited"):
        text, delimiter, decimal = chance.choice(TEXTS)
        tally.judge((spoiled(text.encode(), chance), delimiter, decimal))
    tally.close(count("delimited"))


field = st.text(st.sampled_from("ab01 ;,.\"'å-\t"), max_size=4)
number = st.one_of(
    st.integers(-(10**6), 10**6).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["..", "", "1.5", "1,5", "-", "1e9", " 1"]),
)


@st.composite
def tables(draw):
    """Draw a text in which every field may hold what parts fields, with or without its marks."""
    delimiter = draw(st.sampled_from(";,\t"))
    width = draw(st.integers(1, 3))
    names = [f"d{place}" for place in range(width)]
    quoting = draw(st.booleans())

    def written(text):
        return '"' + text.replace('"', '""') + '"' if quoting else text

    rows = draw(st.lists(st.tuples(*[field] * width, number), max_size=4))
    lines = [delimiter.join([*names, "INDHOLD"])]
    lines += [delimiter.join(map(written, row)) for row in rows]
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    return ending.join(lines) + draw(st.sampled_from(["", ending])), delimiter


def test_drawn_texts():
    tally = Tally(read, slow)

    @settings(max_examples=count("delimited, drawn"), derandomize=True, database=None)
    @given(tables(), st.sampled_from(".,"))
    def judge(table, decimal):
        text, delimiter = table
        tally.judge((text.encode(), delimiter, decimal))

    judge()
    assert tally.outcomes.total() >= count("delimited, drawn")
    assert min(tally.outcomes["read"], tally.outcomes["refused"]) > 20


FIGURES = (
    b"geo,first_year,last_year,sex,age,topic,stratum,measure,value,status\n"
    b"0301,2020,2024,total,all,,,share,12.5,\n"
    b"1103,2020,2024,total,all,,,share,,missing\n"
    b"0101,2021,2021,women,16-24,,low,share,0,uncertain\n"
    b'1201,2021,2021,men,"16, 17",,high,share,0.1,\n'
)


def read_figures(body):
    frame = figures.read(body, where="x")
    assert (frame.dtypes["value"], frame.dtypes["first_year"]) == ("float64", "int64")
    return [
        tuple(None if cell != cell else cell for cell in row)
        for row in frame.itertuples(index=False, name=None)
    ]


def test_spoiled_figures():
    tally = Tally(read_figures, slowly_figures.read)
    for chance in draws("figures"):
        tally.judge(spoiled(FIGURES, chance))
    tally.close(count("figures"))


@pytest.mark.parametrize(
    ("name", "decimal"),
    [("dk/FOLK1A_api_codes_head.csv", "."), ("dk/FOLK1A_all_areas_2020K1.csv", ".")],
)
def test_published_text_spoiled(name, decimal):
    lines = real_file(name).read_bytes().splitlines(keepends=True)
    tally = Tally(read, slow)
    for chance in chances(name, 400 * TIMES):
        body = b"".join(lines[: chance.randint(2, 30)])
        tally.judge((spoiled(body, chance), ";", decimal))
    tally.close(400 * TIMES)
