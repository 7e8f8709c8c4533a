"""Values and marks of a JSON-stat data set as arrays; any values on axes as a frame, each cell once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from healthindicators.errors import DataError, Problem
from healthindicators.formats.axes import COLUMNS
from healthindicators.formats.bulk import Bulk

MOST_CELLS = 50_000_000
"""More cells than any service gives at once; a larger shape would only fill the memory."""

Positions = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_LARGEST_KEY = 2**62
_DENSE = 8


@dataclass
class Marks:
    """Marks by cell, gathered from what is said among the values and beside them."""

    count: int
    words: list[str] = field(default_factory=lambda: [""])
    codes: npt.NDArray[np.int32] = field(init=False)

    def __post_init__(self) -> None:
        self.codes = np.zeros(self.count, dtype=np.int32)

    def put(self, positions: Positions, marks: pa.Array) -> int:
        """Set marks, and return how many cells had another one already."""
        coded = marks.dictionary_encode()
        words = coded.dictionary.to_pylist()
        self.words += [word for word in words if word not in self.words]
        number = {word: place for place, word in enumerate(self.words)}
        own = np.array([*(number[word] for word in words), 0], dtype=np.int32)
        codes = own[coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)]
        before = self.codes[positions]
        clashes = int(((before != 0) & (codes != 0) & (before != codes)).sum())
        self.codes[positions] = np.where(codes == 0, before, codes)
        return clashes

    def categorical(self) -> pd.Categorical:
        """Return the marks of all cells; the empty text where there is none."""
        return categorical(self.codes, self.words)


def too_many(count: int, where: str, hint: str = "") -> list[Problem]:
    """Return the problem that so many cells are more than are read, if they are."""
    if count <= MOST_CELLS:
        return []
    return [Problem(f"{count} cells, more than the {MOST_CELLS} that are read", where, None, hint)]


def categorical(codes: npt.NDArray[np.signedinteger], words: Sequence[str]) -> pd.Categorical:
    """Return categories as text, with codes as small as their number allows."""
    kind = np.min_scalar_type(-max(len(words), 1))
    dtype = pd.CategoricalDtype(pd.Index(list(words), dtype="str"))
    return pd.Categorical.from_codes(codes.astype(kind, copy=False), dtype=dtype)


def frame(axes: Mapping[str, Sequence[str]], value: Floats, symbol: pd.Categorical) -> pd.DataFrame:
    """Return one row a cell, the last axis fastest, as `Cube` has them."""
    shape = tuple(len(codes) for codes in axes.values())
    columns: dict[str, object] = {}
    for number, (name, codes) in enumerate(axes.items()):
        kind = np.min_scalar_type(-max(len(codes), 1))
        along = np.arange(len(codes), dtype=kind)
        along = along.reshape([-1 if n == number else 1 for n in range(len(shape))])
        columns[name] = categorical(np.broadcast_to(along, shape).reshape(-1), codes)
    return pd.DataFrame({**columns, "value": value, "symbol": symbol}, copy=False)


def refuse_ours(dimensions: Sequence[str], where: str) -> None:
    """Refuse dimensions of the same name, or of the name of a column of ours.

    Raises
    ------
    DataError
        With each of them: one would silently take the place of another.
    """
    problems = [
        Problem(f"a dimension is called '{name}' twice, or as a column of ours", where, 1)
        for name, count in Counter([*dimensions, *COLUMNS]).items()
        if count > 1
    ]
    if problems:
        raise DataError(problems)


def refuse_twice(cells: pd.DataFrame, where: str, first_line: int = 2) -> None:
    """Refuse cells of which two have the same codes.

    Raises
    ------
    DataError
        With the lines of the later ones.
    """
    names = [name for name in cells.columns if name not in ("value", "symbol")]
    key, size = np.zeros(len(cells), dtype="int64"), 1
    for name in names:
        codes = cells[name].cat
        if size * len(codes.categories) > _LARGEST_KEY:
            key, found = pd.factorize(key)
            size = len(found)
        key = key * len(codes.categories) + codes.codes.to_numpy("int64")
        size *= max(1, len(codes.categories))
    if size <= _DENSE * len(cells) and np.bincount(key, minlength=1).max() <= 1:
        return
    twice = np.flatnonzero(pd.Series(key).duplicated().to_numpy())
    if len(twice):
        raise DataError(
            [
                Problem(
                    "a second line with the same codes", where, int(row) + first_line,
                    "/".join(str(cells[name].iloc[row]) for name in names),
                )
                for row in twice
            ]
        )  # fmt: skip


def read_values(raw: object, count: int, marks: Marks, where: str) -> tuple[Floats, list[Problem]]:
    """Return `count` floats from a list or an object by position; texts among them become marks."""
    where = f"{where}, value"
    positions, said, problems = _placed(raw, count, where)
    numbers, texts = (said, {}) if isinstance(said, np.ndarray) else _numbers(said, where, problems)
    every = np.full(count, np.nan)
    if problems:
        return every, problems
    if texts:
        marks.put(positions[list(texts)], pa.array(texts.values(), type=pa.string()))
    every[positions] = numbers
    return every, []


def read_statuses(raw: object, count: int, marks: Marks, where: str) -> list[Problem]:
    """Put statuses of any form into `marks`, and return what is wrong with them."""
    where = f"{where}, status"
    if isinstance(raw, dict) and not isinstance(raw.get("value"), (str, type(None))):
        raw = raw["value"]  # as Eurostat once wrote it, beside labels of the marks
    if raw is None or raw == []:  # an empty object, as some languages write it
        return []
    if isinstance(raw, str):
        raw = [raw]
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw * count
    positions, said, problems = _placed(raw, count, where)
    try:
        found = said if isinstance(said, pa.Array) else pa.array(said, type=pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        problems += _wrong(said, (str, type(None)), where)
    if problems:
        return problems
    clashes = marks.put(positions, found)
    if clashes:
        return [Problem(f"{clashes} cells have a text as value and another as status", where)]
    return []


def _placed(
    raw: object, count: int, where: str
) -> tuple[Positions, Sequence[object] | Floats, list[Problem]]:
    """Return what is said, and of which cells."""
    said: Sequence[object] | Floats
    found: Positions | None = None
    problems: list[Problem] = []
    if isinstance(raw, Bulk):
        found, said = raw.keys, raw.said
    elif isinstance(raw, dict):
        said = list(raw.values())
        found, problems = _positions(pa.array(list(raw), type=pa.string()), where)
    elif isinstance(raw, list):
        said = raw
    else:
        return np.zeros(0, np.int64), [], [Problem("neither a list nor an object", where)]
    if found is not None:
        return found, said, problems or _outside(found, count, where)
    problems = [] if len(said) == count else [Problem(f"{len(said)} for {count} cells", where)]
    return np.arange(count, dtype=np.int64), said, problems


def _positions(keys: pa.Array, where: str) -> tuple[Positions, list[Problem]]:
    """Return the positions that keys are: whole numbers; no two are equal, as no two keys are."""
    try:
        whole = keys.cast(pa.int64())
        plain = bool(pc.all(pc.equal(whole.cast(pa.string()), keys), min_count=0).as_py())
    except pa.ArrowInvalid:
        plain = False
    if not plain:
        odd = [key for key in keys.to_pylist() if not _POSITION.fullmatch(key)]
        what = f"{len(odd)} keys are no positions, the first is {odd[0]!r}"
        return np.zeros(0, np.int64), [Problem(what, where)]
    return whole.to_numpy(), []


def _outside(found: Positions, count: int, where: str) -> list[Problem]:
    """Return what is wrong with positions that are not among `count` cells."""
    outside = found[(found < 0) | (found >= count)]
    if not len(outside):
        return []
    what = f"{len(outside)} positions are not within {count} cells, the first is {outside[0]}"
    return [Problem(what, where)]


def _numbers(
    said: Sequence[object], where: str, problems: list[Problem]
) -> tuple[Floats, dict[int, str]]:
    """Return floats, and the texts among them by their place; what is neither is a problem."""
    problems += _wrong(said, (int, float, str, type(None)), where)
    if problems:
        return np.zeros(0), {}
    texts: dict[int, str] = {}
    if str in set(map(type, said)):
        texts = {place: mark for place, mark in enumerate(said) if isinstance(mark, str)}
        said = [None if isinstance(mark, str) else mark for mark in said]
    return np.array(said, dtype=np.float64), texts


def _wrong(said: Iterable[object], allowed: tuple[type, ...], where: str) -> list[Problem]:
    """Return a problem for each type that cannot stand in a cell."""
    counts = Counter(map(type, said))
    return [
        Problem(f"{count} cells are {_JSON[kind]}", where)
        for kind, count in counts.items()
        if kind not in allowed
    ]


_JSON = {
    bool: "true or false", dict: "objects", list: "lists", int: "numbers", float: "numbers",
    np.float64: "numbers",
}  # fmt: skip
"""What a type that is not allowed is called."""

_POSITION = re.compile(r"0|[1-9][0-9]{0,17}")
