"""PX files with anything wrong in them."""

from healthindicators.formats import px
from tests.formats.test_px import DATA, HEAD, KEYED
from tests.fuzz import slowly_px
from tests.fuzz.cases import Tally, count, draws, told
from tests.fuzz.spoil import spoiled

OWN = "".join(line + "\n" for line in HEAD.split("\n") if line and "[en]" not in line)
PERIODS = 'HEADING="tid";TIMEVAL("tid")=TLIST(A1,"2020"-"2023");PRECISION="2";DATA=1 -2.5 ".." 4e3;'
WHOLE = [
    (OWN + DATA).encode("cp1252"),
    (OWN.replace('CHARSET="ANSI"', 'CODEPAGE="utf-8"') + DATA).encode(),
    b'STUB="a";HEADING="b";VALUES("a")="x","y";VALUES("b")="u","v";DATA=1,2;\t"-" 4;',
    PERIODS.encode(),
]
BY_KEY = [KEYED.encode("cp1252"), KEYED.replace('CHARSET="ANSI";', "").encode("utf-8-sig")]


def read(body):
    return told(px.read(body, where="x"))


def test_spoiled_files():
    tally = Tally(read, slowly_px.read)
    for chance in draws("px"):
        body = chance.choice(WHOLE)
        at = body.index(b"DATA=") if chance.random() < 0.4 else 0
        tally.judge(body[:at] + spoiled(body[at:], chance))
    tally.close(count("px"))


def test_spoiled_files_with_keys():
    tally = Tally(read, slowly_px.read)
    for chance in draws("px with keys"):
        tally.judge(spoiled(chance.choice(BY_KEY), chance))
    tally.close(count("px with keys"))
