"""Empirical-Bayes rates, against PySAL's documented numbers and simulated places."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import byar, empirical_bayes
from tests.statistics.published import contiguity, st_louis

places = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 10**5)), min_size=2, max_size=8)


@pytest.mark.parametrize(
    ("neighbours", "published"),
    [
        # PySAL esda, documented example of Empirical_Bayes, homicides 1979-84.
        (
            None,
            [2.36718950e-05, 4.54539167e-05, 4.78114019e-05, 2.76907146e-05, 6.58989323e-05,
             3.66494122e-05, 5.79952721e-05, 2.03064590e-05, 3.31152999e-05, 3.02748380e-05],
        ),
        # The same of Spatial_Empirical_Bayes.
        (
            "stl/stl.gal",
            [4.01485749e-05, 3.62437513e-05, 4.93034844e-05, 5.09387329e-05, 3.72735210e-05,
             3.69333797e-05, 5.40245456e-05, 2.99806055e-05, 3.73034109e-05, 3.47270722e-05],
        ),
    ],
)  # fmt: skip
def test_documented_rates_of_st_louis(neighbours, published):
    near = None if neighbours is None else contiguity(neighbours)
    found = empirical_bayes(st_louis("HC7984"), st_louis("PO7984"), per=1, neighbours=near)

    assert found.value[:10] == pytest.approx(published, rel=1e-8)


@settings(max_examples=25)
@given(places)
def test_rates_are_drawn_towards_the_mean_and_never_past_it(pairs):
    events, population = np.array(pairs, dtype=float).T
    found = empirical_bayes(events, population, per=1)
    rate, mean = events / population, events.sum() / population.sum()

    low, high = np.minimum(rate, mean), np.maximum(rate, mean)
    assert (found.value >= low * (1 - 1e-9)).all()
    assert (found.value <= high * (1 + 1e-9)).all()
    assert (found.lower >= 0).all()
    assert (found.lower <= found.value).all()
    assert (found.value <= found.upper).all()


@settings(max_examples=25)
@given(places, st.floats(0.1, 1e5), st.randoms(use_true_random=False))
def test_labels_and_units_do_not_matter(pairs, per, shuffler):
    order = list(range(len(pairs)))
    shuffler.shuffle(order)
    events, population = np.array(pairs, dtype=float).T
    plain = empirical_bayes(events, population, per=1)
    other = empirical_bayes(events[order], population[order], per=per)

    for name in ("value", "lower", "upper"):
        expected = per * getattr(plain, name)[order]
        assert getattr(other, name) == pytest.approx(expected, rel=1e-6, abs=1e-12)


@settings(max_examples=25)
@given(places)
def test_all_as_neighbours_is_the_global_estimate_and_none_leaves_each_its_own(pairs):
    events, population = np.array(pairs, dtype=float).T
    everyone = empirical_bayes(events, population, neighbours=np.ones((len(pairs), len(pairs))))
    alone = empirical_bayes(events, population, neighbours=np.zeros((len(pairs), len(pairs))))

    assert everyone.value == pytest.approx(empirical_bayes(events, population).value, rel=1e-9)
    assert everyone.upper == pytest.approx(empirical_bayes(events, population).upper, rel=1e-9)
    assert alone.value == pytest.approx(byar(events, population).value)
    assert alone.upper[events == 0] == pytest.approx(
        -np.log(0.025) / population[events == 0] * 100_000
    )


def test_small_places_are_shrunk_more_and_gain_more():
    random = np.random.default_rng(31)
    population = np.repeat([100.0, 10_000.0], 50)
    true = random.gamma(10, 0.002 / 10, (400, 100))
    events = random.poisson(true * population)
    found = empirical_bayes(events, np.broadcast_to(population, events.shape), per=1)
    raw = ((events / population - true) ** 2).mean(axis=0)
    shrunk = ((found.value - true) ** 2).mean(axis=0)

    assert shrunk[:50].mean() < 0.2 * raw[:50].mean()
    assert shrunk[50:].mean() < raw[50:].mean()


def test_limits_cover_the_true_rates_of_98_places():
    """400 countries of 98 places, about 50 events each, true rates varying by 20 %."""
    random = np.random.default_rng(37)
    population = 1_000 * np.exp(random.normal(0, 0.7, 98))
    true = random.gamma(25, 0.05 / 25, (400, 98))
    events = random.poisson(true * population)
    found = empirical_bayes(events, np.broadcast_to(population, events.shape), per=1)
    covered = (found.lower <= true) & (true <= found.upper)

    assert covered.mean() == pytest.approx(0.95, abs=0.01)


def test_without_events_the_rate_is_zero_with_the_exact_upper_limit():
    found = empirical_bayes([0, 0], [100, 300], per=1)

    assert found.value.tolist() == [0, 0]
    assert found.lower.tolist() == [0, 0]
    assert found.upper == pytest.approx([-np.log(0.025) / 400] * 2)


@pytest.mark.parametrize("level", [0.01, 0.95, 1 - 1e-12])
@pytest.mark.parametrize(
    ("events", "population"),
    [
        ([0, 1e12], [1, 1e12]),
        ([1e12, 1e12], [1, 1e12]),
        ([0, 0, 1], [1e12, 1e12, 1]),
        ([5, 5, 5], [7, 7, 7]),
        ([1, 1e-9], [1e-9, 1e12]),
    ],
)
def test_extreme_places_do_not_overflow(events, population, level):
    found = empirical_bayes(events, population, level=level)

    assert np.isfinite(found.upper).all()
    assert (found.lower <= found.value).all()
    assert (found.value <= found.upper).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: empirical_bayes([-1, 2], [3, 4]), r"^events\[0\] is -1\.0"),
        (lambda: empirical_bayes([1, 2], [3, 0]), r"^population\[1\] is 0\.0"),
        (lambda: empirical_bayes([1, np.nan], [3, 4]), r"^events\[1\] is nan"),
        (lambda: empirical_bayes([1], [3]), r"^events has shape \(1,\)"),
        (lambda: empirical_bayes([1, 2], [3, 4, 5]), r"shapes do not fit together"),
        (lambda: empirical_bayes([1, 2], [3, 4], per=-1), r"^per is -1"),
        (
            lambda: empirical_bayes([1, 2], [3, 4], neighbours=[[0, 1]]),
            r"^neighbours has shape \(1, 2\); it must be \(2, 2\)",
        ),
        (
            lambda: empirical_bayes([1, 2], [3, 4], neighbours=[[0, 0.5], [1, 0]]),
            r"^neighbours\[0, 1\] is 0\.5: must be 0 or 1",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(StatisticsError, match=message):
        call()
