"""Observations into estimates and comparisons, for all geos of a country at once.

Statistics compute and know no policy; here it is decided what is computed from what, what is withheld
because it rests on too little, and how a municipality compares. A profile only selects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from healthindicators import observations
from healthindicators.assess.benchmarks import weighted_benchmarks, without_shares
from healthindicators.assess.certainty import with_certainty
from healthindicators.assess.compare import compare
from healthindicators.assess.derive import derive
from healthindicators.assess.funnels import funnels
from healthindicators.assess.inequality import inequality
from healthindicators.assess.peers import peers
from healthindicators.assess.place import with_places
from healthindicators.assess.sexes import sexes
from healthindicators.assess.strata import strata
from healthindicators.assess.trends import trends
from healthindicators.disclosure import disclose, parents_of
from healthindicators.geography import Register
from healthindicators.model import Indicator
from healthindicators.plan import Plan

__all__ = ["Assessment", "assess", "compare", "derive", "weighted_benchmarks"]


@dataclass(frozen=True)
class Assessment:
    """What was computed for a country.

    `estimates` has the columns of the observation table: the shown indicators in every geo, published
    or computed. `comparisons` has one row an indicator and municipality, in the latest period.
    `beside` has the tables whose columns `assess.tables` declares.
    """

    estimates: pd.DataFrame
    comparisons: pd.DataFrame
    beside: Mapping[str, pd.DataFrame]


def assess(
    observed: pd.DataFrame,
    plan: Plan,
    register: Register,
    indicators: Mapping[str, Indicator],
    neighbours: NDArray[np.bool_],
) -> Assessment:
    """Return what is computed from a country's observations.

    Parameters
    ----------
    observed : pandas.DataFrame
        The observation table.
    plan : Plan
        What is computed, in which order.
    register : Register
        The country's geos.
    indicators : mapping of str to Indicator
        The catalogue.
    neighbours : array of bool, shape (municipalities, municipalities)
        Which municipalities lie beside each other, in the order of the register.
    """
    derived = derive(observed, plan.computations, register)
    shown = [id for id in plan.available if indicators[id].shown]
    # A rate of residents is the published count over them: its mean by residents is the rate of all.
    published = [
        id for id in shown if plan.basis[id] != "computed" or _per_residents(indicators[id])
    ]
    weighted = weighted_benchmarks(derived, [indicators[id] for id in published], register)
    # A mean takes the place of a row that says that nothing is published for the geo.
    both = pd.concat([weighted, derived], ignore_index=True)
    everything = observations.table(both.drop_duplicates(observations.KEY, keep="first"))
    is_shown = everything["indicator"].isin(shown)
    counts, estimates = everything[~is_shown], everything[is_shown].reset_index(drop=True)
    estimates = without_shares(estimates, indicators)
    # From here on nothing is told that is not in these rows, or was no count of persons.
    estimates = disclose(estimates, indicators, parents_of(register.geos))
    observations.validate(estimates, indicators, register.known)
    known = pd.concat([counts, estimates], ignore_index=True)
    told = [indicators[id] for id in sorted(shown)]
    comparisons = compare(estimates, told, register)
    comparisons = with_places(with_certainty(comparisons, told), register, neighbours)
    measures, curves = inequality(known, told, plan.country.conditions, register)
    ratios, limits = funnels(known, told, register)
    beside = {
        "inequality": measures,
        "curves": curves,
        "funnels": ratios,
        "limits": limits,
        "sexes": sexes(estimates, told, register),
        "strata": strata(estimates, told),
        "trends": trends(estimates, told, register),
        "peers": peers(known, plan.country.likeness, register),
    }
    return Assessment(estimates, comparisons, beside)


def _per_residents(indicator: Indicator) -> bool:
    return indicator.derivation is not None and indicator.derivation.method == "per-residents"
