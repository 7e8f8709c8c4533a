"""Poisson limits of crude rates, against published tables and scipy's own distribution."""

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from healthindicators.errors import StatisticsError
from healthindicators.statistics import byar, poisson_exact

RATES = [byar, poisson_exact]
counts = st.integers(0, 10**6)
person_years = st.floats(1, 1e9)


@pytest.mark.parametrize(
    ("events", "lower", "upper"),
    [
        # Garwood, Biometrika 1936;28:437: 95 % limits of a Poisson mean.
        (0, 0.0, 3.6889),
        (1, 0.0253, 5.5716),
        (2, 0.2422, 7.2247),
        (5, 1.6235, 11.6683),
        (10, 4.7954, 18.3904),
        (20, 12.2165, 30.8884),
    ],
)
def test_published_exact_limits(events, lower, upper):
    rate = poisson_exact(events, person_years=1, per=1)

    assert rate.value == events
    assert rate.lower == pytest.approx(lower, abs=6e-5)
    assert rate.upper == pytest.approx(upper, abs=6e-5)


@pytest.mark.parametrize(
    ("events", "lower", "upper", "digits"),
    [
        # APHO Technical Briefing 3, 2008: 65 events; phstatsmethods: 10 events.
        (65, 50.16, 82.85, 0.005),
        (10, 4.787, 18.391, 0.0005),
    ],
)
def test_published_byar_limits(events, lower, upper, digits):
    rate = byar(events, person_years=1, per=1)

    assert rate.value == events
    assert rate.lower == pytest.approx(lower, abs=digits)
    assert rate.upper == pytest.approx(upper, abs=digits)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
@pytest.mark.parametrize("events", [1, 3, 9, 10, 47, 1_000, 250_000])
def test_at_an_exact_limit_the_count_has_the_tail_probability(events, level):
    rate = poisson_exact(events, person_years=1, per=1, level=level)
    tail = (1 - level) / 2

    assert stats.poisson.sf(events - 1, rate.lower) == pytest.approx(tail, rel=1e-8)
    assert stats.poisson.cdf(events, rate.upper) == pytest.approx(tail, rel=1e-8)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
@pytest.mark.parametrize("events", [10, 11, 100, 12_345])
def test_byar_is_the_formula_of_breslow_and_day(events, level):
    z = NormalDist().inv_cdf(0.5 + level / 2)
    more = events + 1

    rate = byar(events, person_years=1, per=1, level=level)

    assert rate.lower == pytest.approx(
        events * (1 - 1 / (9 * events) - z / (3 * events**0.5)) ** 3, rel=1e-9
    )
    assert rate.upper == pytest.approx(
        more * (1 - 1 / (9 * more) + z / (3 * more**0.5)) ** 3, rel=1e-9
    )


def test_byar_is_exact_below_10_events_and_byar_from_10():
    events = [0, 1, 9, 9.5, 10, 11]
    default, exact = byar(events, 1, per=1), poisson_exact(events, 1, per=1)
    forced = byar(events, 1, per=1, exact_below=0)

    assert (default.lower == exact.lower).tolist() == [True] * 4 + [False] * 2
    assert (default.upper == exact.upper).tolist() == [True] * 4 + [False] * 2
    assert (default.upper == forced.upper).tolist() == [False] * 4 + [True] * 2


def test_exact_below_moves_the_change():
    assert byar(15, 1, exact_below=16).upper == poisson_exact(15, 1).upper
    assert byar(15, 1, exact_below=15).upper != poisson_exact(15, 1).upper


@pytest.mark.parametrize("exact_below", [-1, float("nan"), None, "10"])
def test_exact_below_must_be_a_number_from_0(exact_below):
    with pytest.raises(StatisticsError, match=r"^exact_below is"):
        byar(15, 1, exact_below=exact_below)


@pytest.mark.parametrize("events", [10, 20, 100, 5_000])
def test_byar_is_within_two_per_mille_of_exact_from_10_events(events):
    approximate, exact = byar(events, 1), poisson_exact(events, 1)

    assert approximate.lower == pytest.approx(float(exact.lower), rel=0.002)
    assert approximate.upper == pytest.approx(float(exact.upper), rel=0.002)


def test_a_byar_limit_whose_root_would_be_negative_is_0():
    rate = byar([0, 1], 1, level=0.999, exact_below=0)

    assert rate.lower.tolist() == [0, 0]


@pytest.mark.parametrize("statistic", RATES)
def test_no_events_leave_a_lower_limit_of_0_and_an_upper_one(statistic):
    rate = statistic(0, person_years=2_000, per=1_000)

    assert (rate.value, rate.lower) == (0, 0)
    assert rate.upper == pytest.approx(3.688879 / 2)


@pytest.mark.parametrize("statistic", RATES)
def test_rates_are_per_100_000_unless_said_otherwise(statistic):
    assert statistic(30, 60_000).value == pytest.approx(50)
    assert statistic(30, 60_000, per=1_000).value == pytest.approx(0.5)


@pytest.mark.parametrize("statistic", RATES)
def test_more_events_than_person_years_are_a_valid_rate(statistic):
    assert statistic(30, 10, per=1).value == 3


@pytest.mark.parametrize("statistic", RATES)
@given(events=counts, at_risk=person_years, level=st.floats(0.5, 0.999))
def test_limits_lie_in_order(statistic, events, at_risk, level):
    rate = statistic(events, at_risk, level=level)

    assert 0 <= rate.lower <= rate.value < rate.upper
    assert (rate.lower == rate.value) == (events == 0)


@pytest.mark.parametrize("statistic", RATES)
@given(events=counts, at_risk=person_years, factor=st.floats(0.01, 100))
def test_the_multiplier_and_the_person_years_rescale_value_and_limits_alike(
    statistic, events, at_risk, factor
):
    once, scaled = statistic(events, at_risk), statistic(events, at_risk, per=100_000 * factor)
    longer = statistic(events, at_risk * factor)

    for name in ("value", "lower", "upper"):
        expected = float(getattr(once, name))
        assert getattr(scaled, name) == pytest.approx(expected * factor, rel=1e-9)
        assert getattr(longer, name) == pytest.approx(expected / factor, rel=1e-9)


@pytest.mark.parametrize("statistic", RATES)
@given(events=st.integers(1, 10**5), at_risk=person_years, times=st.integers(2, 50))
def test_limits_shrink_as_person_years_grow_at_the_same_rate(statistic, events, at_risk, times):
    small, large = statistic(events, at_risk), statistic(times * events, times * at_risk)

    assert large.upper - large.lower < small.upper - small.lower
