"""Life expectancy from an abridged life table."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray

LIVED_BY_THE_DYING = 0.5
LIVED_BY_THE_DYING_INFANT = 0.1
"""Share of a band that those who die in it have lived; most infant deaths are in the first weeks
(Chiang 1968; Toson and Baker, ONS 2003)."""


def life_expectancy(
    deaths: ArrayLike,
    population: ArrayLike,
    age_starts: ArrayLike,
    at: float = 0,
    level: float = 0.95,
) -> Estimate:
    """Estimate the mean years left to live at an age, under the mortality of a period.

    Parameters
    ----------
    deaths : array_like, shape (..., bands)
        Deaths in each age band; above 0 in the last, open one.
    population : array_like, shape (..., bands)
        Person-years lived in each age band, above 0, over the same years as the deaths.
    age_starts : array_like, shape (bands,)
        First age of each band in years, increasing; the last band is open.
    at : float
        Age at which to estimate; one of `age_starts`.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Years, method ``chiang``, in the shape of the leading axes.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, a band has no population, the open band
        no deaths, the age starts do not increase or lack `at`, or the shapes do not fit together.

    Notes
    -----
    With mortality M = deaths / population in a band of n years, of which those who die in it live
    the share a, the probability of dying is q = nM / (1 + (1 - a)nM), at most 1. The share a is
    0.1 for the first year of life where it is a band of its own, otherwise 0.5. The open band
    leaves 1/M years. From there back, a band adds the years lived in it, n(1 - q + aq), to the
    expectancy at its end times the chance 1 - q of reaching it.

    The variance goes back in the same way: q has the variance q^2 (1 - q) / deaths, by which the
    expectancy moves (1 - a)n plus the expectancy at the end of the band; the open band starts with
    1 / (deaths M^2), its deaths being Poisson, as in the template of Public Health England.
    A closed band without deaths has q = 0 and adds no variance. The limits are normal and
    symmetrical; the lower one stops at 0.

    At birth the limits are a little narrow in small places, mostly where no infant died: simulated
    with Poisson deaths, 95 % limits cover 92 % with 2,000 person-years, 93 % with 5,000 and 94.4 %
    with 20,000; they miss above the truth rather than below it.

    How few persons or how wide an interval are too little to show is no matter of the method: it
    is decided where indicators are assessed.

    References
    ----------
    Chiang CL. The Life Table and its Applications. Malabar: Krieger; 1984.
    Silcocks PBS, Jenner DA, Reza R. Life expectancy as a summary of mortality in a population. J
    Epidemiol Community Health 2001;55:38-43.
    Eayres D, Williams ES. Evaluation of methodologies for small area life expectancy estimation. J
    Epidemiol Community Health 2004;58:243-249.
    Toson B, Baker A. Life expectancy at birth: methodological options for small populations.
    National Statistics Methodological Series 33. London: ONS; 2003.

    Examples
    --------
    >>> left = life_expectancy([12, 90], [3_000, 1_000], age_starts=[65, 85], at=65)
    >>> round(float(left.value), 2), round(float(left.lower), 2), round(float(left.upper), 2)
    (29.49, 27.19, 31.78)
    """
    tail = checks.tail(level)
    starts = _increasing(age_starts)
    deaths, population = _by_age(deaths, population, starts)
    first = _position(at, starts)
    years, variance = _from_the_last_band_back(deaths, population, starts, first)
    margin = -ndtri(tail) * np.sqrt(variance)
    lower = np.maximum(years - margin, 0)
    return Estimate(years, lower, years + margin, float(level), "chiang")


def _from_the_last_band_back(
    deaths: FloatArray, population: FloatArray, starts: FloatArray, first: int
) -> tuple[FloatArray, FloatArray]:
    """Return expectancy and its variance at the start of band `first`.

    Going back needs no survivors to divide by, so a band that nobody survives is no special case.
    """
    mortality = deaths / population
    widths = np.diff(starts)
    infants = (starts[:-1] == 0) & (widths == 1)
    lived = np.where(infants, LIVED_BY_THE_DYING_INFANT, LIVED_BY_THE_DYING)
    years = 1 / mortality[..., -1]
    variance = years**2 / deaths[..., -1]
    for band in reversed(range(first, widths.size)):
        n, a, died = widths[band], lived[band], deaths[..., band]
        expected = n * mortality[..., band]
        q = np.minimum(expected / (1 + (1 - a) * expected), 1)
        # Without deaths q is 0, and so is its variance, whatever stands below the line.
        variance_of_q = q**2 * (1 - q) / np.where(died > 0, died, 1)
        variance = ((1 - a) * n + years) ** 2 * variance_of_q + (1 - q) ** 2 * variance
        years = n * (1 - q + a * q) + (1 - q) * years
    return years, variance


def _by_age(
    deaths: ArrayLike, population: ArrayLike, starts: FloatArray
) -> tuple[FloatArray, FloatArray]:
    died = checks.counts("deaths", deaths)
    lived = checks.positives("population", population)
    checks.last_axis("deaths", died, starts.size, of="age_starts")
    checks.last_axis("population", lived, starts.size, of="age_starts")
    is_open = np.arange(starts.size) == starts.size - 1
    checks.refuse_zero("deaths", died, "the open band needs deaths", is_open)
    return checks.together("deaths", died, "population", lived)


def _increasing(age_starts: ArrayLike) -> FloatArray:
    starts = checks.counts("age_starts", age_starts)
    checks.one_axis("age_starts", starts)
    falls = np.diff(starts, prepend=-1) <= 0
    checks.refuse("age_starts", starts, falls, "must be above the start before it")
    return starts


def _position(at: float, starts: FloatArray) -> int:
    found = (
        np.flatnonzero(starts == at)
        if checks.is_number(at) and at <= checks.LARGEST
        else np.array([])
    )
    if not found.size:
        valid = ", ".join(f"{start:g}" for start in starts)
        raise StatisticsError(f"at is {at!r}; it must be one of the age starts: {valid}")
    return int(found[0])
