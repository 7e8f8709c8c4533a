"""An indicator across the municipalities in the period that most of them share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from healthindicators.geography import Register
from healthindicators.model import Period
from healthindicators.vocabulary import TOTAL


@dataclass(frozen=True)
class Latest:
    """The known values of an indicator by municipality, of both sexes together, in one period."""

    by_geo: pd.Series
    period: Period


def latest(frame: pd.DataFrame, indicator: str, register: Register) -> Latest | None:
    """Return an indicator's latest values; None where no municipality has one."""
    rows = frame[(frame["indicator"] == indicator) & frame["value"].notna()]
    rows = rows[(rows["sex"] == TOTAL) & (rows["stratum"] == TOTAL)]
    rows = rows[rows["geo"].isin([m.id for m in register.municipalities])]
    if rows.empty:
        return None
    period = latest_period(rows)
    here = rows[(rows["first_year"] == period.first) & (rows["last_year"] == period.last)]
    return Latest(here.set_index("geo")["value"].sort_index(), period)


def latest_period(known: pd.DataFrame) -> Period:
    """Return the newest period that half of the municipalities with any figure have one in.

    A single municipality that is ahead of the others must not empty the comparison of all, and those
    that a table never covered say nothing of which of its periods is full. Where no period has half,
    the newest of the fullest is taken.
    """
    counts = known.groupby(["last_year", "first_year"]).size()
    enough = counts[counts >= known["geo"].nunique() / 2]
    full = enough if len(enough) else counts[counts == counts.max()]
    newest: Any = full.index.max()
    return Period(int(newest[1]), int(newest[0]))
