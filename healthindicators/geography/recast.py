"""The arithmetic of merges and splits: rows of old municipalities become rows of new ones.

`harmonise` says what is done and why; here it is done, for all rows at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from healthindicators import observations
from healthindicators.errors import DataError, Problem
from healthindicators.geography.changes import carried, split_sources
from healthindicators.geography.register import Register
from healthindicators.vocabulary import STATUSES_WITH_VALUE, TOTAL

KEY = [
    "indicator", "first_year", "last_year", "sex", "age", "stratifier", "stratum", "measure",
]  # fmt: skip
"""What rows that become one row have in common, the geo apart."""

COLUMNS = [*KEY, "geo", "value", "status", "reason", "snapshot"]
WEIGHT_KEYS = ("geo", "sex", "age", "stratum")
NO_WEIGHT = "no-weight"
RECAST = "recast"
APPORTIONED = "apportioned"
"""Of a count that holds the share of a municipality that was split."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


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
class Part:
    """A municipality, or the share of one, that a new municipality is made of."""

    new: str
    share: float


@dataclass(frozen=True)
class New:
    """A municipality made of several, or of a part of one: of what, and by which weights."""

    parts: tuple[str, ...]
    whole: bool
    sources: str


@dataclass(frozen=True)
class Routes:
    """How the codes of one edition come to another: alone and whole, or any other way."""

    alone: Mapping[str, str]
    joined: Mapping[str, tuple[Part, ...]]
    made: Mapping[str, New]


def find_routes(register: Register, since: int, to: int) -> Routes:
    """Return where every municipality of the edition `since` goes until the edition `to`."""
    ids = [g.id for g in register.edition(since)]
    shares = carried(register.changes, ids, since, to)
    origins: dict[str, list[str]] = {}
    for old, parts in shares.items():
        for new in parts:
            origins.setdefault(new, []).append(old)
    alone, joined = {}, {}
    for old, parts in shares.items():
        (new, share), *more = parts.items()
        if not more and share == 1.0 and len(origins[new]) == 1:
            alone[old] = new
        else:
            joined[old] = tuple(Part(new, share) for new, share in parts.items())
    made = {}
    for new in {part.new for parts in joined.values() for part in parts}:
        halves = [old for old in origins[new] if shares[old][new] < 1.0]
        sources = {s for old in halves for s in split_sources(register.changes, old, since, to)}
        told = observations.AND.join(sorted(sources))
        made[new] = New(tuple(sorted(origins[new])), not halves, told)
    return Routes(alone, joined, made)


def weights_of(weights: Weights, register: Register, since: int) -> Weights:
    """Return the weights on the codes of the edition `since`, as far as they can be brought there.

    Later weights are known for the municipalities that were only renumbered in between, earlier
    ones also for those that were merged of whole parts: weights are counts, and add up.
    """
    rows = weights.rows
    if weights.edition >= since:
        alone = find_routes(register, since, weights.edition).alone
        back = {new: old for old, new in alone.items()}
        geo = rows["geo"].map(back)
        return Weights(rows.assign(geo=geo)[geo.notna()], since, weights.source, weights.snapshot)
    routes = find_routes(register, weights.edition, since)
    whole = {
        old: parts[0].new for old, parts in routes.joined.items() if routes.made[parts[0].new].whole
    }
    geo = rows["geo"].map({**routes.alone, **whole})
    keys = [c for c in WEIGHT_KEYS if c in rows]
    summed = rows.assign(geo=geo)[geo.notna()].groupby(keys)["weight"].agg(["sum", "size"])
    size = Counter(routes.alone.values())
    size.update({new: len(made.parts) for new, made in routes.made.items()})
    summed = summed.reset_index().rename(columns={"sum": "weight"})
    complete = summed["size"] == summed["geo"].map(size)
    return Weights(summed.loc[complete, [*keys, "weight"]], since, weights.source, weights.snapshot)


def recast_rows(rows: pd.DataFrame, routes: Routes, weights: Weights | None) -> pd.DataFrame:
    """Return the rows of new municipalities that `rows` of their parts make.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of municipalities that go elsewhere than alone and whole.
    routes : Routes
        Where they go.
    weights : Weights or None
        Denominators on the codes of the rows.

    Returns
    -------
    pandas.DataFrame
        The columns of `rows`, and: parts and whole (of the new municipality), refused (no weight is
        known), shares and weights (where the shares of splits and the denominators are from).

    Raises
    ------
    DataError
        With every row that stands twice.
    """
    long = _long(rows, routes)
    group, size = _numbered(long, [*KEY, "new"])
    _refuse_doubles(long, group)
    first = _first(np.ones(len(long), bool), group, size)
    out = long.iloc[first].reset_index(drop=True)
    which, found = pd.factorize(out["new"])
    made = [routes.made[new] for new in found]
    expected = np.array([len(m.parts) for m in made], np.int64)[which]
    whole = np.array([m.whole for m in made], bool)[which]
    weight = _weight(long, weights)
    is_count = (out["measure"] == "count").to_numpy()
    weighable = _all(np.isfinite(weight), group, size) & (_sums(weight, group, size) > 0)
    refused = ~is_count & ~(whole & weighable)
    state = _state(long, group, size, expected, whole, refused)
    value = np.where(is_count, *_values(long, weight, group, size))
    cited = _snapshots(long, group, out["snapshot"])
    if weights is not None and weights.snapshot:
        both = {s: observations.joined([s, weights.snapshot]) for s in cited.unique()}
        cited = cited.where(is_count | refused, cited.map(both))
    has_value = state["status"].isin(STATUSES_WITH_VALUE)
    return _blanked(out).assign(
        geo=out["new"],
        value=np.where(has_value, value, np.nan),
        status=state["status"].astype("str"),
        reason=state["reason"].astype("str"),
        snapshot=cited,
        parts=pd.Series([observations.AND.join(m.parts) for m in made]).take(which).to_numpy(),
        whole=whole,
        refused=refused,
        shares=pd.Series([m.sources for m in made]).take(which).to_numpy(),
        weights="" if weights is None else weights.source,
    )


def _blanked(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows without what does not hold of the new municipality, such as an interval."""
    out = rows.copy()
    for column in set(rows) - {*COLUMNS, "new", "share"}:
        empty = "none" if column == "interval" else ""
        out[column] = np.nan if pd.api.types.is_numeric_dtype(rows[column]) else empty
    return out


def _long(rows: pd.DataFrame, routes: Routes) -> pd.DataFrame:
    """Return each row once for each municipality that it goes to, with its share."""
    pairs = [(old, part.new, part.share) for old, ps in routes.joined.items() for part in ps]
    table = pd.DataFrame(pairs, columns=["geo", "new", "share"])
    return rows.merge(table.astype({"geo": rows["geo"].dtype}), on="geo", how="inner")


def _numbered(frame: pd.DataFrame, columns: list[str]) -> tuple[Ints, int]:
    """Return a number for each row, the same where the columns are the same, and how many."""
    number, size = np.zeros(len(frame), np.int64), 1
    for column in columns:
        codes, found = pd.factorize(frame[column])
        number, seen = pd.factorize(number * len(found) + codes)
        size = len(seen)
    return number, size


def _refuse_doubles(long: pd.DataFrame, group: Ints) -> None:
    codes, found = pd.factorize(long["geo"])
    twice = pd.Series(group * len(found) + codes).duplicated().to_numpy()
    if twice.any():
        what = "the same row stands twice"
        rows = long[twice].drop_duplicates([*KEY, "geo"])
        raise DataError([problem(what, row) for row in rows.itertuples(index=False)])


def problem(what: str, row: Any) -> Problem:
    """Return what is wrong with a row, a named tuple of the table's columns."""
    return Problem(what, observations.describe(row), hint=row.snapshot)


def _weight(long: pd.DataFrame, weights: Weights | None) -> Floats:
    """Return the denominator of each row, NaN where none is known."""
    if weights is None:
        return np.full(len(long), np.nan)
    keys = [c for c in WEIGHT_KEYS if c in weights.rows]
    table = weights.rows[[*keys, "weight"]].astype({k: long[k].dtype for k in keys})
    weight = long[keys].merge(table, on=keys, how="left")["weight"].to_numpy("float64")
    if "stratum" not in keys:
        weight = np.where(long["stratum"] == TOTAL, weight, np.nan)
    return weight


def _values(long: pd.DataFrame, weight: Floats, group: Ints, size: int) -> tuple[Floats, Floats]:
    """Return sums and weighted means of each group; groups with a part without value are nonsense."""
    value = long["value"].to_numpy("float64")
    sums = _sums(long["share"].to_numpy("float64") * value, group, size)
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = _sums(weight * value, group, size) / _sums(weight, group, size)
        np.fmin.at(low, group, value)
        np.fmax.at(high, group, value)
    # A mean of equal values may be a rounding away from them, and so above 100 percent.
    return sums, np.clip(means, low, high)


def _state(
    long: pd.DataFrame, group: Ints, size: int, expected: Ints, whole: Flags, refused: Flags
) -> pd.DataFrame:
    """Return status and reason of each group: what weighs heaviest among its parts."""
    status = long["status"].to_numpy()
    reason = long["reason"].to_numpy()

    def any_is(word: str) -> tuple[Flags, Ints]:
        found = status == word
        first = _first(found, group, size)
        return first >= 0, first

    valued = _sums(np.isin(status, STATUSES_WITH_VALUE).astype(float), group, size)
    there = np.bincount(group, minlength=size)
    suppressed, first_suppressed = any_is("suppressed")
    missing, first_missing = any_is("missing")
    not_applicable, first_not = any_is("not-applicable")
    unreliable, _ = any_is("unreliable")
    provisional, _ = any_is("provisional")
    how = np.where(whole, RECAST, APPORTIONED)
    cases: list[tuple[Flags, str, object]] = [
        (suppressed, "suppressed", reason[first_suppressed]),
        (missing, "missing", reason[first_missing]),
        (there < expected, "missing", "not-covered"),
        (not_applicable & (valued == 0), "not-applicable", reason[first_not]),
        (not_applicable, "missing", "no-usable-figure"),
        (refused, "missing", NO_WEIGHT),
        (unreliable, "unreliable", how),
        (provisional, "provisional", how),
    ]
    when = [case[0] for case in cases]
    return pd.DataFrame(
        {
            "status": np.select(when, [np.full(size, c[1], object) for c in cases], "derived"),
            "reason": np.select(when, [np.full(size, c[2], object) for c in cases], how),
        }
    )


def _snapshots(long: pd.DataFrame, group: Ints, first: pd.Series) -> pd.Series:
    """Return the snapshots that each group came from, joined where there are several."""
    differs = long["snapshot"].to_numpy() != first.to_numpy()[group]
    if not differs.any():
        return first
    mixed = np.isin(group, group[differs])
    joined = long["snapshot"][mixed].groupby(group[mixed]).agg(observations.joined)
    cited = first.copy()
    cited.loc[joined.index] = joined
    return cited


def _sums(numbers: Floats, group: Ints, size: int) -> Floats:
    sums: Floats = np.bincount(group, numbers, minlength=size).astype(np.float64)
    return sums


def _all(flags: Flags, group: Ints, size: int) -> Flags:
    none: Flags = np.bincount(group[~flags], minlength=size) == 0
    return none


def _first(flags: Flags, group: Ints, size: int) -> Ints:
    """Return the first row of each group whose flag is set, -1 where there is none."""
    rows = np.flatnonzero(flags)[::-1]
    first = np.full(size, -1)
    first[group[rows]] = rows
    return first
