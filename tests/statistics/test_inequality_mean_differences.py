"""Mean differences from mean, best and reference, against plain loops and simulated coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import (
    index_of_disparity,
    mean_difference_from_best,
    mean_difference_from_mean,
    mean_difference_from_reference,
)

places = st.lists(st.tuples(st.floats(10, 40), st.integers(1, 10_000)), min_size=2, max_size=6).map(
    lambda rows: tuple(np.array(column, dtype=float) for column in zip(*rows, strict=True))
)


def by_hand(value, population, target, weighted):
    weights = population if weighted else [1] * len(value)
    total = sum(w * abs(y - target) for w, y in zip(weights, value, strict=True))
    return total / sum(weights)


@given(places, st.booleans())
def test_each_is_a_mean_of_absolute_differences(place, weighted):
    value, population = place
    mean = sum(value * population) / sum(population)
    found = {
        mean: mean_difference_from_mean(value, population, weighted=weighted),
        max(value): mean_difference_from_best(value, population, weighted=weighted),
        min(value): mean_difference_from_best(
            value, population, higher_is_better=False, weighted=weighted
        ),
        value[0]: mean_difference_from_reference(value, population, reference=0, weighted=weighted),
    }
    for target, estimate in found.items():
        expected = by_hand(value, population, target, weighted)
        assert estimate.value == pytest.approx(expected, rel=1e-9, abs=1e-9)
    percent = index_of_disparity(value, population, weighted=weighted)
    expected = 100 * by_hand(value, population, mean, weighted) / mean
    assert percent.value == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(places)
@settings(max_examples=20)
def test_low_is_better_mirrors_high_is_better(place):
    value, population = place
    errors = np.full_like(value, 1.5)
    high = mean_difference_from_best(value, population, errors)
    low = mean_difference_from_best(-value, population, errors, higher_is_better=False)

    assert low.value == high.value
    assert low.lower == high.lower
    assert low.upper == high.upper


def test_the_reference_may_be_named_from_either_end():
    value, population, error = [20, 30, 45], [5, 6, 7], [2, 3, 1]
    one = mean_difference_from_reference(value, population, error, reference=-2)
    other = mean_difference_from_reference(value, population, error, reference=1)
    moved = mean_difference_from_reference([20, 45, 30], [5, 7, 6], [2, 1, 3])

    assert float(one.lower) == float(other.lower) == float(moved.lower)
    assert float(one.upper) == float(other.upper) == float(moved.upper)


@pytest.mark.parametrize("reference", [3, -4, 1.0, "1", None, True])
def test_a_reference_that_is_no_position_is_refused(reference):
    with pytest.raises(StatisticsError, match=r"reference is .* a position among 3 groups"):
        mean_difference_from_reference([1, 2, 3], [1, 1, 1], reference=reference)


@pytest.mark.parametrize(
    "function",
    [
        mean_difference_from_mean,
        mean_difference_from_best,
        mean_difference_from_reference,
        index_of_disparity,
    ],
)
@pytest.mark.parametrize("times", [0, 1, 3])
def test_limits_cover_none_little_and_much_inequality(function, times):
    generator = np.random.default_rng(7)
    truth = 30 + times * np.array([1.0, -2.0, 0.5, 2.0, 1.8])
    population = np.array([3, 1, 2, 2, 1])
    drawn = truth + 2 * generator.normal(size=(150, 5))

    estimate = function(drawn, population, np.full(5, 2.0))

    target = function(truth, population).value
    covered = ((estimate.lower <= target + 1e-9) & (target <= estimate.upper)).mean()
    assert covered > 0.91


def test_a_clear_best_group_has_the_limits_of_the_normal_sum():
    # The signs are beyond doubt, so that the measure is a sum: 0.5 y_3 - 0.25 y_1 - 0.25 y_2.
    estimate = mean_difference_from_best([10, 12, 60], [1, 1, 2], [1, 2, 3])
    error = np.sqrt((0.25 * 1) ** 2 + (0.25 * 2) ** 2 + (0.5 * 3) ** 2)

    assert estimate.value == 24.5
    assert estimate.upper == pytest.approx(24.5 + 1.959964 * error, rel=1e-6)
    assert estimate.lower == pytest.approx(24.5 - 1.959964 * error, rel=0.02)
