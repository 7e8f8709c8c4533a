"""Pooled periods: which runs of years there are, and what they add up to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.errors import StatisticsError
from healthindicators.statistics import pooled_periods

quick = settings(max_examples=30)
NAN = float("nan")
calendars = st.sets(st.integers(1990, 2025), min_size=1).map(sorted)


@quick
@given(calendars, st.integers(1, 8))
def test_every_run_without_a_gap_is_a_period_and_no_other(years, span):
    pooled = pooled_periods([1] * len(years), years, span)

    runs = [(y, y + span - 1) for y in years if all(y + i in years for i in range(span))]
    assert list(zip(pooled.first_years, pooled.last_years, strict=True)) == runs
    assert pooled.counts.tolist() == [span] * len(runs)


@quick
@given(calendars, st.integers(1, 8), st.data())
def test_a_period_is_the_sum_of_its_years(years, span, data):
    counts = data.draw(st.lists(st.integers(0, 9999), min_size=len(years), max_size=len(years)))
    by_year = dict(zip(years, counts, strict=True))

    pooled = pooled_periods([counts, counts[::-1]], years, span)

    assert pooled.counts.shape == (2, len(pooled.first_years))
    for first, last, total in zip(
        pooled.first_years, pooled.last_years, pooled.counts[0], strict=True
    ):
        assert total == sum(by_year[year] for year in range(first, last + 1))


def test_a_span_of_one_year_changes_nothing():
    pooled = pooled_periods([3, 1, 4], [2001, 2003, 2004], 1)

    assert pooled.first_years.tolist() == pooled.last_years.tolist() == [2001, 2003, 2004]
    assert pooled.counts.tolist() == [3, 1, 4]


def test_a_missing_count_leaves_its_periods_missing_and_no_others():
    pooled = pooled_periods([[1, NAN, 3, 4], [1, 2, 3, 4]], [2001, 2002, 2003, 2004], 2)

    np.testing.assert_array_equal(pooled.counts, [[NAN, NAN, 7], [3, 5, 7]])


def test_too_few_years_make_no_period_and_keep_the_leading_axes():
    pooled = pooled_periods(np.ones((2, 5, 3)), [2001, 2002, 2004], 3)

    assert pooled.counts.shape == (2, 5, 0)
    assert pooled.first_years.size == pooled.last_years.size == 0
    assert pooled_periods([1], [2001], 1_000_000).counts.size == 0


@pytest.mark.parametrize(
    ("counts", "years", "message"),
    [
        ([1, -1], [2001, 2002], r"^counts\[1\] is -1\.0: must not be negative"),
        ([1, float("inf")], [2001, 2002], r"^counts\[1\] is inf: must be finite"),
        ([1, 2e12], [2001, 2002], r"^counts\[1\] is 2000000000000\.0: must not exceed"),
        ([1, None], [2001, 2002], r"^counts\[1\] is None: is not a number"),
        ([1, 2, 3], [2001, 2002], r"^counts has shape \(3,\); its last axis must have 2 years"),
        (1, [2001], r"^counts has shape \(\)"),
        ([1, 2], [2002, 2001], r"^years\[1\] is 2001\.0: must be after the year before it"),
        ([1, 2], [2001, 2001], r"^years\[1\] is 2001\.0: must be after"),
        ([1, 2], [2001, 2002.5], r"^years\[1\] is 2002\.5: must be a whole year"),
        ([1, 2], [2001, NAN], r"^years\[1\] is nan: must be finite"),
        ([[1, 2]], [[2001, 2002]], r"^years has shape \(1, 2\); it must be one list"),
        ([], [], r"^years is empty"),
    ],
)
def test_bad_input_is_refused_at_its_place(counts, years, message):
    with pytest.raises(StatisticsError, match=message):
        pooled_periods(counts, years, 1)


@pytest.mark.parametrize("span", [0, -1, 1.5, NAN, float("inf"), None, "3", True, [3]])
def test_a_span_must_be_a_whole_number_of_years(span):
    with pytest.raises(StatisticsError, match=r"^span is .* whole number"):
        pooled_periods([1, 2], [2001, 2002], span)
