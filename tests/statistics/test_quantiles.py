"""Quantile groups, against the rule counted out value by value."""

from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import quantile_groups

quick = settings(max_examples=30)
NAN = float("nan")
# Few different values, so that ties are frequent.
rows = st.lists(st.one_of(st.integers(-5, 20), st.just(NAN)), min_size=1, max_size=40)
some_groups = st.integers(2, 10)


def by_count(values, groups):
    """Return the groups of the rule in the docstring, ranks found by counting."""
    known = [v for v in values if v == v]
    if len(known) < groups:
        return [NAN] * len(values)
    found = []
    for value in values:
        rank = 1 + sum(other < value for other in known)
        group = groups + 1 - ceil(Fraction((len(known) + 1 - rank) * groups, len(known)))
        found.append(group if value == value else NAN)
    return found


@quick
@given(rows, some_groups)
def test_groups_are_those_of_the_rule(values, groups):
    np.testing.assert_array_equal(quantile_groups(values, groups), by_count(values, groups))


@quick
@given(rows, some_groups)
def test_inverted_groups_are_those_of_the_negated_values(values, groups):
    inverted = quantile_groups(values, groups, invert=True)

    np.testing.assert_array_equal(inverted, by_count([-v for v in values], groups))


@quick
@given(rows, some_groups, st.randoms(use_true_random=False))
def test_the_order_of_the_places_does_not_matter(values, groups, random):
    order = random.sample(range(len(values)), len(values))
    shuffled = quantile_groups([values[i] for i in order], groups)

    np.testing.assert_array_equal(shuffled, quantile_groups(values, groups)[order])


@quick
@given(rows, some_groups, st.floats(0.5, 100), st.integers(-50, 50))
def test_a_change_of_unit_changes_nothing(values, groups, factor, shift):
    changed = quantile_groups([factor * v + shift for v in values], groups)

    np.testing.assert_array_equal(changed, quantile_groups(values, groups))


@quick
@given(st.integers(2, 12), st.integers(1, 12))
def test_values_that_all_differ_fill_equal_groups(groups, size):
    found = quantile_groups(range(groups * size), groups)

    assert found.tolist() == [1 + place // size for place in range(groups * size)]


def test_equal_values_share_the_lower_group():
    assert quantile_groups([1, 2, 2, 2, 2, 3], 3).tolist() == [1, 1, 1, 1, 1, 3]
    assert quantile_groups([7, 7, 7, 7], 2).tolist() == [1, 1, 1, 1]


def test_an_edge_that_floating_point_misses_is_met():
    # 17 from the top of 34 in 14 groups: 17 / (34 / 14) is 7 and comes out above 7.
    assert quantile_groups(range(34), 14)[17] == 8


def test_missing_values_stay_missing_and_do_not_count():
    found = quantile_groups([NAN, 5, 1, NAN, 3, 4], 2)

    np.testing.assert_array_equal(found, [NAN, 2, 1, NAN, 1, 2])


def test_fewer_values_than_groups_have_no_groups():
    rows = quantile_groups([[1, 2, 3, NAN], [1, 2, 3, 4], [NAN] * 4], 4)

    np.testing.assert_array_equal(rows, [[NAN] * 4, [1, 2, 3, 4], [NAN] * 4])


def test_rows_of_leading_axes_are_grouped_on_their_own():
    values = np.random.default_rng(20260418).integers(0, 30, size=(2, 3, 17)).astype(float)
    values[0, 1, :4] = NAN
    together = quantile_groups(values)

    assert together.shape == values.shape
    for place in np.ndindex(2, 3):
        np.testing.assert_array_equal(together[place], quantile_groups(values[place]))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, float("inf")], r"^values\[1\] is inf: must be finite"),
        ([1, -2e12], r"^values\[1\] is -2000000000000\.0: must not exceed"),
        ([1, None], r"^values\[1\] is None: is not a number"),
        (["1", "2"], r"^values\[0\] is 1: is not a number"),
        ([[1], [1, 2]], r"^values has rows of different lengths"),
        ([], r"^values is empty"),
        (5, r"^values has shape \(\); it must have one value a place"),
    ],
)
def test_bad_input_is_refused_at_its_place(values, message):
    with pytest.raises(StatisticsError, match=message):
        quantile_groups(values)


@pytest.mark.parametrize("groups", [1, 0, -5, 2.5, 1e9, NAN, None, "5", True, [5]])
def test_groups_must_be_a_whole_number_from_2(groups):
    with pytest.raises(StatisticsError, match=r"^groups is .* whole number from 2"):
        quantile_groups([1, 2, 3], groups)
