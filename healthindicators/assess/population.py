"""The residents of an age range, from whatever sexes and age bands a country publishes them in."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from healthindicators.vocabulary import SEXES, TOTAL, age_range

POPULATION = "population"
NARROW = 5
"""Years. A band as narrow as this counts as soon as it shares a year with the ages asked for."""
OLDEST = 99
"""Where an open band is taken to end when its width is weighed."""


def counted(frame: pd.DataFrame, indicator: str = POPULATION) -> pd.DataFrame:
    """Return the rows of a count that are not sums of others: by sex and age where it is split."""
    rows = frame[frame["indicator"] == indicator]
    for column in ("sex", "age"):
        split = rows[column] != TOTAL
        if split.any():
            rows = rows[split]
    return rows


def filling(bands: Iterable[str], ages: str) -> tuple[str, ...]:
    """Return the bands that fill an age range exactly, in order; none where they cannot.

    Examples
    --------
    >>> filling(["0-17", "18-66", "67-79", "80+"], "67+")
    ('67-79', '80+')
    >>> filling(["0-17", "18-66", "67-79", "80+"], "65+")
    ()
    """
    first, last = age_range(ages)
    ranges = {band: age_range(band) for band in bands}
    inside = [b for b, (low, high) in ranges.items() if first <= low and high <= last]
    inside.sort(key=lambda band: ranges[band])
    ends = [first - 1, *(ranges[band][1] for band in inside)]
    joined = all(ranges[b][0] == end + 1 for b, end in zip(inside, ends, strict=False))
    return tuple(inside) if inside and joined and ends[-1] == last else ()


def around(bands: Iterable[str], ages: str) -> tuple[str, ...]:
    """Return the bands that come nearest to an age range, for weights.

    A narrow band counts if it shares a year with the range, a wide one if half of it lies within.

    Examples
    --------
    >>> around(["0-17", "18-66", "67-79", "80+"], "16-64")
    ('18-66',)
    """
    first, last = age_range(ages)
    found = []
    for band in bands:
        low, high = age_range(band)
        high = min(high, max(OLDEST, low))
        width, shared = high - low + 1, min(high, last) - max(low, first) + 1
        if shared >= (1 if width <= NARROW else width / 2):
            found.append(band)
    return tuple(sorted(found, key=age_range))


def _shares_a_year(band: str, ages: str) -> bool:
    first, last = age_range(ages)
    low, high = age_range(band)
    return low <= last and first <= high


def residents(frame: pd.DataFrame, ages: str) -> dict[str, float]:
    """Return residents of each geo in the bands around `ages`, in the latest year known."""
    rows = counted(frame)
    bands = set(rows["age"].unique())
    # Where no band comes near, those that hold some of the ages weigh, or all residents unsplit.
    wanted = around(bands, ages) or [b for b in bands if _shares_a_year(b, ages)]
    latest = rows[rows["age"].isin(list(wanted)) & (rows["last_year"] == rows["last_year"].max())]
    return {str(geo): float(n) for geo, n in latest.groupby("geo")["value"].sum().items()}


def whole(frame: pd.DataFrame, indicator: str, ages: str) -> pd.DataFrame:
    """Return the sum over sexes and the bands that fill `ages`, of each geo and year that has all.

    Returns
    -------
    pandas.DataFrame
        Columns geo, first_year, last_year, value. No rows where the bands do not fill the ages.
    """
    rows = counted(frame, indicator)
    by = ["geo", "first_year", "last_year"]
    bands = filling(rows["age"].unique(), ages)
    if not bands:
        return rows[[*by, "value"]].iloc[:0]
    rows = rows[rows["age"].isin(bands)]
    sexes = 1 if (rows["sex"] == TOTAL).all() else len(SEXES) - 1
    found = rows.groupby(by)["value"].agg(["sum", "count"])
    return found.loc[found["count"] == sexes * len(bands), "sum"].rename("value").reset_index()
