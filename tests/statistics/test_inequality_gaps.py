"""Differences and ratios of two groups, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import difference, ratio

values = st.floats(0.1, 1e6)
errors = st.floats(0.001, 1e4)


@given(values, values, errors, errors)
def test_a_difference_turned_round_is_its_mirror(first, second, of_first, of_second):
    there = difference(first, second, of_first, of_second)
    back = difference(second, first, of_second, of_first)

    assert there.lower < there.value < there.upper
    assert there.lower == -back.upper
    assert there.upper == -back.lower


@given(values, values, st.floats(0.001, 0.5), st.floats(0.001, 0.5))
def test_a_ratio_turned_round_is_its_inverse(first, second, of_first, of_second):
    there = ratio(first, second, of_first * first, of_second * second)
    back = ratio(second, first, of_second * second, of_first * first)

    assert 0 < there.lower < there.value < there.upper
    assert there.lower == pytest.approx(1 / back.upper, rel=1e-9)


def test_without_errors_there_are_no_limits_and_the_method_says_so():
    for estimate in (difference([3, 4], 1), ratio([3, 0], 1)):
        assert estimate.method == "none"
        assert np.isnan(estimate.lower).all()
        assert np.isnan(estimate.upper).all()


def test_a_ratio_of_tiny_values_with_huge_errors_stays_finite():
    estimate = ratio(1e-9, 1e12, 1e12, 1e12)

    assert np.isfinite([estimate.value, estimate.lower, estimate.upper]).all()
    assert estimate.lower < estimate.value < estimate.upper


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (difference, (1, 2, 1), "give the standard errors of both groups, or of neither"),
        (difference, ([1, np.nan], 2), r"first\[1\] is nan: must be finite"),
        (difference, (1, 2, [1, -1], 1), r"standard_error_first\[1\] is -1.0: must not be neg"),
        (difference, ([1, 2], [1, 2, 3]), "do not fit together"),
        (difference, ("1", 2), "first is 1: is not a number"),
        (ratio, (1, [[2, 0]]), r"second\[0, 1\] is 0.0: must be above 0"),
        (ratio, ([2, 0], 1, 0.1, 0.1), r"first\[1\] is 0.0: must be above 0 for limits"),
        (ratio, (-1, 1), "first is -1.0: must not be negative"),
        (ratio, (True, 1), "first is True: is not a number"),
    ],
)
def test_bad_input_is_named(function, arguments, message):
    with pytest.raises(StatisticsError, match=message):
        function(*arguments)


def test_a_level_out_of_range_is_refused_with_and_without_errors():
    with pytest.raises(StatisticsError, match="level is 95"):
        difference(2, 1, level=95)
    with pytest.raises(StatisticsError, match="level is 95"):
        ratio(2, 1, 1, 1, level=95)
