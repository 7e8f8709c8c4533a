"""A fresh copy of this process that runs one function within limits, and tells how it ended."""

from __future__ import annotations

import ctypes
import gc
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, NoReturn

from healthindicators.execution.limits import Limits

Tell = Callable[[Any], None]
Work = Callable[[Tell], Any]
"""What a copy runs: it may tell things on its way, and returns something that can be pickled."""

PR_SET_PDEATHSIG = 1
COLLECT_AFTER = 100_000
"""New objects before the collector looks for cycles: a short run has few, and looking costs a fifth."""

_LIBC = ctypes.CDLL(None)
"""Loaded before any fork: a copy must take no locks of the loader."""


@dataclass(frozen=True)
class Ending:
    """How a copy ended: with a value, or with a fault and perhaps its traceback."""

    value: Any = None
    fault: str = ""
    seconds: float = 0.0


class Child:
    """A copy of this process, made at once. Whoever made it must `kill` it, ended or not."""

    def __init__(self, work: Work, limits: Limits) -> None:
        self._begun = time.monotonic()
        self.limits = limits
        self.deadline = self._begun + limits.seconds
        self.ending: Ending | None = None
        receiving, sending = Pipe(duplex=False)
        _flush()
        parent = os.getpid()
        self.pid = os.fork()
        if not self.pid:
            _live(work, sending, limits, parent)
        sending.close()
        self.connection = receiving
        self.sign = os.pidfd_open(self.pid)

    def listen(self) -> list[Any]:
        """Return what it has told since the last time; `ending` is set when it has ended."""
        told = []
        ended = self._has_ended()  # asked first: what is told before the end is not lost
        try:
            while self.connection.poll():
                what, value = self.connection.recv()
                if what == "told":
                    told.append(value)
                else:
                    self.ending = self._ending(**{what: value})
        except (EOFError, OSError):
            ended = True
        if ended and self.ending is None:
            self.ending = self._ending(fault=self._how_it_died())
        elif self.ending is None and time.monotonic() > self.deadline:
            self.ending = self._ending(fault=self.limits.time_fault)
        return told

    def kill(self) -> None:
        """End it and all that it has begun, and forget it."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(self.pid, signal.SIGKILL)  # it had no time to lead a group of its own
        os.waitpid(self.pid, 0)
        os.close(self.sign)
        self.connection.close()

    def _ending(self, value: Any = None, fault: str = "") -> Ending:
        return Ending(value, fault, time.monotonic() - self._begun)

    def _has_ended(self) -> bool:
        # Left unreaped: its number must stay its own until its group is killed.
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _how_it_died(self) -> str:
        found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        if found is not None and found.si_code in (os.CLD_KILLED, os.CLD_DUMPED):
            return f"its process was ended by {signal.Signals(found.si_status).name}"
        return "its process ended before it was done"


def _live(work: Work, sending: Connection, limits: Limits, parent: int) -> NoReturn:
    """Run the work in the copy; it never returns into the code that made it."""
    code = 1
    try:
        _settle(limits, parent)
        try:
            sending.send(("value", work(lambda what: sending.send(("told", what)))))
            code = 0
        except MemoryError:
            sending.send(("fault", limits.memory_fault))
        except BaseException as error:  # all there is to say about it is said here
            sending.send(("fault", f"{type(error).__name__}: {error}"))
    finally:
        os._exit(code)


def _settle(limits: Limits, parent: int) -> None:
    """Part the copy from its maker: group, signals, limits, input and chance."""
    os.setsid()
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # the maker died before the line above
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limits.memory:
        most = _data_size() + limits.memory
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    random.seed()
    if chance := sys.modules.get("numpy.random"):  # not `numpy.random`: that would import it
        chance.seed()
    gc.set_threshold(COLLECT_AFTER)


def _data_size() -> int:
    """Return the bytes that count against the limit already."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[5]
    return int(pages) * resource.getpagesize()


def _flush() -> None:
    """Empty the buffers, which a copy would write a second time."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
