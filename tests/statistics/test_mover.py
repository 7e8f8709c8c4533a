"""Differences and ratios of two estimates, from their limits alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import (
    Estimate,
    difference_of_estimates,
    difference_of_proportions,
    ratio_of_estimates,
    ratio_of_proportions,
    wilson,
)

part = st.floats(1e-3, 1e3)


def estimate(value, below, above, level=0.95):
    return Estimate(value, value - below * value, value + above, level, "dobson")


estimates = st.builds(estimate, part, st.floats(0.01, 0.99), part)


def numbers(found):
    return [float(found.value), float(found.lower), float(found.upper)]


@pytest.mark.parametrize("counts", [(56, 70, 48, 80), (9, 10, 3, 10), (1, 40, 8, 30)])
def test_wilson_limits_give_newcombes_and_the_ratio_of_the_same_two(counts):
    first, second = wilson(*counts[:2]), wilson(*counts[2:])
    difference = difference_of_estimates(first, second)
    assert numbers(difference) == pytest.approx(numbers(difference_of_proportions(*counts)))
    assert numbers(ratio_of_estimates(first, second)) == pytest.approx(
        numbers(ratio_of_proportions(*counts))
    )


@given(estimates, estimates)
def test_order_and_exchange(first, second):
    there, back = difference_of_estimates(first, second), difference_of_estimates(second, first)
    assert there.lower <= there.value <= there.upper
    assert numbers(there) == pytest.approx([-back.value, -back.upper, -back.lower])
    times = ratio_of_estimates(first, second)
    assert 0 <= times.lower <= times.value <= times.upper
    assert np.isfinite(times.upper)


@given(estimates, estimates)
def test_ratio_and_difference_agree_on_whether_two_are_alike(first, second):
    more, times = difference_of_estimates(first, second), ratio_of_estimates(first, second)
    if min(abs(more.lower), abs(more.upper)) > 1e-9 * abs(first.value):
        assert (more.lower > 0) == (times.lower > 1)
        assert (more.upper < 0) == (times.upper < 1)


@given(estimates, estimates, st.floats(1e-3, 1e3))
def test_the_unit_does_not_matter(first, second, unit):
    scaled = [
        Estimate(e.value * unit, e.lower * unit, e.upper * unit, e.level, e.method)
        for e in (first, second)
    ]
    plain = numbers(difference_of_estimates(first, second))
    assert numbers(difference_of_estimates(*scaled)) == pytest.approx([n * unit for n in plain])
    assert numbers(ratio_of_estimates(*scaled)) == pytest.approx(
        numbers(ratio_of_estimates(first, second))
    )


def test_arrays_are_broadcast():
    many = Estimate([2.0, 3.0], [1.0, 2.0], [4.0, 5.0], 0.95, "byar")
    one = Estimate(2.0, 1.5, 2.5, 0.95, "byar")
    assert difference_of_estimates(many, one).value.tolist() == [0.0, 1.0]
    assert ratio_of_estimates(one, many).value.shape == (2,)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (
            Estimate(1, 0.5, 2, 0.95, "a"),
            Estimate(1, 0.5, 2, 0.9, "a"),
            "levels?.*must be the same",
        ),
        (Estimate(3, 0.5, 2, 0.95, "a"), Estimate(1, 0.5, 2, 0.95, "a"), "first.value is 3.0"),
        (Estimate(1, np.nan, 2, 0.95, "a"), Estimate(1, 0.5, 2, 0.95, "a"), "first.lower is nan"),
        (Estimate(1, 0.5, 2, 0.95, "a"), Estimate([1, 1], [0.5, 1.5], [2, 2], 0.95, "a"), r"\[1\]"),
    ],
)
def test_bad_input_is_named(first, second, said):
    with pytest.raises(StatisticsError, match=said):
        difference_of_estimates(first, second)


def test_a_ratio_needs_something_to_divide_by():
    nothing = Estimate([1, 1], [0.5, 0], [2, 2], 0.95, "exact")
    with pytest.raises(StatisticsError, match=r"second.lower\[1\] is 0.0: there is nothing"):
        ratio_of_estimates(Estimate(1, 0.5, 2, 0.95, "exact"), nothing)
