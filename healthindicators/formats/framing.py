"""The table in a file, with its title above and its notes below.

The header is the first record that has the columns that are known to be there, else the first with
more than one cell. A note stands apart from the figures by an empty line and has one cell: whatever
else is there could be a row that was cut off, and is refused. Columns with neither heading nor cells
say nothing and are left out; so are empty lines.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from healthindicators.errors import DataError, Problem
from healthindicators.formats.grid import Cell, Grid, address, code

Record = tuple[int, Sequence[Cell]]
"""A line and the cells on it."""


def is_header(cells: Sequence[Cell], expected: Collection[str]) -> bool:
    """Return whether cells have the columns that are expected among them."""
    return set(expected) <= {code(cell) for cell in cells}


def framed(
    records: Sequence[Record],
    *,
    where: str,
    expected: Collection[str] = (),
    least: int = 0,
    sheet: str = "",
) -> Grid:
    """Return the table in records.

    Parameters
    ----------
    records : sequence of Record
        All of them, empty ones too.
    where : str
        Name of the file, for problems.
    expected : collection of str, optional
        Columns that the header is known to have.
    least : int, optional
        Records of so many cells or more may leave out empty ones at their end; 0 is none.
    sheet : str, optional
        The sheet, in a workbook.

    Raises
    ------
    DataError
        If there is no header; with every record that has more or fewer cells than it.
    """
    told = [sum(map(bool, map(code, cells))) for _, cells in records]
    top = _top(records, told, expected)
    if top is None:
        raise DataError([Problem("it has one column only, or no header", where)])
    header = tuple(map(code, records[top][1]))
    width = len(header)
    if least:
        records = [(line, _filled(cells, width, least)) for line, cells in records]
    last = _last(records, told, top, width)
    rows = [n for n in range(top + 1, last + 1) if told[n]]
    wrong = [n for n in rows if len(records[n][1]) != width]
    wrong += [
        n for n in range(last + 1, len(records)) if told[n] > 1 or (n == last + 1 and told[n])
    ]
    found = Grid(
        header,
        [records[n][1] for n in rows],
        [records[n][0] for n in rows],
        title=_joined(records[:top]),
        notes=tuple(filter(None, (_joined([record]) for record in records[last + 1 :]))),
        sheet=sheet,
    )
    if wrong:
        raise DataError([_uneven(records[n], width, where, sheet) for n in wrong])
    nameless = [n for n, name in enumerate(header) if not name]
    if any(code(row[n]) for row in found.rows for n in nameless):
        return found  # what stands there has no name: whoever makes cells of it says so
    return found.without([""])


def _top(records: Sequence[Record], told: Sequence[int], expected: Collection[str]) -> int | None:
    several = [n for n, count in enumerate(told) if count > 1]
    fitting = (n for n in several if expected and is_header(records[n][1], expected))
    return next(fitting, next(iter(several), None))


def _filled(cells: Sequence[Cell], width: int, least: int) -> Sequence[Cell]:
    return [*cells, *[""] * (width - len(cells))] if len(cells) >= least else cells


def _last(records: Sequence[Record], told: Sequence[int], top: int, width: int) -> int:
    """Return where the table ends: with figures, or with rows behind them that have a code alone."""
    whole = [n for n in range(top + 1, len(records)) if len(records[n][1]) == width and told[n]]
    last = max((n for n in whole if told[n] > 1), default=top)
    behind = set(whole)
    while last + 1 in behind:
        last += 1
    return last


def _joined(records: Sequence[Record]) -> str:
    return " ".join(filter(None, (code(cell) for _, cells in records for cell in cells)))


def _uneven(record: Record, width: int, where: str, sheet: str) -> Problem:
    line, cells = record
    if not sheet:
        return Problem(f"{len(cells)} fields instead of {width}", where, line)
    what = f"{len(cells)} cells where {width} have a heading"
    return Problem(what, f"{where}, cell {address(sheet, line, len(cells) - 1)}")
