"""False discoveries, and p-values from intervals and counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import (
    Estimate,
    benjamini_hochberg,
    byar,
    clopper_pearson,
    compare_by_interval,
    p_value_from_interval,
    p_value_of_count,
    p_value_of_proportion,
    poisson_exact,
    wilson,
)

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@settings(max_examples=40)
@given(p_values)
def test_adjusted_values_follow_the_definition(values):
    p, m = np.array(values), len(values)
    ordered = np.sort(p)
    adjusted = benjamini_hochberg(p)

    for value, found in zip(p, adjusted, strict=True):
        at = [m * ordered[j] / (j + 1) for j in range(m) if ordered[j] >= value]
        assert found == pytest.approx(min(1, *at, 1), rel=1e-12)
    assert (adjusted >= p).all()
    assert (adjusted <= 1).all()


@settings(max_examples=40)
@given(p_values, st.randoms(use_true_random=False))
def test_the_order_of_tests_does_not_matter(values, shuffler):
    places = list(range(len(values)))
    shuffler.shuffle(places)
    p = np.array(values)

    assert benjamini_hochberg(p[places]).tolist() == benjamini_hochberg(p)[places].tolist()


def test_a_table_is_one_family():
    table = np.array([[0.01, 0.5], [0.02, 0.9]])

    assert benjamini_hochberg(table).shape == (2, 2)
    assert benjamini_hochberg(table).ravel().tolist() == benjamini_hochberg(table.ravel()).tolist()


def test_among_what_is_found_the_rate_of_false_finds_is_held():
    """1 000 reports of 60 tests, 10 of them with a true difference of 3 errors."""
    random = np.random.default_rng(17)
    true = np.r_[np.full(10, 3.0), np.zeros(50)]
    shares, raw = [], []
    for _ in range(1_000):
        z = random.normal(true)
        p = p_value_from_interval(Estimate(z, z - 1.959964, z + 1.959964, 0.95, "any"), 0)
        found = benjamini_hochberg(p) < 0.05
        shares.append((found & (true == 0)).sum() / max(found.sum(), 1))
        raw.append(((p < 0.05) & (true == 0)).sum())

    assert np.mean(shares) == pytest.approx(0.05 * 50 / 60, abs=0.012)
    assert np.mean(raw) == pytest.approx(50 * 0.05, abs=0.2)


@pytest.mark.parametrize("scale", ["identity", "square-root", "arcsine", "log", "logit"])
@settings(max_examples=40)
@given(
    pair=st.integers(2, 10**5).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n))),
    benchmark=st.floats(0.001, 0.999),
    level=st.sampled_from([0.8, 0.95, 0.998]),
)
def test_p_is_under_one_minus_the_level_where_the_interval_leaves_the_benchmark_out(
    scale, pair, benchmark, level
):
    estimate = wilson(*pair, level=level)
    p = p_value_from_interval(estimate, benchmark, scale=scale)

    assert 0 <= p <= 1
    if abs(p - (1 - level)) > 1e-9:
        assert (p < 1 - level) == (compare_by_interval(estimate, benchmark) != 0)


def test_p_values_read_from_intervals_are_close_to_exact_ones():
    events, expected = np.array([20, 60, 100, 250]), np.array([33.0, 40, 130, 200])
    exact = p_value_of_count(events, expected)
    read = p_value_from_interval(byar(events, expected, per=1), 1, scale="square-root")
    assert read == pytest.approx(exact, rel=0.2)

    n, share = 400, np.array([0.1, 0.25, 0.6])
    exact = p_value_of_proportion([22, 80, 210], n, share)
    read = p_value_from_interval(wilson([22, 80, 210], n), share, scale="arcsine")
    assert read == pytest.approx(exact, rel=0.2)


def test_no_events_and_all_events_have_p_values_on_the_scales_that_take_them():
    rate = p_value_from_interval(byar(0, 4, per=1), 1, scale="square-root")
    share = p_value_from_interval(wilson([0, 50], 50), [0.1, 0.9], scale="arcsine")

    assert rate == pytest.approx(float(p_value_of_count(0, 4)), rel=0.2)
    assert share[0] == pytest.approx(share[1])
    assert 0 < share[0] < 0.05


@settings(max_examples=40)
@given(st.integers(0, 10**4), st.floats(0.01, 10**4))
def test_counts_agree_with_garwood(events, expected):
    p = p_value_of_count(events, expected)
    interval = poisson_exact(events, 1, per=1)

    assert 0 <= p <= 1
    if abs(p - 0.05) > 1e-9:
        assert (p < 0.05) == (compare_by_interval(interval, expected) != 0)


@settings(max_examples=40)
@given(
    st.integers(1, 10**4).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.floats(0.001, 0.999),
)
def test_proportions_agree_with_clopper_and_pearson_and_their_mirror(pair, share):
    events, n = pair
    p = p_value_of_proportion(events, n, share)

    assert p == pytest.approx(
        float(p_value_of_proportion(n - events, n, 1 - share)), rel=1e-6, abs=1e-12
    )
    if abs(p - 0.05) > 1e-9:
        assert (p < 0.05) == (compare_by_interval(clopper_pearson(events, n), share) != 0)


def test_extreme_counts_do_not_overflow():
    assert p_value_of_count([0, 1e12, 1], [1e12, 1e-9, 1e12]).tolist() == [0, 0, 0]
    assert p_value_of_proportion([0, 2e9], 2e9, [1, 0]).tolist() == [0, 0]
    assert p_value_of_proportion([0, 5], 5, [0, 1]).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: benjamini_hochberg([0.5, np.nan]), r"^p_values\[1\] is nan"),
        (lambda: benjamini_hochberg([0.5, 1.5]), r"^p_values\[1\] is 1\.5: must not exceed 1"),
        (lambda: benjamini_hochberg([-0.1]), r"^p_values\[0\] is -0\.1: must not be negative"),
        (lambda: benjamini_hochberg([]), r"^p_values is empty"),
        (lambda: p_value_from_interval(wilson(1, 4), 0.5, scale="cube"), r"^scale is 'cube'"),
        (
            lambda: p_value_from_interval(wilson([1, 0], 4), 0.5, scale="logit"),
            r"^estimate\.value\[1\] is 0\.0: the scale logit does not take it",
        ),
        (
            lambda: p_value_from_interval(byar(3, 4), 0, scale="log"),
            r"^benchmark is 0\.0: the scale log",
        ),
        (
            lambda: p_value_from_interval(Estimate(1, 1, 1, 0.95, "any"), 2),
            r"^estimate\.value is 1\.0: its interval has no width",
        ),
        (
            lambda: p_value_from_interval(Estimate(5, 1, 3, 0.95, "any"), 2),
            r"^estimate\.value is 5\.0: must lie between its limits",
        ),
        (lambda: p_value_of_count(-1, 2), r"^events is -1\.0"),
        (lambda: p_value_of_count(1, [2, 0]), r"^expected\[1\] is 0\.0"),
        (lambda: p_value_of_proportion(5, 4, 0.5), r"^events is 5\.0: must not exceed n"),
        (lambda: p_value_of_proportion(1.5, 4, 0.5), r"^events is 1\.5: must be whole"),
        (lambda: p_value_of_proportion(1, 4, 1.5), r"^benchmark is 1\.5: must not exceed 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(StatisticsError, match=message):
        call()
