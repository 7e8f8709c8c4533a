"""What every statistic returns."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

import healthindicators.statistics as statistics
from healthindicators.errors import StatisticsError
from healthindicators.statistics import Estimate

ONE_OF_EACH = {
    "wilson": lambda level: statistics.wilson(3, 10, level=level),
    "exact": lambda level: statistics.poisson_exact(3, 10, level=level),
    "byar": lambda level: statistics.byar(30, 10, level=level),
    "dobson": lambda level: statistics.directly_standardised_rate(
        [3, 4], [10, 20], [1, 1], level=level
    ),
    "chiang": lambda level: statistics.life_expectancy([3, 4], [100, 20], [0, 50], level=level),
}


@pytest.mark.parametrize("method", ONE_OF_EACH)
def test_every_statistic_names_its_method_and_level(method):
    estimate = ONE_OF_EACH[method](0.9)

    assert estimate.method == method
    assert estimate.level == 0.9


@pytest.mark.parametrize("method", ONE_OF_EACH)
def test_scalar_input_gives_float64_arrays_of_no_dimension(method):
    estimate = ONE_OF_EACH[method](0.95)

    for array in (estimate.value, estimate.lower, estimate.upper):
        assert isinstance(array, np.ndarray)
        assert array.shape == ()
        assert array.dtype == np.float64


@pytest.mark.parametrize("method", ONE_OF_EACH)
def test_a_higher_level_gives_a_wider_interval_around_the_same_value(method):
    narrow, wide = ONE_OF_EACH[method](0.8), ONE_OF_EACH[method](0.998)

    assert wide.value == narrow.value
    assert wide.lower < narrow.lower < narrow.value < narrow.upper < wide.upper


@pytest.mark.parametrize("method", ONE_OF_EACH)
@pytest.mark.parametrize("level", [5e-324, 1e-16, 1 - 1e-16])
def test_an_extreme_level_stays_finite_and_in_order(method, level):
    estimate = ONE_OF_EACH[method](level)

    assert np.isfinite([estimate.lower, estimate.upper]).all()
    assert 0 <= estimate.lower <= estimate.value <= estimate.upper


@pytest.mark.parametrize("method", ONE_OF_EACH)
@pytest.mark.parametrize("level", [0, 1, 95, -0.5, float("nan"), float("inf"), "0.95", None, True])
def test_a_level_that_is_no_probability_is_refused(method, level):
    with pytest.raises(StatisticsError, match=r"^level is .* between 0 and 1"):
        ONE_OF_EACH[method](level)


def test_an_estimate_cannot_be_changed():
    given = np.array([1.0, 2.0])
    estimate = Estimate(given, given - 1, given + 1, 0.95, "byar")
    given[0] = 99

    assert estimate.value.tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        estimate.value[0] = 99
    with pytest.raises(dataclasses.FrozenInstanceError):
        estimate.level = 0.9


def test_importing_the_statistics_loads_neither_pandas_nor_scipy_stats():
    code = (
        "import sys, healthindicators.statistics; "
        "print([m for m in ('pandas', 'scipy.stats') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "[]"
