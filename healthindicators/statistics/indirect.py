"""Indirect standardisation: events observed against those that a reference would expect."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray
from healthindicators.statistics.poisson import byar_limits


def observed_to_expected(
    events: ArrayLike, expected: ArrayLike, per: float = 1.0, level: float = 0.95
) -> Estimate:
    """Estimate how many times the expected events the observed ones are.

    Parameters
    ----------
    events : array_like
        Events counted, over all bands, from 0 upwards.
    expected : array_like
        Events expected, above 0; taken as known. Broadcast against `events`.
    per : float
        The ratio is per this: 1, or 100 where the reference is to be 100.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Ratios times `per`, method ``byar``, in the common shape of the input.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, nothing is expected, the shapes do not
        fit together, or the level is not between 0 and 1.

    Notes
    -----
    The limits are those of the observed count, Byar's or the exact ones under 10 events, over the
    expected events. No events are valid.

    References
    ----------
    Breslow NE, Day NE. Statistical Methods in Cancer Research, volume II. IARC Scientific
    Publications 82. Lyon: IARC; 1987.

    Examples
    --------
    >>> ratio = observed_to_expected(events=65, expected=50)
    >>> float(ratio.value), round(float(ratio.lower), 3), round(float(ratio.upper), 3)
    (1.3, 1.003, 1.657)
    """
    tail = checks.tail(level)
    per = checks.positive_number("per", per)
    counted, wanted = checks.together(
        "events", checks.counts("events", events), "expected", checks.counts("expected", expected)
    )
    checks.refuse_zero("expected", wanted, "there is nothing to divide by")
    return _ratio(counted, per / wanted, level, tail)


def indirectly_standardised_ratio(
    events: ArrayLike,
    population: ArrayLike,
    reference_events: ArrayLike,
    reference_population: ArrayLike,
    per: float = 1.0,
    level: float = 0.95,
) -> Estimate:
    """Estimate the ratio of events to those that the reference's band rates would give.

    Parameters
    ----------
    events : array_like, shape (..., bands)
        Events counted in each band, from 0 upwards; only their sum matters. Where that alone is
        known, see `observed_to_expected`.
    population : array_like, shape (..., bands)
        Person-years at risk in each band, from 0 upwards.
    reference_events, reference_population : array_like, shape (bands,) or (..., bands)
        Events and person-years of the reference in each band; person-years above 0.
    per : float
        The ratio is per this: 1, or 100 where the reference is to be 100.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Ratios times `per`, method ``byar``, in the shape of the leading axes.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, a band of the reference has no
        population, nothing is expected, or the shapes do not fit together.

    Notes
    -----
    The expected events are the sum over bands of person-years times the reference's rate, which
    is taken as known. The limits are those of the total count, Byar's or the exact ones under 10
    events, over the expected events. No events are valid.

    References
    ----------
    Breslow NE, Day NE. Statistical Methods in Cancer Research, volume II. IARC Scientific
    Publications 82. Lyon: IARC; 1987.

    Examples
    --------
    The reference would have 20 events among the young and 30 among the old.

    >>> ratio = indirectly_standardised_ratio(
    ...     [15, 50], [2_000, 1_000], reference_events=[10, 30], reference_population=[1_000, 1_000]
    ... )
    >>> float(ratio.value), round(float(ratio.lower), 3), round(float(ratio.upper), 3)
    (1.3, 1.003, 1.657)
    """
    tail = checks.tail(level)
    per = checks.positive_number("per", per)
    total, expected, _ = _totals(events, population, reference_events, reference_population)
    return _ratio(total, per / expected, level, tail)


def indirectly_standardised_rate(
    events: ArrayLike,
    population: ArrayLike,
    reference_events: ArrayLike,
    reference_population: ArrayLike,
    per: float = 100_000.0,
    level: float = 0.95,
) -> Estimate:
    """Estimate the crude rate of the reference times the indirectly standardised ratio.

    Parameters
    ----------
    events : array_like, shape (..., bands)
        Events counted in each band, from 0 upwards; only their sum matters.
    population : array_like, shape (..., bands)
        Person-years at risk in each band, from 0 upwards.
    reference_events, reference_population : array_like, shape (bands,) or (..., bands)
        Events and person-years of the reference in each band; person-years above 0.
    per : float
        The rate is per this many person-years.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Rates per `per` person-years, method ``byar``, in the shape of the leading axes.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, a band of the reference has no
        population, nothing is expected, or the shapes do not fit together.

    Notes
    -----
    Value and limits are those of `indirectly_standardised_ratio` times the crude rate of the
    reference, its events over its person-years. Such rates compare a place with the reference;
    between places that differ in age they do not compare.

    References
    ----------
    Breslow NE, Day NE. Statistical Methods in Cancer Research, volume II. IARC Scientific
    Publications 82. Lyon: IARC; 1987.

    Examples
    --------
    >>> rate = indirectly_standardised_rate(
    ...     [15, 50], [2_000, 1_000], [10, 30], [1_000, 1_000], per=1_000
    ... )
    >>> float(rate.value), round(float(rate.lower), 2), round(float(rate.upper), 2)
    (26.0, 20.07, 33.14)
    """
    tail = checks.tail(level)
    per = checks.positive_number("per", per)
    total, expected, crude = _totals(events, population, reference_events, reference_population)
    return _ratio(total, per * crude / expected, level, tail)


def _ratio(events: FloatArray, unit: FloatArray, level: float, tail: float) -> Estimate:
    lower, upper = byar_limits(events, tail)
    return Estimate(events * unit, lower * unit, upper * unit, float(level), "byar")


def _totals(
    events: ArrayLike,
    population: ArrayLike,
    reference_events: ArrayLike,
    reference_population: ArrayLike,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return events observed and expected over all bands, and the crude rate of the reference."""
    named = {
        "events": checks.counts("events", events),
        "population": checks.counts("population", population),
        "reference_events": checks.counts("reference_events", reference_events),
        "reference_population": checks.positives("reference_population", reference_population),
    }
    bands = np.atleast_1d(named["reference_population"]).shape[-1]
    for name, array in named.items():
        checks.last_axis(name, array, bands, of="reference_population")
    counted, at_risk, cases, persons = checks.all_together(*named.items())
    expected = np.einsum("...b,...b->...", at_risk, cases / persons)
    checks.refuse_zero("expected events", expected, "there is nothing to divide by")
    crude = cases.sum(axis=-1) / persons.sum(axis=-1)
    return np.asarray(counted.sum(axis=-1)), np.asarray(expected), np.asarray(crude)
