"""Secondary suppression: more cells are hidden until no hidden one can be recomputed.

First the exact part: cells are published one after the other, dearest first, and one that would let a
hidden cell follow from what is published so far is hidden instead. Then the audit tries bounds; for
each cell that is known too closely, the cheapest of the cells this rests on is hidden, and the exact
part is done anew. What turned out not to be needed is published after all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import scipy.sparse as sp

from healthindicators.disclosure.audit import Attack, Certificate
from healthindicators.disclosure.cells import Flags, Publication, Table
from healthindicators.disclosure.known import Known, Space, sparse_rows
from healthindicators.errors import DataError, Problem

TIDIED = 200
"""So many cells are tried anew at the end, the dearest first: each trial is an audit."""


def protect(table: Table, earlier: Sequence[Publication] = ()) -> Flags:
    """Return which cells to hide: those of the primary rules, and as few more as is found.

    Parameters
    ----------
    table : Table
        Cells as sums of inner cells. A published zero is never hidden to protect another cell: it
        would mark the reason, and zeros are shown.
    earlier : sequence of Publication
        What was published before about the same inner cells, and is known for good. Cells that are
        hidden in it must be hidden in `table` as well to be protected.

    Returns
    -------
    ndarray of bool, shape (cells,)

    Raises
    ------
    DataError
        If a hidden cell follows from cells that must be published or were published before.

    Notes
    -----
    Exact recomputation is excluded as by Langsrud (PSD 2024, LNCS 14915): no hidden row lies in the
    row space of the published ones. Intervals follow Fischetti & Salazar (2000).
    The choice is greedy: it is safe, and not always the smallest.

    Examples
    --------
    A total of 12 with the parts 2, 4 and 6; the total is dearer than the second part:

    >>> from healthindicators.disclosure import table
    >>> rows = [[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    >>> protect(table(rows, [12, 2, 4, 6], [False, True, False, False]))
    array([False,  True,  True, False])
    """
    may = ~table.must & (table.values > 0)
    hidden = _exactly(table, table.hidden, may, earlier)
    # Each round hides at least one cell, or ends.
    while narrow := _narrow(table, hidden, earlier):
        hidden = _exactly(table, hidden | _cover(table, narrow, may & ~hidden), may, earlier)
    return _tidied(table, hidden, earlier)


def _exactly(table: Table, hidden: Flags, may: Flags, earlier: Sequence[Publication]) -> Flags:
    """Return more hidden cells, such that none of them is a combination of published ones."""
    rows = sparse_rows(table.matrix)
    away = hidden.copy()
    space = Space({cell: rows[cell] for cell in np.flatnonzero(hidden).tolist()})
    fixed = [e for e in earlier if e.tolerance == 0]
    forced = [row for e in fixed for row in sparse_rows(e.matrix[~np.isnan(e.values)])]
    forced += [rows[cell] for cell in np.flatnonzero(~hidden & ~may).tolist()]
    fallen = [cell for row in sorted(forced, key=len) for cell in space.add(row)]
    if fallen:
        raise DataError(_unprotectable(table, fallen))
    free = np.flatnonzero(~hidden & may)
    for cell in free[np.argsort(-table.cost[free], kind="stable")].tolist():
        left = space.reduced(rows[cell])
        if left and space.reveals(left):
            away[cell] = True
        elif left:
            space.add(left)
    return away


def _narrow(table: Table, hidden: Flags, earlier: Sequence[Publication]) -> dict[int, Certificate]:
    """Return the cells that bounds give away; the outsider's first, who knows less."""
    for informed in (False, True):
        narrow = dict(Attack(table, hidden, earlier, informed=informed).exposed())
        if narrow:
            return narrow
    return {}


def _exact(table: Table, hidden: Flags, earlier: Sequence[Publication]) -> bool:
    """Return whether a hidden cell is a combination of published ones."""
    fixed = [e for e in earlier if e.tolerance == 0]
    matrix = sp.csr_array(sp.vstack([table.matrix, *(e.matrix for e in fixed)]))
    published = np.concatenate([~hidden, *(~np.isnan(e.values) for e in fixed)])
    return bool(Known(matrix, published).recovered(np.flatnonzero(hidden)).any())


def _cover(table: Table, leaks: Mapping[int, Certificate], may: Flags) -> Flags:
    """Return cells such that each leak loses one it rests on, greedily by cost for each leak."""
    open_leaks = {
        leak: [c for c in cells if c < len(may) and may[c]] for leak, cells in leaks.items()
    }
    stuck = [leak for leak, cells in open_leaks.items() if not cells]
    if stuck:
        raise DataError(_unprotectable(table, stuck))
    rests: dict[int, set[int]] = {}
    for leak, cells in open_leaks.items():
        for cell in cells:
            rests.setdefault(cell, set()).add(leak)
    chosen = np.zeros(len(may), dtype=bool)
    left = set(open_leaks)
    while left:
        best = min(rests, key=lambda c: (table.cost[c] / (len(rests[c] & left) or 1e-9), c))
        chosen[best] = True
        left -= rests.pop(best)
        rests = {cell: served for cell, served in rests.items() if served & left}
    return chosen


def _unprotectable(table: Table, cells: Iterable[int]) -> list[Problem]:
    return [
        Problem(
            "the cell is hidden, and follows from cells that must be published, were published "
            "before, or are zero",
            table.name(cell),
        )
        for cell in cells
    ]


def _tidied(table: Table, hidden: Flags, earlier: Sequence[Publication]) -> Flags:
    """Return the same protection without the cells that it does not need."""
    kept = hidden.copy()
    extra = np.flatnonzero(hidden & ~table.hidden)
    for cell in extra[np.argsort(-table.cost[extra], kind="stable")][:TIDIED].tolist():
        kept[cell] = False
        if _exact(table, kept, earlier) or _narrow(table, kept, earlier):
            kept[cell] = True
    return kept
