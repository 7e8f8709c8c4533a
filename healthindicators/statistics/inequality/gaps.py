"""Gaps between two groups: their difference and their ratio."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray
from healthindicators.statistics.inequality import groups


def difference(
    first: ArrayLike,
    second: ArrayLike,
    standard_error_first: ArrayLike | None = None,
    standard_error_second: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate the absolute gap: first minus second.

    Parameters
    ----------
    first, second : array_like
        Values of the two groups, independent of each other, in one unit; broadcast.
    standard_error_first, standard_error_second : array_like, optional
        Their standard errors, 0 or more: both or neither.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        In the unit of the values; method ``delta``, or ``none`` with limits NaN where no
        standard errors are given.

    Raises
    ------
    StatisticsError
        If a number is not finite or beyond 1e12, a standard error is negative or only one of
        the two is given, the shapes do not fit together, or the level is not between 0 and 1.

    Notes
    -----
    Orientation is the caller's. The World Health Organization subtracts the least from the most
    advantaged group where high is good, and the most from the least advantaged where low is
    good, so that a positive gap is always to the disadvantage of the least advantaged. The standard
    error is sqrt(se1^2 + se2^2).

    References
    ----------
    Schlotheuber A, Hosseinpoor AR. Summary measures of health inequality: a review of existing
    measures and their application. Int J Environ Res Public Health 2022;19:3697.

    Examples
    --------
    >>> gap = difference(99.2, 75.6, 0.2, 1.6)
    >>> round(float(gap.value), 1), round(float(gap.lower), 1), round(float(gap.upper), 1)
    (23.6, 20.4, 26.8)
    """
    one, two, errors = _two(first, second, standard_error_first, standard_error_second)
    value = one - two
    if errors is None:
        return groups.without_limits(value, level)
    reach = -ndtri(checks.tail(level)) * np.hypot(*errors)
    return Estimate(value, value - reach, value + reach, float(level), "delta")


def ratio(
    first: ArrayLike,
    second: ArrayLike,
    standard_error_first: ArrayLike | None = None,
    standard_error_second: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate the relative gap: first divided by second.

    Parameters
    ----------
    first, second : array_like
        Values of the two groups, independent of each other, in one unit; broadcast. The second
        is above 0; so is the first where limits are asked for, else it may be 0.
    standard_error_first, standard_error_second : array_like, optional
        Their standard errors, 0 or more: both or neither.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Without unit; method ``delta``, or ``none`` with limits NaN where no standard errors are
        given.

    Raises
    ------
    StatisticsError
        If a number is not finite, negative or above 1e12, a divisor is 0, only one standard
        error is given, the shapes do not fit together, or the level is not between 0 and 1.

    Notes
    -----
    Orientation as in `difference`. The limits are symmetrical on the logarithm, whose standard
    error is sqrt((se1/y1)^2 + (se2/y2)^2).

    References
    ----------
    Schlotheuber A, Hosseinpoor AR. Int J Environ Res Public Health 2022;19:3697.

    Examples
    --------
    >>> round(float(ratio(99.2, 75.6).value), 3)
    1.312
    """
    one, two, errors = _two(first, second, standard_error_first, standard_error_second)
    groups.refuse_below("first", one, 0, "must not be negative for a ratio")
    groups.refuse_below("second", two, checks.SMALLEST, "must be above 0 to divide by")
    value = one / two
    if errors is None:
        return groups.without_limits(value, level)
    groups.refuse_below("first", one, checks.SMALLEST, "must be above 0 for limits of a ratio")
    reach = -ndtri(checks.tail(level)) * np.hypot(errors[0] / one, errors[1] / two)
    factor = groups.ratio_factor(reach)
    return Estimate(value, value / factor, value * factor, float(level), "delta")


def _two(
    first: ArrayLike,
    second: ArrayLike,
    error_first: ArrayLike | None,
    error_second: ArrayLike | None,
) -> tuple[FloatArray, FloatArray, tuple[FloatArray, FloatArray] | None]:
    """Return both values and, where given, both standard errors, all in one shape."""
    named = [
        ("first", checks.numbers("first", first)),
        ("second", checks.numbers("second", second)),
    ]
    if error_first is None and error_second is None:
        one, two = checks.all_together(*named)
        return one, two, None
    if error_first is None or error_second is None:
        missing = "first" if error_first is None else "second"
        raise StatisticsError(
            f"standard_error_{missing} is None; give the standard errors of both groups, or of neither"
        )
    for name, given in (
        ("standard_error_first", error_first),
        ("standard_error_second", error_second),
    ):
        named.append((name, checks.counts(name, given)))
    one, two, of_one, of_two = checks.all_together(*named)
    return one, two, (of_one, of_two)
