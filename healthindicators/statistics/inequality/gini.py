"""Gini's coefficient of groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray
from healthindicators.statistics.inequality import groups, simulation


def gini(
    value: ArrayLike,
    population: ArrayLike | None = None,
    standard_error: ArrayLike | None = None,
    *,
    draws: int = simulation.FEWEST_DRAWS,
    seed: int = simulation.SEED,
    level: float = 0.95,
) -> Estimate:
    """Estimate Gini's coefficient, weighted by population.

    Parameters
    ----------
    value : array_like
        Values of the groups along the last axis, 0 or more, in any order; the leading axes are
        places.
    population : array_like, optional
        Persons in each group, above 0; only their shares p_j matter. All groups alike if absent.
    standard_error : array_like, optional
        Standard errors of the values; without them the limits are NaN.
    draws, seed : int
        Draws of the simulation, 2,000 or more, and the seed of numpy's generator.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        From 0 (all equal) to less than 1, not multiplied by 100 and not enlarged by
        n / (n - 1); ``simulation``, or ``none`` with limits NaN.

    Raises
    ------
    StatisticsError
        If a number is not finite, negative or above 1e12, a population or the mean of a place is
        0, there are fewer than two groups, the shapes do not fit together, draws are too few, or
        the level is not between 0 and 1.

    Notes
    -----
    G = sum_i sum_j p_i p_j |y_i - y_j| / (2 mu): the relative concentration index of groups in
    the order of the values themselves. The lower limit is simulated as in
    `between_group_variance`; the upper one is that of the delta method, beyond which the truth
    lies no more often than it should, as the index is convex and noise raises it. Together they
    cover 95 % or more.

    References
    ----------
    Lerman RI, Yitzhaki S. A note on the calculation and interpretation of the Gini index. Econ
    Lett 1984;15:363-368.

    Examples
    --------
    >>> float(gini([0, 10], [50, 50]).value)
    0.5
    """
    values = checks.numbers("value", value)
    persons = np.ones(values.shape[-1:] or 1) if population is None else population
    data = groups.take(values, persons, standard_error)
    groups.refuse_mean(data, "a Gini coefficient")
    found = _gini(data.value, data.share)
    upper = None if data.error is None else _upper(found, data, level)
    return simulation.estimate(found, data, _gini, level, draws, seed, upper=upper)


def _upper(found: FloatArray, data: groups.Groups, level: float) -> FloatArray:
    """Return the estimate plus z standard errors of the sum that it is in the order seen."""
    order = np.argsort(data.value, axis=-1, kind="stable")
    ridit = groups.ridits(np.take_along_axis(data.share, order, axis=-1))
    rank = np.take_along_axis(ridit, np.argsort(order, axis=-1, kind="stable"), axis=-1)
    slope = data.share * (2 * rank - 1 - found[..., None]) / data.mean[..., None]
    return groups.delta(found, slope, data.error, level).upper


def _gini(value: FloatArray, share: FloatArray) -> FloatArray:
    return simulation.relative(_half_mean_difference, value, share)


def _half_mean_difference(value: FloatArray, share: FloatArray) -> FloatArray:
    order = np.argsort(value, axis=-1, kind="stable")
    ordered = np.take_along_axis(value, order, axis=-1)
    weight = np.take_along_axis(np.broadcast_to(share, value.shape), order, axis=-1)
    # Sums of steps up between neighbours keep equal values at exactly 0.
    below = np.cumsum(weight, axis=-1)[..., :-1]
    return groups.weighted_sum(np.diff(ordered, axis=-1), np.maximum(below * (1 - below), 0))
