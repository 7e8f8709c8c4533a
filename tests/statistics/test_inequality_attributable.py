"""Attributable risk and fraction: signs, scales, the two by two table, the luckiest group."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import (
    mean_difference_from_best,
    population_attributable_fraction,
    population_attributable_risk,
)

VALUE = np.array([20.0, 30.0, 40.0, 50.0, 60.0])
POPULATION = np.array([78.0, 91.0, 162.0, 103.0, 105.0])
ERROR = np.array([4.0, 4.5, 3.5, 5.0, 5.0])
BOTH = (population_attributable_risk, population_attributable_fraction)

places = st.lists(st.tuples(st.floats(1, 99), st.integers(20, 10_000)), min_size=2, max_size=6).map(
    lambda rows: tuple(np.array(column, dtype=float) for column in zip(*rows, strict=True))
)


@given(places)
def test_the_fraction_is_the_risk_over_the_mean_and_both_point_one_way(place):
    value, population = place
    mean = np.average(value, weights=population)
    for better in (True, False):
        risk = population_attributable_risk(value, population, higher_is_better=better)
        part = population_attributable_fraction(value, population, higher_is_better=better)
        gain = value[-1] - mean
        expected = max(gain, 0) if better else min(gain, 0)
        assert risk.value == pytest.approx(expected, abs=1e-9)
        assert part.value == pytest.approx(100 * expected / mean, abs=1e-9)


@given(places)
def test_risk_and_fraction_of_the_table_have_one_interval_on_two_scales(place):
    value, population = place
    mean = np.average(value, weights=population)
    options = {"interval": "walter", "per": 100}
    risk = population_attributable_risk(value, population, **options)
    part = population_attributable_fraction(value, population, **options)

    assert risk.method == part.method == "walter"
    assert part.lower == pytest.approx(100 * risk.lower / mean, rel=1e-6, abs=1e-6)
    assert part.upper == pytest.approx(100 * risk.upper / mean, rel=1e-6, abs=1e-6)


def test_the_table_has_the_error_of_simulated_samples():
    generator = np.random.default_rng(1)
    persons = 4_000
    cells = np.concatenate([VALUE * POPULATION, (100 - VALUE) * POPULATION])
    drawn = generator.multinomial(persons, cells / cells.sum(), size=40_000)
    events, population = drawn[:, :5], drawn[:, :5] + drawn[:, 5:]
    fraction = population_attributable_fraction(events / population, population).value

    part = population_attributable_fraction(
        VALUE, persons * POPULATION / POPULATION.sum(), interval="walter", per=100
    )

    assert part.upper - part.value == pytest.approx(1.959964 * fraction.std(), rel=0.02)


@pytest.mark.parametrize("function", BOTH)
def test_delta_limits_are_those_of_numerical_derivatives(function):
    found = function(VALUE, POPULATION, ERROR)
    slopes = []
    for step in np.eye(5) * 1e-4:
        up, down = (function(VALUE + sign * step, POPULATION).value for sign in (1, -1))
        slopes.append((up - down) / 2e-4)
    error = np.sqrt(((np.array(slopes) * ERROR) ** 2).sum())

    assert found.upper - found.value == pytest.approx(1.959964 * error, rel=1e-5)


@pytest.mark.parametrize("function", BOTH)
def test_what_would_make_it_worse_is_0_with_limits_cut_at_0(function):
    worse = function(VALUE, POPULATION, ERROR, higher_is_better=False)
    near = function([40, 41, 42], [1, 1, 1], [2, 2, 2], higher_is_better=False)

    assert float(worse.value) == float(worse.lower) == float(worse.upper) == 0
    assert near.value == near.upper == 0
    assert near.lower < 0


def test_the_best_group_gives_the_mean_difference_from_best():
    for better, sign in ((True, 1), (False, -1)):
        risk = population_attributable_risk(
            VALUE, POPULATION, ERROR, reference=None, higher_is_better=better
        )
        apart = mean_difference_from_best(VALUE, POPULATION, ERROR, higher_is_better=better)
        ends = sorted([sign * float(apart.lower), sign * float(apart.upper)])
        assert risk.method == "simulation"
        assert risk.value == pytest.approx(sign * float(apart.value))
        assert [float(risk.lower), float(risk.upper)] == pytest.approx(ends, rel=0.1)


@pytest.mark.parametrize("better", [True, False])
def test_the_fraction_against_the_best_group_covers(better):
    generator = np.random.default_rng(2)
    for times in (0, 3):
        truth = 60 + times * np.array([1.0, -2.0, 0.5, 2.0, 1.8])
        drawn = truth + 3 * generator.normal(size=(120, 5))
        options = {"reference": None, "higher_is_better": better}
        part = population_attributable_fraction(drawn, POPULATION, np.full(5, 3.0), **options)
        target = population_attributable_fraction(truth, POPULATION, **options).value
        low, high = part.lower - 1e-9, part.upper + 1e-9
        assert ((low <= target) & (target <= high)).mean() > 0.91
        assert (part.lower <= part.value).all()
        assert (part.value <= part.upper).all()


@pytest.mark.parametrize("function", BOTH)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reference": 5}, "reference is 5; it must be a position among 5 groups"),
        ({"interval": "normal"}, "interval is 'normal'; it must be one of delta, walter"),
        ({"interval": "walter"}, r"value\[0\] is 20.0: must not exceed per, 1"),
        ({"interval": "walter", "reference": None}, "its table needs a reference group"),
        ({"interval": "normal", "reference": None}, "interval is 'normal'"),
        ({"reference": None, "draws": 10}, "draws is 10"),
    ],
)
def test_bad_options_are_refused(function, options, message):
    with pytest.raises(StatisticsError, match=message):
        function(VALUE, POPULATION, **options)


def test_a_table_without_events_is_refused_and_one_with_only_events_is_not():
    with pytest.raises(
        StatisticsError, match=r"value\[1, 0\] is 0.0: is in a place without events"
    ):
        population_attributable_risk([[1, 0], [0, 0]], [5, 5], interval="walter")
    everybody = population_attributable_risk([1, 1], [1e12, 1], interval="walter")
    assert float(everybody.value) == float(everybody.lower) == float(everybody.upper) == 0
