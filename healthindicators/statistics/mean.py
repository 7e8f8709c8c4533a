"""Means of a sample, with Student's limits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray

FEWEST = 2.0
"""One value has no spread to make an interval of."""


def mean_interval(
    values: ArrayLike,
    standard_deviation: ArrayLike | None = None,
    n: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate a mean with Student's limits, from the values or from what sums them up.

    Parameters
    ----------
    values : array_like, shape (..., n)
        Values of one sample along the last axis, at least two; or, with `standard_deviation` and
        `n`, the means themselves in any shape.
    standard_deviation : array_like, optional
        Standard deviation of each sample (divisor n - 1), from 0; broadcast against the means.
    n : array_like, optional
        Size of each sample, at least 2; broadcast against the means.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Means, method ``t``, in the shape of the leading axes, or of the summaries together.

    Raises
    ------
    StatisticsError
        If a number is not finite or beyond 1e12, a sample has fewer than two values, a standard
        deviation is negative, only one of `standard_deviation` and `n` is given, the shapes do not
        fit together, or the level is not between 0 and 1.

    Notes
    -----
    The limits lie t standard errors s / sqrt(n) from the mean, t being the quantile of Student's
    distribution with n - 1 degrees of freedom. Coverage is the level if the values are normal, and
    nears it with n otherwise.

    References
    ----------
    Student. The probable error of a mean. Biometrika 1908;6:1-25.
    Altman DG, Machin D, Bryant TN, Gardner MJ. Statistics with Confidence, 2nd edition. London:
    BMJ Books; 2000.

    Examples
    --------
    >>> mean = mean_interval([4, 5, 6, 9])
    >>> float(mean.value), round(float(mean.lower), 2), round(float(mean.upper), 2)
    (6.0, 2.56, 9.44)
    """
    tail = checks.tail(level)
    if standard_deviation is None and n is None:
        mean, error, size = _of_values(values)
    elif standard_deviation is None or n is None:
        raise StatisticsError("standard_deviation and n go together; only one of them is given")
    else:
        mean, error, size = _of_summaries(values, standard_deviation, n)
    margin = -stdtrit(size - 1, tail) * error
    return Estimate(mean, mean - margin, mean + margin, float(level), "t")


def _of_values(values: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    sample = checks.numbers("values", values)
    if sample.ndim == 0 or sample.shape[-1] < FEWEST:
        raise StatisticsError(
            f"values has shape {sample.shape}; its last axis must have at least two values"
        )
    size = np.float64(sample.shape[-1])
    error = sample.std(axis=-1, ddof=1) / np.sqrt(size)
    return np.asarray(sample.mean(axis=-1)), np.asarray(error), np.asarray(size)


def _of_summaries(
    means: ArrayLike, standard_deviation: ArrayLike, n: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    mean, deviation, size = checks.all_together(
        ("values", checks.numbers("values", means)),
        ("standard_deviation", checks.counts("standard_deviation", standard_deviation)),
        ("n", checks.counts("n", n)),
    )
    checks.refuse("n", size, size < FEWEST, "must be at least 2")
    return mean, deviation / np.sqrt(size), size
