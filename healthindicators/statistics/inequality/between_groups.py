"""Variation between groups that have no order: variance, standard deviation, what is detectable."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtri, chndtrinc

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray
from healthindicators.statistics.inequality import groups, simulation
from healthindicators.statistics.inequality.groups import Groups

INTERVALS = ("simulation", "delta")


def between_group_variance(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    corrected: bool = False,
    interval: str = "simulation",
    draws: int = simulation.FEWEST_DRAWS,
    seed: int = simulation.SEED,
    level: float = 0.95,
) -> Estimate:
    """Estimate the variance of the groups about their common mean, weighted by population.

    Parameters
    ----------
    value : array_like
        Values of the groups along the last axis, in any order; the leading axes are places.
    population : array_like
        Persons in each group, above 0; only their shares p_j matter.
    standard_error : array_like, optional
        Standard errors of the values; without them the limits are NaN.
    corrected : bool
        Subtract what sampling noise alone adds; needs standard errors. Where noise explains more
        than was found, 0 is given.
    interval : {"simulation", "delta"}
        How the limits are made; see Notes.
    draws, seed : int
        Draws of the simulation, 2,000 or more, and the seed of numpy's generator.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        In the squared unit of the values, 0 or more. The limits are of the true variance, corrected
        or not; methods ``simulation``, ``delta``, or ``none`` with limits NaN.

    Raises
    ------
    StatisticsError
        If a number is not finite or beyond 1e12, population is 0, there are fewer than two
        groups, the shapes do not fit together, an option is unknown, draws are too few, or the
        level is not between 0 and 1.

    Notes
    -----
    BGV = sum p_j (y_j - mu)^2 with mu = sum p_j y_j. Sampling raises it by
    sum p_j (1 - p_j) se_j^2 on average: in a small municipality that can be most of it.

    ``simulation`` finds the true variances at which an estimate like this one would be too large
    or too small, with noise drawn about the groups' own pattern moved nearer together or further
    apart. In simulation it covers 94 to 96 % where inequality is larger than the noise, and 97 to
    98 % where it is smaller or there is none. The
    limits always hold the estimate; where noise alone has raised it beyond its whole interval, the
    upper limit is the estimate itself.

    ``delta`` is the normal interval of the World Health Organization's package, with
    Var = 4 sum p^2 se^2 (y - mu)^2 + 2 ((sum p^2 se^2)^2 - sum p^4 se^4 + sum p^2 (1-p)^2 se^4).
    It holds for a few groups whose noise is small beside inequality, and not otherwise: with 98
    groups that differ by twice their noise it covers 44 %. Its lower limit can be below 0.

    References
    ----------
    Schlotheuber A, Hosseinpoor AR. Int J Environ Res Public Health 2022;19:3697.
    Ahn J, Harper S, Yu M, Feuer EJ, Liu B, Luta G. Variance estimation and confidence intervals
    for 11 commonly used health disparity measures. JCO Clin Cancer Inform 2018;2:1-19.

    Examples
    --------
    >>> variance = between_group_variance([10, 30], [50, 50], [3, 3])
    >>> float(variance.value), bool(variance.lower < 100 < variance.upper)
    (100.0, True)
    """
    data = groups.take(value, population, standard_error)
    checks.word("interval", interval, INTERVALS)
    simulation.check(draws, seed)
    variance = _variance(data, corrected)
    if interval == "delta" and data.error is not None:
        return _normal(variance, data, level)
    return simulation.estimate(variance, data, _deviation, level, draws, seed, power=2)


def between_group_standard_deviation(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    corrected: bool = False,
    draws: int = simulation.FEWEST_DRAWS,
    seed: int = simulation.SEED,
    level: float = 0.95,
) -> Estimate:
    """Estimate the standard deviation of the groups about their common mean.

    Parameters
    ----------
    value, population, standard_error, corrected, draws, seed, level
        As in `between_group_variance`.

    Returns
    -------
    Estimate
        The root of the between-group variance, in the unit of the values, limits included;
        ``simulation`` or ``none``.

    Raises
    ------
    StatisticsError
        As `between_group_variance`.

    References
    ----------
    Schlotheuber A, Hosseinpoor AR. Int J Environ Res Public Health 2022;19:3697.

    Examples
    --------
    >>> float(between_group_standard_deviation([10, 30], [50, 50]).value)
    10.0
    """
    data = groups.take(value, population, standard_error)
    deviation = np.sqrt(_variance(data, corrected))
    return simulation.estimate(deviation, data, _deviation, level, draws, seed)


def coefficient_of_variation(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    corrected: bool = False,
    draws: int = simulation.FEWEST_DRAWS,
    seed: int = simulation.SEED,
    level: float = 0.95,
) -> Estimate:
    """Estimate the standard deviation between groups as a percentage of their mean.

    Parameters
    ----------
    value, population, standard_error, corrected, draws, seed, level
        As in `between_group_variance`; values 0 or more, their mean above 0.

    Returns
    -------
    Estimate
        100 BGSD / mu, in per cent, limits on the same scale; ``simulation`` or ``none``.

    Raises
    ------
    StatisticsError
        As `between_group_variance`, or if a value is negative or the mean of a place is 0.

    References
    ----------
    Schlotheuber A, Hosseinpoor AR. Int J Environ Res Public Health 2022;19:3697.

    Examples
    --------
    >>> float(coefficient_of_variation([10, 30], [50, 50]).value)
    50.0
    """
    data = groups.take(value, population, standard_error)
    groups.refuse_mean(data, "a coefficient of variation")
    percent = 100 * np.sqrt(_variance(data, corrected)) / data.mean
    return simulation.estimate(percent, data, _percent, level, draws, seed)


def minimum_detectable_inequality(
    population: ArrayLike,
    standard_error: ArrayLike,
    *,
    power: float = 0.8,
    level: float = 0.95,
) -> FloatArray:
    """Return the smallest true standard deviation between groups that would be found.

    Parameters
    ----------
    population, standard_error : array_like
        Persons, above 0, and standard errors of the groups along the last axis; the leading axes
        are places.
    power : float
        The probability of finding it, above 1 - `level` and below 1.
    level : float
        1 minus the probability that the test of homogeneity finds inequality where there is none.

    Returns
    -------
    array
        A between-group standard deviation for each place, in the unit of the standard errors.
        Inequality below it will more often than not be missed, whatever the estimate says.

    Raises
    ------
    StatisticsError
        If a number is not finite, negative or above 1e12, population is 0, there are fewer than
        two groups, the shapes do not fit together, or power or level are out of range.

    Notes
    -----
    The test asks whether sum p_j (y_j - mu)^2 is larger than noise makes it. Under homogeneity
    the sum is a weighted sum of chi-squared variables; it is taken as c times one chi-squared of
    nu degrees of freedom, of the same mean T1 = sum p_j (1 - p_j) se_j^2 and variance 2 T2
    (Satterthwaite): c = T2 / T1, nu = T1^2 / T2, T2 = sum p^2 (1-p)^2 se^4 +
    (sum p^2 se^2)^2 - sum p^4 se^4. True inequality of variance V makes it noncentral by V / c;
    the answer is sqrt(c lambda), lambda being the noncentrality at which the test has the power
    asked for. With groups equal in size and error this is exact.

    References
    ----------
    Satterthwaite FE. An approximate distribution of estimates of variance components. Biometrics
    1946;2:110-114.
    Haynam GE, Govindarajulu Z, Leone FC. Tables of the cumulative non-central chi-square
    distribution. In: Selected tables in mathematical statistics, vol. 1. Chicago: Markham; 1970.

    Examples
    --------
    >>> round(float(minimum_detectable_inequality([1, 1, 1, 1, 1], [1, 1, 1, 1, 1])), 3)
    1.545
    """
    errors = checks.counts("standard_error", standard_error)
    data = groups.take(errors, population, name="standard_error")
    alpha = 2 * checks.tail(level)
    if not checks.is_number(power) or not alpha < power < 1:
        raise StatisticsError(f"power is {power!r}; it must lie between {alpha:g} and 1")
    scale = data.value.max(axis=-1)
    error = data.value / np.where(scale > 0, scale, 1)[..., None]
    mean, square = _noise(data.share, error)
    some = mean > 0
    mean, square = np.where(some, mean, 1), np.where(some, square, 1)
    freedom = mean**2 / square
    needed = chndtrinc(chdtri(freedom, alpha), freedom, 1 - float(power))
    found: FloatArray = np.where(some, scale * np.sqrt(square / mean * needed), 0)
    return found


def _deviation(value: FloatArray, share: FloatArray) -> FloatArray:
    mean = groups.weighted_sum(share, value)[..., None]
    root: FloatArray = np.sqrt(groups.weighted_sum(share, (value - mean) ** 2))
    return root


def _percent(value: FloatArray, share: FloatArray) -> FloatArray:
    return 100 * simulation.relative(_deviation, value, share)


def _variance(data: Groups, corrected: bool) -> FloatArray:
    """Return the variance between groups, less what noise adds where that is asked for."""
    variance = _deviation(data.value, data.share) ** 2
    if not checks.truth_value("corrected", corrected):
        return variance
    if data.error is None:
        raise StatisticsError("standard_error is None; a corrected measure needs it")
    return np.maximum(variance - _noise(data.share, data.error)[0], 0)


def _noise(share: FloatArray, error: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean, and half the variance, of what noise alone makes of the variance."""
    part = (share * error) ** 2
    mean = groups.weighted_sum(share * (1 - share), error**2)
    half = (
        part.sum(axis=-1) ** 2
        - (part**2).sum(axis=-1)
        + ((share * (1 - share) * error**2) ** 2).sum(axis=-1)
    )
    return mean, half


def _normal(variance: FloatArray, data: Groups, level: float) -> Estimate:
    """Return the normal interval about a between-group variance."""
    assert data.error is not None
    apart = data.value - data.mean[..., None]
    linear = groups.spread(2 * data.share * apart, data.error)
    return groups.normal(
        variance, np.hypot(linear, np.sqrt(2 * _noise(data.share, data.error)[1])), level
    )
