"""Rows of a table as what statistics take and return."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from healthindicators.observations import LEVEL
from healthindicators.statistics import Estimate


def estimate_of(rows: pd.DataFrame, who: str = "") -> Estimate:
    """Return the values and limits in some rows; `who` stands behind the names of their columns."""
    value, lower, upper = (rows[name + who].to_numpy() for name in ("value", "lower", "upper"))
    return Estimate(value, lower, upper, LEVEL, "published")


def those(estimate: Estimate, rows: NDArray[np.bool_]) -> Estimate:
    """Return some of the values of an estimate."""
    limits = (estimate.value[rows], estimate.lower[rows], estimate.upper[rows])
    return Estimate(*limits, estimate.level, estimate.method)
