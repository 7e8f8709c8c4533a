"""Ranks by simulation against their exact expectation, and groups that can be told apart."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from healthindicators.errors import StatisticsError
from healthindicators.statistics import health_groups, rank_uncertainty

values = st.lists(st.floats(-100, 100), min_size=5, max_size=12)


def test_expected_ranks_are_sums_of_probabilities_to_be_ahead():
    random = np.random.default_rng(19)
    value, error = random.normal(size=30), random.uniform(0.05, 1, 30)
    ahead = ndtr((value - value[:, None]) / np.hypot(error, error[:, None]))
    exact = 1 + ahead.sum(axis=1) - 0.5

    assert rank_uncertainty(value, error).expected == pytest.approx(exact, abs=0.3)


def test_probabilities_of_the_fifths_are_those_of_the_normal_distribution():
    """One uncertain place among nineteen certain ones, at 1, 2, ..., 19: its rank is where it falls."""
    value = np.r_[10.0, np.arange(1.0, 20)]
    error = np.r_[4.0, np.zeros(19)]
    found = rank_uncertainty(value, error, draws=40_000)

    # Best fifth: ranks 1 to 4, at most three certain places above, so over 16.
    assert found.probability_best_fifth[0] == pytest.approx(1 - ndtr(6 / 4), abs=0.01)
    assert found.probability_worst_fifth[0] == pytest.approx(ndtr(-6 / 4), abs=0.01)
    assert found.rank.lower[0] == 1 + (value[1:] > 10 + 1.96 * 4).sum()
    assert found.rank.method == "simulation"


@settings(max_examples=25)
@given(values, st.randoms(use_true_random=False), st.booleans())
def test_relabelling_and_rescaling_change_nothing(value, shuffler, highest_first):
    value = np.unique(np.round(value, 3))
    value = np.r_[value, value.max() + np.arange(1, 6)]
    places = list(range(value.size))
    shuffler.shuffle(places)
    error = 1 + np.arange(value.size)
    plain = rank_uncertainty(value, error, draws=100, highest_first=highest_first)
    shuffled = rank_uncertainty(
        4 * value[places], 4 * error[places], draws=100, highest_first=highest_first
    )

    assert shuffled.distribution.tolist() == plain.distribution[places].tolist()


@settings(max_examples=25)
@given(values, st.floats(0, 50))
def test_limits_are_ranks_in_order_and_probabilities_add_up(value, error):
    found = rank_uncertainty(value, error, draws=200)
    places = len(value)

    assert (found.rank.lower >= 1).all()
    assert (found.rank.lower <= found.rank.value).all()
    assert (found.rank.value <= found.rank.upper).all()
    assert (found.rank.upper <= places).all()
    assert found.distribution.sum(axis=0) == pytest.approx(np.ones(places))
    assert found.distribution.sum(axis=1) == pytest.approx(np.ones(places))
    assert found.expected.sum() == pytest.approx(places * (places + 1) / 2)


def test_the_lowest_is_first_where_low_is_better():
    value = [4, 2, 9, 7, 5]

    assert rank_uncertainty(value, 0.01).rank.value.tolist() == [4, 5, 1, 2, 3]
    assert rank_uncertainty(value, 0.01, highest_first=False).rank.value.tolist() == [2, 1, 5, 4, 3]


def test_equal_places_share_their_ranks_evenly_even_without_error():
    found = rank_uncertainty(np.full(5, 3.0), 0)

    assert found.distribution == pytest.approx(np.full((5, 5), 0.2), abs=0.02)


def test_a_seed_gives_the_same_ranks_and_another_seed_others():
    first, again, other = (
        rank_uncertainty(np.arange(9), 3, seed=seed).distribution for seed in (4, 4, 5)
    )

    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_ranks_get_narrower_as_errors_shrink():
    random = np.random.default_rng(23)
    value = random.normal(size=40)
    wide, narrow = rank_uncertainty(value, 1.0), rank_uncertainty(value, 0.1)

    assert (narrow.rank.upper - narrow.rank.lower).mean() < 0.3 * (
        wide.rank.upper - wide.rank.lower
    ).mean()


def test_true_ranks_are_covered_where_values_differ_much_more_than_errors():
    random = np.random.default_rng(29)
    covered = []
    for seed in range(20):
        true = random.normal(size=98)
        found = rank_uncertainty(random.normal(true, 0.2), 0.2, draws=1_000, seed=seed)
        rank = 1 + (true > true[:, None]).sum(axis=1)
        covered.append((found.rank.lower <= rank) & (rank <= found.rank.upper))

    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


def test_groups_are_the_cheapest_of_all_groupings_in_order():
    """Brute force over every way to cut eight places into three groups."""
    found = rank_uncertainty([0, 1, 1.5, 4, 4.5, 5, 9, 9.2], 0.8)
    order = np.argsort(found.expected)
    levels = (np.arange(100) + 0.5) / 100
    reached = found.distribution.cumsum(axis=1)
    quantiles = np.array([[1 + np.argmax(row >= p - 1e-12) for p in levels] for row in reached])

    def cost(cuts):
        groups = np.split(order, cuts)
        return sum(((quantiles[g] - quantiles[g].mean(axis=0)) ** 2).sum() for g in groups)

    best = min(itertools.combinations(range(1, 8), 2), key=cost)
    expected = np.empty(8, dtype=int)
    for number, members in enumerate(np.split(order, best), start=1):
        expected[members] = number
    assert health_groups(found, groups=3).group.tolist() == expected.tolist()


@pytest.mark.parametrize(("error", "groups"), [(0.001, 10), (0.5, 4), (100, 1)])
def test_as_many_groups_as_can_be_told_apart(error, groups):
    value = np.repeat([0.0, 5, 10, 15], 6) + np.tile(np.linspace(0, 1.5, 6), 4)
    found = health_groups(rank_uncertainty(value, error))

    assert found.size.size == groups
    assert (found.told_apart >= 0.9).all()
    assert (np.diff(found.mean_rank) > 0).all()
    assert np.bincount(found.group)[1:].tolist() == found.size.tolist()


def test_group_1_holds_the_best_ranks_and_mean_ranks_are_those_of_members():
    ranks = rank_uncertainty([1, 9, 1.1, 9.1, 5, 5.1], 0.3)
    found = health_groups(ranks, groups=3)

    assert found.group.tolist() == [3, 1, 3, 1, 2, 2]
    assert found.mean_rank[0] == pytest.approx(ranks.expected[[1, 3]].mean())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rank_uncertainty([1, 2, 3, 4], 1), r"^value has 4 places"),
        (lambda: rank_uncertainty(np.ones((5, 2)), 1), r"^value has shape \(5, 2\)"),
        (lambda: rank_uncertainty([1, 2, 3, 4, np.nan], 1), r"^value\[4\] is nan"),
        (
            lambda: rank_uncertainty([1, 2, 3, 4, 5], [1, 1, -1, 1, 1]),
            r"^standard_error\[2\] is -1\.0",
        ),
        (lambda: rank_uncertainty([1, 2, 3, 4, 5], 1, draws=10), r"^draws is 10"),
        (lambda: rank_uncertainty([1, 2, 3, 4, 5], 1, draws=1e4), r"^draws is 10000\.0"),
        (lambda: rank_uncertainty([1, 2, 3, 4, 5], 1, seed=-1), r"^seed is -1"),
        (lambda: rank_uncertainty([1, 2, 3, 4, 5], 1, level=0), r"^level is 0"),
        (lambda: health_groups(np.eye(5), groups=6), r"^groups is 6; there are only 5 places"),
        (lambda: health_groups(np.eye(5), groups=0), r"^groups is 0"),
        (lambda: health_groups(np.ones((2, 3))), r"^ranks has shape \(2, 3\)"),
        (lambda: health_groups([[1, 0], [1, 1]]), r"^sum of ranks\[1\] is 2\.0: must be 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(StatisticsError, match=message):
        call()
