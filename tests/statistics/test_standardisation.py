"""Directly standardised rates, against a published table and a loop over the formula."""

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from healthindicators.errors import StatisticsError
from healthindicators.statistics import byar, directly_standardised_rate, standard_weights

# Down's syndrome by mother's age (under 20, 20-24 ... 40 and over) and birth order (1 ... 5+),
# Michigan 1950-1964: Fleiss, Statistical Methods for Rates and Proportions, 1981, table 14.4; also
# the example of Fay and Feuer, Stat Med 1997;16:791. The standard is all births of the age.
CASES = [
    [107, 141, 60, 40, 39, 25],
    [25, 150, 110, 84, 82, 39],
    [3, 71, 114, 103, 108, 75],
    [1, 26, 64, 89, 137, 96],
    [0, 8, 63, 112, 262, 295],
]
BIRTHS = [
    [230061, 329449, 114920, 39487, 14208, 3052],
    [72202, 326701, 208667, 83228, 28466, 5375],
    [15050, 175702, 207081, 117300, 45026, 8660],
    [2293, 68800, 132424, 98301, 46075, 9834],
    [327, 30666, 123419, 149919, 104088, 34392],
]
ALL_BIRTHS = [319933, 931318, 786511, 488235, 237863, 61313]


def by_loop(events, population, standard, level):
    """Return rate, lower and upper per person-year, term by term."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    weight = sum(standard)
    rate = sum(w * o / n for o, n, w in zip(events, population, standard, strict=True)) / weight
    variance = sum(
        w * w * o / (n * n) for o, n, w in zip(events, population, standard, strict=True)
    ) / (weight * weight)
    total = sum(events)
    if total < 10:
        fewest = stats.chi2.ppf((1 - level) / 2, 2 * total) / 2
        most = stats.chi2.ppf((1 + level) / 2, 2 * total + 2) / 2
    else:
        fewest = total * (1 - 1 / (9 * total) - z / (3 * sqrt(total))) ** 3
        most = (total + 1) * (1 - 1 / (9 * (total + 1)) + z / (3 * sqrt(total + 1))) ** 3
    scale = sqrt(variance / total)
    return rate, max(rate + scale * (fewest - total), 0), rate + scale * (most - total)


bands = st.integers(1, 8).flatmap(
    lambda count: st.tuples(
        st.lists(st.integers(0, 500), min_size=count, max_size=count).filter(any),
        st.lists(st.floats(100, 1e6), min_size=count, max_size=count),
        st.lists(st.integers(1, 7000), min_size=count, max_size=count),
    )
)


def test_published_standardised_rates():
    rates = directly_standardised_rate(CASES, BIRTHS, ALL_BIRTHS)

    # Per 100 000 births; the last one is 75.52901 in the example of the R package dsrTest.
    assert rates.value.round(1).tolist() == [92.3, 91.2, 85.1, 92.7, 75.5]
    assert rates.value[4] == pytest.approx(75.52901, abs=5e-6)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
@pytest.mark.parametrize(
    "events",
    [[107, 141, 60, 40, 39, 25], [0, 1, 0, 0, 0, 0], [2, 3, 0, 4, 0, 0], [2, 3, 0, 4, 1, 0]],
    ids=["many", "1 event", "9 events", "10 events"],
)
def test_rate_and_limits_are_the_formula_of_dobson(events, level):
    rate = directly_standardised_rate(events, BIRTHS[0], ALL_BIRTHS, per=1_000, level=level)
    expected = [1_000 * x for x in by_loop(events, BIRTHS[0], ALL_BIRTHS, level)]

    assert [rate.value, rate.lower, rate.upper] == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_limits_hold_the_true_rate_as_often_as_they_say():
    rng = np.random.default_rng(20260418)
    population = np.array([5_000, 4_000, 3_000, 800])
    true_rates = np.array([1e-3, 2e-3, 5e-3, 4e-2])
    standard = np.array([4, 3, 2, 1])
    truth = 100_000 * (standard * true_rates).sum() / 10

    rates = directly_standardised_rate(
        rng.poisson(population * true_rates, size=(20_000, 4)), population, standard
    )

    covered = (rates.lower <= truth) & (truth <= rates.upper)
    assert covered.mean() == pytest.approx(0.95, abs=0.01)
    assert rates.value.mean() == pytest.approx(truth, rel=0.01)


def test_one_band_is_the_crude_rate_with_byars_limits():
    standardised = directly_standardised_rate([[40], [4]], [[9_000], [9_000]], [7])
    crude = byar([40, 4], 9_000)

    assert standardised.value == pytest.approx(crude.value)
    assert standardised.lower == pytest.approx(crude.lower)
    assert standardised.upper == pytest.approx(crude.upper)


def test_a_population_shaped_as_the_standard_keeps_its_crude_rate():
    weights = standard_weights(["0-4", "40-44", "90+"])
    rate = directly_standardised_rate([3, 10, 80], weights * 2, weights)

    assert rate.value == pytest.approx(100_000 * 93 / 26_000)


def test_leading_axes_are_kept_and_population_is_spread_over_them():
    events = np.arange(1, 25).reshape(2, 3, 4)
    population = np.array([1_000, 2_000, 3_000, 4_000])
    rates = directly_standardised_rate(events, population, [1, 2, 3, 4])

    assert rates.value.shape == rates.lower.shape == rates.upper.shape == (2, 3)
    alone = directly_standardised_rate(events[1, 2], population, [1, 2, 3, 4])
    assert rates.upper[1, 2] == pytest.approx(float(alone.upper))
    assert rates.lower[1, 2] == pytest.approx(float(alone.lower))


def test_a_band_without_weight_takes_no_part():
    without = directly_standardised_rate([5, 9], [100, 200], [3, 4])

    for empty in (0, 50):
        ignored = directly_standardised_rate([5, 70, 9], [100, empty, 200], [3, 0, 4])
        assert ignored.value == pytest.approx(float(without.value))
        assert ignored.lower == pytest.approx(float(without.lower))
        assert ignored.upper == pytest.approx(float(without.upper))


def test_a_lower_limit_that_would_be_negative_is_0():
    events, population, standard = [9, 1], [100_000, 10], [1, 1]
    total_lower = stats.chi2.ppf(0.025, 20) / 2
    scale = sqrt((9 / 100_000**2 + 1 / 10**2) / 4 / 10)
    assert (9 / 100_000 + 1 / 10) / 2 + scale * (total_lower - 10) < 0

    rate = directly_standardised_rate(events, population, standard)

    assert rate.lower == 0
    assert rate.value > 0


@given(bands)
def test_limits_lie_in_order(data):
    rate = directly_standardised_rate(*data)

    assert 0 <= rate.lower <= rate.value < rate.upper


@given(bands, st.randoms(use_true_random=False))
def test_the_order_of_the_bands_does_not_matter(data, random):
    order = list(range(len(data[0])))
    random.shuffle(order)
    shuffled = [[column[i] for i in order] for column in data]
    rate, other = directly_standardised_rate(*data), directly_standardised_rate(*shuffled)

    for name in ("value", "lower", "upper"):
        expected = float(getattr(rate, name))
        assert getattr(other, name) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@given(bands, st.floats(0.01, 100))
def test_only_the_shares_of_the_standard_matter(data, factor):
    events, population, standard = data
    rate = directly_standardised_rate(events, population, standard)
    other = directly_standardised_rate(events, population, [factor * w for w in standard])

    assert other.value == pytest.approx(float(rate.value), rel=1e-9)
    assert other.upper == pytest.approx(float(rate.upper), rel=1e-9)


@given(bands, st.integers(2, 50))
def test_limits_shrink_as_the_population_grows_at_the_same_rates(data, times):
    events, population, standard = data
    small = directly_standardised_rate(events, population, standard)
    large = directly_standardised_rate(
        [times * o for o in events], [times * n for n in population], standard
    )

    assert large.value == pytest.approx(float(small.value))
    assert large.upper - large.value < small.upper - small.value


@pytest.mark.parametrize(
    ("events", "population", "standard", "message"),
    [
        ([0, 0], [10, 10], [1, 1], r"^total events is 0\.0: Dobson"),
        ([[1, 0], [0, 0]], [10, 10], [1, 1], r"^total events\[1\] is 0\.0: Dobson"),
        ([1, 5], [10, 10], [0, 0], r"^sum of standard is 0\.0: the standard needs a weight"),
        ([5, 0], [10, 10], [0, 1], r"^total events is 0\.0: Dobson"),
        ([1, 1], [[9, 9], [9, 0]], [1, 1], r"^population\[1, 1\] is 0\.0: the band has a stand"),
        ([1, 1], [0, 9], [1, 1], r"^population\[0\] is 0\.0: the band has a standard weight"),
        ([1, -1], [9, 9], [1, 1], r"^events\[1\] is -1\.0: must not be negative"),
        ([1, 1], [9, -9], [1, 1], r"^population\[1\] is -9\.0: must not be negative"),
        ([1, 1], [9, 9], [1, -1], r"^standard\[1\] is -1\.0: must not be negative"),
        ([1, 1], [9, 9], [1, float("nan")], r"^standard\[1\] is nan: must be finite"),
        ([1, 1], [9, float("nan")], [1, 0], r"^population\[1\] is nan: must be finite"),
        ([1, float("inf")], [9, 9], [1, 0], r"^events\[1\] is inf: must be finite"),
        ([1, 1, 1], [9, 9], [1, 1], r"^events has shape \(3,\); .* 2 bands, as standard has"),
        ([1, 1], [9], [1, 1], r"^population has shape \(1,\); .* 2 bands"),
        (1, [9], [1], r"^events has shape \(\); .* 1 bands"),
        ([1, 1], [9, 9], [[1, 1]], r"^standard has shape \(1, 2\); it must be one list"),
        ([1], [9], 1, r"^standard has shape \(\); it must be one list"),
        ([[1, 1]] * 2, [[9, 9]] * 3, [1, 1], r"^events has shape \(2, 2\) and population"),
        ([], [], [], r"^standard is empty"),
        ([1, 1], [9, 9], ["1", "1"], r"^standard\[0\] is 1: is not a number"),
    ],
)
def test_bad_input_is_refused_at_its_place(events, population, standard, message):
    with pytest.raises(StatisticsError, match=message):
        directly_standardised_rate(events, population, standard)


def test_a_multiplier_must_be_one_positive_number():
    with pytest.raises(StatisticsError, match=r"^per is 0"):
        directly_standardised_rate([1], [9], [1], per=0)
