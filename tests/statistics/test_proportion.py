"""Wilson's and the exact limits, against published values and what defines them."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq

from healthindicators.errors import StatisticsError
from healthindicators.statistics import clopper_pearson, wilson

quick = settings(max_examples=40)
events_and_n = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.floats(0.5, 0.999)
PROPORTIONS = [wilson, clopper_pearson]


@pytest.mark.parametrize(
    ("events", "n", "lower", "upper"),
    [
        # Newcombe, Stat Med 1998;17:857, table I, method 3: score without continuity correction.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_limits(events, n, lower, upper):
    estimate = wilson(events, n)

    assert estimate.value == events / n
    assert estimate.lower == pytest.approx(lower, abs=5e-5)
    assert estimate.upper == pytest.approx(upper, abs=5e-5)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
@pytest.mark.parametrize(("events", "n"), [(1, 4), (7, 50), (250, 500), (9_999, 10_000)])
def test_each_limit_is_z_of_its_own_standard_errors_from_the_proportion(events, n, level):
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = events / n

    def distance(limit):
        return (limit - share) ** 2 - z**2 * limit * (1 - limit) / n

    estimate = wilson(events, n, level=level)

    assert estimate.lower == pytest.approx(brentq(distance, 0, share, xtol=1e-14), rel=1e-9)
    assert estimate.upper == pytest.approx(brentq(distance, share, 1, xtol=1e-14), rel=1e-9)


@pytest.mark.parametrize("n", [1, 3, 7, 20, 999, 123_456])
# At 0.56 and 0.8445 the formula misses 0 by a last digit, to either side.
@pytest.mark.parametrize("level", [0.5, 0.56, 0.8445, 0.95, 0.9999])
def test_nobody_and_everybody_reach_the_bounds_exactly_and_stay_intervals(n, level):
    z = NormalDist().inv_cdf(0.5 + level / 2)
    nobody, everybody = wilson(0, n, level), wilson(n, n, level)

    assert nobody.lower == 0
    assert nobody.upper == pytest.approx(z**2 / (n + z**2))
    assert everybody.upper == 1
    assert everybody.lower == pytest.approx(n / (n + z**2))


@pytest.mark.parametrize("statistic", PROPORTIONS)
@quick
@given(pair=events_and_n, level=levels)
def test_limits_lie_in_order_within_0_and_1(statistic, pair, level):
    estimate = statistic(*pair, level=level)

    assert 0 <= estimate.lower <= estimate.value <= estimate.upper <= 1
    assert estimate.lower < estimate.upper


@pytest.mark.parametrize("statistic", PROPORTIONS)
@quick
@given(pair=events_and_n, level=levels)
def test_those_without_the_property_have_the_mirrored_limits(statistic, pair, level):
    events, n = pair
    having, lacking = statistic(events, n, level), statistic(n - events, n, level)

    assert having.lower == pytest.approx(1 - lacking.upper, abs=1e-12)
    assert having.upper == pytest.approx(1 - lacking.lower, abs=1e-12)


@pytest.mark.parametrize("statistic", PROPORTIONS)
@quick
@given(pair=events_and_n, times=st.integers(2, 50))
def test_limits_shrink_as_n_grows_at_the_same_proportion(statistic, pair, times):
    events, n = pair
    small, large = statistic(events, n), statistic(times * events, times * n)

    assert large.upper - large.lower < small.upper - small.lower


@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
@pytest.mark.parametrize(("events", "n"), [(1, 4), (7, 50), (250, 500), (9_999, 10_000)])
def test_at_an_exact_limit_the_count_has_the_tail_probability(events, n, level):
    share, tail = clopper_pearson(events, n, level), (1 - level) / 2

    assert share.method == "clopper-pearson"
    assert stats.binom.sf(events - 1, n, share.lower) == pytest.approx(tail, rel=1e-8)
    assert stats.binom.cdf(events, n, share.upper) == pytest.approx(tail, rel=1e-8)


@pytest.mark.parametrize("n", [1, 3, 20, 123_456])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.9999])
def test_the_exact_limits_of_nobody_and_everybody_have_a_closed_form(n, level):
    rest = ((1 - level) / 2) ** (1 / n)
    nobody, everybody = clopper_pearson(0, n, level), clopper_pearson(n, n, level)

    assert (nobody.lower, everybody.upper) == (0, 1)
    assert nobody.upper == pytest.approx(1 - rest, rel=1e-9)
    assert everybody.lower == pytest.approx(rest, rel=1e-9)


def test_the_exact_limits_never_hold_the_truth_too_seldom_and_wilsons_do_so_on_average():
    n, having = 40, np.arange(41)
    truths = np.linspace(0.01, 0.99, 197)
    chance = stats.binom.pmf(having, n, truths[:, np.newaxis])

    def covered(statistic):
        share = statistic(having, n)
        held = (share.lower <= truths[:, np.newaxis]) & (truths[:, np.newaxis] <= share.upper)
        return (chance * held).sum(axis=1)

    assert covered(clopper_pearson).min() >= 0.95
    assert covered(wilson).mean() == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("statistic", PROPORTIONS)
@quick
@given(pairs=st.lists(events_and_n, min_size=1, max_size=8))
def test_an_array_gives_what_its_elements_give(statistic, pairs):
    events, n = np.array(pairs).T
    together = statistic(events, n)

    for i, pair in enumerate(pairs):
        assert together.lower[i] == pytest.approx(
            float(statistic(*pair).lower), rel=1e-12, abs=1e-15
        )
        assert together.upper[i] == pytest.approx(float(statistic(*pair).upper), rel=1e-12)


@pytest.mark.parametrize("statistic", PROPORTIONS)
def test_more_events_than_persons_are_refused_at_their_place(statistic):
    with pytest.raises(StatisticsError, match=r"^events\[1, 0\] is 11\.0: must not exceed n"):
        statistic([[5], [11]], [10, 20])
