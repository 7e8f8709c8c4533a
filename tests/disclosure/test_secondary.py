"""Secondary suppression: which further cells are hidden, and when it is impossible."""

import numpy as np
import pytest
import scipy.sparse as sp

from healthindicators.disclosure import Publication, audit, protect, table
from healthindicators.errors import DataError

PARTS = np.vstack([np.ones((1, 4)), np.eye(4)])


def test_one_hidden_part_forces_the_cheapest_other():
    made = table(PARTS, [60, 2, 30, 10, 18], [0, 1, 0, 0, 0])

    assert protect(made).tolist() == [False, True, False, True, False]


def test_two_hidden_parts_protect_each_other():
    made = table(PARTS, [60, 2, 3, 20, 35], [0, 1, 1, 0, 0])

    assert protect(made).tolist() == made.hidden.tolist()


def test_hidden_parts_that_stay_under_the_limit_together_force_one_more():
    # 1 + 1 can only be 1 and 1, for whoever knows that small counts are hidden and zeros are not.
    rules = [[5, np.inf], [1, 4], [1, 4], [5, np.inf], [5, np.inf]]
    made = table(PARTS, [40, 1, 1, 18, 20], [0, 1, 1, 0, 0], rules=rules)

    assert protect(made).tolist() == [False, True, True, True, False]


def test_the_interval_of_a_small_count_is_kept_as_wide_as_demanded():
    made = table(PARTS, [40, 1, 1, 18, 20], [0, 1, 1, 0, 0], width=5)

    hidden = protect(made)

    assert hidden.sum() == 3
    report = audit(made, hidden)
    assert (report.upper - report.lower)[:2].min() >= 5


def test_a_cell_that_must_be_published_is_never_taken():
    made = table(PARTS, [60, 2, 30, 10, 18], [0, 1, 0, 0, 0], must=[1, 0, 1, 1, 0])

    assert protect(made).tolist() == [False, True, False, False, True]


def test_what_cannot_be_protected_is_an_error_that_names_the_cell():
    names = ["total", "north", "south", "east", "west"]
    made = table(PARTS, [60, 2, 30, 10, 18], [0, 1, 0, 0, 0], must=[1, 0, 1, 1, 1], names=names)

    with pytest.raises(DataError, match="north: the cell is hidden, and follows"):
        protect(made)


def test_a_zero_is_not_hidden_for_the_sake_of_another():
    made = table(PARTS, [20, 2, 0, 0, 18], [0, 1, 0, 0, 0])

    assert protect(made).tolist()[2:4] == [False, False]


def test_the_cost_decides():
    made = table(PARTS, [60, 2, 30, 10, 18], [0, 1, 0, 0, 0], cost=[9, 0, 1, 5, 5])

    assert protect(made).tolist() == [False, True, True, False, False]


def test_groups_that_overlap_are_seen_together():
    # North = a + b, coast = b + c, total = a + b + c + d: b follows from a and north.
    rows = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 1, 1, 0], *np.eye(4, dtype=int)])
    made = table(rows, rows @ [20, 3, 30, 40], [0, 0, 0, 0, 1, 0, 0], must=[1, 0, 0, 0, 0, 0, 0])

    hidden = protect(made)

    assert audit(made, hidden).passed
    assert (hidden & ~made.hidden).sum() == 2, "one in the north and one on the coast"


def test_pooled_periods_that_overlap_do_not_give_away_a_year():
    # 2015-2019 less 2016-2020 is 2015 less 2020: with 2020 known, 2015 is.
    years = np.eye(6)
    windows = np.array([[1, 1, 1, 1, 1, 0], [0, 1, 1, 1, 1, 1]])
    rows = np.vstack([windows, years[[0, 5]]])
    made = table(rows, rows @ [3, 9, 8, 7, 9, 11], [0, 0, 1, 0])

    assert audit(made, made.hidden).recovered.all()
    hidden = protect(made)
    assert hidden[:2].any() or hidden[3]
    assert audit(made, hidden).passed


def test_the_new_edition_is_protected_given_the_older_one():
    # Last year the first part was hidden behind the second; this year it would be the third.
    old = Publication(sp.csr_array(PARTS), np.array([60, np.nan, np.nan, 10, 18], dtype=float))
    made = table(PARTS, [60, 2, 30, 10, 18], [0, 1, 0, 0, 0])

    alone = protect(made)
    assert audit(made, alone, [old]).recovered.any(), "the two editions together tell it"

    both = protect(made, [old])
    assert audit(made, both, [old]).passed
    assert both[2]


def test_what_was_published_before_cannot_be_protected():
    old = Publication(sp.csr_array(PARTS), np.array([60, 2, 30, 10, 18], dtype=float))
    made = table(PARTS, [60, 2, 30, 10, 18], [0, 1, 0, 0, 0])

    with pytest.raises(DataError, match="published"):
        protect(made, [old])


def test_a_table_with_nothing_to_hide_is_published_whole():
    made = table(PARTS, [60, 20, 12, 10, 18], hidden=False)

    assert not protect(made).any()
