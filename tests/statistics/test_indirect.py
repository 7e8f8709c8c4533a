"""Indirectly standardised ratios and rates, against crude rates and exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import (
    byar,
    indirectly_standardised_rate,
    indirectly_standardised_ratio,
    observed_to_expected,
)

quick = settings(max_examples=30)
BY_BAND = [indirectly_standardised_ratio, indirectly_standardised_rate]
NAN, INF = float("nan"), float("inf")
bands = st.integers(1, 6).flatmap(
    lambda count: st.tuples(
        st.lists(st.integers(0, 300), min_size=count, max_size=count),
        st.lists(st.integers(1, 10**5), min_size=count, max_size=count),
        st.lists(st.integers(1, 900), min_size=count, max_size=count),
        st.lists(st.integers(1, 10**6), min_size=count, max_size=count),
    )
)


@quick
@given(bands)
def test_expected_events_are_those_the_rates_of_the_reference_would_give(data):
    events, population, cases, persons = data
    expected = sum(Fraction(n * c, p) for n, c, p in zip(population, cases, persons, strict=True))
    crude = Fraction(sum(cases), sum(persons))

    ratio, rate = indirectly_standardised_ratio(*data), indirectly_standardised_rate(*data)

    limits = byar(sum(events), 1, per=1)
    for name in ("value", "lower", "upper"):
        of_count = float(getattr(limits, name))
        assert getattr(ratio, name) == pytest.approx(of_count / float(expected), rel=1e-9)
        assert getattr(rate, name) == pytest.approx(
            100_000 * of_count * float(crude / expected), rel=1e-9
        )


@quick
@given(bands, st.floats(0.5, 0.999))
@pytest.mark.parametrize("statistic", BY_BAND)
def test_limits_lie_in_order(statistic, data, level):
    estimate = statistic(*data, level=level)

    assert 0 <= estimate.lower <= estimate.value < estimate.upper
    assert estimate.method == "byar"


@quick
@given(bands, st.randoms(use_true_random=False))
@pytest.mark.parametrize("statistic", BY_BAND)
def test_the_order_of_the_bands_does_not_matter(statistic, data, random):
    order = random.sample(range(len(data[0])), len(data[0]))
    other = statistic(*([column[i] for i in order] for column in data))

    assert other.upper == pytest.approx(float(statistic(*data).upper), rel=1e-9)


@quick
@given(bands, st.integers(2, 50))
@pytest.mark.parametrize("statistic", BY_BAND)
def test_limits_shrink_as_the_place_grows_at_the_same_rates(statistic, data, times):
    events, population, *reference = data
    events = [e + 1 for e in events]
    small = statistic(events, population, *reference)
    large = statistic([times * e for e in events], [times * n for n in population], *reference)

    assert large.value == pytest.approx(float(small.value))
    assert large.upper - large.lower < small.upper - small.lower


def test_a_place_like_the_reference_has_the_ratio_1_and_its_crude_rate():
    cases, persons = [3, 20, 400], [9_000, 8_000, 2_000]

    assert indirectly_standardised_ratio(cases, persons, cases, persons).value == pytest.approx(1)
    rate = indirectly_standardised_rate(cases, persons, cases, persons, per=1_000)
    assert rate.value == pytest.approx(1_000 * 423 / 19_000)


def test_ratios_are_of_1_and_rates_per_100_000_unless_said_otherwise():
    assert observed_to_expected(30, 20).value == pytest.approx(1.5)
    assert observed_to_expected(30, 20, per=100).value == pytest.approx(150)
    assert indirectly_standardised_ratio([30], [200], [1], [10], per=100).value == pytest.approx(
        150
    )
    assert indirectly_standardised_rate([30], [200], [1], [10]).value == pytest.approx(15_000)


def test_no_events_are_a_ratio_of_0_with_the_exact_upper_limit():
    ratio, rate = observed_to_expected(0, 2), indirectly_standardised_rate([0], [20], [1], [10], 1)

    assert (ratio.value, ratio.lower) == (rate.value, rate.lower) == (0, 0)
    assert ratio.upper == pytest.approx(3.688879454 / 2)
    assert rate.upper == pytest.approx(3.688879454 / 20)


def test_a_band_without_persons_expects_nothing():
    ratio = indirectly_standardised_ratio([5, 0], [100, 0], [1, 7], [10, 10])

    assert ratio.value == pytest.approx(0.5)


def test_leading_axes_are_kept_and_a_reference_is_spread_or_of_each_place():
    events, population = np.arange(24).reshape(2, 3, 4), np.arange(1, 13).reshape(3, 4) * 100
    cases, persons = np.arange(1, 9).reshape(2, 1, 4), [90, 80, 70, 60]
    together = indirectly_standardised_rate(events, population, cases, persons)
    alone = indirectly_standardised_rate(events[1, 2], population[2], cases[1, 0], persons)

    assert together.value.shape == (2, 3)
    assert together.upper[1, 2] == pytest.approx(float(alone.upper))
    assert observed_to_expected([[1], [2]], [3, 4, 5]).value.shape == (2, 3)


def test_extreme_counts_give_finite_limits_in_order():
    for events, expected in [(0, 1e-9), (1e12, 1e-9), (1e12, 1e12), (1, 1e12), (1e-300, 1)]:
        ratio = observed_to_expected(events, expected, level=1 - 1e-15)

        assert np.isfinite([ratio.value, ratio.upper]).all()
        assert 0 <= ratio.lower <= ratio.value <= ratio.upper


@pytest.mark.parametrize("statistic", BY_BAND)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, -1], [9, 9], [1, 1], [9, 9]), r"^events\[1\] is -1\.0: must not be negative"),
        (([1, 1], [9, NAN], [1, 1], [9, 9]), r"^population\[1\] is nan: must be finite"),
        (([1, 1], [9, 9], [1, INF], [9, 9]), r"^reference_events\[1\] is inf: must be finite"),
        (([1, 1], [9, 9], [1, 1], [9, 0]), r"^reference_population\[1\] is 0\.0: must be above"),
        (([1, 1], [9, 9], [0, 0], [9, 9]), r"^expected events is 0\.0: there is nothing"),
        (([1, 1], [[9, 9], [0, 0]], [1, 1], [9, 9]), r"^expected events\[1\] is 0\.0: there is"),
        (([1], [9, 9], [1, 1], [9, 9]), r"^events has shape \(1,\); .* 2 bands, as reference_pop"),
        ((1, [9, 9], [1, 1], [9, 9]), r"^events has shape \(\); .* 2 bands"),
        (([1], [9], [1], 9), r"^reference_population has shape \(\); .* 1 bands"),
        (([[1, 1]] * 2, [[9, 9]] * 3, [1, 1], [9, 9]), r"^events has shape \(2, 2\) and pop"),
        (([1, "1"], [9, 9], [1, 1], [9, 9]), r"^events\[0\] is 1: is not a number"),
        (([], [], [], []), r"^events is empty"),
    ],
)
def test_bad_input_is_refused_at_its_place(statistic, arguments, message):
    with pytest.raises(StatisticsError, match=message):
        statistic(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, [2, 0]), r"^expected\[1\] is 0\.0: there is nothing to divide by"),
        ((-1, 2), r"^events is -1\.0: must not be negative"),
        (([1, 2], [1, 2, 3]), r"^events has shape \(2,\) and expected has shape \(3,\)"),
        ((1, 2, 0), r"^per is 0"),
    ],
)
def test_bad_totals_are_refused_at_their_place(arguments, message):
    with pytest.raises(StatisticsError, match=message):
        observed_to_expected(*arguments)
