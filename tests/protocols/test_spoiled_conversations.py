"""A conversation with a spoiled answer anywhere: our errors, or figures that are the true ones."""

import pytest

from healthindicators.errors import HealthIndicatorsError
from healthindicators.protocols import Reply, eurostat, fhi, kolada, statbank
from tests.formats.spoiling import spoiled
from tests.services.asking import told
from tests.services.opened import lead
from tests.traps import test_traps_services as small

LETTERS = b'0123456789-.eE"{}[]:, \\tfn\xc3<ANT/'


def of_statbank(service):
    return small.ask("statbank", service.base, "FOLK", small.EVERYTHING, cells=9)


def of_fhi(service):
    return small.ask("fhi", service.base, "nokkel/1", dict.fromkeys(small.FHI, small.ALL), cells=6)


def of_kolada(service):
    service.cells["N00945", "0002", "2022", "T"] = {"value": 7.0, "isdeleted": True}
    return small.ask("kolada", service.base, "", small.SWEDEN)


def of_eurostat(service):
    return small.ask("eurostat", service.base, "t", dict.fromkeys(small.GEOS, small.ALL))


@pytest.mark.parametrize(
    ("make", "protocol", "asking"),
    [
        (small.bank, statbank, of_statbank),
        (small.health, fhi, of_fhi),
        (small.sweden, kolada, of_kolada),
        (lambda: small.europe(at_once=2), eurostat, of_eurostat),
    ],
    ids=["statbank", "fhi", "kolada", "eurostat"],
)
def test_a_spoiled_answer_about_the_figures_never_makes_another_figure(make, protocol, asking):
    with make() as service:
        question = asking(service)
        answered = lead(protocol, question)
        truth = told(protocol.read(question, answered, where="x"))
        refused = 0
        about = [r for r in answered if "/data" not in r.url or "statistics" in r.url]
        for number, request in enumerate(about):
            for seed in range(40):
                body = spoiled(answered[request].body, 1000 * number + seed, LETTERS)
                changed = {**answered, request: Reply(body, answered[request].status)}
                refused += not holds(protocol, question, changed, truth)
        assert 5 < refused < 40 * len(about)


def holds(protocol, question, answered, truth):
    """Return whether it was read; what it says of a cell must be true, or that nothing is known."""
    try:
        protocol.requests(question, answered)
        found = told(protocol.read(question, answered, where="x"))
    except HealthIndicatorsError:
        return False
    for key, (value, mark) in found.items():
        assert value is None or (value, mark) == truth[key]
    return True
