"""Conversations with both generations of PxWeb of which one answer is spoiled."""

from contextlib import contextmanager

from healthindicators.protocols import pxweb1, pxwebapi2
from tests.fuzz.talk import Talk, fuzz_figures, fuzz_the_rest, slow_json_stat
from tests.protocols.asking import ask
from tests.services.driver import converse
from tests.services.pxweb1 import PxWeb1
from tests.services.pxwebapi2 import PxWebApi2

SOME = (
    ("Region", "0301", "1103", "0104"), ("Kjonn", "*"), ("ContentsCode", "*"), ("Tid", "2023", "2024"),
)  # fmt: skip


@contextmanager
def talk(service, protocol, name, code):
    with service.running() as base:
        question = ask(name, base, code, *SOME)
        yield Talk(protocol, question, converse(protocol, question), is_data)


def is_data(request):
    return request.method == "POST"


def version_2():
    return talk(PxWebApi2(told_cells=12), pxwebapi2, "pxwebapi2", "07459")


def version_1():
    return talk(PxWeb1(told_cells=12), pxweb1, "pxweb1", "B_HLV/befolkning på region.px")


def test_figures_of_version_2():
    with version_2() as told:
        fuzz_figures("pxwebapi2, figures", told, slow_json_stat)


def test_what_version_2_says_of_its_figures():
    with version_2() as told:
        fuzz_the_rest("pxwebapi2, the rest", told)


def test_figures_of_version_1():
    with version_1() as told:
        fuzz_figures("pxweb1, figures", told, slow_json_stat)


def test_what_version_1_says_of_its_figures():
    with version_1() as told:
        fuzz_the_rest("pxweb1, the rest", told)
