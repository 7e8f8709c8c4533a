"""Quantile groups: places in order of a value, in fifths or other equal parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import FloatArray

MOST_GROUPS = 1_000_000


def quantile_groups(values: ArrayLike, groups: int = 5, *, invert: bool = False) -> FloatArray:
    """Number the group of each value, from 1 for the lowest values.

    Parameters
    ----------
    values : array_like, shape (..., places)
        Values of either sign; NaN where one is missing.
    groups : int
        Number of groups, at least 2.
    invert : bool
        Give the highest values the group 1 instead, as England's deprivation groups are numbered.

    Returns
    -------
    array, shape (..., places)
        Group numbers from 1 to `groups`, each row of places on its own. NaN where the value is
        missing, and throughout a row that has fewer values than groups.

    Raises
    ------
    StatisticsError
        If a value is infinite or no number, or groups is not a whole number from 2.

    Notes
    -----
    Of N values, one with the rank r (1 for the lowest; equal values share the lowest of their
    ranks, and so a group) belongs to the group k + 1 - ceil((N + 1 - r) k / N) of k. It is
    computed in whole numbers; in floating point the same division misplaces some values at the
    edges of 14, 18 or 20 groups.

    References
    ----------
    Office for Health Improvement and Disparities. PHEindicatormethods: phe_quantile.
    Fingertips public health technical guidance.

    Examples
    --------
    >>> quantile_groups([7, 1, 3, float("nan"), 3, 9], groups=2).tolist()
    [2.0, 1.0, 1.0, nan, 1.0, 2.0]
    """
    array = checks.numbers_or_missing("values", values)
    if array.ndim == 0:
        raise StatisticsError("values has shape (); it must have one value a place")
    if not checks.is_number(groups) or not 1 < groups <= MOST_GROUPS or groups != int(groups):
        raise StatisticsError(f"groups is {groups!r}; it must be a whole number from 2")
    checks.truth_value("invert", invert)
    ranks = _lowest_ranks(-array if invert else array)
    known = ~np.isnan(array)
    size = known.sum(axis=-1, keepdims=True)
    # Whole-number division rounds down; of the negated number it is the division that rounds up.
    from_the_top = -((ranks - 1 - size) * int(groups) // np.maximum(size, 1))
    return np.where(known & (size >= groups), int(groups) + 1 - from_the_top, np.nan)


def _lowest_ranks(array: FloatArray) -> NDArray[np.int64]:
    """Return ranks from 1 along the last axis, equal values sharing the lowest; NaN come last."""
    order = np.argsort(array, axis=-1, kind="stable")
    ordered = np.take_along_axis(array, order, axis=-1)
    position = np.broadcast_to(np.arange(array.shape[-1]), array.shape)
    new = np.ones(array.shape, dtype=bool)
    new[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    lowest = np.maximum.accumulate(np.where(new, position, 0), axis=-1)
    ranks = np.empty(array.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, lowest + 1, axis=-1)
    return ranks
