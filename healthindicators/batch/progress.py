"""How far a batch is: a bar on a terminal, now and then a line anywhere else.

Both are drawn by hand when a report ends. A bar that redraws itself needs a thread, and a process with
threads cannot be copied safely.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

REDRAWN = 0.1
"""Seconds between two drawings of the bar."""

TOLD = 15.0
"""Seconds between two lines where there is no terminal."""

Advance = Callable[[], None]
"""To be called when a report has ended."""


class RateColumn(ProgressColumn):
    """Reports a second."""

    def render(self, task: Task) -> Text:
        """Return the rate, or nothing before there is one."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f} a second" if speed else "")


@contextmanager
def progress(console: Console, total: int) -> Iterator[Advance]:
    """Show how many of `total` reports have ended; nothing where none is to be made."""
    if not total:
        yield lambda: None
    elif not console.is_terminal:
        yield _Lines(console, total).advance
    else:
        columns = (
            TextColumn("reports"),
            BarColumn(),
            MofNCompleteColumn(),
            RateColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console, auto_refresh=False) as bar:
            yield _Bar(bar, total).advance
            bar.refresh()


class _Bar:
    def __init__(self, bar: Progress, total: int) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=total)
        self._drawn = time.monotonic()
        bar.refresh()

    def advance(self) -> None:
        self._bar.advance(self._task)
        if time.monotonic() - self._drawn >= REDRAWN:
            self._bar.refresh()
            self._drawn = time.monotonic()


class _Lines:
    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._done = 0
        self._began = self._told = time.monotonic()

    def advance(self) -> None:
        self._done += 1
        now = time.monotonic()
        if now - self._told >= TOLD and self._done < self._total:
            rate = self._done / (now - self._began)
            left = (self._total - self._done) / rate
            self._console.print(
                f"{self._done} of {self._total} reports, {rate:.1f} a second, "
                f"about {left:.0f} s left."
            )
            self._told = now
