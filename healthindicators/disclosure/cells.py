"""A table of cells as sums of inner cells: what is protected, and what an intruder starts from.

Whatever splits a table (sex, age, social groups, overlapping geographies, pooled years), each of its
cells is the sum of some smallest parts that are never split further, the inner cells. One row of
zeros and ones says which. All of secondary suppression and of its audit works on these rows alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from healthindicators.errors import StatisticsError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

UNBOUNDED = (0.0, np.inf)
"""What is known of any count before anything is published."""


@dataclass(frozen=True, eq=False)
class Publication:
    """Cells that were published before, and cannot be taken back.

    Attributes
    ----------
    matrix : sparse array, shape (cells, inner cells)
        Over the inner cells of the table it is held against.
    values : ndarray, shape (cells,)
        As published; NaN where the cell was hidden, and the row says nothing.
    tolerance : float
        A later edition may differ from this one by so much either way, because figures are revised.
    """

    matrix: sp.csr_array
    values: Floats
    tolerance: float = 0.0

    def __post_init__(self) -> None:
        if self.matrix.shape[0] != len(self.values):
            raise StatisticsError(
                f"values has {len(self.values)} cells and matrix has {self.matrix.shape[0]} rows"
            )
        if not self.tolerance >= 0:
            raise StatisticsError(f"tolerance is {self.tolerance}; it must be 0 or more")


@dataclass(frozen=True, eq=False)
class Table:
    """Cells that are sums of inner cells, and what must be hidden in them.

    Attributes
    ----------
    matrix : sparse array of 0 and 1, shape (cells, inner cells)
    values : ndarray, shape (cells,)
        The true figures, from 0 upwards. Those of hidden cells are only looked at to say what
        hiding costs; NaN is allowed there, for what even we do not know.
    hidden : ndarray of bool, shape (cells,)
        Cells that the primary rules hide.
    must : ndarray of bool, shape (cells,)
        Cells that are published whatever it takes, such as the total of the country.
    cost : ndarray, shape (cells,)
        What is lost by hiding a cell; the cheapest that helps is hidden. By default it grows slowly
        with the value: one large cell is dearer than one small, and cheaper than ten.
    bounds : ndarray, shape (cells, 2)
        What everybody knows of a cell even while it is hidden.
    rules : ndarray, shape (cells, 2)
        What follows from the rules and the reason given, for an intruder who has read them.
    width : ndarray, shape (cells,)
        How wide the interval must at least be in which an intruder who has not read the rules
        can place a primary hidden cell.
    step : float
        The smallest difference between two possible values: 1 for counts of persons.
    names : sequence of str
        What cells are called in messages.
    """

    matrix: sp.csr_array
    values: Floats
    hidden: Flags
    must: Flags
    cost: Floats
    bounds: Floats
    rules: Floats
    width: Floats
    step: float = 1.0
    names: Sequence[str] = field(default=(), repr=False)

    def name(self, cell: int) -> str:
        """Return what a cell is called in messages."""
        return self.names[cell] if len(self.names) else f"cell {cell}"


def table(
    matrix: ArrayLike | sp.sparray,
    values: ArrayLike,
    hidden: ArrayLike,
    *,
    must: ArrayLike = False,
    cost: ArrayLike | None = None,
    bounds: ArrayLike = UNBOUNDED,
    rules: ArrayLike = UNBOUNDED,
    width: ArrayLike = 0.0,
    step: float = 1.0,
    names: Sequence[str] = (),
) -> Table:
    """Return a table whose parts fit together; single settings are spread over all cells.

    Raises
    ------
    StatisticsError
        If shapes do not fit, the matrix holds other than 0 and 1, a value is negative, infinite or
        absent without being hidden, or a cell must be hidden and published at once.

    Examples
    --------
    A total and its two parts, of which the first is small:

    >>> made = table([[1, 1], [1, 0], [0, 1]], [12, 2, 10], [False, True, False], must=[1, 0, 0])
    >>> made.name(1), made.matrix.shape
    ('cell 1', (3, 2))
    """
    # Sums of rows are compared with whole numbers, and wrapped around in a small type of integer.
    rows = sp.csr_array(np.asarray(matrix) if not sp.issparse(matrix) else matrix, dtype=np.float64)
    if rows.ndim != 2 or (rows.data != 0).sum() != (rows.data == 1).sum():
        raise StatisticsError("matrix must have two axes and hold only 0 and 1")
    rows.eliminate_zeros()
    numbers = np.asarray(values, dtype=np.float64)
    count = rows.shape[0]
    if numbers.shape != (count,):
        raise StatisticsError(f"values has shape {numbers.shape}; matrix has {count} rows")
    flags = _spread("hidden", hidden, (count,)).astype(bool)
    forced = _spread("must", must, (count,)).astype(bool)
    _refuse("values", numbers, ~flags & ~np.isfinite(numbers), "must be finite where not hidden")
    _refuse("values", numbers, (numbers < 0) | np.isinf(numbers), "must be from 0 upwards")
    if (flags & forced).any():
        cell = int(np.flatnonzero(flags & forced)[0])
        raise StatisticsError(f"must[{cell}] is true: the cell is hidden and published at once")
    default = 1.0 + np.log1p(np.nan_to_num(numbers))
    return Table(
        rows,
        numbers,
        flags,
        forced,
        default if cost is None else _spread("cost", cost, (count,)),
        _spread("bounds", bounds, (count, 2)),
        _spread("rules", rules, (count, 2)),
        _spread("width", width, (count,)),
        step,
        names,
    )


def _spread(name: str, given: ArrayLike, shape: tuple[int, ...]) -> Floats:
    array = np.asarray(given, dtype=np.float64)
    try:
        return np.broadcast_to(array, shape).copy()
    except ValueError:
        raise StatisticsError(f"{name} has shape {array.shape}; it must fit {shape}") from None


def _refuse(name: str, array: Floats, wrong: Flags, reason: str) -> None:
    if wrong.any():
        cell = int(np.flatnonzero(wrong)[0])
        raise StatisticsError(f"{name}[{cell}] is {array[cell]}: {reason}")


def product(*dimensions: sp.csr_array) -> sp.csr_array:
    """Return which inner cells each cell sums, from the parts that it covers in every dimension.

    Parameters
    ----------
    *dimensions : sparse arrays, shape (cells, parts of that dimension)
        For each cell the parts it covers: of sex, of age, of geography and so on.

    Returns
    -------
    sparse array, shape (cells, product of the numbers of parts)

    Examples
    --------
    Everybody in the north and the south; women in the north:

    >>> sex, place = sp.csr_array([[1, 1], [1, 0]]), sp.csr_array([[1, 1], [1, 0]])
    >>> product(sex, place).toarray().astype(int).tolist()
    [[1, 1, 1, 1], [1, 0, 0, 0]]
    """
    made = dimensions[0].astype(np.float64)
    for dimension in dimensions[1:]:
        made = _product(made, dimension)
    return made


def _product(left: sp.csr_array, right: sp.csr_array) -> sp.csr_array:
    """Return row by row the Kronecker product."""
    lengths, repeats = np.diff(left.indptr), np.diff(right.indptr)
    cells = np.repeat(np.arange(left.shape[0]), lengths)
    times = repeats[cells]
    first = np.repeat(left.indices, times)
    # Counts 0, 1, 2 ... within each part of the left, to walk through the parts of the right.
    ends = np.cumsum(times)
    within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - times, times)
    second = right.indices[np.repeat(right.indptr[cells], times) + within]
    columns = first.astype(np.int64) * right.shape[1] + second
    rows = np.repeat(cells, times)
    shape = (left.shape[0], left.shape[1] * right.shape[1])
    return sp.csr_array((np.ones(len(columns)), (rows, columns)), shape=shape)


def merged(matrix: sp.csr_array) -> sp.csr_array:
    """Return the matrix with inner cells that no cell tells apart made one.

    Their sum is all that anybody can learn of them, and it is as non-negative as they are.
    """
    columns = sp.csc_array(matrix)
    columns.sort_indices()
    parts = np.split(columns.indices, columns.indptr[1:-1])
    first: dict[bytes, int] = {}
    for column, part in enumerate(parts):
        if len(part):
            first.setdefault(part.tobytes(), column)
    return sp.csr_array(columns[:, list(first.values())])
