"""The slope and relative index, against least squares done another way and simulated coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit

from healthindicators.errors import StatisticsError
from healthindicators.statistics import absolute_concentration_index, relative_index, slope_index

VALUE = np.array([20.0, 23.0, 31.0, 30.0, 42.0])
POPULATION = np.array([120.0, 80.0, 200.0, 90.0, 60.0])
ERROR = np.array([3.0, 2.5, 2.0, 4.0, 3.0])

gradients = st.lists(st.tuples(st.floats(5, 50), st.integers(1, 1000)), min_size=2, max_size=8).map(
    lambda rows: tuple(np.array(column, dtype=float) for column in zip(*rows, strict=True))
)


def ridits(population):
    share = population / population.sum()
    return np.cumsum(share) - share / 2


def fitted_ends(point, population):
    """Fit by numpy's polynomial least squares, which takes roots of weights."""
    slope, intercept = np.polyfit(ridits(population), point, 1, w=np.sqrt(population))
    return intercept, intercept + slope


TRANSFORMS = {
    "linear": (lambda y: y, lambda e: e),
    "log": (np.log, np.exp),
    "logit": (lambda y: np.log(y / (100 - y)), lambda e: 100 / (1 + np.exp(-e))),
}


@pytest.mark.parametrize("model", TRANSFORMS)
def test_the_line_is_that_of_weighted_least_squares(model):
    there, back = TRANSFORMS[model]
    low, high = (back(end) for end in fitted_ends(there(VALUE), POPULATION))

    def index(convention):
        options = {"model": model, "convention": convention, "per": 100}
        return relative_index(VALUE, POPULATION, **options).value

    mean = (VALUE * POPULATION).sum() / POPULATION.sum()
    assert slope_index(VALUE, POPULATION, model=model, per=100).value == pytest.approx(high - low)
    assert index("ends") == pytest.approx(high / low)
    assert index("kunst-mackenbach") == pytest.approx(low / high)
    assert index("mean") == pytest.approx((high - low) / mean)


def numeric_error(measure):
    """Return the delta method's error with slopes by differences of the measure itself."""
    steps = [np.eye(5)[j] * 1e-5 for j in range(5)]
    slopes = [(measure(VALUE + step) - measure(VALUE - step)) / 2e-5 for step in steps]
    return np.sqrt(((np.array(slopes) * ERROR) ** 2).sum())


@pytest.mark.parametrize("model", TRANSFORMS)
def test_limits_are_those_of_numerical_derivatives(model):
    options = {"model": model, "per": 100}
    index = slope_index(VALUE, POPULATION, ERROR, **options)
    error = numeric_error(lambda y: slope_index(y, POPULATION, **options).value)
    assert index.upper - index.value == pytest.approx(1.959964 * error, rel=1e-5)

    for convention in ("ends", "kunst-mackenbach"):
        options["convention"] = convention
        ratio = relative_index(VALUE, POPULATION, ERROR, **options)
        error = numeric_error(lambda y: np.log(relative_index(y, POPULATION, **options).value))
        assert np.log(ratio.upper / ratio.value) == pytest.approx(1.959964 * error, rel=1e-5)

    options["convention"] = "mean"
    part = relative_index(VALUE, POPULATION, ERROR, **options)
    error = numeric_error(lambda y: relative_index(y, POPULATION, **options).value)
    assert part.value - part.lower == pytest.approx(1.959964 * error, rel=1e-5)


def test_residual_limits_are_those_of_the_sandwich_written_out():
    generator = np.random.default_rng(2)
    count = 12
    population = generator.uniform(1, 5, count)
    value = 20 + 10 * ridits(population) + generator.normal(0, 2, count)
    design = np.column_stack([np.ones(count), ridits(population)])
    weight = np.diag(population / population.sum())
    bread = np.linalg.inv(design.T @ weight @ design)
    residual = value - design @ (bread @ design.T @ weight @ value)
    leverage = np.diag(design @ bread @ design.T @ weight)
    meat = weight @ design
    middle = meat.T @ np.diag((residual / (1 - leverage)) ** 2) @ meat
    error = np.sqrt((bread @ middle @ bread)[1, 1])

    index = slope_index(value, population, error="residual")

    assert index.method == "hc3"
    freedom = 1 / (np.diag(weight) ** 2).sum() - 2
    assert 7 < freedom < 10
    assert index.upper - index.value == pytest.approx(stdtrit(freedom, 0.975) * error, rel=1e-9)


@given(gradients)
def test_the_index_is_the_concentration_index_over_twice_the_variance_of_rank(gradient):
    value, population = gradient
    share, rank = population / population.sum(), ridits(population)
    variance = (share * (rank - 0.5) ** 2).sum()

    index = slope_index(value, population).value

    absolute = absolute_concentration_index(value, population).value
    assert index * 2 * variance == pytest.approx(float(absolute), rel=1e-6, abs=1e-9)


@given(gradients)
def test_ends_and_kunst_mackenbach_are_inverses(gradient):
    value, population = gradient
    errors = np.full_like(value, 1.0)
    ends = relative_index(value, population, errors, model="log")
    other = relative_index(value, population, errors, model="log", convention="kunst-mackenbach")

    assert other.value == pytest.approx(1 / ends.value, rel=1e-9)
    assert other.lower == pytest.approx(1 / ends.upper, rel=1e-9)


@given(gradients, st.floats(-5, 100))
def test_a_constant_added_leaves_the_slope_and_its_limits(gradient, constant):
    value, population = gradient
    one = slope_index(value, population, np.ones_like(value))
    other = slope_index(value + constant, population, np.ones_like(value))

    assert other.lower == pytest.approx(float(one.lower), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("shape", [lambda x: 20 + 0 * x, lambda x: 10 + 30 * x**4])
def test_sampling_limits_cover_flat_and_curved_gradients(shape):
    generator = np.random.default_rng(5)
    truth = shape(ridits(POPULATION))
    drawn = truth + ERROR * generator.normal(size=(20_000, 5))

    index = slope_index(drawn, POPULATION, ERROR)

    target = slope_index(truth, POPULATION).value
    covered = ((index.lower <= target) & (target <= index.upper)).mean()
    assert 0.945 < covered < 0.955


def test_residual_limits_cover_a_line_through_scattered_municipalities():
    generator = np.random.default_rng(6)
    population = generator.lognormal(10, 0.7, 98)
    line = 20 + 10 * ridits(population)
    spread = 300 / np.sqrt(population)
    drawn = line + spread * generator.normal(size=(20_000, 98))

    index = slope_index(drawn, population, error="residual")

    covered = ((index.lower <= 10) & (index.upper >= 10)).mean()
    assert 0.935 < covered < 0.965


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "probit"}, "model is 'probit'; it must be one of linear, log, logit"),
        ({"error": None}, "error is None; it must be one of sampling, residual"),
        ({"model": "logit"}, r"value\[0\] is 20.0: must be below 1 for the model 'logit'"),
        ({"per": 0}, "per is 0"),
    ],
)
def test_unknown_options_and_impossible_values_are_refused(options, message):
    for function in (slope_index, relative_index):
        with pytest.raises(StatisticsError, match=message):
            function(VALUE, POPULATION, **options)


def test_what_has_no_index_is_refused_at_its_place():
    with pytest.raises(StatisticsError, match="convention is 'slope'"):
        relative_index(VALUE, POPULATION, convention="slope")
    with pytest.raises(StatisticsError, match=r"value\[1, 0\] is 0.0: is in a place where the fit"):
        relative_index([[5, 6], [0, 6]], [1, 1])
    with pytest.raises(StatisticsError, match=r"value\[1\] is 0.0: must be above 0 for the model"):
        slope_index([1, 0], [1, 1], model="log")
    with pytest.raises(StatisticsError, match="value has 4 groups; residual limits need 5"):
        slope_index([1, 2, 3, 4], [1, 1, 1, 1], error="residual")
    with pytest.raises(StatisticsError, match="one group alone decides the line"):
        slope_index([1, 2, 3, 4, 5], [1e12, 1, 1, 1, 1], error="residual")
