"""Crude rates: events over person-years, with Poisson limits."""

from __future__ import annotations

from numpy.typing import ArrayLike

from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray
from healthindicators.statistics.poisson import EXACT_BELOW, byar_limits, exact_limits


def poisson_exact(
    events: ArrayLike, person_years: ArrayLike, per: float = 100_000.0, level: float = 0.95
) -> Estimate:
    """Estimate a crude rate with exact Poisson limits.

    Parameters
    ----------
    events : array_like
        Events counted, from 0 upwards.
    person_years : array_like
        Person-years at risk, above 0; broadcast against `events`.
    per : float
        The rate is per this many person-years.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Rates per `per` person-years, method ``exact``, in the common shape of the input.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, a denominator is 0, the shapes do not
        fit together, or the level is not between 0 and 1.

    Notes
    -----
    The limits of the count are half the chi-squared quantiles with 2O degrees of freedom (lower)
    and 2O + 2 (upper), which are gamma quantiles of shape O and O + 1; person-years are taken as
    known. With no events the lower limit is 0. The interval is conservative: its coverage is never
    under the level.

    References
    ----------
    Garwood F. Fiducial limits for the Poisson distribution. Biometrika 1936;28:437-442.

    Examples
    --------
    >>> rate = poisson_exact(events=5, person_years=50_000)
    >>> float(rate.value), round(float(rate.lower), 2), round(float(rate.upper), 2)
    (10.0, 3.25, 23.34)
    """
    tail, per, events, person_years = _checked(events, person_years, per, level)
    lower, upper = exact_limits(events, tail)
    unit = per / person_years
    return Estimate(events * unit, lower * unit, upper * unit, float(level), "exact")


def byar(
    events: ArrayLike,
    person_years: ArrayLike,
    per: float = 100_000.0,
    level: float = 0.95,
    *,
    exact_below: float = EXACT_BELOW,
) -> Estimate:
    """Estimate a crude rate with Byar's limits, or the exact ones where events are few.

    Parameters
    ----------
    events : array_like
        Events counted, from 0 upwards.
    person_years : array_like
        Person-years at risk, above 0; broadcast against `events`.
    per : float
        The rate is per this many person-years.
    level : float
        Confidence level, between 0 and 1.
    exact_below : float
        Counts under this get the exact limits; 0 gives Byar's everywhere.

    Returns
    -------
    Estimate
        Rates per `per` person-years, method ``byar``, in the common shape of the input.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, a denominator is 0, the shapes do not
        fit together, or the level is not between 0 and 1.

    Notes
    -----
    The lower limit of the count is O times the cube of 1 - 1/(9O) - z/(3 sqrt O); the upper is
    O + 1 times the cube of 1 - 1/(9(O + 1)) + z/(3 sqrt(O + 1)). A root below 0, possible only at
    high levels with few events, is taken as 0.

    References
    ----------
    Breslow NE, Day NE. Statistical Methods in Cancer Research, volume II. IARC Scientific
    Publications 82. Lyon: IARC; 1987.
    Garwood F. Fiducial limits for the Poisson distribution. Biometrika 1936;28:437-442.

    Examples
    --------
    >>> rate = byar(events=[0, 65], person_years=[1_000, 1_000], per=1_000)
    >>> rate.value.tolist(), rate.lower.round(2).tolist(), rate.upper.round(2).tolist()
    ([0.0, 65.0], [0.0, 50.16], [3.69, 82.85])
    """
    tail, per, events, person_years = _checked(events, person_years, per, level)
    if exact_below != 0:
        exact_below = checks.positive_number("exact_below", exact_below)
    lower, upper = byar_limits(events, tail, exact_below)
    unit = per / person_years
    return Estimate(events * unit, lower * unit, upper * unit, float(level), "byar")


def _checked(
    events: ArrayLike, person_years: ArrayLike, per: float, level: float
) -> tuple[float, float, FloatArray, FloatArray]:
    counted, at_risk = checks.together(
        "events",
        checks.counts("events", events),
        "person_years",
        checks.positives("person_years", person_years),
    )
    return checks.tail(level), checks.positive_number("per", per), counted, at_risk
