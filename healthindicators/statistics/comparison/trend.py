"""Whether a value goes up or down over the years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray

SIGNIFICANCE = 0.002
"""Two-sided; the chi-squared limit on one degree of freedom is 9.5495 (OHID)."""
AS_GOOD_AS_FLAT = 1e-12
"""Of the sum of its parts, a slope below this is 0 but for rounding."""
FEWEST = 3
"""A line through two points says nothing of a trend."""


@dataclass(frozen=True)
class RecentTrend:
    """What the latest points say.

    Parameters
    ----------
    direction : int
        1 up, -1 down, 0 where no trend can be told.
    slope : float
        Change from one point to the next, in the unit of the value; NaN with too few points.
    chi_squared, p_value : float
        Test of no trend, on one degree of freedom; NaN with too few points.
    points : int
        Points that were used.
    reason : str
        Why the direction is 0: ``too-few-points``, ``not-significant`` or ``one-point-decides``,
        where leaving out one point turns the slope; otherwise empty.
    """

    direction: int
    slope: float
    chi_squared: float
    p_value: float
    points: int
    reason: str


class _Line(NamedTuple):
    slope: float
    chi_squared: float
    turns: bool
    """Whether the slope changes its sign when some point is left out."""


def recent_trend(estimate: Estimate, *, points: int = 5) -> RecentTrend:
    """Tell the direction of the latest values, from their confidence limits.

    Parameters
    ----------
    estimate : Estimate, shape (periods,)
        Values with limits, oldest first. A period without value or limits is NaN and is skipped.
    points : int
        How many of the latest points to use, from 3.

    Returns
    -------
    RecentTrend
        Direction with its test; `too-few-points` where fewer than `points` are known.

    Raises
    ------
    StatisticsError
        If there is more than one axis, limits are in the wrong order or equal, or a number is
        infinite or above 1e12.

    Notes
    -----
    The rule of England's public-health profiles. The points are numbered 1, 2, ..., whatever years
    lie between them (`weighted_trend` respects the years). The standard error of a point is
    (upper - lower) / (2 z). A line is fitted by least squares with weights 1 / error^2; chi-squared
    is the squared slope over its variance, 1 / sum w (t - mean t)^2. There is a trend where p is
    under 0.002 (chi-squared above 9.5495) and the slope keeps its sign whichever one point is left
    out. The fit takes the errors as the only variation: values that also vary by themselves
    from year to year will show a trend more often than twice in a thousand.

    References
    ----------
    Office for Health Improvement and Disparities. Fingertips technical guidance: recent trends.

    Examples
    --------
    >>> from healthindicators.statistics import byar
    >>> recent_trend(byar([500, 460, 430, 400, 350], 100_000)).direction
    -1
    """
    checks.estimate("estimate", estimate)
    value, lower, upper = _series(
        ("estimate.value", checks.numbers_or_missing("estimate.value", estimate.value)),
        ("estimate.lower", checks.numbers_or_missing("estimate.lower", estimate.lower)),
        ("estimate.upper", checks.numbers_or_missing("estimate.upper", estimate.upper)),
    )
    known = ~np.isnan(value + lower + upper)
    checks.refuse(
        "estimate.lower", lower, known & (lower >= upper), "must be under the upper limit"
    )
    used = _latest(known, points)
    if used.size < points:
        return _too_few(used.size)
    error = (upper - lower)[used] / (-2 * ndtri(checks.tail(estimate.level)))
    # Relative to the largest, weights cannot overflow.
    weight = (error.min() / error) ** 2
    line = _robust_line(value[used], weight)
    spread = _moment(weight) / float(error.min()) ** 2
    return _told(line._replace(chi_squared=line.slope**2 * spread), used.size)


def recent_trend_of_proportions(events: ArrayLike, n: ArrayLike, *, points: int = 5) -> RecentTrend:
    """Tell the direction of the latest proportions, from their counts.

    Parameters
    ----------
    events : array_like, shape (periods,)
        Persons with the property, oldest first; NaN where the count is not known, which is skipped.
    n : array_like
        Persons in all, above 0 or NaN; broadcast against `events`.
    points : int
        How many of the latest points to use, from 3.

    Returns
    -------
    RecentTrend
        Direction with its test; the slope is of the proportion. If nobody or everybody has the
        property throughout, chi-squared is 0 and nothing is significant.

    Raises
    ------
    StatisticsError
        If there is more than one axis, a number is negative, infinite or above 1e12, n is 0, or
        events exceed n.

    Notes
    -----
    As `recent_trend`, but with Armitage's chi-squared for trend: with R = sum r and N = sum n,
    N (N sum r t - R sum n t)^2 / (R (N - R) (N sum n t^2 - (sum n t)^2)). The slope is that of
    the regression with weights n.

    References
    ----------
    Armitage P. Tests for linear trends in proportions and frequencies. Biometrics 1955;11:375-386.
    Office for Health Improvement and Disparities. Fingertips technical guidance: recent trends.

    Examples
    --------
    >>> found = recent_trend_of_proportions([83, 90, 129, 70], [86, 93, 136, 82], points=4)
    >>> round(found.chi_squared, 4), found.reason
    (8.2249, 'not-significant')
    """
    having, size = _series(
        ("events", checks.counts_or_missing("events", events)),
        ("n", checks.counts_or_missing("n", n)),
    )
    checks.refuse_zero("n", size, "must be above 0")
    checks.refuse("events", having, having > size, "must not exceed n")
    used = _latest(~np.isnan(having + size), points)
    if used.size < points:
        return _too_few(used.size)
    having, size = having[used], size[used]
    share = having.sum() / size.sum()
    line = _robust_line(having / size, size)
    variance = share * (1 - share)
    chi_squared = line.slope**2 * _moment(size) / variance if variance > 0 else 0.0
    return _told(line._replace(chi_squared=chi_squared), used.size)


@dataclass(frozen=True)
class WeightedTrend:
    """A straight line through values of known precision.

    Parameters
    ----------
    slope : Estimate
        Change a year, one a place; NaN, as its limits are, where fewer than three points are known.
    p_value : array
        Two-sided test of no change.
    lack_of_fit : array
        Probability of departures from the line as large as these, were there only sampling error:
        small where the years vary by themselves or the course is bent, and the limits too narrow.
    points : array of int
        Points that were used.
    """

    slope: Estimate
    p_value: FloatArray
    lack_of_fit: FloatArray
    points: NDArray[np.int64]


def weighted_trend(
    first_years: ArrayLike,
    last_years: ArrayLike,
    value: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> WeightedTrend:
    """Estimate the change a year, with real spacing, gaps, and periods that share years.

    Parameters
    ----------
    first_years, last_years : array_like, shape (periods,)
        First and last year that each value covers, both included; the same for a single year.
    value : array_like, shape (..., periods)
        Values, one row a place; NaN where missing.
    standard_error : array_like, optional
        Standard errors of the values, above 0, or NaN where missing; broadcast against `value`.
        Without them the scatter about the line is taken for the error.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    WeightedTrend
        In the shape of the leading axes; slopes have method ``gls``, or ``gls-residual`` without
        standard errors, where `lack_of_fit` is NaN. Slopes without three points are NaN.

    Raises
    ------
    StatisticsError
        If a period ends before it begins, is given twice or is made up of others, a number is
        infinite or above 1e12, an error is 0, or the shapes do not fit together.

    Notes
    -----
    Each value stands at the middle of its period. Two periods of m and m' years that share s of
    them have correlation s / sqrt(m m'), as averages of years that are independent and equally
    precise have. The line is fitted by generalised least squares with that covariance, taken as
    known: the limits are normal.

    Without standard errors the variance of a value is one over the years of its period, times a
    factor that the residuals tell: their weighted sum of squares over points - 2, and the limits
    are those of the t distribution. A bent course then widens them. Give periods that share no
    years, or figures with all their digits: what rounding adds to windows that overlap nearly all
    their years is magnified.

    References
    ----------
    Aitken AC. On least squares and linear combination of observations. Proc R Soc Edinb
    1936;55:42-48.

    Examples
    --------
    >>> years = [2010, 2011, 2015]
    >>> found = weighted_trend(years, years, [10.0, 12.0, 20.0], 1.0)
    >>> round(float(found.slope.value), 3), round(float(found.slope.lower), 3)
    (2.0, 1.476)
    """
    tail = checks.tail(level)
    middle, correlation, length = _periods(first_years, last_years)
    points = checks.numbers_or_missing("value", value)
    checks.last_axis("value", points, middle.size, of="first_years")
    given = 1 / np.sqrt(length) if standard_error is None else standard_error
    error = checks.counts_or_missing("standard_error", given)
    checks.refuse_zero("standard_error", error, "must be above 0")
    points, error = checks.together("value", points, "standard_error", error)
    checks.last_axis("value", points, middle.size, of="first_years")
    shape = points.shape[:-1]
    points, error = points.reshape(-1, middle.size), error.reshape(-1, middle.size)
    known = ~np.isnan(points + error)
    slope, spread, misfit = np.full((3, len(points)), np.nan)
    for pattern in np.unique(known, axis=0):
        if pattern.sum() < FEWEST:
            continue
        rows = np.flatnonzero((known == pattern).all(axis=1))
        kept = np.ix_(rows, pattern)
        slope[rows], spread[rows], misfit[rows] = _generalised_line(
            middle[pattern], correlation[np.ix_(pattern, pattern)], points[kept], error[kept]
        )
    used = known.sum(axis=1)
    freedom = np.maximum(used - 2, 1)
    if standard_error is None:
        spread = spread * np.sqrt(misfit / freedom)
        quantile, method, fit = -stdtrit(freedom, tail), "gls-residual", np.full(used.shape, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            # Points on a line leave no residual: certain where it rises, and no change where flat.
            times = np.where(slope == 0, 0.0, np.abs(slope) / spread)
        p_value = 2 * stdtr(freedom, -times)
    else:
        quantile, method, fit = -ndtri(tail), "gls", chdtrc(freedom, misfit)
        p_value = 2 * ndtr(-np.abs(slope) / spread)
    lower, upper = slope - quantile * spread, slope + quantile * spread
    found = [array.reshape(shape) for array in (slope, lower, upper, p_value, fit, used)]
    limits = Estimate(found[0], found[1], found[2], float(level), method)
    return WeightedTrend(limits, found[3], found[4], found[5])


def _periods(
    first_years: ArrayLike, last_years: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return middles of periods, the correlation that shared years give, and their lengths."""
    first, last = checks.together(
        "first_years",
        checks.numbers("first_years", first_years),
        "last_years",
        checks.numbers("last_years", last_years),
    )
    checks.one_axis("first_years", first)
    checks.refuse("first_years", first, first % 1 != 0, "must be a whole year")
    checks.refuse("last_years", last, last % 1 != 0, "must be a whole year")
    checks.refuse("last_years", last, last < first, "must not be before the first year")
    length = last - first + 1
    shared = np.minimum.outer(last, last) - np.maximum.outer(first, first) + 1
    correlation = np.maximum(shared, 0) / np.sqrt(np.outer(length, length))
    if np.linalg.matrix_rank(correlation) < first.size:
        raise StatisticsError(
            "first_years and last_years name a period twice, or one that others make up"
        )
    return (first + last) / 2, correlation, length


def _generalised_line(
    middle: FloatArray, correlation: FloatArray, value: FloatArray, error: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return slope, its standard error and the chi-squared of the misfit, one a row."""
    whiten = np.linalg.inv(np.linalg.cholesky(correlation))
    # Years since the middle of all: far from year 0 the intercept would swallow the digits.
    time = middle - middle.mean()
    smallest = error.min(axis=1, keepdims=True)
    weight = smallest / error
    one = weight @ whiten.T
    times = (weight * time) @ whiten.T
    seen = (weight * value) @ whiten.T
    mean = (one * times).sum(axis=1, keepdims=True) / (one**2).sum(axis=1, keepdims=True)
    level = (one * seen).sum(axis=1, keepdims=True) / (one**2).sum(axis=1, keepdims=True)
    times, seen = times - mean * one, seen - level * one
    moment = (times**2).sum(axis=1)
    slope = (times * seen).sum(axis=1) / moment
    misfit = ((seen - slope[:, None] * times) ** 2).sum(axis=1) / smallest[:, 0] ** 2
    return slope, smallest[:, 0] / np.sqrt(moment), misfit


def _series(*named: tuple[str, FloatArray]) -> list[FloatArray]:
    arrays = checks.all_together(*named)
    checks.one_axis(named[0][0], arrays[0])
    return arrays


def _latest(known: NDArray[np.bool_], points: int) -> NDArray[np.int64]:
    return np.flatnonzero(known)[-checks.whole_number("points", points, FEWEST) :]


def _too_few(points: int) -> RecentTrend:
    return RecentTrend(0, np.nan, np.nan, np.nan, points, "too-few-points")


def _robust_line(value: FloatArray, weight: FloatArray) -> _Line:
    """Return the slope on 1, 2, ... and whether leaving out one point turns it."""
    time = np.arange(1.0, value.size + 1)
    kept = np.vstack([np.ones(value.size), 1 - np.eye(value.size)]) * weight
    total = kept.sum(axis=1, keepdims=True)
    times = time - (kept * time).sum(axis=1, keepdims=True) / total
    parts = kept * times * value
    slopes = parts.sum(axis=1) / (kept * times**2).sum(axis=1)
    # What rounding leaves of a level line has a sign by chance.
    level = np.abs(parts.sum(axis=1)) <= AS_GOOD_AS_FLAT * np.abs(parts).sum(axis=1)
    signs = np.where(level, 0, np.sign(slopes))
    return _Line(float(slopes[0]), 0.0, bool((signs != signs[0]).any()))


def _moment(weight: FloatArray) -> float:
    """Return the weighted sum of squares of 1, 2, ... about their mean."""
    time = np.arange(1.0, weight.size + 1)
    return float((weight * (time - (weight * time).sum() / weight.sum()) ** 2).sum())


def _told(line: _Line, points: int) -> RecentTrend:
    p_value = float(chdtrc(1, line.chi_squared))
    reason = "one-point-decides" if line.turns else ""
    if p_value >= SIGNIFICANCE:
        reason = "not-significant"
    direction = 0 if reason else int(np.sign(line.slope))
    return RecentTrend(direction, line.slope, float(line.chi_squared), p_value, points, reason)
