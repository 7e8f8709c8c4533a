"""How sure places and verdicts are, for indicators whose values have intervals.

A place among all becomes the range in which simulation puts it, and a verdict is kept only while the
many that one report tells at a time leave it standing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from healthindicators.assess.compare import FIFTHS, KINDS
from healthindicators.assess.rows import estimate_of
from healthindicators.model import Indicator, Measure, Polarity
from healthindicators.observations import LEVEL
from healthindicators.statistics import (
    benjamini_hochberg,
    health_groups,
    overdispersion,
    p_value_from_interval,
    rank_uncertainty,
)

LEAST_MUNICIPALITIES = 20
"""With fewer, neither fifths nor groups of places mean much."""

FALSE_DISCOVERIES = 0.05
"""Share of the differences told in a report that may be chance (Benjamini and Hochberg 1995)."""

SEED = 20131
"""Fixed, so that the same figures give the same places."""

RANKS = ["best_fifth", "worst_fifth", "rank_group", "rank_groups"]

Floats = NDArray[np.float64]


def with_certainty(comparisons: pd.DataFrame, indicators: Sequence[Indicator]) -> pd.DataFrame:
    """Return comparisons with places by simulation and verdicts that hold in a report of many.

    Adds the probabilities of the best and the worst fifth, the group of municipalities that can
    hardly be told apart and the number of groups, and for each benchmark the adjusted p-value.
    """
    told = comparisons.assign(**dict.fromkeys(RANKS, np.nan))
    told = told.assign(**{f"{kind}_p": np.nan for kind in KINDS})
    for indicator in indicators:
        rows = told.index[(told["indicator"] == indicator.id) & (told["interval"] != "none")]
        if not len(rows):
            continue
        for kind in KINDS:
            held = rows[told.loc[rows, f"{kind}_value"].notna()]
            told.loc[held, f"{kind}_p"] = _p_values(told.loc[held], kind, indicator)
        if len(rows) >= LEAST_MUNICIPALITIES:
            ranked = _ranks(told.loc[rows], indicator)
            told.loc[rows, ranked.columns] = ranked
    return _held(told)


def _scale(indicator: Indicator) -> Literal["log", "identity"]:
    """Return where an indicator's estimates are about normal."""
    return "log" if indicator.measure is Measure.RATE else "identity"


def _p_values(rows: pd.DataFrame, kind: str, indicator: Indicator) -> Floats:
    if rows.empty:
        return np.empty(0)
    held_against = rows[f"{kind}_value"].to_numpy()
    return p_value_from_interval(estimate_of(rows), held_against, scale=_scale(indicator))


def _ranks(rows: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    estimate = estimate_of(rows)
    numbers = np.stack([estimate.value, estimate.lower, estimate.upper])
    value, lower, upper = np.log(numbers) if _scale(indicator) == "log" else numbers
    error = (upper - lower) / (2 * -ndtri((1 - LEVEL) / 2))
    value, error = _drawn_in(value, error)
    highest_first = indicator.polarity is not Polarity.LOWER_IS_BETTER
    ranks = rank_uncertainty(value, error, highest_first=highest_first, seed=SEED, level=LEVEL)
    grouped = health_groups(ranks)
    first, last = np.floor(ranks.rank.lower), np.ceil(ranks.rank.upper)
    fifth = np.ceil(FIFTHS * first / len(rows))
    columns = {
        "position_first": first,
        "position_last": last,
        "fifth": np.where(fifth == np.ceil(FIFTHS * last / len(rows)), fifth, np.nan),
        "best_fifth": ranks.probability_best_fifth,
        "worst_fifth": ranks.probability_worst_fifth,
        "rank_group": grouped.group,
        "rank_groups": len(grouped.size),
    }
    return pd.DataFrame(columns, index=rows.index, dtype="float64")


def _drawn_in(value: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Return values drawn towards their mean as far as they are uncertain, and their errors.

    Ranks of raw values put the places at the ends too far out: of intervals at 95 %, 84 to 90 % hold
    the true rank in simulation, and 96 % of those of drawn ones (Marshall and Spiegelhalter 1998).
    """
    mean = float(np.average(value, weights=error**-2))
    between = overdispersion(value, mean, error, winsorised=0.0).between_variance
    kept = between / (between + error**2)
    return mean + kept * (value - mean), np.sqrt(kept) * error


def _held(told: pd.DataFrame) -> pd.DataFrame:
    """Return the table with p-values adjusted over each municipality's report, and its verdicts.

    A difference that the report as a whole does not bear out is told as similar.
    """
    columns = [f"{kind}_p" for kind in KINDS]
    adjusted = told[columns].to_numpy(copy=True)
    for rows in told.groupby("geo").indices.values():
        tests = adjusted[rows]
        known = ~np.isnan(tests)
        if known.any():
            tests[known] = benjamini_hochberg(tests[known])
            adjusted[rows] = tests
    found = told.assign(**dict(zip(columns, adjusted.T, strict=True)))
    for kind in KINDS:
        verdict = found[f"{kind}_verdict"]
        chance = (found[f"{kind}_p"] > FALSE_DISCOVERIES) & ~verdict.isin(["", "cannot-say"])
        found[f"{kind}_verdict"] = verdict.mask(chance, "similar")
    return found
