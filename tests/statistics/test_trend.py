"""Trends: the five-point rule, and the weighted line over real years."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import (
    Estimate,
    byar,
    recent_trend,
    recent_trend_of_proportions,
    weighted_trend,
)

Z = 1.959963984540054


def around(value, error=1.0):
    value = np.asarray(value, dtype=float)
    return Estimate(value, value - Z * error, value + Z * error, 0.95, "any")


def test_a_steep_rise_is_a_trend_and_its_mirror_a_fall():
    rise, fall = recent_trend(around([1, 3, 5, 7, 9])), recent_trend(around([9, 7, 5, 3, 1]))

    assert (rise.direction, fall.direction) == (1, -1)
    assert rise.slope == pytest.approx(2)
    assert rise.chi_squared == pytest.approx(2**2 * 10)
    assert rise.reason == ""
    assert fall.p_value == pytest.approx(rise.p_value)


@pytest.mark.parametrize(("factor", "direction"), [(1.0001, 1), (0.9999, 0)])
def test_the_limit_is_a_chi_squared_of_9_5495(factor, direction):
    slope = factor * np.sqrt(9.549535706 / 10)
    found = recent_trend(around(slope * np.arange(5)))

    assert found.direction == direction
    assert found.reason == ("" if direction else "not-significant")


def test_a_slope_that_hangs_on_one_point_is_no_trend():
    found = recent_trend(around([0, -0.1, -0.2, -0.3, 10]))

    assert found.p_value < 0.002
    assert (found.direction, found.reason) == (0, "one-point-decides")


def test_only_the_latest_points_count_and_missing_ones_are_skipped():
    value = np.array([100, 50, 1, 3, np.nan, 5, 7, 9])

    assert recent_trend(around(value)) == recent_trend(around([1, 3, 5, 7, 9]))
    found = recent_trend(around(value[-5:]))
    assert (found.direction, found.points, found.reason) == (0, 4, "too-few-points")
    assert np.isnan(found.p_value)


def test_the_level_of_the_limits_does_not_matter():
    events = [500, 470, 450, 440, 400]
    at_95, at_80 = (recent_trend(byar(events, 1e5, level=level)) for level in (0.95, 0.8))

    assert at_80.chi_squared == pytest.approx(at_95.chi_squared, rel=0.02)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(50, 99)), min_size=5, max_size=7),
)
def test_those_without_the_property_have_the_opposite_trend(pairs):
    events, n = np.array(pairs).T
    having, lacking = (
        recent_trend_of_proportions(events, n),
        recent_trend_of_proportions(n - events, n),
    )

    assert having.direction == -lacking.direction
    assert having.slope == pytest.approx(-lacking.slope, abs=1e-12)
    assert having.chi_squared == pytest.approx(lacking.chi_squared, rel=1e-9, abs=1e-12)


@settings(max_examples=40)
@given(st.lists(st.floats(-100, 100), min_size=5, max_size=5), st.floats(0.01, 1e6))
def test_the_unit_does_not_matter(value, unit):
    plain = recent_trend(around(value))
    scaled = recent_trend(around(unit * np.array(value), unit))

    assert scaled.chi_squared == pytest.approx(plain.chi_squared, rel=1e-6, abs=1e-9)
    assert scaled.slope == pytest.approx(unit * plain.slope, rel=1e-6, abs=1e-9 * unit)


@pytest.mark.parametrize("events", [[0] * 5, [20] * 5])
def test_nobody_and_everybody_have_no_trend(events):
    found = recent_trend_of_proportions(events, 20)

    assert (found.direction, found.chi_squared, found.p_value) == (0, 0, 1)


def test_without_change_trends_are_found_at_most_twice_in_a_thousand():
    """1 000 level series each; leaving one out makes the rule stricter than its p-value."""
    random = np.random.default_rng(11)
    normal = random.normal(50, 1, (1_000, 5))
    binomial = random.binomial(400, 0.2, (1_000, 5))
    found = [recent_trend(around(series)).direction for series in normal]
    shares = [recent_trend_of_proportions(series, 400).direction for series in binomial]

    assert np.count_nonzero(found) <= 6
    assert np.count_nonzero(shares) <= 6
    p_values = np.array([recent_trend(around(series)).p_value for series in normal])
    assert (p_values < 0.05).mean() == pytest.approx(0.05, abs=0.02)


def test_a_weighted_trend_knows_real_spacing():
    years = np.array([2001, 2002, 2010])
    found = weighted_trend(years, years, 3 + 0.5 * years, [1, 2, 3])

    assert found.slope.value == pytest.approx(0.5)
    assert found.lack_of_fit == pytest.approx(1)
    assert found.slope.method == "gls"


def test_shared_years_are_not_counted_twice():
    """Windows of three years hold less about the slope than as many years of their own would."""
    starts = np.arange(2000, 2008)
    apart = weighted_trend(starts, starts, np.zeros(8), 1.0)
    shared = weighted_trend(starts, starts + 2, np.zeros(8), 1.0)

    assert shared.slope.upper > 1.2 * apart.slope.upper


def test_level_series_of_overlapping_windows_change_by_chance_in_one_of_twenty():
    """20 000 places; annual values with gaps, seen through windows of three years."""
    random = np.random.default_rng(13)
    annual = random.normal(10, np.sqrt(3), (20_000, 10))
    starts = np.array([0, 1, 2, 4, 5, 7])
    windows = np.stack([annual[:, s : s + 3].mean(axis=1) for s in starts], axis=1)
    found = weighted_trend(2000 + starts, 2002 + starts, windows, 1.0)
    naive = weighted_trend(2001 + starts, 2001 + starts, windows, 1.0)

    assert (found.p_value < 0.05).mean() == pytest.approx(0.05, abs=0.006)
    assert (found.lack_of_fit < 0.05).mean() == pytest.approx(0.05, abs=0.006)
    assert (naive.p_value < 0.05).mean() > 0.1
    covered = (found.slope.lower <= 0) & (found.slope.upper >= 0)
    assert covered.mean() == pytest.approx(0.95, abs=0.006)


def test_each_place_uses_the_periods_it_has():
    years = np.arange(2010, 2015)
    value = np.array([[1, 2, 3, 4, 9.0], [1, 2, np.nan, 4, np.nan], [1, np.nan, np.nan, 4, np.nan]])
    found = weighted_trend(years, years, value[:, None, :], 1.0)

    assert found.points.tolist() == [[5], [3], [2]]
    assert found.slope.value[1, 0] == pytest.approx(1)
    assert np.isnan(found.slope.value[2, 0])
    assert np.isnan(found.p_value[2, 0])
    alone = weighted_trend(years, years, value[0], 1.0)
    assert found.slope.lower[0, 0] == pytest.approx(float(alone.slope.lower))


@settings(max_examples=50)
@given(
    st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=6),
    st.floats(1e-3, 1e3),
    st.integers(-500, 500),
)
def test_the_slope_follows_the_unit_and_not_the_calendar(value, unit, shift):
    years = 2000 + np.arange(len(value)) * 2
    plain = weighted_trend(years, years + 1, value, 1.0)
    moved = weighted_trend(years + shift, years + shift + 1, unit * np.array(value), unit)

    assert moved.slope.value == pytest.approx(unit * plain.slope.value, rel=1e-6, abs=1e-9 * unit)
    assert moved.slope.upper == pytest.approx(unit * plain.slope.upper, rel=1e-6, abs=1e-9 * unit)


def test_extreme_values_do_not_overflow():
    years = [2000, 2001, 2002]
    found = weighted_trend(years, years, [1e12, -1e12, 1e12], [1e-9, 1e12, 1])

    assert np.isfinite([found.slope.value, found.slope.upper, found.p_value]).all()
    assert np.isfinite(recent_trend(around([1e11, 0, 1e11, 1, 1], 1e-3)).slope)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: recent_trend(around([[1, 2, 3]])), r"^estimate\.value has shape \(1, 3\)"),
        (
            lambda: recent_trend(Estimate([1.0], [1.0], [1.0], 0.95, "any")),
            r"^estimate\.lower\[0\] is 1\.0: must be under the upper limit",
        ),
        (lambda: recent_trend(around([1, np.inf, 3])), r"^estimate\.value\[1\] is inf"),
        (lambda: recent_trend(around([1, 2, 3]), points=2), r"^points is 2"),
        (lambda: recent_trend(around([1, 2, 3]), points=True), r"^points is True"),
        (
            lambda: recent_trend_of_proportions([5, 3], [4, 4]),
            r"^events\[0\] is 5\.0: must not exceed n",
        ),
        (lambda: recent_trend_of_proportions([0, 0], [4, 0]), r"^n\[1\] is 0\.0: must be above 0"),
        (lambda: recent_trend_of_proportions([-1], [4]), r"^events\[0\] is -1\.0"),
        (lambda: weighted_trend([2001, 2001], [2001, 2001], [1, 2], 1), r"name a period twice"),
        (
            lambda: weighted_trend([2001, 2002, 2001], [2001, 2002, 2002], [1, 2, 3], 1),
            r"one that others make up",
        ),
        (lambda: weighted_trend([2002], [2001], [1], 1), r"^last_years\[0\] is 2001\.0"),
        (lambda: weighted_trend([2001.5], [2002], [1], 1), r"^first_years\[0\] is 2001\.5"),
        (
            lambda: weighted_trend([2001, 2002], [2001, 2002], [1, 2, 3], 1),
            r"^value has shape \(3,\)",
        ),
        (
            lambda: weighted_trend([2001, 2002], [2001, 2002], [1, 2], [1, 0]),
            r"^standard_error\[1\]",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(StatisticsError, match=message):
        call()


def test_without_errors_the_scatter_tells_them():
    """Sixteen single years, as ordinary least squares has them by numpy's own fit."""
    years = np.arange(1947, 1963)
    deflator = [
        83.0, 88.5, 88.2, 89.5, 96.2, 98.1, 99.0, 100.0, 101.2, 104.6, 108.4, 110.8, 112.6, 114.2,
        115.7, 116.9,
    ]  # fmt: skip
    found = weighted_trend(years, years, deflator)
    slope, start = np.polyfit(years - 1954.5, deflator, 1)
    residual = np.array(deflator) - start - slope * (years - 1954.5)
    error = np.sqrt((residual**2).sum() / 14 / ((years - 1954.5) ** 2).sum())
    assert found.slope.method == "gls-residual"
    assert float(found.slope.value) == pytest.approx(slope)
    assert float(found.slope.upper - found.slope.value) == pytest.approx(2.144786688 * error)
    assert np.isnan(found.lack_of_fit)


def test_limits_by_scatter_cover_as_they_should():
    years = np.array([2010, 2013, 2017, 2021, 2025])
    noise = np.random.default_rng(5).normal(0, 0.7, (20_000, 5))
    found = weighted_trend(years, years, 0.3 * years + noise)
    inside = (found.slope.lower <= 0.3) & (found.slope.upper >= 0.3)
    assert inside.mean() == pytest.approx(0.95, abs=0.006)
    flat = weighted_trend(years, years, noise)
    assert (flat.p_value < 0.05).mean() == pytest.approx(0.05, abs=0.006)


def test_points_on_a_line_are_certain_and_a_flat_line_is_no_trend():
    years = np.array([2010, 2011, 2012])
    found = weighted_trend(years, years, [[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]])
    assert found.slope.value.tolist() == [1.0, 0.0]
    assert found.p_value[0] < 1e-6
    assert found.p_value[1] == 1.0


def test_longer_periods_weigh_more():
    first, last = np.array([2000, 2010, 2011]), np.array([2009, 2010, 2011])
    found = weighted_trend(first, last, [0.0, 10.0, 0.0])
    single = weighted_trend(last, last, [0.0, 10.0, 0.0])
    assert found.slope.value != single.slope.value
