"""Differences and ratios of two proportions or of two rates, the first against the second."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainccinv, betaincinv, ndtri

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.checks import SMALLEST
from healthindicators.statistics.estimate import Estimate, FloatArray
from healthindicators.statistics.mover import Limits, limits_of_difference, limits_of_ratio
from healthindicators.statistics.poisson import score_limits
from healthindicators.statistics.proportion import wilson_limits

LARGEST_EXPONENT = 600.0
"""A small fraction of an event lets a ratio pass all bounds; beyond this it would overflow."""


def difference_of_proportions(
    events_1: ArrayLike,
    n_1: ArrayLike,
    events_2: ArrayLike,
    n_2: ArrayLike,
    level: float = 0.95,
) -> Estimate:
    """Estimate how far the first proportion lies above the second, with Newcombe's limits.

    Parameters
    ----------
    events_1, events_2 : array_like
        Persons with the property in each of two independent groups, from 0 to n.
    n_1, n_2 : array_like
        Persons in each group, above 0; all four are broadcast together.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Differences from -1 to 1, method ``newcombe``, in the common shape of the input.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, events exceed n, n is 0, the shapes do
        not fit together, or the level is not between 0 and 1.

    Notes
    -----
    Method 10 of Newcombe. Each proportion has Wilson's limits l and u; the lower limit of the
    difference lies sqrt((p1 - l1)^2 + (u2 - p2)^2) below it and the upper one
    sqrt((u1 - p1)^2 + (p2 - l2)^2) above. No events, and nothing but events, are valid. Coverage
    is near the level, and above it where fewer than about five events are expected.

    References
    ----------
    Newcombe RG. Interval estimation for the difference between independent proportions:
    comparison of eleven methods. Stat Med 1998;17:873-890.

    Examples
    --------
    >>> gap = difference_of_proportions(56, 70, 48, 80)
    >>> round(float(gap.value), 4), round(float(gap.lower), 4), round(float(gap.upper), 4)
    (0.2, 0.0524, 0.3339)
    """
    z = -ndtri(checks.tail(level))
    events_1, n_1, events_2, n_2 = _proportions(events_1, n_1, events_2, n_2)
    first, second = events_1 / n_1, events_2 / n_2
    lower, upper = limits_of_difference(
        first, wilson_limits(events_1, n_1, z), second, wilson_limits(events_2, n_2, z)
    )
    difference = first - second
    # Rounding may pass the bounds by a last digit.
    lower, upper = np.maximum(lower, -1), np.minimum(upper, 1)
    return Estimate(difference, lower, upper, float(level), "newcombe")


def ratio_of_proportions(
    events_1: ArrayLike,
    n_1: ArrayLike,
    events_2: ArrayLike,
    n_2: ArrayLike,
    level: float = 0.95,
) -> Estimate:
    """Estimate how many times the second proportion the first one is, with limits by Wilson's.

    Parameters
    ----------
    events_1, events_2 : array_like
        Persons with the property in each of two independent groups, from 0 to n; `events_2` is
        divided by and must be above 0.
    n_1, n_2 : array_like
        Persons in each group, above 0; all four are broadcast together.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Ratios from 0, method ``mover-wilson``, in the common shape of the input.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, events exceed n, n or `events_2` is 0,
        the shapes do not fit together, or the level is not between 0 and 1.

    Notes
    -----
    The limits recover the variances from Wilson's limits l and u of the two proportions, as
    Newcombe's do for a difference: they are the ratios r at which the interval of p1 - r p2 so
    made just reaches 0. With a = p1 p2, the lower one is l1(2p1 - l1) over a plus the root of
    a^2 - l1(2p1 - l1) u2(2p2 - u2), the upper one a plus the root of
    a^2 - u1(2p1 - u1) l2(2p2 - l2), over l2(2p2 - l2). No events in the first group give a ratio
    of 0 with an upper limit. The usual limits on the log scale have none there, and cover too
    often with few events. Coverage is as that of the difference.

    References
    ----------
    Donner A, Zou GY. Closed-form confidence intervals for functions of the normal mean and
    standard deviation. Stat Methods Med Res 2012;21:347-359.
    Fagerland MW, Newcombe RG. Confidence intervals for odds ratio and relative risk based on the
    inverse hyperbolic sine transformation. Stat Med 2013;32:2823-2836.

    Examples
    --------
    >>> times = ratio_of_proportions(56, 70, 48, 80)
    >>> round(float(times.value), 3), round(float(times.lower), 3), round(float(times.upper), 3)
    (1.333, 1.078, 1.663)
    """
    z = -ndtri(checks.tail(level))
    events_1, n_1, events_2, n_2 = _proportions(events_1, n_1, events_2, n_2)
    checks.refuse_zero("events_2", events_2, "there is nothing to divide by")
    first, second = events_1 / n_1, events_2 / n_2
    limits = wilson_limits(events_1, n_1, z), wilson_limits(events_2, n_2, z)
    lower, upper = limits_of_ratio(first, limits[0], second, limits[1])
    return Estimate(first / second, lower, upper, float(level), "mover-wilson")


def difference_of_rates(
    events_1: ArrayLike,
    person_years_1: ArrayLike,
    events_2: ArrayLike,
    person_years_2: ArrayLike,
    per: float = 100_000.0,
    level: float = 0.95,
) -> Estimate:
    """Estimate how far the first crude rate lies above the second, with limits by the score ones.

    Parameters
    ----------
    events_1, events_2 : array_like
        Events counted in each of two independent groups, from 0 upwards.
    person_years_1, person_years_2 : array_like
        Person-years at risk in each group, above 0; all four are broadcast together.
    per : float
        The rates are per this many person-years.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Differences per `per` person-years, method ``mover-score``, in the common shape of the
        input.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, a denominator is 0, the shapes do not
        fit together, or the level is not between 0 and 1.

    Notes
    -----
    Made of the limits of the two rates as Newcombe's is of those of two proportions. The limits of
    a count are the score ones, O + z^2/2 -+ z sqrt(O + z^2/4): the exact ones or Byar's, being
    conservative themselves, would make the difference so too. No events in either group or both
    are valid. Coverage is near the level, and above it where fewer than about five events are
    expected.

    References
    ----------
    Li HQ, Tang ML, Poon WY, Tang NS. Confidence intervals for difference between two Poisson
    rates. Commun Stat Simul Comput 2011;40:1478-1493.
    Zou GY, Donner A. Construction of confidence limits about effect measures: a general approach.
    Stat Med 2008;27:1693-1702.

    Examples
    --------
    >>> gap = difference_of_rates(41, 28_010, 15, 19_017, per=10_000)
    >>> round(float(gap.value), 2), round(float(gap.lower), 2), round(float(gap.upper), 2)
    (6.75, 0.34, 12.82)
    """
    z = -ndtri(checks.tail(level))
    per = checks.positive_number("per", per)
    events_1, years_1, events_2, years_2 = _rates(
        events_1, person_years_1, events_2, person_years_2
    )
    unit_1, unit_2 = per / years_1, per / years_2
    lower_1, upper_1 = score_limits(events_1, z)
    lower_2, upper_2 = score_limits(events_2, z)
    first, second = events_1 * unit_1, events_2 * unit_2
    lower, upper = limits_of_difference(
        first, (lower_1 * unit_1, upper_1 * unit_1), second, (lower_2 * unit_2, upper_2 * unit_2)
    )
    return Estimate(first - second, lower, upper, float(level), "mover-score")


def ratio_of_rates(
    events_1: ArrayLike,
    person_years_1: ArrayLike,
    events_2: ArrayLike,
    person_years_2: ArrayLike,
    method: str = "log",
    level: float = 0.95,
) -> Estimate:
    """Estimate how many times the second crude rate the first one is.

    Parameters
    ----------
    events_1, events_2 : array_like
        Events counted in each of two independent groups, from 0 upwards; `events_2` is divided by
        and must be above 0.
    person_years_1, person_years_2 : array_like
        Person-years at risk in each group, above 0; all four are broadcast together.
    method : str
        ``log`` for normal limits of the logarithm, ``exact`` for limits from the binomial
        distribution of the first count given the sum of both.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Ratios from 0, with the method asked for, in the common shape of the input.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, a denominator or `events_2` is 0, the
        shapes do not fit together, the method is unknown, or the level is not between 0 and 1.

    Notes
    -----
    ``log``: the ratio times and over exp(z sqrt(1/O1 + 1/O2)). Without events in the first group
    that is no interval, and the exact limits are given instead: 0, and an upper one.

    ``exact``: of all O1 + O2 events, O1 are in the first group; Clopper and Pearson's limits of
    that share, as odds, times person-years of the second group over those of the first. Coverage
    is never under the level, and well above it with few events.

    References
    ----------
    Armitage P, Berry G, Matthews JNS. Statistical Methods in Medical Research, 4th edition.
    Oxford: Blackwell; 2002.
    Przyborowski J, Wilenski H. Homogeneity of results in testing samples from Poisson series.
    Biometrika 1940;31:313-323.

    Examples
    --------
    >>> times = ratio_of_rates(41, 28_010, 15, 19_017)
    >>> round(float(times.value), 2), round(float(times.lower), 2), round(float(times.upper), 2)
    (1.86, 1.03, 3.35)
    """
    tail = checks.tail(level)
    if not isinstance(method, str) or method not in {"log", "exact"}:
        raise StatisticsError(f"method is {method!r}; it must be 'log' or 'exact'")
    events_1, years_1, events_2, years_2 = _rates(
        events_1, person_years_1, events_2, person_years_2
    )
    checks.refuse_zero("events_2", events_2, "there is nothing to divide by")
    ratio = events_1 / events_2 * (years_2 / years_1)
    exactly = (events_1 < SMALLEST) | (method == "exact")
    # A count that is not taken on the log scale may be 0 there.
    some = np.where(exactly, 1, events_1)
    factor = np.exp(np.minimum(-ndtri(tail) * np.sqrt(1 / some + 1 / events_2), LARGEST_EXPONENT))
    lower, upper = np.asarray(ratio / factor), np.asarray(ratio * factor)
    if exactly.any():
        low, high = _exact_odds(events_1[exactly], events_2[exactly], tail)
        times = (years_2 / years_1)[exactly]
        lower[exactly] = np.minimum(low * times, ratio[exactly])
        upper[exactly] = np.maximum(high * times, ratio[exactly])
    return Estimate(ratio, lower, upper, float(level), method)


def _exact_odds(having: FloatArray, lacking: FloatArray, tail: float) -> Limits:
    """Return the odds at Clopper and Pearson's limits; `lacking` is above 0.

    Each odds is the quantile over its own complement, taken from the mirrored distribution: near 1
    a quantile has lost the digits of what is left.
    """
    some = np.maximum(having, SMALLEST)
    lower = betaincinv(some, lacking + 1, tail) / betainccinv(lacking + 1, some, tail)
    left = np.maximum(betaincinv(lacking, having + 1, tail), np.exp(-LARGEST_EXPONENT))
    upper = betainccinv(having + 1, lacking, tail) / left
    return np.where(having > 0, lower, 0.0), np.asarray(upper)


def _proportions(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike
) -> list[FloatArray]:
    counted_1, persons_1, counted_2, persons_2 = checks.all_together(
        ("events_1", checks.counts("events_1", events_1)),
        ("n_1", checks.positives("n_1", n_1)),
        ("events_2", checks.counts("events_2", events_2)),
        ("n_2", checks.positives("n_2", n_2)),
    )
    checks.refuse("events_1", counted_1, counted_1 > persons_1, "must not exceed n_1")
    checks.refuse("events_2", counted_2, counted_2 > persons_2, "must not exceed n_2")
    return [counted_1, persons_1, counted_2, persons_2]


def _rates(
    events_1: ArrayLike,
    person_years_1: ArrayLike,
    events_2: ArrayLike,
    person_years_2: ArrayLike,
) -> list[FloatArray]:
    return checks.all_together(
        ("events_1", checks.counts("events_1", events_1)),
        ("person_years_1", checks.positives("person_years_1", person_years_1)),
        ("events_2", checks.counts("events_2", events_2)),
        ("person_years_2", checks.positives("person_years_2", person_years_2)),
    )
