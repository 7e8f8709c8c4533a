r"""Eurostat's figures as text: SDMX-CSV and TSV (documentation and recorded answers, read 2026-11-22).

SDMX-CSV has a row for each observation with ``OBS_VALUE``, ``OBS_FLAG`` and, since 2025-01-27,
``CONF_STATUS``; a confidential one has no value and ``C`` there. ``LAST UPDATE`` is ``dd/mm/yy`` with a
time, of no zone that is told.

TSV has the codes of all dimensions but time in its first column, under ``freq,unit,geo\TIME_PERIOD``,
and a column for each period with blanks behind it. Cells are ``628``, ``628 e``, ``:``, ``: c`` and
``0n``, which is less than half of the unit.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa

from healthindicators.errors import DataError, Problem
from healthindicators.formats import Cube, delimited, encoding
from healthindicators.formats.cells import refuse_ours, refuse_twice

TIME = "time"
ABSENT = ":"
_PERIOD = "TIME_PERIOD"
_BESIDE = ("DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "LAST UPDATE", "OBS_FLAG", "CONF_STATUS")
_FLAGS = ("OBS_FLAG", "CONF_STATUS")
_CELL = re.compile(
    r"(?P<value>:|[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(?P<flags>[A-Za-z]*)\s*", re.ASCII
)


def read(body: bytes, *, where: str) -> Cube:
    """Return the cells of an answer in SDMX-CSV or TSV.

    Raises
    ------
    DataError
        With every line that cannot be read.
    """
    first = body.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0]
    return _tsv(body, where) if b"\t" in first else _sdmx(body, where)


def _sdmx(body: bytes, where: str) -> Cube:
    layout = delimited.Layout("utf-8", ",", ".", closed=True)
    table = delimited.text_columns(body, where=where, layout=layout, plain=("OBS_VALUE",))
    absent = [name for name in (_PERIOD, "OBS_VALUE") if name not in table.column_names]
    if absent:
        hint = f"the columns are {', '.join(table.column_names)}"
        raise DataError([Problem(f"no column {' and '.join(absent)}", where, 1, hint)])
    marks = {"": "", ABSENT: ""}
    values, _ = delimited.numbers(table.column("OBS_VALUE"), where=where, decimal=".", marks=marks)
    flags = [
        np.array(table.column(name).cast(pa.string()).to_pylist(), dtype=object)
        for name in _FLAGS
        if name in table.column_names
    ]
    symbols = np.array(
        [" ".join(filter(None, told)) for told in zip(*flags, strict=True)], dtype=object
    )
    symbols = symbols if len(symbols) else np.full(table.num_rows, "", dtype=object)
    names = [n for n in table.column_names if n not in (*_BESIDE, "OBS_VALUE")]
    refuse_ours([TIME if name == _PERIOD else name for name in names], where)
    codes = {
        TIME if name == _PERIOD else name: delimited.categorical(table.column(name))
        for name in names
    }
    return _cube(codes, values, symbols, where)


def _tsv(body: bytes, where: str) -> Cube:
    layout = delimited.Layout("utf-8", "\t", ".", closed=True)
    text = encoding.as_utf8(body, where, "utf-8")
    header = text.partition(b"\n")[0].decode().rstrip("\r").split("\t")
    names, slash, time = header[0].partition("\\")
    if not slash or time.strip() != _PERIOD:
        hint = f"such as freq,unit,geo\\{_PERIOD}"
        raise DataError([Problem(f"no first column that is known: {header[0]}", where, 1, hint)])
    table = delimited.text_columns(text, where=where, layout=layout, plain=header)
    keys = [key.split(",") for key in table.column(0).to_pylist()]
    dimensions = names.split(",")
    refuse_ours([*dimensions, TIME], where)
    problems = [
        Problem(f"{len(key)} codes instead of {len(dimensions)}", where, line)
        for line, key in enumerate(keys, start=2)
        if len(key) != len(dimensions)
    ]
    cells = [
        (line, number, _CELL.fullmatch(cell))
        for number, period in enumerate(header[1:], start=1)
        for line, cell in enumerate(table.column(number).to_pylist(), start=2)
    ]
    problems += [
        Problem(
            f"'{table.column(n)[line - 2].as_py()}' is no figure", where, line, header[n].strip()
        )
        for line, n, cell in cells
        if cell is None
    ]
    if problems:
        raise DataError(problems)
    matches = [cell for _, _, cell in cells if cell is not None]
    periods = [period.strip() for period in header[1:]]
    count = len(keys)
    codes: dict[str, pd.Categorical] = {
        name: pd.Categorical([key[place] for key in keys] * len(periods))
        for place, name in enumerate(dimensions)
    }
    codes[TIME] = pd.Categorical(np.repeat(np.array(periods, dtype=object), count))
    values = np.array([np.nan if m["value"] == ABSENT else float(m["value"]) for m in matches])
    return _cube(codes, values, np.array([m["flags"] for m in matches], dtype=object), where)


def _cube(
    codes: dict[str, pd.Categorical], values: np.ndarray, symbols: np.ndarray, where: str
) -> Cube:
    if np.isinf(values).any():
        raise DataError([Problem("a value is larger than any number", where)])
    frame = pd.DataFrame({**codes, "value": values, "symbol": pd.Categorical(symbols)})
    if "" not in frame["symbol"].cat.categories:
        frame["symbol"] = frame["symbol"].cat.add_categories([""])
    refuse_twice(frame, where)
    return Cube(frame)
