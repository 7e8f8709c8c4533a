"""The dimensions of a JSON-stat data set: their codes in order, labels and units.

`category.index` is a list of codes, an object from code to position (the order of its keys means
nothing), or absent with one category, whose label then gives the code. In version 1 `id`, `size` and
`role` stand among the dimensions; what stands in both places must be the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from healthindicators.errors import Problem

COLUMNS = ("value", "symbol")
"""Columns of a cube that are no dimension."""

_DIGITS = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class Axis:
    """One dimension: its codes in the provider's order, and what is said of them."""

    code: str
    label: str
    codes: tuple[str, ...]
    labels: Mapping[str, str]
    units: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    extension: Mapping[str, object] = field(default_factory=dict)


def mapping(value: object) -> Mapping[str, object]:
    """Return an object of JSON, or an empty one where something else or nothing stands."""
    return value if isinstance(value, dict) else {}


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of a list, or one text that stands alone."""
    if isinstance(value, str):
        return (value,)
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def whole(value: object) -> int | None:
    """Return a whole number from zero up, also where it is written as 2.0 or as text; else nothing."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value >= 0 else None
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    return None


def axes(dataset: Mapping[str, object], where: str) -> tuple[list[Axis], list[Problem]]:
    """Return the dimensions of a data set in the order of `id`, and all that is wrong with them."""
    dimension = mapping(dataset.get("dimension"))
    inside = {
        name: dimension[name]
        for name in ("id", "size", "role")
        if name in dimension and "category" not in mapping(dimension[name])
    }
    said = {**inside, **{n: dataset[n] for n in ("id", "size") if dataset.get(n) is not None}}
    ids, problems = _ids(said.get("id"), where)
    problems += [
        Problem(f"{name} is said twice, and not the same", where)
        for name in ("id", "size")
        if said.get(name) != inside.get(name, said.get(name))
    ]
    problems += _agreement(ids, [name for name in dimension if name not in inside], where)
    sizes, wrong = _sizes(said.get("size"), len(ids), where)
    problems += wrong
    found = []
    for position, code in enumerate(ids):
        own = mapping(dimension.get(code))
        if not own:
            if code in dimension:
                problems.append(Problem("it is no object", f"{where}, dimension {code}"))
            continue
        axis, wrong = _axis(code, own, f"{where}, dimension {code}")
        problems += wrong
        if not wrong and sizes and len(axis.codes) != sizes[position]:
            what = f"{len(axis.codes)} categories, but the size is {sizes[position]}"
            problems.append(Problem(what, f"{where}, dimension {code}"))
        found.append(axis)
    return found, problems


def _ids(value: object, where: str) -> tuple[list[str], list[Problem]]:
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        return [], [Problem("id is not a list of dimensions", where)]
    problems = [
        Problem(f"dimension {code!r} stands twice in id", where)
        for code, count in Counter(value).items()
        if count > 1
    ]
    problems += [
        Problem(f"a dimension cannot be called {code!r}: it is a column of ours", where)
        for code in COLUMNS
        if code in value
    ]
    return list(value), problems


def _agreement(ids: Sequence[str], present: Sequence[str], where: str) -> list[Problem]:
    absent = [code for code in ids if code not in present]
    more = [code for code in present if code not in ids]
    return [Problem(f"dimension {code!r} of id is not described", where) for code in absent] + [
        Problem(f"dimension {code!r} is described but not in id", where) for code in more
    ]


def _sizes(value: object, expected: int, where: str) -> tuple[list[int], list[Problem]]:
    sizes = [whole(v) for v in value] if isinstance(value, list) else [None]
    if None in sizes:
        return [], [Problem("size is not a list of whole numbers", where)]
    if len(sizes) != expected:
        return [], [Problem(f"size has {len(sizes)} numbers for {expected} dimensions", where)]
    return [size for size in sizes if size is not None], []


def _axis(code: str, said: Mapping[str, object], where: str) -> tuple[Axis, list[Problem]]:
    category = mapping(said.get("category"))
    label = said.get("label")
    codes: list[str] = []
    problems: list[Problem] = []
    if not category and "href" in said:
        problems = [Problem("given only as a link, without categories", where)]
    else:
        codes, problems = _codes(category, where)
    labels = category.get("label")
    if labels is not None and not isinstance(labels, dict):
        problems.append(Problem("the labels are not an object by code", where))
    known = set(codes)
    axis = Axis(
        code=code,
        label=label if isinstance(label, str) else "",
        codes=tuple(codes),
        labels={k: v for k, v in mapping(labels).items() if k in known and isinstance(v, str)},
        units={
            k: v
            for k, v in mapping(category.get("unit")).items()
            if k in known and isinstance(v, dict)
        },
        notes=texts(said.get("note")),
        extension=mapping(said.get("extension")),
    )
    return axis, problems


def _codes(category: Mapping[str, object], where: str) -> tuple[list[str], list[Problem]]:
    index = category.get("index")
    if index is None:
        labels = mapping(category.get("label"))
        if len(labels) == 1:
            return list(labels), []
        what = "no index, which only one category with a label can do without"
        return [], [Problem(what, where)]
    if isinstance(index, dict):
        return _positions(index, where)
    if not isinstance(index, list):
        return [], [Problem("the index is neither a list nor an object", where)]
    if not all(isinstance(code, str) for code in index):
        hint = "as a number a code may have lost leading zeros"
        return [], [Problem("a code in the index is no text", where, None, hint)]
    twice = [code for code, count in Counter(index).items() if count > 1]
    return list(index), [
        Problem(f"code {code!r} stands twice in the index", where) for code in twice
    ]


def _positions(index: Mapping[str, object], where: str) -> tuple[list[str], list[Problem]]:
    positions = {code: whole(at) for code, at in index.items()}
    problems = [
        Problem(f"the position of {code!r} is no whole number", where)
        for code, at in positions.items()
        if at is None
    ]
    counts = Counter(at for at in positions.values() if at is not None)
    problems += [
        Problem(f"position {at} is given to {count} codes", where)
        for at, count in counts.items()
        if count > 1
    ]
    problems += [
        Problem(f"code {code!r} is at position {at} of {len(index)}", where)
        for code, at in positions.items()
        if at is not None and at >= len(index)
    ]
    return sorted(positions, key=lambda code: positions[code] or 0), problems
