"""What both generations of PxWeb share: refusals, parts of a request, and parts made one.

Seen until 2026-11: too many cells is 400 or 403, told by its text only; 400 may hide a 404 that stands
in the body; a web page may come with status 200 when a service is down.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from math import prod
from urllib.parse import quote

import numpy as np
import orjson
import pandas as pd

from healthindicators.errors import DataError, Problem, SourceChanged
from healthindicators.formats import Cube
from healthindicators.formats.axes import whole
from healthindicators.formats.cells import categorical
from healthindicators.formats.jsontext import BOM
from healthindicators.model import Dimension, Limits
from healthindicators.protocols import Answered, Reply, Request
from healthindicators.protocols._answers import excerpt, refuse_page
from healthindicators.protocols._codes import folded, known, near
from healthindicators.protocols._selection import Selection, cells, parts

_GONE = (404, 410)
_TOO_LARGE = re.compile(rb"too many (cells|values)", re.IGNORECASE)

FEW_CELLS = 10_000
"""The limit of a server that tells none, as the source of PxWebApi 2 has it (2026-11)."""


def address(base: str, *path: str) -> str:
    """Return an address; letters beyond ASCII in ids are written as UTF-8 per cent."""
    tail = "/".join(quote(part, safe="/") for part in path)
    return f"{base.rstrip('/')}/{tail}"


def said(reply: Reply) -> Mapping[str, object]:
    """Return the object in a reply, or an empty one where it is no JSON."""
    try:
        tree = orjson.loads(reply.body.removeprefix(BOM))
    except orjson.JSONDecodeError:
        return {}
    return tree if isinstance(tree, dict) else {}


def limits_told(reply: Reply | None, cells: str, calls: str, own: Limits) -> Limits:
    """Return limits as a configuration tells them under these names, else those of the source.

    Where neither tells how many cells, it is `FEW_CELLS`; a service that tells 0 has no limit.
    """
    config = said(reply) if reply is not None and reply.status == 200 else {}
    most, often, window = (whole(config.get(name)) for name in (cells, calls, "timeWindow"))
    told = often is not None and window is not None
    return Limits(
        cells=(own.cells or FEW_CELLS) if most is None else most,
        calls=often if told and often is not None else own.calls,
        seconds=float(window) if told and window is not None else own.seconds,
    )


def is_too_large(reply: Reply) -> bool:
    """Return whether a reply says that too many cells were asked for."""
    told = reply.status in (400, 403) and _TOO_LARGE.search(reply.body) is not None
    return told or reply.status == 413


def check(reply: Reply, where: str) -> Reply:
    """Return a reply that is an answer.

    Raises
    ------
    SourceUnavailable, SourceChanged
        If it is not.
    """
    if reply.status == 200:
        refuse_page(reply, where)
        return reply
    if reply.status in _GONE or whole(said(reply).get("status")) in _GONE:
        hint = "it may have been renamed, split or closed"
        raise SourceChanged([Problem(f"no longer there: {excerpt(reply)}", where, None, hint)])
    raise SourceChanged([Problem(f"refused with {reply.status}: {excerpt(reply)}", where)])


def asked(
    selection: Selection,
    most: int,
    ask: Callable[[Selection], Request],
    answered: Answered,
    *,
    last: Iterable[str],
    where: str,
) -> tuple[list[Request], list[tuple[Selection, Request]]]:
    """Return the requests that were refused as too large, and those that are the whole together.

    Where a part was too large, all are made smaller than half of it.

    Raises
    ------
    SourceUnavailable, SourceChanged
        If a part was refused for another reason, or one cell is too many.
    """
    refused: list[Request] = []
    while True:
        found = [(part, ask(part)) for part in parts(selection, most, last=last)]
        large = [
            (part, request)
            for part, request in found
            if request in answered and is_too_large(answered[request])
        ]
        if not large:
            break
        refused += [request for _, request in large]
        least = min(cells(part) for part, _ in large)
        if least < 2:
            raise SourceChanged([Problem("refused as too large, with one cell", where)])
        most = least // 2
    for number, (_, request) in enumerate(found, start=1):
        if request in answered:
            check(answered[request], f"{where}, part {number} of {len(found)}")
    return refused, found


def spelled(
    dimensions: Sequence[Dimension], offered: Mapping[str, bool], hint: str, where: str
) -> dict[str, str]:
    """Return the service's own spelling of each declared dimension.

    `offered` tells of each dimension of the service whether it may be left out, and `hint` what comes
    of leaving out one that may not.

    Raises
    ------
    SourceChanged
        With every dimension that is not there, and every mandatory one that is not declared.
    """
    own = {d.code: known(d.code, list(offered)) for d in dimensions}
    problems = [
        Problem(f"there is no dimension {code!r}", where, None, near(code, list(offered)))
        for code, theirs in own.items()
        if theirs is None
    ]
    problems += [
        Problem(f"mandatory dimension {code!r} is not declared", where, None, f"declare it: {hint}")
        for code, is_optional in offered.items()
        if not is_optional and code not in own.values()
    ]
    if problems:
        raise SourceChanged(problems)
    return {code: theirs for code, theirs in own.items() if theirs is not None}


def select(
    dimensions: Iterable[Dimension], one: Callable[[Dimension], tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Return the codes that `one` selects of each dimension.

    Raises
    ------
    SourceChanged
        With the problems of all of them.
    """
    selection: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for dimension in dimensions:
        try:
            selection[dimension.code] = one(dimension)
        except SourceChanged as error:
            problems += error.problems
    if problems:
        raise SourceChanged(problems)
    return selection


def together(cubes: Sequence[Cube], selections: Sequence[Selection], where: str) -> Cube:
    """Return parts as one cube that is exactly what was asked for.

    `selections` has, for each part, the codes asked for by dimension as we call it; no codes stand for
    whichever there are. A dimension of one code that was not asked for is left out: PxWeb adds one
    for contents that were eliminated.

    Raises
    ------
    SourceChanged
        If a part has other codes than asked for, or the table changed between two parts.
    """
    named = [_named(cube, tuple(part)) for cube, part in zip(cubes, selections, strict=True)]
    problems = [
        problem
        for number, (cube, part) in enumerate(zip(named, selections, strict=True), start=1)
        for problem in _difference(cube, part, f"{where}, part {number} of {len(named)}")
    ]
    problems += _changed(named, selections, where)
    if problems:
        raise SourceChanged(problems)
    first = named[0]
    if len(named) == 1:
        return first
    return replace(
        first,
        cells=_stacked([cube.cells for cube in named]),
        labels={
            name: {code: text for cube in named for code, text in cube.labels.get(name, {}).items()}
            for name in first.labels
        },
        units={code: unit for cube in named for code, unit in cube.units.items()},
        updated=max(cube.updated for cube in named),
        notes=tuple(dict.fromkeys(note for cube in named for note in cube.notes)),
    )


def _named(cube: Cube, names: Sequence[str]) -> Cube:
    """Return a cube with its dimensions called as the country's table calls them."""
    ours = {folded(name): name for name in names}
    new = {theirs: ours.get(folded(theirs), theirs) for theirs in cube.dimensions}
    single = [n for n in new.values() if n not in names and _count(cube, n) == 1]
    table = cube.cells.rename(columns=new).drop(columns=single)
    kept = {theirs: name for theirs, name in new.items() if name not in single}
    return replace(
        cube,
        cells=table,
        labels={kept[d]: labels for d, labels in cube.labels.items() if d in kept},
        names={kept[d]: label for d, label in cube.names.items() if d in kept},
        roles={
            role: tuple(kept[d] for d in dimensions if d in kept)
            for role, dimensions in cube.roles.items()
        },
    )


def _count(cube: Cube, name: str) -> int:
    return len(cube.cells[name].cat.categories) if name in cube.cells else 0


def _difference(cube: Cube, part: Selection, where: str) -> list[Problem]:
    """Return what a part has more or less than was asked for."""
    problems = [
        Problem(f"dimension {name!r} was asked for and did not come", where)
        for name in part
        if name not in cube.dimensions
    ]
    problems += [
        Problem(f"dimension {name!r} came and was not asked for", where)
        for name in cube.dimensions
        if name not in part
    ]
    if problems:
        return problems
    for name, codes in part.items():
        came = set(cube.cells[name].cat.categories)
        absent = [code for code in codes if code not in came]
        more = sorted(came - set(codes)) if codes else []
        if absent or more:
            what = f"{len(absent)} codes did not come, {len(more)} came and were not asked for"
            hint = ", ".join([*absent, *more][:8])
            problems.append(Problem(what, f"{where}, dimension {name}", None, hint))
    expected = prod(len(cube.cells[name].cat.categories) for name in part)
    if not problems and len(cube.cells) != expected:
        problems.append(Problem(f"{len(cube.cells)} cells instead of {expected}", where))
    return problems


def _changed(cubes: Sequence[Cube], selections: Sequence[Selection], where: str) -> list[Problem]:
    """Return a problem where parts of the same contents were updated at different times.

    `updated` is that of the newest contents in a reply (PxWebApi 2, read 2026-11), so parts with
    different contents may differ.
    """
    metrics = {name for cube in cubes for name in cube.roles.get("metric", ())}
    moments: dict[tuple[tuple[str, ...], ...], set[str]] = {}
    for cube, part in zip(cubes, selections, strict=True):
        contents = tuple(codes for name, codes in part.items() if name in metrics)
        moments.setdefault(contents, set()).add(cube.updated)
    hint = "take it again"
    return [
        Problem(f"it changed while it was fetched: {', '.join(sorted(m))}", where, None, hint)
        for m in moments.values()
        if len(m) > 1
    ]


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames below each other, with the codes of all of them in each column."""
    columns: dict[str, object] = {}
    for name in frames[0].columns:
        column = [frame[name] for frame in frames]
        if name == "value":
            columns[name] = np.concatenate([values.to_numpy() for values in column])
            continue
        words = list(dict.fromkeys(w for values in column for w in values.cat.categories))
        place = {word: number for number, word in enumerate(words)}
        codes = [
            np.array([place[w] for w in values.cat.categories], dtype=np.int32)[values.cat.codes]
            for values in column
        ]
        columns[name] = categorical(np.concatenate(codes), words)
    return pd.DataFrame(columns, copy=False)


def complete(requests: Sequence[Request], answered: Answered, where: str) -> None:
    """Refuse to read what has not been answered wholly.

    Raises
    ------
    DataError
        With how many requests have no answer.
    """
    open_ = [request for request in requests if request not in answered]
    if open_:
        what = f"{len(open_)} of {len(requests)} requests have no answer"
        raise DataError([Problem(what, where, None, open_[0].url)])
