"""Variation between groups: noise taken off, limits that cover, what can be detected."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import (
    between_group_standard_deviation,
    between_group_variance,
    coefficient_of_variation,
    minimum_detectable_inequality,
)

VALUE = np.array([20.0, 23.0, 31.0, 30.0, 42.0])
POPULATION = np.array([120.0, 80.0, 200.0, 90.0, 60.0])
SHARE = POPULATION / POPULATION.sum()
ERROR = np.array([3.0, 2.5, 2.0, 4.0, 3.0])

places = st.lists(
    st.tuples(st.floats(10, 40), st.integers(1, 10_000), st.floats(0.1, 3)),
    min_size=2,
    max_size=6,
).map(lambda rows: tuple(np.array(column, dtype=float) for column in zip(*rows, strict=True)))


@given(places)
def test_the_variance_is_that_of_persons(place):
    value, population, _ = place
    expected = np.cov(value, aweights=population, bias=True)

    variance = between_group_variance(value, population)
    deviation = between_group_standard_deviation(value, population)
    percent = coefficient_of_variation(value, population)

    assert variance.value == pytest.approx(float(expected), rel=1e-9, abs=1e-9)
    assert deviation.value == pytest.approx(float(expected) ** 0.5, rel=1e-9, abs=1e-6)
    mean = np.average(value, weights=population)
    assert percent.value == pytest.approx(100 * expected**0.5 / mean, rel=1e-9, abs=1e-6)


@given(places)
@settings(max_examples=20)
def test_limits_of_the_deviation_are_roots_of_those_of_the_variance(place):
    variance = between_group_variance(*place)
    deviation = between_group_standard_deviation(*place)

    assert deviation.lower**2 == pytest.approx(float(variance.lower), rel=1e-6, abs=1e-9)
    assert deviation.upper**2 == pytest.approx(float(variance.upper), rel=1e-6, abs=1e-9)


def test_the_correction_takes_off_what_noise_adds_on_average():
    generator = np.random.default_rng(1)
    drawn = VALUE + ERROR * generator.normal(size=(200_000, 5))
    naive = between_group_variance(drawn, POPULATION).value
    true = between_group_variance(VALUE, POPULATION).value

    assert naive.mean() - true == pytest.approx((SHARE * (1 - SHARE) * ERROR**2).sum(), rel=0.02)

    corrected = between_group_variance(VALUE, POPULATION, ERROR, corrected=True)
    assert corrected.value == pytest.approx(true - (SHARE * (1 - SHARE) * ERROR**2).sum())


def test_a_variance_that_noise_explains_is_0_with_limits_from_0():
    for function in (
        between_group_variance,
        between_group_standard_deviation,
        coefficient_of_variation,
    ):
        estimate = function([20, 21, 20], [1, 1, 1], [3, 3, 3], corrected=True)
        assert estimate.value == 0
        assert estimate.lower == 0
        assert estimate.upper > 0


def test_the_normal_interval_has_the_error_of_simulated_variances():
    generator = np.random.default_rng(2)
    drawn = VALUE + ERROR * generator.normal(size=(400_000, 5))
    error = between_group_variance(drawn, POPULATION).value.std()

    variance = between_group_variance(VALUE, POPULATION, ERROR, interval="delta")

    assert variance.method == "delta"
    assert variance.upper - variance.value == pytest.approx(1.959964 * error, rel=0.01)


@pytest.mark.parametrize(("times", "least", "most"), [(0, 0.94, 1), (1, 0.91, 1), (4, 0.91, 0.985)])
def test_simulated_limits_cover_none_little_and_much_inequality(times, least, most):
    generator = np.random.default_rng(3)
    truth = 30 + times * np.array([1.0, -2.0, 0.5, 2.0, -1.0])
    drawn = truth + 2 * generator.normal(size=(300, 5))

    estimate = between_group_standard_deviation(drawn, POPULATION, np.full(5, 2.0))

    target = between_group_standard_deviation(truth, POPULATION).value
    covered = ((estimate.lower <= target + 1e-9) & (target <= estimate.upper)).mean()
    assert least < covered <= most


def test_an_estimate_is_not_at_the_edge_of_its_interval_where_inequality_is_plain():
    estimate = between_group_standard_deviation(VALUE, POPULATION, ERROR)
    place = (estimate.value - estimate.lower) / (estimate.upper - estimate.lower)

    assert 0.25 < place < 0.75


def test_limits_of_ninety_eight_municipalities_without_inequality_begin_at_0():
    generator = np.random.default_rng(4)
    drawn = 15 + 2 * generator.normal(size=(10, 98))

    estimate = between_group_standard_deviation(drawn, np.ones(98), np.full(98, 2.0))

    assert (estimate.value > 1.4).all()  # nothing but noise
    assert (estimate.lower == 0).sum() >= 8
    assert (estimate.upper >= estimate.value).all()


def test_the_detectable_inequality_is_found_with_the_power_asked_for():
    generator = np.random.default_rng(5)
    detectable = float(minimum_detectable_inequality(POPULATION, ERROR, power=0.8))
    pattern = np.array([1.0, -2.0, 0.5, 2.0, -1.0])
    pattern -= (SHARE * pattern).sum()
    truth = detectable * pattern / np.sqrt((SHARE * pattern**2).sum())
    noise = ERROR * generator.normal(size=(100_000, 5))
    usual = np.quantile(between_group_variance(noise, POPULATION).value, 0.95)

    found = (between_group_variance(truth + noise, POPULATION).value > usual).mean()

    assert 0.75 < found < 0.85


def test_the_detectable_inequality_follows_the_errors_and_the_power():
    one = minimum_detectable_inequality([POPULATION, POPULATION], ERROR)
    assert one.shape == (2,)
    assert minimum_detectable_inequality(POPULATION, 3 * ERROR) == pytest.approx(3 * one[0])
    assert minimum_detectable_inequality(POPULATION, ERROR, power=0.95) > one[0]
    assert minimum_detectable_inequality(POPULATION, ERROR, level=0.99) > one[0]
    assert minimum_detectable_inequality([1, 1], [0, 0]) == 0
    assert np.isfinite(minimum_detectable_inequality([1e12, 1, 1], [1e-9, 1e12, 0]))


@pytest.mark.parametrize("power", [0.05, 1, None, "0.8"])
def test_an_impossible_power_is_refused(power):
    with pytest.raises(StatisticsError, match="power is"):
        minimum_detectable_inequality(POPULATION, ERROR, power=power)


def test_a_correction_needs_errors_and_an_interval_a_name():
    with pytest.raises(StatisticsError, match="standard_error is None; a corrected measure needs"):
        between_group_variance(VALUE, POPULATION, corrected=True)
    with pytest.raises(StatisticsError, match="interval is 'normal'; it must be one of"):
        between_group_variance(VALUE, POPULATION, ERROR, interval="normal")
