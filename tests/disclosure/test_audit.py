"""The intruder, against all whole-number tables that agree with what is published."""

from itertools import product as every

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.disclosure import Publication, audit, table
from healthindicators.errors import DataError

TWO_WAY = np.array(
    [np.outer(a, b).ravel() for a in ([1, 0], [0, 1], [1, 1]) for b in ([1, 0], [0, 1], [1, 1])]
)


MOST = 10
SMALL_TABLES = np.array([t for t in every(range(MOST + 1), repeat=4) if sum(t) <= MOST])
TOLD = SMALL_TABLES @ TWO_WAY.T

inner_cells = st.lists(st.integers(0, MOST // 4), min_size=4, max_size=4)
choices = st.lists(st.booleans(), min_size=9, max_size=9)


@settings(max_examples=25)
@given(inner_cells, choices.filter(any))
def test_limits_in_a_small_table_are_those_of_all_tables_that_fit(inner, hidden):
    values, away = TWO_WAY @ inner, np.array(hidden)
    made = table(TWO_WAY, values, away, bounds=[0, MOST])

    report = audit(made, away)

    fits = TOLD[(TOLD[:, ~away] == values[~away]).all(axis=1)][:, away]
    # The constraints of a two-way table are totally unimodular: its limits are whole numbers,
    # and MOST bounds every hidden cell, though not the sum of all.
    if not away[-1]:
        assert report.lower == pytest.approx(fits.min(axis=0), abs=1e-6)
        assert report.upper == pytest.approx(fits.max(axis=0), abs=1e-6)
        assert report.recovered.tolist() == (np.ptp(fits, axis=0) == 0).tolist()
    assert (report.lower <= fits.min(axis=0) + 1e-6).all()
    assert (report.upper >= fits.max(axis=0) - 1e-6).all()


def test_who_has_read_the_rules_finds_two_small_cells_that_sum_to_two():
    rows, values, hidden = [[1, 1], [1, 0], [0, 1]], [2, 1, 1], [False, True, True]

    outsider = audit(table(rows, values, hidden), np.array(hidden))
    informed = audit(table(rows, values, hidden, rules=[1, 4]), np.array(hidden))

    assert not outsider.recovered.any()
    assert informed.recovered.all()
    assert informed.lower.tolist() == informed.upper.tolist() == [1, 1]


def test_an_interval_narrower_than_demanded_is_said():
    hidden = np.array([False, True, True])
    made = table([[1, 1], [1, 0], [0, 1]], [4, 1, 3], hidden, width=5)

    report = audit(made, hidden)

    assert report.upper.tolist() == [4, 4]
    assert report.narrow.all()
    assert not report.passed


def test_a_rounded_figure_is_an_interval():
    # The total is only known to lie within half a hundred of 200.
    hidden = np.array([True, True, False])
    made = table(
        [[1, 1], [1, 0], [0, 1]],
        [212, 12, 200],
        hidden,
        bounds=[[200, 250], [0, np.inf], [0, np.inf]],
    )

    report = audit(made, hidden)

    assert report.lower[1] == pytest.approx(0)
    assert report.upper[1] == pytest.approx(50)


def test_an_earlier_edition_tells_within_its_tolerance():
    hidden = np.array([False, True, True])
    made = table([[1, 1], [1, 0], [0, 1]], [100, 4, 96], hidden)
    old = sp.csr_array(np.array([[0, 1]]))

    exactly = audit(made, hidden, [Publication(old, np.array([96.0]))])
    roughly = audit(made, hidden, [Publication(old, np.array([95.0]), tolerance=3)])

    assert exactly.recovered.all()
    assert exactly.lower[0] == 4
    assert not roughly.recovered.any()
    assert (roughly.lower[0], roughly.upper[0]) == pytest.approx((2, 8))


def test_half_person_years_are_told_apart():
    rows, values, hidden = [[1, 1], [1, 0], [0, 1]], [1.0, 0.5, 0.5], np.array([False, True, True])

    assert not audit(table(rows, values, hidden, step=0.5), hidden).recovered.any()
    assert audit(table(rows, values, hidden, rules=[0.2, 9], step=0.5), hidden).recovered.all()


def test_sums_that_contradict_each_other_are_an_error():
    rows = [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 1, 1]]
    made = table(rows, [10, 15, 3, 2, 4], [0, 0, 1, 1, 0], names=list("abcde"))

    with pytest.raises(DataError, match="contradicts itself"):
        audit(made, made.hidden)


def test_what_is_left_alone_has_the_same_flags():
    rng = np.random.default_rng(2)
    for _ in range(20):
        inner = rng.integers(0, 9, 4)
        values = TWO_WAY @ inner
        hidden = (values > 0) & (values < 5)
        made = table(TWO_WAY, values, hidden, width=5, rules=[1, 8])
        full, quick = audit(made, hidden), audit(made, hidden, full=False)
        assert full.recovered.tolist() == quick.recovered.tolist()
        assert full.narrow.tolist() == quick.narrow.tolist()
        assert (full.lower <= quick.lower + 1e-6).all()


def test_a_table_with_nothing_hidden_passes():
    made = table([[1, 1], [1, 0], [0, 1]], [12, 5, 7], hidden=False)

    assert audit(made, made.hidden).passed
