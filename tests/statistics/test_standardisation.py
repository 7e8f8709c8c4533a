"""Directly standardised rates, against a published table and a loop over the formula."""

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from healthindicators.errors import StatisticsError
from healthindicators.statistics import (
    byar,
    directly_standardised_rate,
    directly_standardised_rate_of_repeated_events,
    poisson_exact,
    standard_weights,
)

quick = settings(max_examples=30)
METHODS = ["dobson", "fay-feuer"]

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


@pytest.mark.parametrize("method", METHODS)
def test_limits_hold_the_true_rate_as_often_as_they_say(method):
    rng = np.random.default_rng(20260418)
    population = np.array([5_000, 4_000, 3_000, 800])
    true_rates = np.array([1e-3, 2e-3, 5e-3, 4e-2])
    standard = np.array([4, 3, 2, 1])
    truth = 100_000 * (standard * true_rates).sum() / 10

    rates = directly_standardised_rate(
        rng.poisson(population * true_rates, size=(20_000, 4)), population, standard, method=method
    )

    covered = (rates.lower <= truth) & (truth <= rates.upper)
    assert covered.mean() == pytest.approx(0.95, abs=0.01)
    assert rates.value.mean() == pytest.approx(truth, rel=0.01)


def test_fay_and_feuer_hold_the_rate_where_a_few_persons_weigh_as_much_as_many():
    rng = np.random.default_rng(20260418)
    population = np.array([100, 50, 10, 5, 1]) / 16.6
    events = rng.poisson(population, size=(20_000, 5))

    def covered(method):
        rates = directly_standardised_rate(events, population, [1] * 5, per=1, method=method)
        return ((rates.lower <= 1) & (rates.upper >= 1)).mean()

    assert covered("dobson") < 0.7
    assert covered("fay-feuer") > 0.95


def test_fay_and_feuer_with_one_band_are_the_exact_limits():
    rates = directly_standardised_rate([[0], [4], [40]], [9_000], [7], method="fay-feuer")
    exact = poisson_exact([0, 4, 40], 9_000)

    assert rates.lower == pytest.approx(exact.lower)
    assert rates.upper == pytest.approx(exact.upper)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
def test_limits_of_fay_and_feuer_are_quantiles_of_gammas_of_two_moments(level):
    events, population, standard = [1, 0, 3], [2_000, 500, 4_000], [2, 1, 3]
    weights = [w / 6 / n for w, n in zip(standard, population, strict=True)]
    mean = sum(w * o for w, o in zip(weights, events, strict=True))
    variance = sum(w * w * o for w, o in zip(weights, events, strict=True))
    high, spread = mean + max(weights), variance + max(weights) ** 2

    rate = directly_standardised_rate(
        events, population, standard, per=1, level=level, method="fay-feuer"
    )

    tail = (1 - level) / 2
    below = stats.gamma.cdf(rate.lower, mean**2 / variance, scale=variance / mean)
    above = stats.gamma.sf(rate.upper, high**2 / spread, scale=spread / high)
    assert [below, above] == pytest.approx([tail, tail], rel=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_no_events_are_a_rate_of_0_with_an_upper_limit(method):
    # 3.688879 is the exact upper limit of no events; the second band weighs most per person-year.
    rates = directly_standardised_rate(
        [[0, 0], [1, 0]], [1_000, 500], [1, 1], per=1_000, method=method
    )

    assert (rates.value[0], rates.lower[0]) == (0, 0)
    assert rates.upper[0] == pytest.approx(3.688879454)
    assert rates.value[1] == pytest.approx(0.5)


def test_events_in_bands_without_weight_are_no_events():
    rate = directly_standardised_rate([5, 0], [10, 10], [0, 1])

    assert (rate.value, rate.lower) == (0, 0)
    assert rate.upper == pytest.approx(100_000 * 3.688879454 / 10)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("events", [[1e12, 1e12], [0, 1e12], [1e-9, 0], [5e-324, 0], [1, 0]])
@pytest.mark.parametrize("population", [[1, 1], [1e12, 1e-9], [1e12, 1e12]])
def test_extreme_counts_give_finite_limits_in_order(method, events, population):
    for level in (0.5, 0.95, 1 - 1e-15):
        rate = directly_standardised_rate(events, population, [1, 1e12], level=level, method=method)

        assert np.isfinite([rate.value, rate.upper]).all()
        assert 0 <= rate.lower <= rate.value <= rate.upper


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


@pytest.mark.parametrize("method", METHODS)
@quick
@given(data=bands, level=st.floats(0.5, 0.999))
def test_limits_lie_in_order(method, data, level):
    rate = directly_standardised_rate(*data, level=level, method=method)

    assert rate.method == method
    assert 0 <= rate.lower <= rate.value < rate.upper


@pytest.mark.parametrize("method", METHODS)
@quick
@given(data=bands, random=st.randoms(use_true_random=False))
def test_the_order_of_the_bands_does_not_matter(method, data, random):
    order = list(range(len(data[0])))
    random.shuffle(order)
    shuffled = [[column[i] for i in order] for column in data]
    rate = directly_standardised_rate(*data, method=method)
    other = directly_standardised_rate(*shuffled, method=method)

    for name in ("value", "lower", "upper"):
        expected = float(getattr(rate, name))
        assert getattr(other, name) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
@quick
@given(data=bands, factor=st.floats(0.01, 100))
def test_only_the_shares_of_the_standard_matter(method, data, factor):
    events, population, standard = data
    scaled = [factor * w for w in standard]
    rate = directly_standardised_rate(events, population, standard, method=method)
    other = directly_standardised_rate(events, population, scaled, method=method)

    assert other.value == pytest.approx(float(rate.value), rel=1e-9)
    assert other.upper == pytest.approx(float(rate.upper), rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
@quick
@given(data=bands, times=st.integers(2, 50))
def test_limits_shrink_as_the_population_grows_at_the_same_rates(method, data, times):
    events, population, standard = data
    more, longer = [times * o for o in events], [times * n for n in population]
    small = directly_standardised_rate(events, population, standard, method=method)
    large = directly_standardised_rate(more, longer, standard, method=method)

    assert large.value == pytest.approx(float(small.value))
    assert large.upper - large.value < small.upper - small.value


@pytest.mark.parametrize(
    ("events", "population", "standard", "message"),
    [
        ([1, 5], [10, 10], [0, 0], r"^sum of standard is 0\.0: the standard needs a weight"),
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
@pytest.mark.parametrize("method", METHODS)
def test_bad_input_is_refused_at_its_place(events, population, standard, message, method):
    with pytest.raises(StatisticsError, match=message):
        directly_standardised_rate(events, population, standard, method=method)


@pytest.mark.parametrize("method", ["gamma", "Dobson", None])
def test_an_unknown_method_is_named_with_those_there_are(method):
    with pytest.raises(StatisticsError, match=r"^method is .*'dobson' or 'fay-feuer'"):
        directly_standardised_rate([1], [9], [1], method=method)


def test_a_multiplier_must_be_one_positive_number():
    with pytest.raises(StatisticsError, match=r"^per is 0"):
        directly_standardised_rate([1], [9], [1], per=0)


def repeated(persons, times, *rest, **options):
    return directly_standardised_rate_of_repeated_events(persons, times, *rest, **options)


def test_events_of_repeated_events_are_counted_and_the_variance_is_of_persons():
    persons, times = np.array([[30, 6, 1], [40, 10, 2]]), np.array([1, 2, 3])
    population, standard = np.array([50_000, 30_000]), np.array([3, 1])
    rate = repeated(persons, times, population, standard)
    counted = directly_standardised_rate(persons @ times, population, standard)

    # Dobson's limits move from the rate in proportion to the root of the variance.
    weights = standard / population
    ratio = (weights**2 * (persons @ times**2)).sum() / (weights**2 * (persons @ times)).sum()
    assert rate.method == "dobson"
    assert rate.value == pytest.approx(float(counted.value))
    assert rate.upper - rate.value == pytest.approx(
        sqrt(ratio) * float(counted.upper - counted.value)
    )
    assert rate.value - rate.lower == pytest.approx(
        sqrt(ratio) * float(counted.value - counted.lower)
    )


@quick
@given(bands)
def test_one_event_a_person_is_the_rate_of_independent_events(data):
    events, population, standard = data
    rate = repeated([[o] for o in events], [1], population, standard)
    other = directly_standardised_rate(events, population, standard)

    for name in ("value", "lower", "upper"):
        assert getattr(rate, name) == pytest.approx(float(getattr(other, name)), abs=1e-9)


@quick
@given(bands)
def test_a_number_of_events_that_nobody_had_changes_nothing(data):
    events, population, standard = data
    persons = np.array([[o, o % 3] for o in events])
    rate = repeated(persons, [1, 4], population, standard)
    other = repeated(np.insert(persons, 1, 0, axis=1), [1, 2, 4], population, standard)

    for name in ("value", "lower", "upper"):
        assert getattr(other, name) == pytest.approx(float(getattr(rate, name)))


def test_limits_of_repeated_events_hold_the_rate_where_those_of_events_do_not():
    rng = np.random.default_rng(20260418)
    population, standard, times = np.array([5_000, 2_000]), [2, 1], np.array([1, 2, 5])
    mean = np.array([[30, 8, 3], [60, 15, 6]])
    truth = 100_000 * ((mean @ times) / population * [2, 1]).sum() / 3
    persons = rng.poisson(mean, size=(10_000, 2, 3))

    def covered(rates):
        return ((rates.lower <= truth) & (truth <= rates.upper)).mean()

    assert covered(repeated(persons, times, population, standard)) == pytest.approx(0.95, abs=0.01)
    as_events = directly_standardised_rate(persons @ times, population, standard)
    assert covered(as_events) < 0.9


def test_repeated_events_keep_leading_axes_and_spread_either_side():
    persons = np.arange(24).reshape(2, 2, 3, 2)
    population = np.array([[[900, 800, 700]], [[90, 80, 70]]])
    rates = repeated(persons, [1, 2], population, [1, 2, 3])
    alone = repeated(persons[1, 0], [1, 2], population[1, 0], [1, 2, 3])
    spread = repeated(persons[1, 0], [1, 2], population[:, 0], [1, 2, 3])

    assert rates.value.shape == (2, 2)
    assert rates.upper[1, 0] == pytest.approx(float(alone.upper))
    assert spread.upper[1] == pytest.approx(float(alone.upper))


def test_no_repeated_events_have_an_upper_limit():
    rate = repeated([[0, 0]], [1, 3], [1_000], [1], per=1_000)

    assert (rate.value, rate.lower) == (0, 0)
    assert rate.upper == pytest.approx(3 * 3.688879454)


@pytest.mark.parametrize(
    ("persons", "times", "population", "message"),
    [
        ([[1, 2], [3, -4]], [1, 2], [9, 9], r"^persons\[1, 1\] is -4\.0: must not be neg"),
        ([[1, 2], [3, 4]], [1, 0], [9, 9], r"^events_per_person\[1\] is 0\.0: must be above 0"),
        ([[1, 2], [3, 4]], [2, 2], [9, 9], r"^events_per_person\[1\] is 2\.0: must stand once"),
        ([[1, 2], [3, 4]], [[1, 2]], [9, 9], r"^events_per_person has shape \(1, 2\)"),
        ([[1, 2], [3, 4]], [1, 2, 3], [9, 9], r"^persons has shape \(2, 2\); .* 3 numbers"),
        ([[1, 2]], [1, 2], [9, 9], r"^persons has shape \(1, 2\); .* 2 bands"),
        ([1, 2], [1], [9, 9], r"^persons has shape \(2,\)"),
        ([[1, 2], [3, 4]], [1, 2], [9, 0], r"^population\[1\] is 0\.0: the band has"),
        ([[1, 2], [3, 4]], [1, 2], [9], r"^population has shape \(1,\)"),
        ([[1, 2], [3, None]], [1, 2], [9, 9], r"^persons\[1, 1\] is None: is not a number"),
    ],
)
def test_bad_repeated_events_are_refused_at_their_place(persons, times, population, message):
    with pytest.raises(StatisticsError, match=message):
        repeated(persons, times, population, [1, 1])
