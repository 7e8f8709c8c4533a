"""Many runs, several at a time, each in a copy of this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from healthindicators.execution.child import Child, Ending, Tell, wait
from healthindicators.execution.limits import Limits

T = TypeVar("T")


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
        Gets a task and a function that tells things on the way. What it returns or tells is pickled.
    jobs : int
        Copies at a time.
    limits : Limits
        Of each task. One that exceeds them ends with a fault; the others go on.

    Notes
    -----
    When the iterator is closed, or its consumer is interrupted, all copies are killed.
    """
    waiting = iter(tasks)
    running: dict[int, tuple[T, Child]] = {}
    last: dict[int, Any] = {}

    def fill() -> None:
        while len(running) < jobs:
            for task in waiting:
                child = Child(partial(work, task), limits)
                running[child.pid] = task, child
                break
            else:
                return

    try:
        fill()
        while running:
            children = [child for _, child in running.values()]
            wait(children, min(child.deadline for child in children) - time.monotonic())
            ended = []
            for pid, (task, child) in list(running.items()):
                for told in child.listen():
                    last[pid] = told
                if child.ending is not None:
                    child.kill()
                    del running[pid]
                    ended.append(Ended(task, child.ending, last.pop(pid, None)))
            fill()  # before anyone looks at what has ended: a core must not wait for that
            yield from ended
    finally:
        for _, child in running.values():
            child.kill()
