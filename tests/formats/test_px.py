"""PX files: keywords, encodings, marks, keys, and what is refused."""

import math
import random

import pytest

from healthindicators.errors import DataError
from healthindicators.formats import px

HEAD = """CHARSET="ANSI";
AXIS-VERSION="2013";
LANGUAGE="sv";
LANGUAGES="sv","en";
DECIMALS=0;
SHOWDECIMALS=1;
TITLE="Folkmängd efter "
"region, tabellinnehåll och år";
TITLE[en]="Population";
UNITS="antal";
STUB="region","tabellinnehåll";
STUB[en]="region","contents";
HEADING="år";
CONTVARIABLE="tabellinnehåll";
VALUES("region")="Upplands Väsby",
"Järfälla";
VALUES[en]("region")="UV","J";
VALUES("tabellinnehåll")="Antal","Andel";
VALUES("år")="2023","2024";
TIMEVAL("år")=TLIST(A1,"2023"-"2024");
CODES("region")="0114","0123";
CODES("tabellinnehåll")="BE1","BE2";
VARIABLECODE("region")="Region";
VARIABLECODE("tabellinnehåll")="ContentsCode";
VARIABLECODE("år")="Tid";
MAP("region")="sverige";
UNITS("Antal")="personer";
UNITS("Andel")="procent";
PRECISION("tabellinnehåll","Andel")=2;
LAST-UPDATED("Antal")="20250608 08:00";
LAST-UPDATED("Andel")="20250609 08:00";
ELIMINATION("region")=YES;
DATASYMBOL2=":";
NOTE="Läs; detta.";
NOTEX="Först detta.";
NOTE="Sedan "
"detta.";
"""
DATA = """DATA=
48000 48500
1.25 ".."
"-" "."
-3 0.0 ;
"""


def read(text, encoding="cp1252"):
    return px.read(text.encode(encoding), where="a file")


def rows(cube):
    table = cube.cells.astype(dict.fromkeys([*cube.dimensions, "symbol"], "str"))
    return [
        tuple(None if isinstance(v, float) and math.isnan(v) else v for v in row)
        for row in table.itertuples(index=False, name=None)
    ]


EXPECTED = [
    ("0114", "BE1", "2023", 48000.0, ""),
    ("0114", "BE1", "2024", 48500.0, ""),
    ("0114", "BE2", "2023", 1.25, ""),
    ("0114", "BE2", "2024", None, ":"),
    ("0123", "BE1", "2023", None, "-"),
    ("0123", "BE1", "2024", None, "."),
    ("0123", "BE2", "2023", -3.0, ""),
    ("0123", "BE2", "2024", 0.0, ""),
]


def problems(text, encoding="cp1252"):
    with pytest.raises(DataError) as caught:
        read(text, encoding)
    return " | ".join(map(str, caught.value.problems))


def test_whole_file_is_read():
    cube = read(HEAD + DATA)
    assert rows(cube) == EXPECTED
    assert cube.dimensions == ("Region", "ContentsCode", "Tid")
    assert cube.labels["Region"] == {"0114": "Upplands Väsby", "0123": "Järfälla"}
    assert cube.labels["Tid"] == {}
    assert cube.names == {"Region": "region", "ContentsCode": "tabellinnehåll", "Tid": "år"}
    assert cube.roles == {"time": ("Tid",), "geo": ("Region",), "metric": ("ContentsCode",)}
    assert cube.units == {
        "BE1": {"base": "personer", "decimals": 1},
        "BE2": {"base": "procent", "decimals": 2},
    }
    assert cube.title == "Folkmängd efter region, tabellinnehåll och år"
    assert cube.updated == "2025-06-09T08:00:00"
    assert cube.notes == ("Först detta.", "Läs; detta.", "Sedan detta.")


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (HEAD.replace('CHARSET="ANSI";', 'CHARSET="ANSI";CODEPAGE="utf-8";'), "utf-8"),
        (HEAD.replace('CHARSET="ANSI";', 'CODEPAGE="iso-8859-15";'), "iso-8859-15"),
        (HEAD.replace('CHARSET="ANSI";', 'CODEPAGE="windows-1252";'), "cp1252"),
        (HEAD, "utf-8-sig"),
        (HEAD.replace("\n", "\r\n"), "cp1252"),
    ],
)
def test_letters_are_read_in_the_encoding_that_is_told(head, encoding):
    assert rows(read(head + DATA, encoding)) == EXPECTED
    assert read(head + DATA, encoding).labels["Region"]["0123"] == "Järfälla"


def test_letters_without_a_told_encoding_are_those_of_utf_8_or_refused():
    text = HEAD.replace('CHARSET="ANSI";\n', "") + DATA
    assert read(text, "utf-8").labels["Region"]["0123"] == "Järfälla"
    assert "are not utf-8" in problems(text)


@pytest.mark.parametrize("told", ['CODEPAGE="windows-1252";', 'CHARSET="ANSI";'])
def test_a_file_saved_anew_as_utf_8_is_not_read_as_wrong_letters(told):
    head = HEAD.replace('CHARSET="ANSI";\n', told)
    assert "but is UTF-8" in problems(head + DATA, "utf-8")
    assert rows(read(head + DATA, "utf-8-sig")) == EXPECTED


@pytest.mark.parametrize(
    "written",
    [
        "1,2,3,4",
        "1;2;3;4",
        "1\t2\t3\t4",
        "1, 2;\n3\t4",
        "1 2\r\n3 4 \r\n",
        " 1\n\n2 3,4",
        "1 2 3 4",
    ],
)
def test_separators_may_be_mixed(written):
    text = f'STUB="a";HEADING="b";VALUES("a")="x","y";VALUES("b")="u","v";DATA={written};'
    assert [row[2] for row in rows(read(text))] == [1, 2, 3, 4]


KEYED = """CHARSET="ANSI";STUB="region","kön";HEADING="år";
VALUES("region")="Ett, två","Tre";VALUES("kön")="män","kvinnor";VALUES("år")="2023","2024";
CODES("region")="01","02";CODES("kön")="1","2";
KEYS("region")=VALUES;KEYS("kön")=CODES;
DATA=
"Tre","1",5 ".."
"Ett, två","2",0 7
;"""


def test_rows_absent_from_keyed_data_are_zero():
    assert rows(read(KEYED)) == [
        ("01", "1", "2023", 0.0, ""),
        ("01", "1", "2024", 0.0, ""),
        ("01", "2", "2023", 0.0, ""),
        ("01", "2", "2024", 7.0, ""),
        ("02", "1", "2023", 5.0, ""),
        ("02", "1", "2024", None, ".."),
        ("02", "2", "2023", 0.0, ""),
        ("02", "2", "2024", 0.0, ""),
    ]


def test_keyed_data_without_rows_are_all_zero():
    assert [row[3] for row in rows(read(KEYED[: KEYED.index('\n"Tre"')] + ";"))] == [0.0] * 8


@pytest.mark.parametrize(
    ("timeval", "codes"),
    [
        ('TLIST(A1,"2022"-"2024")', ["2022", "2023", "2024"]),
        ('TLIST(A1),"2020","2024"', ["2020", "2024"]),
        ('TLIST(Q1,"20233"-"20241")', ["2023Q3", "2023Q4", "2024Q1"]),
        ('TLIST(M1,"202311"-"202401")', ["2023M11", "2023M12", "2024M01"]),
        (
            'TLIST(A1,"2022"-"2023"),TLIST(M1,"202401"-"202402")',
            ["2022", "2023", "2024M01", "2024M02"],
        ),
    ],
)
def test_time_values_stand_in_for_codes(timeval, codes):
    cells = " ".join(map(str, range(len(codes))))
    cube = read(f'HEADING="tid";TIMEVAL("tid")={timeval};DATA={cells};')
    assert [row[0] for row in rows(cube)] == codes
    assert cube.roles == {"time": ("tid",)}


@pytest.mark.parametrize("keyword", ["CODES", "VALUES"])
def test_periods_may_be_listed_where_codes_stand(keyword):
    cube = read(f'HEADING="tid";{keyword}("tid")=TLIST(A1,"2022"-"2024");DATA=1 2 3;')
    assert rows(cube) == [("2022", 1.0, ""), ("2023", 2.0, ""), ("2024", 3.0, "")]


def test_the_end_that_dos_wrote_is_no_text():
    assert rows(read(HEAD + DATA + "\x1a")) == EXPECTED


def test_marks_are_those_that_are_shown():
    text = 'STUB="a";VALUES("a")="1","2","3","4";DATASYMBOL1="x";DATASYMBOLNIL="0*";'
    text += 'DATA="." "-" ...... -;'
    assert [row[2] for row in rows(read(text))] == ["x", "0*", "......", "0*"]


REFUSED = {
    "too few cells": (HEAD + DATA.replace("-3 ", ""), "7 cells instead of 8"),
    "too many cells": (HEAD + DATA.replace("-3 ", "-3 1 "), "9 cells instead of 8"),
    "cut off": ((HEAD + DATA).rstrip()[:-1], "does not end with ;"),
    "cut off in the head": (HEAD[: HEAD.index('",\n"Järf')], "does not end with ;"),
    "no data": (HEAD, "no DATA"),
    "no keyword": ("<html>", "no keyword"),
    "a word as a cell": (HEAD + DATA.replace("-3", "abc"), "neither numbers nor marks: abc"),
    "an unknown mark": (HEAD + DATA.replace('"."', '"!"'), 'neither numbers nor marks: "!"'),
    "half a mark": (HEAD + DATA.replace('"."', '"'), "neither numbers nor marks"),
    "a decimal comma": (HEAD + DATA.replace("1.25", "1,25"), "9 cells instead of 8"),
    "codes against values": (HEAD.replace('"0114",', "") + DATA, "1 codes for 2 values"),
    "equal codes": (HEAD.replace('"0123"', '"0114"') + DATA, "'0114' stands twice"),
    "equal labels as codes": (
        'STUB="a";VALUES("a")="x","x";DATA=1 2;', "its labels are its codes",
    ),
    "no categories": ('STUB="a";DATA=1;', "neither CODES nor VALUES nor TIMEVAL"),
    "no variables": ("DATA=1;", "neither STUB nor HEADING"),
    "a statement twice": (HEAD + 'CODES("region")="1","2";' + DATA, "CODES region stands twice"),
    "an unknown encoding": (HEAD.replace('"ANSI"', '"ANSI";CODEPAGE="klingon"') + DATA, "klingon"),
    "a key that is not there": (KEYED.replace('"Tre","1"', '"Fyra","1"'), "'Fyra' is not in region"),
    "a row twice": (KEYED.replace('"Ett, två","2"', '"Tre","1"'), "a row stands twice"),
    "a row cut off": (KEYED.replace("0 7", "0"), "rows are not 2 keys and 2 cells"),
    "a key missing": (KEYED.replace('KEYS("kön")=CODES;', ""), "KEYS of kön do not"),
    "no year": ('HEADING="t";TIMEVAL("t")=TLIST(Q1,"20230"-"20241");DATA=1;', "TIMEVAL"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_contradiction_is_refused_and_named(case):
    text, expected = REFUSED[case]
    assert expected in problems(text)


def test_wrong_encoding_is_refused_where_it_can_be_told():
    head = HEAD.replace('CHARSET="ANSI";', 'CODEPAGE="utf-8";')
    assert "are not utf-8" in problems(head + DATA, "cp1252")


def test_mutated_files_keep_their_shape_or_are_refused():
    draw = random.Random(5)
    body = (HEAD + DATA).encode("cp1252")
    outcomes = set()
    for _ in range(600):
        at = draw.randrange(len(body))
        changed = body[:at] + bytes([draw.randrange(32, 256)]) + body[at + draw.randrange(3) :]
        try:
            cube = px.read(changed, where="a file")
        except DataError:
            outcomes.add("refused")
            continue
        outcomes.add("read")
        assert len(cube.cells) == math.prod(
            len(cube.cells[n].cat.categories) for n in cube.dimensions
        )
        if changed.endswith(DATA.encode()):
            assert [row[-2] for row in rows(cube)] == [row[-2] for row in EXPECTED], changed
    assert outcomes == {"read", "refused"}
