"""Which rows of the observation table are sums of which: from labels to inner cells.

The parts of a dimension are the finest pieces that its labels cut it into: single geos, ages between
two borders, years, sexes, strata. Two pooled periods that overlap share the years both cover.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise

import numpy as np
import pandas as pd
import scipy.sparse as sp

from healthindicators.disclosure.cells import merged, product
from healthindicators.model import Geo, Level
from healthindicators.vocabulary import TOTAL, age_range

Parents = Mapping[str, Sequence[str]]
"""For each single geo the geos that it is part of: region, group, country. They may overlap."""

CELL = ["geo", "first_year", "last_year", "sex", "ages", "stratifier", "stratum"]
"""What tells the cells of one quantity apart; `ages` is what was summed, whatever a row is named."""


def parents_of(geos: Iterable[Geo]) -> dict[str, tuple[str, ...]]:
    """Return for each single geo of a register the geos that it is part of.

    Geos of the level `special` count: what is in no region may still be in the country's total.
    """
    known = list(geos)
    countries = [g.id for g in known if g.level is Level.COUNTRY]
    return {
        g.id: tuple(filter(None, (g.region, g.group, *countries)))
        for g in known
        if g.level in (Level.MUNICIPALITY, Level.SPECIAL)
    }


def inner_cells(cells: pd.DataFrame, parents: Parents) -> sp.csr_array:
    """Return for each cell which inner cells it sums, those that nothing tells apart made one.

    Parameters
    ----------
    cells : pandas.DataFrame
        One quantity, with the columns of `CELL`.
    parents : mapping of str to sequence of str
        A geo that is in it, and has no members here, counts as a single geo.

    Notes
    -----
    A single geo without any row in a year has no share in the sums of that year: an intruder is
    taken to know so, which gives nothing away that exists.
    """
    dimensions = [
        _where_and_when(cells, parents),
        _sexes(cells),
        _ages(cells),
        *(_strata(cells, s) for s in sorted(set(cells["stratifier"]) - {TOTAL})),
    ]
    return merged(product(*dimensions))


def _where_and_when(cells: pd.DataFrame, parents: Parents) -> sp.csr_array:
    members: dict[str, list[str]] = {}
    for geo in sorted(set(cells["geo"])):
        for parent in parents.get(geo, ()):
            members.setdefault(parent, []).append(geo)
    here = set(cells["geo"])
    single = sorted(here - set(members))
    place = _covering(cells["geo"], {g: [g] for g in single} | _down_to(members, single), single)
    spans = list(zip(cells["first_year"], cells["last_year"] + 1, strict=True))
    both = product(place, _intervals(spans))
    alone = both[np.flatnonzero(cells["geo"].isin(single).to_numpy())]
    present = np.flatnonzero(np.asarray(alone.sum(axis=0)).ravel() > 0)
    return sp.csr_array(sp.csc_array(both)[:, present])


def _down_to(members: Mapping[str, list[str]], single: Sequence[str]) -> dict[str, list[str]]:
    """Return for each parent its single geos, through as many levels as there are."""
    found = {}
    for parent in members:
        below, queue = set[str](), list(members[parent])
        while queue:
            geo = queue.pop()
            if geo not in below:
                below.add(geo)
                queue.extend(members.get(geo, ()))
        found[parent] = sorted(below & set(single))
    return found


def _sexes(cells: pd.DataFrame) -> sp.csr_array:
    parts = sorted(set(cells["sex"]) - {TOTAL}) or [TOTAL]
    return _covering(cells["sex"], {p: [p] for p in parts} | {TOTAL: parts}, parts)


def _ages(cells: pd.DataFrame) -> sp.csr_array:
    ranges = [age_range(label) for label in cells["ages"]]
    return _intervals([(first, last + 1) for first, last in ranges])


def _strata(cells: pd.DataFrame, stratifier: str) -> sp.csr_array:
    mine = cells["stratifier"] == stratifier
    label = cells["stratum"].where(mine, TOTAL)
    parts = sorted(set(label) - {TOTAL})
    return _covering(label, {p: [p] for p in parts} | {TOTAL: parts}, parts)


def _covering(
    labels: pd.Series, parts_of: Mapping[str, Sequence[str]], parts: Sequence[str]
) -> sp.csr_array:
    """Return which parts each label covers."""
    column = {part: at for at, part in enumerate(parts)}
    codes, names = pd.factorize(labels)
    lists = [[column[p] for p in parts_of[str(name)]] for name in names]
    starts = np.cumsum([0, *map(len, lists)])
    inside = np.fromiter(chain.from_iterable(lists), dtype=np.int64)
    shape = (len(names), len(parts))
    return sp.csr_array((np.ones(len(inside)), inside, starts), shape=shape)[codes]


def _intervals(spans: Sequence[tuple[int, int]]) -> sp.csr_array:
    """Return which pieces between neighbouring borders each span covers; its end is not in it."""
    borders = sorted(set(chain.from_iterable(spans)))
    pieces = np.array(list(pairwise(borders)))
    limits = np.array(spans)
    inside = (limits[:, :1] <= pieces[:, 0]) & (pieces[:, 1] <= limits[:, 1:])
    return sp.csr_array(inside.astype(np.float64))
