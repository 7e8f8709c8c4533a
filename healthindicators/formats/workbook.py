"""Workbooks (xlsx) that people download: title rows, headings, blank stub cells, notes below.

A blank cell of the stub says the same as the one above it; that is written out here, and refused
where an outer cell changes and an inner one is blank. Cells keep whether they are numbers or text.

Seen (2026-11-22): a part that is named and not there (a drawing), a sheet that says that it is one
cell large and is not, text in cells of numbers, years as text. The package is opened for its cells
only, and unpacked only as far as its parts stay within a limit; nothing in it is run or followed.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import IO

from openpyxl import load_workbook

from healthindicators.errors import DataError, Problem
from healthindicators.formats.grid import Cell, Grid, address, code

MOST_BYTES = 256 * 2**20
"""A package that unpacks to more is refused: it would fill the memory."""
MOST_CELLS = 5_000_000
_CHUNK = 2**20
_OLD = b"\xd0\xcf\x11\xe0"
_PACKED = b"PK\x03\x04"
_NO_RESULT = re.compile(
    rb'<c(?![^>]*\bt="str")[^>]*>\s*<f[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
"""A cell with a formula and no result; an empty text may be one."""
_PLACE = re.compile(rb'<(?:\w+:)?(row|c)\s(?:[^>]*?\s)?r="([A-Z]*)([0-9]{1,7})"')
_SHEETS = "xl/worksheets/sheet"
_PAIR = 2


def is_workbook(body: bytes) -> bool:
    """Return whether bytes begin as a workbook does, also as one of a kind that is not read."""
    return body.startswith((_PACKED, _OLD))


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
    _refuse_package(body, where)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and rules, which say nothing of cells
            book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
            names = [s.title for s in book.worksheets]
            if name not in names and (name or len(names) != 1):
                said = (
                    f"there is no sheet '{name}'" if name else "it is not said which sheet is meant"
                )
                raise DataError([Problem(said, where, None, ", ".join(names))])
            chosen = book[name or names[0]]
            chosen.reset_dimensions()
            rows = list(_rows(chosen.iter_rows(values_only=True), where))
            return Sheet(chosen.title, rows, where)
    except DataError:
        raise
    except Exception as error:  # the library raises whatever the XML makes it stumble over
        what = f"not a workbook that can be read: {type(error).__name__}: {error}"
        hint = "open it in a spreadsheet program and save it as .xlsx or as CSV"
        raise DataError([Problem(what, where, None, hint)]) from error


def _refuse_package(body: bytes, where: str) -> None:
    """Unpack every part once, within the limit, so that a broken or a swollen one is noticed."""
    if body.startswith(_OLD):
        hint = "save it as .xlsx"
        raise DataError(
            [Problem("an old kind of workbook (.xls), or a locked one", where, None, hint)]
        )
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            for part in package.infolist():
                with package.open(part) as stream:
                    left -= _unpacked(stream, part.filename, left, where)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise DataError([Problem(f"not a whole workbook: {error}", where)]) from error
    except (RuntimeError, ValueError, UnicodeError) as error:
        raise DataError(
            [Problem(f"a workbook that is locked or broken: {error}", where)]
        ) from error


def _unpacked(stream: IO[bytes], name: str, left: int, where: str) -> int:
    """Return how large a part is; of a sheet, refuse what the library would pass over silently."""
    size, chunks = 0, []
    cells = name.startswith(_SHEETS)
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > left:
            limit = MOST_BYTES // 2**20
            raise DataError([Problem(f"it unpacks to more than {limit} megabytes", where)])
        if cells:
            chunks.append(chunk)
    if cells:
        _refuse_silent(b"".join(chunks), where)
    return size


def _refuse_silent(xml: bytes, where: str) -> None:
    """Refuse formulas without results, and rows and cells that stand twice or out of order."""
    if _NO_RESULT.search(xml):
        hint = "open it in a spreadsheet program and save it"
        raise DataError([Problem("formulas have no results in it", where, None, hint)])
    row, last = 0, (0, b"")
    for kind, letters, digits in _PLACE.findall(xml):
        number, column = int(digits), (len(letters), letters)
        if kind == b"row":
            wrong = number <= row
            row, last = number, (0, b"")
        else:
            wrong = number != row or column <= last
            last = column
        if wrong:
            at = (letters + digits).decode()
            what = f"{'row' if kind == b'row' else 'cell'} {at} stands twice or out of order"
            raise DataError([Problem(what, where)])


def _rows(rows: Iterator[tuple[object, ...]], where: str) -> Iterator[list[Cell]]:
    count = 0
    for row in rows:
        cells = [_cell(value) for value in row]
        while cells and cells[-1] is None:
            cells.pop()
        count += len(row) or 1
        if count > MOST_CELLS:
            raise DataError([Problem(f"it has more than {MOST_CELLS} cells", where)])
        yield cells


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str):
        return (value or "").strip() or None
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value)


def plain(found: Sheet) -> Grid:
    """Return a sheet whose first row is the header and whose every further row is a record.

    Raises
    ------
    DataError
        If there is no header, or cells stand beyond it.
    """
    rows = found.rows
    if not rows or not rows[0]:
        raise DataError([Problem("the first row is no header", found.where)])
    header = tuple(map(code, rows[0]))
    last = max((n for n, row in enumerate(rows) if row), default=0)
    _refuse_beyond(found, range(1, last + 1), len(header))
    lines = [n for n in range(1, last + 1) if rows[n]]
    return Grid(
        header,
        [_padded(rows[n], len(header)) for n in lines],
        [n + 1 for n in lines],
        sheet=found.name,
    )


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
