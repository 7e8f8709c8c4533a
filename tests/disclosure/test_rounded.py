"""What limits of a standardised rate tell of the number of events."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.disclosure.rounded import events_left_open
from healthindicators.statistics import directly_standardised_rate


def rate_of(deaths, people):
    """Return a standardised rate of three ages."""
    return directly_standardised_rate(
        np.array([deaths]), np.array([people]), np.array([1.0, 2.0, 1.0]), per=100_000
    )


@pytest.mark.parametrize("deaths", [[1, 4, 8], [10, 3, 90], [400, 800, 2_000]])
def test_with_all_digits_the_limits_tell_the_count(deaths):
    estimate = rate_of(deaths, [90_000, 40_000, 30_000])

    least, most = events_left_open(estimate.value, estimate.lower, estimate.upper, decimals=9)

    assert least[0] == pytest.approx(sum(deaths), rel=1e-3)
    assert most[0] == pytest.approx(sum(deaths), rel=1e-3)


@given(
    st.lists(st.integers(4, 3_000), min_size=3, max_size=3),
    st.floats(1.0, 50.0),
    st.integers(0, 3),
)
def test_the_count_lies_within_what_rounding_leaves_open(deaths, scale, decimals):
    people = [scale * 9_000, scale * 5_000, scale * 4_000]
    estimate = rate_of(deaths, people)

    least, most = events_left_open(
        estimate.value, estimate.lower, estimate.upper, decimals=decimals
    )

    assert least[0] <= sum(deaths) * (1 + 1e-4)
    assert most[0] >= sum(deaths) * (1 - 1e-4)


def test_fewer_digits_leave_more_open():
    estimate = rate_of([30, 60, 90], [90_000, 40_000, 30_000])
    numbers = estimate.value, estimate.lower, estimate.upper

    widths = [np.diff(events_left_open(*numbers, decimals=d), axis=0)[0, 0] for d in (3, 2, 1, 0)]

    assert widths == sorted(widths)
    assert widths[0] < 1 < widths[-1]


def test_nothing_is_known_without_limits():
    least, most = events_left_open([np.nan, 5.0], [np.nan, np.nan], [np.nan, np.nan], 0)

    assert least.tolist() == [0, 0]
    assert most.tolist() == [np.inf, np.inf]
