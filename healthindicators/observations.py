"""The one table: its columns and key, its rules, reading and writing.

A row is one value of one indicator, geo, period, sex, age and stratum. `status` says what kind of
value it is, or why there is none; `reason` says why a row has no interval or no value; `snapshot`
says which bytes it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from healthindicators.errors import DataError, Problem
from healthindicators.model import Indicator, Measure
from healthindicators.vocabulary import (
    INTERVALS,
    REASONS,
    SEXES,
    STATUSES,
    STATUSES_WITH_VALUE,
    STRATIFIERS,
    is_age,
)

if TYPE_CHECKING:
    import pandas as pd

KEY = [
    "indicator", "geo", "first_year", "last_year", "sex", "age", "stratifier", "stratum",
]  # fmt: skip
AND = " + "
"""Stands between the snapshots that a computed row came from."""

CREDIT = "|"
"""Stands between a provider and its table, where both are told in one text."""

LEVEL = 0.95
"""Confidence level of every interval in the table."""

NUMBERS = ["value", "lower", "upper", "numerator", "denominator"]
COLUMNS = [
    *KEY, "value", "lower", "upper", "interval", "numerator", "denominator", "status", "reason",
    "snapshot",
]  # fmt: skip

Rule = tuple[str, "pd.Series[bool]"]


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return `rows` with every column of the table in order, absent numbers as NaN, sorted by key."""
    full = rows.reindex(columns=COLUMNS)
    text = [c for c in COLUMNS if c not in (*NUMBERS, "first_year", "last_year")]
    kinds = dict.fromkeys(text, "str") | dict.fromkeys(NUMBERS, "float64")
    full = full.astype(kinds | {"first_year": "int64", "last_year": "int64"})
    return full.sort_values(KEY, kind="stable", ignore_index=True)


def validate(
    frame: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    geo_known: Callable[[pd.Series], pd.Series],
) -> pd.DataFrame:
    """Return `frame` unchanged, or raise with every broken rule.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows with the columns of the table.
    indicators : mapping of str to Indicator
        The catalogue; gives the range of each indicator's values.
    geo_known : callable
        Takes the geo column and says which ids exist.

    Raises
    ------
    DataError
        One problem for each row and rule it breaks.
    """
    rules = [*_key_rules(frame, indicators, geo_known), *_word_rules(frame)]
    rules += _number_rules(frame, indicators)
    problems = [
        Problem(what, describe(frame.loc[row]), hint=frame.loc[row, "snapshot"])
        for what, broken in rules
        for row in frame.index[broken]
    ]
    if problems:
        raise DataError(problems)
    return frame


def describe(row: pd.Series) -> str:
    """Return which row of the table this is, in words."""
    period = f"{row.first_year}-{row.last_year}"
    return " ".join(str(x) for x in (row.indicator, row.geo, period, row.sex, row.age, row.stratum))


def _key_rules(
    frame: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    geo_known: Callable[[pd.Series], pd.Series],
) -> list[Rule]:
    return [
        ("the same row stands twice", frame.duplicated(KEY, keep="first")),
        ("the indicator is not in the catalogue", ~frame["indicator"].isin(list(indicators))),
        ("the geo is in no register", ~geo_known(frame["geo"])),
        ("the period ends before it begins", frame["last_year"] < frame["first_year"]),
    ]


def _word_rules(frame: pd.DataFrame) -> list[Rule]:
    strata = {s for group in STRATIFIERS.values() for s in group}
    words = {
        "sex": SEXES,
        "stratifier": tuple(STRATIFIERS),
        "stratum": tuple(strata),
        "status": STATUSES,
        "interval": INTERVALS,
        "reason": tuple(REASONS),
    }
    rules = [(f"unknown {column}", ~frame[column].isin(known)) for column, known in words.items()]
    ages = [age for age in frame["age"].unique() if is_age(age)]
    return [*rules, ("unknown age", ~frame["age"].isin(ages))]


def _number_rules(frame: pd.DataFrame, indicators: Mapping[str, Indicator]) -> list[Rule]:
    value, lower, upper = frame["value"], frame["lower"], frame["upper"]
    has_value = frame["status"].isin(STATUSES_WITH_VALUE)
    has_interval = frame["interval"] != "none"
    known = frame["indicator"].map(indicators.get)
    least = known.map(lambda i: i.expect.minimum if i else -np.inf).astype("float64")
    most = known.map(lambda i: i.expect.maximum if i else np.inf).astype("float64")
    proportion = known.map(lambda i: bool(i) and i.measure is Measure.PROPORTION).astype(bool)
    return [
        ("the status says that there is a value, and there is none", has_value & value.isna()),
        ("the status says that there is no value, and there is one", ~has_value & value.notna()),
        ("a proportion outside 0 to 100", proportion & ((value < 0) | (value > 100))),
        (
            "a value outside what its indicator expects",
            ((value < least) | (value > most)) & ~(proportion & ((value < 0) | (value > 100))),
        ),
        ("a value that is infinite", np.isinf(value)),
        ("an interval without both its limits", has_interval & (lower.isna() | upper.isna())),
        ("limits without an interval method", ~has_interval & (lower.notna() | upper.notna())),
        ("the interval does not contain the value", (value < lower) | (value > upper)),
        ("no interval and no reason why", ~has_interval & (frame["reason"] == "")),
        (
            "the numerator is above the denominator",
            proportion & (frame["numerator"] > frame["denominator"]),
        ),
    ]


def joined(snapshots: Iterable[str]) -> str:
    """Return the snapshots that a computed row came from as one text, each once and in order.

    Examples
    --------
    >>> joined(["b", "a + b"])
    'a + b'
    """
    return AND.join(sorted({part for s in snapshots for part in parted(s)}))


def parted(snapshot: str) -> list[str]:
    """Return the snapshots that a row came from, one by one."""
    return snapshot.split(AND)


def encode(frame: pd.DataFrame) -> bytes:
    """Return the table as parquet bytes; the same rows give the same bytes."""
    body: bytes = frame.to_parquet(None, index=False, compression="zstd")
    return body


def read(path: Path) -> pd.DataFrame:
    """Return a table that was written."""
    import pandas as pd  # noqa: PLC0415 - a report reads no frame, and is spared half a second

    return pd.read_parquet(path)
