"""The change a year of each indicator, and whether it is more than chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from healthindicators.assess.tables import typed
from healthindicators.geography import Register
from healthindicators.model import Indicator, Period
from healthindicators.observations import LEVEL
from healthindicators.statistics import benjamini_hochberg, weighted_trend
from healthindicators.vocabulary import TOTAL

LEAST_POINTS = 5
"""Fewer points seldom tell a trend, and the scatter about a line through three tells little of it."""


def trends(estimates: pd.DataFrame, shown: Sequence[Indicator], register: Register) -> pd.DataFrame:
    """Return a row an indicator and geo with five periods or more that share no year.

    P-values are adjusted over the indicators of a geo. Where all values of a series have intervals,
    these say how sure they are; otherwise the scatter about the line does.
    """
    main = estimates[(estimates["sex"] == TOTAL) & (estimates["stratum"] == TOTAL)]
    told = {register.nation.id, *(m.id for m in register.municipalities)}
    main = main[main["geo"].isin(told) & main["value"].notna()]
    parts = []
    for indicator in shown:
        rows = main[main["indicator"] == indicator.id]
        periods = apart(
            Period(int(first), int(last))
            for first, last in rows[["first_year", "last_year"]].drop_duplicates().to_numpy()
        )
        if len(periods) >= LEAST_POINTS:
            parts.append(_fitted(rows, periods).assign(indicator=indicator.id))
    found = typed("trends", pd.concat(parts) if parts else pd.DataFrame())
    if found.empty:
        return found
    return found.assign(p_value=found.groupby("geo")["p_value"].transform(_adjusted))


def _adjusted(p_values: pd.Series) -> pd.Series:
    return pd.Series(benjamini_hochberg(p_values.to_numpy()), p_values.index)


def apart(periods: Iterable[Period]) -> list[Period]:
    """Return periods that share no year, the latest of all among them, in order.

    Examples
    --------
    >>> [p.first for p in apart([Period(2001, 2005), Period(2003, 2007), Period(2006, 2010)])]
    [2001, 2006]
    """
    kept: list[Period] = []
    for period in sorted(periods, key=lambda p: (p.last, p.first), reverse=True):
        if not kept or period.last < kept[-1].first:
            kept.append(period)
    return kept[::-1]


def _fitted(rows: pd.DataFrame, periods: Sequence[Period]) -> pd.DataFrame:
    """Return the trend of every geo that has enough of the periods."""
    years = pd.MultiIndex.from_tuples([(p.first, p.last) for p in periods])
    keys = ["first_year", "last_year"]
    value, lower, upper = (
        rows.pivot(index="geo", columns=keys, values=name).reindex(columns=years)
        for name in ("value", "lower", "upper")
    )
    known = value.notna().to_numpy()
    enough = known.sum(axis=1) >= LEAST_POINTS
    value, known = value[enough], known[enough]
    error = (upper[enough] - lower[enough]).to_numpy() / (2 * -ndtri((1 - LEVEL) / 2))
    sure = bool(np.isfinite(error[known]).all())
    first, last = ([getattr(p, end) for p in periods] for end in ("first", "last"))
    found = weighted_trend(
        first, last, value.to_numpy(), np.where(known, error, np.nan) if sure else None, level=LEVEL
    )
    starts = [periods[at].first for at in known.argmax(axis=1)]
    ends = [periods[-1 - at].last for at in known[:, ::-1].argmax(axis=1)]
    return pd.DataFrame(
        {
            "geo": value.index,
            "first_year": starts,
            "last_year": ends,
            "points": found.points,
            "slope": found.slope.value,
            "lower": found.slope.lower,
            "upper": found.slope.upper,
            "p_value": found.p_value,
            "method": found.slope.method,
        }
    )
