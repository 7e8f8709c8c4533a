"""A table as it stands on paper: a header and rows of cells. From it to cells of a cube.

In a long grid one column holds the values and the others say what each is about. In a wide one the
columns beyond the keys are themselves codes: of years, of topics, of sexes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd

from healthindicators.errors import DataError, Problem
from healthindicators.formats import numerals
from healthindicators.formats.cube import Cube

Cell = str | float | None

DESTROYED = "\N{REPLACEMENT CHARACTER}"
_LOST = re.compile(rf"{DESTROYED}|(?<=[^\W\d_])\?+(?=[^\W\d_])|(?<!\S)\?(?=[^\W\d_]{{2}})")


@dataclass(frozen=True)
class Grid:
    """Rows of cells under a header, each row with the line that it stands on.

    Where the file itself says so, `keys` are the columns that say what the values are about, and
    `across` is what the headings of the others are codes of. `sheet` is the sheet of a workbook, and
    `at` the number of each column there, where it is not its place here.
    """

    header: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    lines: Sequence[int]
    title: str = ""
    notes: tuple[str, ...] = ()
    sheet: str = ""
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    at: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    across: str = ""

    def without(self, names: Collection[str]) -> Grid:
        """Return the grid without some columns."""
        keep = [n for n, name in enumerate(self.header) if name not in names]
        if len(keep) == len(self.header):
            return self
        rows = [[row[n] for n in keep] for row in self.rows]
        at = tuple(self.at[n] if self.at else n for n in keep)
        return replace(self, header=tuple(self.header[n] for n in keep), rows=rows, at=at)

    def column(self, name: str) -> list[str]:
        """Return the cells of a column as codes."""
        at = self.header.index(name)
        return [code(row[at]) for row in self.rows]

    def place(self, where: str, row: int, column: int) -> tuple[str, int | None]:
        """Return where a cell stands: a line of a text, or a cell of a sheet."""
        if not self.sheet:
            return where, self.lines[row]
        number = self.at[column] if self.at else column
        return f"{where}, cell {address(self.sheet, self.lines[row], number)}", None


def address(sheet: str, line: int, column: int) -> str:
    """Return what a spreadsheet program calls a cell; columns are counted from 0.

    Examples
    --------
    >>> address("FOLK1A", 5, 2), address("A", 1, 27)
    ('FOLK1A!C5', 'A!AB1')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{sheet}!{letters}{line}"


def code(cell: Cell) -> str:
    """Return a cell as a code: text without blanks around it; a whole number without its point.

    Examples
    --------
    >>> code(2022.0), code(" Ale"), code("0301"), code(None)
    ('2022', 'Ale', '0301', '')
    """
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def cube(
    grid: Grid,
    *,
    where: str,
    keys: Collection[str],
    across: str = "",
    value: str = "",
    style: numerals.Style | None = None,
    alike: bool = False,
) -> Cube:
    """Return the cells of a grid.

    Parameters
    ----------
    grid : Grid
        The header and the rows.
    where : str
        Name of the file, for problems.
    keys : collection of str
        Columns that say what a value is about.
    across : str, optional
        What the headings of all other columns are codes of, in a wide grid.
    value : str, optional
        The column of values, in a long grid.
    style : Style, optional
        What is known of the marks in numbers.
    alike : bool, optional
        Whether the figures of a column are of one kind.

    Raises
    ------
    DataError
        If a column is absent or the same cell stands twice with two values, and as `numerals.read`.
    """
    at = _columns(grid, where, keys, value)
    of_values = [at[value]] if value else [n for n, h in enumerate(grid.header) if h not in keys]
    if not of_values:
        raise DataError([Problem("there is no column of values", where, None, ", ".join(keys))])
    count = len(grid.rows)
    given = [
        numerals.Column(
            grid.header[n],
            [row[n] for row in grid.rows],
            partial(grid.place, where, column=n),
            alike,
        )
        for n in of_values
    ]
    found = numerals.read(given, style)
    wide = len(of_values)
    frame = pd.DataFrame(
        {
            key: np.repeat(np.array([code(r[at[key]]) for r in grid.rows], object), wide)
            for key in keys
        }
    )
    if across:
        frame[across] = np.tile(np.array([grid.header[n] for n in of_values], object), count)
    for name in frame:
        frame[name] = pd.Categorical(frame[name], categories=pd.unique(frame[name]).astype("str"))
    frame["value"] = np.stack([values for values, _ in found], axis=1).reshape(-1)
    marks = np.stack([np.asarray(symbols.astype("str"), object) for _, symbols in found], axis=1)
    frame["symbol"] = pd.Categorical(marks.reshape(-1))
    frame.index = pd.Index(np.repeat(np.asarray(grid.lines, "int64"), wide), name="line")
    once, notes = _once(frame, where)
    if wide > 1:
        once = once.reset_index(drop=True)
    lost = tuple(note for key in keys for note in _destroyed(once[key], key))
    labels = {key: texts for key, texts in grid.labels.items() if key in keys or key == across}
    return Cube(once, labels=labels, title=grid.title, notes=(*grid.notes, *notes, *lost))


def _columns(grid: Grid, where: str, keys: Collection[str], value: str) -> dict[str, int]:
    at = {name: number for number, name in enumerate(grid.header)}
    wanted = [*keys, *([value] if value else [])]
    shown = ", ".join(grid.header)
    problems = [
        Problem(f"there is no column '{name}'", where, None, f"the columns are {shown}")
        for name in wanted
        if name not in at
    ]
    twice = [name for name in at if grid.header.count(name) > 1]
    problems += [Problem(f"two columns are called '{name}'", where) for name in twice]
    if not all(grid.header):
        problems.append(Problem("a column has no heading", where, None, shown))
    if not grid.rows:
        problems.append(Problem("there is no row of figures", where))
    if problems:
        raise DataError(problems)
    return at


def _once(frame: pd.DataFrame, where: str) -> tuple[pd.DataFrame, list[str]]:
    """Return each cell once; what stands twice must say the same, and is told.

    Raises
    ------
    DataError
        With every cell that stands twice and differs.
    """
    names = [str(n) for n in frame.columns if n not in ("value", "symbol")]
    rows = frame.reset_index()
    again = rows.duplicated(names)
    if not again.any():
        return frame, []
    same = rows.duplicated([*names, "value", "symbol"])
    differing = rows[again & ~same]
    if len(differing):
        raise DataError(
            [
                Problem(
                    "the same cell stands twice, with another value", where, int(row["line"]),
                    "/".join(str(row[n]) for n in names),
                )
                for _, row in differing.iterrows()
            ]
        )  # fmt: skip
    few = [n for n in names if len(rows.loc[again, n].unique()) == 1]
    said = ", ".join(f"{n} {rows.loc[again, n].iloc[0]}" for n in few)
    note = f"{int(again.sum())} cells stand twice with the same value, and were taken once: {said}"
    return frame[~again.to_numpy()], [note]


def _destroyed(column: pd.Series, name: str) -> list[str]:
    """Return a note if letters of a column's texts were destroyed before the file came here."""
    lost = [text for text in column.cat.categories if _LOST.search(text)]
    if not lost:
        return []
    return [
        f"letters of {len(lost)} texts of '{name}' were destroyed before the file was saved, as in "
        f"'{lost[0]}': their names are of no use, only their codes are"
    ]


def has_lost_letters(text: str) -> bool:
    r"""Return whether letters of a text were replaced by a sign for what cannot be written.

    Examples
    --------
    >>> [has_lost_letters(t) for t in ("B\N{REPLACEMENT CHARACTER}rum", "B?rum", "?snes", "Why?")]
    [True, True, True, False]
    """
    return _LOST.search(text) is not None
