"""One conversation with a service, led to its end and resumable at any point.

What is asked is a function of what was answered, so whoever resumes needs the kept answers only. The
first requests (those that can be made knowing nothing) are the service's configuration and the table's
metadata. Kept parts are used only under the same metadata: half a table of yesterday and half of today
is no table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeVar

from healthindicators.errors import Problem, ProblemsError, SourceChanged, SourceError
from healthindicators.protocols import Answered, Ask, Conversation, Request
from healthindicators.snapshots.archive import Arrival
from healthindicators.snapshots.parts import Parts
from healthindicators.snapshots.transport import Transport

E = TypeVar("E", bound=ProblemsError)

OPENING_OLDEST = timedelta(hours=1)
PART_OLDEST = timedelta(days=1)
MOST = 5000
"""Requests that one table may need; 2026-11-22: the largest need some hundred."""


@dataclass(frozen=True)
class Told:
    """Where to say how far a conversation is (answered, known of) and what else is worth saying."""

    advance: Callable[[int, int], None] = field(default=lambda done, known: None)
    say: Callable[[str], None] = field(default=lambda text: None)


class Dialogue:
    """A conversation about one table.

    Parameters
    ----------
    key : str
        Country, source and table, as they are pinned.
    ask : Ask
        What is wanted.
    speaker : Conversation
        The protocol's module.
    transport : Transport
        What sends.
    parts : Parts, optional
        Where answers are kept; nowhere if left out.
    shared : dict, optional
        Opening answers of this run: tables of one service ask some of the same. Filled here.
    told : Told
        Where to tell how far it is.
    """

    def __init__(
        self,
        key: str,
        ask: Ask,
        speaker: Conversation,
        transport: Transport,
        parts: Parts | None = None,
        shared: dict[Request, Arrival] | None = None,
        told: Told = Told(),
    ) -> None:
        self._key = key
        self._ask = ask
        self._speaker = speaker
        self._transport = transport
        self._parts = parts
        self._shared = {} if shared is None else shared
        self._told = told
        self._answered: dict[Request, Arrival] = {}
        self._sound: dict[Request, Arrival] = {}
        self._under = ""

    def whole(self) -> dict[Request, Arrival]:
        """Return all answers, in the order they were asked for.

        Raises
        ------
        ProblemsError
            Mostly a `SourceError`, if one of them is not to be had; what arrived before it is kept.
        WorkspaceError
            If an answer cannot be kept.
        """
        self.opening()
        while waiting := self._waiting():
            self._pace(waiting[0])
            known = len(self._answered) + len(waiting)
            for request in waiting:
                self._told.advance(len(self._answered), known)
                if _refused(self._part(request, known)):
                    break  # the protocol says what it means before more is asked
        self._told.advance(len(self._answered), len(self._answered))
        return self._answered

    def opening(self) -> dict[Request, Arrival]:
        """Return the answers to what can be asked knowing nothing; drop parts kept under others."""
        requests = self._requests()
        for request in requests:
            self._pace(request)
            self._told.advance(len(self._answered), len(requests))
            arrival = self._kept(request) or self._shared.get(request)
            if arrival is None:
                arrival = self._sent(request, len(requests))
            self._keep(request, arrival)
            self._answered[request] = arrival
        self._shared.update((r, a) for r, a in self._answered.items() if not _refused(a))
        self._under = self._mark()
        if self._parts and (dropped := self._parts.settle(self._under)):
            self._told.say(
                f"{self._key}: the table has changed at its provider; "
                f"{dropped} kept answers are asked for again."
            )
        return dict(self._answered)

    def updated(self) -> str:
        """Return when the provider changed the table, as far as the answers so far tell."""
        return updated(self._speaker, self._ask, self.replies)

    @property
    def replies(self) -> Answered:
        """What was answered so far, as protocols know it."""
        return {request: arrival.reply for request, arrival in self._answered.items()}

    def _mark(self) -> str:
        """Return what tells one state of a table from another: its date, or the bytes themselves."""
        state = updated(self._speaker, self._ask, self.replies) or "".join(
            hashlib.sha256(reply.body).hexdigest() for reply in self.replies.values()
        )
        return hashlib.sha256(state.encode()).hexdigest()[:16]

    def _waiting(self) -> tuple[Request, ...]:
        waiting = tuple(r for r in self._requests() if r not in self._answered)
        if len(self._answered) + len(waiting) > MOST:
            what = f"its conversation does not end: more than {MOST} requests"
            raise SourceChanged([Problem(what, self._key)])
        return waiting

    def _requests(self) -> tuple[Request, ...]:
        try:
            found = self._speaker.requests(self._ask, self.replies)
        except ProblemsError as error:
            self._forget()
            raise placed(error, self._key) from error
        self._sound = dict(self._answered)
        return found

    def _forget(self) -> None:
        """Drop the kept answer that ends the conversation: it must not end the next one as well."""
        if self._parts is None:
            return
        since = [request for request in self._answered if request not in self._sound]
        for request in [r for r in since if self._ends(r)] or since:
            self._parts.drop(request)

    def _ends(self, request: Request) -> bool:
        """Return whether one answer alone ends what went on without it."""
        known = {**self._sound, request: self._answered[request]}
        try:
            self._speaker.requests(self._ask, {r: arrival.reply for r, arrival in known.items()})
        except ProblemsError:
            return True
        return False

    def _part(self, request: Request, known: int) -> Arrival:
        arrival = self._kept(request)
        if arrival is None:
            arrival = self._sent(request, known)
            self._keep(request, arrival)
        self._answered[request] = arrival
        return arrival

    def _kept(self, request: Request) -> Arrival | None:
        oldest = PART_OLDEST if self._under else OPENING_OLDEST
        now = self._transport.clock.now()
        return self._parts.find(request, self._under, now, oldest) if self._parts else None

    def _keep(self, request: Request, arrival: Arrival) -> None:
        if self._parts and not _refused(arrival):
            self._parts.keep(request, arrival, self._under)

    def _pace(self, request: Request) -> None:
        limits = self._speaker.limits(self._ask, self.replies)
        self._transport.pace(request.url, limits)

    def _sent(self, request: Request, known: int) -> Arrival:
        number = len(self._answered) + 1
        try:
            return self._transport.send(request)
        except SourceError as error:
            raise placed(error, f"{self._key}, request {number} of {known}") from error


def _refused(arrival: Arrival) -> bool:
    """Return whether an answer is a refusal, which holds for now only and is not kept."""
    return arrival.reply.status >= 400


def updated(speaker: Conversation, ask: Ask, answered: Answered) -> str:
    """Return when the provider changed the table; empty where the protocol cannot tell."""
    tells = getattr(speaker, "updated", None)
    try:
        return str(tells(ask, answered)) if tells and answered else ""
    except ProblemsError:
        return ""  # what is wrong with the answers is told where they are needed


def placed(error: E, where: str) -> E:
    """Return an error whose problems say which table it is about, and which request."""

    def place(problem: Problem) -> str:
        if problem.where.startswith(where):
            return problem.where
        return f"{where}: {problem.where}" if problem.where else where

    return type(error)([replace(problem, where=place(problem)) for problem in error.problems])
