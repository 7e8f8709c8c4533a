"""What is told of live tables, held against a service that is made up."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from healthindicators import countries
from healthindicators.errors import (
    Problem,
    ProblemsError,
    SourceChanged,
    SourceOffline,
    SourceUnavailable,
)
from healthindicators.model import Country, Dimension, Feed, Source, Table
from healthindicators.protocols import Ask, Reply, Request
from healthindicators.report import live as room
from healthindicators.report.checking import CheckError
from healthindicators.report.live import check_live
from healthindicators.workspace import Workspace
from tests.services import statbank

BASE = "https://made.up"
FIGURES = Request(f"{BASE}/figures")
DENMARK = countries.home("DK")


@dataclass(frozen=True)
class About(Request):
    """A request that says whether it is about the table."""

    about: bool = False


class Speaker:
    """First a table's card, then a list it names, then figures; a code must be on the list."""

    def __init__(self, kind=Request, stages=2):
        self.asked = []
        self.kind = kind
        self.stages = stages

    def about(self, ask, stage):
        flag = {"about": True} if self.kind is About else {}
        return self.kind(f"{BASE}/{ask.table.code}/{stage}", **flag)

    def requests(self, ask, answered):
        found = []
        for stage in range(self.stages):
            found.append(self.about(ask, stage))
            if found[-1] not in answered:
                return tuple(found)
        wanted = ask.table.dimensions[0].select[0]
        if wanted.encode() not in answered[found[-1]].body:
            raise SourceChanged([Problem(f"no code '{wanted}'", ask.table.code)])
        return (*found, FIGURES, replace(FIGURES, attempt=1))


def bound(speaker, table, source):
    class Named(room.Bound):
        pass

    Named.speaker = property(lambda self: speaker)
    Named.ask = property(lambda self: Ask(source, table))
    return Named(Country("XX", {}, (), "", 0, {"service": source}), source, table)


@pytest.fixture
def service(monkeypatch):
    """A function that declares tables of a made-up service and collects what is told of them."""
    monkeypatch.setattr(countries, "load", dict)

    def told(speaker, answer, **tables):
        source = Source("made-up", "", base=BASE)
        bounds = [
            bound(
                speaker,
                Table(id, "service", "register", (Feed("gini", "", "value", ""),), code=id,
                      dimensions=(Dimension("d", "geo", (code,)),), unverified=why),
                source,
            )
            for id, (code, why) in tables.items()
        ]  # fmt: skip
        monkeypatch.setattr(room, "live", lambda: bounds)
        lines, problems = [], ()
        try:
            lines.extend(check_live(Workspace(Path(__file__).parents[2]), answer))
        except ProblemsError as error:
            problems = error.problems
            told.raised = type(error)
        return lines, [str(p) for p in problems]

    return told


def listing(asked):
    def answer(request, source):
        asked.append(request)
        assert source.base == BASE
        return Reply(b"0301")

    return answer


def test_questions_about_a_table_are_asked_and_none_for_figures(service):
    asked = []
    lines, problems = service(Speaker(About), listing(asked), good=("0301", ""))
    assert [r.url for r in asked] == [f"{BASE}/good/0", f"{BASE}/good/1"]
    assert lines == [
        "XX/service/good (good): verified against recorded metadata; "
        "as declared at the service, 2 questions would fetch it.",
        "Tables of services: 1 as declared.",
    ]
    assert problems == []


def test_where_no_question_says_what_it_is_about_only_the_first_are_asked(service):
    asked = []
    service(Speaker(stages=2), listing(asked), good=("0301", ""))
    assert [r.url for r in asked] == [f"{BASE}/good/0"]


def test_a_code_that_is_gone_is_told_after_all_tables_were_looked_at(service):
    asked = []
    lines, problems = service(
        Speaker(About), listing(asked), bad=("9999", "nothing was recorded"), good=("0301", "")
    )
    assert lines[0] == (
        "XX/service/bad (bad): unverified, for nothing was recorded; "
        "not as declared: bad: no code '9999'."
    )
    assert lines[1].startswith("XX/service/good")
    assert lines[-1] == "Tables of services: 1 as declared, 1 not as declared."
    assert problems == ["bad: XX/service/bad: no code '9999'"]


def test_a_service_that_cannot_be_reached_is_asked_once(service):
    asked = []

    def answer(request, source):
        asked.append(request)
        raise SourceOffline([Problem("no way there", BASE)])

    lines, problems = service(Speaker(About), answer, one=("0301", ""), two=("0301", ""))
    assert len(asked) == 1
    assert lines[-1] == "Tables of services: 2 could not be asked."
    assert lines[1].endswith("could not be asked, no more than XX/service/one.")
    assert problems == [f"{BASE}: XX/service/one: no way there"]


@pytest.mark.parametrize("silence", [SourceOffline, SourceUnavailable])
@pytest.mark.parametrize("wrong", [True, False])
def test_silence_alone_is_told_as_silence_and_not_as_a_failed_check(service, silence, wrong):
    def answer(request, source):
        if "/silent/" in request.url:
            raise silence([Problem("no answer", BASE)])
        return Reply(b"0301")

    tables = {"bad": ("9999", "")} if wrong else {"good": ("0301", "")}
    _, problems = service(Speaker(About), answer, **tables, silent=("0301", ""))
    assert service.raised is (CheckError if wrong else silence)
    assert len(problems) == 1 + wrong


def test_questions_that_never_end_are_given_up(service):
    class Endless(Speaker):
        def requests(self, ask, answered):
            return (*answered, About(f"{BASE}/{len(answered)}", about=True))

    asked = []
    lines, problems = service(Endless(About), listing(asked), bad=("0301", ""))
    assert len(asked) == room.STAGES
    assert "do not end" in problems[0]
    assert "1 not as declared" in lines[-1]


def test_an_indicator_that_no_table_feeds_is_told_with_the_reason(service, monkeypatch):
    monkeypatch.setattr(countries, "load", lambda: {"DK": DENMARK})
    lines, _ = service(Speaker(), listing([]))
    assert len(lines) == len(DENMARK.country.unbound) + 1
    assert lines[0].startswith("DK/alcohol-above-10-units: no live table; the National Health")
    assert lines[-1] == "Tables of services: none."


@pytest.fixture
def asked(monkeypatch):
    """A function that looks at one Danish table, which StatBank describes with these variables."""
    monkeypatch.setattr(countries, "load", lambda: {"DK": DENMARK})

    def told(id, *variables):
        table = next(t for t in DENMARK.tables if t.id == id)
        source = replace(DENMARK.country.sources[table.source], base="http://127.0.0.1/v1")
        found = room.Bound(DENMARK.country, source, table)
        monkeypatch.setattr(room, "live", lambda: [found])
        bank = statbank.StatBank(statbank.Table(table.code, list(variables), {}))

        def answer(request, source):
            status, body = bank.ask(request.method, "/v1/tableinfo", request.body)
            return Reply(body, status)

        return check_live(Workspace(Path(__file__).parents[2]), answer)

    return told


AREAS = {"000": "All Denmark", "101": "Copenhagen"}
YEARS = statbank.variable("Tid", ["2024", "2025"], time=True)


def test_an_unverified_table_is_told_with_the_labels_of_what_it_asks_for(asked):
    measures = statbank.variable("ULLIG", {"60": "P90/10", "70": "Gini coefficient"})
    line = next(asked("statbank-ifor41", measures, statbank.variable("KOMMUNEDK", AREAS), YEARS))
    assert line.endswith("look whether these are what is meant: ULLIG 70 'Gini coefficient'.")


def test_codes_that_a_build_would_refuse_are_told_before_anything_is_fetched(asked):
    ages = statbank.variable("ALDER", ["TOT", "0", "1", "99+"])
    areas = statbank.variable("OMRÅDE", {**AREAS, "888": "Atlantis"})
    sexes = statbank.variable("KØN", ["M", "K"])
    lines = asked("statbank-fod207", areas, ages, sexes, YEARS)
    assert "not as declared" in next(lines)
    with pytest.raises(CheckError) as raised:
        list(lines)
    told = [problem.what for problem in raised.value.problems]
    assert len(told) == 2
    assert "'888' is no geo in the register" in told[0]
    assert "unknown code '99+' of ALDER" in told[1]
