"""Pooled periods: counts of neighbouring years added up, so that small places have enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import FloatArray


@dataclass(frozen=True, eq=False)
class PooledPeriods:
    """Sums of counts over periods, each a run of neighbouring years.

    Parameters
    ----------
    first_years, last_years : array, shape (periods,)
        Years that each period begins and ends with, both in it.
    counts : array, shape (..., periods)
        Sums over the years of each period; NaN where a year's count is missing.
    """

    first_years: NDArray[np.int64]
    last_years: NDArray[np.int64]
    counts: FloatArray


def pooled_periods(counts: ArrayLike, years: ArrayLike, span: int) -> PooledPeriods:
    """Add up counts over every run of neighbouring years.

    Parameters
    ----------
    counts : array_like, shape (..., years)
        Events or person-years of each year, from 0 upwards; NaN where one is missing. Pool both
        with the same years, and a rate over their sums is the rate of the period.
    years : array_like, shape (years,)
        Calendar years, increasing. A year that is not among them breaks the runs.
    span : int
        Years in a period, at least 1.

    Returns
    -------
    PooledPeriods
        Every period of `span` years without a gap, the earliest first; periods overlap. There are
        none if no run is long enough.

    Raises
    ------
    StatisticsError
        If a count is negative or infinite, years are not whole, do not increase or do not fit the
        last axis of the counts, or the span is not a whole number from 1.

    Notes
    -----
    A sum with a missing part is missing, not smaller. Overlapping periods share years and are not
    independent: a trend over them needs a method that knows.

    Examples
    --------
    >>> pooled = pooled_periods([3, 1, 4, 1, 5], years=[2018, 2019, 2021, 2022, 2023], span=2)
    >>> pooled.first_years.tolist(), pooled.last_years.tolist(), pooled.counts.tolist()
    ([2018, 2021, 2022], [2019, 2022, 2023], [4.0, 5.0, 6.0])
    """
    calendar = _calendar(years)
    # A longer span than all the years finds nothing, however long it is.
    length = min(_whole_number(span), calendar.size + 1)
    by_year = checks.counts_or_missing("counts", counts)
    if by_year.ndim == 0 or by_year.shape[-1] != calendar.size:
        raise StatisticsError(
            f"counts has shape {by_year.shape}; its last axis must have {calendar.size} years, as "
            "years has"
        )
    places = np.arange(calendar.size - length + 1)
    # Years increase by one at least, so a run without a gap is one that ends when it should.
    ends = calendar[places + length - 1] if places.size else calendar[:0]
    whole = places[ends - calendar[places] == length - 1]
    members = whole[:, np.newaxis] + np.arange(length)
    return PooledPeriods(
        calendar[whole], calendar[whole + length - 1], by_year[..., members].sum(axis=-1)
    )


def _calendar(years: ArrayLike) -> NDArray[np.int64]:
    given = checks.counts("years", years)
    checks.one_axis("years", given)
    checks.refuse("years", given, given != np.floor(given), "must be a whole year")
    falls = np.diff(given, prepend=-1) <= 0
    checks.refuse("years", given, falls, "must be after the year before it")
    return given.astype(np.int64)


def _whole_number(span: int) -> int:
    if not checks.is_number(span) or not 1 <= span <= checks.LARGEST or span != int(span):
        raise StatisticsError(f"span is {span!r}; it must be a whole number of years from 1")
    return int(span)
