"""Funnels: events of each municipality against those that the country's rates would give.

Of an indicator that is standardised from counts, the same counts by sex and age give an indirectly
standardised ratio, whose scatter by chance alone depends on nothing but the events expected.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from healthindicators.assess.derive import Counts, pooled_counts
from healthindicators.assess.tables import typed
from healthindicators.geography import Register
from healthindicators.model import Indicator
from healthindicators.statistics import (
    benchmark_error,
    empirical_bayes,
    funnel_limits,
    indirectly_standardised_ratio,
    overdispersion,
)
from healthindicators.vocabulary import TOTAL

METHOD = "directly-standardised-rate"
LIMITS = {"inner": 0.95, "outer": 0.998}
"""The customary limits, 2.5 % and 0.1 % beyond each (Spiegelhalter, Stat Med 2005;24:1185)."""

LEAST_MUNICIPALITIES = 20
"""With fewer, neither the scatter nor the mean that ratios are drawn to is known."""

STEPS = 40
"""Points of a limit's curve, evenly spaced by the root of the events expected."""

Floats = NDArray[np.float64]


def funnels(
    frame: pd.DataFrame, shown: Sequence[Indicator], register: Register
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a row an indicator and municipality, and the limits as curves."""
    tables: list[pd.DataFrame] = []
    curves: list[pd.DataFrame] = []
    for indicator in shown:
        if indicator.derivation is None or indicator.derivation.method != METHOD:
            continue
        table = _ratios(frame, indicator, register)
        if len(table) < LEAST_MUNICIPALITIES:
            continue
        tables.append(table)
        curves.append(_limits(table, indicator.id, register))
    nothing = [pd.DataFrame()]
    return typed("funnels", pd.concat(tables or nothing)), typed(
        "limits", pd.concat(curves or nothing)
    )


def _ratios(frame: pd.DataFrame, indicator: Indicator, register: Register) -> pd.DataFrame:
    assert indicator.derivation is not None  # the caller looked
    counts = pooled_counts(frame, indicator.derivation, register)
    if counts.labels.empty:
        return pd.DataFrame()
    events, person_years, geos = _by_sex_and_age(counts)
    country = geos.index(register.nation.id)
    told = _counted(frame, indicator.id, register)
    here = [position for position, geo in enumerate(geos) if geo in told]
    if len(here) < LEAST_MUNICIPALITIES or not np.isfinite(events[country]).all():
        return pd.DataFrame()
    ratio = indirectly_standardised_ratio(
        events[here], person_years[here], events[country], person_years[country]
    )
    observed = events[here].sum(axis=1)
    expected = observed / ratio.value
    by_chance = benchmark_error(1.0, expected, kind="ratio")
    dispersion = overdispersion(ratio.value, 1.0, by_chance)
    limits = [funnel_limits(1.0, expected, kind="ratio", level=at) for at in LIMITS.values()]
    place = sum((ratio.value > x.upper).astype(int) - (ratio.value < x.lower) for x in limits)
    period = counts.labels[["first_year", "last_year"]].max()
    return pd.DataFrame(
        {
            "geo": [geos[position] for position in here],
            "indicator": indicator.id,
            "first_year": int(period["first_year"]),
            "last_year": int(period["last_year"]),
            "observed": observed,
            "expected": expected,
            "ratio": ratio.value,
            "lower": ratio.lower,
            "upper": ratio.upper,
            "shrunk": empirical_bayes(observed, expected, per=1.0).value,
            "place": place,
            "dispersion": dispersion.factor,
        }
    )


def _counted(frame: pd.DataFrame, indicator: str, register: Register) -> set[str]:
    """Return the municipalities whose count of events is shown: no other may be told from a ratio.

    Means over all that were not shown would let it be computed just as well.
    """
    rows = frame[(frame["indicator"] == indicator) & (frame["sex"] == TOTAL)]
    latest = rows[(rows["last_year"] == rows["last_year"].max()) & rows["numerator"].notna()]
    return set(latest["geo"]) & {m.id for m in register.municipalities}


def _by_sex_and_age(counts: Counts) -> tuple[Floats, Floats, list[str]]:
    """Return events and person-years of the latest period, geo by sex and age, and the geos."""
    labels = counts.labels
    latest = labels["last_year"] == labels["last_year"].max()
    sides = []
    for sex in ("female", "male"):
        rows = np.flatnonzero(latest & (labels["sex"] == sex))
        order = rows[np.argsort(labels["geo"].to_numpy()[rows], kind="stable")]
        sides.append(order)
    geos = labels["geo"].to_numpy()
    assert (geos[sides[0]] == geos[sides[1]]).all(), "both sexes have the same geos"
    joined = [
        np.hstack([array[side] for side in sides]) for array in (counts.events, counts.person_years)
    ]
    return joined[0], joined[1], geos[sides[0]].tolist()


def _limits(table: pd.DataFrame, indicator: str, register: Register) -> pd.DataFrame:
    least, most = table["expected"].min(), table["expected"].max()
    expected = np.linspace(np.sqrt(least), np.sqrt(most), STEPS) ** 2
    parts = []
    for name, level in LIMITS.items():
        limits = funnel_limits(1.0, expected, kind="ratio", level=level)
        columns = {"expected": expected, "lower": limits.lower, "upper": limits.upper}
        parts.append(pd.DataFrame(columns).assign(limit=name))
    joined = pd.concat(parts, ignore_index=True)
    return joined.assign(geo=register.nation.id, indicator=indicator)
