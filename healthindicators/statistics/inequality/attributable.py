"""What would be gained if the whole population did as well as a reference group."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray
from healthindicators.statistics.inequality import groups, simulation
from healthindicators.statistics.inequality.groups import Groups
from healthindicators.statistics.inequality.mean_differences import error_as_best

INTERVALS = ("delta", "walter")


def population_attributable_risk(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    reference: int | None = -1,
    higher_is_better: bool = True,
    interval: str = "delta",
    per: float = 1.0,
    draws: int = simulation.FEWEST_DRAWS,
    seed: int = simulation.SEED,
    level: float = 0.95,
) -> Estimate:
    """Estimate how far the mean would move if every group reached the reference group.

    Parameters
    ----------
    value : array_like
        Values of the groups along the last axis; the leading axes are places. Where the groups
        have an order it is **from the least to the most advantaged**.
    population : array_like
        Persons in each group, above 0; only their shares p_j matter, unless limits are Walter's.
    standard_error : array_like, optional
        Standard errors of the values; without them limits are NaN, unless they are Walter's.
    reference : int or None
        Position of the reference group: the last, most advantaged one by default. None takes the
        best group of each place.
    higher_is_better : bool
        Whether high values are good, so that reaching the reference means to rise.
    interval : {"delta", "walter"}
        From the standard errors, or, for proportions of counted persons, from the two by two table
        of reference and others; the latter needs a reference and no standard errors.
    per : float
        What stands for everybody in a proportion: 1, or 100 for percentages (``walter`` only).
    draws, seed : int
        Draws of the simulation for the best group, 2,000 or more, and its seed.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        In the unit of the values, with the sign of the World Health Organization: above 0 for what
        would be gained where high is good, below 0 for what would be avoided where low is good; 0
        where reaching the reference would make it worse. Method ``delta``, ``walter``,
        ``simulation`` (for the best group) or ``none``.

    Raises
    ------
    StatisticsError
        If a number is not finite or beyond 1e12, population is 0, there are fewer than two groups,
        the shapes do not fit together, there is no such reference, an option is unknown, the level
        is not between 0 and 1, or, for ``walter``, a value is not between 0 and `per`.

    Notes
    -----
    PAR = y_ref - mu. ``delta``: Var = sum (d_j - p_j)^2 se_j^2, with d 1 for the reference and 0
    for others. ``walter``: Var of the attributable fraction, from a and b persons with and without
    the event among the others, c and d in the reference, N in all:
    c N (a d (N - c) + b c^2) / ((a + c)^3 (c + d)^3), times mu^2. Limits that would be of the other
    sign are 0. The best group is partly the luckiest: with ``reference=None`` the limits are those
    of `mean_difference_from_best`, which is the same quantity.

    References
    ----------
    Walter SD. The estimation and interpretation of attributable risk in health research.
    Biometrics 1976;32:829-849.
    Schlotheuber A, Hosseinpoor AR. Int J Environ Res Public Health 2022;19:3697.

    Examples
    --------
    >>> risk = population_attributable_risk([20, 30, 40, 50, 60], [78, 91, 162, 103, 105])
    >>> round(float(risk.value), 6)
    18.77551
    """
    data = groups.take(value, population, standard_error)
    _check_options(higher_is_better, interval, per, draws, seed)
    if reference is None:
        _without_table(interval)
        return _towards_best(data, higher_is_better, level, draws, seed, relative=False)
    at = groups.group_index("reference", reference, data.value.shape[-1])
    risk = data.value[..., at] - data.mean
    if interval == "walter":
        found = _walter(risk, data.mean, value, population, at, per, level)
    else:
        slope = -data.share
        slope[..., at] += 1
        found = groups.delta(risk, slope, data.error, level)
    return _one_sided(found, higher_is_better)


def population_attributable_fraction(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    reference: int | None = -1,
    higher_is_better: bool = True,
    interval: str = "delta",
    per: float = 1.0,
    draws: int = simulation.FEWEST_DRAWS,
    seed: int = simulation.SEED,
    level: float = 0.95,
) -> Estimate:
    """Estimate by what part of itself the mean would move if every group reached the reference.

    Parameters
    ----------
    value, population, standard_error, reference, higher_is_better, interval, per, draws, seed, level
        As in `population_attributable_risk`; values 0 or more, their mean above 0.

    Returns
    -------
    Estimate
        100 PAR / mu, in per cent of the mean, with the sign of the risk; **limits on the same
        scale**. Method ``delta``, ``walter``, ``simulation`` or ``none``.

    Raises
    ------
    StatisticsError
        As `population_attributable_risk`, or if a value is negative or the mean of a place is 0.

    Notes
    -----
    ``delta``: Var = sum (100 / mu)^2 (d_j - p_j y_ref / mu)^2 se_j^2. ``walter``: 100 times the
    standard error of the fraction.

    References
    ----------
    Walter SD. Biometrics 1976;32:829-849.
    Schlotheuber A, Hosseinpoor AR. Int J Environ Res Public Health 2022;19:3697.

    Examples
    --------
    >>> part = population_attributable_fraction([20, 30, 40, 50, 60], [78, 91, 162, 103, 105])
    >>> round(float(part.value), 6)
    45.544554
    """
    data = groups.take(value, population, standard_error)
    groups.refuse_mean(data, "an attributable fraction")
    _check_options(higher_is_better, interval, per, draws, seed)
    if reference is None:
        _without_table(interval)
        return _towards_best(data, higher_is_better, level, draws, seed, relative=True)
    at = groups.group_index("reference", reference, data.value.shape[-1])
    ratio = data.value[..., at] / data.mean
    fraction = 100 * (data.value[..., at] - data.mean) / data.mean
    if interval == "walter":
        found = _walter(fraction, 100, value, population, at, per, level)
    else:
        slope = -data.share * ratio[..., None]
        slope[..., at] += 1
        found = groups.delta(fraction, 100 * slope / data.mean[..., None], data.error, level)
    return _one_sided(found, higher_is_better)


def _check_options(
    higher_is_better: bool, interval: str, per: float, draws: int, seed: int
) -> None:
    """Raise for an option that cannot be meant, whether it is used or not."""
    checks.truth_value("higher_is_better", higher_is_better)
    checks.word("interval", interval, INTERVALS)
    checks.positive_number("per", per)
    simulation.check(draws, seed)


def _without_table(interval: str) -> None:
    if interval == "walter":
        raise StatisticsError("interval is 'walter'; its table needs a reference group")


def _one_sided(found: Estimate, higher_is_better: bool) -> Estimate:
    """Return 0 for what would make it worse, in the estimate and in its limits."""
    least, greatest = (0, np.inf) if higher_is_better else (-np.inf, 0)
    value, lower, upper = (
        np.clip(array, least, greatest) + 0.0 for array in (found.value, found.lower, found.upper)
    )
    return Estimate(value, lower, upper, found.level, found.method)


def _walter(
    value: FloatArray,
    scale: FloatArray | float,
    proportion: ArrayLike,
    population: ArrayLike,
    at: int,
    per: float,
    level: float,
) -> Estimate:
    """Return normal limits from the two by two table of the reference and all others."""
    per = checks.positive_number("per", per)
    given = checks.counts("value", proportion)
    checks.refuse("value", given, given > per, f"must not exceed per, {per:g}")
    persons, given = np.broadcast_arrays(checks.positives("population", population), given)
    events = persons * (given / per)
    everybody, all_events = persons.sum(axis=-1), events.sum(axis=-1)
    empty = np.broadcast_to(all_events[..., None] < checks.SMALLEST, given.shape)
    checks.refuse("value", given, empty, "is in a place without events; no table to make limits of")
    reference, c = persons[..., at], events[..., at]
    a, d = all_events - c, reference - c
    b = everybody - reference - a
    # The table in parts of everybody, so that no power of large counts is taken.
    a, b, c, d = (np.maximum(cell, 0) / everybody for cell in (a, b, c, d))
    variance = c * (a * d * (1 - c) + b * c**2) / ((a + c) ** 3 * (c + d) ** 3) / everybody
    reach = -ndtri(checks.tail(level)) * scale * np.sqrt(variance)
    return Estimate(value, value - reach, value + reach, float(level), "walter")


def _towards_best(
    data: Groups,
    higher_is_better: bool,
    level: float,
    draws: int,
    seed: int,
    *,
    relative: bool,
) -> Estimate:
    """Return risk or fraction against the best group of each place."""
    sign = 1.0 if higher_is_better else -1.0

    def gain(value: FloatArray, share: FloatArray) -> FloatArray:
        mean = groups.weighted_sum(share, value)
        best = value.max(axis=-1) if higher_is_better else value.min(axis=-1)
        gained: FloatArray = sign * (best - mean)
        return gained

    def percent(value: FloatArray, share: FloatArray) -> FloatArray:
        return 100 * simulation.relative(gain, value, share)

    measure = percent if relative else gain
    found = np.maximum(measure(data.value, data.share), 0)
    upper = None
    if data.error is not None:
        scale = 100 / data.mean if relative else np.ones_like(data.mean)
        ratio = data.value / data.mean[..., None] if relative else np.ones_like(data.value)
        turned = Groups(sign * data.value, data.share, data.error)
        error = scale * error_as_best(turned, data.share, ratio)
        upper = found - ndtri(checks.tail(level)) * error
    made = simulation.estimate(found, data, measure, level, draws, seed, upper=upper)
    lower, higher = sign * made.lower, sign * made.upper
    value, low, high = sign * made.value, np.minimum(lower, higher), np.maximum(lower, higher)
    return Estimate(value + 0.0, low + 0.0, high + 0.0, made.level, made.method)
