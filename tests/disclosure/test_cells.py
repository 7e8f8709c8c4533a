"""Tables as sums of inner cells: what is accepted, and how labels become rows."""

import numpy as np
import pytest
import scipy.sparse as sp

from healthindicators.disclosure import Publication, merged, product, table
from healthindicators.errors import StatisticsError

PARTS = [[1, 1], [1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"matrix": [[2, 1]], "values": [3], "hidden": False}, "only 0 and 1"),
        ({"matrix": PARTS, "values": [3, 1], "hidden": False}, r"values has shape \(2,\)"),
        ({"matrix": PARTS, "values": [3, -1, 4], "hidden": False}, r"values\[1\] is -1.0"),
        ({"matrix": PARTS, "values": [3, np.nan, 4], "hidden": False}, r"values\[1\] is nan"),
        ({"matrix": PARTS, "values": [3, np.inf, 4], "hidden": True}, r"values\[1\] is inf"),
        ({"matrix": PARTS, "values": [3, 1, 2], "hidden": [0, 1]}, r"hidden has shape \(2,\)"),
        ({"matrix": PARTS, "values": [3, 1, 2], "hidden": [0, 1, 0], "must": True}, r"must\[1\]"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(arguments, message):
    with pytest.raises(StatisticsError, match=message):
        table(**arguments)


def test_a_hidden_value_may_be_unknown_to_us():
    made = table(PARTS, [3, np.nan, 2], [False, True, False])

    assert np.isnan(made.values[1])
    assert made.cost[1] == 1


def test_a_publication_fits_its_rows():
    with pytest.raises(StatisticsError, match="values has 1 cells"):
        Publication(sp.csr_array(np.array(PARTS)), np.array([1.0]))
    with pytest.raises(StatisticsError, match="tolerance is -1"):
        Publication(sp.csr_array(np.array([[1]])), np.array([1.0]), tolerance=-1)


def test_a_product_is_the_kronecker_product_row_by_row():
    rng = np.random.default_rng(1)
    left, middle, right = (rng.integers(0, 2, size=(7, n)) for n in (3, 2, 4))

    made = product(*(sp.csr_array(m) for m in (left, middle, right))).toarray()

    for row in range(7):
        assert (made[row] == np.kron(np.kron(left[row], middle[row]), right[row])).all()


def test_inner_cells_that_nothing_tells_apart_are_one():
    matrix = sp.csr_array(np.array([[1, 1, 1, 0], [1, 1, 0, 0]]))

    assert merged(matrix).toarray().tolist() == [[1, 1], [1, 0]]
