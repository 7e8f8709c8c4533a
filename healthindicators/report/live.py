"""Whether services have the tables that country folders declare: the doing of ``check --live``.

Of each table it is told what its file says of it (held against recorded metadata, or `unverified`
and why) and what its service says now: that the table is there, with the dimensions and codes
declared. A conversation is led as far as its questions about the table go, and stopped before figures
are asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass

from healthindicators import countries, snapshots
from healthindicators.errors import (
    HealthIndicatorsError,
    Problem,
    ProblemsError,
    SourceChanged,
    SourceOffline,
    SourceUnavailable,
)
from healthindicators.fetching.tables import Bound, live
from healthindicators.model import Source
from healthindicators.protocols import Reply, Request
from healthindicators.report.checking import CheckError
from healthindicators.workspace import Workspace

Answering = Callable[[Request, Source], Reply]
"""Asks a service one question, as politely as the source's limits want."""

STAGES = 20
"""So often may answers lead to further questions about a table; 2026-11-22: twice at most."""

AS_DECLARED = "as declared"
OTHERWISE = "not as declared"
NOT_ASKED = "could not be asked"


@dataclass(frozen=True)
class Finding:
    """What a service says of a table, and the problems in it."""

    outcome: str
    detail: str
    problems: tuple[Problem, ...] = ()


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
    """
    pins = snapshots.read_lock(workspace).pins
    answered: dict[Request, Reply] = {}
    silent: dict[str, Finding] = {}
    problems: list[Problem] = []
    count: Counter[str] = Counter()
    for bound in live():
        # A service that does not answer is not asked for its other tables, and told of once.
        finding = silent.get(bound.source.base) or _found(bound, ask, answered)
        if finding.outcome == NOT_ASKED:
            silent[bound.source.base] = finding
        problems += finding.problems
        count[finding.outcome] += 1
        pinned = ", pinned" if bound.key in pins else ""
        yield f"{bound.key} ({bound.table.code}{pinned}): {_held(bound)}; {finding.detail}."
    yield from _unbound()
    told = [f"{count[o]} {o}" for o in (AS_DECLARED, OTHERWISE, NOT_ASKED) if count[o]]
    yield f"Tables of services: {', '.join(told) or 'none'}."
    if problems:
        raise CheckError(list(dict.fromkeys(problems)))


def _held(bound: Bound) -> str:
    reason = bound.table.unverified
    return f"unverified, for {reason}" if reason else "verified against recorded metadata"


def _unbound() -> Iterator[str]:
    for home in countries.load().values():
        for indicator, reason in home.country.unbound.items():
            yield f"{home.country.id}/{indicator}: no live table; {reason}."


def _found(bound: Bound, ask: Answering, answered: MutableMapping[Request, Reply]) -> Finding:
    try:
        left = _opened(bound, ask, answered)
    except (SourceUnavailable, SourceOffline) as error:
        return _failed(bound, NOT_ASKED, error)
    except HealthIndicatorsError as error:
        return _failed(bound, OTHERWISE, error)
    number = f"{left} question{'' if left == 1 else 's'} would fetch it"
    return Finding(AS_DECLARED, f"{AS_DECLARED} at the service, {number}")


def _failed(bound: Bound, outcome: str, error: HealthIndicatorsError) -> Finding:
    found = error.problems if isinstance(error, ProblemsError) else (Problem(str(error)),)
    placed = tuple(Problem(f"{bound.key}: {p.what}", p.where, p.line, p.hint) for p in found)
    return Finding(outcome, f"{outcome}: {'; '.join(map(str, found))}", placed)


def _opened(bound: Bound, ask: Answering, answered: MutableMapping[Request, Reply]) -> int:
    """Ask all that is about the table, and return how many questions for figures are next.

    What is wrong with the table is raised by the protocol, when it puts these together.
    """
    opening = set(bound.speaker.requests(bound.ask, {}))
    own: dict[Request, Reply] = {}
    for _ in range(STAGES):
        waiting = [r for r in bound.speaker.requests(bound.ask, own) if r not in own]
        about = [request for request in waiting if _is_about(request, opening)]
        if not about:
            return len(waiting)
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
