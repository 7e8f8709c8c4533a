"""Workbooks (xlsx) that people download: title rows, headings, blank stub cells, notes below.

A blank cell of the stub says the same as the one above it; that is written out here, and refused
where an outer cell changes and an inner one is blank. Cells keep whether they are numbers or text.

A cell says what it shows: a number in a format of per cent is 100 times what is stored, and one in the
format ``0000`` keeps its zeros, as codes do that were typed as numbers.

Seen (2026-11-22): text in cells of numbers, years as text, a sheet that says that it is one cell large
and is not.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time
from functools import lru_cache

from openpyxl import load_workbook
from openpyxl.cell.read_only import ReadOnlyCell

from healthindicators.errors import DataError, Problem
from healthindicators.formats import package
from healthindicators.formats.framing import framed
from healthindicators.formats.grid import Cell, Grid, address, code

MOST_CELLS = 5_000_000
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""Parts of a number format that are written as they stand, or tell colours and conditions."""
_ZEROS = re.compile(r"00+")
_PAIR = 2


def is_workbook(body: bytes) -> bool:
    """Return whether bytes begin as a workbook does, also as one of a kind that is not read."""
    return body.startswith((package.PACKED, package.OLD))


class Sheet:
    """The cells of one sheet, row by row, without the blank ones at the end of a row."""

    def __init__(self, name: str, rows: Sequence[Sequence[Cell]], where: str) -> None:
        self.name, self.rows, self.where = name, rows, where

    def problem(self, what: str, row: int, column: int = 0, hint: str = "") -> Problem:
        """Return a problem with the cell where it is; both are counted from 0."""
        return Problem(
            what, f"{self.where}, cell {address(self.name, row + 1, column)}", None, hint
        )


def sheet(body: bytes, *, where: str, name: str = "") -> Sheet:
    """Return the cells of a sheet of a workbook.

    Parameters
    ----------
    body : bytes
        The file.
    where : str
        Its name, for problems.
    name : str, optional
        The sheet; may be left out where there is only one.

    Raises
    ------
    DataError
        If the bytes are no workbook, or one that cannot be read, or unpack to too much; if it is not
        said which of several sheets is meant; if formulas have no results.
    """
    package.refuse(body, where)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and rules, which say nothing of cells
            book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
            names = [s.title for s in book.worksheets]
            shown = [s.title for s in book.worksheets if s.sheet_state == "visible"]
            if name not in names and (name or len(shown) != 1):
                said = (
                    f"there is no sheet '{name}'" if name else "it is not said which sheet is meant"
                )
                raise DataError([Problem(said, where, None, ", ".join(names))])
            chosen = book[name or shown[0]]
            chosen.reset_dimensions()
            rows = list(_rows(chosen.iter_rows(), where))
            return Sheet(chosen.title, rows, where)
    except DataError:
        raise
    except Exception as error:  # the library raises whatever the XML makes it stumble over
        what = f"not a workbook that can be read: {type(error).__name__}: {error}"
        hint = "open it in a spreadsheet program and save it as .xlsx or as CSV"
        raise DataError([Problem(what, where, None, hint)]) from error


def _rows(rows: Iterator[tuple[ReadOnlyCell, ...]], where: str) -> Iterator[list[Cell]]:
    count = 0
    for row in rows:
        cells = [_cell(cell.value, cell) for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        count += len(row) or 1
        if count > MOST_CELLS:
            raise DataError([Problem(f"it has more than {MOST_CELLS} cells", where)])
        yield cells


def _cell(value: object, cell: ReadOnlyCell) -> Cell:
    """Return what a cell shows: a share in per cent, a code with its zeros, a day without an hour."""
    if value is None or isinstance(value, str):
        return (value or "").strip() or None
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return _shown(value, _form(cell.number_format))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value)


@lru_cache
def _form(number_format: str) -> str:
    return _LITERAL.sub("", number_format)


def _shown(value: float, form: str) -> Cell:
    if "%" in form:
        return float(f"{value * 100:.15g}")  # as many digits as spreadsheet programs keep
    if _ZEROS.fullmatch(form) and value >= 0 and float(value).is_integer():
        return str(int(value)).zfill(len(form))
    return float(value)


def plain(found: Sheet, expected: Collection[str] = ()) -> Grid:
    """Return a sheet with a header, records below it, and perhaps a title and notes.

    Parameters
    ----------
    found : Sheet
        The cells.
    expected : collection of str, optional
        Columns that the header is known to have.

    Raises
    ------
    DataError
        As `framed`.
    """
    records = [(number, row) for number, row in enumerate(found.rows, start=1)]
    return framed(records, where=found.where, expected=expected, least=1, sheet=found.name)


def crosstab(found: Sheet, names: Sequence[str] = (), across: str = "") -> Grid:
    """Return a sheet with a stub to the left, headings above and a title.

    Parameters
    ----------
    found : Sheet
        The cells.
    names : sequence of str, optional
        What the columns of the stub are called; else the sheet says it: in cells beside the headings,
        or at the end of its title, as in ``Deaths by sex, age, region and time``, where the last one
        lies across.
    across : str, optional
        What the headings are called.

    Returns
    -------
    Grid
        The stub written out, a column of codes for each name; where the sheet has pairs of a code and
        a text, the texts are labels. `keys` are the stub's, `across` is what the headings are of.

    Raises
    ------
    DataError
        If the sheet is not of this form: with the cell where it is not.
    """
    top, stub = _top(found)
    heading = found.rows[top]
    names, across, first = _named(found, top, stub, list(names), across)
    pairs = _pairs(found, top, stub, names)
    width = len(heading)
    last, notes = _end(found, first, stub, width)
    _refuse_beyond(found, range(first, last), width)
    rows = [_padded(found.rows[n], width) for n in range(first, last)]
    again = _renamed(rows) if pairs == 1 else []
    _fill(found, rows, first, stub, pairs)
    keep = [column * pairs for column in range(len(names))]
    labels = {}
    if pairs == _PAIR:
        for name, column in zip(names, keep, strict=True):
            labels[name] = _labels(found, rows, first, column)
    title = next((str(row[0]) for row in found.rows[:top] if row and row[0]), "")
    above = [code(c) for row in found.rows[:top] for c in row if c is not None][1:]
    return Grid(
        header=(*names, *map(code, heading[stub:])),
        rows=[[*(row[n] for n in keep), *row[stub:]] for row in rows],
        lines=list(range(first + 1, last + 1)),
        title=title,
        notes=(*above, *notes, *again),
        sheet=found.name,
        labels=labels,
        at=(*keep, *range(stub, width)),
        keys=tuple(names),
        across=across,
    )


def _top(found: Sheet) -> tuple[int, int]:
    """Return the row of the headings and how many columns the stub has to the left of them."""
    for number, row in enumerate(found.rows):
        filled = [n for n, cell in enumerate(row) if cell is not None]
        beyond = [n for n in filled if n > 0]
        if beyond and beyond[-1] - beyond[0] + 1 == len(beyond):
            return number, beyond[0]
        if beyond:
            raise DataError([found.problem("a heading is blank among others", number, beyond[0])])
    raise DataError([Problem("there is no row of headings", found.where)])


def _named(
    found: Sheet, top: int, stub: int, names: list[str], across: str
) -> tuple[list[str], str, int]:
    """Return what the stub's columns and the headings are called, and the first row of figures."""
    corner = found.rows[top][0]
    below = found.rows[top + 1] if top + 1 < len(found.rows) else []
    if corner is not None:
        if len(below) != stub or None in below:
            what = "beside the headings stands a name, and below it are none of the stub"
            raise DataError([found.problem(what, top + 1)])
        return names or [code(c) for c in below], across or code(corner), top + 2
    if names:
        return names, across or "column", top + 1
    title = next((str(row[0]) for row in found.rows[:top] if row and row[0]), "")
    said = re.split(r" (?:by|etter|efter) ", title)
    parts = re.split(r", | and | og | och ", said[-1]) if len(said) > 1 else []
    if len(parts) < _PAIR:
        hint = "declare `stub` and `across` in the table's layout"
        raise DataError([Problem("the title does not name the columns", found.where, 1, hint)])
    return parts[:-1], across or parts[-1], top + 1


def _pairs(found: Sheet, top: int, stub: int, names: Sequence[str]) -> int:
    if stub == len(names):
        return 1
    if stub == _PAIR * len(names):
        return _PAIR
    what = f"{stub} columns stand beside the headings, for {', '.join(names)}"
    raise DataError([found.problem(what, top, stub, "declare `stub` in the table's layout")])


def _end(found: Sheet, first: int, stub: int, width: int) -> tuple[int, list[str]]:
    """Return the row behind the last one with figures, and the notes below."""
    rows = found.rows

    def tells(row: Sequence[Cell]) -> bool:
        return any(cell is not None for cell in row[1:width])

    last = max((n for n in range(first, len(rows)) if tells(rows[n])), default=first - 1) + 1
    gaps = [n for n in range(first, last) if not tells(rows[n])]
    problems = [found.problem("a row without figures among the others", n) for n in gaps]
    if last == first:
        problems = [Problem("there is no row of figures", found.where)]
    if problems:
        raise DataError(problems)
    return last, [code(row[0]) for row in rows[last:] if row]


def _refuse_beyond(found: Sheet, rows: range, width: int) -> None:
    beyond = [n for n in rows if len(found.rows[n]) > width]
    if beyond:
        what = "a cell without a heading above it"
        raise DataError([found.problem(what, n, len(found.rows[n]) - 1) for n in beyond])


def _padded(row: Sequence[Cell], width: int) -> list[Cell]:
    return [*row, *[None] * (width - len(row))]


def _renamed(rows: list[list[Cell]]) -> list[str]:
    """Tell apart blocks with the same name, and return a note of each.

    A county and its only municipality may be called the same, each at the head of its own block.
    """
    heads = [n for n, row in enumerate(rows) if row[0] is not None]
    if len(heads) == len(rows):
        return []
    seen: dict[str, int] = {}
    notes = []
    for n in heads:
        name = code(rows[n][0])
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            rows[n][0] = f"{name} ({seen[name]})"
            notes.append(f"'{name}' heads several blocks; number {seen[name]} is '{rows[n][0]}'")
    return notes


def _fill(found: Sheet, rows: list[list[Cell]], first: int, stub: int, pairs: int) -> None:
    """Write out blank stub cells; below a cell that changes, none further in may be blank."""
    above: list[Cell] = [None] * stub
    problems = []
    for number, row in enumerate(rows):
        outer = next((n for n in range(stub) if row[n] is not None), stub)
        inner = range(outer - outer % pairs, stub)
        problems += [
            found.problem("blank, and the cells to its left are new", first + number, n)
            for n in inner
            if row[n] is None
        ]
        if outer == stub:
            what = "the whole stub is blank: it would be the row above once more"
            problems.append(found.problem(what, first + number))
        row[:outer] = above[:outer]
        above = row[:stub]
    if problems:
        raise DataError(problems)


def _labels(found: Sheet, rows: list[list[Cell]], first: int, column: int) -> dict[str, str]:
    """Return the text beside each code; a code has one text only."""
    labels: dict[str, str] = {}
    problems = []
    for number, row in enumerate(rows):
        key, text = code(row[column]), code(row[column + 1])
        if labels.setdefault(key, text) != text:
            what = f"'{key}' is called '{text}' here and '{labels[key]}' before"
            problems.append(found.problem(what, first + number, column + 1))
    if problems:
        raise DataError(problems)
    return labels
