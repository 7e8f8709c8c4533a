"""Disclosure applied to the observation table of a country.

A row tells a count in several ways: in words (numerator), through its denominator, and through value
and limits, whose asymmetry says how many events they rest on. A row is therefore withheld whole. Only
where a standardised figure rests on so many events that its rounded numbers leave the count open by far
may the counts alone be withheld: the figure is then rounded as readers see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from healthindicators.disclosure.audit import audit
from healthindicators.disclosure.cells import Publication
from healthindicators.disclosure.primary import Limits
from healthindicators.disclosure.rows import Rows
from healthindicators.disclosure.sums import CELL, Parents
from healthindicators.model import Indicator


def disclose(
    estimates: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    parents: Parents,
    *,
    earlier: Sequence[pd.DataFrame] = (),
    tolerance: float = 0.0,
    limits: Mapping[str, Limits] | None = None,
) -> pd.DataFrame:
    """Return the table as it may be shown: small counts withheld, and what would give them away.

    Parameters
    ----------
    estimates : pandas.DataFrame
        Rows with the columns of the observation table.
    indicators : mapping of str to Indicator
        The catalogue: limits, measures and what a computed indicator is computed from.
    parents : mapping of str to sequence of str
        For each single geo the geos it is part of, as `parents_of` returns.
    earlier : sequence of pandas.DataFrame
        The same table as earlier editions published it. What was hidden there stays hidden.
    tolerance : float
        By how much a count may have been revised since then.
    limits : mapping of str to Limits, optional
        In place of those that indicators declare.

    Returns
    -------
    pandas.DataFrame
        The same rows in the same order. A withheld row has no numbers, the status `suppressed` and
        a reason. Disclosing twice changes nothing.

    Raises
    ------
    DataError
        If published sums contradict each other, or a count cannot be protected any more.
    """
    rows = Rows(estimates, indicators, parents, limits or {})
    rows.hide_primary()
    before = [Rows(e, indicators, parents, limits or {}) for e in earlier]
    # What protects one quantity may open a gap in another: until nothing more is needed.
    found = True
    while found:
        found = False
        for quantity in list(rows.quantities(before)):
            found |= rows.protect(quantity, before, tolerance)
    return rows.result.set_axis(estimates.index)


def attack(
    shown: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    parents: Parents,
    *,
    earlier: Sequence[pd.DataFrame] = (),
    tolerance: float = 0.0,
    full: bool = True,
) -> pd.DataFrame:
    """Return every hidden cell of a published table with what an intruder learns of it.

    Only what is in `shown`, and in `earlier`, is used.

    Returns
    -------
    pandas.DataFrame
        One row a hidden cell: `quantity`, `column`, the labels of the cell, `lower`, `upper`,
        `recovered` and `narrow`.
    """
    rows = Rows(shown, indicators, parents, {})
    before = [Rows(e, indicators, parents, {}) for e in earlier]
    found = []
    for quantity in rows.quantities(before):
        cells, table, past = rows.table(quantity, before, tolerance)
        # What one row withholds and another tells is published all the same.
        told = np.flatnonzero(cells["told"] & cells["hidden"])
        leak = Publication(table.matrix[told], cells["count"].to_numpy()[told])
        report = audit(table, table.hidden, [*past, leak], full=full)
        part = cells.loc[report.cells, CELL].assign(
            quantity=quantity.name,
            column=quantity.column,
            lower=report.lower,
            upper=report.upper,
            recovered=report.recovered,
            narrow=report.narrow,
        )
        found.append(part)
    columns = ["quantity", "column", *CELL, "lower", "upper", "recovered", "narrow"]
    return pd.concat([pd.DataFrame(columns=columns), *found])[columns].reset_index(drop=True)
