"""Whether services have the tables that country folders declare: the doing of ``check --live``.

Of each table it is told what its file says of it (held against recorded metadata, or `unverified`
and why) and what its service says now: that the table is there, with the dimensions and codes
declared, and that a build would know every code that would come. A conversation is led as far as its
questions about the table go, and stopped before figures are asked for. No program can see that a code
means what we take it for, so an unverified table is told with the labels that its service gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass

import pandas as pd

from healthindicators import countries, geography, snapshots
from healthindicators.errors import (
    HealthIndicatorsError,
    Problem,
    ProblemsError,
    SourceChanged,
    SourceOffline,
    SourceUnavailable,
    nearest,
)
from healthindicators.fetching.arrive import raise_worst
from healthindicators.fetching.tables import Bound, live
from healthindicators.formats import periods
from healthindicators.ingest.cells import meaning
from healthindicators.model import Source
from healthindicators.protocols import Reply, Request
from healthindicators.report.checking import CheckError
from healthindicators.workspace import Workspace

Answering = Callable[[Request, Source], Reply]
"""Asks a service one question, as politely as the source's limits want."""

STAGES = 20
"""So often may answers lead to further questions about a table; 2026-11-22: twice at most."""

FEW = 8
"""Of so many codes labels are told: whoever declared more gave each a word, and would look in vain."""

LABELLED = ("single", "topic", "measure", "sex", "age", "stratum")

Selected = Mapping[str, Mapping[str, str]]
"""The codes that would be asked for, with the service's labels, by dimension."""

AS_DECLARED = "as declared"
OTHERWISE = "not as declared"
NOT_ASKED = "could not be asked"


@dataclass(frozen=True)
class Finding:
    """What a service says of a table, and what is wrong with it."""

    outcome: str
    detail: str
    error: ProblemsError | None = None


def check_live(workspace: Workspace, ask: Answering) -> Iterator[str]:
    """Yield a line for every table of a service, and for every indicator that none feeds.

    Parameters
    ----------
    workspace : Workspace
        Its lock tells which tables are pinned.
    ask : callable
        Takes a request and the source it goes to, and returns the reply.

    Raises
    ------
    CheckError
        At the end, with everything that is not as declared and every service that did not answer.
    SourceOffline, SourceUnavailable
        Where nothing is wrong but that services did not answer.
    """
    pins = snapshots.read_lock(workspace).pins
    answered: dict[Request, Reply] = {}
    silent: dict[str, str] = {}
    findings: list[Finding] = []
    for bound in live():
        # A service that does not answer is not asked for its other tables, and told of once.
        base = bound.source.base
        if base in silent:
            found = Finding(NOT_ASKED, f"{NOT_ASKED}, no more than {silent[base]}")
        else:
            found = _found(bound, ask, answered)
        if found.outcome == NOT_ASKED:
            silent.setdefault(base, bound.key)
        findings.append(found)
        pinned = ", pinned" if bound.key in pins else ""
        yield f"{bound.key} ({bound.table.code}{pinned}): {_held(bound)}; {found.detail}."
    yield from _unbound()
    count = Counter(found.outcome for found in findings)
    told = [f"{count[o]} {o}" for o in (AS_DECLARED, OTHERWISE, NOT_ASKED) if count[o]]
    yield f"Tables of services: {', '.join(told) or 'none'}."
    raise_worst(findings)


def _held(bound: Bound) -> str:
    reason = bound.table.unverified
    return f"unverified, for {reason}" if reason else "verified against recorded metadata"


def _unbound() -> Iterator[str]:
    for home in countries.load().values():
        for indicator, reason in home.country.unbound.items():
            yield f"{home.country.id}/{indicator}: no live table; {reason}."


def _found(bound: Bound, ask: Answering, answered: MutableMapping[Request, Reply]) -> Finding:
    try:
        left, selected = _opened(bound, ask, answered)
        if unread := list(_unread(bound, selected)):
            raise CheckError(unread)
    except (SourceUnavailable, SourceOffline) as error:
        return _failed(bound, NOT_ASKED, error.problems, type(error))
    except HealthIndicatorsError as error:
        found = error.problems if isinstance(error, ProblemsError) else (Problem(str(error)),)
        return _failed(bound, OTHERWISE, found, CheckError)
    number = f"{left} question{'' if left == 1 else 's'} would fetch it"
    labels = _labels(bound, selected) if bound.table.unverified else ""
    look = f"; look whether these are what is meant: {labels}" if labels else ""
    return Finding(AS_DECLARED, f"{AS_DECLARED} at the service, {number}{look}")


def _failed(
    bound: Bound, outcome: str, found: Sequence[Problem], kind: type[ProblemsError]
) -> Finding:
    placed = [Problem(f"{bound.key}: {p.what}", p.where, p.line, p.hint) for p in found]
    return Finding(outcome, f"{outcome}: {'; '.join(map(str, found))}", kind(placed))


def _unread(bound: Bound, selected: Selected) -> Iterator[Problem]:
    """Yield the codes that the service would send and a build would not know."""
    where = f"table {bound.table.code}"
    for dimension in bound.table.dimensions:
        codes, problems = meaning(selected.get(dimension.code, ()), dimension, where)
        yield from problems
        if dimension.role == "period":
            for code in (code for code, word in codes.items() if periods.period(word) is None):
                yield Problem(f"'{code}' of {dimension.code} is no period", where)
        if dimension.role == "geo" and codes:
            yield from _unknown_geos(bound, codes, where)


def _unknown_geos(bound: Bound, codes: Mapping[str, str], where: str) -> Iterator[Problem]:
    register = geography.load(bound.country.id)
    own = bound.source.geo_codes
    geos = pd.Series(
        {c: own.get(w, f"{register.country}-{w}") for c, w in codes.items()}, dtype="str"
    )
    known = register.known(geos)
    if bound.table.codes_of is not None:
        known &= register.valid(geos, pd.Series(bound.table.codes_of, index=geos.index))
    for code, geo in geos[~known].items():
        near = ", ".join(nearest(geo, register.by_id))
        yield Problem(f"'{code}' is no geo in the register", where, None, near)


def _labels(bound: Bound, selected: Selected) -> str:
    """Return what the service calls the codes that were chosen for what they mean."""
    told = [
        f"{d.code} " + ", ".join(f"{code} '{text}'" for code, text in selected[d.code].items())
        for d in bound.table.dimensions
        if d.role in LABELLED and len(selected.get(d.code, ())) in range(1, FEW + 1)
    ]
    return "; ".join(told)


def _opened(
    bound: Bound, ask: Answering, answered: MutableMapping[Request, Reply]
) -> tuple[int, Selected]:
    """Ask all that is about the table; return how many questions for figures are next, and the codes.

    What is wrong with the table is raised by the protocol, when it puts these together.
    """
    opening = set(bound.speaker.requests(bound.ask, {}))
    own: dict[Request, Reply] = {}
    for _ in range(STAGES):
        waiting = [r for r in bound.speaker.requests(bound.ask, own) if r not in own]
        about = [request for request in waiting if _is_about(request, opening)]
        if not about:
            tells = getattr(bound.speaker, "selected", None)
            return len(waiting), tells(bound.ask, own) if tells else {}
        for request in about:
            # Tables of one service ask some of the same.
            if request not in answered:
                answered[request] = ask(request, bound.source)
            own[request] = answered[request]
    what = f"questions about it do not end, after {STAGES} rounds"
    raise SourceChanged([Problem(what, bound.key)])


def _is_about(request: Request, opening: set[Request]) -> bool:
    """Return whether a question is about the table, as all are that can be asked knowing nothing."""
    return request.about or request in opening
