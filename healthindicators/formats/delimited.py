"""Text with one cell a line: columns of codes, and a column with a number or a mark in its place.

Encoding, delimiter and decimal mark are told by who knows them, or found out from the bytes: only
where the bytes leave one possibility. Where they leave none or two, the text is refused with what to
say; nothing is guessed. Codes are text, so "0301" stays "0301" and blanks in a code stay.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from healthindicators.errors import DataError, Problem
from healthindicators.formats.cells import refuse_ours, refuse_twice
from healthindicators.formats.cube import Cube
from healthindicators.formats.encoding import as_utf8

DELIMITERS = (";", ",", "\t", "|")
NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
MARKS: Mapping[str, str] = {"..": "..", "": ".."}
"""Texts that stand in place of a number, each with the symbol that it becomes."""
_SHOWN = 50


@dataclass(frozen=True)
class Layout:
    """What is known of a text: its encoding, delimiter and decimal mark; empty is to be found out.

    `closed` says that the last line ends with a line break, so that a text without one was cut off.
    """

    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    closed: bool = False


def read(
    body: bytes,
    *,
    where: str,
    value: str,
    layout: Layout | None = None,
    columns: Sequence[str] = (),
    marks: Mapping[str, str] = MARKS,
) -> Cube:
    r"""Return the cells of a text whose columns are dimensions, but for one that holds the values.

    Parameters
    ----------
    body : bytes
        The text, with a header in its first line.
    where : str
        Name of the file or the answer, for problems.
    value : str
        The column of values.
    layout : Layout, optional
        What is known of the text; the rest is found out.
    columns : sequence of str, optional
        The columns that the header must have, in any order.
    marks : mapping, optional
        Texts in place of a number, each with the symbol that it becomes.

    Raises
    ------
    DataError
        With everything that cannot be read without a guess: an encoding, delimiter or decimal mark
        that the bytes leave open, lines of another length, values that are no numbers, two lines
        with the same codes.

    Examples
    --------
    >>> cube = read(b"AREA;TID;INDHOLD\r\n084;2020;1,5\r\n101;2020;..\r\n", where="x", value="INDHOLD")
    >>> cube.cells.astype({"AREA": str, "TID": str, "symbol": str}).values.tolist()
    [['084', '2020', 1.5, ''], ['101', '2020', nan, '..']]
    """
    known = layout or Layout()
    table = text_columns(body, where=where, layout=known, columns=columns, plain=(value,))
    if value not in table.column_names:
        hint = f"the columns are {', '.join(table.column_names)}"
        raise DataError([Problem(f"there is no column '{value}'", where, 1, hint)])
    refuse_ours([name for name in table.column_names if name != value], where)
    values, symbols = numbers(table.column(value), where=where, decimal=known.decimal, marks=marks)
    codes = {name: categorical(table.column(name)) for name in table.column_names if name != value}
    cells = pd.DataFrame({**codes, "value": values, "symbol": symbols})
    refuse_twice(cells, where)
    return Cube(cells)


def text_columns(
    body: bytes,
    *,
    where: str,
    layout: Layout | None = None,
    columns: Sequence[str] = (),
    plain: Sequence[str] = (),
) -> pa.Table:
    """Return all columns as text: dictionaries of codes, but for those that are `plain`.

    Parameters
    ----------
    body : bytes
        The text, with a header in its first line.
    where : str
        Name of the file or the answer, for problems.
    layout : Layout, optional
        What is known of the text.
    columns : sequence of str, optional
        The columns that the header must have, in any order.
    plain : sequence of str, optional
        Columns with many different texts, such as values.

    Raises
    ------
    DataError
        As `read`.
    """
    known = layout or Layout()
    text = as_utf8(body, where, known.encoding)
    _refuse_shape(text, where, known.closed)
    end = text.find(b"\n")
    first = (text if end < 0 else text[:end]).rstrip(b"\r").decode()
    delimiter = known.delimiter or _delimiter(first, columns, where)
    names = _names(first, delimiter, columns, where)
    if b'"' in text:
        return _quoted(text, delimiter, names, where, plain)
    return _unquoted(text, delimiter, names, where, plain)


def _refuse_shape(text: bytes, where: str, closed: bool) -> None:
    """Refuse what lines cannot be counted in: each problem would move the lines of the others."""
    if not (text[:_SHOWN].strip() or text.strip()):
        raise DataError([Problem("there is no text", where)])
    rules = {
        "it holds a zero byte, so it is no text": b"\0" in text,
        "a line ends in the middle": _lone_return(text),
        "the last line is cut off": closed and not text.endswith(b"\n"),
    }
    problems = [Problem(what, where) for what, broken in rules.items() if broken]
    empty = "there is an empty line"
    problems += [Problem(empty, where, int(line)) for line in _empty_lines(text)]
    if problems:
        raise DataError(problems)


def _lone_return(text: bytes) -> bool:
    if b"\r" not in text:
        return False
    letters = np.frombuffer(text + b" ", dtype="uint8")
    return bool((letters[np.flatnonzero(letters == ord("\r")) + 1] != ord("\n")).any())


def _empty_lines(text: bytes) -> np.ndarray:
    """Return the numbers of lines that hold nothing."""
    ends = np.flatnonzero(np.frombuffer(text, dtype="uint8") == ord("\n"))
    lengths = np.diff(ends, prepend=-1)
    short = np.flatnonzero(lengths <= 2)
    empty = [line for line in short if lengths[line] == 1 or text[ends[line] - 1] == ord("\r")]
    return np.array(empty, dtype="int64") + 1


def _delimiter(first: str, columns: Sequence[str], where: str) -> str:
    """Return the one delimiter that splits the header into the columns, or into more than one."""
    split = {d: next(csv.reader([first], delimiter=d)) for d in DELIMITERS}
    if columns:
        fitting = [d for d, names in split.items() if sorted(names) == sorted(columns)]
    else:
        fitting = [d for d, names in split.items() if len(names) > 1]
    if len(fitting) == 1:
        return fitting[0]
    found = f"it could be {' or '.join(map(repr, fitting))}" if fitting else "none fits"
    hint = f"expected columns {', '.join(columns)}" if columns else "say the delimiter"
    raise DataError([Problem(f"unclear what separates the columns: {found}", where, 1, hint)])


def _names(first: str, delimiter: str, columns: Sequence[str], where: str) -> list[str]:
    names = next(csv.reader([first], delimiter=delimiter))
    rules = {
        "a column without name": not all(names),
        "two columns of the same name": len(set(names)) < len(names),
        "other columns than expected": bool(columns) and sorted(names) != sorted(columns),
    }
    hint = f"{', '.join(names)}; expected {', '.join(columns)}" if columns else ", ".join(names)
    problems = [Problem(what, where, 1, hint) for what, broken in rules.items() if broken]
    if problems:
        raise DataError(problems)
    return names


def _unquoted(
    text: bytes, delimiter: str, names: list[str], where: str, plain: Sequence[str]
) -> pa.Table:
    code = pa.dictionary(pa.int32(), pa.string())
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(text),
            read_options=arrow_csv.ReadOptions(column_names=names, skip_rows=1),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, quote_char=False, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={n: pa.string() if n in plain else code for n in names},
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise DataError(_lengths(text, delimiter, len(names), where, str(error))) from error
    lines = text.count(b"\n") + (not text.endswith(b"\n")) - 1
    if table.num_rows != lines:
        raise DataError([Problem(f"{table.num_rows} rows read of {lines} lines", where)])
    return table


def _lengths(text: bytes, delimiter: str, width: int, where: str, error: str) -> list[Problem]:
    """Return a problem for each line that has not as many fields as the header."""
    lines = text.decode().removesuffix("\n").split("\n")
    fields = ((number, line.count(delimiter) + 1) for number, line in enumerate(lines, start=1))
    problems = [
        Problem(f"{count} fields instead of {width}", where, number)
        for number, count in fields
        if count != width
    ]
    return problems or [Problem(f"not a table: {error}", where)]


def _quoted(
    text: bytes, delimiter: str, names: list[str], where: str, plain: Sequence[str]
) -> pa.Table:
    """Read text with quotation marks: slower, and strict about what stands beside them."""
    lines = csv.reader(io.StringIO(text.decode(), newline=""), delimiter=delimiter, strict=True)
    try:
        records = [(lines.line_num, record) for record in lines][1:]
    except csv.Error as error:
        raise DataError([Problem(f"not a table: {error}", where, lines.line_num)]) from error
    problems = [
        Problem(f"{len(record)} fields instead of {len(names)}", where, line)
        for line, record in records
        if len(record) != len(names)
    ]
    if not problems and records and records[-1][0] != len(records) + 1:
        problems = [Problem("a quoted text holds a line break", where)]
    if problems:
        raise DataError(problems)
    columns = (
        zip(*(record for _, record in records), strict=True) if records else ((),) * len(names)
    )
    arrays = {n: pa.array(list(c), pa.string()) for n, c in zip(names, columns, strict=True)}
    return pa.table({n: a if n in plain else a.dictionary_encode() for n, a in arrays.items()})


def codes_of(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Return for each row the position of its code, and the codes in order of appearance."""
    if column.num_chunks == 0:
        return np.zeros(0, dtype="int32"), []
    whole = column.unify_dictionaries().combine_chunks()
    array = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
    return array.indices.to_numpy(zero_copy_only=False), array.dictionary.to_pylist()


def categorical(column: pa.ChunkedArray) -> pd.Categorical:
    """Return a column of codes."""
    codes, categories = codes_of(column)
    return pd.Categorical.from_codes(codes, categories=pd.Index(categories, dtype="str"))


def numbers(
    column: pa.ChunkedArray,
    *,
    where: str,
    decimal: str = "",
    marks: Mapping[str, str] = MARKS,
    first_line: int = 2,
) -> tuple[np.ndarray, pd.Categorical]:
    """Return the values of a column of text (NaN where a mark stands) and the symbols of the marks.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Text: a number or a mark in each row.
    where : str
        Name of the file or the answer, for problems.
    decimal : str, optional
        ``.`` or ``,``; found out from the values where it is not told.
    marks : mapping, optional
        Texts in place of a number, each with the symbol that it becomes.
    first_line : int, optional
        The line of the first row.

    Raises
    ------
    DataError
        With the line of every text that is neither, or if the values leave the decimal mark open.
    """
    symbols = list(dict.fromkeys(["", *marks.values()]))
    place = pc.index_in(column, value_set=pa.array(list(marks), pa.string()))
    text = pc.if_else(pc.is_null(place), column, pa.scalar(None, pa.string()))
    mark = decimal or _decimal(text, where)
    if mark == ",":
        # A point is no part of such a number; what holds one is made unreadable, not ten times larger.
        text = pc.replace_substring(pc.replace_substring(text, ".", "?"), ",", ".")
    try:
        values = _floats(text)
    except pa.ArrowInvalid:
        values = None
    if values is None or np.isinf(values).any() or np.isnan(values).sum() != text.null_count:
        raise DataError(_no_numbers(column, text, where, first_line))
    becomes = np.array([symbols.index(marks[m]) for m in marks] + [0], dtype="int8")
    codes = becomes[place.fill_null(len(marks)).to_numpy()]
    return values, pd.Categorical.from_codes(codes, categories=pd.Index(symbols, dtype="str"))


def _floats(text: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(pc.cast(text, pa.float64()).to_numpy(), dtype="float64")


def _no_numbers(
    column: pa.ChunkedArray, text: pa.ChunkedArray, where: str, first_line: int
) -> list[Problem]:
    fits = pc.match_substring_regex(text, NUMBER)
    bad = np.flatnonzero(~pc.fill_null(fits, True).to_numpy())
    if not len(bad):  # a number in form that is too large for any computer
        bad = np.flatnonzero(np.isinf(_floats(text)))
    hint = "say whether it is a mark, and the decimal mark of the others"
    problems = [
        Problem(
            f"'{column[int(r)].as_py()[:_SHOWN]}' is no number", where, int(r) + first_line, hint
        )
        for r in bad
    ]
    return problems or [Problem("a value is no number", where)]


def _decimal(text: pa.ChunkedArray, where: str) -> str:
    """Return the decimal mark that the values leave no doubt about.

    Three digits behind a mark could be thousands; so could several marks in one number.
    """
    holds = {m: pc.any(pc.match_substring(text, m)).as_py() for m in (".", ",")}
    used = [mark for mark, held in holds.items() if held]
    if not used:
        return "."
    if len(used) == 1:
        mark = used[0]
        sure = rf"^-?(?:0?\{mark}[0-9]+|[0-9]+\{mark}(?:[0-9]{{1,2}}|[0-9]{{4,}}))$"
        if pc.any(pc.match_substring_regex(text, sure)).as_py():
            return mark
    found = (
        "both . and , stand in the values" if len(used) > 1 else f"'{used[0]}' could be thousands"
    )
    raise DataError(
        [Problem(f"the decimal mark is unclear: {found}", where, None, "say which it is")]
    )
