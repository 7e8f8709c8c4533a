"""Proportions: how many of n, with Wilson's or the exact limits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainccinv, betaincinv, ndtri

from healthindicators.statistics import checks
from healthindicators.statistics.checks import SMALLEST
from healthindicators.statistics.estimate import Estimate, FloatArray


def wilson(events: ArrayLike, n: ArrayLike, level: float = 0.95) -> Estimate:
    """Estimate a proportion with Wilson's score limits.

    Parameters
    ----------
    events : array_like
        Persons with the property, from 0 to `n`.
    n : array_like
        Persons in the population or sample, above 0; broadcast against `events`.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Proportions from 0 to 1, method ``wilson``, in the common shape of the input.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, events exceed n, n is 0, the shapes do
        not fit together, or the level is not between 0 and 1.

    Notes
    -----
    The limits solve for the proportions whose distance from the observed one is z standard errors,
    the error being that of the limit itself: (2O + z^2 -+ z sqrt(z^2 + 4O(1 - p))) over
    2(n + z^2), without continuity correction. They stay within 0 and 1, and remain an interval
    where nobody or everybody has the property.

    References
    ----------
    Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat
    Assoc 1927;22:209-212.
    Newcombe RG. Two-sided confidence intervals for the single proportion: comparison of seven
    methods. Stat Med 1998;17:857-872.

    Examples
    --------
    >>> share = wilson(events=81, n=263)
    >>> round(float(share.lower), 4), round(float(share.upper), 4)
    (0.2553, 0.3662)
    """
    tail, events, n = _checked(events, n, level)
    lower, upper = wilson_limits(events, n, -ndtri(tail))
    return Estimate(events / n, lower, upper, float(level), "wilson")


def clopper_pearson(events: ArrayLike, n: ArrayLike, level: float = 0.95) -> Estimate:
    """Estimate a proportion with the exact limits of Clopper and Pearson.

    Parameters
    ----------
    events : array_like
        Persons with the property, from 0 to `n`.
    n : array_like
        Persons in the population or sample, above 0; broadcast against `events`.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Proportions from 0 to 1, method ``clopper-pearson``, in the common shape of the input.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, events exceed n, n is 0, the shapes do
        not fit together, or the level is not between 0 and 1.

    Notes
    -----
    The lower limit is the proportion at which so many events or more have half of 1 - level as
    probability, the upper that at which so many or fewer have it: quantiles of the beta
    distributions (O, n - O + 1) and (O + 1, n - O). The lower limit of no events is 0 and the
    upper of n events 1. Coverage is never under the level, and well above it with few events;
    Wilson's limits come nearer to the level.

    References
    ----------
    Clopper CJ, Pearson ES. The use of confidence or fiducial limits illustrated in the case of
    the binomial. Biometrika 1934;26:404-413.

    Examples
    --------
    >>> share = clopper_pearson(events=81, n=263)
    >>> round(float(share.lower), 4), round(float(share.upper), 4)
    (0.2527, 0.3676)
    """
    tail, events, n = _checked(events, n, level)
    proportion = events / n
    lower, upper = exact_binomial_limits(events, n - events, tail)
    # Where n is huge, the quantiles are good to fewer digits than the proportion.
    lower, upper = np.minimum(lower, proportion), np.maximum(upper, proportion)
    return Estimate(proportion, lower, upper, float(level), "clopper-pearson")


def wilson_limits(events: FloatArray, n: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    """Return Wilson's limits of checked counts, z standard errors away.

    Examples
    --------
    >>> lower, upper = wilson_limits(np.array([0.0]), np.array([20.0]), 1.959964)
    >>> lower.tolist(), upper.round(4).tolist()
    ([0.0], [0.1611])
    """
    proportion = events / n
    centre = 2 * events + z**2
    spread = z * np.sqrt(z**2 + 4 * events * (1 - proportion))
    scale = 2 * (n + z**2)
    # Rounding may pass the bounds by a last digit where nobody or everybody has the property. The
    # product of the limits is O^2 / (n(n + z^2)), so the lower one needs no difference.
    lower = np.minimum(2 * events * proportion / (centre + spread), proportion)
    upper = np.maximum(np.minimum((centre + spread) / scale, 1), proportion)
    return lower, upper


def exact_binomial_limits(
    having: FloatArray, lacking: FloatArray, tail: float
) -> tuple[FloatArray, FloatArray]:
    """Return Clopper and Pearson's limits of the share that has the property.

    Examples
    --------
    >>> lower, upper = exact_binomial_limits(np.array([0.0]), np.array([20.0]), 0.025)
    >>> lower.tolist(), upper.round(4).tolist()
    ([0.0], [0.1684])
    """
    # A beta distribution with a shape of 0 is a point; scipy has no quantile for it.
    some, others = np.maximum(having, SMALLEST), np.maximum(lacking, SMALLEST)
    lower = np.where(having > 0, betaincinv(some, lacking + 1, tail), 0.0)
    upper = np.where(lacking > 0, betainccinv(having + 1, others, tail), 1.0)
    return lower, upper


def _checked(events: ArrayLike, n: ArrayLike, level: float) -> tuple[float, FloatArray, FloatArray]:
    having, persons = checks.together(
        "events", checks.counts("events", events), "n", checks.positives("n", n)
    )
    checks.refuse("events", having, having > persons, "must not exceed n")
    return checks.tail(level), having, persons
