"""A fresh copy of this process that runs one function within limits, and tells how it ended."""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import random
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from healthindicators.execution.limits import Limits

Tell = Callable[[Any], None]
Work = Callable[[Tell], Any]
"""What a copy runs: it may tell things on its way, and returns something that can be pickled."""

PR_SET_PDEATHSIG = 1
COLLECT_AFTER = 100_000
"""New objects before the collector looks for cycles: a short run has few, and looking costs a fifth."""

HEAD = struct.Struct("!Q")
"""The length of a message, which stands before it."""

PIECE = 1 << 16
LAST_BREATH = 1.0
"""Seconds that a process may take from closing its pipe to its end."""

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
        self._pipe, sending = os.pipe()
        _flush()
        parent = os.getpid()
        most = _data_size() + limits.memory if limits.memory else resource.RLIM_INFINITY
        self.pid = os.fork()
        if not self.pid:
            _live(work, sending, limits, parent, most)
        os.close(sending)
        os.set_blocking(self._pipe, False)
        self._heard = bytearray()
        self._sign = os.pidfd_open(self.pid)

    def listen(self) -> list[Any]:
        """Return what it has told since the last time; `ending` is set when it has ended."""
        told = []
        silent = self._hear()
        for what, value in self._messages():
            if what == "told":
                told.append(value)
            else:
                self.ending = self._ending(**{what: value})
        if self.ending is None and silent:
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
        os.close(self._sign)
        os.close(self._pipe)

    def signs(self) -> tuple[int, int]:
        """Return the descriptors that become readable when it tells something, or ends."""
        return self._pipe, self._sign

    def _hear(self) -> bool:
        """Take what it has sent, and return whether no more can come."""
        try:
            while piece := os.read(self._pipe, PIECE):
                self._heard += piece
        except BlockingIOError:
            return self._has_ended() and not _ready(self._pipe)
        return True

    def _messages(self) -> Iterator[tuple[str, Any]]:
        """Yield the messages that have come whole."""
        while len(self._heard) >= HEAD.size:
            end = HEAD.size + HEAD.unpack_from(self._heard)[0]
            if len(self._heard) < end:
                return
            yield pickle.loads(bytes(self._heard[HEAD.size : end]))  # noqa: S301 - from our own copy
            del self._heard[:end]

    def _ending(self, value: Any = None, fault: str = "") -> Ending:
        return Ending(value, fault, time.monotonic() - self._begun)

    def _has_ended(self) -> bool:
        # Left unreaped: its number must stay its own until its group is killed.
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _how_it_died(self) -> str:
        _ready(self._sign, LAST_BREATH)  # its pipe closes a little before it is gone
        found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is not None and found.si_code in (os.CLD_KILLED, os.CLD_DUMPED):
            return f"its process was ended by {signal.Signals(found.si_status).name}"
        return "its process ended before it was done"


def wait(children: Iterable[Child], seconds: float) -> None:
    """Wait until one of the copies tells something or ends, or for some seconds; perhaps infinite."""
    signs = select.poll()
    for child in children:
        for sign in child.signs():
            signs.register(sign, select.POLLIN)
    signs.poll(None if seconds == float("inf") else max(1000 * seconds, 0))


def _ready(descriptor: int, seconds: float = 0.0) -> bool:
    """Return whether something can be read, now or within some seconds."""
    signs = select.poll()
    signs.register(descriptor, select.POLLIN)
    return bool(signs.poll(1000 * seconds))


def _send(pipe: int, what: str, value: Any) -> None:
    body = pickle.dumps((what, value))
    left = memoryview(HEAD.pack(len(body)) + body)
    while left:
        left = left[os.write(pipe, left) :]


def _live(work: Work, pipe: int, limits: Limits, parent: int, most: int) -> NoReturn:
    """Run the work in the copy; it never returns into the code that made it."""
    code = 1
    try:
        _settle(parent, most)
        try:
            _send(pipe, "value", work(lambda what: _send(pipe, "told", what)))
            code = 0
        except MemoryError:
            _send(pipe, "fault", limits.memory_fault)
        except BaseException as error:  # all there is to say about it is said here
            _send(pipe, "fault", f"{type(error).__name__}: {error}")
    finally:
        os._exit(code)


def _settle(parent: int, most: int) -> None:
    """Part the copy from its maker: group, signals, memory in bytes, input and chance."""
    os.setsid()
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # the maker died before the line above
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
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
