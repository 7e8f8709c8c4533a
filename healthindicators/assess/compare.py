"""How each municipality compares: with its benchmarks, among all, and with itself before.

A verdict (better, similar, worse) needs an interval: similar where the benchmark lies inside it.
Without an interval there is a position and no verdict; a position is a range wherever rounding ties or
intervals leave it open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from healthindicators.assess.latest import latest_period
from healthindicators.geography import Register
from healthindicators.model import Indicator, Period, Polarity
from healthindicators.vocabulary import TOTAL

KINDS = ("country", "region", "group")
FIFTHS = 5
LEAST_MUNICIPALITIES = 10
"""With fewer, a fifth of them is one place."""
Floats = NDArray[np.float64]

_VERDICTS = {
    Polarity.HIGHER_IS_BETTER: ("worse", "better"),
    Polarity.LOWER_IS_BETTER: ("better", "worse"),
    Polarity.NEUTRAL: ("lower", "higher"),
}


def compare(
    estimates: pd.DataFrame, indicators: Iterable[Indicator], register: Register
) -> pd.DataFrame:
    """Return one row an indicator and municipality, in the indicator's latest period.

    Columns: the row of the estimate; for each of country, region and group its geo, value, whether it
    is published, and the verdict; first and last position among those with a value, their number and
    the fifth; the previous and the first period that share no year with the latest, and the
    differences to them.
    """
    main = estimates[(estimates["sex"] == TOTAL) & (estimates["stratum"] == TOTAL)]
    parts = [
        _compared(main[main["indicator"] == indicator.id], indicator, register)
        for indicator in sorted(indicators, key=lambda i: i.id)
    ]
    return pd.concat([p for p in parts if not p.empty], ignore_index=True)


def _compared(rows: pd.DataFrame, indicator: Indicator, register: Register) -> pd.DataFrame:
    municipal = rows[rows["geo"].isin([m.id for m in register.municipalities])]
    known = municipal[municipal["value"].notna()]
    if known.empty:
        return pd.DataFrame()
    period = latest_period(known)
    in_period = (rows["first_year"] == period.first) & (rows["last_year"] == period.last)
    latest = rows[in_period].set_index("geo")
    covered = set(municipal["geo"])
    here = _everyone(municipal[in_period.loc[municipal.index]], covered, register)
    here = _with_benchmarks(here, latest, indicator, register)
    here = pd.concat([here, _positions(here, indicator.polarity)], axis=1)
    return here.merge(_changes(known, here, period), on="geo", how="left")


def _everyone(here: pd.DataFrame, covered: Collection[str], register: Register) -> pd.DataFrame:
    """Return one row a municipality; one that the table leaves out keeps its place as missing."""
    full = here.set_index("geo").reindex([m.id for m in register.municipalities])
    left_out = full["status"].isna()
    same = ["indicator", "first_year", "last_year", "sex", "age", "stratifier", "stratum"]
    full.loc[left_out, same] = here[same].iloc[0].to_numpy()
    full.loc[left_out, ["status", "interval", "reason"]] = ["missing", "none", "not-published"]
    full.loc[left_out & ~full.index.isin(covered), "reason"] = "not-covered"
    full.loc[left_out, "snapshot"] = here["snapshot"].iloc[0]
    years = {"first_year": "int64", "last_year": "int64"}
    return full.astype(years).rename_axis("geo").reset_index()


def _with_benchmarks(
    here: pd.DataFrame, latest: pd.DataFrame, indicator: Indicator, register: Register
) -> pd.DataFrame:
    lower_word, higher_word = _VERDICTS[indicator.polarity]
    added: dict[str, Any] = {}
    for kind in KINDS:
        geo = here["geo"].map(register.benchmark_ids(kind))
        value = geo.map(latest["value"]).astype("float64")
        status = geo.map(latest["status"])
        added[f"{kind}_geo"] = geo
        added[f"{kind}_value"] = value
        of_sexes = geo.map(latest["reason"]) == "mean-of-sexes"
        added[f"{kind}_published"] = value.notna() & ((status != "derived") | of_sexes)
        added[f"{kind}_verdict"] = np.select(
            [
                value.isna() | here["value"].isna(),
                here["interval"] == "none",
                here["upper"] < value,
                here["lower"] > value,
            ],
            ["", "cannot-say", lower_word, higher_word],
            default="similar",
        )
    return here.assign(**added)


def _positions(here: pd.DataFrame, polarity: Polarity) -> pd.DataFrame:
    """Return first and last possible position; 1 is best, or highest where neither is better."""
    sign = 1.0 if polarity is Polarity.LOWER_IS_BETTER else -1.0
    value = here["value"].to_numpy()
    limits = sign * np.stack(
        [here["lower"].fillna(here["value"]), here["upper"].fillna(here["value"])]
    )
    best, worst = limits.min(axis=0), limits.max(axis=0)
    known = ~np.isnan(value)
    count = int(known.sum())
    # Comparisons with NaN are false: a municipality without a value takes no place.
    first = 1 + (worst[None, :] < best[:, None]).sum(axis=1)
    last = count - (best[None, :] > worst[:, None]).sum(axis=1)
    fifth = np.ceil(FIFTHS * first / count)
    same = fifth == np.ceil(FIFTHS * last / count)
    columns = {
        "position_first": np.where(known, first, np.nan),
        "position_last": np.where(known, last, np.nan),
        "position_count": np.full(len(here), count),
        # Of a few municipalities a fifth is a place, and says no more than it.
        "fifth": np.where(known & same & (count >= LEAST_MUNICIPALITIES), fifth, np.nan),
    }
    return pd.DataFrame(columns, index=here.index)


def _changes(known: pd.DataFrame, here: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the previous and the first period of each municipality, and the differences to them."""
    earlier = known[known["last_year"] < period.first].sort_values(["last_year", "first_year"])
    columns = ["geo", "first_year", "last_year", "value"]
    changes = here[["geo", "value"]]
    for name, row in (("previous", "last"), ("first", "first")):
        chosen = (
            getattr(earlier[columns].groupby("geo"), row)().add_prefix(f"{name}_").reset_index()
        )
        changes = changes.merge(chosen, on="geo", how="left")
        changes[f"{name}_difference"] = changes["value"] - changes[f"{name}_value"]
    # With two periods only, the first is the previous one: it is told once.
    once = changes["first_last_year"] == changes["previous_last_year"]
    told = ["first_first_year", "first_last_year", "first_value", "first_difference"]
    changes.loc[once, told] = np.nan
    return changes.drop(columns="value")
