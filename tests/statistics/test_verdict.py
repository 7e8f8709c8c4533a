"""Lower, similar or higher: three rules, their edges and their bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import (
    Estimate,
    compare_by_control_limits,
    compare_by_interval,
    compare_by_intervals,
    funnel_limits,
    wilson,
)

INTERVAL = Estimate(2.0, 1.0, 3.0, 0.95, "any")
numbers = st.floats(-1e6, 1e6)
intervals = st.tuples(numbers, numbers, numbers).map(
    lambda three: Estimate(sorted(three)[1], min(three), max(three), 0.95, "any")
)


@pytest.mark.parametrize(
    ("benchmark", "verdict"), [(0.9, 1), (1.0, 0), (2.9, 0), (3.0, 0), (3.1, -1)]
)
def test_a_benchmark_on_a_limit_is_similar(benchmark, verdict):
    assert compare_by_interval(INTERVAL, benchmark) == verdict


@pytest.mark.parametrize(
    ("lower", "verdict"), [(3.1, -1), (3.0, 0), (2.0, 0), (-2.0, 0), (-2.1, 1)]
)
def test_intervals_that_touch_are_similar(lower, verdict):
    other = Estimate(lower + 1, lower, lower + 3, 0.95, "any")

    assert compare_by_intervals(INTERVAL, other) == verdict


def test_a_verdict_is_one_small_integer_an_element():
    verdicts = compare_by_interval(wilson([[1, 50], [99, 50]], 100), [0.5, 0.5])

    assert verdicts.dtype == np.int8
    assert verdicts.tolist() == [[-1, 0], [1, 0]]


@settings(max_examples=40)
@given(intervals, numbers)
def test_the_mirrored_interval_has_the_opposite_verdict(estimate, benchmark):
    mirrored = Estimate(-estimate.value, -estimate.upper, -estimate.lower, 0.95, "any")

    assert compare_by_interval(mirrored, -benchmark) == -compare_by_interval(estimate, benchmark)
    assert compare_by_control_limits(-benchmark, mirrored) == -compare_by_control_limits(
        benchmark, estimate
    )


@settings(max_examples=40)
@given(intervals, intervals)
def test_two_intervals_are_never_judged_more_boldly_than_an_interval_and_a_point(first, second):
    apart = compare_by_intervals(first, second)

    assert apart == -compare_by_intervals(second, first)
    if apart != 0:
        assert compare_by_interval(first, second.value) == apart


@settings(max_examples=40)
@given(st.integers(1, 10**5).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_outside_the_funnel_is_where_the_own_interval_leaves_the_benchmark_out(pair):
    events, n = pair
    outside = compare_by_control_limits(events / n, funnel_limits(0.37, n))

    assert outside == compare_by_interval(wilson(events, n), 0.37)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: compare_by_interval(INTERVAL, np.nan), r"^benchmark is nan: must be finite"),
        (
            lambda: compare_by_interval(Estimate([1, 1], [0, np.nan], [2, 2], 0.95, "none"), 1),
            r"^estimate\.lower\[1\] is nan",
        ),
        (
            lambda: compare_by_interval(Estimate(1, 2, 0, 0.95, "any"), 1),
            r"^estimate\.lower is 2\.0: must not exceed the upper limit",
        ),
        (
            lambda: compare_by_intervals(INTERVAL, Estimate(1, 0, 2, 0.9, "any")),
            r"^first has level 0\.95 and second has level 0\.9",
        ),
        (lambda: compare_by_control_limits("2", INTERVAL), r"^value is 2: is not a number"),
        (lambda: compare_by_control_limits([True], INTERVAL), r"^value\[0\] is True"),
        (
            lambda: compare_by_interval(wilson([1, 2], 4), [1, 1, 1]),
            r"estimate\.lower has shape \(2,\).*benchmark has shape \(3,\)",
        ),
    ],
)
def test_what_cannot_be_compared_is_named(call, message):
    with pytest.raises(StatisticsError, match=message):
        call()
