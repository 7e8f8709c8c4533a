"""Observations into estimates and comparisons, for all geos of a country at once.

Statistics compute and know no policy; here it is decided what is computed from what, what is withheld
because it rests on too little, and how a municipality compares. A profile only selects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from healthindicators import observations
from healthindicators.assess.benchmarks import weighted_benchmarks
from healthindicators.assess.compare import compare
from healthindicators.assess.derive import derive
from healthindicators.geography import Register
from healthindicators.model import Indicator
from healthindicators.plan import Plan

__all__ = ["Assessment", "assess", "compare", "derive", "weighted_benchmarks"]


@dataclass(frozen=True)
class Assessment:
    """What was computed for a country.

    `estimates` has the columns of the observation table: the shown indicators in every geo, published
    or computed. `comparisons` has one row an indicator and municipality, in the latest period.
    """

    estimates: pd.DataFrame
    comparisons: pd.DataFrame


def assess(
    observed: pd.DataFrame, plan: Plan, register: Register, indicators: Mapping[str, Indicator]
) -> Assessment:
    """Return estimates and comparisons of a country's observations."""
    derived = derive(observed, plan.computations, register)
    shown = [id for id in plan.available if indicators[id].shown]
    published = [id for id in shown if plan.basis[id] != "computed"]
    weighted = weighted_benchmarks(derived, [indicators[id] for id in published], register)
    # A mean takes the place of a row that says that nothing is published for the geo.
    both = pd.concat([weighted, derived], ignore_index=True)
    everything = observations.table(both.drop_duplicates(observations.KEY, keep="first"))
    estimates = everything[everything["indicator"].isin(shown)].reset_index(drop=True)
    observations.validate(estimates, indicators, register.known)
    return Assessment(estimates, compare(estimates, [indicators[id] for id in shown], register))
