"""What every measure of inequality starts from: groups with values, shares and standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray


@dataclass(frozen=True)
class Groups:
    """Checked groups: places lie along the leading axes, the groups along the last.

    Parameters
    ----------
    value, share : array
        What was measured in each group, and its part of the population; of one shape.
    error : array or None
        Standard errors of the values; None where none were given.
    """

    value: FloatArray
    share: FloatArray
    error: FloatArray | None

    @cached_property
    def mean(self) -> FloatArray:
        """The population-weighted mean of each place."""
        return weighted_sum(self.share, self.value)

    @cached_property
    def ridit(self) -> FloatArray:
        """The middle of each group's stretch of the population, from 0 to 1, in the given order."""
        return ridits(self.share)


def weighted_sum(weight: FloatArray, value: FloatArray) -> FloatArray:
    """Return the sum of products over the groups."""
    total: FloatArray = np.einsum("...j,...j->...", weight, value)
    return total


def ridits(share: FloatArray) -> FloatArray:
    """Return where the middle of each group stands in the cumulated population."""
    middle: FloatArray = np.cumsum(share, axis=-1) - share / 2
    return middle


def take(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    name: str = "value",
) -> Groups:
    """Check the three arrays and return them in one shape, the population as shares.

    `name` is what the caller calls the first.
    """
    values = checks.numbers(name, value)
    persons = checks.positives("population", population)
    errors = None if standard_error is None else checks.counts("standard_error", standard_error)
    named = {name: values, "population": persons}
    if errors is not None:
        named["standard_error"] = errors
    values, persons, *rest = _one_shape(named)
    return Groups(values, persons / persons.sum(axis=-1, keepdims=True), rest[0] if rest else None)


def refuse_below(
    name: str, array: FloatArray, bound: float, reason: str, inclusive: bool = False
) -> None:
    """Raise for the first element below the bound, or at it where it is inclusive."""
    checks.refuse(name, array, array <= bound if inclusive else array < bound, reason)


def refuse_mean(groups: Groups, needed_by: str) -> None:
    """Raise unless values are 0 or more with a mean above 0: a relative measure divides by it."""
    refuse_below("value", groups.value, 0, f"must not be negative for {needed_by}")
    empty = np.broadcast_to(groups.mean[..., None] < checks.SMALLEST, groups.value.shape)
    checks.refuse(
        "value", groups.value, empty, f"is in a place with mean 0, and {needed_by} divides by it"
    )


def group_index(name: str, given: int, count: int) -> int:
    """Return a position among the groups, counted from 0; negative ones count from the end."""
    whole = isinstance(given, int | np.integer) and not isinstance(given, bool)
    if not whole or not -count <= given < count:
        raise StatisticsError(f"{name} is {given!r}; it must be a position among {count} groups")
    return int(given) % count


def without_limits(value: FloatArray, level: float) -> Estimate:
    """Return an estimate that says that nothing was given to make limits of."""
    checks.tail(level)
    nothing = np.full(np.shape(value), np.nan)
    return Estimate(value, nothing, nothing, float(level), "none")


def delta(value: FloatArray, slope: FloatArray, error: FloatArray | None, level: float) -> Estimate:
    """Return limits of the delta method from what each group's value adds to the measure.

    The groups are independent, so that the variance is the sum of squared slope times error.
    """
    if error is None:
        return without_limits(value, level)
    return normal(value, spread(slope, error), level)


def normal(value: FloatArray, error: FloatArray, level: float) -> Estimate:
    """Return the normal interval about a measure whose standard error is known."""
    reach = -ndtri(checks.tail(level)) * error
    return Estimate(value, value - reach, value + reach, float(level), "delta")


def log_delta(
    value: FloatArray, log_slope: FloatArray, error: FloatArray | None, level: float
) -> Estimate:
    """Return limits of the delta method on the logarithm, for what is positive by nature."""
    if error is None:
        return without_limits(value, level)
    factor = ratio_factor(-ndtri(checks.tail(level)) * spread(log_slope, error))
    return Estimate(value, value / factor, value * factor, float(level), "delta")


def ratio_factor(reach: FloatArray) -> FloatArray:
    """Return exp, held below what would overflow: a factor of 1e130 says nothing anyway."""
    factor: FloatArray = np.exp(np.minimum(reach, 300))
    return factor


def spread(slope: FloatArray, error: FloatArray) -> FloatArray:
    """Return the standard error of a sum of independent groups, each times its slope."""
    largest = np.abs(slope * error).max(axis=-1, keepdims=True)
    scale = np.where(largest > 0, largest, 1)
    root: FloatArray = scale[..., 0] * np.sqrt(((slope * error / scale) ** 2).sum(axis=-1))
    return root


def _one_shape(named: dict[str, FloatArray]) -> list[FloatArray]:
    """Return the arrays spread over all places; one group is never spread over several."""
    first = next(iter(named))
    shape = named[first].shape
    if not shape or shape[-1] < 2:
        raise StatisticsError(
            f"{first} has shape {shape}; its last axis must have two groups or more"
        )
    for name, array in named.items():
        if not array.ndim or array.shape[-1] != shape[-1]:
            raise StatisticsError(
                f"{name} has shape {array.shape}; its last axis must have {shape[-1]} groups, "
                f"as {first} has"
            )
    return checks.all_together(*named.items())
