"""Eurostat, Statistics API 1.0 with JSON-stat 2.0, and its answers in SDMX-CSV and TSV.

Quirks, from Eurostat's documentation and recorded or reported answers (read 2026-11-22):

- There is no metadata-only call, so codes are not known before the figures come. What was asked for and
  did not come is told then.
- A key is repeated for several codes; a dimension that is not named comes whole. `geo` and `geoLevel`
  never stand together (400). Time is asked for by periods, or by the first, the last and the number.
- Up to 500,000 cells are answered at once, up to 5,000,000 later, more with 413 and a SOAP fault.
- *Later* is announced inside a 200 by ``warning``; without an id there the same question is asked again
  after a while. With an id its state is SUBMITTED, PROCESSING, AVAILABLE, EXPIRED or UNKNOWN_REQUEST.
- Errors are a list ``{"error": [{"status", "id", "label"}]}``, with status 200 too.
- Values are an object with the cells that exist. A cell that does not exist and has no flag gets
  Eurostat's own mark for that, ``:``. Flags may be combined (``bp``) and stay as they are, beside a
  value or in its place; what is confidential has its own column in SDMX-CSV and is put behind them.
- There are no roles: ``time`` and ``geo`` are what the dimensions of that name are.
- `updated` has an offset without colon.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

import numpy as np
import pandas as pd

from healthindicators.errors import (
    CatalogError,
    DataError,
    Problem,
    SourceChanged,
    SourceUnavailable,
)
from healthindicators.formats import Cube, jsonstat
from healthindicators.model import Dimension, Limits
from healthindicators.protocols import (
    Answered,
    Ask,
    Reply,
    Request,
    _answers,
    _codes,
    _eurostat_text,
)

ABSENT = ":"
WAITS = (2.0, 5.0, 10.0, 20.0, *(60.0,) * 26)
"""Seconds before each look whether a delayed answer is ready: half an hour in all."""
STARTS = 3
"""So often is a question put anew whose answer was ready and then thrown away."""
_STATES = ("SUBMITTED", "PROCESSING", "AVAILABLE", "EXPIRED", "UNKNOWN_REQUEST")
_STATE = re.compile(rf"(?<![A-Z_])({'|'.join(_STATES)})(?![A-Z_])")
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_QUEUED = re.compile(rb"<(?:\w+:)?queued\b")
_TIME = "time"
_GEO = "geo"
_LEVEL = "geoLevel"
_PERIODS = re.compile(r"(?:>=([\w-]+))?(?:<=([\w-]+))?")
_LAST = re.compile(r"last\((\d+)\)")


@dataclass(frozen=True)
class _Step:
    """Where a conversation is: what is asked next, or the answer that has the figures."""

    asked: tuple[Request, ...]
    figures: Reply | None = None


def requests(ask: Ask, answered: Answered) -> tuple[Request, ...]:
    """Return the question, then the looks whether it is answered, then the call for the answer.

    Raises
    ------
    CatalogError
        If a selection cannot be understood, or geos are chosen by codes and by level.
    SourceChanged
        If Eurostat refuses, or answers in no way that is known.
    SourceUnavailable
        If the answer did not get ready, or a web page came instead.
    """
    return _led(ask, answered).asked


def limits(ask: Ask, answered: Answered) -> Limits:
    """Return the source's limits: the service tells none."""
    return ask.source.limits


def read(ask: Ask, answered: Answered, *, where: str) -> Cube:
    """Return all cells; ``:`` where nothing was said of one.

    Raises
    ------
    DataError
        With everything that cannot be read.
    SourceChanged
        If other dimensions or codes came than were asked for.
    """
    figures = _led(ask, answered).figures
    if figures is None:
        raise DataError([Problem("the figures are not among the answers", where)])
    start = figures.body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start == b"{":
        cube = jsonstat.read(figures.body, where=where)
    else:
        cube = _eurostat_text.read(figures.body, where=where)
    _refuse_others(ask, cube, where)
    roles = {"time": (_TIME,), "geo": (_GEO,)}
    here = {name: codes for name, codes in roles.items() if codes[0] in cube.dimensions}
    return replace(cube, cells=_marked(cube.cells), roles=cube.roles or here)


def _led(ask: Ask, answered: Answered) -> _Step:
    """Return how far the conversation has come."""
    asked: list[Request] = []
    base = ask.source.base.rstrip("/")
    for start in range(STARTS):
        question = Request(_address(ask), wait=WAITS[start] if start else 0.0, attempt=start)
        step = _question(question, base, answered)
        asked += step.asked
        if step.figures is not None or step.asked[-1] not in answered:
            return _Step(tuple(asked), step.figures)
    raise SourceUnavailable(
        [Problem("the answer was ready and gone, again and again", _address(ask))]
    )


def _question(question: Request, base: str, answered: Answered) -> _Step:
    """Follow one question to its figures, or to where its answer has expired."""
    asked = [question]
    for attempt, wait in enumerate(WAITS, start=1):
        last = asked[-1]
        if last not in answered:
            return _Step(tuple(asked))
        delayed, id = _delayed(answered[last], last.url)
        if not delayed:
            return _Step(tuple(asked), answered[last])
        if id:
            return _polled(asked, f"{base}/1.0/async", id, answered)
        asked.append(replace(question, wait=wait, attempt=question.attempt + STARTS * attempt))
    raise _not_ready(question.url)


def _polled(asked: list[Request], base: str, id: str, answered: Answered) -> _Step:
    """Look until the answer with this id is ready, and call for it."""
    url = f"{base}/status/{quote(id, safe='')}"
    for attempt, wait in enumerate(WAITS):
        asked.append(Request(url, wait=wait, attempt=attempt))
        if asked[-1] not in answered:
            return _Step(tuple(asked))
        state = _state(answered[asked[-1]], url)
        if state in ("EXPIRED", "UNKNOWN_REQUEST"):
            return _Step(tuple(asked))
        if state == "AVAILABLE":
            asked.append(Request(f"{base}/data/{quote(id, safe='')}"))
            reply = answered.get(asked[-1])
            if reply is not None:
                _refuse(reply, asked[-1].url)
            return _Step(tuple(asked), reply)
    raise _not_ready(url)


def _not_ready(url: str) -> SourceUnavailable:
    return SourceUnavailable([Problem(f"not ready after {len(WAITS)} looks", url)])


def _delayed(reply: Reply, where: str) -> tuple[bool, str]:
    """Return whether an answer only says that figures will come, and the id to ask for them by.

    Raises what the service says is wrong, if it does.
    """
    said = _refuse(reply, where)
    warnings = _listed(said, "warning")
    if not warnings:
        queued = _QUEUED.search(reply.body[:5000])
        found = _ID.search(reply.body[:5000].decode("utf-8", "replace")) if queued else None
        return queued is not None, found[0] if found else ""
    text = json.dumps(warnings)
    if "ASYNCHRONOUS" not in text.upper():
        raise SourceChanged([Problem(f"a warning instead of figures: {text[:300]}", where)])
    ids = sorted(set(_ID.findall(text)))
    if len(ids) > 1:
        raise SourceChanged([Problem(f"a warning with several ids: {text[:300]}", where)])
    return True, ids[0] if ids else ""


def _state(reply: Reply, where: str) -> str:
    """Return the state of a delayed answer, in whatever format it is told."""
    _answers.refuse_page(reply, where)
    found = sorted(set(_STATE.findall(reply.body.decode("utf-8", "replace"))))
    if len(found) != 1:
        raise SourceChanged([Problem(f"no state that is known: {_answers.excerpt(reply)}", where)])
    return str(found[0])


def _refuse(reply: Reply, where: str) -> Mapping[str, object]:
    """Return what an answer in JSON says; raise what the service says is wrong."""
    _answers.refuse_page(reply, where)
    body = reply.body.removeprefix(b"\xef\xbb\xbf").lstrip()
    # The figures themselves are read once, later: only what is small can be a refusal.
    small = len(body) < 20_000 or b'"dimension"' not in body
    said = _json(reply, where) if body[:1] == b"{" and small else {}
    errors = _listed(said, "error")
    problems = [_problem(error, where) for error in errors]
    if b"EXTRACTION_TOO_BIG" in body[:5000] and not problems:
        problems.append(Problem("too large for Eurostat", where, None, "select fewer codes"))
    fault = body[:1] == b"<" and not _QUEUED.search(body[:5000])
    if (reply.status != 200 or fault) and not problems:
        problems.append(Problem(f"status {reply.status}: {_answers.excerpt(reply)}", where))
    if any(_number(error) >= 500 for error in errors):
        raise SourceUnavailable(problems)
    if problems:
        raise SourceChanged(problems)
    return said


def _json(reply: Reply, where: str) -> Mapping[str, object]:
    said = _answers.told(reply, where)
    return said if isinstance(said, dict) else {}


def _listed(said: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    """Return errors or warnings, which come as a list or alone."""
    found = said.get(key)
    items = found if isinstance(found, list) else [found] if found else []
    return [item if isinstance(item, dict) else {"label": str(item)} for item in items]


def _number(error: Mapping[str, object]) -> int:
    status = str(error.get("status"))
    return int(status) if status.isdecimal() else 0


def _problem(error: Mapping[str, object], where: str) -> Problem:
    label = str(error.get("label", ""))
    large = _number(error) == 413 or "TOO_BIG" in label.upper()
    hint = "select fewer codes" if large else ""
    return Problem(
        f"error {error.get('id', '')} ({error.get('status', '')}): {label}", where, None, hint
    )


def _address(ask: Ask) -> str:
    """Return the address of the question: keys and codes in order, so that it is always the same."""
    keys: list[tuple[str, str]] = [
        ("format", "JSON"),
        ("lang", (ask.source.language or "en").upper()),
    ]
    names = [dimension.code for dimension in ask.table.dimensions]
    if len(set(names)) < len(names) or _LEVEL in names:
        hint = "geos by level are the dimension 'geo' with the filter 'geoLevel'"
        what = f"the dimensions are {', '.join(names)}"
        raise CatalogError([Problem(what, ask.table.id, None, hint)])
    for dimension in sorted(ask.table.dimensions, key=lambda d: d.code):
        keys += list(_keys(dimension, ask.table.id))
    code = quote(ask.table.code, safe="")
    base = ask.source.base.rstrip("/")
    return f"{base}/statistics/1.0/data/{code}?{urlencode(keys, safe='-_.')}"


def _keys(dimension: Dimension, where: str) -> Iterator[tuple[str, str]]:
    if dimension.filter and (dimension.code, dimension.filter) != (_GEO, _LEVEL):
        what = f"'{dimension.filter}' is no filter of '{dimension.code}'"
        raise CatalogError([Problem(what, where, None, "only geo has one, geoLevel")])
    if "*" in dimension.select:
        return
    if dimension.code == _TIME and any(c[:1] in "<>" or "(" in c for c in dimension.select):
        yield from _period_keys(dimension, where)
        return
    strange = [code for code in dimension.select if not re.fullmatch(r"[\w.+-]+", code, re.ASCII)]
    if strange or not dimension.select:
        hint = "codes, *, and in time >=2015, <=2023, >=2015<=2023, last(5)"
        what = f"no selection of '{dimension.code}': {', '.join(strange) or 'nothing'}"
        raise CatalogError([Problem(what, where, None, hint)])
    for code in sorted(set(dimension.select)):
        yield dimension.filter or dimension.code, code


def _period_keys(dimension: Dimension, where: str) -> Iterator[tuple[str, str]]:
    written = dimension.select[0]
    last, bounds = _LAST.fullmatch(written), _PERIODS.fullmatch(written)
    if len(dimension.select) > 1 or not (last or bounds):
        hint = "one of >=2015, <=2023, >=2015<=2023, last(5)"
        what = f"no selection of time: {', '.join(dimension.select)}"
        raise CatalogError([Problem(what, where, None, hint)])
    if last:
        yield "lastTimePeriod", last[1]
    elif bounds:
        if bounds[1]:
            yield "sinceTimePeriod", bounds[1]
        if bounds[2]:
            yield "untilTimePeriod", bounds[2]


def _refuse_others(ask: Ask, cube: Cube, where: str) -> None:
    """Refuse other dimensions and codes than were asked for."""
    own = {_codes.folded(code): code for code in cube.dimensions}
    _codes.same([d.code for d in ask.table.dimensions], cube.dimensions, where)
    problems = []
    for dimension in ask.table.dimensions:
        plain = [c for c in dimension.select if c != "*" and c[:1] not in "<>" and "(" not in c]
        if "*" in dimension.select or dimension.filter or len(plain) < len(dimension.select):
            continue
        here = list(cube.cells[own[_codes.folded(dimension.code)]].cat.categories)
        problems += [
            _codes.unknown(code, here, dimension.code, where) for code in plain if code not in here
        ]
        others = [code for code in here if code not in plain]
        problems += [
            Problem(f"'{dimension.code}' has {code}, which was not asked for", where)
            for code in others
        ]
    if problems:
        raise SourceChanged(problems)


def _marked(frame: pd.DataFrame) -> pd.DataFrame:
    """Return cells with ``:`` where there is neither value nor flag."""
    symbol = frame["symbol"]
    if ABSENT not in symbol.cat.categories:
        symbol = symbol.cat.add_categories([ABSENT])
    nothing = np.isnan(frame["value"].to_numpy()) & (symbol == "").to_numpy()
    return frame.assign(symbol=symbol.where(~nothing, ABSENT))
