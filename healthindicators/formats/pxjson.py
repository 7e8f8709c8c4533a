"""PxWeb's own ``json``: columns, and rows of a key and values, all of them text.

Read in the server's source, 2026-11: columns are of type ``d`` (dimension), ``t`` (time) or ``c``
(contents); a value that is missing is a mark such as ``..``, ``.`` or ``-``; several contents stand
beside each other and are made a dimension here. Rows whose cells are all absent do not come. The keys
of the object are in no certain order, and comments say which variable and value they are about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from healthindicators.errors import DataError, Problem
from healthindicators.formats.axes import COLUMNS, mapping
from healthindicators.formats.cells import categorical
from healthindicators.formats.cube import Cube
from healthindicators.formats.instants import instant
from healthindicators.formats.jsontext import parse

CONTENTS = "ContentsCode"
"""The dimension that columns of contents become, as PxWeb calls it elsewhere."""

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_KINDS = ("d", "t", "c")


def is_pxjson(tree: object) -> bool:
    """Return whether JSON has columns and data, as this format does."""
    return {"columns", "data"} <= set(mapping(tree))


def read(body: bytes, *, where: str) -> Cube:
    """Return the cells of a table, with codes in the order in which they come.

    Raises
    ------
    DataError
        With everything that does not fit the columns.

    Examples
    --------
    >>> body = b'''{"columns": [{"code": "Region", "text": "region", "type": "d"},
    ...   {"code": "N1", "text": "persons", "type": "c"}],
    ...   "data": [{"key": ["0301"], "values": [".."]}]}'''
    >>> read(body, where="a reply").cells.to_dict("list")
    {'Region': ['0301'], 'ContentsCode': ['N1'], 'value': [nan], 'symbol': ['..']}
    """
    tree = mapping(parse(body, where=where))
    columns, rows = tree.get("columns"), tree.get("data")
    if not isinstance(columns, list) or not isinstance(rows, list):
        raise DataError([Problem("no columns and data", where)])
    dimensions, contents, problems = _columns([mapping(c) for c in columns], where)
    problems += _rows(rows, len(dimensions), len(contents), where)
    if problems:
        raise DataError(problems)
    values = [value for row in rows for value in row["values"]]
    table = {
        name: _column([row["key"][n] for row in rows], len(contents))
        for n, name in enumerate(dimensions)
    }
    table[CONTENTS] = categorical(np.tile(np.arange(len(contents)), len(rows)), list(contents))
    cells = pd.DataFrame(table)
    if cells.duplicated().any():
        raise DataError([Problem("a key stands twice", where)])
    marks = [value is not None and not _NUMBER.fullmatch(value) for value in values]
    empty = [value is None or mark for value, mark in zip(values, marks, strict=True)]
    cells["value"] = np.array(
        [np.nan if no else float(v) for v, no in zip(values, empty, strict=True)], dtype=np.float64
    )
    if np.isinf(cells["value"].to_numpy()).any():
        raise DataError([Problem("a value is larger than any number", where)])
    symbols = [value if mark else "" for value, mark in zip(values, marks, strict=True)]
    cells["symbol"] = pd.Categorical(
        pd.Series(symbols, dtype="str"), categories=list(dict.fromkeys(["", *symbols]))
    )
    return _cube(tree, cells, dimensions, contents, [mapping(c) for c in columns])


def _columns(
    columns: Sequence[Mapping[str, object]], where: str
) -> tuple[list[str], dict[str, str], list[Problem]]:
    """Return the dimensions, and the contents with their names."""
    codes = [column.get("code") for column in columns]
    kinds = [str(column.get("type")) for column in columns]
    problems = []
    ours = (*COLUMNS, CONTENTS)
    if not all(isinstance(code, str) and code not in ours for code in codes):
        problems.append(Problem("a column has no code, or one of ours", where))
    if len(set(map(str, codes))) < len(codes):
        problems.append(Problem("two columns have the same code", where))
    if not set(kinds) <= set(_KINDS) or "c" not in kinds:
        problems.append(Problem(f"columns are of types {kinds}, and none of contents", where))
    pairs = list(zip(columns, codes, kinds, strict=True))
    dimensions = [str(code) for _, code, kind in pairs if kind != "c"]
    contents = {
        str(code): str(column.get("text", "")) for column, code, kind in pairs if kind == "c"
    }
    return dimensions, contents, problems


def _rows(rows: Sequence[object], keys: int, values: int, where: str) -> list[Problem]:
    wrong = [
        number
        for number, row in enumerate(rows)
        if not _is_texts(mapping(row).get("key"), keys)
        or not _is_texts(mapping(row).get("values"), values, optional=True)
    ]
    if not wrong:
        return []
    what = f"{len(wrong)} rows are not {keys} codes and {values} texts, the first is {wrong[0]}"
    return [Problem(what, where)]


def _is_texts(value: object, count: int, *, optional: bool = False) -> bool:
    kinds = (str, type(None)) if optional else (str,)
    return (
        isinstance(value, list) and len(value) == count and all(isinstance(v, kinds) for v in value)
    )


def _column(codes: Sequence[str], times: int) -> pd.Categorical:
    words = list(dict.fromkeys(codes))
    place = {word: number for number, word in enumerate(words)}
    return categorical(np.repeat([place[code] for code in codes], times).astype(np.int64), words)


def _cube(
    tree: Mapping[str, object],
    cells: pd.DataFrame,
    dimensions: Sequence[str],
    contents: Mapping[str, str],
    columns: Sequence[Mapping[str, object]],
) -> Cube:
    described = tree.get("metadata")
    said = mapping(described[0]) if isinstance(described, list) and described else {}
    time = tuple(str(column["code"]) for column in columns if column.get("type") == "t")
    return Cube(
        cells=cells,
        labels={CONTENTS: contents},
        names={str(c["code"]): str(c.get("text", "")) for c in columns if c["code"] in dimensions},
        roles={"metric": (CONTENTS,), **({"time": time} if time else {})},
        title=str(said.get("label") or ""),
        updated=instant(said.get("updated")),
        notes=tuple(_comments(tree.get("comments"))),
    )


def _comments(said: object) -> Iterator[str]:
    for comment in map(mapping, said if isinstance(said, list) else ()):
        told = [comment.get(name) for name in ("variable", "value", "comment")]
        yield ": ".join(text for text in told if isinstance(text, str) and text)
