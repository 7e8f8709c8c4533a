"""Exact recomputation: peeling and elimination against the rank of the matrix."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from healthindicators.disclosure import table
from healthindicators.disclosure.known import Known, Space

matrices = st.tuples(st.integers(2, 9), st.integers(1, 7)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(0, 1))
)


def rank(rows):
    """Return the rank over the rationals, by plain elimination."""
    left, found = [[Fraction(int(n)) for n in row] for row in rows], 0
    for column in range(len(rows[0]) if len(rows) else 0):
        pivot = next((r for r in left[found:] if r[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left.insert(found, pivot)
        for row in left[found + 1 :]:
            ratio = row[column] / pivot[column]
            row[:] = [a - ratio * b for a, b in zip(row, pivot, strict=True)]
        found += 1
    return found


@settings(max_examples=200)
@given(matrices, st.randoms(use_true_random=False))
def test_a_cell_is_recovered_when_its_row_adds_nothing_to_the_rank(matrix, random):
    published = np.array([random.random() < 0.6 for _ in matrix])
    cells = np.flatnonzero(~published)
    made = table(matrix, np.zeros(len(matrix)), hidden=True)

    found = Known(made.matrix, published).recovered(cells)

    rows = matrix[published]
    before = rank(rows)
    assert found.tolist() == [rank(np.vstack([rows, matrix[[c]]])) == before for c in cells]


@given(matrices)
def test_a_watched_row_falls_with_the_row_that_reveals_it(matrix):
    secret, *others = (dict.fromkeys(np.flatnonzero(row).tolist(), 1) for row in matrix)
    if not secret:
        return
    space = Space({0: secret})
    for row in others:
        left = space.reduced(row)
        told = bool(left) and space.reveals(left)
        assert (space.add(row) == [0]) == told
        if told:
            assert not space.reduced(secret)
            return
        assert space.reduced(secret)


def test_a_chain_of_sums_is_peeled_to_its_end():
    # b = (a + b) - a, c = (b + c) - b, and a is published.
    made = table([[1, 1, 0], [0, 1, 1], [1, 0, 0], [0, 0, 1]], [3, 5, 1, 3], [0, 0, 0, 1])
    known = Known(made.matrix, ~made.hidden)

    assert known.recovered(np.array([3])).tolist() == [True]
    assert known.values(made.values).tolist() == [1, 2, 3]
    assert known.support(np.array([0.0, 0.0, 1.0]), ()) == {0, 1, 2}
