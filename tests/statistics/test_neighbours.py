"""Nearest statistical neighbours: distances, reasons, stability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import nearest_neighbours

tables = st.integers(1, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(-1_000, 1_000), min_size=columns, max_size=columns),
        min_size=5,
        max_size=10,
        unique_by=tuple(lambda row, c=c: row[c] for c in range(columns)),
    )
)


@settings(max_examples=25)
@given(tables)
def test_neighbours_are_the_nearest_of_all_by_brute_force(table):
    table = np.array(table, dtype=float)
    standard = (table - table.mean(axis=0)) / table.std(axis=0, ddof=1)
    found = nearest_neighbours(table, neighbours=3, resamples=0)

    for place, row in enumerate(standard):
        distance = np.sqrt(((standard - row) ** 2).mean(axis=1))
        others = np.delete(distance, place)
        assert found.distance[place] == pytest.approx(np.sort(others)[:3] / others.max())
        assert place not in found.index[place]


@settings(max_examples=25)
@given(tables, st.randoms(use_true_random=False))
def test_units_and_the_order_of_features_do_not_matter(table, shuffler):
    table = np.array(table, dtype=float)
    order = list(range(table.shape[1]))
    shuffler.shuffle(order)
    unit = 10.0 ** np.arange(table.shape[1])
    plain = nearest_neighbours(table, neighbours=3, resamples=0)
    other = nearest_neighbours((7 - table * unit)[:, order], neighbours=3, resamples=0)

    assert other.distance == pytest.approx(plain.distance, rel=1e-9, abs=1e-12)


@settings(max_examples=25)
@given(tables)
def test_contributions_add_up_and_distances_reach_from_0_to_1(table):
    found = nearest_neighbours(table, neighbours=len(table) - 1, resamples=0)

    assert found.contribution.sum(axis=2) == pytest.approx(np.ones(found.index.shape))
    assert (np.diff(found.distance, axis=1) >= 0).all()
    assert found.distance[:, -1] == pytest.approx(np.ones(len(table)))


def test_twins_are_at_no_distance_for_no_reason():
    found = nearest_neighbours([[1, 2], [1, 2], [5, 9], [4, 4]], neighbours=1)

    assert found.index[:2, 0].tolist() == [1, 0]
    assert found.distance[0, 0] == 0
    assert found.contribution[0, 0].tolist() == [0, 0]


def test_a_weight_of_zero_takes_a_feature_out_and_weights_are_relative():
    random = np.random.default_rng(59)
    table = random.normal(size=(20, 3))
    alone = nearest_neighbours(table[:, :2], neighbours=4, resamples=0)
    weighted = nearest_neighbours(table, weights=[5, 5, 0], neighbours=4, resamples=0)

    assert weighted.index.tolist() == alone.index.tolist()
    assert weighted.distance == pytest.approx(alone.distance)
    assert (weighted.contribution[..., 2] == 0).all()


def test_a_neighbour_in_all_respects_stays_and_one_by_a_single_feature_does_not():
    random = np.random.default_rng(61)
    table = random.normal(size=(30, 6))
    table[1] = table[0] + 0.001
    table[3] = table[2]
    table[3, :3] += 1.0
    found = nearest_neighbours(table, neighbours=1, names=list("abcdef"))

    assert found.index[0, 0] == 1
    assert found.stability[0, 0] == 1
    assert found.stability.min() < 0.7
    assert found.names == tuple("abcdef")
    assert (nearest_neighbours(table, neighbours=1).stability == found.stability).all()


@pytest.mark.parametrize("change", ["square-root", "log", "rank"])
def test_transformations_keep_one_far_place_from_deciding_alone(change):
    skewed = np.r_[np.arange(1.0, 10), 1e6]
    other = np.array([1, 9, 2, 8, 3, 7, 4, 6, 5, 5.0])
    table = np.column_stack([skewed, other])
    raw = nearest_neighbours(table, neighbours=1, resamples=0)
    changed = nearest_neighbours(table, neighbours=1, resamples=0, transformations=[change, "none"])

    # Untransformed, the nine others are as one in the skewed feature.
    assert raw.contribution[:9, 0, 0].max() < 1e-6
    assert changed.contribution[:9, 0, 0].max() > raw.contribution[:9, 0, 0].max() * 10


def test_ranks_share_the_middle_of_ties():
    tied = nearest_neighbours(
        [[1], [1], [1], [50]], neighbours=3, resamples=0, transformations=["rank"]
    )

    assert tied.distance[0].tolist() == [0, 0, 1]


def test_extreme_features_do_not_overflow():
    table = [[1e12, 1e-9], [-1e12, 2e-9], [0, 5e-9], [3, 1e-9]]
    found = nearest_neighbours(table, neighbours=2)

    assert np.isfinite(found.distance).all()
    assert np.isfinite(found.contribution).all()


GOOD = [[1, 2], [3, 5], [4, 1]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: nearest_neighbours([[1, 2], [3, np.nan]], neighbours=1),
            r"^features\[1, 1\] is nan",
        ),
        (
            lambda: nearest_neighbours([[1, 2], [3, 2]], neighbours=1),
            r"^features\[:, 1\] is the same",
        ),
        (lambda: nearest_neighbours([1, 2, 3], neighbours=1), r"^features has shape \(3,\)"),
        (lambda: nearest_neighbours(GOOD), r"^neighbours is 15; each place has only 2 others"),
        (lambda: nearest_neighbours(GOOD, neighbours=0), r"^neighbours is 0"),
        (lambda: nearest_neighbours(GOOD, neighbours=True), r"^neighbours is True"),
        (lambda: nearest_neighbours(GOOD, neighbours=1, weights=[0, 0]), r"^sum of weights is 0"),
        (lambda: nearest_neighbours(GOOD, neighbours=1, weights=[1]), r"^weights has shape \(1,\)"),
        (
            lambda: nearest_neighbours(GOOD, neighbours=1, weights=[1, -1]),
            r"^weights\[1\] is -1\.0",
        ),
        (lambda: nearest_neighbours(GOOD, neighbours=1, names=["a"]), r"^names are \('a',\)"),
        (lambda: nearest_neighbours(GOOD, neighbours=1, names=["a", "a"]), r"2 different ones"),
        (
            lambda: nearest_neighbours(GOOD, neighbours=1, transformations=["none"]),
            r"^transformations has 1 entries",
        ),
        (
            lambda: nearest_neighbours(GOOD, neighbours=1, transformations=["none", "cube"]),
            r"^transformations\[1\] is 'cube'",
        ),
        (
            lambda: nearest_neighbours(
                [[1, 0], [2, 1]], neighbours=1, transformations=["none", "log"]
            ),
            r"^features\[0, 1\] is 0\.0: a log needs values above 0",
        ),
        (lambda: nearest_neighbours(GOOD, neighbours=1, resamples=-1), r"^resamples is -1"),
        (lambda: nearest_neighbours(GOOD, neighbours=1, seed=1.5), r"^seed is 1\.5"),
        (lambda: nearest_neighbours([["1", 2], [3, 4]], neighbours=1), r"is not a number"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(StatisticsError, match=message):
        call()
