"""Figures on the codes of one edition of the municipal map, brought to those of a later one.

An edition is the municipalities of a calendar year. `harmonise` takes rows of figures, the edition
that their codes are of, and the denominators of values where they are known, and gives the rows on
the codes of another edition, today's unless told otherwise:

>>> from healthindicators.geography import register
>>> geos = register.parse("XX", '''code,level,name_nb,aliases,region,group,valid_from,valid_to
... XX,country,Landet,,,,0,
... 1,municipality,Vest,,,,2013,2019
... 2,municipality,Øst,,,,2013,2019
... 3,municipality,Ny,,,,2020,
... ''', '''old_code,new_code,year,kind,weight,weight_source,note
... 1,3,2020,merge,1,,
... 2,3,2020,merge,1,,
... ''')
>>> rows = pd.DataFrame({
...     "indicator": "turnout", "geo": ["XX-1", "XX-2"], "first_year": 2019, "last_year": 2019,
...     "sex": "total", "age": "total", "stratifier": "total", "stratum": "total",
...     "value": [60.0, 80.0], "status": "observed", "reason": "", "snapshot": "a",
...     "measure": "value"})
>>> residents = pd.DataFrame({"geo": ["XX-1", "XX-2"], "weight": [3000, 1000]})
>>> found = harmonise(rows, geos, since=2019, weights=Weights(residents, 2019, "residents 2019"))
>>> found.rows[["geo", "value", "status", "reason"]].to_dict("records")
[{'geo': 'XX-3', 'value': 65.0, 'status': 'derived', 'reason': 'recast'}]
>>> [problem.what for problem in harmonise(rows, geos, since=2019).refused]
['no weight is known to bring XX-1 + XX-2 to XX-3']

What happens to a row:

- A code that was renumbered, and nothing else, keeps all it has: value, status, interval.
- A merge adds counts up and weighs values (rates, means, shares) by their denominators.
- A split apportions counts by the weight that the change states. A value through a split is refused,
  for a part has the rate of the whole only if both parts are alike, and nothing at hand says that
  they are: Haram left Ålesund because it is unlike it. A municipality merged from a part of another
  is refused for the same reason. Where all parts of a split came together again, the whole is one.
- What cannot be brought over stays as a row without value: status ``missing``, reason ``no-weight``.

What was merged is ``derived`` with reason ``recast``, what was apportioned with reason ``apportioned``;
neither has an interval, and either is ``unreliable`` or ``provisional`` where a part was. A sum or
mean with a part that has no value has none either: it is ``suppressed`` if any part is, else
``missing`` if any part is or has no row, and ``not-applicable`` only if every part is. Where some parts
are not applicable and others have values it is missing, for a question that does not arise is no zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from healthindicators.errors import DataError, Problem
from healthindicators.geography.changes import FOREVER
from healthindicators.geography.recast import (
    COLUMNS,
    KEY,
    NO_WEIGHT,
    WEIGHT_KEYS,
    Weights,
    find_routes,
    problem,
    recast_rows,
    weights_of,
)
from healthindicators.geography.register import Register
from healthindicators.model import Level

MEASURES = ("count", "value")
WHERE = "rows to harmonise"
RECASTING = ["indicator", "geo", "kind", "parts", "weight_source"]


@dataclass(frozen=True)
class Harmonised:
    """Figures on the codes of the edition asked for, and how they came there.

    `recasting` has a row for every indicator and municipality whose code or borders have changed:
    `kind` is ``renumbered``, ``merged``, ``split`` (counts apportioned) or ``refused``; `parts` are
    the ids it came from, joined by `observations.AND`; `weight_source` says how they were weighed.
    `refused` tells each row that lost its value because no weight is known.
    """

    rows: pd.DataFrame
    recasting: pd.DataFrame
    refused: tuple[Problem, ...]


def harmonise(
    rows: pd.DataFrame,
    register: Register,
    *,
    since: int | pd.Series,
    to: int | None = None,
    weights: Weights | None = None,
) -> Harmonised:
    """Bring figures to the codes of another edition.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns indicator, geo (ids), first_year, last_year, sex, age, stratifier, stratum, value,
        status, reason, snapshot and measure (``count`` or ``value``); of others, only rows that are
        not recast keep what is in them. Geos that are no municipalities stay as they are.
    register : Register
        The country's geos and changes.
    since : int or pandas.Series of int
        The edition that the codes are of; a series gives it for each row (see `editions`).
    to : int, optional
        The edition wanted, not before `since`; today's if none is given.
    weights : Weights, optional
        Denominators of the values. Without them, values of merged municipalities are refused.

    Returns
    -------
    Harmonised
        Rows that are not recast come first and in their order.

    Raises
    ------
    DataError
        With every code that is not one of its edition, every row that stands twice, a measure that
        is none, weights that are ambiguous, or a way back in time.
    """
    last = FOREVER if to is None else to
    years = since if isinstance(since, pd.Series) else pd.Series(since, index=rows.index)
    problems = [*_misuse(rows), *_misweighed(weights, register)]
    problems = problems or _foreign(rows, register, years, last)
    if problems:
        raise DataError(problems)
    found = [
        _from_one_edition(rows[years == year], register, int(year), last, weights)
        for year in sorted(years.unique())
    ]
    if not found:
        return Harmonised(rows, pd.DataFrame(columns=RECASTING, dtype="str"), ())
    told = pd.concat([f.recasting for f in found], ignore_index=True).drop_duplicates()
    brought = pd.concat([f.rows for f in found], ignore_index=True)
    twice = brought[brought.duplicated([*KEY, "geo"])]
    if len(twice):
        what = "a row stands twice once it is brought over"
        raise DataError(
            [Problem(what, WHERE, None, f"{r.geo} {r.indicator}") for r in twice.itertuples()]
        )
    return Harmonised(
        brought,
        told.sort_values(RECASTING, ignore_index=True),
        tuple(problem for f in found for problem in f.refused),
    )


def editions(
    register: Register, ids: pd.Series, last_years: pd.Series, codes_of: int | None
) -> pd.Series:
    """Return for each row the edition that its code is of.

    It is `codes_of` where the code was valid then, else the last year of the row's period: providers
    who recast their series leave what they cannot split on its old code. A code that is valid in
    neither year is given `codes_of`, and `harmonise` refuses it.
    """
    if codes_of is None:
        return last_years
    fixed = pd.Series(codes_of, index=ids.index, dtype="int64")
    own = ~register.valid(ids, fixed) & register.valid(ids, last_years)
    return fixed.where(~own, last_years)


def _misuse(rows: pd.DataFrame) -> list[Problem]:
    absent = [c for c in COLUMNS if c not in rows]
    if absent:
        return [Problem(f"no column {', '.join(absent)}", WHERE)]
    odd = sorted(set(rows["measure"].unique()) - set(MEASURES))
    return [Problem(f"unknown measure '{m}'", WHERE, None, ", ".join(MEASURES)) for m in odd]


def _misweighed(weights: Weights | None, register: Register) -> list[Problem]:
    """Return what is wrong with weights: codes of another edition, doubles, no numbers."""
    if weights is None:
        return []
    rows, known = weights.rows, {g.id for g in register.edition(weights.edition)}
    keys = [c for c in WEIGHT_KEYS if c in rows]
    rules = {
        f"no municipality of {weights.edition}": ~rows["geo"].isin(list(known)),
        "a weight stands twice": rows.duplicated(keys),
        "a weight is no number from 0 on": ~((rows["weight"] >= 0) & np.isfinite(rows["weight"])),
    }
    return [
        Problem(what, weights.source, None, " ".join(map(str, row)))
        for what, broken in rules.items()
        for row in rows.loc[broken, keys].itertuples(index=False)
    ]


def _foreign(rows: pd.DataFrame, register: Register, years: pd.Series, to: int) -> list[Problem]:
    """Return a problem for each code that is not of its edition, and each edition after `to`."""
    pairs = pd.DataFrame({"geo": rows["geo"], "year": years}).drop_duplicates()
    problems = [
        Problem(f"figures of {year} cannot be brought back to {to}", WHERE)
        for year in sorted(pairs["year"].unique())
        if year > to
    ]
    for id, year in pairs.itertuples(index=False):
        geo = register.by_id.get(id)
        if geo is None:
            problems.append(Problem(f"unknown geo '{id}'", WHERE))
        elif geo.level is Level.MUNICIPALITY and not geo.valid_from <= year <= geo.valid_to:
            until = "" if geo.valid_to == FOREVER else f" to {geo.valid_to}"
            what = f"'{id}' is no code of {year}: it holds from {geo.valid_from}{until}"
            problems.append(Problem(what, WHERE))
    return problems


def _from_one_edition(
    rows: pd.DataFrame, register: Register, since: int, to: int, weights: Weights | None
) -> Harmonised:
    if isinstance(rows["geo"].dtype, pd.CategoricalDtype):
        rows = rows.assign(geo=rows["geo"].astype("str"))  # new codes are no categories of theirs
    routes = find_routes(register, since, to)
    codes, ids = pd.factorize(rows["geo"])
    recast = np.isin(ids.astype(object), list(routes.joined))[codes]
    kept, changed = rows[~recast], rows[recast]
    new = pd.Series([routes.alone.get(id, id) for id in ids], dtype=rows["geo"].dtype)
    kept = kept.assign(geo=new.take(codes[~recast]).set_axis(kept.index))
    told = _renumberings(rows["indicator"][~recast], ids, new, codes[~recast])
    if changed.empty:
        return Harmonised(kept, told, ())
    merged = recast_rows(changed, routes, weights and weights_of(weights, register, since))
    return Harmonised(
        pd.concat([kept, merged[rows.columns]], ignore_index=True),
        pd.concat([told, _recastings(merged)], ignore_index=True),
        tuple(_refusals(merged)),
    )


def _renumberings(
    indicators: pd.Series, ids: pd.Index, new: pd.Series, codes: NDArray[np.int64]
) -> pd.DataFrame:
    """Return which municipality each indicator was carried over from, where its code is another."""
    moved = (np.asarray(ids) != new.to_numpy())[codes]
    pairs = pd.DataFrame({"indicator": indicators[moved].to_numpy(), "code": codes[moved]})
    pairs = pairs.drop_duplicates(ignore_index=True)
    code = pairs["code"].to_numpy()
    return pd.DataFrame(
        {
            "indicator": pairs["indicator"],
            "geo": new.take(code).to_numpy(),
            "kind": "renumbered",
            "parts": np.asarray(ids)[code],
            "weight_source": "",
        }
    ).astype("str")


def _recastings(merged: pd.DataFrame) -> pd.DataFrame:
    """Return how each indicator came to each municipality that was merged or split."""
    split = np.where(merged["whole"], "merged", "split")
    by = merged["weights"].where(merged["measure"] == "value", merged["shares"])
    told = merged.assign(
        kind=np.where(merged["refused"], "refused", split),
        weight_source=by.mask(merged["refused"], ""),
    )
    return told[RECASTING].drop_duplicates(ignore_index=True).astype("str")


def _refusals(merged: pd.DataFrame) -> list[Problem]:
    """Return each row that lost its value, and only for want of a weight."""
    lost = merged[merged["refused"] & (merged["reason"] == NO_WEIGHT)]
    return [
        problem(f"no weight is known to bring {row.parts} to {row.geo}", row)
        for row in lost.astype(object).itertuples(index=False)
    ]
