"""Inequality inside municipalities: the gap between the ends of a social dimension.

The difference is the figure of the more advantaged end less that of the other, the ratio the one over
the other; the vocabulary says which ends those are. Both are given, because they can point in
different ways.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from healthindicators.assess.sexes import gaps
from healthindicators.assess.tables import typed
from healthindicators.model import Indicator
from healthindicators.observations import KEY
from healthindicators.vocabulary import ENDS, TOTAL


def strata(estimates: pd.DataFrame, shown: Sequence[Indicator]) -> pd.DataFrame:
    """Return a row an indicator, geo, period, sex and social dimension of which both ends are known.

    Limits are NaN where the ends have none.
    """
    rows = estimates[(estimates["stratifier"] != TOTAL) & estimates["value"].notna()]
    parts = [_gap(rows[rows["stratifier"] == dimension], *ENDS[dimension]) for dimension in ENDS]
    both = pd.concat(parts, ignore_index=True)
    if both.empty:
        return typed("strata", both)
    # Where zero is arbitrary, as on a scale of grades, a ratio means nothing.
    ratios = {indicator.id for indicator in shown if indicator.ratio_scale}
    told = gaps(both, "most", "least", ratios)
    return typed("strata", told.rename(columns={"value_least": "least", "value_most": "most"}))


def _gap(rows: pd.DataFrame, least: str, most: str) -> pd.DataFrame:
    by = [name for name in KEY if name != "stratum"]
    numbers = ["value", "lower", "upper"]
    low, high = (
        rows[rows["stratum"] == stratum].set_index(by)[numbers] for stratum in (least, most)
    )
    joined = low.add_suffix("_least").join(high.add_suffix("_most"), how="inner")
    return joined.astype(np.float64).reset_index()
