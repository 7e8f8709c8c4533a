"""Women and men: the difference and the ratio of their figures, with intervals where both have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from healthindicators.assess.tables import typed
from healthindicators.geography import Register
from healthindicators.model import Indicator
from healthindicators.observations import KEY, LEVEL
from healthindicators.statistics import Estimate, difference_of_estimates, ratio_of_estimates
from healthindicators.vocabulary import TOTAL


def sexes(estimates: pd.DataFrame, shown: Sequence[Indicator], register: Register) -> pd.DataFrame:
    """Return a row an indicator, municipality and period in which both sexes have an interval.

    Men less women, and men over women; the ratio is left out where zero is arbitrary.
    """
    rows = estimates[estimates["interval"] != "none"]
    rows = rows[rows["geo"].isin([m.id for m in register.municipalities])]
    of_one = rows[rows["sex"] != TOTAL].set_index([*(k for k in KEY if k != "sex")])
    numbers = ["value", "lower", "upper"]
    men, women = (of_one.loc[of_one["sex"] == sex, numbers] for sex in ("male", "female"))
    both = men.add_suffix("_men").join(women.add_suffix("_women"), how="inner").reset_index()
    if both.empty:
        return typed("sexes", both)
    first, second = _estimate(both, "men"), _estimate(both, "women")
    more = difference_of_estimates(first, second)
    told = both.assign(value=more.value, lower=more.lower, upper=more.upper)
    ratios = {indicator.id for indicator in shown if indicator.ratio_scale}
    # A lower limit of 0, as of a rate with no events, gives a ratio no upper end.
    usable = both["indicator"].isin(ratios).to_numpy() & (second.lower > 0)
    for name in ("ratio", "ratio_lower", "ratio_upper"):
        told[name] = np.nan
    if usable.any():
        parts = [
            Estimate(e.value[usable], e.lower[usable], e.upper[usable], LEVEL, e.method)
            for e in (first, second)
        ]
        times = ratio_of_estimates(*parts)
        told.loc[usable, "ratio"] = times.value
        told.loc[usable, "ratio_lower"] = times.lower
        told.loc[usable, "ratio_upper"] = times.upper
    return typed("sexes", told)


def _estimate(both: pd.DataFrame, who: str) -> Estimate:
    value, lower, upper = (both[f"{name}_{who}"].to_numpy() for name in ("value", "lower", "upper"))
    return Estimate(value, lower, upper, LEVEL, "published")
