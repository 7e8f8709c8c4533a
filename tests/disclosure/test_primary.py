"""The primary rules: count, complement, denominator, zeros and weak series."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.disclosure import REASONS, Limits, primary, weak_series
from healthindicators.errors import StatisticsError


@pytest.mark.parametrize(
    ("count", "people", "reason"),
    [
        (0, 100, ""),
        (1, 100, "small-count"),
        (4, 100, "small-count"),
        (5, 100, ""),
        (95, 100, ""),
        (96, 100, "small-complement"),
        (99, 100, "small-complement"),
        (100, 100, ""),
        (6, 19, "small-denominator"),
        (6, 20, ""),
        (np.nan, 100, ""),
        (np.nan, 19, "small-denominator"),
        (6, np.nan, ""),
        (3, np.nan, "small-count"),
    ],
)
def test_each_rule_at_its_limit(count, people, reason):
    found = primary([count], [people], Limits(events=5, population=20), complement=True)

    assert found.tolist() == [reason]
    assert reason == "" or reason in REASONS


def test_no_limit_hides_nothing():
    assert primary([0, 1, 2], [1, 1, 3], complement=True).tolist() == ["", "", ""]


def test_the_rest_is_no_count_where_the_denominator_is_person_years():
    assert primary([96], [100], Limits(events=5)).tolist() == [""]


def test_zeros_are_hidden_where_the_indicator_says_so():
    hides = Limits(events=5, zeros=True)

    assert primary([0, 100], [100, 100], hides, complement=True).tolist() == [
        "small-count",
        "small-complement",
    ]


@pytest.mark.parametrize("limit", [-1, 1, 2])
@pytest.mark.parametrize("name", ["events", "population"])
def test_a_limit_whose_reason_would_tell_the_count_is_refused(name, limit):
    with pytest.raises(StatisticsError, match=f"{name} is {limit}"):
        Limits(**{name: limit})


def test_bad_numbers_are_refused_by_element():
    with pytest.raises(StatisticsError, match=r"counts\[1\] is -1.0"):
        primary([1, -1])
    with pytest.raises(StatisticsError, match=r"denominators\[0, 1\] is inf"):
        primary([[1, 2]], [[1, np.inf]])
    with pytest.raises(StatisticsError, match="shape"):
        primary([1, 2], [1])
    with pytest.raises(StatisticsError, match="weak_share is 2"):
        Limits(weak_share=2)


def test_limits_of_an_indicator_are_those_it_declares(declared):
    assert Limits.of(declared.indicators["mortality-all-ages"]).events == 10
    assert Limits.of(declared.indicators["gini"]) == Limits()


def test_a_series_is_weak_above_the_share_and_never_at_it():
    hidden = [True, True, False, False, True, True, True, False]

    assert weak_series(hidden, [1] * 4 + [2] * 4).tolist() == [False] * 4 + [True] * 4


def test_one_or_two_periods_are_no_series():
    assert not weak_series([True, True, True], [1, 2, 2]).any()


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=30))
def test_a_series_is_weak_as_a_whole_or_not_at_all(rows):
    hidden, series = (np.array(column) for column in zip(*rows, strict=True))
    weak = weak_series(hidden, series)

    for name in set(series.tolist()):
        assert len(set(weak[series == name].tolist())) == 1
