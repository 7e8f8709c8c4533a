"""StatBank Denmark (Danmarks Statistik), API v1.

What is asked: `tableinfo` first, then the table in the format BULK. Quirks, from the provider's
documentation, its changelog and recorded replies (read 2026-11-22):

- BULK has no limit of cells but needs every variable; the others allow 1,000,000 rows x columns.
- Without a choice of time only the newest period comes; so time is always chosen here, code by code.
- `valuePresentation` belongs to the top of the question: beside a variable it is ignored, and BULK
  shows texts, which are not unique.
- A combination without a row has the value of `suppressedDataValue` (changelog, December 2017), mostly
  0. Nothing is said of periods in which a code did not exist; see `read`.
- ``..`` (before December 2017 an empty field) is missing, confidential or too uncertain.
- Text is UTF-8 with a byte-order mark, CRLF and ``;``; the header has the variables in upper case and
  INDHOLD; the decimal mark is a comma under ``da`` and a point under ``en``. Rows are in no order.
- `updated` of tableinfo is Copenhagen's local time without a zone.
- Period codes are ``2020``, ``2020H1``, ``2020K1``, ``2020M01``, ``2020U27`` in every language.
- Errors are status 400 or 404 with ``{"errorTypeCode", "message"}``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import pandas as pd
from pydantic import Field, TypeAdapter

from healthindicators.errors import DataError, Problem, SourceChanged
from healthindicators.formats import Cube, cells, delimited, jsonstat
from healthindicators.formats.instants import instant
from healthindicators.formats.jsontext import BOM
from healthindicators.formats.periods import period
from healthindicators.model import Limits
from healthindicators.protocols import Answered, Ask, Reply, Request, _answers, _codes, _selection
from healthindicators.protocols._selection import Selection
from healthindicators.protocols._statbank_codes import expanded
from healthindicators.protocols._statbank_rows import DECIMAL, VALUE, Filled

_BEGINNING = 1024
_HINTS = {
    "EXTRACT-NOTFOUND": "the table, a variable or a code is gone",
    "EXTRACT-NOTALLOWED": "every variable needs codes",
    "REQUEST-LIMIT": "BULK has no limit, other formats 1,000,000 rows x columns",
    "REQUEST-NOTFOUND": "the address of the service has changed",
}


@dataclass(frozen=True)
class _Value:
    id: str
    text: str = ""


@dataclass(frozen=True)
class _Variable:
    id: str
    listed: Annotated[tuple[_Value, ...], Field(alias="values")]
    text: str = ""
    time: bool = False
    map: str | None = None


@dataclass(frozen=True)
class _Footnote:
    text: str | None = None


@dataclass(frozen=True)
class _Info:
    id: str
    variables: tuple[_Variable, ...]
    text: str = ""
    description: str | None = None
    unit: str | None = None
    suppressed: Annotated[str | int | float | None, Field(alias="suppressedDataValue")] = None
    updated: str | None = None
    active: bool = True
    footnote: _Footnote | None = None


_INFO = TypeAdapter(_Info)


def requests(ask: Ask, answered: Answered) -> tuple[Request, ...]:
    """Return the question for the table's description, and then those for its figures.

    Raises
    ------
    CatalogError
        If a selection is no expression that is known.
    SourceChanged
        If a variable or a code is not there (or a variable is not declared), or the service refuses.
    SourceUnavailable
        If a web page came instead of an answer.
    """
    about = _about(ask)
    if about not in answered:
        return (about,)
    info = _info(ask, answered)
    questions = tuple(_questions(ask, _chosen(ask, info), info))
    for question in questions:
        if question in answered:
            _refuse(answered[question], question.url)
    return (about, *questions)


def limits(ask: Ask, answered: Answered) -> Limits:
    """Return the source's limits: the service tells none."""
    return ask.source.limits


def updated(ask: Ask, answered: Answered) -> str:
    """Return when the table was last changed, in UTC; empty as long as its description is not there."""
    return _utc(_info(ask, answered).updated or "") if _about(ask) in answered else ""


def selected(ask: Ask, answered: Answered) -> dict[str, dict[str, str]]:
    """Return the codes that are asked for, with the service's labels, by declared dimension.

    Raises
    ------
    SourceChanged
        As `requests` does.
    """
    info = _info(ask, answered)
    chosen = _chosen(ask, info)
    labels = {
        name: {value.id: value.text for value in variable.listed}
        for name, variable in _variables(chosen, info).items()
    }
    return {name: {code: labels[name][code] for code in codes} for name, codes in chosen.items()}


def read(ask: Ask, answered: Answered, *, where: str) -> Cube:
    """Return all combinations that were asked for, with those that have no row.

    What a missing row means is known only where the code was in use. So a combination without a row
    has the table's `suppressedDataValue` if each of its codes has another row in the same period. If
    one of them has none in that period, nothing shows that it existed then (a municipality before
    2007), and its cells have no value and the mark ``no-rows``: the country's file says whether that
    is zero or missing there.

    Answers that are not of this conversation (a file kept by hand, in JSONSTAT or CSV) are read as
    they are, one at a time: what has no row there stays away.

    Raises
    ------
    DataError
        With every line that cannot be read, is not what was asked for, or stands twice.
    SourceChanged
        If the table's description is not what was declared.
    """
    if _about(ask) not in answered:
        return _alone(ask, answered, where)
    info = _info(ask, answered)
    chosen = _chosen(ask, info)
    table = Filled(chosen)
    problems: list[Problem] = []
    questions = _questions(ask, chosen, info)
    for number, (question, part) in enumerate(questions.items(), start=1):
        name = where if len(questions) == 1 else f"{where}, part {number}"
        try:
            reply = _answers.reply_to(question, answered)
            _refuse(reply, name)
            table.add(reply.body, part, _language(ask), name)
        except DataError as error:
            problems += error.problems
    if not problems and not table.seen.any():
        problems.append(Problem("there is no row at all", where, None, "select more codes"))
    if problems:
        raise DataError(problems)
    time = _time(_variables(chosen, info))
    values, symbols = table.complete(time, info.suppressed)
    return _described(cells.frame(chosen, values, symbols), chosen, info)


def _language(ask: Ask) -> str:
    return ask.source.language or "en"


def _about(ask: Ask) -> Request:
    body = {"table": ask.table.code, "lang": _language(ask)}
    return Request(f"{ask.source.base.rstrip('/')}/tableinfo", "POST", _text(body))


def _questions(ask: Ask, chosen: Selection, info: _Info) -> dict[Request, Selection]:
    """Return the questions for the figures, each with the codes that it asks for."""
    url = f"{ask.source.base.rstrip('/')}/data"
    own = {name: variable.id for name, variable in _variables(chosen, info).items()}
    found = {}
    for part in _selection.parts(chosen, ask.source.limits.cells):
        body = {
            "table": ask.table.code,
            "lang": _language(ask),
            "format": "BULK",
            "valuePresentation": "Code",
            "variables": [{"code": own[name], "values": sorted(part[name])} for name in part],
        }
        found[Request(url, "POST", _text(body))] = part
    return found


def _text(body: Mapping[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _info(ask: Ask, answered: Answered) -> _Info:
    about = _about(ask)
    reply = answered[about]
    where = f"{about.url} of {ask.table.code}"
    _refuse(reply, where)
    info = _answers.shaped(reply, _INFO, where)
    twice = [
        Problem(f"'{variable.id}' has a code twice", where)
        for variable in info.variables
        if len({value.id for value in variable.listed}) < len(variable.listed)
    ]
    if len({variable.id for variable in info.variables}) < len(info.variables):
        twice.append(Problem("a variable stands twice", where))
    if _codes.folded(info.id) != _codes.folded(ask.table.code):
        twice.append(Problem(f"it describes another table: {info.id}", where))
    if twice:
        raise SourceChanged(twice)
    return info


def _chosen(ask: Ask, info: _Info) -> Selection:
    """Return the codes asked for, by the declared names, variables and codes in the table's order."""
    where = f"table {ask.table.code}"
    declared = {dimension.code: dimension for dimension in ask.table.dimensions}
    own = _codes.same([d.code for d in ask.table.dimensions], [v.id for v in info.variables], where)
    by_own = {spelling: name for name, spelling in own.items()}
    names = [by_own[variable.id] for variable in info.variables]
    chosen, problems = {}, []
    for name, variable in zip(names, info.variables, strict=True):
        codes = [value.id for value in variable.listed]
        chosen[name], found = expanded(declared[name].select, codes, name, variable.time, where)
        problems += found
    problems = problems or cells.too_many(_selection.cells(chosen), where, "select fewer codes")
    if problems:
        raise SourceChanged(problems)
    return chosen


def _time(variables: Mapping[str, _Variable]) -> str:
    """Return the one variable that is said to be time and has periods; nothing if that is unclear."""
    found = [name for name, variable in variables.items() if variable.time]
    codes = [value.id for name in found for value in variables[name].listed]
    return found[0] if len(found) == 1 and all(map(period, codes)) else ""


def _variables(chosen: Selection, info: _Info) -> dict[str, _Variable]:
    return dict(zip(chosen, info.variables, strict=True))


def _refuse(reply: Reply, where: str) -> None:
    """Raise what the service says is wrong, if it does."""
    _answers.refuse_page(reply, where)
    if reply.status == 200 and b'"errorTypeCode"' not in reply.body[:_BEGINNING]:
        return
    said = _answers.excerpt(reply)
    hint = _HINTS.get(said.partition(":")[0], "")
    raise SourceChanged([Problem(f"refused with {reply.status}: {said}", where, None, hint)])


def _alone(ask: Ask, answered: Answered, where: str) -> Cube:
    """Read the one answer that there is, of whatever question."""
    if len(answered) != 1:
        raise DataError([Problem("the table's description is not among the answers", where)])
    (reply,) = answered.values()
    _refuse(reply, where)
    if reply.body[:_BEGINNING].removeprefix(BOM).lstrip().startswith(b"{"):
        return jsonstat.read(reply.body, where=where)
    layout = delimited.Layout("utf-8", ";", DECIMAL.get(_language(ask), ""))
    return delimited.read(reply.body, where=where, value=VALUE, layout=layout)


def _described(frame: pd.DataFrame, chosen: Selection, info: _Info) -> Cube:
    variables = _variables(chosen, info)
    notes = [info.footnote.text if info.footnote else None]
    notes += [] if info.active else ["The table is no longer updated."]
    return Cube(
        frame,
        labels={n: {v.id: v.text for v in variable.listed} for n, variable in variables.items()},
        names={name: variable.text for name, variable in variables.items()},
        units={VALUE: {"base": info.unit}} if info.unit else {},
        roles={
            "time": tuple(name for name, variable in variables.items() if variable.time),
            "geo": tuple(name for name, variable in variables.items() if variable.map),
        },
        title=info.description or info.text,
        updated=_utc(info.updated or ""),
        notes=tuple(note for note in notes if note),
    )


def _utc(local: str) -> str:
    """Return Copenhagen's local time in UTC; what has a zone keeps it, what is no time stays.

    Examples
    --------
    >>> _utc("2025-03-25T08:00:00"), _utc("2025-07-01T08:00:00")
    ('2025-03-25T07:00:00Z', '2025-07-01T06:00:00Z')
    """
    text = instant(local)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if "T" not in text or moment.tzinfo is not None:
        return text
    return instant(moment.replace(tzinfo=ZoneInfo("Europe/Copenhagen")).isoformat())
