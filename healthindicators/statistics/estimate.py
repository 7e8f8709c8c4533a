"""What every statistic returns: a value with its limits, and how the limits were made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Estimate:
    """A value with its confidence limits, level and method.

    The three arrays are float64, read-only and of one shape; scalar input to a statistic gives
    0-dimensional arrays (``float(estimate.value)`` makes a plain number of one). Nothing is
    checked here: a statistic checks its input before it computes.

    Parameters
    ----------
    value : array
        The estimate itself, in the unit of the statistic.
    lower, upper : array
        Confidence limits, in the same unit.
    level : float
        Confidence level, between 0 and 1.
    method : str
        How the limits were made: ``wilson``, ``exact``, ``byar``, ``dobson`` ... ; ``none`` where
        there are no limits, which then are NaN.

    Examples
    --------
    >>> Estimate(0.5, 0.4, 0.6, 0.95, "wilson").value.shape
    ()
    """

    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    level: float
    method: str

    def __post_init__(self) -> None:
        """Hold own read-only float64 copies, so that an estimate cannot change behind its owner."""
        for name in ("value", "lower", "upper"):
            array = np.array(getattr(self, name), dtype=np.float64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
