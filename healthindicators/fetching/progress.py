"""How far a fetch is: a bar for each table on a terminal, now and then a line anywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from healthindicators.fetching.arrive import Fetched
from healthindicators.snapshots.dialogue import Told

TOLD = 15.0
"""Seconds between two lines where there is no terminal."""


class Shown:
    """Tells on a console which table is asked for, how many answers have come, and how it ended."""

    def __init__(
        self, console: Console, total: int, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console
        self._total = total
        self._seconds = seconds
        self._number = 0

    @contextmanager
    def table(self, key: str) -> Iterator[Told]:
        """Begin one table and end it."""
        self._number += 1
        if not self._console.is_terminal:
            yield Told(self._lines(key), self._say)
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("requests"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task(f"{self._number} of {self._total}: {key}", total=None)
            yield Told(lambda done, known: bar.update(task, completed=done, total=known), self._say)

    def ended(self, fetched: Fetched) -> None:
        """Tell what became of a table; why one failed is told at the end, with all that failed."""
        if fetched.error:
            self._say(f"{fetched.key}: not taken.")
        else:
            self._say(
                f"{fetched.key}: {fetched.cells:,} cells of {fetched.answers} "
                f"{'answer' if fetched.answers == 1 else 'answers'}, kept as {fetched.file}"
            )

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False)

    def _lines(self, key: str) -> Callable[[int, int], None]:
        self._say(f"{self._number} of {self._total}: {key} ...")
        told = self._seconds()

        def advance(done: int, known: int) -> None:
            nonlocal told
            if self._seconds() - told >= TOLD and done < known:
                self._say(f"{key}: {done} of {known} requests.")
                told = self._seconds()

        return advance
