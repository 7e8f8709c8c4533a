"""Gini's coefficient against the double sum of its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import gini

places = st.lists(
    st.tuples(st.floats(0, 100), st.integers(1, 1000)), min_size=2, max_size=8
).filter(lambda rows: max(value for value, _ in rows) > 1)


@given(places)
def test_it_is_the_mean_difference_over_twice_the_mean(rows):
    persons = sum(n for _, n in rows)
    mean = sum(y * n for y, n in rows) / persons
    apart = sum(m * n * abs(x - y) for x, m in rows for y, n in rows) / persons**2
    value, population = (list(column) for column in zip(*rows, strict=True))

    found = gini(value, population).value

    assert found == pytest.approx(apart / (2 * mean), abs=1e-9)
    assert 0 <= found < 1


@given(places)
def test_a_group_split_in_two_changes_nothing(rows):
    value, population = (list(column) for column in zip(*rows, strict=True))
    halves = [value[0], *value], [population[0] / 2, population[0] / 2, *population[1:]]

    assert gini(*halves).value == pytest.approx(float(gini(value, population).value), abs=1e-9)


def test_groups_count_alike_without_a_population_and_0_is_a_value():
    assert gini([[0, 0, 6], [1, 1, 1]]).value == pytest.approx([2 / 3, 0])


def test_limits_cover_little_and_much_inequality():
    generator = np.random.default_rng(9)
    for times in (0, 2):
        truth = 60 + times * np.array([2.0, -4.0, 1.0, 4.0, -2.0])
        drawn = truth + 3 * generator.normal(size=(100, 5))
        index = gini(drawn, None, np.full((100, 5), 3.0))
        target = gini(truth).value
        assert ((index.lower <= target + 1e-9) & (target <= index.upper)).mean() > 0.91


@pytest.mark.parametrize("value", [5, [5], []])
def test_less_than_two_groups_are_refused(value):
    with pytest.raises(StatisticsError, match=r"value (has shape|is empty)"):
        gini(value)
