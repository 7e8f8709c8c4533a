"""Funnel limits against the interval they invert, and the overdispersion that widens them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import (
    benchmark_error,
    compare_by_control_limits,
    funnel_limits,
    overdispersion,
    poisson_exact,
    wilson,
)

levels = st.floats(0.5, 0.9999)
sizes = st.floats(1, 1e9)


@settings(max_examples=40)
@given(st.integers(0, 10**5), levels)
def test_the_rate_at_a_limit_has_a_confidence_limit_at_the_benchmark(events, level):
    """Garwood's limits of a count, taken as expected events, lead back to that count."""
    own = poisson_exact(events, 1, per=1, level=level)
    reached = funnel_limits(1, float(own.upper), kind="ratio", level=level)
    assert reached.lower == pytest.approx(events / float(own.upper), rel=1e-9, abs=1e-9)
    if own.lower > 1e-6:
        reached = funnel_limits(1, float(own.lower), kind="ratio", level=level)
        assert reached.upper == pytest.approx(events / float(own.lower), rel=1e-9)


@settings(max_examples=40)
@given(st.floats(0.01, 0.99), st.integers(2, 10**6), levels)
def test_the_proportion_at_a_limit_has_a_confidence_limit_at_the_benchmark(share, n, level):
    limits = funnel_limits(share, n, level=level)
    if limits.upper < 1:
        assert wilson(n * float(limits.upper), n, level).lower == pytest.approx(share, rel=1e-9)
    if limits.lower > 0:
        assert wilson(n * float(limits.lower), n, level).upper == pytest.approx(share, rel=1e-9)


# PHEindicatormethods, published test data testdata_funnel_prop_inputs.csv with their significance.
TRUSTS = [
    (35078.4880, 41980, "High (0.001)"),
    (24803.6256, 31824, "Low (0.001)"),
    (50050.7443, 61921, "Not significant"),
    (26789.2380, 33012, "High (0.025)"),
    (36850.0492, 45449, "High (0.025)"),
    (30277.5312, 37828, "Low (0.025)"),
    (24866.9160, 30929, "Not significant"),
    (21139.2936, 25992, "High (0.025)"),
    (55826.0785, 67139, "High (0.001)"),
    (41845.5120, 51789, "Not significant"),
]


def test_published_places_lie_outside_the_limits_they_were_published_outside_of():
    events, n, published = zip(*TRUSTS, strict=True)
    share = np.array(events) / np.array(n)
    words = []
    for place, size in zip(share, n, strict=True):
        inner, outer = (
            int(compare_by_control_limits(place, funnel_limits(0.80642448, size, level=level)))
            for level in (0.95, 0.998)
        )
        side = {1: "High", -1: "Low", 0: ""}[inner]
        words.append(f"{side} ({'0.001' if outer else '0.025'})" if inner else "Not significant")

    assert words == list(published)


@pytest.mark.parametrize("kind", ["proportion", "rate", "ratio"])
@settings(max_examples=40)
@given(share=st.floats(0.001, 0.999), size=sizes, level=levels)
def test_limits_hold_the_benchmark_and_close_in_as_places_grow(kind, share, size, level):
    small, large = (
        funnel_limits(share, n, kind=kind, per=1, level=level) for n in (size, 10 * size)
    )

    assert 0 <= small.lower <= large.lower <= small.value == share
    assert small.value <= large.upper <= small.upper
    if kind == "proportion":
        assert small.upper <= 1


@settings(max_examples=40)
@given(st.floats(0.001, 0.999), sizes)
def test_those_without_the_property_have_the_mirrored_funnel(share, size):
    having, lacking = funnel_limits(share, size), funnel_limits(1 - share, size)

    assert having.lower == pytest.approx(1 - lacking.upper, abs=1e-12)


@settings(max_examples=40)
@given(st.floats(0.001, 0.999), sizes, st.floats(0.01, 1e5))
def test_the_unit_only_multiplies(share, size, per):
    plain = funnel_limits(share, size, kind="rate", per=1)
    scaled = funnel_limits(per * share, size, kind="rate", per=per)

    assert scaled.lower == pytest.approx(per * plain.lower, rel=1e-9)
    assert scaled.upper == pytest.approx(per * plain.upper, rel=1e-9)


@pytest.mark.parametrize("kind", ["proportion", "rate", "ratio"])
@settings(max_examples=40)
@given(share=st.floats(0.01, 0.5), size=st.floats(1, 1e6), factor=st.floats(1.01, 20))
def test_overdispersion_widens_and_a_factor_acts_like_a_smaller_place(kind, share, size, factor):
    plain = funnel_limits(share, size, kind=kind, per=1)
    wide = funnel_limits(share, size, kind=kind, per=1, overdispersion=factor)
    added = funnel_limits(share, size, kind=kind, per=1, between_variance=0.01)

    for wider in (wide, added):
        assert wider.lower <= plain.lower
        assert wider.upper >= plain.upper
    smaller = funnel_limits(share, size / factor, kind=kind, per=1)
    assert wide.lower == pytest.approx(smaller.lower, rel=1e-9, abs=1e-12)


def test_a_variance_between_places_keeps_the_funnel_open():
    for kind, factor in (("proportion", 1.0), ("ratio", 1.0)):
        limits = funnel_limits(0.5, 1e12, kind=kind, between_variance=0.01)
        assert limits.upper - 0.5 == pytest.approx(1.96 * 0.1 * factor, rel=0.1)


def test_a_benchmark_of_none_or_all_leaves_no_room():
    assert funnel_limits([0, 1], 50).lower.tolist() == [0, 1]
    assert funnel_limits([0, 1], 50).upper.tolist() == [0, 1]
    assert funnel_limits(0, 50, kind="rate").upper == 0


@pytest.mark.parametrize("level", [1e-6, 0.5, 0.95, 1 - 1e-12])
@pytest.mark.parametrize("kind", ["proportion", "rate", "ratio"])
def test_extreme_sizes_neither_overflow_nor_lose_order(kind, level):
    sizes = 10.0 ** np.arange(-9, 13)
    limits = funnel_limits(0.5, sizes, kind=kind, per=1, level=level)

    assert np.isfinite(limits.upper).all()
    assert (np.diff(limits.lower) >= 0).all()
    assert (np.diff(limits.upper) <= 0).all()


def test_as_many_places_are_outside_as_the_level_leaves_out():
    """200 000 Poisson counts at their benchmark; 5 % minus what whole numbers cost."""
    counts = np.random.default_rng(7).poisson(200, 200_000)
    outside = compare_by_control_limits(counts / 200, funnel_limits(1, 200, kind="ratio")) != 0

    assert 0.04 < outside.mean() < 0.05


def test_errors_by_chance_are_those_of_simulated_places():
    random = np.random.default_rng(3)
    shares = random.binomial(400, 0.3, 100_000) / 400
    rates = random.poisson(50, 100_000) / 25_000 * 1_000

    assert benchmark_error(0.3, 400) == pytest.approx(shares.std(), rel=0.01)
    assert benchmark_error(2, 25_000, kind="rate", per=1_000) == pytest.approx(
        rates.std(), rel=0.01
    )


def test_overdispersion_of_chance_alone_is_none_and_of_more_is_found():
    random = np.random.default_rng(5)
    error = random.uniform(0.5, 2, 5_000)
    by_chance = overdispersion(random.normal(3, error), 3, error, winsorised=0)
    more = overdispersion(random.normal(3, np.hypot(error, 1.5)), 3, error, winsorised=0)

    assert by_chance.factor == pytest.approx(1, abs=0.05)
    assert not by_chance.is_significant
    assert more.is_significant
    assert more.between_variance == pytest.approx(1.5**2, rel=0.05)


def test_winsorising_keeps_one_far_place_from_widening_the_funnel():
    value = np.array([*np.linspace(-1, 1, 40), 50.0])

    assert overdispersion(value, 0, 1, winsorised=0).factor > 50
    assert overdispersion(value, 0, 1).factor < 1


@settings(max_examples=40)
@given(
    st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=12),
    st.floats(0.1, 10),
    st.randoms(use_true_random=False),
)
def test_overdispersion_knows_no_labels_and_squares_the_unit(value, unit, shuffler):
    found = overdispersion(value, 1, 2)
    shuffled = list(value)
    shuffler.shuffle(shuffled)
    again = overdispersion(unit * np.array(shuffled), unit, 2 * unit)

    assert again.factor == pytest.approx(found.factor, rel=1e-9, abs=1e-12)
    assert again.between_variance == pytest.approx(
        unit**2 * found.between_variance, rel=1e-6, abs=1e-9
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: funnel_limits(1.5, 10), r"^benchmark is 1\.5: a proportion must not exceed 1"),
        (lambda: funnel_limits([0.5, -1], 10), r"^benchmark\[1\] is -1\.0: must not be negative"),
        (lambda: funnel_limits(0.5, [[10, 0]]), r"^denominator\[0, 1\] is 0\.0: must be above 0"),
        (lambda: funnel_limits(0.5, np.nan), r"^denominator is nan: must be finite"),
        (lambda: funnel_limits(0.5, 10, kind="mean"), r"^kind is 'mean'.*proportion, rate, ratio"),
        (lambda: funnel_limits(0.5, 10, overdispersion=0.5), r"^overdispersion is 0\.5"),
        (lambda: funnel_limits(0.5, 10, between_variance=-1), r"^between_variance is -1\.0"),
        (lambda: funnel_limits(0.5, 10, per=0), r"^per is 0"),
        (lambda: funnel_limits(0.5, 10, level=1), r"^level is 1"),
        (lambda: funnel_limits([0.5, 0.5], [1, 2, 3]), r"shapes do not fit together"),
        (lambda: overdispersion([1, 2], 1, 1), r"^value has shape \(2,\)"),
        (lambda: overdispersion([1, 2, 3], 1, [1, 0, 1]), r"^standard_error\[1\] is 0\.0"),
        (lambda: overdispersion([1, 2, np.inf], 1, 1), r"^value\[2\] is inf"),
        (lambda: overdispersion([1, 2, 3], 1, 1, winsorised=0.5), r"^winsorised is 0\.5"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(StatisticsError, match=message):
        call()
