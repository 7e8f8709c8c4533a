"""Many runs, several at a time, each in a copy of this process."""

from __future__ import annotations

import mmap
import pickle
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from healthindicators.execution.child import HEAD, Child, Ending, Tell, wait
from healthindicators.execution.limits import Limits

T = TypeVar("T")
TOLD = mmap.PAGESIZE - HEAD.size
"""Bytes that the last thing told may take when it is pickled."""


@dataclass(frozen=True)
class Ended(Generic[T]):
    """One task's end, and the last thing that it told on its way."""

    task: T
    ending: Ending
    last_told: Any


def run_each(
    tasks: Iterable[T], work: Callable[[T, Tell], Any], *, jobs: int, limits: Limits
) -> Iterator[Ended[T]]:
    """Run `work` on every task and yield how each ended, in the order in which they end.

    Parameters
    ----------
    tasks : iterable
        Taken one by one as copies become free.
    work : callable
        Gets a task and a function that tells where it is. What it returns or tells is pickled, and
        what it tells must be small; only the last is kept.
    jobs : int
        Copies at a time.
    limits : Limits
        Of each task. One that exceeds them ends with a fault; the others go on.

    Notes
    -----
    When the iterator is closed, or its consumer is interrupted, all copies are killed.
    """
    waiting = iter(tasks)
    running: dict[int, tuple[T, Child, _Last]] = {}

    def fill() -> None:
        while len(running) < jobs:
            for task in waiting:
                last = _Last()
                child = Child(partial(_told, work, task, last), limits)
                running[child.pid] = task, child, last
                break
            else:
                return

    try:
        fill()
        while running:
            children = [child for _, child, _ in running.values()]
            wait(children, min(child.deadline for child in children) - time.monotonic())
            ended = []
            for pid, (task, child, last) in list(running.items()):
                child.listen()
                if child.ending is not None:
                    child.kill()
                    del running[pid]
                    ended.append(Ended(task, child.ending, last.read()))
            fill()  # before anyone looks at what has ended: a core must not wait for that
            yield from ended
    finally:
        for _, child, _ in running.values():
            child.kill()


class _Last:
    """The last thing that a copy told, in memory that it shares: telling wakes nobody."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, mmap.PAGESIZE)

    def tell(self, what: Any) -> None:
        body = pickle.dumps(what)
        assert len(body) <= TOLD, "what is told on the way must be small"
        # The length comes last: a copy that is killed in between has told nothing.
        self._memory[: HEAD.size] = HEAD.pack(0)
        self._memory[HEAD.size : HEAD.size + len(body)] = body
        self._memory[: HEAD.size] = HEAD.pack(len(body))

    def read(self) -> Any:
        (size,) = HEAD.unpack(self._memory[: HEAD.size])
        body = self._memory[HEAD.size : HEAD.size + size]
        self._memory.close()
        return pickle.loads(body) if size else None  # noqa: S301 - from our own copy


def _told(work: Callable[[T, Tell], Any], task: T, last: _Last, _: Tell) -> Any:
    return work(task, last.tell)
