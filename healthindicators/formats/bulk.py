"""Long runs of plain numbers and marks in JSON, read as columns instead of one object each.

Two million values as Python objects cost more than all the rest of a reply. A run is lifted out only
where its bytes can be nothing but numbers and nulls, or texts without escapes by position, written as
JSON writes them; whatever is not certain stays where it is, for the parser to judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

LONG = 20_000
"""Runs of fewer bytes are left to the parser, which needs no time for them."""

LONGEST = 2**31 - 2
"""Places in longer runs would not fit into the 32 bits they are given."""

_OPENS = re.compile(rb"\s*:\s*([\[{])")
_DENSE = b"0123456789-.,nul"
_SPARSE = _DENSE + b'": '
_MARKS = bytes(byte for byte in range(0x20, 0x7F) if byte != ord("\\"))
_ZERO, _NINE, _DOT, _LINE, _MINUS, _QUOTE, _COLON, _COMMA, _BLANK = b'09.\n-":, '

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Bulk:
    """What a run says in order: numbers with NaN for null, or marks; `keys` where it is an object.

    Keys are whole numbers from zero up, each once. `raw` is how the run was written, with brackets.
    """

    said: npt.NDArray[np.float64] | pa.StringArray
    keys: Places | None
    raw: bytes


def lift(text: bytes) -> tuple[bytes, dict[str, Bulk]]:
    """Return the text with a name in place of each long run, and the runs by name.

    Numbers are looked for under `value`, and marks under `status`.
    """
    found: dict[str, Bulk] = {}
    text = _lifted(text, b'"value"', {b"[": _dense, b"{": _sparse}, found)
    return _lifted(text, b'"status"', {b"{": _marks}, found), found


def _lifted(
    text: bytes,
    key: bytes,
    readers: dict[bytes, Callable[[bytes], Bulk | None]],
    found: dict[str, Bulk],
) -> bytes:
    pieces, done = [], 0
    at = text.find(key)
    while at >= 0:
        start, end = _run(text, at, key)
        reader = readers.get(text[start - 1 : start])
        bulk = reader(text[start:end]) if reader and LONG <= end - start <= LONGEST else None
        if bulk is not None:
            name = uuid4().hex
            found[name] = bulk
            pieces += [text[done : start - 1], b'"', name.encode(), b'"']
            done = end + 1
        at = text.find(key, max(done, at + 1))
    return b"".join([*pieces, text[done:]]) if pieces else text


def _run(text: bytes, at: int, key: bytes) -> tuple[int, int]:
    """Return where what may be a run begins and ends inside its brackets; where none is, no bytes."""
    # Without a backslash before it, this quotation mark cannot stand inside a text: it is a key.
    opens = _OPENS.match(text, at + len(key))
    if opens is None or text[at - 1 : at] == b"\\":
        return at, at
    return opens.end(), text.find(b"]" if opens[1] == b"[" else b"}", opens.end())


def _dense(run: bytes) -> Bulk | None:
    lines = run.replace(b", ", b",")
    if lines.translate(None, _DENSE):
        return None
    numbers = _column(lines.translate(_LINES), lines.count(b",") + 1)
    return None if numbers is None else Bulk(numbers, None, b"[%b]" % run)


def _sparse(run: bytes) -> Bulk | None:
    if run.translate(None, _SPARSE):
        return None
    members = _members(run, 2)
    # No mark that parts members stands anywhere else: the rest are digits, signs and nulls.
    if members is None or members.more_marks():
        return None
    keys, numbers = members.keys(), members.numbers()
    return None if keys is None or numbers is None else Bulk(numbers, keys, b"{%b}" % run)


def _marks(run: bytes) -> Bulk | None:
    if run.translate(None, _MARKS):
        return None
    members = _members(run, 4)
    if members is None or not members.are_texts():
        return None
    keys = members.keys()
    return None if keys is None else Bulk(members.texts(), keys, b"{%b}" % run)


@dataclass(frozen=True, eq=False)
class _Members:
    """Where the members of an object are written: each key in its marks, and what it is given."""

    run: bytes
    quotes: Places
    step: int
    """How many quotation marks a member has."""
    blanks: int
    """How many blanks stand between all of them."""
    begins: Places
    ends: Places

    @property
    def letters(self) -> npt.NDArray[np.uint8]:
        return np.frombuffer(self.run, dtype=np.uint8)

    @property
    def opens(self) -> Places:
        return self.quotes[:: self.step]

    @property
    def closes(self) -> Places:
        return self.quotes[1 :: self.step]

    def more_marks(self) -> bool:
        """Return whether there are more commas, colons or blanks than part the members."""
        count = len(self.begins)
        wanted = {_COMMA: count - 1, _COLON: count, _BLANK: self.blanks}
        return any(np.count_nonzero(self.letters == m) != n for m, n in wanted.items())

    def are_texts(self) -> bool:
        """Return whether all that keys are given are texts, each in its own marks."""
        first, last = self.quotes[2 :: self.step], self.quotes[3 :: self.step]
        return bool((first == self.begins).all() and (last == self.ends - 1).all())

    def keys(self) -> Places | None:
        """Return the keys if they are whole numbers as JSON writes them, each once."""
        written = self._cut(self.opens + 1, self.closes)
        padded = (self.letters[self.opens + 1] == _ZERO) & (self.closes - self.opens > 2)
        if padded.any() or not pc.all(pc.ascii_is_decimal(written)).as_py():
            return None
        try:
            keys: Places = written.cast(pa.int64()).to_numpy()
        except pa.ArrowInvalid:
            return None
        once = (keys[1:] > keys[:-1]).all() or len(np.unique(keys)) == len(keys)
        return keys if once else None

    def texts(self) -> pa.StringArray:
        return self._cut(self.begins + 1, self.ends - 1)

    def numbers(self) -> npt.NDArray[np.float64] | None:
        """Return the numbers if all are written as JSON writes them, NaN for null."""
        written = self._cut(self.begins, self.ends)
        if b"n" in self.run:
            written = pc.if_else(pc.equal(written, "null"), pa.scalar(None, pa.string()), written)
        try:
            found: npt.NDArray[np.float64] = written.cast(pa.float64()).to_numpy(
                zero_copy_only=False
            )
        except pa.ArrowInvalid:
            return None
        letters = self.letters
        starts = self.begins + (letters[self.begins] == _MINUS)
        padded = starts[(letters[starts] == _ZERO) & (self.ends - starts > 1)] + 1
        plain = (letters[padded] == _DOT).all() and _points_between_digits(letters)
        return found if plain and not np.isinf(found).any() else None

    def _cut(self, begins: Places, ends: Places) -> pa.StringArray:
        """Return the pieces of the run from `begins` to `ends`, which must be in order."""
        places = np.empty(2 * len(begins), dtype=np.int32)
        places[::2], places[1::2] = begins, ends
        pieces = pa.StringArray.from_buffers(
            len(places) - 1, pa.py_buffer(places), pa.py_buffer(self.run)
        )
        return pieces.take(pa.array(np.arange(0, len(places), 2, dtype=np.int32)))


def _members(run: bytes, step: int) -> _Members | None:
    """Return the members of an object whose keys and what they are given have `step` marks each.

    All must be parted in the same way, with or without a blank after the colon and the comma.
    """
    letters = np.frombuffer(run, dtype=np.uint8)
    quotes = np.flatnonzero(letters == _QUOTE)
    if len(quotes) <= step or len(quotes) % step or quotes[0] or quotes[1 - step] + 2 >= len(run):
        return None
    opens, closes = quotes[::step], quotes[1::step]
    inner = int(letters[closes[0] + 2] == _BLANK)
    outer = int(letters[opens[1] - 1] == _BLANK)
    begins, ends = closes + (2 + inner), np.append(opens[1:] - (1 + outer), len(run))
    parted = (
        (letters[closes + 1] == _COLON).all()
        and begins[-1] < len(run)
        and (letters[ends[:-1]] == _COMMA).all()
        and (not inner or (letters[closes + 2] == _BLANK).all())
        and (not outer or (letters[opens[1:] - 1] == _BLANK).all())
    )
    blanks = inner * len(begins) + outer * (len(begins) - 1)
    return _Members(run, quotes, step, blanks, begins, ends) if parted else None


_LINES = bytes.maketrans(b",", b"\n")


def _column(lines: bytes, count: int) -> npt.NDArray[np.float64] | None:
    """Return lines that hold a number each as JSON writes it, NaN for null; or nothing."""
    if not _as_json(lines):
        return None
    try:
        table = csv.read_csv(
            pa.BufferReader(lines),
            read_options=csv.ReadOptions(column_names=["value"], block_size=1 << 22),
            parse_options=csv.ParseOptions(
                delimiter=":", quote_char=False, ignore_empty_lines=False
            ),
            convert_options=csv.ConvertOptions(
                column_types={"value": pa.float64()}, null_values=["null"]
            ),
        )
    except pa.ArrowInvalid:
        return None
    found: npt.NDArray[np.float64] = table["value"].to_numpy()
    return found if len(found) == count and not np.isinf(found).any() else None


def _as_json(lines: bytes) -> bool:
    """Return whether no number has a needless zero before it, or a point without a digit beside it."""
    marks = np.frombuffer(b"\n" + lines + b"\n\n", dtype=np.uint8)
    digit = (marks >= _ZERO) & (marks <= _NINE)
    begins = (marks == _LINE) | (marks == _MINUS)
    if (begins[:-2] & (marks[1:-1] == _ZERO) & digit[2:]).any():
        return False
    return _points_between_digits(marks)


def _points_between_digits(letters: npt.NDArray[np.uint8]) -> bool:
    points = np.flatnonzero(letters == _DOT)
    beside = np.concatenate([points - 1, points + 1]).clip(0, len(letters) - 1)
    return bool(((letters[beside] >= _ZERO) & (letters[beside] <= _NINE)).all())
