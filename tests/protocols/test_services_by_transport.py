"""Conversations with the four services over the real transport: faults are waited out, waits kept."""

import pytest

from healthindicators.errors import SourceUnavailable
from healthindicators.snapshots.dialogue import Dialogue
from tests.protocols import test_spoiled_conversations as small
from tests.services.asking import told
from tests.services.opened import lead
from tests.snapshots.calm import Time, transport

KINDS = {
    "statbank": (small.small.bank, small.statbank, small.of_statbank),
    "fhi": (small.small.health, small.fhi, small.of_fhi),
    "kolada": (lambda: small.small.sweden(largest=7), small.kolada, small.of_kolada),
    "eurostat": (lambda: small.small.europe(at_once=2), small.eurostat, small.of_eurostat),
}


def led(protocol, question, time):
    whole = Dialogue("XX/source/t", question, protocol, transport(time)).whole()
    return {request: arrival.reply for request, arrival in whole.items()}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("fault", ["429-seconds", "429-date", "503", "500"])
def test_a_fault_that_passes_is_waited_out(name, fault):
    make, protocol, asking = KINDS[name]
    with make() as service:
        question = asking(service)
        expected = told(protocol.read(question, lead(protocol, question), where="x"))
        service.fail(fault)
        answered = led(protocol, question, Time())
        assert not service.instead
        assert told(protocol.read(question, answered, where="x")) == expected


@pytest.mark.parametrize("name", KINDS)
def test_a_web_page_with_status_200_ends_it_for_now(name):
    make, protocol, asking = KINDS[name]
    with make() as service:
        service.fail("html")
        with pytest.raises(SourceUnavailable):
            led(protocol, asking(service), Time())


def test_a_delayed_answer_is_looked_for_after_the_waits_that_were_asked_for():
    make, protocol, asking = KINDS["eurostat"]
    with make() as service:
        service.states = ["SUBMITTED", "PROCESSING"]
        time = Time()
        led(protocol, asking(service), time)
        assert sum(time.slept) >= sum(protocol.WAITS[:3])


@pytest.mark.parametrize("name", ["statbank", "fhi", "kolada"])
def test_the_opening_answers_tell_when_the_table_was_changed(name):
    make, protocol, asking = KINDS[name]
    with make() as service:
        question = asking(service)
        answered = lead(protocol, question)
        opening = {r: answered[r] for r in protocol.requests(question, {})}
        moment = protocol.updated(question, opening)
        assert moment == protocol.read(question, answered, where="x").updated
        assert moment.startswith("20")
        assert protocol.updated(question, {}) == ""


@pytest.mark.parametrize("name", ["statbank", "fhi", "kolada"])
def test_what_would_be_asked_for_is_told_before_figures_are(name):
    make, protocol, asking = KINDS[name]
    with make() as service:
        question = asking(service)
        answered = lead(protocol, question)
        about = {r: reply for r, reply in answered.items() if "/data" not in r.url}
        cube = protocol.read(question, answered, where="x")
        for dimension, labels in protocol.selected(question, about).items():
            came = set(cube.cells[dimension].cat.categories)
            # Years that are open are known when figures come.
            assert set(labels) == came or (name, dimension, labels) == ("kolada", "year", {})
            said = cube.labels.get(dimension, {})
            assert all(labels[code] == said.get(code, code) for code in labels)
