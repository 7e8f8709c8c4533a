"""What a municipality is held against where nothing is published: weighted from the municipalities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from healthindicators.assess.population import residents
from healthindicators.geography import Register
from healthindicators.geography.recast import APPORTIONED, NO_WEIGHT
from healthindicators.model import Indicator, Measure
from healthindicators.observations import joined
from healthindicators.vocabulary import TOTAL

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
    by_ages = {ages: residents(frame, ages) for ages in {concerned(i) for i in wanted}}
    weights = {i.id: by_ages[concerned(i)] for i in wanted}
    parts = [_means(municipal, weights, register, kind) for kind in ("country", "region", "group")]
    rows = pd.concat(parts, ignore_index=True)
    given = (frame["sex"] == TOTAL) & (frame["stratum"] == TOTAL) & frame["value"].notna()
    published = pd.MultiIndex.from_frame(frame.loc[given, [*CELL, "geo"]])
    return rows[~pd.MultiIndex.from_frame(rows[[*CELL, "geo"]]).isin(published)]


def concerned(indicator: Indicator) -> str:
    """Return the ages an indicator is about; a life expectancy at birth is about all residents."""
    return TOTAL if indicator.measure is Measure.LIFE_EXPECTANCY else indicator.ages


def _means(
    municipal: pd.DataFrame,
    weights: Mapping[str, Mapping[str, float]],
    register: Register,
    kind: str,
) -> pd.DataFrame:
    parent = register.benchmark_ids(kind)
    pairs = zip(municipal["indicator"], municipal["geo"], strict=True)
    weight = pd.Series([weights[i].get(g, 0.0) for i, g in pairs], municipal.index)
    weight = weight.where(municipal["value"].notna(), 0.0)
    product = municipal["value"].fillna(0.0) * weight
    rows = municipal.assign(geo=municipal["geo"].map(parent), product=product, covered=weight)
    grouped = rows.dropna(subset="geo").groupby([*CELL, "geo"], as_index=False)
    sums = grouped[["product", "covered"]].sum()
    # All members count, those without a row too: a mean of the few that answered is no mean.
    everybody = [
        sum(n for geo, n in weights[i].items() if parent.get(geo) == g)
        for i, g in zip(sums["indicator"], sums["geo"], strict=True)
    ]
    enough = (sums["covered"] >= LEAST_COVERAGE * pd.Series(everybody)) & (sums["covered"] > 0)
    return sums[[*CELL, "geo"]].assign(
        sex=TOTAL,
        stratifier=TOTAL,
        stratum=TOTAL,
        value=(sums["product"] / sums["covered"]).where(enough),
        interval="none",
        status=enough.map({True: "derived", False: "missing"}),
        reason=enough.map({True: "weighted-mean", False: "too-few-municipalities"}),
        snapshot=grouped["snapshot"].agg(joined)["snapshot"],
    )


def without_shares(estimates: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    """Return rows without the rates of counts that were apportioned.

    Such a rate is that of the municipality that was split, told of each of its parts. In the mean of a
    region that holds all parts it is right: it is left out after means are made.
    """
    counts = [id for id, indicator in indicators.items() if indicator.measure is Measure.COUNT]
    share = (estimates["reason"] == APPORTIONED) & ~estimates["indicator"].isin(counts)
    return estimates.assign(
        value=estimates["value"].mask(share),
        status=estimates["status"].mask(share, "missing"),
        reason=estimates["reason"].mask(share, NO_WEIGHT),
    )
