"""The figures of other countries, of what the catalogue lets cross a border."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from healthindicators import observations
from healthindicators.assess.benchmarks import weighted_benchmarks
from healthindicators.assess.derive import derive
from healthindicators.assess.tables import typed
from healthindicators.geography import Register
from healthindicators.model import Indicator
from healthindicators.plan import Plan
from healthindicators.vocabulary import TOTAL


def crossing(indicators: Iterable[Indicator], here: Plan, there: Plan) -> list[Indicator]:
    """Return the shown indicators that two countries have and may be compared in."""
    both = here.available & there.available
    countries = here.country.id, there.country.id
    return [i for i in indicators if i.shown and i.id in both and i.may_cross(*countries)]


def national(
    observed: pd.DataFrame, plan: Plan, register: Register, wanted: Iterable[Indicator]
) -> pd.DataFrame:
    """Return the latest figure of a whole country in each indicator: published, computed or weighted.

    Returns
    -------
    pandas.DataFrame
        Rows with the columns of the observation table.
    """
    told = list(wanted)
    derived = derive(observed, plan.computations, register)
    published = [i for i in told if plan.basis[i.id] != "computed"]
    weighted = weighted_benchmarks(derived, published, register)
    rows = pd.concat([weighted, derived], ignore_index=True)
    rows = rows[rows["indicator"].isin([i.id for i in told]) & (rows["geo"] == register.nation.id)]
    rows = rows[(rows["sex"] == TOTAL) & (rows["stratum"] == TOTAL) & rows["value"].notna()]
    latest = rows.sort_values(["last_year", "first_year"], kind="stable").groupby("indicator")
    return observations.table(latest.tail(1))


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
