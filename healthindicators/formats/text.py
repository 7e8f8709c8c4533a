r"""Text that people download and save again: delimiter, title lines and notes found out.

Seen (2026-11-22): titles with an empty line above the header, notes below the figures; spreadsheet
programs give every line as many delimiters as the longest has, and some begin with ``sep=;``.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator
from itertools import islice

from healthindicators.errors import DataError, Problem
from healthindicators.formats.delimited import DELIMITERS
from healthindicators.formats.encoding import decoded
from healthindicators.formats.framing import Record, framed, is_header
from healthindicators.formats.grid import Grid

_TOLD = re.compile(r'"?sep=(.)"?(?=\r?\n)', re.IGNORECASE)
_HEAD = 200
"""Lines in which the header is looked for."""


def grid(
    body: bytes,
    *,
    where: str,
    encoding: str = "",
    delimiter: str = "",
    names: Collection[str] = (),
    expected: Collection[str] = (),
    unended: bool = False,
    short: bool = False,
) -> Grid:
    r"""Return the header and the rows of a delimited text, title and notes apart.

    Parameters
    ----------
    body : bytes
        The file as it was saved.
    where : str
        Its name, for problems.
    encoding, delimiter : str, optional
        What is known of it; the rest is found out.
    names : collection of str, optional
        As for `decoded`.
    expected : collection of str, optional
        Columns that its header is known to have.
    unended : bool, optional
        Whether it is known that the last line is whole though it has no line break.
    short : bool, optional
        Whether lines may leave out their last fields where those are empty.

    Raises
    ------
    DataError
        As `decoded`; if none or several delimiters make a table of it; with every line that has more
        or fewer fields than the header; if the last line is cut off.

    Examples
    --------
    >>> found = grid(b'"Population"\n\n"region";"2021"\n"0301";7\n', where="x")
    >>> found.title, found.header, found.rows, found.lines
    ('Population', ('region', '2021'), [['0301', '7']], [4])
    """
    text = decoded(body, where=where, encoding=encoding, names=names)
    text = unicodedata.normalize("NFC", text)
    _refuse_shape(text, where, unended)
    if told := _TOLD.match(text):
        delimiter, text = delimiter or told[1], text[told.end() :]
    tried = (delimiter,) if delimiter else tuple(d for d in DELIMITERS if d in text)
    tried = tuple(d for d in tried if _holds(text, d, where, expected)) or tried
    tables: list[Grid] = []
    problems: list[Problem] = []
    for each in tried:
        try:
            records = list(_records(text, each, where))
            tables.append(framed(records, where=where, expected=expected, least=2 if short else 0))
        except DataError as error:
            problems += error.problems
    plain = [t for t in tables if not t.title] or tables
    if len(plain) == 1:
        return plain[0]
    if not plain and len(tried) == 1:
        raise DataError(problems)
    shown = " or ".join(repr(d) for d in tried) or "none of the usual ones stands in it"
    what = f"it is unclear what separates the columns: {shown}"
    raise DataError([Problem(what, where, None, "declare the delimiter in the table's layout")])


def _refuse_shape(text: str, where: str, unended: bool) -> None:
    problems = []
    if not text.strip():
        problems.append(Problem("there is no text", where))
    elif not unended and not text.endswith(("\n", "\r", '"')):
        hint = "download it again; or, if it is whole, declare lines = 'unended' in the layout"
        problems.append(Problem("the last line has no end: it may be cut off", where, None, hint))
    if problems:
        raise DataError(problems)


def _holds(text: str, delimiter: str, where: str, expected: Collection[str]) -> bool:
    """Return whether a delimiter makes the header that is expected, where one is."""
    try:
        head = islice(_records(text, delimiter, where), _HEAD)
        return bool(expected) and any(is_header(fields, expected) for _, fields in head)
    except DataError:
        return False


def _records(text: str, delimiter: str, where: str) -> Iterator[Record]:
    """Yield each record with the line that it begins on.

    Raises
    ------
    DataError
        If quotation marks do not close, or text stands behind one that closes.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            yield line, [field.strip() for field in record]
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError([Problem(f"not a table: {error}", where, line)]) from error
