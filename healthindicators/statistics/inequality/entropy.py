"""Entropy measures: Theil's index, the mean log deviation, Atkinson's, and what they consist of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp, xlogy

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray
from healthindicators.statistics.inequality import groups, simulation
from healthindicators.statistics.inequality.groups import Groups

INTERVALS = ("simulation", "delta")
MEASURES = ("theil", "mean-log-deviation")


@dataclass(frozen=True, eq=False)
class Decomposition:
    """Inequality in all, between larger groups and within them; the last two add up to the first.

    Parameters
    ----------
    total, between, within : array
        One number for each place, read-only, on the scale of the measure.
    measure : str
        ``theil`` or ``mean-log-deviation``.
    """

    total: FloatArray
    between: FloatArray
    within: FloatArray
    measure: str

    def __post_init__(self) -> None:
        """Hold own read-only copies."""
        for name in ("total", "between", "within"):
            array = np.array(getattr(self, name), dtype=np.float64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)


def theil_index(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    per: float = 1000.0,
    interval: str = "simulation",
    draws: int = simulation.FEWEST_DRAWS,
    seed: int = simulation.SEED,
    level: float = 0.95,
) -> Estimate:
    """Estimate Theil's index of groups, times 1000.

    Parameters
    ----------
    value : array_like
        Values of the groups along the last axis, 0 or more, in any order; the leading axes are
        places.
    population : array_like
        Persons in each group, above 0; only their shares p_j matter.
    standard_error : array_like, optional
        Standard errors of the values; without them the limits are NaN.
    per : float
        What the index **and its limits** are multiplied by: 1000 as the World Health Organization
        does, 1 for the index of the textbooks.
    interval : {"simulation", "delta"}
        How the limits are made; see Notes.
    draws, seed : int
        Draws of the simulation, 2,000 or more, and the seed of numpy's generator.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        0 where all groups are equal; ``simulation``, ``delta``, or ``none`` with limits NaN.

    Raises
    ------
    StatisticsError
        If a number is not finite or above 1e12, a value is negative (or 0 with ``delta``),
        the mean of a place or a population is 0, there are fewer than two groups, the shapes do
        not fit together, an option is unknown, draws are too few, or the level is not between 0
        and 1.

    Notes
    -----
    T = sum p_j r_j ln r_j with r_j = y_j / mu; 0 ln 0 is 0. ``simulation`` finds limits as in
    `between_group_variance`. ``delta`` has Var = sum (p_j se_j / mu)^2
    (1 + ln r_j - sum p r (1 + ln r))^2, and holds for a few groups
    whose noise is small beside inequality: with 98 groups that differ by twice theirs it covers 40 %.

    References
    ----------
    Theil H. Economics and information theory. Amsterdam: North-Holland; 1967.
    Schlotheuber A, Hosseinpoor AR. Int J Environ Res Public Health 2022;19:3697.

    Examples
    --------
    >>> round(float(theil_index([10, 30], [50, 50]).value), 4)
    130.812
    """
    data, per = _relative_data(value, population, standard_error, per, interval, "a Theil index")
    simulation.check(draws, seed)
    if interval == "delta" and data.error is not None:
        groups.refuse_below(
            "value", data.value, checks.SMALLEST, "must be above 0 for delta limits"
        )
        ratio = data.value / data.mean[..., None]
        gain = 1 + np.log(ratio)
        slope = gain - groups.weighted_sum(data.share * ratio, gain)[..., None]
        slope = per * data.share / data.mean[..., None] * slope
        return groups.delta(per * _theil(data.value, data.share), slope, data.error, level)
    return _simulated(_theil, data, per, level, draws, seed)


def mean_log_deviation(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    per: float = 1000.0,
    interval: str = "simulation",
    draws: int = simulation.FEWEST_DRAWS,
    seed: int = simulation.SEED,
    level: float = 0.95,
) -> Estimate:
    """Estimate the mean log deviation of groups, times 1000.

    Parameters
    ----------
    value, population, standard_error, per, interval, draws, seed, level
        As in `theil_index`; values above 0.

    Returns
    -------
    Estimate
        0 where all groups are equal; ``simulation``, ``delta``, or ``none`` with limits NaN.

    Raises
    ------
    StatisticsError
        As `theil_index`, and if a value is 0.

    Notes
    -----
    MLD = sum p_j ln(mu / y_j). The simulation draws relative errors, se_j / y_j on the logarithm.
    ``delta`` has Var = sum (p_j se_j / mu)^2 (1 - mu / y_j)^2, and holds where that of
    `theil_index` does.

    References
    ----------
    Schlotheuber A, Hosseinpoor AR. Int J Environ Res Public Health 2022;19:3697.

    Examples
    --------
    >>> round(float(mean_log_deviation([10, 30], [50, 50]).value), 4)
    143.841
    """
    data, per = _relative_data(
        value, population, standard_error, per, interval, "a mean log deviation"
    )
    simulation.check(draws, seed)
    groups.refuse_below("value", data.value, checks.SMALLEST, "must be above 0 for its logarithm")
    if interval == "delta" and data.error is not None:
        slope = data.share / data.mean[..., None] - data.share / data.value
        found = per * _log_deviation(data.value, data.share)
        return groups.delta(found, per * slope, data.error, level)
    return _simulated(_log_deviation, data, per, level, draws, seed, on_log=True)


def atkinson(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    aversion: float = 1.0,
    draws: int = simulation.FEWEST_DRAWS,
    seed: int = simulation.SEED,
    level: float = 0.95,
) -> Estimate:
    """Estimate Atkinson's index: the share of the mean that inequality is worth.

    Parameters
    ----------
    value, population, standard_error, draws, seed, level
        As in `theil_index`; values above 0 if aversion is 1 or more.
    aversion : float
        Aversion to inequality, above 0: the larger, the more the lowest values weigh.

    Returns
    -------
    Estimate
        From 0 to 1, not multiplied by anything; ``simulation``, or ``none`` with limits NaN.

    Raises
    ------
    StatisticsError
        As `theil_index`, if aversion is not above 0, or a value is 0 where it must not be.

    Notes
    -----
    A = 1 - (sum p_j r_j^(1 - e))^(1 / (1 - e)); with aversion e = 1 it is
    1 - exp(sum p_j ln r_j). High values are taken to be good.

    References
    ----------
    Atkinson AB. On the measurement of inequality. J Econ Theory 1970;2:244-263.

    Examples
    --------
    >>> round(float(atkinson([10, 40], [50, 50]).value), 6)
    0.2
    """
    data, _ = _relative_data(value, population, standard_error, 1, "simulation", "Atkinson's index")
    aversion = checks.positive_number("aversion", aversion)
    on_log = aversion >= 1
    if on_log:
        groups.refuse_below(
            "value", data.value, checks.SMALLEST, "must be above 0 with aversion 1 or more"
        )

    def measure(drawn: FloatArray, share: FloatArray) -> FloatArray:
        return _atkinson(drawn, share, aversion)

    return _simulated(measure, data, 1, level, draws, seed, on_log=on_log)


def theil_decomposition(
    value: ArrayLike,
    population: ArrayLike,
    parent: Sequence[int | str],
    *,
    measure: str = "theil",
    per: float = 1000.0,
) -> Decomposition:
    """Split inequality into what lies between larger groups and what lies within them.

    Parameters
    ----------
    value, population, per
        As in `theil_index`; values above 0 for the mean log deviation.
    parent : sequence of int or str
        For each group the label of the larger group that it belongs to.
    measure : {"theil", "mean-log-deviation"}
        The measure that is split.

    Returns
    -------
    Decomposition
        ``total``, ``between`` and ``within``, one number for each place. `between` is the measure
        of the larger groups with their means; `within` sums the measures inside them, each
        weighted with its share of the indicator (Theil) or of the population (mean log
        deviation).

    Raises
    ------
    StatisticsError
        As `theil_index`; if the labels are not one for each group, whole numbers or text; or
        if the measure is unknown.

    References
    ----------
    Shorrocks AF. The class of additively decomposable inequality measures. Econometrica
    1980;48:613-625.

    Examples
    --------
    >>> parts = theil_decomposition([10, 30, 20, 60], [1, 1, 1, 1], ["A", "A", "B", "B"])
    >>> round(float(parts.total), 4), round(float(parts.between), 4), round(float(parts.within), 4)
    (187.445, 56.633, 130.812)
    """
    checks.word("measure", measure, MEASURES)
    data, per = _relative_data(value, population, None, per, "simulation", "a decomposition")
    if measure != "theil":
        groups.refuse_below(
            "value", data.value, checks.SMALLEST, "must be above 0 for its logarithm"
        )
    belongs = _membership(parent, data.value.shape[-1])
    share = data.share @ belongs
    mean = ((data.share * data.value) @ belongs) / share
    inner = data.share / (share @ belongs.T)
    inner_mean = mean @ belongs.T
    ratio = data.value / np.where(inner_mean > 0, inner_mean, 1)
    if measure == "theil":
        of_parent = (inner * xlogy(ratio, ratio)) @ belongs
        weight = share * mean / data.mean[..., None]
        total, between = _theil(data.value, data.share), _theil(mean, share)
    else:
        of_parent = -(inner * np.log(ratio)) @ belongs
        weight = share
        total, between = _log_deviation(data.value, data.share), _log_deviation(mean, share)
    within = groups.weighted_sum(weight, of_parent)
    return Decomposition(per * total, per * between, per * within, measure)


def _relative_data(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None,
    per: float,
    interval: str,
    needed_by: str,
) -> tuple[Groups, float]:
    data = groups.take(value, population, standard_error)
    groups.refuse_mean(data, needed_by)
    checks.word("interval", interval, INTERVALS)
    return data, checks.positive_number("per", per)


def _simulated(
    measure: simulation.Measure,
    data: Groups,
    per: float,
    level: float,
    draws: int,
    seed: int,
    *,
    on_log: bool = False,
) -> Estimate:
    """Return simulated limits; of relative errors where the measure takes logarithms of values."""

    def scaled(drawn: FloatArray, share: FloatArray) -> FloatArray:
        return per * measure(np.maximum(drawn, 0), share)

    def of_log(drawn: FloatArray, share: FloatArray) -> FloatArray:
        # Only ratios count: the largest is set to 1, so that no exponential overflows.
        top = drawn.max(axis=-1, keepdims=True)
        return per * measure(np.exp(np.maximum(drawn - top, -600)), share)

    found = scaled(data.value, data.share)
    if not on_log or data.error is None:
        return simulation.estimate(found, data, scaled, level, draws, seed)
    logged = Groups(np.log(data.value), data.share, data.error / data.value)
    return simulation.estimate(found, logged, of_log, level, draws, seed)


def _ratios(value: FloatArray, share: FloatArray) -> FloatArray:
    """Return values over their mean; all 1 where every value is 0."""
    mean = groups.weighted_sum(share, value)[..., None]
    ratio: FloatArray = np.where(mean > 0, value / np.where(mean > 0, mean, 1), 1)
    return ratio


def _theil(value: FloatArray, share: FloatArray) -> FloatArray:
    ratio = _ratios(value, share)
    # Rounding may pass 0 by a last digit where all groups are equal.
    products = np.asarray(xlogy(ratio, ratio), dtype=np.float64)
    return np.maximum(groups.weighted_sum(share, products), 0)


def _log_deviation(value: FloatArray, share: FloatArray) -> FloatArray:
    return np.maximum(-groups.weighted_sum(share, np.log(_ratios(value, share))), 0)


def _atkinson(value: FloatArray, share: FloatArray, aversion: float) -> FloatArray:
    ratio = _ratios(value, share)
    some = ratio > 0
    logs = np.full_like(ratio, -np.inf)
    np.log(ratio, out=logs, where=some)
    if aversion == 1:
        equal = groups.weighted_sum(share, logs)
    else:
        equal = logsumexp((1 - aversion) * logs, axis=-1, b=share) / (1 - aversion)
    index: FloatArray = np.clip(-np.expm1(equal), 0, 1)
    return index


def _membership(parent: Sequence[int | str], count: int) -> FloatArray:
    """Return a row for each group with 1 in the column of its larger group."""
    try:
        labels = np.asarray(parent)
    except ValueError:
        raise StatisticsError("parent has rows of different lengths") from None
    if labels.ndim != 1 or len(labels) != count or labels.dtype.kind not in "iuUS":
        raise StatisticsError(
            f"parent has shape {labels.shape} and type {labels.dtype}; it must be a list of "
            f"{count} labels, all whole numbers or all text"
        )
    kinds, column = np.unique(labels, return_inverse=True)
    return np.eye(len(kinds))[column]
