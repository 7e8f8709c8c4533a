"""Concentration indices and the concentration curve of groups in social order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray
from healthindicators.statistics.inequality import groups
from healthindicators.statistics.inequality.slope import fit

CORRECTIONS = ("wagstaff", "erreygers")


@dataclass(frozen=True, eq=False)
class ConcentrationCurve:
    """Cumulated shares from the least advantaged on; both begin at 0 and end at 1.

    Parameters
    ----------
    population, value : array
        Cumulated shares of the population and of the total of the indicator, read-only, with one
        point more than there are groups along the last axis.
    """

    population: FloatArray
    value: FloatArray

    def __post_init__(self) -> None:
        """Hold own read-only copies."""
        for name in ("population", "value"):
            array = np.array(getattr(self, name), dtype=np.float64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)


def absolute_concentration_index(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    error: str = "sampling",
    level: float = 0.95,
) -> Estimate:
    """Estimate the absolute (generalised) concentration index.

    Parameters
    ----------
    value : array_like
        Values of the groups along the last axis, **from the least to the most advantaged**; the
        leading axes are places.
    population : array_like
        Persons in each group, above 0; only their shares matter.
    standard_error : array_like, optional
        Standard errors of the values; without them ``sampling`` limits are NaN.
    error : {"sampling", "residual"}
        What the limits speak of, as in `slope_index`: the errors of the values, or the scatter of
        groups that are units (municipalities ordered by income, at least five) about a line.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        In the unit of the values: above 0 where the indicator is concentrated among the more
        advantaged, below where among the less. Method ``delta`` for sampling errors, ``hc3`` for
        residuals, ``none`` without either.

    Raises
    ------
    StatisticsError
        If a number is not finite or beyond 1e12, population is 0, there are fewer than two
        groups, the shapes do not fit together, or the level is not between 0 and 1.

    Notes
    -----
    ACI = sum p_j y_j (2 X_j - 1), twice the covariance of value and ridit X_j; the slope of
    2 var(X) y on X, weighted by population, is the same number. It is linear in the values:
    Var = sum (p_j (2 X_j - 1) se_j)^2. ``hc3`` takes for se_j the residual about the weighted line,
    over one minus its leverage, and the t distribution, as in `slope_index`.

    References
    ----------
    Kakwani N, Wagstaff A, van Doorslaer E. Socioeconomic inequalities in health: measurement,
    computation, and statistical inference. J Econom 1997;77:87-103.

    Examples
    --------
    >>> index = absolute_concentration_index([20, 30, 40, 50, 60], [78, 91, 162, 103, 105])
    >>> round(float(index.value), 6)
    7.32842
    """
    data = groups.take(value, population, standard_error)
    slope = data.share * (2 * data.ridit - 1)
    return _limits(data, groups.weighted_sum(slope, data.value), slope, error, level)


def relative_concentration_index(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    correction: str | None = None,
    bounds: tuple[float, float] = (0, 1),
    error: str = "sampling",
    level: float = 0.95,
) -> Estimate:
    """Estimate the relative concentration index, as it is or corrected for bounded indicators.

    Parameters
    ----------
    value, population, standard_error, error, level
        As in `absolute_concentration_index`, values 0 or more; within `bounds` where corrected.
    correction : {None, "wagstaff", "erreygers"}
        None: ACI over the mean. For an indicator with least and greatest possible value a and b,
        and mean mu: ``wagstaff`` ACI (b - a) / ((b - mu)(mu - a)), ``erreygers``
        4 ACI / (b - a).
    bounds : tuple of float
        The least and greatest possible value, (0, 1) for proportions, (0, 100) for percentages;
        used by the corrections only.

    Returns
    -------
    Estimate
        Between -1 and 1 (not multiplied by 100), of the sign of the absolute index. Method
        ``delta``, ``hc3`` or ``none``.

    Raises
    ------
    StatisticsError
        As `absolute_concentration_index`; if a value is negative or outside `bounds`; if the mean
        is 0, or, for ``wagstaff``, at a bound; or if the correction is unknown.

    References
    ----------
    Kakwani N, Wagstaff A, van Doorslaer E. J Econom 1997;77:87-103.
    Wagstaff A. The bounds of the concentration index when the variable of interest is binary.
    Health Econ 2005;14:429-432.
    Erreygers G. Correcting the concentration index. J Health Econ 2009;28:504-515.

    Examples
    --------
    >>> index = relative_concentration_index([20, 30, 40, 50, 60], [78, 91, 162, 103, 105])
    >>> round(float(index.value), 6)
    0.177769
    """
    data = groups.take(value, population, standard_error)
    weight = data.share * (2 * data.ridit - 1)
    absolute = groups.weighted_sum(weight, data.value)
    if correction is None:
        groups.refuse_mean(data, "a relative index")
        factor, by_mean = 1 / data.mean, -1 / data.mean
    else:
        checks.word("correction", correction, CORRECTIONS)
        factor, by_mean = _correction(data, correction, bounds)
    index = absolute * factor
    # The mean moves the factor; `by_mean` is the derivative of its logarithm.
    slope = weight * factor[..., None] + (index * by_mean)[..., None] * data.share
    return _limits(data, index, slope, error, level)


def concentration_curve(value: ArrayLike, population: ArrayLike) -> ConcentrationCurve:
    """Return the points of the concentration curve.

    Parameters
    ----------
    value, population : array_like
        As in `relative_concentration_index`: groups **from the least to the most advantaged**.

    Returns
    -------
    ConcentrationCurve
        Cumulated shares of population and indicator, from 0 to 1. Twice the area between the
        diagonal and the curve is the relative concentration index.

    Raises
    ------
    StatisticsError
        As `relative_concentration_index`.

    References
    ----------
    O'Donnell O, van Doorslaer E, Wagstaff A, Lindelow M. Analyzing health equity using household
    survey data. Washington DC: World Bank; 2008, chapter 7.

    Examples
    --------
    >>> concentration_curve([1, 3], [50, 50]).value.tolist()
    [0.0, 0.25, 1.0]
    """
    data = groups.take(value, population)
    groups.refuse_mean(data, "a concentration curve")
    part = data.share * data.value / data.mean[..., None]
    return ConcentrationCurve(_cumulated(data.share), _cumulated(part))


def _limits(
    data: groups.Groups, index: FloatArray, slope: FloatArray, error: str, level: float
) -> Estimate:
    """Return an index with limits, from what each group's value adds to it."""
    return fit(data, "linear", error, 1.0).limits(index, slope, level)


def _cumulated(share: FloatArray) -> FloatArray:
    """Return running sums that begin at 0 and end at exactly 1."""
    inner = np.minimum(np.cumsum(share[..., :-1], axis=-1), 1)
    edge = np.zeros_like(share[..., :1])
    return np.concatenate([edge, inner, edge + 1], axis=-1)


def _correction(
    data: groups.Groups, correction: str, bounds: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Return what multiplies the absolute index, and the derivative of its logarithm by the mean."""
    least, greatest = _bounds(bounds)
    outside = (data.value < least) | (data.value > greatest)
    checks.refuse("value", data.value, outside, f"must lie within bounds {least:g} to {greatest:g}")
    if correction == "erreygers":
        return np.full_like(data.mean, 4 / (greatest - least)), np.zeros_like(data.mean)
    above, below = data.mean - least, greatest - data.mean
    nearest = np.minimum(above, below)[..., None]
    checks.refuse(
        "value",
        data.value,
        np.broadcast_to(nearest < checks.SMALLEST * (greatest - least), data.value.shape),
        "is in a place whose mean is at a bound; no Wagstaff index",
    )
    return (greatest - least) / (above * below), 1 / below - 1 / above


def _bounds(bounds: tuple[float, float]) -> tuple[float, float]:
    try:
        least, greatest = bounds
    except (TypeError, ValueError):
        raise StatisticsError(f"bounds is {bounds!r}; it must be two numbers") from None
    limits = checks.numbers("bounds", [least, greatest])
    if not limits[0] < limits[1]:
        raise StatisticsError(f"bounds is {bounds!r}; the first must be below the second")
    return float(limits[0]), float(limits[1])
