"""Women and men: the difference and the ratio of their figures, with intervals where both have."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from healthindicators.assess.rows import estimate_of, those
from healthindicators.assess.tables import typed
from healthindicators.geography import Register
from healthindicators.model import Indicator
from healthindicators.observations import KEY
from healthindicators.statistics import difference_of_estimates, ratio_of_estimates
from healthindicators.vocabulary import TOTAL


def sexes(estimates: pd.DataFrame, shown: Sequence[Indicator], register: Register) -> pd.DataFrame:
    """Return a row an indicator, municipality and period in which both sexes have an interval.

    Men less women, and men over women; the ratio is left out where zero is arbitrary.
    """
    rows = estimates[(estimates["interval"] != "none") & (estimates["stratum"] == TOTAL)]
    rows = rows[rows["geo"].isin([m.id for m in register.municipalities])]
    of_one = rows[rows["sex"] != TOTAL].set_index([*(k for k in KEY if k != "sex")])
    numbers = ["value", "lower", "upper"]
    men, women = (of_one.loc[of_one["sex"] == sex, numbers] for sex in ("male", "female"))
    both = men.add_suffix("_men").join(women.add_suffix("_women"), how="inner").reset_index()
    if both.empty:
        return typed("sexes", both)
    ratios = {indicator.id for indicator in shown if indicator.ratio_scale}
    return typed("sexes", gaps(both, "men", "women", ratios))


def gaps(both: pd.DataFrame, first: str, second: str, ratios: Collection[str]) -> pd.DataFrame:
    """Return the rows with the difference of two figures and their ratio, as far as it means something.

    Parameters
    ----------
    both : pandas.DataFrame
        Columns indicator and, for each of the two, value, lower and upper with its name behind an
        underscore; limits are NaN where there are none.
    first, second : str
        The difference is the first less the second, the ratio the first over the second.
    ratios : collection of str
        Indicators that have a ratio.
    """
    one, other = estimate_of(both, f"_{first}"), estimate_of(both, f"_{second}")
    told = both.assign(value=one.value - other.value)
    has_ratio = both["indicator"].isin(ratios).to_numpy() & (other.value > 0)
    told["ratio"] = np.where(has_ratio, one.value / np.where(has_ratio, other.value, 1.0), np.nan)
    for name in ("lower", "upper", "ratio_lower", "ratio_upper"):
        told[name] = np.nan
    limits = np.stack([one.lower, one.upper, other.lower, other.upper])
    sure = np.asarray(np.isfinite(limits).all(axis=0))
    if sure.any():
        more = difference_of_estimates(those(one, sure), those(other, sure))
        told.loc[sure, "lower"], told.loc[sure, "upper"] = more.lower, more.upper
    # A lower limit of 0, as of a rate with no events, gives a ratio no upper end.
    usable = np.asarray(sure & has_ratio & (other.lower > 0))
    if usable.any():
        times = ratio_of_estimates(those(one, usable), those(other, usable))
        told.loc[usable, "ratio_lower"], told.loc[usable, "ratio_upper"] = times.lower, times.upper
    return told
