"""Differences and ratios of two independent estimates, from nothing but their own limits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray

Limits = tuple[FloatArray, FloatArray]


def difference_of_estimates(first: Estimate, second: Estimate) -> Estimate:
    """Estimate the first less the second, for instance of two standardised rates.

    Parameters
    ----------
    first, second : Estimate
        Independent, with limits, of the same level; broadcast together.

    Returns
    -------
    Estimate
        In the unit of the estimates, method ``mover``, of their level.

    Raises
    ------
    StatisticsError
        If a number is not finite, a value is not between its limits, or the levels or shapes do not
        fit together.

    Notes
    -----
    Each limit is as far from the difference as the root of the sum of two squares: the distance of
    each estimate from that limit of its own that lies the same way. Where both intervals are normal
    this is the normal interval of the difference; where they are skewed, so is the result. Coverage
    is about that of the two intervals.

    References
    ----------
    Zou GY, Donner A. Construction of confidence limits about effect measures: a general approach.
    Stat Med 2008;27:1693-1702.

    Examples
    --------
    >>> men = Estimate(120, 100, 145, 0.95, "dobson")
    >>> women = Estimate(80, 65, 98, 0.95, "dobson")
    >>> more = difference_of_estimates(men, women)
    >>> float(more.value), round(float(more.lower), 1), round(float(more.upper), 1)
    (40.0, 13.1, 69.2)
    """
    (value_1, limits_1), (value_2, limits_2) = _both(first, second)
    lower, upper = limits_of_difference(value_1, limits_1, value_2, limits_2)
    return Estimate(value_1 - value_2, lower, upper, first.level, "mover")


def ratio_of_estimates(first: Estimate, second: Estimate) -> Estimate:
    """Estimate how many times the second the first one is, for instance of two standardised rates.

    Parameters
    ----------
    first, second : Estimate
        Independent, with limits, of the same level, from 0; those of `second` above 0. Broadcast
        together.

    Returns
    -------
    Estimate
        Ratios from 0, method ``mover``, of their level.

    Raises
    ------
    StatisticsError
        If a number is not finite or negative, a value is not between its limits, a lower limit of
        `second` is 0, or the levels or shapes do not fit together.

    Notes
    -----
    The limits are the ratios r at which the interval of first - r second, made as in
    `difference_of_estimates`, just reaches 0.

    References
    ----------
    Donner A, Zou GY. Closed-form confidence intervals for functions of the normal mean and
    standard deviation. Stat Methods Med Res 2012;21:347-359.

    Examples
    --------
    >>> men = Estimate(120, 100, 145, 0.95, "dobson")
    >>> women = Estimate(80, 65, 98, 0.95, "dobson")
    >>> times = ratio_of_estimates(men, women)
    >>> float(times.value), round(float(times.lower), 2), round(float(times.upper), 2)
    (1.5, 1.14, 1.99)
    """
    (value_1, limits_1), (value_2, limits_2) = _both(first, second)
    checks.refuse("first.lower", limits_1[0], limits_1[0] < 0, "must not be negative")
    checks.refuse_zero("second.lower", limits_2[0], "there is nothing to divide by")
    lower, upper = limits_of_ratio(value_1, limits_1, value_2, limits_2)
    return Estimate(value_1 / value_2, lower, upper, first.level, "mover")


def limits_of_difference(
    first: FloatArray, limits_1: Limits, second: FloatArray, limits_2: Limits
) -> Limits:
    """Return the limits of first - second.

    Examples
    --------
    >>> one, (low, high) = np.array([3.0]), (np.array([0.0]), np.array([6.0]))
    >>> [x.round(2).tolist() for x in limits_of_difference(one, (low, high), one, (low, high))]
    [[-4.24], [4.24]]
    """
    (lower_1, upper_1), (lower_2, upper_2) = limits_1, limits_2
    difference = first - second
    return (
        difference - np.hypot(first - lower_1, upper_2 - second),
        difference + np.hypot(upper_1 - first, second - lower_2),
    )


def limits_of_ratio(
    first: FloatArray, limits_1: Limits, second: FloatArray, limits_2: Limits
) -> Limits:
    """Return the limits of first / second, the latter and its limits above 0.

    Examples
    --------
    >>> one, (low, high) = np.array([3.0]), (np.array([2.0]), np.array([4.0]))
    >>> [x.round(2).tolist() for x in limits_of_ratio(one, (low, high), one, (low, high))]
    [[0.61], [1.64]]
    """
    (lower_1, upper_1), (lower_2, upper_2) = limits_1, limits_2
    a, least = first * second, lower_2 * (2 * second - lower_2)
    low = lower_1 * (2 * first - lower_1)
    # Both differences are of squares and cannot be negative but by rounding.
    root = np.sqrt(np.maximum(a**2 - low * upper_2 * (2 * second - upper_2), 0))
    ratio = first / second
    lower = np.divide(low, a + root, out=np.zeros_like(a), where=low > 0)
    upper = (a + np.sqrt(np.maximum(a**2 - upper_1 * (2 * first - upper_1) * least, 0))) / least
    return np.minimum(lower, ratio), np.maximum(upper, ratio)


def _both(first: Estimate, second: Estimate) -> list[tuple[FloatArray, Limits]]:
    """Return value and limits of both in their common shape."""
    checks.estimate("first", first)
    checks.estimate("second", second)
    if first.level != second.level:
        raise StatisticsError(
            f"first has the level {first.level:g} and second {second.level:g}; they must be the same"
        )
    named: list[tuple[str, ArrayLike]] = [
        (f"{name}.{part}", getattr(estimate, part))
        for name, estimate in (("first", first), ("second", second))
        for part in ("value", "lower", "upper")
    ]
    arrays = checks.all_together(*((name, checks.numbers(name, a)) for name, a in named))
    found = []
    for name, (value, lower, upper) in (("first", arrays[:3]), ("second", arrays[3:])):
        outside = (value < lower) | (value > upper)
        checks.refuse(f"{name}.value", value, outside, "must lie between its limits")
        found.append((value, (lower, upper)))
    return found
