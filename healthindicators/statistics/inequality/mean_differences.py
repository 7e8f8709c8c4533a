"""Mean absolute differences: from the mean, from the best group, from a reference group."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray
from healthindicators.statistics.inequality import groups, simulation
from healthindicators.statistics.inequality.groups import Groups
from healthindicators.statistics.inequality.simulation import relative

DOUBTFUL = 3.3  # standard errors of the difference, within which either group may be the higher


def mean_difference_from_mean(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    weighted: bool = True,
    draws: int = simulation.FEWEST_DRAWS,
    seed: int = simulation.SEED,
    level: float = 0.95,
) -> Estimate:
    """Estimate how far groups are from the mean of the population, on average.

    Parameters
    ----------
    value : array_like
        Values of the groups along the last axis, in any order; the leading axes are places.
    population : array_like
        Persons in each group, above 0; only their shares p_j matter.
    standard_error : array_like, optional
        Standard errors of the values; without them the limits are NaN.
    weighted : bool
        Average over persons (weights p_j), or over groups (1/n each). The mean that groups are
        held against is weighted by population either way.
    draws, seed : int
        Draws of the simulation, 2,000 or more, and the seed of numpy's generator.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        In the unit of the values, 0 or more; ``simulation``, or ``none`` with limits NaN.

    Raises
    ------
    StatisticsError
        If a number is not finite or beyond 1e12, population is 0, there are fewer than two
        groups, the shapes do not fit together, draws are too few, or the level is not between 0
        and 1.

    Notes
    -----
    MDM = sum w_j |y_j - mu|. Noise raises it. The lower limit is simulated as in
    `between_group_variance`. The upper one needs no simulation: by convexity an estimate falls
    below the truth no more often than a sum with the true signs does, so that
    MDM + z se, with the largest error that any sign in doubt allows, is beyond the truth in
    1 - (1 - level)/2 of samples or more. Together they cover 95 % or more: conservative where
    groups are many and noise is most of what is seen.

    References
    ----------
    Schlotheuber A, Hosseinpoor AR. Int J Environ Res Public Health 2022;19:3697.

    Examples
    --------
    >>> float(mean_difference_from_mean([10, 20, 50, 60], [1, 1, 1, 1]).value)
    20.0
    """
    data = groups.take(value, population, standard_error)
    weighted = checks.truth_value("weighted", weighted)
    measure = _from_mean_weighted if weighted else _from_mean
    found = measure(data.value, data.share)
    upper = _upper(found, _slopes_from_mean(data, weighted), data, level)
    return simulation.estimate(found, data, measure, level, draws, seed, upper=upper)


def mean_difference_from_best(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    higher_is_better: bool = True,
    weighted: bool = True,
    draws: int = simulation.FEWEST_DRAWS,
    seed: int = simulation.SEED,
    level: float = 0.95,
) -> Estimate:
    """Estimate how far groups are behind the best group of their place, on average.

    Parameters
    ----------
    value, population, standard_error, weighted, draws, seed, level
        As in `mean_difference_from_mean`.
    higher_is_better : bool
        Whether the best group is the one with the highest value, or the lowest.

    Returns
    -------
    Estimate
        In the unit of the values, 0 or more; ``simulation``, or ``none`` with limits NaN. The
        best group itself counts among the groups, with difference 0.

    Raises
    ------
    StatisticsError
        As `mean_difference_from_mean`.

    Notes
    -----
    MDB = sum w_j |y_best - y_j|. The best of several noisy groups is partly the luckiest, which
    raises the estimate; the limits are those of the truth, made as in
    `mean_difference_from_mean`, over every group that may be the best.

    References
    ----------
    Schlotheuber A, Hosseinpoor AR. Int J Environ Res Public Health 2022;19:3697.

    Examples
    --------
    >>> float(mean_difference_from_best([10, 20, 30, 60], [1, 1, 1, 1]).value)
    30.0
    """
    data = groups.take(value, population, standard_error)
    if not checks.truth_value("higher_is_better", higher_is_better):
        data = Groups(-data.value, data.share, data.error)
    weighted = checks.truth_value("weighted", weighted)
    measure = _from_best_weighted if weighted else _from_best
    found = measure(data.value, data.share)
    upper = _upper_from_best(found, data, weighted, level)
    return simulation.estimate(found, data, measure, level, draws, seed, upper=upper)


def mean_difference_from_reference(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    reference: int = -1,
    weighted: bool = True,
    draws: int = simulation.FEWEST_DRAWS,
    seed: int = simulation.SEED,
    level: float = 0.95,
) -> Estimate:
    """Estimate how far groups are from a reference group, in either direction, on average.

    Parameters
    ----------
    value, population, standard_error, weighted, draws, seed, level
        As in `mean_difference_from_mean`.
    reference : int
        Position of the reference group, the last by default.

    Returns
    -------
    Estimate
        In the unit of the values, 0 or more; ``simulation``, or ``none`` with limits NaN. The
        reference itself counts among the groups, with difference 0.

    Raises
    ------
    StatisticsError
        As `mean_difference_from_mean`, or if there is no group at that position.

    Notes
    -----
    MDR = sum w_j |y_j - y_ref|, limits as in `mean_difference_from_mean`.

    References
    ----------
    Schlotheuber A, Hosseinpoor AR. Int J Environ Res Public Health 2022;19:3697.

    Examples
    --------
    >>> float(mean_difference_from_reference([10, 20, 40], [1, 1, 1], reference=1).value)
    10.0
    """
    data = groups.take(value, population, standard_error)
    count = data.value.shape[-1]
    place = groups.group_index("reference", reference, count)
    order = [*(i for i in range(count) if i != place), place]
    error = None if data.error is None else data.error[..., order]
    data = Groups(data.value[..., order], data.share[..., order], error)
    weighted = checks.truth_value("weighted", weighted)
    measure = _from_last_weighted if weighted else _from_last
    found = measure(data.value, data.share)
    upper = _upper(found, _slopes_from_last(data, weighted), data, level)
    return simulation.estimate(
        found, data, measure, level, draws, seed, keep_last=True, upper=upper
    )


def index_of_disparity(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    weighted: bool = False,
    draws: int = simulation.FEWEST_DRAWS,
    seed: int = simulation.SEED,
    level: float = 0.95,
) -> Estimate:
    """Estimate the mean difference from the mean, as a percentage of the mean.

    Parameters
    ----------
    value, population, standard_error, draws, seed, level
        As in `mean_difference_from_mean`; values 0 or more, their mean above 0.
    weighted : bool
        Average over groups (1/n each), the index as it was first proposed, or over persons.

    Returns
    -------
    Estimate
        100 MDM / mu, in per cent, limits on the same scale; ``simulation``, or ``none`` with
        limits NaN.

    Raises
    ------
    StatisticsError
        As `mean_difference_from_mean`, or if a value is negative or the mean of a place is 0.

    Notes
    -----
    Limits as in `mean_difference_from_mean`, with what the mean adds.

    References
    ----------
    Pearcy JN, Keppel KG. A summary measure of health disparity. Public Health Rep
    2002;117:273-280.
    Schlotheuber A, Hosseinpoor AR. Int J Environ Res Public Health 2022;19:3697.

    Examples
    --------
    >>> round(float(index_of_disparity([10, 20, 60], [1, 1, 1]).value), 4)
    66.6667
    """
    data = groups.take(value, population, standard_error)
    groups.refuse_mean(data, "an index of disparity")
    weighted = checks.truth_value("weighted", weighted)
    plain = _from_mean_weighted if weighted else _from_mean

    def percent(drawn: FloatArray, share: FloatArray) -> FloatArray:
        return 100 * relative(plain, drawn, share)

    found = percent(data.value, data.share)
    mean = data.mean[..., None]
    slopes = [
        (100 * slope - found[..., None] * data.share) / mean
        for slope in _slopes_from_mean(data, weighted)
    ]
    upper = _upper(found, slopes, data, level)
    return simulation.estimate(found, data, percent, level, draws, seed, upper=upper)


def _from_mean_weighted(value: FloatArray, share: FloatArray) -> FloatArray:
    mean = groups.weighted_sum(share, value)[..., None]
    return groups.weighted_sum(share, np.abs(value - mean))


def _from_mean(value: FloatArray, share: FloatArray) -> FloatArray:
    mean = groups.weighted_sum(share, value)[..., None]
    average: FloatArray = np.abs(value - mean).mean(axis=-1)
    return average


def _from_best_weighted(value: FloatArray, share: FloatArray) -> FloatArray:
    return groups.weighted_sum(share, value.max(axis=-1, keepdims=True) - value)


def _from_best(value: FloatArray, share: FloatArray) -> FloatArray:
    del share
    average: FloatArray = (value.max(axis=-1, keepdims=True) - value).mean(axis=-1)
    return average


def _from_last_weighted(value: FloatArray, share: FloatArray) -> FloatArray:
    return groups.weighted_sum(share, np.abs(value - value[..., -1:]))


def _from_last(value: FloatArray, share: FloatArray) -> FloatArray:
    del share
    average: FloatArray = np.abs(value - value[..., -1:]).mean(axis=-1)
    return average


def _weights(data: Groups, weighted: bool) -> FloatArray:
    return data.share if weighted else np.full_like(data.share, 1 / data.share.shape[-1])


def _signs(apart: FloatArray, doubt: FloatArray) -> list[FloatArray]:
    """Return the signs seen, and those with all that are in doubt turned up, or down."""
    seen = np.where(apart < 0, -1.0, 1.0)
    unsure = np.abs(apart) <= doubt
    return [seen, np.where(unsure, 1.0, seen), np.where(unsure, -1.0, seen)]


def _slopes_from_mean(data: Groups, weighted: bool) -> list[FloatArray]:
    """Return what each group adds to the mean difference from the mean, by signs in question."""
    if data.error is None:
        return []
    weight = _weights(data, weighted)
    others = ((data.share * data.error) ** 2).sum(axis=-1, keepdims=True)
    own = data.error**2 * (1 - 2 * data.share)
    doubt = DOUBTFUL * np.sqrt(np.maximum(own + others, 0))
    apart = data.value - data.mean[..., None]
    slopes = []
    for sign in _signs(apart, doubt):
        signed = weight * sign
        slopes.append(signed - data.share * signed.sum(axis=-1, keepdims=True))
    # Signs in doubt may also balance each other, so that the mean takes nothing off.
    doubtful = (np.abs(apart) <= doubt).any(axis=-1, keepdims=True)
    slopes.append(np.where(doubtful, weight, slopes[0]))
    return slopes


def _slopes_from_last(data: Groups, weighted: bool) -> list[FloatArray]:
    """Return what each group adds to the mean difference from the last, by signs in question."""
    if data.error is None:
        return []
    weight = _weights(data, weighted).copy()
    weight[..., -1] = 0
    doubt = DOUBTFUL * np.hypot(data.error, data.error[..., -1:])
    slopes = []
    for sign in _signs(data.value - data.value[..., -1:], doubt):
        slope = weight * sign
        slope[..., -1] = -slope.sum(axis=-1)
        slopes.append(slope)
    return slopes


def _upper(
    found: FloatArray, slopes: list[FloatArray], data: Groups, level: float
) -> FloatArray | None:
    """Return the estimate plus z times the largest standard error in question."""
    if data.error is None:
        return None
    largest = np.max([groups.spread(slope, data.error) for slope in slopes], axis=0)
    upper: FloatArray = found - ndtri(checks.tail(level)) * largest
    return upper


def _upper_from_best(
    found: FloatArray, data: Groups, weighted: bool, level: float
) -> FloatArray | None:
    """Return the same, where each group that is not clearly behind may be the best."""
    if data.error is None:
        return None
    largest = error_as_best(data, _weights(data, weighted), np.ones_like(data.value))
    upper: FloatArray = found - ndtri(checks.tail(level)) * largest
    return upper


def error_as_best(data: Groups, weight: FloatArray, ratio: FloatArray) -> FloatArray:
    """Return the largest standard error of a group less `ratio` times a weighted mean.

    Every group counts that may be the highest, given its error; `ratio` is one a group.
    """
    assert data.error is not None
    top = data.value.argmax(axis=-1)[..., None]
    behind = np.take_along_axis(data.value, top, axis=-1) - data.value
    top_error = np.take_along_axis(data.error, top, axis=-1)
    possible = behind <= DOUBTFUL * np.hypot(data.error, top_error)
    variance = (weight * data.error) ** 2
    rest = np.maximum(variance.sum(axis=-1, keepdims=True) - variance, 0)
    as_best = ratio**2 * rest + ((1 - weight * ratio) * data.error) ** 2
    largest: FloatArray = np.sqrt(np.where(possible, as_best, 0).max(axis=-1))
    return largest
