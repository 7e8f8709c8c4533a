"""Student's limits of a mean, against the distribution they come from and a simulation."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from healthindicators.errors import StatisticsError
from healthindicators.statistics import mean_interval

quick = settings(max_examples=30)
NAN, INF = float("nan"), float("inf")
samples = st.lists(st.integers(-1000, 1000), min_size=2, max_size=20).filter(
    lambda s: len({*s}) > 1
)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
@pytest.mark.parametrize("sample", [[1, 2], [4, 5, 6, 9], [-3, 0, 0.5, 12, 40]])
def test_at_each_limit_the_mean_has_the_tail_probability(sample, level):
    estimate = mean_interval(sample, level=level)
    n, error = len(sample), stats.sem(sample)

    assert estimate.method == "t"
    assert estimate.value == pytest.approx(sum(sample) / n)
    for limit in (estimate.lower, estimate.upper):
        distance = abs(float(estimate.value - limit)) / error
        assert stats.t.sf(distance, n - 1) == pytest.approx((1 - level) / 2, rel=1e-9)


def test_limits_hold_the_mean_of_normal_values_as_often_as_they_say():
    rng = np.random.default_rng(20260418)
    means = mean_interval(rng.normal(5, 2, size=(20_000, 6)))

    assert ((means.lower <= 5) & (means.upper >= 5)).mean() == pytest.approx(0.95, abs=0.005)


@quick
@given(samples, st.floats(0.5, 0.999))
def test_values_and_what_sums_them_up_give_the_same(sample, level):
    of_values = mean_interval(sample, level=level)
    summed_up = mean_interval(np.mean(sample), np.std(sample, ddof=1), len(sample), level=level)

    for name in ("value", "lower", "upper"):
        expected = pytest.approx(float(getattr(of_values, name)), rel=1e-9, abs=1e-9)
        assert getattr(summed_up, name) == expected
    assert of_values.lower < of_values.value < of_values.upper


@quick
@given(samples, st.floats(0.01, 100), st.integers(-1000, 1000))
def test_a_change_of_unit_changes_value_and_limits_alike(sample, factor, shift):
    once, changed = mean_interval(sample), mean_interval([factor * x + shift for x in sample])

    for name in ("value", "lower", "upper"):
        expected = factor * float(getattr(once, name)) + shift
        assert getattr(changed, name) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@quick
@given(samples, st.randoms(use_true_random=False))
def test_the_order_of_the_values_does_not_matter(sample, random):
    shuffled = random.sample(sample, len(sample))

    expected = float(mean_interval(sample).upper)
    assert mean_interval(shuffled).upper == pytest.approx(expected, rel=1e-9)


@quick
@given(st.integers(2, 1000), st.integers(2, 50))
def test_limits_shrink_as_n_grows(n, times):
    small, large = mean_interval(0, 1, n), mean_interval(0, 1, times * n)

    assert large.upper < small.upper


def test_values_that_are_all_equal_have_no_spread():
    estimate = mean_interval([7, 7, 7])

    assert (estimate.value, estimate.lower, estimate.upper) == (7, 7, 7)


def test_leading_axes_are_kept_and_summaries_are_spread():
    values = np.arange(24.0).reshape(2, 3, 4) ** 2
    together = mean_interval(values)
    spread = mean_interval([[1], [2]], 3, [4, 9, 16])

    assert together.value.shape == (2, 3)
    assert together.upper[1, 2] == pytest.approx(float(mean_interval(values[1, 2]).upper))
    assert spread.value.shape == (2, 3)
    assert spread.upper[1, 1] == pytest.approx(2 + stats.t.ppf(0.975, 8) * 3 / sqrt(9))


@pytest.mark.parametrize("level", [1e-12, 0.95, 1 - 1e-15])
def test_extreme_numbers_give_finite_limits_in_order(level):
    for mean, deviation, n in [(1e12, 1e12, 2), (-1e12, 0, 1e12), (0, 1e12, 1e12), (0, 0, 2)]:
        estimate = mean_interval(mean, deviation, n, level=level)

        assert np.isfinite([estimate.lower, estimate.upper]).all()
        assert estimate.lower <= estimate.value <= estimate.upper


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((5,), r"^values has shape \(\); its last axis must have at least two"),
        (([5],), r"^values has shape \(1,\); its last axis must have at least two"),
        (([[1, 2], [3, NAN]],), r"^values\[1, 1\] is nan: must be finite"),
        (([1, INF],), r"^values\[1\] is inf: must be finite"),
        (([1, -2e12],), r"^values\[1\] is -2000000000000\.0: must not exceed"),
        (([1, None],), r"^values\[1\] is None: is not a number"),
        (([True, False],), r"^values\[0\] is True: is not a number"),
        (([],), r"^values is empty"),
        ((5, 1), r"^standard_deviation and n go together"),
        ((5, None, 10), r"^standard_deviation and n go together"),
        ((5, -1, 10), r"^standard_deviation is -1\.0: must not be negative"),
        ((5, 1, [10, 1]), r"^n\[1\] is 1\.0: must be at least 2"),
        (([5, 6], 1, [10, 11, 12]), r"^values has shape \(2,\) and .* n has shape \(3,\)"),
    ],
)
def test_bad_input_is_refused_at_its_place(arguments, message):
    with pytest.raises(StatisticsError, match=message):
        mean_interval(*arguments)


@pytest.mark.parametrize("level", [0, 1, 95, NAN, None, True])
def test_a_level_that_is_none_is_refused(level):
    with pytest.raises(StatisticsError, match=r"^level is"):
        mean_interval([1, 2], level=level)
