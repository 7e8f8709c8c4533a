"""What arrived of a conversation that is not over yet, for the next run to go on with.

`data/raw/.arriving/<country>/<source>/<table>/<state>/` holds a body and a list entry for each answer,
where the state is that of the table's metadata; the metadata themselves lie under `opening`. They are
no snapshots: they are passed over when they are old or do not hold, and dropped when the table has
changed and when all has arrived.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, astuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import tomli_w
from filelock import FileLock, Timeout

from healthindicators import declarations
from healthindicators.errors import WorkspaceError
from healthindicators.protocols import Request
from healthindicators.snapshots.archive import Arrival, Entry, entry
from healthindicators.workspace import Workspace, sweep, write_together

ARRIVING = ".arriving"
OPENING = "opening"
SKEW = timedelta(minutes=5)
"""A part from further in the future was kept under another clock, and is not used."""


class Parts:
    """The kept answers of one table's conversation."""

    def __init__(self, workspace: Workspace, key: str) -> None:
        self._root = workspace.raw / ARRIVING
        self._folder = self._root / key

    def keep(self, request: Request, arrival: Arrival, state: str) -> None:
        """Keep an answer given under a state of the table: its body first, then what leads to it.

        Raises
        ------
        WorkspaceError
            If it cannot be written.
        """
        body, about = self._paths(request, state)
        text = tomli_w.dumps(asdict(entry(request, arrival, body.name)))
        write_together({body: arrival.reply.body, about: text.encode()})

    def find(
        self, request: Request, state: str, now: datetime, oldest: timedelta
    ) -> Arrival | None:
        """Return the kept answer to a request, or None where there is none that can be used."""
        body, about = self._paths(request, state)
        try:
            kept, _ = declarations.read(about, Entry)
            stored = body.read_bytes()
        except OSError:
            return None
        if kept is None or kept.request != request or not _holds(kept, stored):
            return None
        age = now - received(kept)
        return kept.arrival(stored) if -SKEW <= age <= oldest else None

    def drop(self, request: Request) -> None:
        """Forget the kept answer to a request, under whatever state of the table it was given."""
        for path in self._folder.glob(f"*/{_name(request)}.*"):
            path.unlink(missing_ok=True)

    def settle(self, state: str) -> int:
        """Forget what was kept under other states of the table, and return how many answers it was."""
        return sum(
            _emptied(folder)
            for folder in self._folder.glob("*/")
            if folder.name not in (OPENING, state)
        )

    def clear(self) -> None:
        """Forget all that is kept of the table."""
        for folder in self._folder.glob("*/"):
            _emptied(folder)
        with suppress(OSError):
            for folder in (self._folder, *self._folder.parents):
                if folder == self._root:
                    break
                folder.rmdir()

    def _paths(self, request: Request, state: str) -> tuple[Path, Path]:
        name, folder = _name(request), self._folder / (state or OPENING)
        return folder / f"{name}.body", folder / f"{name}.toml"


def _name(request: Request) -> str:
    return hashlib.sha256(json.dumps(astuple(request)).encode()).hexdigest()[:20]


def _emptied(folder: Path) -> int:
    """Remove a folder of answers as far as it goes, and return how many they were."""
    count = len(list(folder.glob("*.toml")))
    shutil.rmtree(folder, ignore_errors=True)
    return count


def received(kept: Entry) -> datetime:
    """Return when a kept answer came; long ago where it does not say."""
    try:
        when = datetime.fromisoformat(kept.received)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _holds(kept: Entry, body: bytes) -> bool:
    return hashlib.sha256(body).hexdigest() == kept.sha256


@contextmanager
def alone(workspace: Workspace) -> Iterator[None]:
    """Be the only one that asks services or moves pins in a workspace, or be refused at once.

    So no host is asked twice at a time, and no answer is written over another.

    Raises
    ------
    WorkspaceError
        If another process is at it, or the folder cannot be written.
    """
    root = workspace.raw / ARRIVING
    path = root / ".lock"
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, timeout=0)
        lock.acquire()
    except Timeout:
        raise WorkspaceError(
            f"Another fetch or lock is at work in {workspace.root}.\n"
            "Wait until it has ended, or stop it, and run the same command again."
        ) from None
    except OSError as error:
        raise WorkspaceError(f"Cannot write {path}: {error.strerror or error}.") from error
    try:
        sweep(root)
        yield
    finally:
        with suppress(OSError):  # not on Windows, where a file that is held cannot be removed
            if [left.name for left in root.iterdir()] == [path.name]:
                path.unlink()  # held still: who opens it now sees that it is gone, and tries again
                root.rmdir()
        lock.release()
