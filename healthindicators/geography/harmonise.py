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

What was merged or apportioned is ``derived`` with reason ``recast`` and has no interval; it is
``unreliable`` where a part was. A sum or mean with a part that has no value has none either: it is
``suppressed`` if any part is, else ``missing`` if any part is or has no row at all, and
``not-applicable`` only if every part is. Where some parts are not applicable and others have values
it is missing, for a question that does not arise is not a zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from healthindicators import observations
from healthindicators.errors import DataError, Problem
from healthindicators.geography.changes import FOREVER, carried, split_sources
from healthindicators.geography.register import Register
from healthindicators.model import Level
from healthindicators.vocabulary import STATUSES_WITH_VALUE, TOTAL

KEY = [
    "indicator", "first_year", "last_year", "sex", "age", "stratifier", "stratum", "measure",
]  # fmt: skip
"""What rows that become one row have in common, the geo apart."""

COLUMNS = [*KEY, "geo", "value", "status", "reason", "snapshot"]
MEASURES = ("count", "value")
RECASTING = ["indicator", "geo", "kind", "parts", "weight_source"]


@dataclass(frozen=True)
class Weights:
    """The denominators that values of merged municipalities are weighed by.

    `rows` has the columns geo and weight, and of sex, age and stratum those that the weights differ
    by. A weight holds for the rows whose sex, age and stratum are its own. Without a column sex or
    age it holds for all; without a column stratum it holds only for rows that are not split by one,
    because how many immigrants, say, live in a municipality does not follow from how many residents.

    `edition` is the year that its codes are of, `source` says to a reader what the weights are, and
    `snapshot` which bytes they came from, if any.
    """

    rows: pd.DataFrame
    edition: int
    source: str
    snapshot: str = ""


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


@dataclass(frozen=True)
class _Routes:
    """How the codes of one edition come to another: those alone and whole, and all others."""

    alone: dict[str, str]
    joined: pd.DataFrame = field(repr=False)


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
    problems = [*_misuse(rows, weights), *_foreign(rows, register, years, last)]
    if problems:
        raise DataError(problems)
    found = [
        _from_one_edition(rows[years == year], register, int(year), last, weights)
        for year in sorted(years.unique())
    ]
    if not found:
        return Harmonised(rows, pd.DataFrame(columns=RECASTING, dtype="str"), ())
    told = pd.concat([f.recasting for f in found], ignore_index=True).drop_duplicates()
    return Harmonised(
        pd.concat([f.rows for f in found], ignore_index=True),
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


def _misuse(rows: pd.DataFrame, weights: Weights | None) -> list[Problem]:
    absent = [c for c in COLUMNS if c not in rows]
    if absent:
        return [Problem(f"no column {', '.join(absent)}", "rows to harmonise")]
    odd = sorted(set(rows["measure"].unique()) - set(MEASURES))
    problems = [Problem(f"unknown measure '{m}'", "rows to harmonise") for m in odd]
    if weights is not None:
        keys = _weight_keys(weights)
        twice = weights.rows[weights.rows.duplicated(keys)]
        problems += [
            Problem(f"{' '.join(map(str, row))} has two weights", weights.source)
            for row in twice[keys].itertuples(index=False)
        ]
        bad = ~(weights.rows["weight"] >= 0) | np.isinf(weights.rows["weight"])
        problems += [
            Problem(f"the weight of {id} is no number from 0 on", weights.source)
            for id in weights.rows.loc[bad, "geo"]
        ]
    return problems


def _foreign(rows: pd.DataFrame, register: Register, years: pd.Series, to: int) -> list[Problem]:
    """Return a problem for each code that is not of its edition, and each edition after `to`."""
    pairs = pd.DataFrame({"geo": rows["geo"], "year": years}).drop_duplicates()
    problems = [
        Problem(f"figures of {year} cannot be brought back to {to}", "rows to harmonise")
        for year in sorted(pairs["year"].unique())
        if year > to
    ]
    for id, year in pairs.itertuples(index=False):
        geo = register.by_id.get(id)
        if geo is None:
            problems.append(Problem(f"unknown geo '{id}'", "rows to harmonise"))
        elif geo.level is Level.MUNICIPALITY and not geo.valid_from <= year <= geo.valid_to:
            until = "" if geo.valid_to == FOREVER else f" to {geo.valid_to}"
            what = f"'{id}' is no code of {year}: it holds from {geo.valid_from}{until}"
            problems.append(Problem(what, "rows to harmonise"))
    return problems


def _from_one_edition(
    rows: pd.DataFrame, register: Register, since: int, to: int, weights: Weights | None
) -> Harmonised:
    routes = _routes(register, since, to)
    codes, ids = pd.factorize(rows["geo"])
    recast = np.isin(ids, routes.joined["geo"])[codes] if len(rows) else np.zeros(0, bool)
    kept = rows[~recast]
    new = pd.Series([routes.alone.get(id, id) for id in ids], dtype=rows["geo"].dtype)
    if routes.alone:
        kept = kept.assign(geo=new.take(codes[~recast]).set_axis(kept.index))
    told = _renumberings(rows["indicator"][~recast], ids, new, codes[~recast])
    if not recast.any():
        return Harmonised(kept, told, ())
    changed, recasting, refused = _recast(rows[recast], routes, register, since, to, weights)
    return Harmonised(
        pd.concat([kept, changed], ignore_index=True),
        pd.concat([told, recasting], ignore_index=True),
        refused,
    )


def _renumberings(
    indicators: pd.Series, ids: pd.Index, new: pd.Series, codes: NDArray[np.int64]
) -> pd.DataFrame:
    moved = (np.asarray(ids) != new.to_numpy())[codes]
    pairs = pd.DataFrame({"indicator": indicators[moved].to_numpy(), "code": codes[moved]})
    pairs = pairs.drop_duplicates(ignore_index=True)
    return pd.DataFrame(
        {
            "indicator": pairs["indicator"],
            "geo": new.take(pairs["code"]).to_numpy(),
            "kind": "renumbered",
            "parts": pd.Series(ids).take(pairs["code"]).to_numpy(),
            "weight_source": "",
        },
        columns=RECASTING,
    ).astype("str")


@lru_cache(maxsize=64)
def _routes_of(register_key: int, since: int, to: int) -> None:  # pragma: no cover
    raise NotImplementedError
