"""JSON-stat in all its forms: version 1 bundles, 2.0 datasets and collections.

Facts of the format are from its specification and samples (json-stat.org, read 2026-11). What
services add or leave out, as recorded until 2026-11:

- StatBank and PxWeb's ``json-stat`` send version 1: a bundle of named datasets with `id`, `size` and
  `role` inside `dimension`; sizes as text have been seen.
- PxWeb writes ``-`` with null where the figure is exactly zero, and marks beside values that stand.
  Nothing is decided here: the mark is kept in `symbol`, and the country's file says what it means.
- FHI puts flags as text among the values, sends an empty text as status and null roles, and may begin
  with a byte-order mark.
- Eurostat leaves out roles, writes values as an object with the cells that exist, and long ago wrote
  the status as an object with `label` and `value`.

What contradicts itself is refused, all of it at once: a shape that does not agree with its cells
would put every figure in the wrong place without a sound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from healthindicators.errors import DataError, Problem, nearest
from healthindicators.formats.axes import Axis, axes, mapping, texts
from healthindicators.formats.cells import Marks, frame, read_statuses, read_values, too_many
from healthindicators.formats.cube import Cube
from healthindicators.formats.instants import instant
from healthindicators.formats.jsontext import parse

ROLES = ("time", "geo", "metric")


def read(body: bytes, *, where: str, dataset: str = "") -> Cube:
    """Return the cells of a data set.

    Parameters
    ----------
    body : bytes
        JSON-stat of any version.
    where : str
        What the bytes are called in problems.
    dataset : str
        Which data set of a bundle or a collection; may be left out where there is one.

    Raises
    ------
    DataError
        With everything that contradicts itself, is no JSON-stat, or cannot be told apart.

    Examples
    --------
    >>> body = b'''{"version": "2.0", "id": ["Region", "Tid"], "size": [2, 1], "dimension": {
    ...   "Region": {"category": {"index": {"0180": 1, "0114": 0}}},
    ...   "Tid": {"category": {"label": {"2024": "2024"}}}},
    ...   "value": [null, 5], "status": {"0": ".."}}'''
    >>> read(body, where="a reply").cells.to_dict("list")
    {'Region': ['0114', '0180'], 'Tid': ['2024', '2024'], 'value': [nan, 5.0], 'symbol': ['..', '']}
    """
    found = _datasets(body, where)
    if not dataset and len(found) > 1:
        hint = f"name one of {', '.join(found)}"
        raise DataError([Problem(f"{len(found)} data sets are in it", where, None, hint)])
    name = dataset or next(iter(found))
    if name not in found:
        hint = f"there are {', '.join(nearest(name, found) or found)}"
        raise DataError([Problem(f"no data set {name!r}", where, None, hint)])
    return _cube(found[name], where if len(found) == 1 else f"{where}, {name}")


def datasets(body: bytes, *, where: str) -> tuple[str, ...]:
    """Return the names of the data sets: their keys in a bundle, else their labels or numbers.

    Raises
    ------
    DataError
        As `read`.
    """
    return tuple(_datasets(body, where))


def structure(body: bytes, *, where: str) -> tuple[dict[str, Axis], Mapping[str, object]]:
    """Return the dimensions of a data set that may have no cells, such as metadata, and all it says.

    Raises
    ------
    DataError
        As `read`, with the cells not looked at.
    """
    found = _datasets(body, where)
    said = next(iter(found.values()))
    dimensions, problems = axes(said, where)
    if problems:
        raise DataError(problems)
    return {axis.code: axis for axis in dimensions}, said


def _datasets(body: bytes, where: str) -> dict[str, Mapping[str, object]]:
    tree = parse(body, where=where)
    if not isinstance(tree, dict):
        raise DataError([Problem("no JSON-stat: not an object", where)])
    _refuse_errors(tree, where)
    link = mapping(tree.get("link"))
    if tree.get("class") == "collection" or ("dimension" not in tree and "item" in link):
        return _collection(link.get("item"), where)
    if tree.get("class") == "dimension":
        raise DataError([Problem("one dimension, and no figures", where)])
    if "dimension" in tree:
        return {"dataset": tree}
    bundle = {name: said for name, said in tree.items() if "dimension" in mapping(said)}
    if not bundle:
        hint = f"its keys are {', '.join(list(tree)[:8])}" if tree else "it is empty"
        raise DataError([Problem("no JSON-stat: no data set in it", where, None, hint)])
    return bundle


def _refuse_errors(tree: Mapping[str, object], where: str) -> None:
    """Refuse what a service sends instead of figures, with status 200 too (Eurostat, 2026-02)."""
    problems = [
        Problem(f"the service sent {kind} instead of figures: {str(tree[kind])[:300]}", where)
        for kind in ("error", "warning")
        if tree.get(kind) and "dimension" not in mapping(tree.get(kind))
    ]
    if problems:
        raise DataError(problems)


def _collection(items: object, where: str) -> dict[str, Mapping[str, object]]:
    if not isinstance(items, list) or not items:
        raise DataError([Problem("a collection without items", where)])
    found: dict[str, Mapping[str, object]] = {}
    elsewhere = []
    for number, item in enumerate(items):
        said = mapping(item)
        label = said.get("label")
        name = label if isinstance(label, str) and label and label not in found else str(number)
        if "dimension" in said:
            found[name] = said
        else:
            elsewhere.append(str(said.get("href", name)))
    if not found:
        hint = f"ask for {', '.join(elsewhere[:8])}"
        raise DataError([Problem("a collection of links, without figures", where, None, hint)])
    return found


def _cube(said: Mapping[str, object], where: str) -> Cube:
    dimensions, problems = axes(said, where)
    count = prod(len(axis.codes) for axis in dimensions)
    problems += too_many(count, where)
    if problems:
        raise DataError(problems)
    marks = Marks(count)
    values, problems = read_values(said.get("value"), count, marks, where)
    problems += read_statuses(said.get("status"), count, marks, where)
    if problems:
        raise DataError(problems)
    return Cube(
        cells=frame({axis.code: axis.codes for axis in dimensions}, values, marks.categorical()),
        labels={axis.code: axis.labels for axis in dimensions},
        names={axis.code: axis.label for axis in dimensions if axis.label},
        units={code: unit for axis in dimensions for code, unit in axis.units.items()},
        roles=_roles(said, [axis.code for axis in dimensions]),
        title=_text(said.get("label")),
        updated=instant(said.get("updated")),
        notes=_notes(said, dimensions),
    )


def _roles(said: Mapping[str, object], ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    role = mapping(said.get("role") or mapping(said.get("dimension")).get("role"))
    named = {name: tuple(code for code in texts(role.get(name)) if code in ids) for name in ROLES}
    return {name: codes for name, codes in named.items() if codes}


def _notes(said: Mapping[str, object], dimensions: Sequence[Axis]) -> tuple[str, ...]:
    """Return notes of the table, those that must be read first, then notes of its dimensions."""
    must = mapping(mapping(said.get("extension")).get("noteMandatory"))
    own = texts(said.get("note"))
    ordered = sorted(range(len(own)), key=lambda number: not must.get(str(number)))
    every = [own[number] for number in ordered]
    every += [note for axis in dimensions for note in axis.notes]
    return tuple(dict.fromkeys(every))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
