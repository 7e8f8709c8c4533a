"""Many comparisons in one report: p-values, and how many of the differences found are false."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, bdtrc, gammainc, gammaincc, logit, ndtr, ndtri

from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray

_TRANSFORMATIONS: dict[str, tuple[Callable[[FloatArray], Any], float, float]] = {
    "identity": (lambda x: x, -np.inf, np.inf),
    "square-root": (np.sqrt, 0.0, np.inf),
    "arcsine": (lambda x: np.arcsin(np.sqrt(x)), 0.0, 1.0),
    "log": (np.log, np.nextafter(0.0, 1.0), np.inf),
    "logit": (logit, np.nextafter(0.0, 1.0), np.nextafter(1.0, 0.0)),
}
"""Transformation, and the smallest and largest number it takes."""


def benjamini_hochberg(p_values: ArrayLike) -> FloatArray:
    """Adjust p-values so that those under a limit q have at most the share q of false finds.

    Parameters
    ----------
    p_values : array_like
        P-values of one family, such as all comparisons in a report, from 0 to 1, in any shape.

    Returns
    -------
    array
        Adjusted p-values in the shape and order given, never under the p-value and never above 1.

    Raises
    ------
    StatisticsError
        If a p-value is not a number from 0 to 1; leave out what was not tested.

    Notes
    -----
    With m p-values in order, the adjusted one of rank i is the smallest of m p_(j) / j over j from
    i up. The rate holds for tests that are independent or positively dependent.

    References
    ----------
    Benjamini Y, Hochberg Y. Controlling the false discovery rate: a practical and powerful approach
    to multiple testing. J R Stat Soc B 1995;57:289-300.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    p = checks.counts("p_values", p_values)
    checks.refuse("p_values", p, p > 1, "must not exceed 1")
    flat = p.ravel()
    order = np.argsort(flat)[::-1]
    ranks = np.arange(flat.size, 0, -1)
    adjusted = np.empty(flat.size)
    # The quotient first: m p / j can miss p by a last digit where m equals j.
    adjusted[order] = np.minimum.accumulate(flat[order] * (flat.size / ranks))
    return np.minimum(adjusted, 1).reshape(p.shape)


def p_value_from_interval(
    estimate: Estimate, benchmark: ArrayLike, *, scale: str = "identity"
) -> FloatArray:
    """Return the two-sided p-value of a benchmark, read back from a confidence interval.

    Parameters
    ----------
    estimate : Estimate
        Values with limits, each limit known.
    benchmark : array_like
        What to compare with; broadcast against the estimate.
    scale : {"identity", "square-root", "arcsine", "log", "logit"}
        Where the estimate is about normal: ``arcsine`` or ``logit`` for proportions from 0 to 1,
        ``square-root`` or ``log`` for rates. ``log`` and ``logit`` do not take a value or benchmark
        of 0, ``logit`` none of 1.

    Returns
    -------
    array
        P-values from 0 to 1.

    Raises
    ------
    StatisticsError
        If a number is not finite, lies outside what the scale takes, the value is not between its
        limits, the interval has no width towards the benchmark, or the shapes do not fit together.

    Notes
    -----
    The standard error on the scale g is the distance from the value to the limit on the benchmark's
    side over the z of the level: z g(distance to benchmark) / g(distance to limit). So p is under
    1 - level exactly where the benchmark is outside the interval, whatever the scale, and the scale
    matters for how p falls off beyond. Where counts are known, `p_value_of_count` and
    `p_value_of_proportion` are exact.

    References
    ----------
    Altman DG, Bland JM. How to obtain the P value from a confidence interval. BMJ 2011;343:d2304.

    Examples
    --------
    >>> ratio = Estimate(0.81, 0.70, 0.94, 0.95, "log")
    >>> round(float(p_value_from_interval(ratio, 1, scale="log")), 3)
    0.006
    """
    checks.word("scale", scale, _TRANSFORMATIONS)
    checks.estimate("estimate", estimate)
    transform, smallest, largest = _TRANSFORMATIONS[scale]
    named = {
        "estimate.value": checks.numbers("estimate.value", estimate.value),
        "benchmark": checks.numbers("benchmark", benchmark),
        "estimate.lower": checks.numbers("estimate.lower", estimate.lower),
        "estimate.upper": checks.numbers("estimate.upper", estimate.upper),
    }
    value, held_against, lower, upper = checks.all_together(*named.items())
    for name, array in zip(named, (value, held_against), strict=False):
        outside = (array < smallest) | (array > largest)
        checks.refuse(name, array, outside, f"the scale {scale} does not take it")
    wrong = (value < lower) | (value > upper)
    checks.refuse("estimate.value", value, wrong, "must lie between its limits")
    facing = np.where(held_against > value, upper, lower)
    same = held_against == value
    checks.refuse("estimate.value", value, (facing == value) & ~same, "its interval has no width")
    # A limit outside the scale, such as a log of 0, is infinitely far: its side says nothing.
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = transform(value)
        distance = np.abs(transform(np.clip(facing, smallest, largest)) - centre)
    aim = np.abs(transform(held_against) - centre)
    z = ndtri(checks.tail(estimate.level)) * aim / np.where(same, 1, distance)
    return np.asarray(2 * ndtr(np.where(same, 0, z)))


def p_value_of_count(events: ArrayLike, expected: ArrayLike) -> FloatArray:
    """Return the exact two-sided p-value of a Poisson count against an expected number.

    Parameters
    ----------
    events : array_like
        Events counted, from 0 upwards.
    expected : array_like
        Events expected under the benchmark, above 0; broadcast against `events`.

    Returns
    -------
    array
        Twice the smaller of the two tails, at most 1.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, an expected number is 0, or the shapes do
        not fit together.

    Notes
    -----
    P is under 1 - level exactly where Garwood's limits leave the benchmark out. It is conservative.

    References
    ----------
    Garwood F. Fiducial limits for the Poisson distribution. Biometrika 1936;28:437-442.

    Examples
    --------
    >>> p_value_of_count([0, 3], 3.0).round(4).tolist()
    [0.0996, 1.0]
    """
    counted, mean = checks.together(
        "events",
        checks.counts("events", events),
        "expected",
        checks.positives("expected", expected),
    )
    at_least = np.where(counted > 0, gammainc(np.maximum(counted, checks.SMALLEST), mean), 1)
    return _twice_the_smaller(np.asarray(gammaincc(counted + 1, mean)), at_least)


def p_value_of_proportion(events: ArrayLike, n: ArrayLike, benchmark: ArrayLike) -> FloatArray:
    """Return the exact two-sided p-value of a binomial count against a proportion.

    Parameters
    ----------
    events : array_like
        Persons with the property, whole numbers from 0 to `n`.
    n : array_like
        Persons in all, whole numbers above 0.
    benchmark : array_like
        Proportion to compare with, from 0 to 1; all broadcast against each other.

    Returns
    -------
    array
        Twice the smaller of the two tails, at most 1.

    Raises
    ------
    StatisticsError
        If a count is negative, not finite, not whole or above 2e9, n is 0, events exceed n, the
        benchmark is not from 0 to 1, or the shapes do not fit together.

    Notes
    -----
    P is under 1 - level exactly where the limits of Clopper and Pearson leave the benchmark out. It
    is conservative.

    References
    ----------
    Clopper CJ, Pearson ES. The use of confidence or fiducial limits illustrated in the case of the
    binomial. Biometrika 1934;26:404-413.

    Examples
    --------
    >>> round(float(p_value_of_proportion(9, 10, 0.5)), 4)
    0.0215
    """
    having, size, share = checks.all_together(
        ("events", checks.counts("events", events)),
        ("n", checks.positives("n", n)),
        ("benchmark", checks.counts("benchmark", benchmark)),
    )
    checks.refuse("events", having, having > size, "must not exceed n")
    checks.refuse("benchmark", share, share > 1, "must not exceed 1")
    for name, array in (("events", having), ("n", size)):
        checks.refuse(name, array, (array % 1 != 0) | (array > 2e9), "must be whole, at most 2e9")
    at_least = np.where(
        having > 0, bdtrc(np.maximum(having - 1, 0), size.astype(np.int64), share), 1
    )
    return _twice_the_smaller(np.asarray(bdtr(having, size.astype(np.int64), share)), at_least)


def _twice_the_smaller(at_most: FloatArray, at_least: FloatArray) -> FloatArray:
    return np.asarray(np.minimum(2 * np.minimum(at_most, at_least), 1))
