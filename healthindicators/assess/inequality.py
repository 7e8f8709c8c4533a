"""Inequality across municipalities: each indicator from the least to the most of a condition.

Municipalities are units here, put in order by a condition such as their mean income and weighted by
the residents whom the indicator is about. It tells of places; what it says of persons is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from healthindicators.assess.benchmarks import concerned
from healthindicators.assess.latest import Latest, latest
from healthindicators.assess.population import residents
from healthindicators.assess.tables import typed
from healthindicators.geography import Register
from healthindicators.model import Indicator
from healthindicators.statistics import (
    Estimate,
    concentration_curve,
    relative_concentration_index,
    relative_index,
    slope_index,
)

LEAST_MUNICIPALITIES = 20
"""With fewer, a gradient rests on a handful of places; half a dozen per fifth is little enough."""

FIFTH = 0.2

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ordered:
    """An indicator in groups of municipalities from the least to the most of a condition.

    Municipalities with the same figure of the condition are one group: none of them comes first.
    """

    means: Floats
    population: Floats
    municipalities: int


def inequality(
    frame: pd.DataFrame,
    shown: Sequence[Indicator],
    conditions: Sequence[str],
    register: Register,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return measures and concentration curves of each shown indicator by each condition.

    Measures have one row an indicator, condition and measure; curves one row a point.
    """
    measures: list[dict[str, object]] = []
    curves: list[dict[str, object]] = []
    orders = {id: found for id in conditions if (found := latest(frame, id, register))}
    for indicator in shown:
        found = latest(frame, indicator.id, register)
        weights = residents(frame, concerned(indicator))
        for condition, order in orders.items():
            if found is None or condition == indicator.id:
                continue
            groups = ordered(found, order, weights)
            if groups.municipalities < LEAST_MUNICIPALITIES:
                continue
            about = _about(indicator.id, condition, found, order, groups, register)
            measures += [about | row for row in _measures(groups, indicator)]
            if indicator.ratio_scale and groups.means.any():
                curves += [about | row for row in _curve(groups)]
    return typed("inequality", pd.DataFrame(measures)), typed("curves", pd.DataFrame(curves))


def ordered(found: Latest, order: Latest, weights: Mapping[str, float]) -> Ordered:
    """Return the municipalities that have value, condition and residents, in groups by condition."""
    both = pd.DataFrame({"value": found.by_geo, "condition": order.by_geo}).dropna()
    both["weight"] = both.index.map(weights).to_numpy(dtype="float64")
    both = both[both["weight"] > 0]
    both["product"] = both["value"] * both["weight"]
    groups = both.groupby("condition")[["product", "weight"]].sum()
    population = groups["weight"].to_numpy()
    return Ordered(groups["product"].to_numpy() / population, population, len(both))


def mean_of_part(groups: Ordered, first: float, last: float) -> float:
    """Return the mean over the residents from one share of all to another, both from 0 to 1."""
    ends = np.cumsum(groups.population) / groups.population.sum()
    starts = np.concatenate([[0.0], ends[:-1]])
    inside = np.clip(np.minimum(ends, last) - np.maximum(starts, first), 0, None)
    return float((inside * groups.means).sum() / inside.sum())


def _about(
    indicator: str,
    condition: str,
    found: Latest,
    order: Latest,
    groups: Ordered,
    register: Register,
) -> dict[str, object]:
    return {
        "geo": register.nation.id,
        "indicator": indicator,
        "condition": condition,
        "first_year": found.period.first,
        "last_year": found.period.last,
        "condition_first_year": order.period.first,
        "condition_last_year": order.period.last,
        "municipalities": groups.municipalities,
    }


def _measures(groups: Ordered, indicator: Indicator) -> Iterator[dict[str, object]]:
    values, population = groups.means, groups.population
    # The scatter of municipalities around the line holds their sampling error and their own ways.
    yield _row("slope-index", slope_index(values, population, error="residual"))
    if indicator.ratio_scale and _fits(values, population):
        yield _row("relative-index", relative_index(values, population, error="residual"))
        concentration = relative_concentration_index(values, population, error="residual")
        yield _row("relative-concentration-index", concentration)
    for name, first in (("least-fifth", 0.0), ("most-fifth", 1 - FIFTH)):
        mean = mean_of_part(groups, first, first + FIFTH)
        yield {"measure": name, "value": mean, "lower": np.nan, "upper": np.nan, "method": "none"}


def _fits(values: Floats, population: Floats) -> bool:
    """Return whether the fitted line stays above zero, as a ratio of its ends needs.

    Of an indicator that is zero nearly everywhere, the line can fall below it at one end.
    """
    slope = float(slope_index(values, population, error="residual").value)
    return float(np.average(values, weights=population)) > abs(slope) / 2


def _row(measure: str, estimate: Estimate) -> dict[str, object]:
    return {
        "measure": measure,
        "value": float(estimate.value),
        "lower": float(estimate.lower),
        "upper": float(estimate.upper),
        "method": estimate.method,
    }


def _curve(groups: Ordered) -> Iterator[dict[str, object]]:
    curve = concentration_curve(groups.means, groups.population)
    for people, total in zip(curve.population, curve.value, strict=True):
        yield {"residents": float(people), "total": float(total)}
