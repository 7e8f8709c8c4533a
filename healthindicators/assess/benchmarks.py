"""What a municipality is held against where nothing is published: weighted from the municipalities."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from healthindicators.geography import Register
from healthindicators.model import Indicator
from healthindicators.vocabulary import TOTAL, bands_within

LEAST_COVERAGE = 0.9
"""A mean of municipalities that hold less than this share of the residents is not given."""

CELL = ["indicator", "first_year", "last_year", "age"]


def weighted_benchmarks(
    frame: pd.DataFrame, indicators: Iterable[Indicator], register: Register
) -> pd.DataFrame:
    """Return the population-weighted mean of regions, groups and the country, marked derived.

    The weights are the residents in the age bands that overlap the indicator's ages, in the latest
    year with a population. A published value of a geo is kept and nothing is put in its place.
    """
    wanted = list(indicators)
    municipal = frame[
        frame["indicator"].isin([i.id for i in wanted])
        & frame["geo"].isin([m.id for m in register.municipalities])
        & (frame["sex"] == TOTAL)
        & (frame["stratum"] == TOTAL)
    ]
    weights = {i.ages: residents(frame, i.ages) for i in wanted}
    weight = [
        weights[age].get(geo, 0.0)
        for age, geo in zip(municipal["age"], municipal["geo"], strict=True)
    ]
    weighed = municipal.assign(weight=weight)
    parts = [_means(weighed, register, kind) for kind in ("country", "region", "group")]
    rows = pd.concat(parts, ignore_index=True)
    published = pd.MultiIndex.from_frame(frame.loc[frame["sex"] == TOTAL, [*CELL, "geo"]])
    return rows[~pd.MultiIndex.from_frame(rows[[*CELL, "geo"]]).isin(published)]


def residents(frame: pd.DataFrame, ages: str) -> dict[str, float]:
    """Return residents of each geo in the bands that overlap `ages`, in the latest year known."""
    rows = frame[(frame["indicator"] == "population") & frame["age"].isin(bands_within(ages))]
    latest = rows[rows["last_year"] == rows["last_year"].max()]
    return {str(geo): float(n) for geo, n in latest.groupby("geo")["value"].sum().items()}


def _means(weighed: pd.DataFrame, register: Register, kind: str) -> pd.DataFrame:
    parent = {
        m.id: g.id
        for m in register.municipalities
        for k, g in register.benchmarks(m).items()
        if k == kind
    }
    rows = weighed.assign(geo=weighed["geo"].map(parent)).dropna(subset="geo")
    with_value = rows["weight"].where(rows["value"].notna(), 0.0)
    rows = rows.assign(product=rows["value"].fillna(0.0) * with_value, covered=with_value)
    grouped = rows.groupby([*CELL, "geo"], as_index=False)
    sums = grouped[["product", "covered", "weight"]].sum()
    enough = sums["covered"] >= LEAST_COVERAGE * sums["weight"]
    return sums[[*CELL, "geo"]].assign(
        sex=TOTAL,
        stratifier=TOTAL,
        stratum=TOTAL,
        value=(sums["product"] / sums["covered"]).where(enough),
        interval="none",
        status=enough.map({True: "derived", False: "missing"}),
        reason=enough.map({True: "weighted-mean", False: "too-few-municipalities"}),
        snapshot=grouped["snapshot"].agg(lambda s: " + ".join(sorted(set(s))))["snapshot"],
    )
