"""What follows exactly from published sums: the row space of the published cells.

A hidden cell can be recomputed exactly when its row is a combination of published rows. That is
decided in two steps. Peeling takes inner cells that follow one by one (published themselves, or the
only unknown in a sum). On what is left, Gaussian elimination in whole numbers: no rounding, so neither
a leak that is overlooked nor one that is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import pairwise
from math import gcd

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from healthindicators.disclosure.cells import Flags, Floats, Indices

Row = dict[int, int]
"""A sparse row of whole numbers."""

NOISE = 1e-9
"""Coefficients are ratios of small whole numbers; below this they are rounding of a solver."""


class Known:
    """What a set of published cells says of the inner cells.

    Parameters
    ----------
    matrix : sparse array, shape (cells, inner cells)
    published : ndarray of bool, shape (cells,)

    Attributes
    ----------
    origin : ndarray of int, shape (inner cells,)
        The published cell that gave an inner cell away; -1 where nothing did.
    """

    def __init__(self, matrix: sp.csr_array, published: Flags) -> None:
        self.matrix = matrix
        self.rows: Indices = np.flatnonzero(published)
        self.origin: Indices = np.full(matrix.shape[1], -1, dtype=np.intp)
        self.rounds: list[Indices] = []
        self._peel()

    def _peel(self) -> None:
        rows = self.matrix[self.rows]
        places = np.arange(1.0, rows.shape[1] + 1)
        while True:
            unknown = (self.origin < 0).astype(np.float64)
            left = rows @ unknown
            single = np.flatnonzero(left == 1)
            if not len(single):
                break
            found = (rows[single] @ (unknown * places)).astype(np.intp) - 1
            inner, first = np.unique(found, return_index=True)
            self.origin[inner] = self.rows[single[first]]
            self.rounds.append(inner)
        self.open_rows: Indices = self.rows[left > 1]
        self.unknown: Flags = self.origin < 0

    def values(self, figures: Floats) -> Floats:
        """Return the inner cells that peeling gives, from the figures of cells; others are 0."""
        inner = np.zeros(self.matrix.shape[1])
        for found in self.rounds:
            cells = self.origin[found]
            inner[found] = figures[cells] - self.matrix[cells] @ inner
        return inner

    @cached_property
    def open(self) -> sp.csr_array:
        """The published rows that peeling does not exhaust, over the unknown inner cells only."""
        return self.restricted(self.open_rows)

    def restricted(self, cells: Indices) -> sp.csr_array:
        """Return the rows of some cells with the inner cells that are known left out."""
        kept = sp.diags_array(self.unknown.astype(np.float64))
        found = sp.csr_array(self.matrix[cells] @ kept)
        found.eliminate_zeros()
        return found

    def components(self, linking: Indices) -> Indices:
        """Return for every inner cell the number of its component.

        Two are in one component if an open published row, or one of the cells `linking`, holds both.
        """
        rows = sp.vstack([self.open, self.restricted(linking)])
        # A graph of inner cells and rows, joined where a row holds the cell.
        inner, (row, column) = rows.shape[1], rows.nonzero()
        size = inner + rows.shape[0]
        graph = sp.csr_array((np.ones(len(row)), (row + inner, column)), shape=(size, size))
        labels = connected_components(graph, directed=False)[1]
        return np.asarray(labels[:inner], dtype=np.intp)

    def support(self, inner: Floats, used: Iterable[int]) -> frozenset[int]:
        """Return the published cells of a combination that must cancel `inner`.

        Parameters
        ----------
        inner : ndarray, shape (inner cells,)
            What is left on known inner cells after the combination of the cells `used`.
        used : iterable of int
            Cells that the combination already has.
        """
        cells, left = set(used), inner.copy()
        for found in reversed(self.rounds):
            weights = left[found]
            some = np.abs(weights) > NOISE
            if some.any():
                origins = self.origin[found[some]]
                left -= self.matrix[origins].T @ weights[some]
                cells.update(origins.tolist())
        return frozenset(cells)

    def recovered(self, cells: Indices) -> Flags:
        """Return which cells follow exactly from what is published."""
        space = Space()
        for row in sorted(sparse_rows(self.open), key=len):
            space.add(row)
        rows = sparse_rows(self.restricted(cells))
        return np.array([not space.reduced(row) for row in rows], dtype=bool)


def sparse_rows(matrix: sp.csr_array) -> list[Row]:
    """Return the rows of a matrix of zeros and ones."""
    columns, starts = matrix.indices.tolist(), matrix.indptr.tolist()
    return [dict.fromkeys(columns[a:b], 1) for a, b in pairwise(starts)]


class Space:
    """The sums of multiples of some rows, kept in echelon form, and rows that must stay outside.

    Every number is whole, so that nothing is rounded.

    Parameters
    ----------
    watched : mapping of int to Row
        Rows by name; what is left of each, when the space has explained what it can, is kept.
    """

    def __init__(self, watched: Mapping[int, Row] | None = None) -> None:
        self._order: dict[int, int] = {}
        self._rows: list[tuple[int, Row]] = []
        self._watched = dict(watched or {})
        self._holders: dict[int, set[int]] = {}
        for name, row in self._watched.items():
            self._hold(name, row)

    def add(self, row: Row) -> list[int]:
        """Take a row into the space; return the watched rows that now lie inside."""
        left = self.reduced(row)
        if not left:
            return []
        common = gcd(*left.values())
        pivot = max(left)
        self._order[pivot] = len(self._rows)
        self._rows.append((pivot, {column: n // common for column, n in left.items()}))
        fallen = []
        for name in sorted(self._holders.get(pivot, ())):
            for column in self._watched[name]:
                self._holders[column].discard(name)
            self._watched[name] = after = self.reduced(self._watched[name])
            self._hold(name, after)
            if not after:
                fallen.append(name)
        return fallen

    def _hold(self, name: int, row: Row) -> None:
        for column in row:
            self._holders.setdefault(column, set()).add(name)

    def reveals(self, left: Row) -> bool:
        """Return whether a watched row would lie inside if `left`, a reduced row, were added."""
        column = next(iter(left))
        return any(
            _parallel(left, self._watched[name], column) for name in self._holders.get(column, ())
        )

    def reduced(self, row: Row) -> Row:
        """Return what no row of the space explains, up to a multiple; empty if the row lies inside."""
        left = dict(row)
        queue = [self._order[column] for column in left if column in self._order]
        heapify(queue)
        while queue:
            # A row holds no pivot of those before it: in this order none comes back.
            pivot, other = self._rows[heappop(queue)]
            if pivot not in left:
                continue
            common = gcd(left[pivot], other[pivot])
            own, times = other[pivot] // common, -left[pivot] // common
            if own != 1:
                left = {column: n * own for column, n in left.items()}
            for column in _plus(left, other, times):
                if column in self._order:
                    heappush(queue, self._order[column])
        return left


def _parallel(row: Row, other: Row, column: int) -> bool:
    if len(row) != len(other):
        return False
    a, b = row[column], other[column]
    return all(other.get(c, 0) * a == n * b for c, n in row.items())


def _plus(row: Row, other: Row, times: int) -> list[int]:
    """Add a multiple of another row in place; return the columns that came in."""
    new = []
    for column, n in other.items():
        before = row.get(column)
        if before is None:
            row[column] = times * n
            new.append(column)
        elif before + times * n:
            row[column] = before + times * n
        else:
            del row[column]
    return new
