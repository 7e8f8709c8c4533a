"""How a service is asked politely: at its own pace, again after a fault, and never without end.

Too many calls (429), faults of a server (5xx, 408) and broken connections are asked again, later each
time and never earlier than the service says; every other status is an answer. One question
is asked at a time. A redirect is followed on the same host only.
"""

from __future__ import annotations

import random
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from typing import NoReturn
from urllib.parse import urljoin, urlsplit

import healthindicators
from healthindicators.errors import (
    Problem,
    SourceChanged,
    SourceError,
    SourceOffline,
    SourceUnavailable,
)
from healthindicators.formats.refusals import is_page, said
from healthindicators.model import Limits
from healthindicators.protocols import Reply, Request
from healthindicators.snapshots.archive import Arrival
from healthindicators.snapshots.wire import Answer, Bounds, BrokenError, Wire, address

AGAIN = frozenset({408, 425, 429, *range(500, 600)}) - {501, 505}
"""What another time may answer better; what a server cannot do at all (501, 505) it never will."""
BUSY = frozenset({429, 503})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
KEEPS_METHOD = frozenset({307, 308})
AGENT = (
    f"healthindicators/{healthindicators.__version__} (public-health profiles of municipalities)"
)

GENTLE = Limits(calls=5, seconds=1.0)
"""The pace where a service tells none: other clients of Kolada keep to it (2026-11-22)."""


@dataclass(frozen=True)
class Clock:
    """What time it is (in UTC), how long something takes, and how to wait; tests bring their own."""

    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


@dataclass(frozen=True)
class Patience:
    """How often and how long one question is asked, in seconds.

    The pause after the first fault is `first`, doubled each time up to `widest`, less up to a half by
    chance. A service that asks for more than `longest` is believed, and not waited for.
    """

    tries: int = 6
    first: float = 2.0
    widest: float = 60.0
    longest: float = 300.0
    total: float = 1200.0


class Transport:
    """Asks services, one question at a time.

    Parameters
    ----------
    wire : Wire
        What carries one question.
    clock : Clock
        Time, for pauses.
    patience : Patience
        When to give up.
    allowed : frozenset of str
        Hosts that a redirect may lead to, besides the one that was asked.
    """

    def __init__(
        self,
        wire: Wire | None = None,
        clock: Clock = Clock(),
        patience: Patience = Patience(),
        allowed: frozenset[str] = frozenset(),
    ) -> None:
        self.clock = clock
        self._wire = wire or Wire(Bounds())
        self._patience = patience
        self._allowed = allowed
        self._limits: dict[str, Limits] = {}
        self._ended: dict[str, deque[float]] = {}
        self._silent: dict[str, SourceError] = {}

    def pace(self, url: str, limits: Limits) -> None:
        """From now on ask the host of `url` no faster than `limits` allow."""
        self._limits[host_of(url)] = limits if limits.calls and limits.seconds else GENTLE

    def send(self, request: Request) -> Arrival:
        """Return the answer to a request, whatever the service says in it.

        Raises
        ------
        SourceUnavailable
            If the service stays busy, broken or silent, or shows a web page in place of an answer.
        SourceOffline
            If there is no way to it.
        SourceChanged
            If it is not who it says, leads elsewhere, or sends more than any table holds.
        """
        address(request.url)
        host = host_of(request.url)
        if host in self._silent:
            raise self._silent[host]
        began = self.clock.monotonic()
        if request.wait:
            self.clock.sleep(request.wait)
        for number in count(1):
            outcome = self._once(request)
            if isinstance(outcome, Arrival):
                return outcome
            wait = self._pause(number, outcome, host)
            left = self._patience.total - (self.clock.monotonic() - began)
            asked_enough = number >= self._patience.tries
            if asked_enough or wait > left or outcome.told > self._patience.longest:
                self._give_up(request, outcome, number)
            self.clock.sleep(wait)
        raise AssertionError("count() does not end")

    def _once(self, request: Request) -> Arrival | _Fault:
        try:
            answer = self._followed(request)
        except BrokenError as error:
            return _Fault(str(error), of_host=not error.reached)
        except SourceOffline as error:
            self._silent[host_of(request.url)] = error
            raise
        media = answer.headers.get("content-type", "")
        if answer.status in AGAIN:
            what = f"it answers {answer.status}{_quoted(answer.body, media)}"
            told = retry_after(answer.headers, self.clock.now())
            return _Fault(what, told, answer.status in BUSY)
        if answer.status < 300 and is_page(answer.body, media):
            what = f"a web page came in place of figures{_quoted(answer.body, media)}"
            hint = "services show such a page while they are repaired; try again later"
            raise SourceUnavailable([Problem(what, request.url, None, hint)])
        if 300 <= answer.status < 400 or answer.status < 200:
            what = f"it answers {answer.status}, which is no answer to a question"
            raise SourceChanged([Problem(what, request.url)])
        received = self.clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
        return Arrival(Reply(answer.body, answer.status, media), received)

    def _followed(self, request: Request) -> Answer:
        """Return the answer to a request, behind a few redirects perhaps."""
        url, method, body = request.url, request.method, request.body.encode()
        headers = {"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        if body:
            headers["Content-Type"] = "application/json"
        seen = [url]
        while True:
            self._take_turn(host_of(url))
            try:
                answer = self._wire.ask(method, url, headers, body)
            finally:
                self._ended[host_of(url)].append(self.clock.monotonic())
            location = answer.headers.get("location", "")
            if answer.status not in REDIRECTS or not location:
                return answer
            url = self._redirected(url, location, answer.status, method)
            if url in seen or len(seen) > 5:
                raise SourceChanged([Problem("it redirects in a circle", request.url, None, url)])
            seen.append(url)

    def _redirected(self, url: str, location: str, status: int, method: str) -> str:
        try:
            to = urljoin(url, location)
            before, after = urlsplit(url), urlsplit(to)
        except ValueError as error:
            what = f"it redirects to no address: {error}"
            raise SourceChanged([Problem(what, url, None, location[:200])]) from error
        problem = ""
        if before.scheme == "https" and after.scheme != "https":
            problem = "it redirects to an address without encryption"
        elif after.netloc != before.netloc and (after.hostname or "") not in self._allowed:
            problem = "it redirects to another host"
        elif method != "GET" and status not in KEEPS_METHOD:
            problem = f"it redirects a question with {status}, which would lose the question"
        if problem:
            hint = f"it leads to {to[:200]}; if the service has moved, change the source's address"
            raise SourceChanged([Problem(problem, url, None, hint)])
        return to

    def _take_turn(self, host: str) -> None:
        """Wait until one more call keeps to the host's limits, counted from when answers ended."""
        limits = self._limits.get(host, GENTLE)
        ended = self._ended.setdefault(host, deque())
        while len(ended) > limits.calls:
            ended.popleft()
        wait = ended[0] + limits.seconds - self.clock.monotonic() if ended else 0.0
        if len(ended) == limits.calls and wait > 0:
            self.clock.sleep(wait)

    def _give_up(self, request: Request, fault: _Fault, tries: int) -> NoReturn:
        what = f"{fault.what}; asked {tries} {'time' if tries == 1 else 'times'}"
        hint = "run the same command later; what arrived is kept"
        if fault.told:
            hint = f"it asks to wait {fault.told:.0f} s; {hint}"
        error = SourceUnavailable([Problem(what, request.url, None, hint)])
        if fault.of_host:
            # Every other table of the host would wait as long for the same: told once is enough.
            self._silent[host_of(request.url)] = error
        raise error

    def _pause(self, number: int, fault: _Fault, host: str) -> float:
        patience = self._patience
        widest = float(min(patience.widest, patience.first * 2.0 ** (number - 1)))
        pause = widest * (1 - self.clock.chance() / 2)
        if fault.told:
            return fault.told + patience.first * self.clock.chance()
        limits = self._limits.get(host, GENTLE)
        return max(pause, limits.seconds) if fault.of_host else pause


@dataclass(frozen=True)
class _Fault:
    """Why there is no answer; `told` are the seconds that the service asks to wait."""

    what: str
    told: float = 0.0
    of_host: bool = False


def host_of(url: str) -> str:
    """Return host and port of an address: what a pace is kept with."""
    return urlsplit(url).netloc


def retry_after(headers: Mapping[str, str], now: datetime) -> float:
    """Return the seconds that a service asks to wait: told as a number, or as a date.

    A date is held against the service's own clock where it tells it, since ours may be wrong.

    Examples
    --------
    >>> noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> retry_after({"retry-after": "7"}, noon)
    7.0
    >>> retry_after({"retry-after": "Sun, 22 Nov 2026 12:01:30 GMT"}, noon)
    90.0
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return float(text)
    until = _date(text)
    if until is None:
        return 0.0
    return max(0.0, (until - (_date(headers.get("date", "")) or now)).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _quoted(body: bytes, media: str) -> str:
    text = said(body, media)
    return f": “{text}”" if text else ""
