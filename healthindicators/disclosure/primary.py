"""Primary suppression: which counts are too small to be told, and which series too weak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from healthindicators.disclosure.cells import Flags, Floats
from healthindicators.errors import StatisticsError
from healthindicators.model import Indicator

SMALL_COUNT = "small-count"
SMALL_COMPLEMENT = "small-complement"
SMALL_DENOMINATOR = "small-denominator"
SECONDARY = "secondary"
WEAK_SERIES = "weak-series"
COUNTS_WITHHELD = "counts-withheld"
"""The figure is shown, rounded; the counts behind it are not."""

REASONS = (
    SMALL_COUNT, SMALL_COMPLEMENT, SMALL_DENOMINATOR, SECONDARY, WEAK_SERIES, COUNTS_WITHHELD,
)  # fmt: skip
"""Why we hide a figure or its counts; `vocabulary.REASONS` says each in words."""

LEAST_LIMIT = 3
"""2026-11-22: a limit of 2 hides only the count 1, so that the reason itself would tell it."""

WEAK_SHARE = 0.5
"""2026-11-22: a series of which more than half the periods are hidden says nothing of a trend, and each
gap is one more unknown to solve for; the Norwegian health profiles drop weak series as well."""

LEAST_PERIODS = 3
"""2026-11-22: one or two periods are no series, and are judged one by one."""


@dataclass(frozen=True)
class Limits:
    """Below these a figure is hidden.

    Attributes
    ----------
    events : int
        Counts from 1 to one less are hidden, of events and of persons without the event; 0 is off.
    population : int
        Figures that rest on a denominator from 1 to one less are hidden; 0 is off.
    zeros : bool
        Whether a count of zero is hidden like a small one. Usually not: nobody is in the cell, so
        that nobody is recognised. Where a zero tells something of everybody else (nobody passed),
        set it.
    weak_share : float
        A series is withheld whole when more than this share of its periods is hidden.
    """

    events: int = 0
    population: int = 0
    zeros: bool = False
    weak_share: float = WEAK_SHARE

    def __post_init__(self) -> None:
        for name, limit in (("events", self.events), ("population", self.population)):
            if limit < 0 or 0 < limit < LEAST_LIMIT:
                raise StatisticsError(
                    f"{name} is {limit}; it must be 0, or at least {LEAST_LIMIT}: with a lower limit "
                    "the reason would tell the count"
                )
        if not 0 <= self.weak_share <= 1:
            raise StatisticsError(f"weak_share is {self.weak_share}; it must lie between 0 and 1")

    @classmethod
    def of(cls, indicator: Indicator) -> Limits:
        """Return the limits that an indicator declares."""
        small = indicator.small_numbers
        return cls(events=small.events, population=small.population)


def primary(
    counts: ArrayLike,
    denominators: ArrayLike | None = None,
    limits: Limits | None = None,
    *,
    complement: bool = False,
) -> NDArray[np.object_]:
    """Return for each count why it must be hidden, or an empty text.

    Parameters
    ----------
    counts : array_like
        Events, from 0 upwards; NaN where unknown, which no rule hides.
    denominators : array_like, optional
        Persons or person-years at risk; NaN where unknown.
    limits : Limits, optional
        By default no limit is set and nothing is hidden.
    complement : bool
        Whether the denominator counts persons, of whom those without the event are a count too.

    Returns
    -------
    ndarray of str, shape of `counts`
        The first rule that applies: count, complement, denominator.

    Examples
    --------
    >>> limits = Limits(events=5, population=10)
    >>> primary([0, 3, 97, 40], [9, 100, 100, 90], limits, complement=True).tolist()
    ['small-denominator', 'small-count', 'small-complement', '']
    """
    given = limits or Limits()
    count = _numbers("counts", counts)
    below = _numbers(
        "denominators", np.full(count.shape, np.nan) if denominators is None else denominators
    )
    if below.shape != count.shape:
        raise StatisticsError(
            f"denominators has shape {below.shape} and counts has shape {count.shape}"
        )
    reason = np.full(count.shape, "", dtype=object)
    reason[(below > 0) & (below < given.population)] = SMALL_DENOMINATOR
    if complement:
        reason[_small(below - count, given)] = SMALL_COMPLEMENT
    reason[_small(count, given)] = SMALL_COUNT
    return reason


def _small(count: Floats, limits: Limits) -> Flags:
    small = (count > 0) & (count < limits.events)
    return small | (count == 0) if limits.zeros and limits.events else small


def _numbers(name: str, given: ArrayLike) -> Floats:
    array = np.asarray(given, dtype=np.float64)
    wrong = np.argwhere((array < 0) | np.isinf(array))
    if len(wrong):
        at = tuple(int(i) for i in wrong[0])
        raise StatisticsError(f"{name}{list(at)} is {array[at]}: must be finite and from 0 upwards")
    return array


def weak_series(hidden: ArrayLike, series: ArrayLike, share: float = WEAK_SHARE) -> Flags:
    """Return which cells belong to a series that is hidden too often to be shown at all.

    Parameters
    ----------
    hidden : array_like of bool, shape (cells,)
        What the primary rules hide.
    series : array_like, shape (cells,)
        Which series a cell is a period of: the same geo, sex, age and stratum, over the years.
    share : float
        More hidden than this share of the periods, and the series is weak.

    Examples
    --------
    >>> weak_series([True, True, False, True, False, False], [1, 1, 1, 2, 2, 2])
    array([ True,  True,  True, False, False, False])
    """
    flags = np.asarray(hidden, dtype=bool)
    _, at = np.unique(np.asarray(series), return_inverse=True)
    periods = np.bincount(at)
    weak = (np.bincount(at, weights=flags) > share * periods) & (periods >= LEAST_PERIODS)
    return np.asarray(weak[at], dtype=bool)
