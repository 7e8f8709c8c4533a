"""Directly standardised rates: the rate a standard population would have."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray
from healthindicators.statistics.poisson import byar_limits


def directly_standardised_rate(
    events: ArrayLike,
    population: ArrayLike,
    standard: ArrayLike,
    per: float = 100_000.0,
    level: float = 0.95,
) -> Estimate:
    """Estimate a directly standardised rate with Dobson's limits.

    Parameters
    ----------
    events : array_like, shape (..., bands)
        Events counted in each band, from 0 upwards.
    population : array_like, shape (..., bands)
        Person-years at risk in each band; above 0 wherever the band has a standard weight.
    standard : array_like, shape (bands,)
        Standard population of each band; only the shares matter.
    per : float
        The rate is per this many person-years.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Rates per `per` person-years, method ``dobson``, in the shape of the leading axes.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, a weighted band has no population, no
        events were counted at all, the standard is 0 throughout, or the shapes do not fit together.

    Notes
    -----
    The rate is the mean of the band rates, weighted by the standard. Its variance is the sum of
    squared weights times O/n^2 of each band, over the squared sum of weights. Each limit lies
    sqrt(variance / O) times as far from the rate as the limit of the total count O lies from O;
    the limits of O are Byar's, exact below 10 events.

    Bands without a standard weight take no part, nor do their events. With no events at all the
    scale of the limits is 0/0: the method says nothing, so that is an error. With few events in
    bands of very unequal weight the formula can pass below 0; the lower limit stops there, which
    changes no coverage.

    References
    ----------
    Dobson AJ, Kuulasmaa K, Eberle E, Scherer J. Confidence intervals for weighted sums of Poisson
    parameters. Stat Med 1991;10:457-462.
    Breslow NE, Day NE. Statistical Methods in Cancer Research, volume II. IARC Scientific
    Publications 82. Lyon: IARC; 1987.

    Examples
    --------
    Half the standard is young and half old, so the rate lies midway between 10 and 100.

    >>> rate = directly_standardised_rate([20, 50], [200_000, 50_000], standard=[1, 1])
    >>> round(float(rate.value), 1), round(float(rate.lower), 1), round(float(rate.upper), 1)
    (55.0, 41.8, 70.8)
    """
    tail = checks.tail(level)
    per = checks.positive_number("per", per)
    events, population, weights = _by_weighted_band(events, population, standard)
    total = events.sum(axis=-1)
    checks.refuse_zero("total events", total, "Dobson's limits need at least one event")
    share = weights / population
    rate = (share * events).sum(axis=-1)
    scale = np.sqrt((share**2 * events).sum(axis=-1) / total)
    fewest, most = byar_limits(total, tail)
    return Estimate(
        per * rate,
        per * np.maximum(rate + scale * (fewest - total), 0),
        per * (rate + scale * (most - total)),
        float(level),
        "dobson",
    )


def _by_weighted_band(
    events: ArrayLike, population: ArrayLike, standard: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return events, population and shares of the standard, of those bands that have a share."""
    weights = checks.counts("standard", standard)
    checks.one_axis("standard", weights)
    checks.refuse_zero("sum of standard", weights.sum(), "the standard needs a weight")
    counted = checks.counts("events", events)
    at_risk = checks.counts("population", population)
    checks.last_axis("events", counted, weights.size, of="standard")
    checks.last_axis("population", at_risk, weights.size, of="standard")
    weighted = weights > 0
    checks.refuse_zero("population", at_risk, "the band has a standard weight", weighted)
    counted, at_risk = checks.together("events", counted, "population", at_risk)
    return counted[..., weighted], at_risk[..., weighted], weights[weighted] / weights.sum()
