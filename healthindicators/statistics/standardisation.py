"""Directly standardised rates: the rate a standard population would have."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainccinv, gammaincinv

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.checks import SMALLEST
from healthindicators.statistics.estimate import Estimate, FloatArray
from healthindicators.statistics.poisson import byar_limits

Limits = tuple[FloatArray, FloatArray]


def directly_standardised_rate(
    events: ArrayLike,
    population: ArrayLike,
    standard: ArrayLike,
    per: float = 100_000.0,
    level: float = 0.95,
    *,
    method: str = "dobson",
) -> Estimate:
    """Estimate a directly standardised rate with the limits of Dobson or of Fay and Feuer.

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
    method : str
        ``dobson``, as England's health offices use, or ``fay-feuer``, which holds the level with
        few events too.

    Returns
    -------
    Estimate
        Rates per `per` person-years, with the method asked for, in the shape of the leading axes.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, a weighted band has no population, the
        standard is 0 throughout, the method is unknown, or the shapes do not fit together.

    Notes
    -----
    The rate y is the mean of the band rates, weighted by the standard. Its variance v is the sum
    of squared weights times O/n^2 of each band, over the squared sum of weights.

    ``dobson``: each limit lies sqrt(v / O) times as far from the rate as the limit of the total
    count O lies from O; the limits of O are Byar's, exact below 10 events. With few events in bands
    of very unequal weight the formula can pass below 0; the lower limit stops there, which changes
    no coverage. It holds the level where deaths are spread over the bands as they usually are; where
    bands of a few persons weigh as much as those of hundreds, it holds the rate far too seldom.

    ``fay-feuer``: the lower limit is the quantile of the gamma distribution with mean y and
    variance v, the upper one that of mean y + w and variance v + w^2, where w is the largest
    weight over person-years of any band: what one event more could add at most. No case of coverage
    under the level is known, and it is well above where weights differ much.

    With no events at all the rate is 0 and so is the lower limit. Dobson's formula then is 0/0 and
    says nothing; by either method the upper limit is that of Fay and Feuer, which is w times the
    exact Poisson limit of no events. Bands without a standard weight take no part, nor do their
    events.

    References
    ----------
    Dobson AJ, Kuulasmaa K, Eberle E, Scherer J. Confidence intervals for weighted sums of Poisson
    parameters. Stat Med 1991;10:457-462.
    Fay MP, Feuer EJ. Confidence intervals for directly standardized rates: a method based on the
    gamma distribution. Stat Med 1997;16:791-801.
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
    if not isinstance(method, str) or method not in {"dobson", "fay-feuer"}:
        raise StatisticsError(f"method is {method!r}; it must be 'dobson' or 'fay-feuer'")
    weights = _weights(standard)
    counted = checks.counts("events", events)
    checks.last_axis("events", counted, weights.size, of="standard")
    counted, at_risk = checks.together(
        "events", counted, "population", _at_risk(population, weights)
    )
    counted, share = _of_weighted_bands(counted, at_risk, weights)
    rate = np.einsum("...b,...b->...", share, counted)
    variance = np.einsum("...b,...b,...b->...", share, share, counted)
    most = np.asarray(share.max(axis=-1))
    if method == "dobson":
        total = np.asarray(counted.sum(axis=-1))
        lower, upper = _dobson_limits(rate, variance, total, most, tail)
    else:
        lower, upper = _fay_feuer_limits(rate, variance, most, tail)
    return Estimate(per * rate, per * lower, per * upper, float(level), method)


def directly_standardised_rate_of_repeated_events(
    persons: ArrayLike,
    events_per_person: ArrayLike,
    population: ArrayLike,
    standard: ArrayLike,
    per: float = 100_000.0,
    level: float = 0.95,
) -> Estimate:
    """Estimate a directly standardised rate of events that one person can have several times.

    Parameters
    ----------
    persons : array_like, shape (..., bands, frequencies)
        Persons of each band who had that many events, from 0 upwards.
    events_per_person : array_like, shape (frequencies,)
        How many events each of those persons had, above 0, each number once.
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
        Rates of events per `per` person-years, method ``dobson``, in the shape of the leading axes.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, a weighted band has no population, the
        standard is 0 throughout, a number of events is 0 or stands twice, or the shapes do not fit
        together.

    Notes
    -----
    Admissions of one patient are not independent, but patients are. So the persons with f events
    are Poisson counts, and the variance of the rate is the sum over f of f^2 times the variance of
    the rate of those persons. Dobson's limits are then taken with this variance and with O = the
    sum of f times persons. If everybody had one event, this is `directly_standardised_rate`. With
    no events the upper limit is that of no persons, each with the largest number of events given.

    References
    ----------
    Public Health England. Technical guide: Commonly used public health statistics and their
    confidence intervals. London: PHE; 2018.
    Dobson AJ, Kuulasmaa K, Eberle E, Scherer J. Confidence intervals for weighted sums of Poisson
    parameters. Stat Med 1991;10:457-462.

    Examples
    --------
    Of 60 young admissions 20 were second ones, so the limits are wider than of 60 patients.

    >>> rate = directly_standardised_rate_of_repeated_events(
    ...     [[20, 20], [50, 0]], [1, 2], population=[200_000, 50_000], standard=[1, 1]
    ... )
    >>> round(float(rate.value), 1), round(float(rate.lower), 1), round(float(rate.upper), 1)
    (65.0, 51.0, 81.1)
    """
    tail = checks.tail(level)
    per = checks.positive_number("per", per)
    times = checks.positives("events_per_person", events_per_person)
    checks.one_axis("events_per_person", times)
    twice = np.array([given in times[:place] for place, given in enumerate(times)])
    checks.refuse("events_per_person", times, twice, "must stand once")
    weights = _weights(standard)
    counted = _by_number(persons, times, weights)
    # An axis for the numbers of events goes before the bands, and every rate has one as well.
    at_risk = np.expand_dims(_at_risk(population, weights), -2)
    counted, at_risk = checks.together("persons", counted, "population", at_risk)
    counted, share = _of_weighted_bands(counted, at_risk, weights)
    rate = np.einsum("...b,...b->...", share, counted) @ times
    variance = np.einsum("...b,...b,...b->...", share, share, counted) @ times**2
    total = np.asarray(counted.sum(axis=-1) @ times)
    most = np.asarray(share.max(axis=(-1, -2)) * times.max())
    lower, upper = _dobson_limits(rate, variance, total, most, tail)
    return Estimate(per * rate, per * lower, per * upper, float(level), "dobson")


def _dobson_limits(
    rate: FloatArray, variance: FloatArray, total: FloatArray, most: FloatArray, tail: float
) -> Limits:
    some = total >= SMALLEST
    scale = np.sqrt(variance / np.where(some, total, 1))
    fewest, greatest = byar_limits(total, tail)
    lower = np.maximum(rate + scale * (fewest - total), 0)
    upper = rate + scale * (greatest - total)
    return np.where(some, lower, 0), np.where(some, upper, most * gammainccinv(1, tail))


def _fay_feuer_limits(
    rate: FloatArray, variance: FloatArray, most: FloatArray, tail: float
) -> Limits:
    """Return gamma quantiles: of shape mean^2 / variance, times variance / mean."""
    # The shape is at most the count of events; of next to none the lower limit is 0.
    some = (rate**2 > SMALLEST * variance) & (variance > 0)
    spread = np.where(some, variance, 1)
    shape = np.where(some, rate**2 / spread, 1)
    lower = np.where(some, gammaincinv(shape, tail) * spread / np.where(some, rate, 1), 0)
    mean, spread = rate + most, variance + most**2
    return lower, np.asarray(gammainccinv(mean**2 / spread, tail) * spread / mean)


def _weights(standard: ArrayLike) -> FloatArray:
    weights = checks.counts("standard", standard)
    checks.one_axis("standard", weights)
    checks.refuse_zero("sum of standard", weights.sum(), "the standard needs a weight")
    return weights


def _at_risk(population: ArrayLike, weights: FloatArray) -> FloatArray:
    at_risk = checks.counts("population", population)
    checks.last_axis("population", at_risk, weights.size, of="standard")
    checks.refuse_zero("population", at_risk, "the band has a standard weight", weights > 0)
    return at_risk


def _by_number(persons: ArrayLike, times: FloatArray, weights: FloatArray) -> FloatArray:
    """Return persons with the axis of the numbers of events before that of the bands."""
    counted = checks.counts("persons", persons)
    if counted.shape[-2:] != (weights.size, times.size):
        raise StatisticsError(
            f"persons has shape {counted.shape}; its last axes must have {weights.size} bands, as "
            f"standard has, and {times.size} numbers of events, as events_per_person has"
        )
    return np.swapaxes(counted, -1, -2)


def _of_weighted_bands(
    counted: FloatArray, at_risk: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return counts, and share of the standard over person-years, of bands that have a share."""
    weighted = weights > 0
    if not weighted.all():
        counted, at_risk = counted[..., weighted], at_risk[..., weighted]
    return counted, weights[weighted] / weights.sum() / at_risk
