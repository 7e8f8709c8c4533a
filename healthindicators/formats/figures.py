"""The plain figures layout: one CSV a table, ten columns, codes and statuses as words.

A row has a value and an empty status or ``uncertain``, or no value and one of ``missing``,
``suppressed`` and ``not-applicable``. Every row ends with a line feed, so a file that was cut off is
noticed; the sidecar's number of rows notices one that was cut at the end of a line.
"""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd

from healthindicators.errors import DataError, Problem
from healthindicators.formats.delimited import NUMBER

HEADER = [
    "geo", "first_year", "last_year", "sex", "age", "topic", "stratum", "measure", "value", "status",
]  # fmt: skip
STATUS = {
    "": "observed",
    "uncertain": "unreliable",
    "missing": "missing",
    "suppressed": "suppressed",
    "not-applicable": "not-applicable",
}


def read(body: bytes, *, where: str, rows: int | None = None) -> pd.DataFrame:
    """Return the cells of a table in the plain layout.

    Parameters
    ----------
    body : bytes
        UTF-8 text, comma separated.
    where : str
        Name of the file, for problems.
    rows : int, optional
        Number of rows that the table must have, where it is known.

    Returns
    -------
    pandas.DataFrame
        One cell a row, indexed by its line in the file; years are integers, values floats.

    Raises
    ------
    DataError
        With the line of everything that does not fit the layout.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError([Problem(f"not UTF-8: {error.reason}", where)]) from error
    try:
        records = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise DataError([Problem(f"not CSV: {error}", where)]) from error
    if not records or records[0] != HEADER:
        raise DataError([Problem("the first line is not the header", where, 1, ",".join(HEADER))])
    problems = _structure(records[1:], text, where, rows)
    if problems:
        raise DataError(problems)
    frame = pd.DataFrame(records[1:], columns=HEADER, dtype="str")
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="line")
    return _typed(frame, where)


def _structure(records: list[list[str]], text: str, where: str, rows: int | None) -> list[Problem]:
    problems = [
        Problem(f"{len(record)} fields instead of {len(HEADER)}", where, line)
        for line, record in enumerate(records, start=2)
        if len(record) != len(HEADER)
    ]
    if not text.endswith("\n"):
        problems.append(Problem("the last line is cut off", where, len(records) + 1))
    elif text.count("\n") != len(records) + 1:
        problems.append(Problem("a text holds a line break, or a line ends without one", where))
    if rows is not None and len(records) != rows:
        hint = "the file is cut off, or its sidecar is not its own"
        problems.append(Problem(f"{len(records)} rows instead of {rows}", where, None, hint))
    return problems


def _typed(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    written = frame["value"].where(frame["value"].str.fullmatch(NUMBER))
    value = pd.to_numeric(written, errors="coerce").astype("float64")
    value = value.where(np.isfinite(value))
    digits = frame[["first_year", "last_year"]].apply(
        lambda c: c.where(c.str.fullmatch("[0-9]{4}"))
    )
    years = digits.apply(pd.to_numeric)
    empty = frame["value"] == ""
    with_value = frame["status"].isin(["", "uncertain"])
    rules = {
        "the value is not a number": ~empty & value.isna(),
        "a year is not a number": years.isna().any(axis=1),
        "unknown status": ~frame["status"].isin(list(STATUS)),
        "no value, and no status that says why": empty & with_value,
        "a value, and a status that says there is none": ~empty & ~with_value,
    }
    problems = [
        Problem(what, where, int(line), ",".join(frame.loc[line]))
        for what, broken in rules.items()
        for line in frame.index[broken]
    ]
    if problems:
        raise DataError(problems)
    return frame.assign(
        value=value,
        status=frame["status"].map(STATUS),
        first_year=years["first_year"].astype("int64"),
        last_year=years["last_year"].astype("int64"),
    )
