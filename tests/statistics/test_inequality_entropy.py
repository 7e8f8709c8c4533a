"""Entropy measures against sums over persons, exact additivity and the scale of their limits."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import (
    atkinson,
    mean_log_deviation,
    theil_decomposition,
    theil_index,
)

VALUE = np.array([20.0, 23.0, 31.0, 30.0, 42.0])
POPULATION = np.array([120.0, 80.0, 200.0, 90.0, 60.0])
ERROR = np.array([3.0, 2.5, 2.0, 4.0, 3.0])

places = st.lists(
    st.tuples(st.floats(0.5, 40), st.integers(1, 10_000), st.integers(0, 3)),
    min_size=2,
    max_size=8,
)


def columns(rows):
    return (list(column) for column in zip(*rows, strict=True))


@given(places)
def test_both_measures_are_sums_over_persons(rows):
    value, population, _ = columns(rows)
    persons = sum(population)
    mean = sum(y * n for y, n in zip(value, population, strict=True)) / persons
    pairs = list(zip(value, population, strict=True))
    theil = sum(n * y / mean * math.log(y / mean) for y, n in pairs) / persons
    deviation = sum(n * math.log(mean / y) for y, n in pairs) / persons

    assert theil_index(value, population, per=1).value == pytest.approx(theil, abs=1e-12)
    assert mean_log_deviation(value, population).value == pytest.approx(1000 * deviation, abs=1e-9)


@given(places, st.sampled_from(["theil", "mean-log-deviation"]))
def test_between_and_within_add_up(rows, measure):
    value, population, parent = columns(rows)
    parts = theil_decomposition(value, population, parent, measure=measure)

    assert parts.between + parts.within == pytest.approx(float(parts.total), rel=1e-9, abs=1e-9)
    assert parts.between >= 0
    assert parts.within >= -1e-9


def test_one_larger_group_has_all_within_and_groups_of_one_all_between():
    whole = theil_decomposition([VALUE, VALUE], POPULATION, [1] * 5)
    single = theil_decomposition(VALUE, POPULATION, ["a", "b", "c", "d", "e"])

    assert whole.between == pytest.approx([0, 0], abs=1e-9)
    assert whole.within == pytest.approx(whole.total)
    assert single.within == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("parent", [[1, 1], [1, 1, 1, 1, None], [1.5] * 5, [[1] * 5], "abcde"])
def test_labels_that_are_not_one_a_group_are_refused(parent):
    with pytest.raises(StatisticsError, match="parent has shape"):
        theil_decomposition(VALUE, POPULATION, parent)


def test_limits_are_on_the_scale_of_the_estimate():
    for function in (theil_index, mean_log_deviation):
        for interval in ("simulation", "delta"):
            one = function(VALUE, POPULATION, ERROR, per=1, interval=interval)
            thousand = function(VALUE, POPULATION, ERROR, interval=interval)
            assert thousand.lower == pytest.approx(1000 * one.lower, rel=1e-9)
            assert thousand.upper == pytest.approx(1000 * one.upper, rel=1e-9)


@pytest.mark.parametrize("function", [theil_index, mean_log_deviation])
def test_normal_limits_are_those_of_numerical_derivatives(function):
    index = function(VALUE, POPULATION, ERROR, interval="delta")
    slopes = []
    for step in np.eye(5) * 1e-4:
        up, down = (function(VALUE + sign * step, POPULATION).value for sign in (1, -1))
        slopes.append((up - down) / 2e-4)
    error = np.sqrt(((np.array(slopes) * ERROR) ** 2).sum())

    assert index.method == "delta"
    assert index.upper - index.value == pytest.approx(1.959964 * error, rel=1e-5)


@pytest.mark.parametrize("function", [theil_index, mean_log_deviation])
@pytest.mark.parametrize("times", [0, 2])
def test_simulated_limits_cover_none_little_and_much_inequality(function, times):
    generator = np.random.default_rng(8)
    truth = 60 + times * np.array([2.0, -4.0, 1.0, 4.0, -2.0])
    drawn = truth + 3 * generator.normal(size=(100, 5))

    index = function(drawn, POPULATION, np.full(5, 3.0))

    target = function(truth, POPULATION).value
    covered = ((index.lower <= target + 1e-9) & (target <= index.upper)).mean()
    assert covered > 0.9


@given(places)
def test_atkinson_rises_with_aversion_and_is_exact_at_one(rows):
    value, population, _ = columns(rows)
    found = [float(atkinson(value, population, aversion=e).value) for e in (0.5, 1, 2, 50)]
    deviation = float(mean_log_deviation(value, population, per=1).value)

    assert all(low <= high + 1e-12 for low, high in pairwise(found))
    assert found[1] == pytest.approx(1 - math.exp(-deviation), abs=1e-12)
    assert 0 <= found[0] <= found[-1] < 1


def test_zero_is_a_value_where_no_logarithm_is_taken_of_it():
    assert theil_index([0, 10], [1, 1], [1, 1], per=1).value == pytest.approx(math.log(2))
    assert atkinson([0, 10], [1, 1], [1, 1], aversion=0.5).value == pytest.approx(0.5)
    for function, options in (
        (mean_log_deviation, {}),
        (atkinson, {}),
        (theil_index, {"standard_error": [1, 1], "interval": "delta"}),
    ):
        with pytest.raises(StatisticsError, match=r"value\[0\] is 0.0: must be above 0"):
            function([0, 10], [1, 1], **options)


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        (theil_index, {"per": 0}, "per is 0"),
        (theil_index, {"interval": "wald"}, "interval is 'wald'"),
        (atkinson, {"aversion": 0}, "aversion is 0"),
        (atkinson, {"aversion": "1"}, "aversion is '1'"),
    ],
)
def test_bad_options_are_refused(function, options, message):
    with pytest.raises(StatisticsError, match=message):
        function(VALUE, POPULATION, **options)


def test_an_unknown_measure_is_refused():
    with pytest.raises(
        StatisticsError, match="measure is 'mld'; it must be one of theil, mean-log"
    ):
        theil_decomposition(VALUE, POPULATION, [1] * 5, measure="mld")
