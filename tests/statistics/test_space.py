"""Moran's index and local indicators, against PySAL's documented numbers and maps dealt by lot."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import local_moran, moran, moran_values_of_rates
from tests.statistics.published import contiguity, st_louis

LINE = np.eye(12, k=1) + np.eye(12, k=-1)


def grid(side):
    """Return the neighbours of the cells of a square, sharing an edge."""
    place = np.arange(side * side)
    row, column = np.divmod(place, side)
    apart = np.abs(row[:, None] - row) + np.abs(column[:, None] - column)
    return (apart == 1).astype(float)


def test_documented_index_of_st_louis():
    """PySAL esda, documented example of Moran and its tests: homicide rates 1988-93."""
    found = moran(st_louis("HR8893"), contiguity("stl/stl.gal"), permutations=0)

    assert found.index == pytest.approx(0.24365582621771659, rel=1e-9)
    assert found.expected == pytest.approx(-0.012987012987012988, rel=1e-12)
    assert found.p_normality == pytest.approx(0.00027147862770937614, rel=1e-9)
    assert np.isnan(found.simulated_p_value)


def test_documented_standardised_rates():
    """PySAL esda, documented example of assuncao_rate."""
    found = moran_values_of_rates(
        [30, 25, 25, 15, 33, 21, 30, 20], [100, 100, 110, 90, 100, 90, 110, 90]
    )

    assert found[:4] == pytest.approx([1.03843594, -0.04099089, -0.56250375, -1.73061861], abs=5e-9)


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.integers(-50, 50), min_size=12, max_size=12).filter(lambda v: len(set(v)) > 1),
    st.randoms(use_true_random=False),
    st.floats(0.01, 1e6),
)
def test_labels_and_units_do_not_matter(values, shuffler, unit):
    order = list(range(12))
    shuffler.shuffle(order)
    values = np.array(values, dtype=float)
    plain = moran(values, LINE, permutations=0)
    other = moran(3 - unit * values[order], LINE[np.ix_(order, order)], permutations=0)

    assert other.index == pytest.approx(plain.index, rel=1e-6, abs=1e-9)
    assert other.z == pytest.approx(plain.z, rel=1e-6, abs=1e-9)


def test_tests_of_maps_dealt_by_lot_are_significant_as_often_as_the_level_says():
    random = np.random.default_rng(41)
    near = grid(7)
    found = [moran(random.exponential(size=49), near, permutations=99, seed=s) for s in range(60)]

    assert np.mean([m.index for m in found]) == pytest.approx(-1 / 48, abs=0.04)
    for name in ("p_value", "simulated_p_value"):
        rate = np.mean([getattr(m, name) <= 0.05 for m in found])
        assert rate == pytest.approx(0.05, abs=0.07)


def test_simulated_and_normal_tests_agree_on_a_pattern():
    values = np.arange(49) + np.random.default_rng(43).normal(0, 25, 49)
    found = moran(values, grid(7))

    assert found.simulated_p_value == pytest.approx(found.p_value, abs=0.02)
    assert found.simulated_p_value == moran(values, grid(7)).simulated_p_value


def test_random_numbers_of_others_are_left_alone():
    np.random.seed(1)
    expected = np.random.get_state()[1].tolist()
    moran(np.arange(12), LINE, permutations=99)
    local_moran(np.arange(12), LINE, permutations=99)

    assert np.random.get_state()[1].tolist() == expected


def test_a_cluster_is_found_and_its_quadrant_named():
    values = np.random.default_rng(47).normal(size=100)
    corner = [0, 1, 2, 10, 11, 12, 20, 21, 22]
    values[corner] += 6
    found = local_moran(values, grid(10))

    assert found.is_significant[[1, 10, 11, 12, 21]].all()
    assert (found.quadrant[corner] == 1).all()
    outside = np.setdiff1d(np.arange(100), [*corner, 3, 13, 23, 30, 31, 32])
    assert found.is_significant[outside].sum() <= 2


def test_maps_dealt_by_lot_hold_hardly_any_finds():
    random = np.random.default_rng(53)
    found = [
        local_moran(random.normal(size=49), grid(7), permutations=499, seed=s) for s in range(40)
    ]

    assert np.mean([(f.p_value <= 0.05).mean() for f in found]) == pytest.approx(0.05, abs=0.025)
    assert np.mean([f.is_significant.any() for f in found]) <= 0.2


def test_a_place_at_the_mean_is_never_certain():
    values = np.array([0.0, 5, -5, 5, -5, 3, -3, 2, -2, 1, -1, 0])
    found = local_moran(values, LINE, permutations=99)

    assert found.p_value[[0, 11]].tolist() == [1, 1]


def test_islands_are_told_and_not_judged():
    near = LINE.copy()
    near[5], near[:, 5] = 0, 0
    values = np.arange(12) ** 2
    found = local_moran(values, near, permutations=99)

    assert moran(values, near, permutations=99).islands == 1
    assert np.flatnonzero(found.islands).tolist() == [5]
    assert found.quadrant[5] == 0
    assert not found.is_significant[5]
    assert np.isnan([found.index[5], found.p_value[5], found.adjusted_p_value[5]]).all()
    assert np.isfinite(found.adjusted_p_value[~found.islands]).all()


@pytest.mark.parametrize("values", [[1e12, -1e12, 0, 1], [1e-9, 2e-9, 3e-9, 5e-9]])
def test_extreme_values_do_not_overflow(values):
    near = 1 - np.eye(4)
    near[0, 3] = near[3, 0] = 0

    assert np.isfinite(moran(values, near, permutations=99).z)
    assert np.isfinite(local_moran(values, near, permutations=99).index).all()


def test_truth_values_are_weights():
    told = moran(np.arange(12), LINE > 0, permutations=9)

    assert told == moran(np.arange(12), LINE, permutations=9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: moran([1, 2, 3], 1 - np.eye(3)), r"^values has 3 places"),
        (lambda: moran(np.ones(12), LINE), r"^values are all equal"),
        (lambda: moran([*range(11), np.nan], LINE), r"^values\[11\] is nan"),
        (lambda: moran(np.arange(12), LINE[:5]), r"^weights has shape \(5, 12\)"),
        (lambda: moran(np.arange(12), LINE + np.eye(12)), r"^weights\[0, 0\] is 1\.0: no place"),
        (lambda: moran(np.arange(12), -LINE), r"^weights\[0, 1\] is -1\.0"),
        (lambda: moran(np.arange(12), 0 * LINE), r"^weights are all 0"),
        (lambda: moran(np.arange(12), LINE, permutations=-1), r"^permutations is -1"),
        (lambda: moran(np.arange(12), LINE, seed="a"), r"^seed is 'a'"),
        (lambda: local_moran(np.arange(12), LINE, permutations=9), r"^permutations is 9"),
        (
            lambda: local_moran(np.arange(12), LINE, false_discovery_rate=2),
            r"^false_discovery_rate is 2",
        ),
        (lambda: moran_values_of_rates([0, 0], [1, 2]), r"^total events is 0"),
        (lambda: moran_values_of_rates([1, 2], [1, 0]), r"^population\[1\] is 0\.0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(StatisticsError, match=message):
        call()
