"""One run at a time in an edition at an address: a claim with an owner and signs of life.

A file system of one machine has locks that end with their process. An address has none, so a claim is
a file created exclusively that its owner renews. One that is no longer renewed is told, with who and
when; it is taken over only when somebody says so, who knows that the other run is dead.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
import threading
import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from types import TracebackType

from healthindicators.batch.remote import Place, RemoteError

NAME = ".claim.json"
RENEWED = 30.0
"""Seconds between signs of life."""

SILENT = 600.0
"""Seconds without one after which the message says that the other run is probably dead."""


class ClaimError(RemoteError):
    """Another run works in the same edition."""

    exit_code = 61


@dataclass(frozen=True)
class Owner:
    """Who holds a claim."""

    since: str
    host: str = field(default_factory=socket.gethostname)
    process: int = field(default_factory=os.getpid)
    user: str = field(default_factory=getpass.getuser)
    token: str = field(default_factory=lambda: uuid.uuid4().hex)


class Claim:
    """Hold an edition at an address while a run lasts.

    Parameters
    ----------
    place : Place
        The reports.
    edition : str
        The folder that is claimed.
    take_over : bool
        Take the claim of another run, which then stops by itself at its next sign of life.
    renewed : float
        Seconds between signs of life.

    Raises
    ------
    ClaimError
        If another run holds it.
    """

    def __init__(
        self, place: Place, edition: str, *, take_over: bool = False, renewed: float = RENEWED
    ) -> None:
        self._place = place
        self._edition = edition
        self._name = f"{edition}/{NAME}"
        self._take_over = take_over
        self._renewed = renewed
        self._owner = Owner(since=_now())
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._beating = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Claim:
        if not self._place.create(self._name, self._body()):
            if not self._take_over:
                raise ClaimError(self._held())
            self._place.put({self._name: self._body()})
        self._beating.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._beating.join()
        if self._is_ours():
            self._place.remove(self._name)

    @property
    def token(self) -> str:
        """What tells this claim from any other."""
        return self._owner.token

    def check(self) -> None:
        """Raise if another run has taken the edition over.

        Raises
        ------
        ClaimError
            Then this run must stop: two must not write what differs.
        """
        if self._lost.is_set():
            raise ClaimError(
                f"Another run has taken over {self._place.address}/{self._name}. This one stops; "
                "finished reports are whole."
            )

    def _beat(self) -> None:
        while not self._ended.wait(self._renewed):
            try:
                if not self._is_ours():
                    self._lost.set()
                    return
                self._place.put({self._name: self._body()})
            except RemoteError:
                # An address that does not answer for a moment costs a sign of life, not the run.
                continue

    def _is_ours(self) -> bool:
        return holder(self._place, self._edition).get("token") == self._owner.token

    def _body(self) -> bytes:
        return json.dumps({**asdict(self._owner), "alive": _now()}, indent=1).encode()

    def _held(self) -> str:
        held = holder(self._place, self._edition)
        alive = str(held.get("alive", ""))
        silent = _seconds_since(alive)
        says = "unknown" if silent is None else f"{silent:.0f} seconds ago"
        text = (
            f"Another run works in {self._place.address}/{self._edition}: "
            f"{held.get('user')} on {held.get('host')}, process {held.get('process')}, "
            f"since {held.get('since')}; last sign of life {says}."
        )
        if silent is not None and silent < SILENT:
            return f"{text} Wait for it, or choose another edition."
        return f"{text} If that process is dead, run again with --take-over."


def holder(place: Place, edition: str) -> dict[str, object]:
    """Return who holds an edition at an address; nothing if nobody does."""
    name = f"{edition}/{NAME}"
    try:
        held = json.loads(place.read([name]).get(name, b"{}"))
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _seconds_since(moment: str) -> float | None:
    try:
        return (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    except ValueError:
        return None
