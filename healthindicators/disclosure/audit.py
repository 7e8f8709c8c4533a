"""The intruder: everything published, every sum known, and a solver of linear programs.

For each hidden cell the least and the greatest value is sought that agrees with all that is published
(Fischetti & Salazar, J Am Stat Assoc 2000;95:916). Where the two meet, the cell is recovered.
Two intruders try. The outsider knows sums, and that counts are not negative. The informed one has
also read the rules and the reason printed beside each hidden cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from scipy.optimize import OptimizeResult, linprog

from healthindicators.disclosure.cells import Flags, Floats, Indices, Publication, Table
from healthindicators.disclosure.known import NOISE, Known
from healthindicators.errors import DataError, Problem

SOLVED = 1e-6
"""The solver answers to 1e-7; a limit this near to a possible value is that value."""

UNBOUNDED, UNDECIDED = 3, 4
"""Words of `scipy.optimize.linprog` for what it found, besides 0 for an answer and 2 for none."""

Certificate = frozenset[int]
"""Published cells from which a hidden one follows, or follows too closely."""


@dataclass(frozen=True, eq=False)
class Audit:
    """What the better of two intruders learns of each hidden cell.

    Attributes
    ----------
    cells : ndarray of int
        The hidden cells; the other arrays have one element for each.
    lower, upper : ndarray
        Between these the cell is known to lie.
    recovered : ndarray of bool
        Only one possible value is left.
    narrow : ndarray of bool
        The outsider's interval is narrower than the table demands.
    """

    cells: Indices
    lower: Floats
    upper: Floats
    recovered: Flags
    narrow: Flags

    @property
    def passed(self) -> bool:
        """Whether no cell is recovered and none is known too closely."""
        return not (self.recovered.any() or self.narrow.any())


def audit(
    table: Table, hidden: Flags, earlier: Sequence[Publication] = (), *, full: bool = True
) -> Audit:
    """Attack a table as it would be published.

    Parameters
    ----------
    table : Table
        Its primary hidden cells count as hidden, whatever `hidden` says.
    hidden : ndarray of bool, shape (cells,)
        Cells that are not published; the others are.
    earlier : sequence of Publication
        What was published before about the same inner cells.
    full : bool
        Find every limit. Without it a cell is left alone once two solutions have shown that it is
        free enough: the flags are the same, and the intervals at least as wide as those returned.

    Raises
    ------
    DataError
        If the published figures contradict each other, so that nothing can be inferred from them.

    Examples
    --------
    The second part is the total less the first:

    >>> from healthindicators.disclosure import table
    >>> made = table([[1, 1], [1, 0], [0, 1]], [12, 2, 10], [False, True, False])
    >>> report = audit(made, made.hidden)
    >>> report.lower, report.upper, report.recovered
    (array([2.]), array([2.]), array([ True]))
    """
    away = np.asarray(hidden, dtype=bool) | table.hidden
    outside = Attack(table, away, earlier, informed=False)
    inside = Attack(table, away, earlier, informed=True)
    low, high = outside.intervals(full)
    lower, upper = inside.intervals(full)
    cells = outside.cells
    exact = outside.known.recovered(cells)
    return Audit(
        cells,
        np.maximum(lower, low),
        np.minimum(upper, high),
        exact | ~several(low, high, table.step) | ~several(lower, upper, table.step),
        high - low < outside.demanded - SOLVED,
    )


def several(lower: Floats, upper: Floats, step: float) -> Flags:
    """Return whether at least two possible values lie between the limits."""
    first = np.ceil(lower / step - SOLVED)
    last = np.floor(upper / step + SOLVED)
    return last - first >= 1


class Attack:
    """One intruder's view of a table and of what was published before.

    Rows are the cells of the table, then those of earlier publications.

    Parameters
    ----------
    table, hidden, earlier
        As for `audit`.
    informed : bool
        Whether the intruder has read the rules and the reasons.
    """

    def __init__(
        self, table: Table, hidden: Flags, earlier: Sequence[Publication], *, informed: bool
    ) -> None:
        self.table = table
        self.cells: Indices = np.flatnonzero(hidden)
        self.hidden = frozenset(self.cells.tolist())
        self.informed = informed
        shown = np.where(hidden, np.nan, table.values)
        self.figures = np.concatenate([shown, *(e.values for e in earlier)])
        slack = [np.zeros(len(shown)), *(np.full(len(e.values), e.tolerance) for e in earlier)]
        bounds = table.bounds
        if informed:
            bounds = np.column_stack(
                [
                    np.maximum(table.bounds[:, 0], table.rules[:, 0]),
                    np.minimum(table.bounds[:, 1], table.rules[:, 1]),
                ]
            )
        self.least = self.figures - np.concatenate(slack)
        self.most = self.figures + np.concatenate(slack)
        self.least[self.cells], self.most[self.cells] = bounds[self.cells].T
        matrix = sp.csr_array(sp.vstack([table.matrix, *(e.matrix for e in earlier)]))
        given = ~np.isnan(self.figures)
        self.known = Known(matrix, given & (np.concatenate(slack) == 0))
        self.between: Indices = np.flatnonzero(
            ~np.isnan(self.least)
            & ((self.least > 0) | np.isfinite(self.most))
            & ~(given & (np.concatenate(slack) == 0))
        )

    @cached_property
    def demanded(self) -> Floats:
        """How wide the interval of each hidden cell must be."""
        primary = self.table.hidden[self.cells] & (not self.informed)
        return np.where(primary, self.table.width[self.cells], 0.0)

    def intervals(self, full: bool) -> tuple[Floats, Floats]:
        """Return for each hidden cell the least and the greatest value found that it can have."""
        lower, upper = np.full((2, len(self.cells)), np.nan)
        for problem in self._problems():
            for at, place in enumerate(problem.at.tolist()):
                for sign in (1, -1):
                    if full or not self._enough(problem, at, place):
                        problem.solve(at, sign)
            lower[problem.at], upper[problem.at] = problem.seen
        return lower, upper

    def exposed(self) -> Iterator[tuple[int, Certificate]]:
        """Yield the cells that are known too closely, each with the published cells behind it.

        A cell that other solutions have shown to be free enough is not solved for again.
        """
        for problem in self._problems():
            for at, place in enumerate(problem.at.tolist()):
                if self._enough(problem, at, place):
                    continue
                least = problem.solve(at, 1)
                if self._enough(problem, at, place):
                    continue
                most = problem.solve(at, -1)
                if not self._enough(problem, at, place):
                    yield int(self.cells[place]), least | most

    def _enough(self, problem: _Problem, at: int, place: int) -> bool:
        lower, upper = problem.seen[:, at]
        wide = bool(upper - lower >= self.demanded[place] - SOLVED)
        return wide and bool(several(lower, upper, self.table.step))

    def _problems(self) -> Iterator[_Problem]:
        if not len(self.cells):
            return
        linking = np.union1d(self.between, self.cells)
        labels = np.where(self.known.unknown, self.known.components(linking), -1)
        known = self.known.values(np.nan_to_num(self.figures))
        own = self.known.restricted(self.cells)
        of_row = _component(own, labels)
        for label in np.unique(of_row):
            yield _Problem(self, label, labels, known, np.flatnonzero(of_row == label), own)


def _component(rows: sp.csr_array, labels: Indices) -> Indices:
    """Return the component of each row; -1 for a row without unknown inner cells."""
    lengths = np.diff(rows.indptr)
    found = np.full(rows.shape[0], -1, dtype=np.intp)
    found[lengths > 0] = labels[rows.indices[rows.indptr[:-1][lengths > 0]]]
    return found


class _Problem:
    """The linear program of one component: all its hidden cells share rows and unknowns."""

    def __init__(
        self,
        attack: Attack,
        label: int,
        labels: Indices,
        inner: Floats,
        at: Indices,
        own: sp.csr_array,
    ) -> None:
        self.attack, self.at, self.own_rows = attack, at, own[at]
        known = attack.known
        self.columns: Indices = np.flatnonzero(labels == label) if label >= 0 else np.empty(0, int)
        self.constants = known.matrix[attack.cells[at]] @ inner
        self.seen = np.array([np.full(len(at), np.inf), np.full(len(at), -np.inf)])
        if label < 0:
            return
        self.own = self.own_rows[:, self.columns]
        is_open = _component(known.open, labels) == label
        self.equal_rows = known.open_rows[is_open]
        self.equal = known.open[is_open][:, self.columns]
        self.totals = attack.figures[self.equal_rows] - known.matrix[self.equal_rows] @ inner
        between = known.restricted(attack.between)
        here = _component(between, labels) == label
        self.between_rows = attack.between[here]
        self.between = between[here][:, self.columns]
        shift = known.matrix[self.between_rows] @ inner
        limits = np.concatenate(
            [attack.most[self.between_rows] - shift, shift - attack.least[self.between_rows]]
        )
        # Each row of an interval is two sides; one without a limit is none.
        bounded = np.isfinite(limits)
        both = sp.csr_array(sp.vstack([self.between, -self.between]))
        self.sides, self.limits = both[bounded], limits[bounded]
        self.side_rows = np.concatenate([self.between_rows, self.between_rows])[bounded]
        self.side_signs = np.repeat([1.0, -1.0], len(self.between_rows))[bounded]

    def solve(self, at: int, sign: int) -> Certificate:
        """Find the least (sign 1) or greatest (sign -1) value of a hidden cell, and say why."""
        if not len(self.columns):
            self.seen[:, at] = self.constants[at]
            return self._support(at, 1, {})
        objective = sign * self.own[[at]].toarray()[0]
        # Presolving, it may not say whether nothing fits or nothing holds; then it has to look.
        found = self._solved(objective, presolve=True)
        if found.status == UNDECIDED:
            found = self._solved(objective, presolve=False)
        return self._read(found, at, sign)

    def _solved(self, objective: Floats, *, presolve: bool) -> OptimizeResult:
        return linprog(
            objective,
            A_ub=self.sides if len(self.limits) else None,
            b_ub=self.limits if len(self.limits) else None,
            A_eq=self.equal if len(self.totals) else None,
            b_eq=self.totals if len(self.totals) else None,
            bounds=(0, None),
            method="highs",
            options={"presolve": presolve},
        )

    def _read(self, found: OptimizeResult, at: int, sign: int) -> Certificate:
        if found.status == UNBOUNDED:  # nothing holds the cell on this side
            self.seen[1 if sign < 0 else 0, at] = -sign * np.inf
            return frozenset()
        if found.status != 0:
            cell = self.attack.table.name(int(self.attack.cells[self.at[at]]))
            raise DataError([Problem("what is published of sums contradicts itself", cell)])
        values = self.own @ found.x + self.constants
        self.seen[0] = np.minimum(self.seen[0], values)
        self.seen[1] = np.maximum(self.seen[1], values)
        used = dict(zip(self.equal_rows.tolist(), found.eqlin.marginals.tolist(), strict=True))
        sides = zip(self.side_rows.tolist(), self.side_signs, found.ineqlin.marginals, strict=True)
        for row, way, dual in sides:
            used[row] = used.get(row, 0.0) + way * float(dual)
        return self._support(at, sign, used)

    def _support(self, at: int, sign: int, used: dict[int, float]) -> Certificate:
        """Return every published cell that the bound rests on."""
        known = self.attack.known
        rows = [row for row, weight in used.items() if abs(weight) > NOISE]
        weights = np.array([used[row] for row in rows])
        own = known.matrix[[int(self.attack.cells[self.at[at]])]].toarray()[0]
        # What the bound rests on cancels the hidden row on every inner cell that is known.
        rest = own - sign * (known.matrix[rows].T @ weights) if rows else own
        return known.support(rest, rows) - self.attack.hidden
