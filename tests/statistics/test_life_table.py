"""Life expectancy, against a published table, a forward life table and a simulation."""

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import life_expectancy

quick = settings(max_examples=40)
AGE_STARTS = [0, 1, *range(5, 95, 5)]

# Public Health England's life table example, as expected by the tests of the R package
# PHEindicatormethods: population, deaths, expectancy and 95 % limits at the start of each band.
PUBLISHED = np.array(
    [
        (7060, 17, 80.16960813, 79.88268548, 80.45653078),
        (35059, 9, 79.36245674, 79.0898816, 79.63503188),
        (46974, 4, 75.44193645, 75.17407307, 75.70979983),
        (48489, 8, 70.47299936, 70.20675732, 70.7392414),
        (43219, 20, 65.52909542, 65.26548673, 65.79270412),
        (38561, 15, 60.67510088, 60.41876577, 60.931436),
        (46009, 24, 55.78835987, 55.53801579, 56.03870395),
        (57208, 33, 50.92752727, 50.68279939, 51.17225516),
        (61435, 50, 46.06740425, 45.82666794, 46.30814055),
        (55601, 71, 41.24505636, 41.00842831, 41.48168441),
        (50209, 100, 36.49322717, 36.26223216, 36.72422219),
        (56416, 163, 31.83343842, 31.60996318, 32.05691365),
        (46411, 263, 27.26027992, 27.04337271, 27.47718713),
        (39820, 304, 22.9719144, 22.76653134, 23.17729746),
        (37978, 536, 18.76856852, 18.57570352, 18.96143352),
        (37039, 872, 14.95858336, 14.77985004, 15.13731667),
        (33288, 1390, 11.51684445, 11.34831778, 11.68537112),
        (23306, 1605, 8.618849241, 8.451134045, 8.786564437),
        (11936, 1936, 6.163942934, 5.978358351, 6.349527517),
        (11936, 1937, 6.16210635, 5.887683386, 6.436529314),
    ]
)
POPULATION, DEATHS = PUBLISHED[:, 0], PUBLISHED[:, 1]


def by_forward_table(deaths, population, starts, at, level=0.95):
    """Return expectancy and limits from l, L and T columns, as the textbooks lay them out."""
    last = len(starts) - 1
    survivors, lived, q_variance, widths, shares = [100_000.0], [], [], [], []
    for x, (died, persons) in enumerate(zip(deaths, population, strict=True)):
        m = died / persons
        if x == last:
            lived.append(survivors[x] / m)
            break
        n = starts[x + 1] - starts[x]
        a = 0.1 if starts[x] == 0 and n == 1 else 0.5
        q = 1.0 if died > persons / (n * a) else n * m / (1 + (1 - a) * n * m)
        survivors.append(survivors[x] * (1 - q))
        lived.append(n * survivors[x + 1] + a * n * (survivors[x] - survivors[x + 1]))
        q_variance.append(q * q * (1 - q) / died if died else 0.0)
        widths.append(n)
        shares.append(a)
    first = starts.index(at)
    years = [sum(lived[x:]) / survivors[x] if survivors[x] else 0.0 for x in range(last + 1)]
    spread = (
        survivors[last] ** 2 / 4 * (4 / (deaths[last] * (deaths[last] / population[last]) ** 2))
    )
    for x in range(first, last):
        moved = (1 - shares[x]) * widths[x] + years[x + 1]
        spread += survivors[x] ** 2 * moved**2 * q_variance[x]
    margin = NormalDist().inv_cdf(0.5 + level / 2) * sqrt(spread / survivors[first] ** 2)
    return years[first], max(years[first] - margin, 0), years[first] + margin


populations = (
    st.integers(1, 7)
    .flatmap(
        lambda count: st.tuples(
            st.lists(st.integers(0, 400), min_size=count, max_size=count),
            st.integers(1, 400),
            st.lists(st.floats(500, 1e6), min_size=count + 1, max_size=count + 1),
            st.lists(st.integers(1, 20), min_size=count, max_size=count),
        )
    )
    .map(lambda t: ([*t[0], t[1]], t[2], [0, *np.cumsum(t[3]).tolist()]))
)


@pytest.mark.parametrize("band", range(20))
def test_published_life_table(band):
    estimate = life_expectancy(DEATHS, POPULATION, AGE_STARTS, at=AGE_STARTS[band])

    assert estimate.value == pytest.approx(PUBLISHED[band, 2], abs=1e-8)


@pytest.mark.parametrize("band", range(20))
def test_published_limits(band):
    # The source takes 1.96 standard errors.
    level = 2 * NormalDist().cdf(1.96) - 1
    estimate = life_expectancy(DEATHS, POPULATION, AGE_STARTS, at=AGE_STARTS[band], level=level)

    assert estimate.lower == pytest.approx(PUBLISHED[band, 3], abs=1e-8)
    assert estimate.upper == pytest.approx(PUBLISHED[band, 4], abs=1e-8)


def test_at_birth_unless_said_otherwise():
    assert life_expectancy(DEATHS, POPULATION, AGE_STARTS).value == pytest.approx(80.16960813)


@quick
@given(populations, st.floats(0.5, 0.999))
def test_going_back_gives_what_the_forward_table_gives(data, level):
    deaths, population, starts = data
    # A band that nobody survives leaves the forward table without survivors to divide by.
    for x, died in enumerate(deaths[:-1]):
        width = starts[x + 1] - starts[x]
        deaths[x] = min(died, int(population[x] / width))

    for at in starts:
        estimate = life_expectancy(deaths, population, starts, at=at, level=level)
        expected = by_forward_table(deaths, population, starts, at, level)
        found = [estimate.value, estimate.lower, estimate.upper]
        assert found == pytest.approx(expected, rel=1e-8, abs=1e-8)


def test_limits_are_those_of_binomial_deaths():
    rng = np.random.default_rng(20260418)
    starts, widths, shares = [0, 1, 40, 70], np.array([1, 39, 30]), np.array([0.1, 0.5, 0.5])
    entering = np.array([2_000, 3_000, 1_500])
    true_q = np.array([0.02, 0.05, 0.4])
    open_population, open_rate, runs = 400, 0.1, 40_000
    truth = 1 / open_rate
    for n, a, q in reversed(list(zip(widths, shares, true_q, strict=True))):
        truth = n * (1 - q + a * q) + (1 - q) * truth

    died = rng.binomial(entering, true_q, size=(runs, 3))
    person_years = widths * (entering - died) + shares * widths * died
    died_old = rng.poisson(open_population * open_rate, size=(runs, 1))
    estimates = life_expectancy(
        np.hstack([died, died_old]),
        np.hstack([person_years, np.full((runs, 1), open_population)]),
        starts,
    )

    claimed = (estimates.upper - estimates.lower) / (2 * 1.959964)
    assert estimates.value.mean() == pytest.approx(truth, rel=0.005)
    assert np.sqrt((claimed**2).mean()) == pytest.approx(estimates.value.std(), rel=0.03)
    covered = (estimates.lower <= truth) & (truth <= estimates.upper)
    assert covered.mean() == pytest.approx(0.95, abs=0.01)


def test_the_open_band_alone_is_the_reciprocal_of_its_mortality():
    estimate = life_expectancy([100], [500], [85], at=85)

    assert estimate.value == pytest.approx(5)
    assert estimate.upper - estimate.value == pytest.approx(1.959964 * 5 / sqrt(100))


def test_those_who_die_in_a_first_year_of_its_own_have_lived_a_tenth_of_it():
    # q = 0.1 / (1 + (1 - a) 0.1); a tenth in the band 0, half in 0-4 and in a band 1-1.
    def first_band(starts):
        deaths, population = [100, 100], [1_000, 1_000]
        return float(life_expectancy(deaths, population, starts, at=starts[0]).value)

    q, half = 0.1 / 1.09, 0.1 / 1.05
    assert first_band([0, 1]) == pytest.approx(1 - q + 0.1 * q + (1 - q) * 10)
    assert first_band([1, 2]) == pytest.approx(1 - half + 0.5 * half + (1 - half) * 10)
    wide = 0.5 / 1.25
    assert first_band([0, 5]) == pytest.approx(5 * (1 - wide + 0.5 * wide) + (1 - wide) * 10)


def test_without_deaths_a_closed_band_adds_its_width_and_no_variance():
    old = life_expectancy([50], [600], [80], at=80)
    young = life_expectancy([0, 0, 50], [100, 100, 600], [0, 40, 80])

    assert young.value == pytest.approx(80 + float(old.value))
    assert young.upper - young.lower == pytest.approx(float(old.upper - old.lower))


def test_a_band_that_nobody_survives_ends_the_table():
    # 1 000 deaths over 1 000 person-years in 40 years of age: q would be 40 / 21.
    estimate = life_expectancy([0, 1_000, 1], [500, 1_000, 900], [0, 10, 50])

    assert (estimate.value, estimate.lower, estimate.upper) == (30, 30, 30)
    assert life_expectancy([0, 1_000, 1], [500, 1_000, 900], [0, 10, 50], at=50).value == 900


def test_more_deaths_than_person_years_are_valid():
    assert life_expectancy([5, 900], [100, 300], [0, 80]).value > 0


def test_a_lower_limit_that_would_be_negative_is_0():
    estimate = life_expectancy([1], [3], [90], at=90)

    assert (estimate.value, estimate.lower) == (3, 0)


def test_leading_axes_are_kept_and_population_is_spread_over_them():
    deaths = np.arange(1, 25).reshape(2, 3, 4)
    population = np.array([1_000, 2_000, 3_000, 900])
    together = life_expectancy(deaths, population, [0, 1, 40, 80], at=1)

    assert together.value.shape == together.lower.shape == together.upper.shape == (2, 3)
    alone = life_expectancy(deaths[1, 2], population, [0, 1, 40, 80], at=1)
    assert together.value[1, 2] == pytest.approx(float(alone.value))
    assert together.lower[1, 2] == pytest.approx(float(alone.lower))


@quick
@given(populations, st.floats(0.5, 0.999))
def test_limits_lie_in_order(data, level):
    estimate = life_expectancy(*data, level=level)

    assert 0 <= estimate.lower <= estimate.value <= estimate.upper


@quick
@given(populations, st.data())
def test_one_death_more_never_lengthens_life(data, draw):
    deaths, population, starts = data
    band = draw.draw(st.integers(0, len(deaths) - 1))
    more = [died + (x == band) for x, died in enumerate(deaths)]

    before = life_expectancy(deaths, population, starts).value
    assert life_expectancy(more, population, starts).value <= before * (1 + 1e-12)


@quick
@given(populations, st.integers(2, 50))
def test_a_larger_population_with_the_same_mortality_has_narrower_limits(data, times):
    deaths, population, starts = data
    at = starts[-1]
    small = life_expectancy(deaths, population, starts, at=at)
    large = life_expectancy(
        [times * d for d in deaths], [times * p for p in population], starts, at=at
    )

    assert large.value == pytest.approx(float(small.value))
    assert large.upper - large.value == pytest.approx(
        float(small.upper - small.value) / sqrt(times)
    )


@pytest.mark.parametrize(
    ("deaths", "population", "starts", "message"),
    [
        ([1, 0], [9, 9], [0, 50], r"^deaths\[1\] is 0\.0: the open band needs deaths"),
        ([[1, 2], [0, 0]], [9, 9], [0, 50], r"^deaths\[1, 1\] is 0\.0: the open band needs"),
        ([1, 2], [0, 9], [0, 50], r"^population\[0\] is 0\.0: must be above 0"),
        ([1, 2], [[9, 9], [9, 0]], [0, 50], r"^population\[1, 1\] is 0\.0: must be above 0"),
        ([-1, 2], [9, 9], [0, 50], r"^deaths\[0\] is -1\.0: must not be negative"),
        ([1, float("nan")], [9, 9], [0, 50], r"^deaths\[1\] is nan: must be finite"),
        ([1, 2], [9, float("inf")], [0, 50], r"^population\[1\] is inf: must be finite"),
        ([1, 2], [9, 9], [0, float("nan")], r"^age_starts\[1\] is nan: must be finite"),
        ([1, 2, 3], [9, 9, 9], [0, 50, 50], r"^age_starts\[2\] is 50\.0: must be above"),
        ([1, 2, 3], [9, 9, 9], [0, 50, 40], r"^age_starts\[2\] is 40\.0: must be above"),
        ([1, 2], [9, 9], [-5, 0], r"^age_starts\[0\] is -5\.0: must not be negative"),
        ([1, 2], [9, 9], [[0, 50]], r"^age_starts has shape \(1, 2\); it must be one list"),
        ([1, 2], [9, 9], [0, 50, 60], r"^deaths has shape \(2,\); .* 3 bands, as age_starts"),
        ([1, 2], [9], [0, 50], r"^population has shape \(1,\); .* 2 bands"),
        ([[1, 2]] * 2, [[9, 9]] * 3, [0, 50], r"^deaths has shape \(2, 2\) and population"),
        ([], [], [], r"^age_starts is empty"),
        ([None, 2], [9, 9], [0, 50], r"^deaths\[0\] is None: is not a number"),
    ],
)
def test_bad_input_is_refused_at_its_place(deaths, population, starts, message):
    with pytest.raises(StatisticsError, match=message):
        life_expectancy(deaths, population, starts)


@pytest.mark.parametrize("at", [1, 64.9, -1, float("nan"), "0", None, False, [0, 65]])
def test_an_age_that_starts_no_band_is_named_with_those_that_do(at):
    with pytest.raises(StatisticsError, match=r"^at is .*: 0, 65$"):
        life_expectancy([1, 2], [9, 9], [0, 65], at=at)
