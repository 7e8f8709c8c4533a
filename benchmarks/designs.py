"""What is simulated to see how often intervals hold the truth; `coverage.py` runs it.

A table has columns, each a way to draw true values and what would be observed of them, and rows,
each a public function of `healthindicators.statistics` held against that truth. All rows of a
table see data of the same kind. True values, sizes and patterns are drawn anew each time: coverage
of counts goes up and down by steps with the true value, and what is told is its average nearby.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from healthindicators import statistics as st

Random = np.random.Generator
Draw = Callable[[Random, int], Any]
Seen = Callable[[Any], NDArray[Any]]
"""From what was drawn to whether each interval holds the truth: one a draw, or one a draw and place."""

USUAL = 94.0, 96.0
AGES = [0, 1, *range(5, 91, 5)]
PERSONS = np.array([1, 4, *[5.8] * 9, 6.5, 7, 6.8, 6.2, 5.9, 5.2, 4, 2.4, 1.0])
"""Persons of each age from birth on, as in an ageing European country; only shares matter."""
MORTALITY = np.array([0.003, 0.0002, *np.exp(-10.2 + 0.095 * np.arange(7.5, 93, 5))])
"""Deaths a person-year: Gompertz's law, and an infant mortality of its own."""
ESP = st.standard_weights(list(st.ESP2013))


@dataclass(frozen=True)
class Row:
    """One function, or one way to use it.

    `slow` divides the draws, for limits that are simulated themselves. `note` says why coverage is
    not the level, where that is known.
    """

    name: str
    seen: Seen
    note: str = ""
    slow: int = 1
    wanted: tuple[float, float] = USUAL


@dataclass(frozen=True)
class Table:
    """A family of intervals; `alarms` where the share outside is told and not that inside."""

    title: str
    about: str
    columns: dict[str, Draw]
    rows: tuple[Row, ...]
    alarms: bool = False
    fewer: dict[str, int] = field(default_factory=dict)
    """Columns with more work a draw, and what their draws are divided by."""


def holds(estimate: st.Estimate, truth: Any) -> NDArray[np.bool_]:
    """Return whether each interval holds the truth, but for rounding."""
    slack = 1e-9 * np.abs(truth) + 1e-12
    return (estimate.lower <= truth + slack) & (estimate.upper >= truth - slack)


def near(random: Random, centre: Any, draws: int, by: float = 0.2) -> NDArray[np.float64]:
    """Return true values about a centre."""
    return centre * random.uniform(1 - by, 1 + by, (draws, *np.shape(centre)))


# One proportion, rate or mean


def _proportion(n: int, low: float, high: float) -> Draw:
    def draw(random: Random, draws: int) -> Any:
        true = random.uniform(low, high, draws)
        return random.binomial(n, true), n, true

    return draw


def _count(expected: float) -> Draw:
    def draw(random: Random, draws: int) -> Any:
        true = near(random, expected, draws)
        return random.poisson(true), true

    return draw


def _indirect(function: Callable[..., st.Estimate], reference: float) -> Seen:
    def seen(data: Any) -> NDArray[np.bool_]:
        events, true = data
        # All events in the first band, which takes no chance away: only their sum matters.
        bands = np.stack([events, np.zeros_like(events)], axis=-1)
        persons = np.stack([true, true], axis=-1)
        return holds(function(bands, persons, [2, 2], [4, 4], per=1), reference)

    return seen


def _sample(n: int, skewed: bool) -> Draw:
    def draw(random: Random, draws: int) -> Any:
        draws = min(draws, 2_000_000 // n)
        if skewed:
            return random.gamma(2, 1, (draws, n)), 2.0
        return random.normal(5, 2, (draws, n)), 5.0

    return draw


PROPORTION = Table(
    "One proportion",
    "True proportion from 1 to 50 % (few: from 1 to 5 persons of 1,000).",
    {
        "n = 20": _proportion(20, 0.01, 0.5),
        "n = 50": _proportion(50, 0.01, 0.5),
        "n = 200": _proportion(200, 0.01, 0.5),
        "n = 2,000": _proportion(2_000, 0.01, 0.5),
        "few": _proportion(1_000, 0.001, 0.005),
    },
    (
        Row("wilson", lambda d: holds(st.wilson(d[0], d[1]), d[2])),
        Row(
            "clopper_pearson",
            lambda d: holds(st.clopper_pearson(d[0], d[1]), d[2]),
            "never under the level, by construction",
        ),
    ),
)
COUNT = Table(
    "One rate, or observed over expected",
    "Events expected, give or take a fifth.",
    {f"{e:,}": _count(e) for e in (1, 3, 10, 30, 100, 1_000)},
    (
        Row(
            "poisson_exact",
            lambda d: holds(st.poisson_exact(d[0], 1, per=1), d[1]),
            "never under the level, by construction",
        ),
        Row(
            "byar",
            lambda d: holds(st.byar(d[0], 1, per=1), d[1]),
            "exact under 10 events, close to it above",
        ),
        Row(
            "byar(exact_below=0)",
            lambda d: holds(st.byar(d[0], 1, per=1, exact_below=0), d[1]),
            "as `byar`",
        ),
        Row(
            "observed_to_expected",
            lambda d: holds(st.observed_to_expected(d[0], d[1]), 1),
            "as `byar`",
        ),
        Row(
            "indirectly_standardised_ratio",
            _indirect(st.indirectly_standardised_ratio, 1),
            "as `byar`",
        ),
        Row(
            "indirectly_standardised_rate",
            _indirect(st.indirectly_standardised_rate, 0.5),
            "as `byar`",
        ),
    ),
)
MEAN = Table(
    "One mean",
    "Normal values, and skewed ones (a gamma distribution of shape 2).",
    {
        "normal, n = 3": _sample(3, False),
        "normal, n = 30": _sample(30, False),
        "skewed, n = 10": _sample(10, True),
        "skewed, n = 50": _sample(50, True),
        "skewed, n = 200": _sample(200, True),
    },
    (
        Row(
            "mean_interval",
            lambda d: holds(st.mean_interval(d[0]), d[1]),
            "too narrow for few skewed values; from 50 on it holds",
        ),
    ),
)

# Two groups


def _two_proportions(n_1: int, n_2: int, p_1: float, p_2: float) -> Draw:
    def draw(random: Random, draws: int) -> Any:
        true_1, true_2 = near(random, p_1, draws, 0.1), near(random, p_2, draws, 0.1)
        return random.binomial(n_1, true_1), n_1, random.binomial(n_2, true_2), n_2, true_1, true_2

    return draw


def _two_rates(expected_1: float, expected_2: float) -> Draw:
    def draw(random: Random, draws: int) -> Any:
        true_1, true_2 = near(random, expected_1, draws), near(random, expected_2, draws)
        return random.poisson(true_1), 1.0, random.poisson(true_2), 2.0, true_1, true_2 / 2

    return draw


def _difference(function: Callable[..., st.Estimate], **options: Any) -> Seen:
    return lambda d: holds(function(*d[:4], **options), d[4] - d[5])


def _ratio(function: Callable[..., st.Estimate], **options: Any) -> Seen:
    def seen(data: Any) -> NDArray[np.bool_]:
        events_1, n_1, events_2, n_2, true_1, true_2 = data
        some = events_2 > 0
        return holds(
            function(events_1[some], n_1, events_2[some], n_2, **options), (true_1 / true_2)[some]
        )

    return seen


TWO_PROPORTIONS = Table(
    "Two proportions",
    "Persons and true proportions of both, give or take a tenth. Ratios: where the second group has "
    "an event, without which there is none.",
    {
        "20, 20: 10, 20 %": _two_proportions(20, 20, 0.1, 0.2),
        "30, 30: 80, 85 %": _two_proportions(30, 30, 0.8, 0.85),
        "50, 50: 5, 5 %": _two_proportions(50, 50, 0.05, 0.05),
        "100, 30: 20, 30 %": _two_proportions(100, 30, 0.2, 0.3),
        "200, 200: 2, 3 %": _two_proportions(200, 200, 0.02, 0.03),
        "2,000, 2,000: 20, 25 %": _two_proportions(2000, 2000, 0.2, 0.25),
    },
    (
        Row(
            "difference_of_proportions",
            _difference(st.difference_of_proportions),
            "wide under about 5 events",
        ),
        Row("ratio_of_proportions", _ratio(st.ratio_of_proportions), "as that of the difference"),
    ),
)
TWO_RATES = Table(
    "Two rates",
    "Events expected in both, give or take a fifth; ratios as above.",
    {
        f"{a:,} and {b:,}": _two_rates(a, b)
        for a, b in ((1, 1), (3, 3), (5, 2), (5, 100), (10, 10), (20, 30), (100, 100))
    },
    (
        Row(
            "difference_of_rates",
            _difference(st.difference_of_rates, per=1),
            "wide under about 5 events",
        ),
        Row("ratio_of_rates", _ratio(st.ratio_of_rates), "wide under about 10 events"),
        Row(
            'ratio_of_rates(method="exact")',
            _ratio(st.ratio_of_rates, method="exact"),
            "never under the level, by construction",
        ),
    ),
)

# Standardised rates and life expectancy


def _bands(deaths: float, copies: int = 1, lopsided: bool = False) -> Draw:
    """Return places with the ages and mortality of a country, and so many deaths expected.

    Lopsided: five bands of equal weight and rate, of which the smallest has a hundredth of the
    persons of the largest.
    """
    persons, rate, weight = PERSONS[1:].copy(), MORTALITY[1:], ESP
    persons[0] += PERSONS[0]
    if lopsided:
        persons, rate, weight = np.array([100, 50, 10, 5, 1.0]), np.ones(5), np.ones(5)
    persons = persons * deaths / (persons * rate).sum()
    truth = (weight * rate).sum() / weight.sum()

    def draw(random: Random, draws: int) -> Any:
        draws = min(draws, 40_000)
        factor = near(random, 1.0, draws)
        events = [
            random.poisson(factor[:, None] * persons * rate, (draws, rate.size))
            for _ in range(copies)
        ]
        return events, persons, weight, factor * truth

    return draw


def _direct(method: str) -> Seen:
    def seen(data: Any) -> NDArray[np.bool_]:
        (events, *_), persons, weight, truth = data
        found = st.directly_standardised_rate(events, persons, weight, per=1, method=method)
        return holds(found, truth)

    return seen


def _pair_of_rates(combine: Callable[..., st.Estimate], truth: float) -> Seen:
    def seen(data: Any) -> NDArray[np.bool_]:
        (events_1, events_2), persons, weight, _ = data
        some = events_2.sum(axis=-1) > 0
        both = [
            st.directly_standardised_rate(e[some], persons, weight, method="fay-feuer")
            for e in (events_1, events_2)
        ]
        return holds(combine(*both), truth)

    return seen


def _repeated(deaths: float) -> Draw:
    share, times = np.array([0.8, 0.15, 0.05]), np.array([1.0, 2, 5])

    def draw(random: Random, draws: int) -> Any:
        draws = min(draws, 20_000)
        persons = PERSONS[1:] * deaths / (PERSONS[1:] * MORTALITY[1:]).sum()
        expected = near(random, 1.0, draws)[:, None, None] * np.multiply.outer(
            persons * MORTALITY[1:], share
        )
        truth = (ESP * (expected @ times) / persons).sum(axis=-1) / ESP.sum()
        return random.poisson(expected), times, persons, truth

    return draw


def _of_persons(data: Any) -> NDArray[np.bool_]:
    counted, times, persons, truth = data
    found = st.directly_standardised_rate_of_repeated_events(counted, times, persons, ESP, per=1)
    return holds(found, truth)


def _as_if_independent(data: Any) -> NDArray[np.bool_]:
    counted, times, persons, truth = data
    return holds(st.directly_standardised_rate(counted @ times, persons, ESP, per=1), truth)


def _life_table(size: float) -> Draw:
    population = PERSONS / PERSONS.sum() * size
    wanted = {
        at: st.life_expectancy(population * MORTALITY, population, AGES, at) for at in (0, 65)
    }

    def draw(random: Random, draws: int) -> Any:
        deaths = random.poisson(population * MORTALITY, (min(draws, 40_000), len(AGES)))
        return deaths[deaths[:, -1] > 0], population, {a: e.value for a, e in wanted.items()}

    return draw


def _years(at: float) -> Seen:
    return lambda d: holds(st.life_expectancy(d[0], d[1], AGES, at), d[2][at])


STANDARDISED = Table(
    "Directly standardised rates, 19 age bands",
    "Deaths expected in all, spread over ages as in a European country. Difference and ratio: of two "
    "places alike, each with so many deaths and the limits of Fay and Feuer.",
    {f"{d:,}": _bands(d, copies=2) for d in (3, 10, 20, 50, 200, 2_000)},
    (
        Row("directly_standardised_rate", _direct("dobson"), "as `byar`"),
        Row(
            'directly_standardised_rate(method="fay-feuer")',
            _direct("fay-feuer"),
            "made to be never under the level",
        ),
        Row(
            "difference_of_estimates",
            _pair_of_rates(st.difference_of_estimates, 0.0),
            "as wide as the intervals it is made of",
        ),
        Row(
            "ratio_of_estimates",
            _pair_of_rates(st.ratio_of_estimates, 1.0),
            "as wide as the intervals it is made of",
        ),
    ),
)
LOPSIDED = Table(
    "The same, with weights that do not fit the place",
    "Five bands of equal weight and rate; the smallest has a hundredth of the persons of the largest. "
    "Deaths expected in all.",
    {f"{d:,}": _bands(d, lopsided=True) for d in (3, 10, 50, 500, 5_000)},
    (
        Row(
            "directly_standardised_rate",
            _direct("dobson"),
            "far too narrow: not for such bands; take `fay-feuer`",
        ),
        Row(
            'directly_standardised_rate(method="fay-feuer")',
            _direct("fay-feuer"),
            "made to be never under the level",
        ),
    ),
)
REPEATED = Table(
    "Events that one person can have several times",
    "Persons expected; of them 15 % have two events and 5 % five.",
    {f"{d:,}": _repeated(d) for d in (5, 20, 100, 1_000)},
    (
        Row("directly_standardised_rate_of_repeated_events", _of_persons),
        Row(
            "`directly_standardised_rate`, wrong here",
            _as_if_independent,
            "what happens if events are taken as independent",
        ),
    ),
)
LIFE = Table(
    "Life expectancy, 20 age bands",
    "Person-years of the place. Where the open band has a death, without which there is no estimate.",
    {f"{n:,}": _life_table(n) for n in (2_000, 5_000, 20_000, 100_000)},
    (
        Row(
            "`life_expectancy` at birth",
            _years(0),
            "narrow where persons are few: a band without deaths adds no variance",
        ),
        Row("`life_expectancy` at 65", _years(65)),
    ),
)

# Groups in social order


def straight(ridit: Any) -> Any:
    """Return percentages that rise from 12 to 28."""
    return 12 + 16 * ridit


def curved(ridit: Any) -> Any:
    """Return percentages that rise slowly, then fast."""
    return 12 + 6 * np.sqrt(ridit) + 20 * ridit**4


def _gradient(groups: int, persons: float, course: Callable[[Any], Any]) -> Draw:
    """Return percentages counted in groups of unequal size, with the errors they come with."""

    def draw(random: Random, draws: int) -> Any:
        draws = min(draws, 2_000_000 // groups)
        size = persons * np.exp(random.normal(0, 0.5, (draws, groups)))
        size = np.maximum(size, persons / 4).round()
        ridit = (size.cumsum(axis=1) - size / 2) / size.sum(axis=1, keepdims=True)
        true = course(ridit) + 0 * ridit
        events = random.binomial(size.astype(np.int64), true / 100)
        share = (events + 1) / (size + 2)
        error = 100 * np.sqrt(share * (1 - share) / size)
        value = 100 * np.clip(events, 0.5, size - 0.5) / size
        return value, size, error, true

    return draw


def _ordered(function: Callable[..., st.Estimate], **options: Any) -> Seen:
    # True values have no noise to be corrected for.
    of_truth = {name: option for name, option in options.items() if name != "corrected"}

    def seen(data: Any) -> NDArray[np.bool_]:
        value, size, error, true = data
        truth = function(true, size, **of_truth).value
        return holds(function(value, size, error, **options), truth)

    return seen


def _of_ends(**options: Any) -> Seen:
    """Return the relative index where the fitted line stays above 0; elsewhere there is none."""

    def seen(data: Any) -> NDArray[np.bool_]:
        value, size, *_ = data
        mean = (value * size).sum(axis=1) / size.sum(axis=1)
        some = np.abs(st.slope_index(value, size).value) < 1.99 * mean
        return _ordered(st.relative_index, **options)([part[some] for part in data])

    return seen


def _walter(function: Callable[..., st.Estimate]) -> Seen:
    def seen(data: Any) -> NDArray[np.bool_]:
        value, size, _, true = data
        found = function(value, size, interval="walter", per=100)
        return holds(found, function(true, size).value)

    return seen


GRADIENTS: dict[str, Draw] = {
    "5 × 60, straight": _gradient(5, 60, straight),
    "5 × 300, none": _gradient(5, 300, lambda _: 20.0),
    "5 × 300, straight": _gradient(5, 300, straight),
    "5 × 300, curved": _gradient(5, 300, curved),
    "5 × 3,000, curved": _gradient(5, 3_000, curved),
    "98 × 300, curved": _gradient(98, 300, curved),
}
ORDERED = Table(
    "Inequality over groups in social order: sampling errors",
    "Groups × persons in each; percentages counted, from 12 to 38 % (curved) or 12 to 28 % (straight).",
    GRADIENTS,
    (
        Row("slope_index", _ordered(st.slope_index)),
        Row('slope_index(model="log")', _ordered(st.slope_index, model="log"), "wide for small groups"),
        Row('slope_index(model="logit")', _ordered(st.slope_index, model="logit", per=100)),
        Row("relative_index", _of_ends(), "where the line stays above 0; wide for small groups"),
        Row('relative_index(convention="mean")', _ordered(st.relative_index, convention="mean")),
        Row(
            'relative_index(convention="kunst-mackenbach")',
            _of_ends(convention="kunst-mackenbach"),
            "the same",
        ),
        Row('relative_index(model="log")', _ordered(st.relative_index, model="log"), "the same"),
        Row(
            'relative_index(model="logit")', _ordered(st.relative_index, model="logit", per=100)
        ),
        Row("absolute_concentration_index", _ordered(st.absolute_concentration_index)),
        Row("relative_concentration_index", _ordered(st.relative_concentration_index)),
        Row(
            'relative_concentration_index(correction="wagstaff")',
            _ordered(st.relative_concentration_index, correction="wagstaff", bounds=(0, 100)),
        ),
        Row(
            'relative_concentration_index(correction="erreygers")',
            _ordered(st.relative_concentration_index, correction="erreygers", bounds=(0, 100)),
        ),
        Row("population_attributable_risk", _ordered(st.population_attributable_risk),
            "limits stop at 0, so wide where there is nothing to gain"),
        Row("population_attributable_fraction", _ordered(st.population_attributable_fraction),
            "as above"),
        Row(
            'population_attributable_fraction(interval="walter")',
            _walter(st.population_attributable_fraction),
            "as above",
        ),
        Row(
            'population_attributable_risk(interval="walter")',
            _walter(st.population_attributable_risk),
            "as above",
        ),
    ),
)  # fmt: skip


def _scattered(groups: int, unequal: float, by_size: bool = False, bent: float = 0.0) -> Draw:
    """Return units that scatter about a line, or about a curve, whose index is sought."""

    def draw(random: Random, draws: int) -> Any:
        draws = min(draws, 2_000_000 // groups)
        size = np.exp(random.normal(0, unequal, (draws, groups)))
        share = size / size.sum(axis=1, keepdims=True)
        ridit = share.cumsum(axis=1) - share / 2
        true = 40 + 20 * ridit + bent * (ridit - 0.5) ** 2
        scatter = 4 / np.sqrt(np.clip(share * groups, 0.3, 10)) if by_size else 4.0
        return true + scatter * random.standard_normal(true.shape), size, true

    return draw


def _residual(function: Callable[..., st.Estimate], **options: Any) -> Seen:
    def seen(data: Any) -> NDArray[np.bool_]:
        value, size, true = data
        found = function(value, size, error="residual", **options)
        return holds(found, function(true, size, **options).value)

    return seen


RESIDUAL = Table(
    "The same over units that scatter about a line: residual errors",
    "Units of equal or very unequal size (standard deviation of the logarithm 1.2) about a line from "
    "40 to 60. Curved: about a curve, whose own index is the truth.",
    {
        "5, equal": _scattered(5, 0),
        "20, equal": _scattered(20, 0),
        "98, equal": _scattered(98, 0),
        "98, unequal": _scattered(98, 1.2),
        "98, unequal, small ones scatter more": _scattered(98, 1.2, by_size=True),
        "98, curved": _scattered(98, 0.7, bent=40),
    },
    (
        Row("slope_index", _residual(st.slope_index), "lack of fit counts as scatter: wide on a curve"),
        Row('slope_index(model="log")', _residual(st.slope_index, model="log")),
        Row('slope_index(model="logit")', _residual(st.slope_index, model="logit", per=100)),
        Row("relative_index", _residual(st.relative_index)),
        Row('relative_index(convention="mean")', _residual(st.relative_index, convention="mean")),
        Row('relative_index(model="log")', _residual(st.relative_index, model="log")),
    ),
)  # fmt: skip


def _gaps(part: float) -> Draw:
    def draw(random: Random, draws: int) -> Any:
        true = near(random, np.array([20.0, 30.0]), draws)
        error = part * true
        value = true + error * random.standard_normal(true.shape)
        kept = (value > 0).all(axis=1)
        return value[kept], error[kept], true[kept]

    return draw


GAPS = Table(
    "Gap between two groups",
    "Normal estimates; standard error as a part of the value.",
    {f"{p:.0%}": _gaps(p) for p in (0.02, 0.1, 0.2, 0.4)},
    (
        Row(
            "difference",
            lambda d: holds(st.difference(*d[0].T, *d[1].T), d[2][:, 0] - d[2][:, 1]),
        ),
        Row(
            "ratio",
            lambda d: holds(st.ratio(*d[0].T, *d[1].T), d[2][:, 0] / d[2][:, 1]),
            "wide where errors reach a fifth of the value",
        ),
    ),
)

# Groups without order: limits that are simulated themselves

SLOW = 100


def _spread(times: float, groups: int = 5) -> Draw:
    """Return groups whose true values differ by so many times what noise makes them differ."""

    def draw(random: Random, draws: int) -> Any:
        size = np.exp(random.normal(0, 0.6, (draws, groups)))
        share = size / size.sum(axis=1, keepdims=True)
        error = 1.5 / np.sqrt(size)
        noise = np.sqrt((share * (1 - share) * error**2).sum(axis=1, keepdims=True))
        pattern = random.standard_normal(size.shape)
        pattern -= (share * pattern).sum(axis=1, keepdims=True)
        pattern /= np.sqrt((share * pattern**2).sum(axis=1, keepdims=True))
        true = 60 + times * noise * pattern
        return true + error * random.standard_normal(size.shape), size, error, true

    return draw


def _unordered(name: str, function: Callable[..., st.Estimate], note: str, **options: Any) -> Row:
    told = ", ".join(f"{k}={v!r}" for k, v in options.items()).replace("'", '"')
    return Row(f"{name}({told})" if told else name, _ordered(function, **options), note, slow=SLOW)


def _unordered_rows() -> tuple[Row, ...]:
    none = "wide where noise is all there is, for the lower limit stops at 0"
    upper = "wide: the upper limit is a bound"
    plain: list[tuple[str, str, dict[str, Any]]] = [
        ("between_group_variance", none, {}),
        ("between_group_variance", none, {"corrected": True}),
        ("between_group_standard_deviation", none, {}),
        ("coefficient_of_variation", none, {}),
        ("mean_difference_from_mean", upper, {}),
        ("mean_difference_from_mean", upper, {"weighted": False}),
        ("mean_difference_from_best", upper, {}),
        ("mean_difference_from_best", upper, {"weighted": False}),
        ("mean_difference_from_reference", upper, {}),
        ("mean_difference_from_reference", upper, {"weighted": False}),
        ("index_of_disparity", upper, {}),
        ("index_of_disparity", upper, {"weighted": True}),
        ("theil_index", none, {}),
        ("mean_log_deviation", none, {}),
        ("atkinson", none, {}),
        ("gini", upper, {}),
        ("population_attributable_risk", upper, {"reference": None}),
        ("population_attributable_fraction", upper, {"reference": None}),
    ]
    return tuple(_unordered(name, getattr(st, name), note, **o) for name, note, o in plain)


SPREAD: dict[str, Draw] = {
    "none": _spread(0),
    "½ × noise": _spread(0.5),
    "1 × noise": _spread(1),
    "2 × noise": _spread(2),
    "5 × noise": _spread(5),
    "98 groups, 2 × noise": _spread(2, groups=98),
}
UNORDERED = Table(
    "Inequality over groups without order",
    "Five groups of unequal size (and 98); the true standard deviation between them, in units of what "
    "noise alone would give.",
    SPREAD,
    _unordered_rows(),
    fewer={"98 groups, 2 × noise": 4},
)
DELTA = Table(
    "The same by the normal formulas, for comparison",
    "As above. These are offered because others publish them.",
    SPREAD,
    tuple(
        Row(
            f'{f.__name__}(interval="delta")',
            _ordered(f, interval="delta"),
            "only where groups are few and inequality is several times the noise",
        )
        for f in (st.between_group_variance, st.theil_index, st.mean_log_deviation)
    ),
)

# Control limits, trends, many places


def _in_control(expected: float) -> Draw:
    def draw(random: Random, draws: int) -> Any:
        true = near(random, expected, draws)
        n = np.round(10 * true) if expected >= 1 else 10 * true
        return random.binomial(n.astype(np.int64), 0.1), n, random.poisson(true), true

    return draw


def _outside(level: float, kind: str) -> Seen:
    def seen(data: Any) -> NDArray[np.bool_]:
        having, n, events, expected = data
        if kind == "proportion":
            limits, value = st.funnel_limits(0.1, n, level=level), having / n
        else:
            limits = st.funnel_limits(1, expected, kind="ratio", level=level)
            value = events / expected
        return st.compare_by_control_limits(value, limits) != 0

    return seen


FUNNEL = Table(
    "Control limits: places outside where only chance is at work",
    "Share of places outside; 5 % and 0.2 % are wanted. Events expected, in proportions of 10 %.",
    {f"{e:,}": _in_control(e) for e in (1, 3, 10, 30, 100, 1_000)},
    (
        Row("`funnel_limits`, proportion, 95 %", _outside(0.95, "proportion"), wanted=(4, 6)),
        Row(
            "`funnel_limits`, proportion, 99.8 %",
            _outside(0.998, "proportion"),
            "too many on the upper side where few events are expected",
            wanted=(0.1, 0.3),
        ),
        Row(
            "`funnel_limits`, rate or ratio, 95 %",
            _outside(0.95, "ratio"),
            "exact Poisson: fewer alarms with few events",
            wanted=(4, 6),
        ),
        Row(
            "`funnel_limits`, rate or ratio, 99.8 %",
            _outside(0.998, "ratio"),
            "the same",
            wanted=(0.1, 0.3),
        ),
    ),
    alarms=True,
)


def _varied(tau: float, size: tuple[float, float]) -> Draw:
    def draw(random: Random, draws: int) -> Any:
        shape = (max(draws // 100, 20), 98)
        expected = np.exp(random.uniform(*np.log(size), shape))
        true = expected * np.exp(random.normal(-(tau**2) / 2, tau, shape))
        return random.poisson(true), expected

    return draw


def _widened(by: str) -> Seen:
    def seen(data: Any) -> NDArray[np.bool_]:
        events, expected = data
        out = np.empty(events.shape, dtype=bool)
        for row, (o, e) in enumerate(zip(events, expected, strict=True)):
            error = st.benchmark_error(1, e, kind="ratio")
            found = st.overdispersion(o / e, 1, error)
            widened = {
                "nothing": {},
                "factor": {"overdispersion": max(found.factor, 1.0)},
                "between": {"between_variance": found.between_variance},
            }[by]
            limits = st.funnel_limits(1, e, kind="ratio", **widened)
            out[row] = st.compare_by_control_limits(o / e, limits) != 0
        return out

    return seen


OVERDISPERSED = Table(
    "Control limits: the same where places differ by more than chance",
    "98 places, limits of 95 %, 5 % outside wanted; true ratios vary with the coefficient of variation "
    "given, and so do expected events.",
    {
        "none, 20 to 200": _varied(0, (20, 200)),
        "10 %, 20 to 200": _varied(0.1, (20, 200)),
        "20 %, 20 to 200": _varied(0.2, (20, 200)),
        "20 %, 20 to 2,000": _varied(0.2, (20, 2_000)),
    },
    (
        Row("funnel_limits", _widened("nothing"), "not made for this", wanted=(4, 6)),
        Row(
            "funnel_limits(overdispersion=…)",
            _widened("factor"),
            "estimated from winsorised scores: limits stay narrow",
            wanted=(4, 6),
        ),
        Row(
            "funnel_limits(between_variance=…)",
            _widened("between"),
            "the same",
            wanted=(4, 6),
        ),
    ),
    alarms=True,
)


def _years_of(first: list[int], last: list[int], shared: int = 1, restless: float = 0.0) -> Draw:
    """Return values of periods whose years have errors of their own, and perhaps lives too."""
    start, end = np.array(first), np.array(last)

    def draw(random: Random, draws: int) -> Any:
        years = np.arange(start.min(), end.max() + 1)
        slope = random.normal(0, 1, draws)
        noise = random.standard_normal((draws, years.size)) * np.sqrt(shared)
        noise += restless * random.standard_normal(noise.shape)
        course = slope[:, None] * (years - years[0]) + noise
        member = (years >= start[:, None]) & (years <= end[:, None])
        value = course @ (member / member.sum(axis=1, keepdims=True)).T
        error = np.sqrt(shared / member.sum(axis=1))
        return value, start, end, error, slope

    return draw


TREND = Table(
    "Change a year: `weighted_trend`",
    "Normal values with known errors. Restless: years also vary by themselves, by half or all of the "
    "sampling error.",
    {
        "5 years": _years_of([*range(5)], [*range(5)]),
        "gaps": _years_of([0, 1, 4, 9, 10], [0, 1, 4, 9, 10]),
        "pooled by 3, overlapping": _years_of([*range(8)], [*range(2, 10)], shared=3),
        "restless by half": _years_of([*range(8)], [*range(8)], restless=0.5),
        "restless by all": _years_of([*range(8)], [*range(8)], restless=1.0),
    },
    (
        Row(
            "weighted_trend",
            lambda d: holds(st.weighted_trend(d[1], d[2], d[0], d[3]).slope, d[4]),
            "too narrow where years vary by themselves: heed `lack_of_fit`",
        ),
    ),
)


def _steady(events: float, restless: float = 0.0) -> Draw:
    def draw(random: Random, draws: int) -> Any:
        draws = max(draws // 2, 10)
        true = near(random, events, draws)[:, None] * np.exp(
            random.normal(0, 1, (draws, 5)) * restless
        )
        return random.poisson(true), 20 * events

    return draw


def _alarm(data: Any) -> NDArray[np.bool_]:
    events, n = data
    rates = st.byar(events, n)
    return np.array(
        [
            st.recent_trend(st.Estimate(v, lo, up, 0.95, "byar")).direction != 0
            for v, lo, up in zip(rates.value, rates.lower, rates.upper, strict=True)
        ]
    )


def _alarm_of_proportions(data: Any) -> NDArray[np.bool_]:
    events, n = data
    return np.array([st.recent_trend_of_proportions(e, n).direction != 0 for e in events])


RECENT = Table(
    "False alarms of the five-point trend",
    "Events a year, without any trend; 0.2 % wanted at most. Restless: the truth varies by so much "
    "from year to year.",
    {
        "10": _steady(10),
        "50": _steady(50),
        "500": _steady(500),
        "500, restless 5 %": _steady(500, 0.05),
        "500, restless 10 %": _steady(500, 0.1),
    },
    (
        Row(
            "recent_trend",
            _alarm,
            "false alarms where years vary by themselves",
            wanted=(0, 0.2),
        ),
        Row("recent_trend_of_proportions", _alarm_of_proportions, "the same", wanted=(0, 0.2)),
    ),
    alarms=True,
)


def _places(places: int, events: float, variation: float) -> Draw:
    def draw(random: Random, draws: int) -> Any:
        size = np.exp(random.normal(0, 0.8, (draws, places)))
        size *= events / size.mean(axis=1, keepdims=True)
        shape = 1 / variation**2
        true = random.gamma(shape, 1 / shape, size.shape)
        counted = random.poisson(true * size)
        some = counted.sum(axis=1) > 0
        return counted[some], size[some], true[some]

    return draw


def _shrunken(data: Any, **options: Any) -> NDArray[np.bool_]:
    counted, size, true = data
    return holds(st.empirical_bayes(counted, size, per=1, **options), true)


def _ring(places: int, each_side: int) -> NDArray[np.int64]:
    apart = np.abs(np.subtract.outer(np.arange(places), np.arange(places)))
    return (np.minimum(apart, places - apart) <= each_side).astype(np.int64)


SHRUNKEN = Table(
    "Shrunken rates",
    "98 places; events a place, and how much true rates vary. Average over places, which is what such "
    "limits promise.",
    {
        f"{e}, {c:.0%}": _places(98, e, c)
        for e in (3, 20, 200)
        for c in (0.05, 0.15, 0.4)
    },
    (
        Row(
            "empirical_bayes",
            _shrunken,
            "narrow where the variation hardly shows; wide where there is hardly any",
            slow=100,
        ),
        Row(
            "empirical_bayes(neighbours=…)",
            partial(_shrunken, neighbours=_ring(98, 4)),
            "eight neighbours each: rough",
            slow=200,
        ),
    ),
)  # fmt: skip


def _league(least: float, most: float) -> Draw:
    """Return 98 places with true values of standard deviation 1 and errors in a range."""

    def draw(random: Random, draws: int) -> Any:
        true = random.standard_normal((draws, 98))
        error = np.exp(random.uniform(np.log(least), np.log(most), true.shape))
        rank = (-true).argsort(axis=1).argsort(axis=1) + 1
        return true + error * random.standard_normal(true.shape), error, rank

    return draw


def _ranked(data: Any, shrunk: bool) -> NDArray[np.bool_]:
    value, error, rank = data
    if shrunk:
        keep = 1 / (1 + error**2)
        value, error = keep * value, np.sqrt(keep) * error
    return np.stack(
        [
            holds(st.rank_uncertainty(v, e, draws=4_000).rank, r)
            for v, e, r in zip(value, error, rank, strict=True)
        ]
    )


RANKS = Table(
    "Ranks of 98 places",
    "Standard errors in units of the standard deviation of true values. Average over places.",
    {
        "0.1": _league(0.1, 0.1),
        "0.3": _league(0.3, 0.3),
        "1": _league(1, 1),
        "0.3 to 2": _league(0.3, 2),
    },
    (
        Row(
            "rank_uncertainty",
            partial(_ranked, shrunk=False),
            "too narrow where errors are large: shrink first",
            slow=300,
        ),
        Row(
            "`rank_uncertainty` of shrunken values", partial(_ranked, shrunk=True), slow=300
        ),
    ),
)  # fmt: skip


def _family(different: float) -> Draw:
    """Return 98 tests, of which a share has something to find."""

    def draw(random: Random, draws: int) -> Any:
        draws = max(draws // 20, 20)
        true = (np.arange(98) < different * 98) * random.normal(0, 3, (draws, 98))
        return true, true + random.standard_normal(true.shape)

    return draw


def _false_share(data: Any, corrected: bool) -> NDArray[np.float64]:
    true, seen = data
    found = st.Estimate(seen, seen - 1.959964, seen + 1.959964, 0.95, "normal")
    p_values = st.p_value_from_interval(found, 0)
    if corrected:
        p_values = np.stack([st.benjamini_hochberg(p) for p in p_values])
    called = p_values <= 0.05
    false = (called & (true == 0)).sum(axis=1)
    return np.asarray(false / np.maximum(called.sum(axis=1), 1))


FAMILY = Table(
    "False finds among those found, 98 comparisons",
    "Share of false ones among all that are called different; 5 % wanted at most. Columns: share of "
    "places that do differ.",
    {f"{d:.0%}": _family(d) for d in (0.0, 0.05, 0.2, 0.5)},
    (
        Row(
            "benjamini_hochberg",
            partial(_false_share, corrected=True),
            "5 % times the share that does not differ",
            wanted=(0, 5),
        ),
        Row(
            "`p_value_from_interval` alone",
            partial(_false_share, corrected=False),
            "what happens without correction",
            wanted=(0, 5),
        ),
    ),
    alarms=True,
)


def _by_chance(expected: float) -> Draw:
    def draw(random: Random, draws: int) -> Any:
        true = near(random, expected, draws)
        return [random.poisson(true) for _ in range(2)], true, random.binomial(500, true / 500)

    return draw


def _two_intervals(data: Any) -> NDArray[np.bool_]:
    first, second = (st.byar(events, 1, per=1) for events in data[0])
    return st.compare_by_intervals(first, second) != 0


TESTS = Table(
    "Verdicts where nothing differs",
    "Share called different at 95 %; 5 % wanted. Events expected.",
    {f"{e:,}": _by_chance(e) for e in (3, 10, 30, 100)},
    (
        Row(
            "p_value_of_count",
            lambda d: st.p_value_of_count(d[0][0], d[1]) < 0.05,
            "never too many, by construction",
            wanted=(4, 6),
        ),
        Row(
            "p_value_of_proportion",
            lambda d: st.p_value_of_proportion(d[2], 500, d[1] / 500) < 0.05,
            "never too many, by construction",
            wanted=(4, 6),
        ),
        Row(
            "`compare_by_interval` of `byar`",
            lambda d: st.compare_by_interval(st.byar(d[0][0], 1, per=1), d[1]) != 0,
            "as `byar`",
            wanted=(4, 6),
        ),
        Row(
            "`compare_by_intervals` of two `byar`",
            _two_intervals,
            "two intervals that do not overlap: a rule far stricter than 5 %",
            wanted=(4, 6),
        ),
    ),
    alarms=True,
)

TABLES = (
    PROPORTION, COUNT, MEAN, TWO_PROPORTIONS, TWO_RATES, STANDARDISED, LOPSIDED, REPEATED, LIFE,
    ORDERED, RESIDUAL, GAPS, UNORDERED, DELTA, FUNNEL, OVERDISPERSED, TREND, RECENT, SHRUNKEN,
    RANKS, FAMILY, TESTS,
)  # fmt: skip
