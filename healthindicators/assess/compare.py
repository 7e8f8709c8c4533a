"""How each municipality compares: with its benchmarks, among all, and with itself before.

A verdict (better, similar, worse) needs an interval: similar where the benchmark lies inside it.
Without an interval there is a position and no verdict; a position is a range wherever rounding ties or
intervals leave it open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from healthindicators.assess.latest import latest_period
from healthindicators.assess.rows import estimate_of
from healthindicators.geography import Register
from healthindicators.model import Indicator, Period, Polarity
from healthindicators.statistics import compare_by_interval
from healthindicators.vocabulary import TOTAL

KINDS = ("country", "region", "group")
FIFTHS = 5
LEAST_MUNICIPALITIES = 10
"""With fewer, a fifth of them is one place."""
Floats = NDArray[np.float64]

_VERDICTS = {
    Polarity.HIGHER_IS_BETTER: ("worse", "similar", "better"),
    Polarity.LOWER_IS_BETTER: ("better", "similar", "worse"),
    Polarity.NEUTRAL: ("lower", "similar", "higher"),
}
"""What it is called to lie wholly below the benchmark, around it, and wholly above it."""


def compare(
    estimates: pd.DataFrame, indicators: Iterable[Indicator], register: Register
) -> pd.DataFrame:
    """Return one row an indicator and municipality, in the indicator's latest period.

    Columns: the row of the estimate; for each of country, region and group its geo, value, whether it
    is published, and the verdict; first and last position among those with a value, their number and
    the fifth; the previous and the first period that share no year with the latest, and the
    differences to them.
    """
    polarity = {indicator.id: indicator.polarity for indicator in indicators}
    main = estimates[(estimates["sex"] == TOTAL) & (estimates["stratum"] == TOTAL)]
    municipal = main[main["geo"].isin([m.id for m in register.municipalities])]
    parts, earlier, benchmarks = [], [], []
    for name, rows in municipal.groupby("indicator"):
        id, known = str(name), rows[rows["value"].notna()]
        if id not in polarity or known.empty:
            continue
        period = latest_period(known)
        here = _everyone(rows[_within(rows, period)], set(rows["geo"]), register)
        parts.append(pd.concat([here, _positions(here, polarity[id])], axis=1))
        earlier.append(known[known["last_year"] < period.first])
        all_geos = main[main["indicator"] == id]
        benchmarks.append(all_geos[_within(all_geos, period)])
    told = pd.concat(parts, ignore_index=True)
    told = _with_benchmarks(told, pd.concat(benchmarks), polarity, register)
    return _with_changes(told, pd.concat(earlier))


def _within(rows: pd.DataFrame, period: Period) -> pd.Series:
    return (rows["first_year"] == period.first) & (rows["last_year"] == period.last)


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
    told: pd.DataFrame,
    latest: pd.DataFrame,
    polarity: Mapping[str, Polarity],
    register: Register,
) -> pd.DataFrame:
    figures = latest.set_index(["indicator", "geo"])[["value", "status", "reason"]]
    indicators, number = np.unique(told["indicator"], return_inverse=True)
    words = np.array([_VERDICTS[polarity[id]] for id in indicators])[number]
    added: dict[str, Any] = {}
    for kind in KINDS:
        geo = told["geo"].map(register.benchmark_ids(kind))
        at = pd.MultiIndex.from_arrays([told["indicator"], geo])
        held_against = figures.reindex(at).set_axis(told.index)
        value = held_against["value"]
        of_sexes = held_against["reason"] == "mean-of-sexes"
        computed = (held_against["status"] == "derived") & ~of_sexes
        both = value.notna() & told["value"].notna()
        sure = both & (told["interval"] != "none")
        verdict = np.where(both, "cannot-say", "").astype(object)
        if sure.any():
            side = compare_by_interval(estimate_of(told[sure]), value[sure])
            verdict[sure] = words[sure, side + 1]
        added[f"{kind}_geo"] = geo
        added[f"{kind}_value"] = value
        added[f"{kind}_published"] = value.notna() & ~computed
        added[f"{kind}_verdict"] = pd.Series(verdict, told.index, dtype="str")
    return told.assign(**added)


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


def _with_changes(told: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """Add the previous and the first period of each municipality, and the differences to them."""
    by = ["indicator", "geo"]
    figures = earlier.sort_values(["last_year", "first_year"], kind="stable")
    figures = figures[[*by, "first_year", "last_year", "value"]]
    for name, row in (("previous", "last"), ("first", "first")):
        chosen = getattr(figures.groupby(by), row)().add_prefix(f"{name}_").reset_index()
        told = told.merge(chosen, on=by, how="left")
        told[f"{name}_difference"] = told["value"] - told[f"{name}_value"]
    # With two periods only, the first is the previous one: it is told once.
    once = told["first_last_year"] == told["previous_last_year"]
    columns = ["first_first_year", "first_last_year", "first_value", "first_difference"]
    told.loc[once, columns] = np.nan
    return told
