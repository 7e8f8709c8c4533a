"""How often each interval holds the truth, simulated where the truth is known.

    .venv/bin/python benchmarks/coverage.py [--draws 40000] [--only NAME] [--jobs 2] [--write]

Prints one markdown table a family; with `--write` it renews them in docs/intervals.md. `--only`
takes part of the name of a function or of the title of a table. What is drawn stands in designs.py.
The same draws give the same figures: every cell has a seed of its own, made from its names.
"""

from __future__ import annotations

import argparse
import datetime
import os
import time
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from designs import TABLES, Row, Table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "intervals.md"
FEWEST = 40
COMMAND = "benchmarks/coverage.py"


@dataclass(frozen=True)
class Share:
    """A simulated share in per cent, with its own error."""

    percent: float
    error: float

    def told(self, wanted: tuple[float, float], alarms: bool) -> str:
        """Return it as markdown: bold where it misses to the bad side, italic to the careful one."""
        low, high = wanted
        digits = 2 if alarms and high < 1 else 1
        text = f"{self.percent:.{digits}f} ±{self.error:.{digits}f}"
        # Two errors of the simulation are no finding.
        above = self.percent - 2 * self.error > high
        below = self.percent + 2 * self.error < low
        if not above and not below:
            return text
        return f"**{text}**" if above == alarms else f"*{text}*"


Cell = tuple[int, int, str]


def simulate(cell: Cell, draws: int) -> Share:
    """Return what one cell, given as table, row and name of its column, comes to."""
    table = TABLES[cell[0]]
    row, column = table.rows[cell[1]], cell[2]
    count = max(draws // row.slow, FEWEST)
    if row.slow > 1:
        count = max(count // table.fewer.get(column, 1), FEWEST)
    random = np.random.default_rng(zlib.crc32(f"{table.title}|{column}".encode()))
    seen = np.asarray(row.seen(table.columns[column](random, count)), dtype=np.float64)
    each = seen.reshape(len(seen), -1).mean(axis=1)
    # A share that is not met once in n draws is still uncertain by about 1/n.
    error = max(each.std() / np.sqrt(each.size), 1 / seen.size)
    return Share(100 * float(each.mean()), 100 * float(error))


def chosen(only: str) -> Iterator[tuple[int, int]]:
    """Yield table and row of what a name chooses; all rows of a table whose title has it."""
    for place, table in enumerate(TABLES):
        for number, row in enumerate(table.rows):
            if only.lower() in table.title.lower() or only in row.name:
                yield place, number


def run(only: str, draws: int, jobs: int) -> dict[Cell, Share]:
    """Return every cell that was asked for."""
    cells = [(t, r, column) for t, r in chosen(only) for column in TABLES[t].columns]
    # The slowest first, so that no process waits for another at the end.
    cells.sort(key=lambda c: -TABLES[c[0]].rows[c[1]].slow)
    if jobs == 1:
        return {cell: simulate(cell, draws) for cell in cells}
    with ProcessPoolExecutor(jobs) as pool:
        return dict(zip(cells, pool.map(simulate, cells, [draws] * len(cells)), strict=True))


def markdown(table: Table, rows: Mapping[str, Mapping[str, Share]]) -> Iterator[str]:
    """Yield the lines of one table."""
    yield f"### {table.title}"
    yield f"{table.about}"
    yield ""
    yield f"| | {' | '.join(table.columns)} | |"
    yield "|---" * (len(table.columns) + 2) + "|"
    for row in table.rows:
        if row.name in rows:
            cells = [rows[row.name][c].told(row.wanted, table.alarms) for c in table.columns]
            yield f"| {_named(row)} | {' | '.join(cells)} | {row.note} |"
    yield ""


def _named(row: Row) -> str:
    """Return the name as code, unless it has code of its own within words."""
    return row.name if "`" in row.name else f"`{row.name}`"


def page_part(found: Mapping[Cell, Share]) -> str:
    """Return all tables."""
    lines: list[str] = []
    for place, table in enumerate(TABLES):
        rows = {
            row.name: {c: found[place, n, c] for c in table.columns}
            for n, row in enumerate(table.rows)
            if (place, n, next(iter(table.columns))) in found
        }
        if rows:
            lines += markdown(table, rows)
    return "\n".join(lines)


def renew(page: Path, name: str, text: str) -> None:
    """Put a text between the markers of its name on a page."""
    begin, end = f"<!-- {name} begins -->\n", f"<!-- {name} ends -->"
    before, _, rest = page.read_text("utf-8").partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{page} has no markers of {name}")
    page.write_text(before + begin + text.rstrip() + "\n" + end + after, "utf-8")


def main() -> None:
    """Simulate what was asked for, print it, and write it where that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=40_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=min(os.cpu_count() or 1, 2))
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    if given.write and given.only:
        parser.error("--write renews all tables and takes no --only")
    began = time.perf_counter()
    text = page_part(run(given.only, given.draws, given.jobs))
    took = time.perf_counter() - began
    day = datetime.datetime.now(tz=datetime.UTC).date()
    made = f"`python {COMMAND} --draws {given.draws}`, {day}, {took / 60:.0f} minutes.\n"
    print(made, text, sep="\n")
    if given.write:
        renew(PAGE, "coverage", f"{made}\n{text}")


if __name__ == "__main__":
    main()
