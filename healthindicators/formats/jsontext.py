"""JSON as services send it, parsed without a silent loss.

A byte-order mark may stand before it (FHI, StatBank: seen 2026-11). A web page may come instead of it,
with status 200 (recorded of overloaded services, 2026-11). Parsers keep the last of two equal keys
without a word, so equal keys are looked for here: two positions of one code are a contradiction.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

import orjson

from healthindicators.errors import DataError, Problem
from healthindicators.formats.bulk import Bulk, lift

BOM = b"\xef\xbb\xbf"

DEEPEST = 100
"""No service nests figures so deeply; what does would break whoever walks or prints it."""

_SPACED = (b" :", b"\t:", b"\n:", b"\r:", b'\\":')
"""With any of these in the bytes, keys cannot be counted by their closing mark and colon."""


def parse(body: bytes, *, where: str) -> object:
    r"""Return what JSON bytes say; long runs under `value` and `status` of a data set as `Bulk`.

    Raises
    ------
    DataError
        If they are a web page, cut off, no JSON or nested without end, or if an object has two equal
        keys.

    Examples
    --------
    >>> parse(b'\xef\xbb\xbf{"size": [2]}', where="a reply")
    {'size': [2]}
    """
    text = body.removeprefix(BOM)
    start = text[:256].lstrip()
    if start.startswith(b"<"):
        hint = "the service may be down or have moved"
        raise DataError([Problem("a web page or XML instead of JSON", where, None, hint)])
    if not text.strip():
        raise DataError([Problem("nothing came: the reply is empty", where)])
    text, runs = lift(text)
    try:
        tree: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        ended = error.pos >= len(text.rstrip().decode("utf-8", "replace"))
        what = "the JSON is cut off" if ended else "this is not JSON"
        raise DataError([Problem(f"{what}: {error}", where)]) from error
    containers = _containers(tree, where)
    doubles = _doubles(text, containers)
    if doubles:
        hint = "which of them holds is not known"
        raise DataError(
            [
                Problem(f"key {key!r} stands twice in one object", where, None, hint)
                for key in doubles
            ]
        )
    if runs:
        _put_back(tree, containers, runs)
    return tree


Containers = Sequence[dict[str, object] | list[object]]


def _put_back(tree: object, containers: Containers, runs: Mapping[str, Bulk]) -> None:
    """Put runs in place of their names: in a data set as they are, elsewhere as the parser has them."""
    sets = {id(item) for item in _data_sets(tree)}
    for item in containers:
        if not isinstance(item, dict):
            continue
        for key in ("value", "status"):
            name = item.get(key)
            if isinstance(name, str) and name in runs:
                item[key] = runs[name] if id(item) in sets else orjson.loads(runs[name].raw)


def _data_sets(tree: object) -> list[dict[str, object]]:
    """Return what JSON-stat may have as data sets: the whole, or its members, or items it links."""
    if not isinstance(tree, dict):
        return []
    link = tree.get("link")
    items = link.get("item") if isinstance(link, dict) else None
    found = [tree] if "dimension" in tree else list(tree.values())
    found += items if isinstance(items, list) else []
    return [item for item in found if isinstance(item, dict) and "dimension" in item]


def _doubles(text: bytes, containers: Containers) -> list[str]:
    """Return keys that stand twice in one object; exact, and quick where nothing is amiss."""
    keys = sum(len(item) for item in containers if isinstance(item, dict))
    if text.count(b'":') == keys and not any(mark in text for mark in _SPACED):
        return []
    found: list[str] = []

    def pairs(items: list[tuple[str, object]]) -> None:
        if len({key for key, _ in items}) < len(items):
            counts = Counter(key for key, _ in items)
            found.extend(key for key, count in counts.items() if count > 1)

    json.loads(text, object_pairs_hook=pairs)
    return found


def _containers(tree: object, where: str) -> Containers:
    """Return all objects and lists in `tree`; members that are plain are passed over at once."""
    found: list[dict[str, object] | list[object]] = []
    level = [tree] if isinstance(tree, (dict, list)) else []
    for _ in range(DEEPEST):
        found += level
        below = [item.values() if isinstance(item, dict) else item for item in level]
        level = [
            member
            for members in below
            if not set(map(type, members)).isdisjoint((dict, list))
            for member in members
            if isinstance(member, (dict, list))
        ]
        if not level:
            return found
    raise DataError([Problem(f"the JSON is nested more than {DEEPEST} deep", where)])
