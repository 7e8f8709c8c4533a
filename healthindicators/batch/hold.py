"""One batch at a time in an edition: the system's own lock on a file, which ends with its process."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from healthindicators.errors import EditionBusy, WorkspaceError

NAME = ".batch.lock"

PATIENCE = 1.0
"""Seconds before a batch is refused: copies of one that was killed end a moment after it."""


@contextmanager
def hold(edition: Path) -> Iterator[None]:
    """Hold the folder of an edition, or refuse at once. Reading needs no hold.

    Raises
    ------
    EditionBusy
        If another batch holds it; says which process and since when.
    WorkspaceError
        If the folder cannot be made or written.
    """
    path = edition / NAME
    try:
        edition.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, timeout=PATIENCE, on_acquired=_sign)
        lock.acquire()
    except Timeout:
        raise EditionBusy(
            f"Another batch is at work in {edition}{_holder(path)}.\n"
            "Wait until it has ended, or stop it, and run the same command again."
        ) from None
    except OSError as error:
        raise WorkspaceError(f"Cannot write {path}: {error.strerror or error}.") from error
    try:
        yield
    finally:
        lock.release()


def _sign(descriptor: int) -> None:
    """Write into the lock's file who holds it."""
    since = datetime.now(UTC).isoformat(timespec="seconds")
    text = f"process {os.getpid()} on {platform.node()} since {since}".encode()
    os.ftruncate(descriptor, 0)
    os.write(descriptor, text)


def _holder(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    return f": {text}" if text else ""
