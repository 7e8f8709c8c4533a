"""Wilson's limits, against published values and the equation they solve."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from healthindicators.errors import StatisticsError
from healthindicators.statistics import wilson

events_and_n = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.floats(0.5, 0.999)


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


@given(events_and_n, levels)
def test_limits_lie_in_order_within_0_and_1(pair, level):
    estimate = wilson(*pair, level=level)

    assert 0 <= estimate.lower <= estimate.value <= estimate.upper <= 1
    assert estimate.lower < estimate.upper


@given(events_and_n, levels)
def test_those_without_the_property_have_the_mirrored_limits(pair, level):
    events, n = pair
    having, lacking = wilson(events, n, level), wilson(n - events, n, level)

    assert having.lower == pytest.approx(1 - lacking.upper, abs=1e-12)
    assert having.upper == pytest.approx(1 - lacking.lower, abs=1e-12)


@given(events_and_n, st.integers(2, 50))
def test_limits_shrink_as_n_grows_at_the_same_proportion(pair, times):
    events, n = pair
    small, large = wilson(events, n), wilson(times * events, times * n)

    assert large.upper - large.lower < small.upper - small.lower


@given(st.lists(events_and_n, min_size=1, max_size=8))
def test_an_array_gives_what_its_elements_give(pairs):
    events, n = np.array(pairs).T
    together = wilson(events, n)

    for i, pair in enumerate(pairs):
        assert together.lower[i] == pytest.approx(float(wilson(*pair).lower), rel=1e-12, abs=1e-15)
        assert together.upper[i] == pytest.approx(float(wilson(*pair).upper), rel=1e-12)


def test_more_events_than_persons_are_refused_at_their_place():
    with pytest.raises(StatisticsError, match=r"^events\[1, 0\] is 11\.0: must not exceed n"):
        wilson([[5], [11]], [10, 20])
