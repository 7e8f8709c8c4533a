"""Differences and ratios of two groups: what defines their limits, symmetry and coverage."""

from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from healthindicators.errors import StatisticsError
from healthindicators.statistics import (
    difference_of_proportions,
    difference_of_rates,
    poisson_exact,
    ratio_of_proportions,
    ratio_of_rates,
    wilson,
)

quick = settings(max_examples=30)


def exact_ratio(*arguments, **options):
    return ratio_of_rates(*arguments, method="exact", **options)


NAN, INF = float("nan"), float("inf")
PROPORTIONS = [difference_of_proportions, ratio_of_proportions]
RATES = [difference_of_rates, ratio_of_rates, exact_ratio]
RATIOS = [ratio_of_proportions, ratio_of_rates, exact_ratio]
EVERY = [*PROPORTIONS, *RATES]

groups = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
divisors = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n)))
levels = st.floats(0.5, 0.999)


@quick
@given(groups, divisors, levels)
@pytest.mark.parametrize("statistic", EVERY)
def test_limits_lie_in_order(statistic, first, second, level):
    estimate = statistic(*first, *second, level=level)

    assert estimate.lower <= estimate.value <= estimate.upper
    assert estimate.lower < estimate.upper


@quick
@given(groups, groups, levels)
def test_a_difference_of_proportions_lies_within_1_and_turns_with_the_groups(first, second, level):
    one = difference_of_proportions(*first, *second, level=level)
    other = difference_of_proportions(*second, *first, level=level)

    assert -1 <= one.lower <= one.upper <= 1
    assert other.lower == pytest.approx(-float(one.upper), abs=1e-12)


@quick
@given(groups, groups)
def test_those_without_the_property_have_the_mirrored_difference(first, second):
    (a, m), (b, n) = first, second
    having = difference_of_proportions(a, m, b, n)
    lacking = difference_of_proportions(m - a, m, n - b, n)

    assert lacking.lower == pytest.approx(-float(having.upper), abs=1e-12)
    assert lacking.upper == pytest.approx(-float(having.lower), abs=1e-12)


@quick
@given(groups, groups)
def test_a_difference_of_rates_turns_with_the_groups(first, second):
    one, other = difference_of_rates(*first, *second), difference_of_rates(*second, *first)

    assert other.lower == pytest.approx(-float(one.upper), rel=1e-9, abs=1e-6)


@quick
@given(divisors, divisors)
@pytest.mark.parametrize("statistic", RATIOS)
def test_a_ratio_turns_with_the_groups(statistic, first, second):
    one, other = statistic(*first, *second), statistic(*second, *first)

    assert other.value == pytest.approx(1 / float(one.value), rel=1e-9)
    assert other.lower == pytest.approx(1 / float(one.upper), rel=1e-9)
    assert other.upper == pytest.approx(1 / float(one.lower), rel=1e-9)


@quick
@given(divisors, divisors, st.integers(2, 50))
@pytest.mark.parametrize("statistic", EVERY)
def test_limits_shrink_as_both_groups_grow_at_the_same_rates(statistic, first, second, times):
    small = statistic(*first, *second)
    large = statistic(*(times * x for x in first), *(times * x for x in second))

    assert large.value == pytest.approx(float(small.value))
    assert large.upper - large.lower < small.upper - small.lower


@quick
@given(groups, divisors, st.floats(0.01, 100))
@pytest.mark.parametrize("statistic", [ratio_of_rates, exact_ratio])
def test_the_unit_of_time_does_not_matter_to_a_ratio(statistic, first, second, factor):
    once = statistic(*first, *second)
    other = statistic(first[0], factor * first[1], second[0], factor * second[1])

    for name in ("value", "lower", "upper"):
        assert getattr(other, name) == pytest.approx(float(getattr(once, name)), rel=1e-9)


@quick
@given(groups, groups, st.floats(0.01, 100))
def test_the_multiplier_rescales_a_difference_of_rates(first, second, factor):
    once = difference_of_rates(*first, *second)
    other = difference_of_rates(*first, *second, per=100_000 * factor)

    for name in ("value", "lower", "upper"):
        expected = pytest.approx(factor * float(getattr(once, name)), rel=1e-9, abs=1e-6)
        assert getattr(other, name) == expected


@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
@pytest.mark.parametrize(
    ("first", "second"), [((0, 20), (3, 30)), ((5, 9), (8, 9)), ((7, 7), (0, 4))]
)
def test_newcombes_limits_are_of_the_distances_of_wilsons(first, second, level):
    (p, q) = (first[0] / first[1], second[0] / second[1])
    one, other = wilson(*first, level=level), wilson(*second, level=level)

    estimate = difference_of_proportions(*first, *second, level=level)

    below = sqrt((p - one.lower) ** 2 + (other.upper - q) ** 2)
    above = sqrt((one.upper - p) ** 2 + (q - other.lower) ** 2)
    assert estimate.lower == pytest.approx(p - q - below, abs=1e-12)
    assert estimate.upper == pytest.approx(p - q + above, abs=1e-12)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
@pytest.mark.parametrize(
    ("first", "second"), [((2, 20), (3, 30)), ((5, 9), (8, 9)), ((1, 7), (1, 4))]
)
def test_at_a_limit_of_the_ratio_the_weighted_difference_just_reaches_0(first, second, level):
    (p, q) = (first[0] / first[1], second[0] / second[1])
    one, other = wilson(*first, level=level), wilson(*second, level=level)

    estimate = ratio_of_proportions(*first, *second, level=level)

    low, high = float(estimate.lower), float(estimate.upper)
    below = sqrt((p - one.lower) ** 2 + low**2 * (other.upper - q) ** 2)
    above = sqrt((one.upper - p) ** 2 + high**2 * (q - other.lower) ** 2)
    assert p - low * q - below == pytest.approx(0, abs=1e-12)
    assert p - high * q + above == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
def test_limits_of_a_difference_of_rates_are_of_the_distances_of_score_limits(level):
    z = NormalDist().inv_cdf(0.5 + level / 2)

    def distances(events, years):
        # Each limit m of a count solves (events - m)^2 = z^2 m.
        low, high = sorted(np.roots([1, -(2 * events + z * z), events**2]).real)
        return (events - low) / years, (high - events) / years

    (below_1, above_1), (below_2, above_2) = distances(8, 20), distances(3, 15)

    estimate = difference_of_rates(8, 20, 3, 15, per=1, level=level)

    assert estimate.method == "mover-score"
    assert estimate.value == pytest.approx(8 / 20 - 3 / 15)
    assert estimate.lower == pytest.approx(0.2 - sqrt(below_1**2 + above_2**2), abs=1e-12)
    assert estimate.upper == pytest.approx(0.2 + sqrt(above_1**2 + below_2**2), abs=1e-12)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
def test_limits_of_the_log_ratio_are_normal(level):
    error = NormalDist().inv_cdf(0.5 + level / 2) * sqrt(1 / 12 + 1 / 30)
    middle = log((12 / 400) / (30 / 700))

    estimate = ratio_of_rates(12, 400, 30, 700, level=level)

    assert estimate.method == "log"
    assert estimate.lower == pytest.approx(exp(middle - error))
    assert estimate.upper == pytest.approx(exp(middle + error))


@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
@pytest.mark.parametrize(
    ("first", "second"), [((4, 10), (9, 30)), ((1, 5), (700, 3)), ((800, 9), (1, 2))]
)
def test_at_an_exact_limit_the_first_of_all_events_have_the_tail_probability(first, second, level):
    estimate = exact_ratio(*first, *second, level=level)
    tail, total = (1 - level) / 2, first[0] + second[0]

    def share(ratio):
        return ratio * first[1] / (ratio * first[1] + second[1])

    assert estimate.method == "exact"
    above = stats.binom.sf(first[0] - 1, total, share(float(estimate.lower)))
    below = stats.binom.cdf(first[0], total, share(float(estimate.upper)))
    assert [above, below] == pytest.approx([tail, tail], rel=1e-7)


def test_without_events_in_the_first_group_both_ratios_of_rates_have_the_exact_limits():
    ratios = ratio_of_rates([0, 5], 10, [4, 8], 30)

    assert ratios.method == "log"
    assert (ratios.value[0], ratios.lower[0]) == (0, 0)
    # Of 4 events none is in the first group: p is at most 1 - 0.025 ** (1 / 4).
    rest = 0.025 ** (1 / 4)
    assert ratios.upper[0] == pytest.approx((1 - rest) / rest * 3)
    assert ratios.upper[1] == ratio_of_rates(5, 10, 8, 30).upper


def test_without_events_in_the_first_group_a_ratio_of_proportions_has_an_upper_limit():
    ratio = ratio_of_proportions(0, 16, 15, 72)

    assert (ratio.value, ratio.lower) == (0, 0)
    assert 0.5 < ratio.upper < 2


def test_no_events_at_all_are_a_difference_of_0():
    shares, rates = difference_of_proportions(0, 9, 0, 5), difference_of_rates(0, 9, 0, 5, per=1)

    for gap in (shares, rates):
        assert gap.lower < gap.value == 0 < gap.upper
    assert rates.upper == pytest.approx(NormalDist().inv_cdf(0.975) ** 2 / 9)


def test_a_ratio_to_very_many_events_is_one_of_its_own_exact_limits():
    ratio, alone = exact_ratio(7, 1, 1e10, 1e10), poisson_exact(7, 1, per=1)

    assert ratio.lower == pytest.approx(float(alone.lower), rel=1e-4)
    assert ratio.upper == pytest.approx(float(alone.upper), rel=1e-4)


@pytest.mark.parametrize(
    ("statistic", "first", "second", "at_least"),
    [
        (difference_of_proportions, 0.3, 0.35, 0.94),
        (ratio_of_proportions, 0.3, 0.35, 0.94),
        (difference_of_rates, 0.2, 0.3, 0.94),
        (ratio_of_rates, 0.2, 0.3, 0.94),
        (exact_ratio, 0.2, 0.3, 0.95),
    ],
)
def test_limits_hold_the_truth_as_often_as_they_say(statistic, first, second, at_least):
    rng = np.random.default_rng(20260418)
    draw = rng.binomial if statistic in PROPORTIONS else lambda n, p, size: rng.poisson(n * p, size)
    events_1, events_2 = draw(80, first, 20_000), np.maximum(draw(60, second, 20_000), 1)
    options = {"per": 1} if statistic is difference_of_rates else {}
    estimate = statistic(events_1, 80, events_2, 60, **options)

    truth = first / second if statistic in RATIOS else first - second
    held = ((estimate.lower <= truth) & (truth <= estimate.upper)).mean()
    assert at_least <= held <= at_least + 0.025


@pytest.mark.parametrize("statistic", EVERY)
def test_arrays_of_any_shapes_that_fit_are_taken_together(statistic):
    together = statistic([[1], [2]], 50, [3, 4, 5], [[40], [60]])

    assert together.value.shape == together.lower.shape == together.upper.shape == (2, 3)
    assert together.upper[1, 2] == pytest.approx(float(statistic(2, 50, 5, 60).upper))


@pytest.mark.parametrize("statistic", EVERY)
@pytest.mark.parametrize("level", [0.5, 0.95, 1 - 1e-15])
@pytest.mark.parametrize(
    "events", [(0, 1), (1e-300, 1), (1e-9, 1e-9), (1e12, 1), (1, 1e12), (1e12, 1e12)]
)
def test_extreme_counts_give_finite_limits_in_order(statistic, level, events):
    estimate = statistic(events[0], 1e12, events[1], 1e12, level=level)

    assert np.isfinite([estimate.lower, estimate.upper]).all()
    assert estimate.lower <= estimate.value <= estimate.upper


@pytest.mark.parametrize("statistic", [difference_of_rates, ratio_of_rates, exact_ratio])
@pytest.mark.parametrize("years", [(1e-9, 1e12), (1e12, 1e-9), (1e-9, 1e-9)])
def test_extreme_denominators_give_finite_limits_in_order(statistic, years):
    for events in [(0, 1e-9), (1e-9, 1e-9), (1e12, 1e-9), (1e12, 1e12)]:
        estimate = statistic(events[0], years[0], events[1], years[1], level=0.999999)

        assert np.isfinite([estimate.lower, estimate.upper]).all()
        assert estimate.lower <= estimate.value <= estimate.upper


@pytest.mark.parametrize("statistic", EVERY)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 9, 1, 9), r"^events_1 is -1\.0: must not be negative"),
        ((1, 9, [1, -2], 9), r"^events_2\[1\] is -2\.0: must not be negative"),
        ((1, 0, 1, 9), r"_1 is 0\.0: must be above 0"),
        ((1, 9, 1, [9, 0]), r"_2\[1\] is 0\.0: must be above 0"),
        ((NAN, 9, 1, 9), r"^events_1 is nan: must be finite"),
        ((1, 9, 1, INF), r"_2 is inf: must be finite"),
        ((1, 9, "1", 9), r"^events_2 is 1: is not a number"),
        ((True, 9, 1, 9), r"^events_1 is True: is not a number"),
        ((1, 9, None, 9), r"^events_2 is None: is not a number"),
        (([1, 2], 9, [1, 2, 3], 9), r"^events_1 has shape \(2,\) and .* shape \(3,\)"),
    ],
)
def test_bad_input_is_refused_at_its_place(statistic, arguments, message):
    with pytest.raises(StatisticsError, match=message):
        statistic(*arguments)


@pytest.mark.parametrize("statistic", PROPORTIONS)
def test_more_events_than_persons_are_refused_at_their_place(statistic):
    with pytest.raises(StatisticsError, match=r"^events_1\[1\] is 10\.0: must not exceed n_1"):
        statistic([1, 10], 9, 1, 9)
    with pytest.raises(StatisticsError, match=r"^events_2 is 10\.0: must not exceed n_2"):
        statistic(1, 9, 10, 9)


@pytest.mark.parametrize("statistic", RATIOS)
def test_a_ratio_to_no_events_has_nothing_to_divide_by(statistic):
    with pytest.raises(StatisticsError, match=r"^events_2\[1\] is 0\.0: there is nothing to div"):
        statistic(1, 9, [1, 0], 9)


@pytest.mark.parametrize("method", ["byar", "Log", None, 1])
def test_an_unknown_method_is_named_with_those_there_are(method):
    with pytest.raises(StatisticsError, match=r"^method is .*'log' or 'exact'"):
        ratio_of_rates(1, 9, 1, 9, method=method)
