"""Conversations with PxWeb over the real transport: refusals, waits and shared limits."""

import pytest

from healthindicators.errors import SourceChanged
from healthindicators.protocols import pxweb1, pxwebapi2
from healthindicators.snapshots.dialogue import Dialogue
from tests.protocols.asking import ask, cells
from tests.services.cubes import population
from tests.services.loopback import Rate, as_json
from tests.services.pxweb1 import PxWeb1
from tests.services.pxwebapi2 import PxWebApi2
from tests.snapshots.calm import Time, transport

TABLES = {"pxwebapi2": "07459", "pxweb1": "B_HLV/befolkning på region.px"}
KINDS = pytest.mark.parametrize(("speaker", "made"), [(pxwebapi2, PxWebApi2), (pxweb1, PxWeb1)])


def question(speaker, base, *regions):
    name = speaker.__name__.rpartition(".")[2]
    few = (("Region", *regions), ("Kjonn", "*"), ("ContentsCode", "*"), ("Tid", "*"))
    return ask(name, base, TABLES[name], *few)


def led(speaker, asked, time):
    dialogue = Dialogue("XX/px/t", asked, speaker, transport(time))
    return {request: arrival.reply for request, arrival in dialogue.whole().items()}


@KINDS
def test_whole_conversation_goes_over_the_transport(speaker, made):
    service, time = made(most_cells=20, told_cells=60), Time()
    with service.running() as base:
        asked = question(speaker, base, "0301", "1103", "1818")
        cube = speaker.read(asked, led(speaker, asked, time), where="here")
    table = population()
    assert len(cube.cells) == 3 * 2 * 2 * 7
    assert all(said == table.cell(key) for key, said in cells(cube).items())


@KINDS
@pytest.mark.parametrize("as_date", [False, True])
def test_told_rate_is_kept_to_and_a_refusal_for_haste_is_waited_out(speaker, made, as_date):
    time = Time()
    rate = Rate(2, 30, as_date, clock=lambda: time.now().timestamp())
    service = made(rate=rate, most_cells=60)
    with service.running() as base:
        asked = question(speaker, base, "0301", "1103", "1818")
        answered = led(speaker, asked, time)
    assert len(speaker.read(asked, answered, where="here").cells) == 3 * 2 * 2 * 7
    assert sum(time.slept) >= 30, "four calls do not fit into the first window of two"


@KINDS
def test_refusal_ends_the_conversation_and_says_why(speaker, made):
    service = made(instead=[])
    with service.running() as base:
        asked = question(speaker, base, "0301")
        service.instead = [
            (TABLES[speaker.__name__.rpartition(".")[2]], as_json({"error": "closed"}, 404))
        ]
        with pytest.raises(SourceChanged, match="no longer there: closed"):
            led(speaker, asked, Time())


@KINDS
def test_what_would_be_asked_for_is_told_with_its_labels(speaker, made):
    with made().running() as base:
        asked = question(speaker, base, "0301", "1514")
        answered = led(speaker, asked, Time())
    about = {request: answered[request] for request in speaker.requests(asked, {})}
    told = speaker.selected(asked, about)
    table = population()
    assert told["Region"] == {"0301": "Oslo", "1514": "Herøy"}
    assert told == {v.code: told["Region"] if v.code == "Region" else v.values
                    for v in table.variables if v.code in told}  # fmt: skip
    assert set(told) == {"Region", "Kjonn", "ContentsCode", "Tid"}
