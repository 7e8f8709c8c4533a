"""Concentration indices and curve, against covariances and areas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import (
    absolute_concentration_index,
    concentration_curve,
    relative_concentration_index,
    slope_index,
)

VALUE = np.array([0.20, 0.23, 0.31, 0.30, 0.42])
POPULATION = np.array([120.0, 80.0, 200.0, 90.0, 60.0])
ERROR = np.array([0.03, 0.025, 0.02, 0.04, 0.03])

gradients = st.lists(
    st.tuples(st.floats(0.01, 0.99), st.integers(1, 1000)), min_size=2, max_size=8
).map(lambda rows: tuple(np.array(column, dtype=float) for column in zip(*rows, strict=True)))


@given(gradients)
def test_the_relative_index_is_twice_the_area_under_the_diagonal(gradient):
    value, population = gradient
    curve = concentration_curve(value, population)
    area = np.trapezoid(curve.population - curve.value, curve.population)

    assert relative_concentration_index(value, population).value == pytest.approx(
        2 * area, abs=1e-9
    )


def test_the_absolute_index_is_twice_the_covariance_of_persons_and_their_ranks():
    persons = np.repeat(VALUE, POPULATION.astype(int))
    rank = (np.arange(len(persons)) + 0.5) / len(persons)
    covariance = np.cov(persons, rank, bias=True)[0, 1]

    assert absolute_concentration_index(VALUE, POPULATION).value == pytest.approx(2 * covariance)


@pytest.mark.parametrize("options", [{}, {"correction": "wagstaff"}, {"correction": "erreygers"}])
def test_limits_are_those_of_numerical_derivatives(options):
    index = relative_concentration_index(VALUE, POPULATION, ERROR, **options)
    slopes = []
    for step in np.eye(5) * 1e-6:
        up = relative_concentration_index(VALUE + step, POPULATION, **options).value
        down = relative_concentration_index(VALUE - step, POPULATION, **options).value
        slopes.append((up - down) / 2e-6)
    error = np.sqrt(((np.array(slopes) * ERROR) ** 2).sum())

    assert index.upper - index.value == pytest.approx(1.959964 * error, rel=1e-5)


@given(gradients)
def test_corrected_indices_of_those_with_and_without_are_mirrored(gradient):
    value, population = gradient
    errors = np.full_like(value, 0.01)
    for correction in ("wagstaff", "erreygers"):
        having = relative_concentration_index(value, population, errors, correction=correction)
        lacking = relative_concentration_index(1 - value, population, errors, correction=correction)
        assert having.value == pytest.approx(-float(lacking.value), abs=1e-9)
        assert having.lower == pytest.approx(-float(lacking.upper), abs=1e-9)


def test_per_cent_with_their_bounds_give_what_proportions_give():
    for correction in ("wagstaff", "erreygers"):
        one = relative_concentration_index(VALUE, POPULATION, ERROR, correction=correction)
        other = relative_concentration_index(
            100 * VALUE, POPULATION, 100 * ERROR, correction=correction, bounds=(0, 100)
        )
        assert other.upper == pytest.approx(float(one.upper))


@given(gradients)
def test_the_curve_rises_from_0_to_1(gradient):
    curve = concentration_curve(*gradient)

    for shares in (curve.population, curve.value):
        assert shares[0] == 0
        assert shares[-1] == 1
        assert (np.diff(shares) >= 0).all()
    with pytest.raises(ValueError, match="read-only"):
        curve.value[0] = 1


@pytest.mark.parametrize(
    ("value", "options", "message"),
    [
        ([0.1, 0.2], {"correction": "wagstf"}, "correction is 'wagstf'; it must be one of"),
        ([0.1, 1.2], {"correction": "erreygers"}, r"value\[1\] is 1.2: must lie within bounds"),
        ([1, 1], {"correction": "wagstaff"}, r"value\[0\] is 1.0: is in a place whose mean is at"),
        ([0.1, 0.2], {"correction": "wagstaff", "bounds": (1, 0)}, "bounds is"),
        ([0.1, 0.2], {"correction": "wagstaff", "bounds": 1}, "bounds is 1; it must be two"),
        ([0.1, 0.2], {"correction": "wagstaff", "bounds": (0, np.nan)}, r"bounds\[1\] is nan"),
    ],
)
def test_bad_corrections_are_refused(value, options, message):
    with pytest.raises(StatisticsError, match=message):
        relative_concentration_index(value, [1, 1], **options)


def test_a_curve_of_nothing_is_refused():
    with pytest.raises(
        StatisticsError, match="is in a place with mean 0, and a concentration curve divides"
    ):
        concentration_curve([0, 0], [1, 1])


def test_municipalities_as_units_have_limits_by_their_scatter():
    """The index is a fixed multiple of the slope, and so are its limits but for the mean's own."""
    generator = np.random.default_rng(3)
    people = generator.lognormal(10, 1, 98)
    value = 20 - 5 * np.linspace(0, 1, 98) + generator.normal(0, 1, 98)
    slope = slope_index(value, people, error="residual")
    index = absolute_concentration_index(value, people, error="residual")
    assert index.method == slope.method == "hc3"
    times = float(index.value / slope.value)
    assert [float(index.lower), float(index.upper)] == pytest.approx(
        [float(slope.lower) * times, float(slope.upper) * times]
    )
    relative = relative_concentration_index(value, people, error="residual")
    mean = np.average(value, weights=people)
    assert float(relative.value) == pytest.approx(float(index.value) / mean)
    width = float(relative.upper - relative.lower)
    assert width == pytest.approx(float(index.upper - index.lower) / mean, rel=0.02)


def test_an_unknown_kind_of_error_is_named():
    with pytest.raises(StatisticsError, match="error is 'other'"):
        absolute_concentration_index([1, 2], [1, 1], error="other")
