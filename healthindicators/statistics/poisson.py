"""Confidence limits of a count of events, shared by rates and standardised rates."""

from __future__ import annotations

import numpy as np
from scipy.special import gammainccinv, gammaincinv, ndtri

from healthindicators.statistics.checks import SMALLEST
from healthindicators.statistics.estimate import FloatArray

EXACT_BELOW = 10.0
"""Byar's limits are within 0.2 % of the exact ones from 10 events upwards (PHE technical guide on
confidence intervals, 2018); below, the exact limits cost nothing."""


def exact_limits(events: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    """Return Garwood's limits of a Poisson mean: gamma quantiles of shape O and O + 1.

    Examples
    --------
    >>> lower, upper = exact_limits(np.array([0.0, 1.0]), 0.025)
    >>> lower.round(4).tolist(), upper.round(4).tolist()
    ([0.0, 0.0253], [3.6889, 5.5716])
    """
    # A quantile takes a microsecond, and counts repeat.
    each, place = np.unique(events, return_inverse=True)
    # The gamma distribution of shape 0 is a point at 0; scipy has no quantile for it.
    lower = np.where(each > 0, gammaincinv(np.maximum(each, SMALLEST), tail), 0.0)
    upper = np.asarray(gammainccinv(each + 1, tail), dtype=np.float64)
    place = place.reshape(events.shape)
    return np.asarray(lower[place]), np.asarray(upper[place])


def byar_limits(
    events: FloatArray, tail: float, exact_below: float = EXACT_BELOW
) -> tuple[FloatArray, FloatArray]:
    """Return Byar's limits of a Poisson mean, the exact ones for counts under `exact_below`.

    Examples
    --------
    >>> lower, upper = byar_limits(np.array([65.0]), 0.025)
    >>> lower.round(2).tolist(), upper.round(2).tolist()
    ([50.16], [82.85])
    """
    z = -ndtri(tail)
    # At high levels the cube root of the lower limit passes below zero; a Poisson mean does not.
    some = np.maximum(events, SMALLEST)
    lower_root = np.maximum(1 - 1 / (9 * some) - z / (3 * np.sqrt(some)), 0)
    upper_root = 1 - 1 / (9 * (events + 1)) + z / (3 * np.sqrt(events + 1))
    # Multiplied out: a third power is a hundred times slower.
    lower = np.asarray(events * (lower_root * lower_root * lower_root))
    upper = np.asarray((events + 1) * (upper_root * upper_root * upper_root))
    few = events < exact_below
    if few.any():
        lower[few], upper[few] = exact_limits(events[few], tail)
    return lower, upper


def score_limits(events: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    """Return the means that lie z of their own standard errors from the count.

    Examples
    --------
    >>> lower, upper = score_limits(np.array([0.0, 65.0]), 1.959964)
    >>> lower.round(2).tolist(), upper.round(2).tolist()
    ([0.0, 51.0], [3.84, 82.84])
    """
    spread = z * np.sqrt(events + z**2 / 4)
    # Their product is O^2, so the lower limit needs no difference of nearly equal numbers.
    upper = events + z**2 / 2 + spread
    return events**2 / upper, upper
