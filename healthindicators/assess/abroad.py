"""The figures of other countries, of what the catalogue lets cross a border."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from healthindicators import observations
from healthindicators.assess.benchmarks import weighted_benchmarks
from healthindicators.assess.derive import derive
from healthindicators.assess.tables import typed
from healthindicators.geography import Register
from healthindicators.model import Indicator, Period
from healthindicators.plan import Plan
from healthindicators.vocabulary import TOTAL


def crossing(indicators: Iterable[Indicator], here: Plan, there: Plan) -> list[Indicator]:
    """Return the shown indicators that two countries have and may be compared in."""
    both = here.available & there.available
    countries = here.country.id, there.country.id
    return [i for i in indicators if i.shown and i.id in both and i.may_cross(*countries)]


def national(
    observed: pd.DataFrame,
    plan: Plan,
    register: Register,
    wanted: Iterable[Indicator],
    latest: Mapping[str, Period],
) -> pd.DataFrame:
    """Return a figure of a whole country in each indicator: published, computed or weighted.

    Parameters
    ----------
    observed : pandas.DataFrame
        Its observation table.
    plan : Plan
        What is computed from it.
    register : Register
        Its geos.
    wanted : iterable of Indicator
        What is told of it.
    latest : mapping of str to Period
        The latest period of the country that is told, by indicator. The figure is of the period
        nearest to it, or the latest where that is older: like years stand side by side.

    Returns
    -------
    pandas.DataFrame
        Rows with the columns of the observation table.
    """
    told = [indicator for indicator in wanted if indicator.id in latest]
    derived = derive(observed, plan.computations, register)
    published = [i for i in told if plan.basis[i.id] != "computed"]
    weighted = weighted_benchmarks(derived, published, register)
    rows = _whole(pd.concat([weighted, derived], ignore_index=True), register)
    rows = rows[rows["indicator"].isin([i.id for i in told])]
    chosen = {
        id: newest if newest.last <= latest[id].last else latest[id].nearest(_periods(rows, id))
        for id, newest in latest_periods(rows, register).items()
    }
    periods = map(Period, rows["first_year"], rows["last_year"])
    side_by_side = [chosen[id] == p for id, p in zip(rows["indicator"], periods, strict=True)]
    return observations.table(rows[side_by_side])


def latest_periods(estimates: pd.DataFrame, register: Register) -> dict[str, Period]:
    """Return the latest period that a whole country has a figure of, by indicator."""
    rows = _whole(estimates, register)
    return {
        str(id): max(_periods(rows, id), key=lambda p: (p.last, p.first))
        for id in rows["indicator"].unique()
    }


def _whole(rows: pd.DataFrame, register: Register) -> pd.DataFrame:
    """Return the known figures of all people of a country."""
    rows = rows[(rows["geo"] == register.nation.id) & rows["value"].notna()]
    return rows[(rows["sex"] == TOTAL) & (rows["stratum"] == TOTAL)]


def _periods(rows: pd.DataFrame, indicator: str) -> list[Period]:
    here = rows.loc[rows["indicator"] == indicator, ["first_year", "last_year"]]
    return [Period(int(first), int(last)) for first, last in here.to_numpy()]


def abroad(
    here: Plan, others: Mapping[str, pd.DataFrame], credits_of: Mapping[str, str]
) -> pd.DataFrame:
    """Return a row an indicator and other country.

    Parameters
    ----------
    here : Plan
        Of the country that is told of others.
    others : mapping of str to pandas.DataFrame
        National figures of each other country, by its id.
    credits_of : mapping of str to str
        Whom to credit for each snapshot: provider and table.
    """
    parts = [
        rows.assign(
            country=country,
            geo=here.country.id,
            credit=[_credit(joined, credits_of) for joined in rows["snapshot"]],
        )
        for country, rows in others.items()
    ]
    return typed("abroad", pd.concat(parts, ignore_index=True) if parts else pd.DataFrame())


def _credit(joined: str, credits_of: Mapping[str, str]) -> str:
    return observations.joined(dict.fromkeys(credits_of[s] for s in observations.parted(joined)))
