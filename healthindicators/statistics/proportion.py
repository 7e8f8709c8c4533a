"""Proportions: how many of n, with Wilson's limits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate


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
    z = -ndtri(checks.tail(level))
    events, n = checks.together(
        "events", checks.counts("events", events), "n", checks.positives("n", n)
    )
    checks.refuse("events", events, events > n, "must not exceed n")
    proportion = events / n
    centre = 2 * events + z**2
    spread = z * np.sqrt(z**2 + 4 * events * (1 - proportion))
    scale = 2 * (n + z**2)
    # Rounding may pass the bounds by a last digit where nobody or everybody has the property.
    lower = np.clip((centre - spread) / scale, 0, proportion)
    upper = np.clip((centre + spread) / scale, proportion, 1)
    return Estimate(proportion, lower, upper, float(level), "wilson")
