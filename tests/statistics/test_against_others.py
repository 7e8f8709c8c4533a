"""The statistics again, each worked out in another way, and given what nobody should give them."""

import inspect
import math
import tomllib
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import binom, chi2, norm, poisson

from healthindicators import statistics
from healthindicators.errors import StatisticsError
from healthindicators.statistics import Estimate

Z = norm.isf(0.025)
SEEDS = range(5)


def groups(seed):
    """Return values, population, errors and shares of some groups."""
    random = np.random.default_rng(seed)
    count = random.integers(2, 9)
    value, error = random.uniform(5, 95, count), random.uniform(0.1, 3, count)
    population = random.integers(1, 900, count).astype(float)
    return value, population, error, population / population.sum()


def agrees(estimate, value, error=None):
    assert float(estimate.value) == pytest.approx(value, rel=1e-9, abs=1e-9)
    if error is not None:
        limits = [float(estimate.lower), float(estimate.upper)]
        assert limits == pytest.approx([value - Z * error, value + Z * error], rel=1e-9, abs=1e-9)


def by_differences(measure, value, error):
    """Return the delta method's standard error, the slopes found by numerical differences."""
    steps = 1e-5 * np.eye(value.size)
    slopes = [(float(measure(value + h)) - float(measure(value - h))) / 2e-5 for h in steps]
    return math.sqrt(sum((slope * error) ** 2 for slope, error in zip(slopes, error, strict=True)))


# The definitions of limits, solved instead of taken from a quantile function.


@pytest.mark.parametrize(("events", "n"), [(0, 5), (3, 17), (5, 5), (81, 263)])
def test_limits_of_proportions_solve_what_defines_them(events, n):
    share = events / n
    roots = np.roots([1 + Z**2 / n, -(2 * share + Z**2 / n), share**2]).real
    score = statistics.wilson(events, n)
    assert [score.lower, score.upper] == pytest.approx(sorted(roots), abs=1e-9)

    exact = statistics.clopper_pearson(events, n, level=0.9)
    if events:
        assert binom.sf(events - 1, n, float(exact.lower)) == pytest.approx(0.05, rel=1e-9)
    if events < n:
        assert binom.cdf(events, n, float(exact.upper)) == pytest.approx(0.05, rel=1e-9)


@pytest.mark.parametrize("events", [1, 4, 33])
def test_exact_limits_of_counts_solve_what_defines_them(events):
    exact = statistics.poisson_exact(events, 1, per=1, level=0.99)
    lower = brentq(lambda mean: poisson.sf(events - 1, mean) - 0.005, 1e-9, 99, xtol=1e-13)
    upper = brentq(lambda mean: poisson.cdf(events, mean) - 0.005, 1e-9, 99, xtol=1e-13)
    assert [exact.lower, exact.upper] == pytest.approx([lower, upper], rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_standardised_rates_are_those_of_the_papers(seed):
    """Dobson et al. 1991 in fractions; Fay and Feuer 1997 by their formula with chi-squared."""
    random = np.random.default_rng(seed)
    events, people = random.integers(0, 30, 19), random.integers(1000, 9000, 19)
    standard = list(statistics.ESP2013.values())
    bands = [tuple(map(int, band)) for band in zip(events, people, standard, strict=True)]
    rate = float(sum(Fraction(o, n) * w for o, n, w in bands) / sum(standard))
    variance = float(sum(Fraction(o * w * w, n * n) for o, n, w in bands) / sum(standard) ** 2)
    total = int(events.sum())
    fewest = total * (1 - 1 / (9 * total) - Z / (3 * math.sqrt(total))) ** 3
    most = (total + 1) * (1 - 1 / (9 * (total + 1)) + Z / (3 * math.sqrt(total + 1))) ** 3
    scale = math.sqrt(variance / total)
    found = statistics.directly_standardised_rate(events, people, standard, per=1)
    wanted = [rate, rate + scale * (fewest - total), rate + scale * (most - total)]
    assert [found.value, found.lower, found.upper] == pytest.approx(wanted, rel=1e-9)

    widest = max(w / sum(standard) / n for _, n, w in bands)
    mean, spread = rate + widest, variance + widest**2
    found = statistics.directly_standardised_rate(
        events, people, standard, per=1, method="fay-feuer"
    )
    lower = variance / (2 * rate) * chi2.ppf(0.025, 2 * rate**2 / variance)
    upper = spread / (2 * mean) * chi2.ppf(0.975, 2 * mean**2 / spread)
    assert [found.lower, found.upper] == pytest.approx([lower, upper], rel=1e-9)


@pytest.mark.parametrize(
    ("deaths_at_45", "at"),
    [*((deaths, at) for deaths in (0, 12, 390) for at in (0, 1, 65, 90)), (900, 0), (900, 1)],
)
def test_life_expectancy_is_that_of_a_table_of_survivors(deaths_at_45, at):
    """Chiang's columns from the top down, with the two special cases of the ONS template."""
    random = np.random.default_rng(1)
    starts = [0, 1, *range(5, 95, 5)]
    deaths, people = random.integers(0, 40, 20).astype(float), random.integers(900, 5000, 20)
    deaths[-1], deaths[10], people[10] = 90, deaths_at_45, 1000
    widths, mortality = np.diff(starts), deaths / people
    lived = np.array([0.1] + 18 * [0.5])
    dying = widths * mortality[:-1] / (1 + (1 - lived) * widths * mortality[:-1])
    dying = np.where(deaths[:-1] > people[:-1] / (widths * lived), 1, dying)
    alive = np.concatenate([[1.0], np.cumprod(1 - dying)])
    years = widths * (alive[1:] + lived * (alive[:-1] - alive[1:]))
    ahead = np.append(years, alive[-1] / mortality[-1])[::-1].cumsum()[::-1]
    left = ahead / np.where(alive > 0, alive, 1)
    noise = dying**2 * (1 - dying) / np.where(deaths[:-1] > 0, deaths[:-1], 1)
    parts = alive[:-1] ** 2 * ((1 - lived) * widths + left[1:]) ** 2 * noise
    last = alive[-1] ** 2 / 4 * 4 / (deaths[-1] * mortality[-1] ** 2)
    first = starts.index(at)
    error = math.sqrt(np.append(parts, last)[first:].sum()) / alive[first]
    agrees(statistics.life_expectancy(deaths, people, starts, at=at), left[first], error)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("groups_asked", [2, 3, 7, 14, 18, 20])
def test_quantile_groups_are_those_of_the_rule_in_fractions(seed, groups_asked):
    random = np.random.default_rng(seed)
    values = random.integers(0, 12, 30).astype(float)
    values[random.random(30) < 0.2] = np.nan
    known = values[~np.isnan(values)]
    found = statistics.quantile_groups(values, groups_asked)
    for value, group in zip(values, found, strict=True):
        if np.isnan(value) or known.size < groups_asked:
            assert np.isnan(group)
            continue
        rank = 1 + int((known < value).sum())
        from_top = Fraction((known.size + 1 - rank) * groups_asked, known.size)
        assert group == max(math.floor(groups_asked + 1 - math.ceil(from_top)), 1)


# Inequality, by matrices, sums over pairs and numerical differences.


@pytest.mark.parametrize("seed", SEEDS)
def test_slope_and_relative_indices_are_those_of_the_normal_equations(seed):
    value, population, error, share = groups(seed)
    ridit = np.cumsum(share) - share / 2
    design = np.column_stack([np.ones(value.size), ridit])
    hat = np.linalg.solve(design.T @ (share[:, None] * design), design.T * share)
    base, slope = hat @ value
    agrees(
        statistics.slope_index(value, population, error),
        slope,
        math.sqrt(((hat[1] * error) ** 2).sum()),
    )
    by_mean = (hat[1] - slope / (share @ value) * share) / (share @ value)
    agrees(
        statistics.relative_index(value, population, error, convention="mean"),
        slope / (share @ value),
        math.sqrt(((by_mean * error) ** 2).sum()),
    )
    if min(base, base + slope) > 0:
        ends = statistics.relative_index(value, population, error)
        apart = hat.sum(axis=0) / (base + slope) - hat[0] / base
        logged = Estimate(np.log(ends.value), np.log(ends.lower), np.log(ends.upper), 0.95, "")
        agrees(logged, math.log1p(slope / base), math.sqrt(((apart * error) ** 2).sum()))
    for model, forth, back in (
        ("log", np.log, np.exp),
        ("logit", lambda y: np.log(y / (100 - y)), lambda x: 100 / (1 + np.exp(-x))),
    ):

        def index(y, model=model):
            return statistics.slope_index(y, population, model=model, per=100).value

        low, rise = hat @ forth(value)
        assert float(index(value)) == pytest.approx(back(low + rise) - back(low), rel=1e-9)
        found = statistics.slope_index(value, population, error, model=model, per=100)
        half = float(found.upper - found.lower) / 2 / Z
        assert half == pytest.approx(by_differences(index, value, error), rel=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_concentration_indices_are_those_of_three_formulas(seed):
    """The convenient regression of Kakwani et al. 1997, a covariance, and the World Bank's sum."""
    value, population, error, share = groups(seed)
    ridit, mean = np.cumsum(share) - share / 2, share @ value
    twice = 2 * (share * (ridit - 0.5) ** 2).sum()
    regressed = np.polyfit(ridit, twice * value, 1, w=np.sqrt(share))[0]
    covered = 2 * (share * (value - mean) * (ridit - 0.5)).sum()
    people, part = np.cumsum(share), np.cumsum(share * value) / mean
    summed = (people[:-1] * part[1:] - people[1:] * part[:-1]).sum()
    agrees(statistics.absolute_concentration_index(value, population), regressed)
    agrees(statistics.absolute_concentration_index(value, population), covered)
    agrees(statistics.relative_concentration_index(value, population), summed)
    for correction, wanted in (
        ("wagstaff", summed / (1 - mean / 100)),
        ("erreygers", 4 * mean / 100 * summed),
    ):
        options = {"correction": correction, "bounds": (0, 100)}
        found = statistics.relative_concentration_index(value, population, error, **options)

        def index(y, options=options):
            return statistics.relative_concentration_index(y, population, **options).value

        assert float(found.value) == pytest.approx(wanted, rel=1e-9)
        half = float(found.upper - found.lower) / 2 / Z
        assert half == pytest.approx(by_differences(index, value, error), rel=1e-5)
        mirrored = statistics.relative_concentration_index(
            100 - value, population, error, **options
        )
        assert float(mirrored.value) == pytest.approx(-wanted, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_measures_of_unordered_groups_are_their_formulas(seed):
    """Schlotheuber and Hosseinpoor 2022; Ahn et al. 2018 for the errors."""
    value, population, error, share = groups(seed)
    mean = share @ value
    ratio, apart = value / mean, value - mean
    noise = share**2 * error**2
    variance = (share * apart**2).sum()
    spread = 4 * (noise * apart**2).sum() + 2 * (
        noise.sum() ** 2
        - (share**4 * error**4).sum()
        + (share**2 * (1 - share) ** 2 * error**4).sum()
    )
    given = (value, population, error)
    agrees(statistics.between_group_variance(*given, interval="delta"), variance, math.sqrt(spread))
    gain = 1 + np.log(ratio)
    agrees(
        statistics.theil_index(*given, interval="delta"),
        1000 * (share * ratio * np.log(ratio)).sum(),
        1000 * math.sqrt((noise / mean**2 * (gain - (share * ratio * gain).sum()) ** 2).sum()),
    )
    agrees(
        statistics.mean_log_deviation(*given, interval="delta"),
        -1000 * (share * np.log(ratio)).sum(),
        1000 * math.sqrt((noise / mean**2 * (1 - 1 / ratio) ** 2).sum()),
    )
    pairs = np.abs(np.subtract.outer(value, value))
    agrees(statistics.gini(value, population), share @ pairs @ share / (2 * mean))
    agrees(statistics.index_of_disparity(value, population), 100 * np.abs(apart).mean() / mean)
    for aversion in (0.25, 2, 3.5):
        wanted = 1 - (share @ ratio ** (1 - aversion)) ** (1 / (1 - aversion))
        agrees(statistics.atkinson(value, population, aversion=aversion), wanted)


@pytest.mark.parametrize("seed", SEEDS)
def test_attributable_fraction_is_that_of_relative_risks_and_of_the_two_by_two_table(seed):
    """Public Health Scotland's S / (1 + S), S = sum p (RR - 1); the variance of Walter 1976."""
    value, population, _, share = groups(seed)
    value = np.sort(value)[::-1]
    excess = (share * (value / value[-1] - 1)).sum()
    found = statistics.population_attributable_fraction(
        value, population, higher_is_better=False, interval="walter", per=100
    )
    wanted = -100 * excess / (1 + excess)
    events = population * value / 100
    n, c, d = population.sum(), events[-1], population[-1] - events[-1]
    a, b = events[:-1].sum(), (population - events)[:-1].sum()
    error = 100 * math.sqrt(c * n * (a * d * (n - c) + b * c**2) / ((a + c) ** 3 * (c + d) ** 3))
    limits = [wanted - Z * error, min(wanted + Z * error, 0)]
    assert [found.value, found.lower, found.upper] == pytest.approx([wanted, *limits], rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_shrinkage_is_that_of_marshall_place_by_place(seed):
    random = np.random.default_rng(seed)
    events, people = random.integers(0, 30, 8), random.integers(100, 900, 8)
    near = random.random((8, 8)) < 0.4
    found = statistics.empirical_bayes(events, people, per=1, neighbours=near)
    for place in range(8):
        here = near[place].copy()
        here[place] = True
        mean = events[here].sum() / people[here].sum()
        away = people[here] * (events[here] / people[here] - mean) ** 2
        between = max(away.sum() / people[here].sum() - mean / people[here].mean(), 0)
        weight = between / (between + mean / people[place])
        wanted = mean + weight * (events[place] / people[place] - mean)
        assert float(found.value[place]) == pytest.approx(wanted, rel=1e-9)


def test_a_line_that_is_level_without_one_point_has_no_trend_either_way():
    """Rounding must not choose a sign: without the fifth point this line is level."""
    events, n = np.array([[31, 12, 6, 33, 0], [50, 59, 50, 53, 50]])
    for having in (events, n - events):
        found = statistics.recent_trend_of_proportions(having, n)
        assert (found.direction, found.reason) == (0, "one-point-decides")


def test_places_of_very_unequal_error_have_a_variance_between_them():
    found = statistics.overdispersion([0, 0, 50, 0, 9], 0, [1e3, 1e-7, 1e6, 1e3, 1e3])
    assert found.between_variance >= 0


def test_next_to_nothing_is_taken_as_nothing():
    limits = statistics.funnel_limits(1e-300, 1e9, kind="rate", between_variance=1)
    assert 0 <= float(limits.lower) <= float(limits.value) <= float(limits.upper) < 1e-290
    shrunk = statistics.empirical_bayes([1e-300, 0], [100, 200])
    assert shrunk.value.tolist() == [0, 0]


def test_a_span_longer_than_all_years_has_no_periods():
    assert statistics.pooled_periods([1, 2], [2001, 2002], span=10**12).counts.shape == (0,)


def test_tables_of_walter_take_many_populations_for_one_list_of_values():
    value, population = [20, 30, 40], np.array([[100, 200, 300], [300, 200, 100]])
    options = {"interval": "walter", "per": 100}
    both = statistics.population_attributable_risk(value, population, **options)
    for place in range(2):
        one = statistics.population_attributable_risk(value, population[place], **options)
        assert [both.lower[place], both.upper[place]] == [one.lower, one.upper]


def test_both_standard_errors_or_neither():
    with pytest.raises(StatisticsError, match=r"^standard_error_second is None"):
        statistics.difference(1, 2, standard_error_first=1)


# What no function takes. The first worked example of each function is spoilt, one argument a time.

NEVER = {
    "an object": object(),
    "a huge number": 10**400,
    "a complex number": 1j,
    "a date": datetime(2020, 1, 1, tzinfo=UTC),
    "ragged rows": [[1, 2], [3]],
    "a word": "no such word",
}
ESTIMATE_FIELDS = {"value", "lower", "upper", "level", "method"}


def first_examples():
    found = {}
    for path in sorted((Path(__file__).parents[1] / "reference").glob("*.toml")):
        for example in tomllib.loads(path.read_text(encoding="utf-8"))["example"]:
            found.setdefault(example["function"], example["arguments"])
    for name, arguments in sorted(found.items()):
        yield pytest.param(
            name,
            {
                key: Estimate(**given)
                if isinstance(given, dict) and set(given) == ESTIMATE_FIELDS
                else given
                for key, given in arguments.items()
            },
            id=name,
        )


FIRST_EXAMPLES = list(first_examples())


def refusal(name, arguments):
    with pytest.raises(StatisticsError) as refused:
        getattr(statistics, name)(**arguments)
    return str(refused.value)


@pytest.mark.parametrize("wrong", NEVER)
@pytest.mark.parametrize(("name", "arguments"), FIRST_EXAMPLES)
def test_no_argument_takes_what_it_cannot_use(name, arguments, wrong):
    options = inspect.signature(getattr(statistics, name)).parameters
    for argument in options:
        if argument in arguments or argument in {"level", "per", "seed", "draws", "weighted"}:
            message = refusal(name, {**arguments, argument: NEVER[wrong]})
            assert argument in message


def outcome(name, arguments):
    """Return what comes of a call, be it an error, in text that can be compared."""
    try:
        found = getattr(statistics, name)(**arguments)
    except StatisticsError as refused:
        return str(refused)
    return str([getattr(found, field, found) for field in getattr(found, "__match_args__", [""])])


def lists_of_numbers(arguments):
    for argument, given in arguments.items():
        if isinstance(given, list) and np.asarray(given).dtype.kind in "if":
            yield argument, given


@pytest.mark.parametrize(("name", "arguments"), FIRST_EXAMPLES)
def test_masked_numbers_are_missing(name, arguments):
    for argument, given in lists_of_numbers(arguments):
        numbers = np.ma.masked_array(given, dtype=float)
        numbers.mask = np.arange(numbers.size).reshape(numbers.shape) == 0
        missing = {**arguments, argument: numbers.filled(np.nan)}
        assert outcome(name, {**arguments, argument: numbers}) == outcome(name, missing)
        assert outcome(name, missing) != outcome(name, arguments)


@pytest.mark.parametrize(("name", "arguments"), FIRST_EXAMPLES)
def test_truth_values_and_masks_among_numbers_are_refused(name, arguments):
    for argument, given in lists_of_numbers(arguments):
        if np.ndim(given) == 1 and len(given) > 1:
            for hidden in (True, np.True_, np.ma.masked):
                message = refusal(name, {**arguments, argument: [*given[:-1], hidden]})
                assert f"{argument}[{len(given) - 1}] is {hidden}" in message
