"""FHI's csv3: text with codes, separated by ``;`` or ``,`` as its header tells (read 2026-11-22)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from healthindicators.errors import DataError, Problem
from healthindicators.formats import Cube, delimited, encoding
from healthindicators.formats.cells import refuse_twice
from healthindicators.protocols._selection import Selection

MEASURES = "MEASURE_TYPE"
"""The dimension of what is measured."""


def read(body: bytes, part: Selection, where: str) -> Cube:
    """Return the cells of text with codes: one column of values, or one for each measure."""
    others = [name for name in part if name != MEASURES]
    long, wide = _headers(body, part, others, where)
    marks = {mark: mark for mark in ("..", ".", ":", "...", "-", "k")} | {"": ""}
    if long:
        return delimited.read(
            body, where=where, value=long, columns=(*others, MEASURES, long), marks=marks
        )
    table = delimited.text_columns(body, where=where, columns=(*others, *wide), plain=wide)
    frames = []
    for measure in wide:
        values, symbols = delimited.numbers(table.column(measure), where=where, marks=marks)
        codes = {n: delimited.categorical(table.column(n)) for n in others}
        about = pd.Categorical([measure] * table.num_rows, categories=pd.Index(wide, dtype="str"))
        frames.append(pd.DataFrame({**codes, MEASURES: about, "value": values, "symbol": symbols}))
    cells = pd.concat(frames, ignore_index=True)
    refuse_twice(cells, where)
    return Cube(cells)


def _headers(
    body: bytes, part: Selection, others: Sequence[str], where: str
) -> tuple[str, list[str]]:
    """Return the column of values, or the columns of the measures, as the header has them."""
    first = encoding.as_utf8(body, where).partition(b"\n")[0].decode().rstrip("\r")
    measures = list(part.get(MEASURES, ()))
    for delimiter in delimited.DELIMITERS:
        names = [name.strip('"') for name in first.split(delimiter)]
        rest = [name for name in names if name not in others]
        if len(names) - len(rest) != len(others):
            continue
        if len(rest) == 2 and MEASURES in rest:
            return next(name for name in rest if name != MEASURES), []
        if sorted(rest) == sorted(measures):
            return "", measures
    hint = f"expected {', '.join((*others, MEASURES))} and the values, or a column for each measure"
    raise DataError(
        [Problem(f"the columns are not those asked for: {first[:200]}", where, 1, hint)]
    )
