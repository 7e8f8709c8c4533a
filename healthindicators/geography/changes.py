"""What became of municipalities whose codes ended: renumberings, merges and splits, as data.

A country that its municipal map changes in has `changes.csv` beside its register, one row for each
old code and new code: ``old_code,new_code,year,kind,weight,weight_source,note``. `year` is the first
year of the new code; a change is made on 1 January. A code that a year does not name stays what it
is, and others may join it. The weight of a split is the share of the old municipality that goes to
the new one, with where that share is from; of a renumbering and a merge it is 1, for the whole goes.

A code stands once in the register. One that another municipality took over later could not be told
apart from the first; Norway has none from 2013 on, and such a register would be refused.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from healthindicators.errors import Problem
from healthindicators.model import Geo, Level

HEADER = ["old_code", "new_code", "year", "kind", "weight", "weight_source", "note"]
FOREVER = 9999
"""The last year of a code that has not ended."""

CLOSE = 1e-9
"""Shares that come this near to one are one: they were written as decimals."""


class Kind(StrEnum):
    """What happens to a code: another takes its place, it joins others, or it goes to several."""

    RENUMBER = "renumber"
    MERGE = "merge"
    SPLIT = "split"


@dataclass(frozen=True)
class Change:
    """One old municipality that became, joined or partly went to one new municipality.

    `old` and `new` are ids of geos. `year` is the first year of the new one. `weight` is the share
    of the old one that goes to the new one, `weight_source` where that share is from.
    """

    old: str
    new: str
    year: int
    kind: Kind
    weight: float = 1.0
    weight_source: str = ""
    note: str = ""


def parse(country: str, text: str, geos: Iterable[Geo]) -> tuple[tuple[Change, ...], list[Problem]]:
    """Read a country's changes from their CSV text and hold them against its register.

    Parameters
    ----------
    country : str
        Id of the country, such as ``NO``.
    text : str
        The CSV; empty where a country has no changes.
    geos : iterable of Geo
        The geos of its register.

    Returns
    -------
    tuple
        The changes in order of the file, and every problem: a row that cannot be read, an unknown
        code, a code that changes twice in a year, a kind or weights that do not fit, a municipality
        that begins or ends in the register without a change, or with one of another year.
    """
    where = f"changes of {country}"
    towns = {g.id: g for g in geos if g.level is Level.MUNICIPALITY}
    lines: list[tuple[int, Change]] = []
    problems: list[Problem] = []
    reader = csv.DictReader(io.StringIO(text))
    if text and reader.fieldnames != HEADER:
        return (), [Problem("the first line is not the header", where, 1, ",".join(HEADER))]
    for line, row in enumerate(reader, start=2):
        try:
            lines.append((line, _change(country, row)))
        except ValueError as error:
            problems.append(Problem(f"not a change: {error}", where, line))
    changes = tuple(change for _, change in lines)
    for line, change in lines:
        absent = [id for id in (change.old, change.new) if id not in towns]
        problems += [
            Problem(f"'{id}' is no municipality of the register", where, line) for id in absent
        ]
        if not absent:
            problems += [Problem(w, where, line) for w in _misdated(change, changes, towns)]
    problems += [Problem(what, where) for what in _misfits(changes, towns)]
    if not problems:
        problems += [Problem(what, where) for what in _gaps(changes, towns)]
    return changes, problems


def _change(country: str, row: Mapping[str | None, str]) -> Change:
    if None in row or None in row.values():
        raise ValueError("more or fewer fields than the header")
    kind, weight = Kind(row["kind"]), float(row["weight"])
    if not 0 < weight <= 1:
        raise ValueError(f"weight {row['weight']} is not above 0 and at most 1")
    if kind is not Kind.SPLIT and weight != 1:
        raise ValueError(f"of a {kind} the whole goes, not {row['weight']}")
    if kind is Kind.SPLIT and not row["weight_source"]:
        raise ValueError("a split says where its weight is from")
    old, new = (f"{country}-{row[key]}" for key in ("old_code", "new_code"))
    return Change(old, new, int(row["year"]), kind, weight, row["weight_source"], row["note"])


def _misdated(change: Change, changes: Iterable[Change], towns: Mapping[str, Geo]) -> Iterator[str]:
    """Yield where a change and the years of its two codes in the register disagree."""
    old, new, year = towns[change.old], towns[change.new], change.year
    if not old.valid_from <= year - 1 <= old.valid_to:
        yield f"'{old.id}' changes in {year} and is not valid in {year - 1}"
    if not new.valid_from <= year <= new.valid_to:
        yield f"'{new.id}' comes of a change in {year} and is not valid then"
    if old.valid_to >= year and not any(c.new == old.id and c.year == year for c in changes):
        yield f"'{old.id}' changes in {year} and is valid until {old.valid_to}"


def _misfits(changes: tuple[Change, ...], towns: Mapping[str, Geo]) -> Iterator[str]:
    """Yield what does not fit among the changes of one year: doubles, kinds, weights."""
    goes: dict[tuple[str, int], list[Change]] = defaultdict(list)
    comes: Counter[tuple[str, int]] = Counter()
    for change in changes:
        goes[change.old, change.year].append(change)
        comes[change.new, change.year] += 1
    for (old, year), found in goes.items():
        if len({c.new for c in found}) < len(found):
            yield f"'{old}' goes to the same code twice in {year}"
        if len(found) > 1 and {c.kind for c in found} != {Kind.SPLIT}:
            yield f"'{old}' changes twice in {year}, and not as a split"
        total = sum(c.weight for c in found)
        if abs(total - 1) > CLOSE and {c.kind for c in found} == {Kind.SPLIT}:
            yield f"the weights of the split of '{old}' in {year} sum to {total:g}, not to 1"
    for change in changes:
        stays = (
            change.new in towns
            and towns[change.new].valid_from < change.year
            and (change.new, change.year) not in goes
        )
        joined = comes[change.new, change.year] + stays > 1
        if change.kind is not Kind.SPLIT and joined != (change.kind is Kind.MERGE):
            others = "others become it too" if joined else "nothing else becomes it"
            yield f"'{change.old}' to '{change.new}' in {change.year} is no {change.kind}: {others}"


def _gaps(changes: tuple[Change, ...], towns: Mapping[str, Geo]) -> Iterator[str]:
    """Yield the municipalities that begin or end in the register without a change."""
    ended = {(c.old, c.year - 1) for c in changes}
    begun = {(c.new, c.year) for c in changes}
    first = min((g.valid_from for g in towns.values()), default=0)
    for geo in towns.values():
        if geo.valid_to != FOREVER and (geo.id, geo.valid_to) not in ended:
            yield f"'{geo.id}' ends with {geo.valid_to} and has no successor"
        if geo.valid_from != first and (geo.id, geo.valid_from) not in begun:
            yield f"'{geo.id}' begins in {geo.valid_from} and nothing becomes it"


def carried(
    changes: Iterable[Change], ids: Iterable[str], since: int, to: int = FOREVER
) -> dict[str, dict[str, float]]:
    """Return which share of each municipality of one edition goes where in a later one.

    Parameters
    ----------
    changes : iterable of Change
        A country's changes.
    ids : iterable of str
        Municipalities of the year `since`.
    since, to : int
        The two editions, as years; the changes of every year after `since` and up to `to` are gone
        through in order, and shares multiply.

    Returns
    -------
    dict
        For each id its shares by id; they sum to one, and a share of the whole is exactly 1.0.

    Examples
    --------
    >>> first = Change("A", "B", 2020, Kind.SPLIT, 0.25, "residents")
    >>> second = Change("A", "C", 2020, Kind.SPLIT, 0.75, "residents")
    >>> then = Change("C", "D", 2024, Kind.RENUMBER)
    >>> carried([first, second, then], ["A", "C"], 2019)
    {'A': {'B': 0.25, 'D': 0.75}, 'C': {'D': 1.0}}
    """
    waves: dict[int, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for change in changes:
        if since < change.year <= to:
            waves[change.year][change.old][change.new] = change.weight
    shares = {id: {id: 1.0} for id in ids}
    for year in sorted(waves):
        shares = {id: _through(parts, waves[year]) for id, parts in shares.items()}
    return shares


def _through(
    parts: Mapping[str, float], wave: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    found: dict[str, float] = {}
    for id, share in parts.items():
        for new, weight in wave.get(id, {id: 1.0}).items():
            found[new] = found.get(new, 0.0) + share * weight
    return {id: 1.0 if abs(share - 1) <= CLOSE else share for id, share in found.items()}


def split_sources(
    changes: Iterable[Change], id: str, since: int, to: int = FOREVER
) -> tuple[str, ...]:
    """Return where the weights of the splits are from that a municipality goes through."""
    held, sources = {id}, set()
    for change in sorted(changes, key=lambda c: c.year):
        if since < change.year <= to and change.old in held:
            held.add(change.new)
            if change.kind is Kind.SPLIT:
                sources.add(change.weight_source)
    return tuple(sorted(sources))
