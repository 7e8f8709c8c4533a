"""Ctrl-C and the system's request to end: both stop a batch in the same clean way."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(KeyboardInterrupt):
    """The system asked this process to end."""


def signal_of(stop: KeyboardInterrupt) -> int:
    """Return the number of the signal behind a stop; shells add 128 to make an exit code of it."""
    return int(signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT)


@contextmanager
def terminable() -> Iterator[None]:
    """Within the block, let a request to end be raised like Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    owner = os.getpid()

    def stop(number: int, frame: FrameType | None) -> None:
        if os.getpid() != owner:
            os._exit(128 + number)  # a copy of the process has nothing to account for
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
