"""Long runs of plain numbers in JSON, read as columns instead of one object each.

Two million values as Python objects cost more than all the rest of a reply. A run is lifted out only
where its bytes can be nothing but numbers and nulls, written as JSON writes them; whatever is not
certain stays where it is, for the parser to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

LONG = 20_000
"""Runs of fewer bytes are left to the parser, which needs no time for them."""

_KEY = b'"value"'
_OPENS = re.compile(rb"\s*:\s*([\[{])")
_DENSE = b"0123456789-.,nul"
_SPARSE = _DENSE + b'":'
_ZERO, _NINE, _DOT, _LINE, _MINUS = b"09.\n-"


@dataclass(frozen=True, eq=False)
class Bulk:
    """Numbers in order, NaN for null; `keys` where they were written as an object."""

    numbers: npt.NDArray[np.float64]
    keys: pa.Array | None = None


def lift(text: bytes) -> tuple[bytes, dict[str, Bulk]]:
    """Return the text with a name in place of each long run of numbers, and the runs by name."""
    found: dict[str, Bulk] = {}
    pieces, done = [], 0
    for start, end, dense in _runs(text):
        if start < done:
            continue
        bulk = _dense(text[start:end]) if dense else _sparse(text[start:end])
        if bulk is not None:
            name = uuid4().hex
            found[name] = bulk
            pieces += [text[done : start - 1], b'"', name.encode(), b'"']
            done = end + 1
    return (b"".join([*pieces, text[done:]]), found) if found else (text, found)


def _runs(text: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield where what may be long runs begin and end, inside their brackets, and which they are."""
    at = text.find(_KEY)
    while at >= 0:
        # Without a backslash before it, this quotation mark cannot stand inside a text: it is a key.
        opens = _OPENS.match(text, at + len(_KEY))
        if opens is not None and text[at - 1 : at] != b"\\":
            dense = opens[1] == b"["
            end = text.find(b"]" if dense else b"}", opens.end())
            if end - opens.end() >= LONG:
                yield opens.end(), end, dense
        at = text.find(_KEY, at + 1)


def _dense(run: bytes) -> Bulk | None:
    run = run.replace(b", ", b",")
    if run.translate(None, _DENSE):
        return None
    table = _columns(run.translate(_LINES), ["value"], run.count(b",") + 1)
    return None if table is None else Bulk(_floats(table))


def _sparse(run: bytes) -> Bulk | None:
    run = run.replace(b", ", b",").replace(b'": ', b'":')
    count = run.count(b",") + 1
    # Every mark opens a key after a comma or closes it before a colon, and there are two a number.
    plain = (
        not run.translate(None, _SPARSE)
        and run.startswith(b'"')
        and run.count(b'"') == 2 * count
        and run.count(b'":') == run.count(b":") == run.count(b',"') + 1 == count
    )
    if not plain:
        return None
    table = _columns(run.translate(_LINES, b'"'), ["key", "value"], count)
    return None if table is None else Bulk(_floats(table), table["key"].combine_chunks())


_LINES = bytes.maketrans(b",", b"\n")


def _columns(lines: bytes, names: list[str], count: int) -> pa.Table | None:
    """Return the columns of lines that hold numbers as JSON writes them, or nothing."""
    if not _as_json(lines):
        return None
    try:
        table = csv.read_csv(
            pa.BufferReader(lines),
            read_options=csv.ReadOptions(column_names=names, block_size=1 << 22),
            parse_options=csv.ParseOptions(
                delimiter=":", quote_char=False, ignore_empty_lines=False
            ),
            convert_options=csv.ConvertOptions(
                column_types={"key": pa.string(), "value": pa.float64()},
                null_values=["null"],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    whole = table.num_rows == count and not np.isinf(_floats(table)).any()
    return table if whole else None


def _floats(table: pa.Table) -> npt.NDArray[np.float64]:
    found: npt.NDArray[np.float64] = table["value"].to_numpy()
    return found


def _as_json(lines: bytes) -> bool:
    """Return whether no number has a needless zero before it, or a point without a digit beside it."""
    marks = np.frombuffer(b"\n" + lines + b"\n\n", dtype=np.uint8)
    digit = (marks >= _ZERO) & (marks <= _NINE)
    begins = (marks == _LINE) | (marks == _MINUS) | (marks == ord(":"))
    if (begins[:-2] & (marks[1:-1] == _ZERO) & digit[2:]).any():
        return False
    points = np.flatnonzero(marks == _DOT)
    return bool((digit[points - 1] & digit[points + 1]).all())
