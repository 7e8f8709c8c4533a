"""Input that no statistic takes, and the element the error names."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from healthindicators.errors import StatisticsError
from healthindicators.statistics import byar, clopper_pearson, poisson_exact, wilson

PAIRS = [wilson, clopper_pearson, byar, poisson_exact]
DENOMINATOR = {
    wilson: "n",
    clopper_pearson: "n",
    byar: "person_years",
    poisson_exact: "person_years",
}
NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize("statistic", PAIRS)
@pytest.mark.parametrize(
    ("events", "message"),
    [
        (-1, r"^events is -1\.0: must not be negative"),
        ([1, 2, -3, -4], r"^events\[2\] is -3\.0: must not be negative"),
        ([[1, 2], [3, NAN]], r"^events\[1, 1\] is nan: must be finite"),
        ([1, INF], r"^events\[1\] is inf: must be finite"),
        ([-INF], r"^events\[0\] is -inf: must be finite"),
        ([1, 2e12], r"^events\[1\] is 2000000000000\.0: must not exceed 1e\+12"),
        ([1, None], r"^events\[1\] is None: is not a number"),
        (["1", "2"], r"^events\[0\] is 1: is not a number"),
        ([True], r"^events\[0\] is True: is not a number"),
        ([1, Decimal(2)], r"^events\[1\] is 2: is not a number"),
        (1 + 2j, r"^events is \(1\+2j\): is not a number"),
        ([], r"^events is empty"),
        (np.zeros((3, 0)), r"^events is empty"),
        ([[1], [1, 2]], r"^events has rows of different lengths"),
    ],
)
def test_events_that_are_no_counts_are_refused(statistic, events, message):
    with pytest.raises(StatisticsError, match=message):
        statistic(events, 1000)


@pytest.mark.parametrize("statistic", PAIRS)
@pytest.mark.parametrize(
    ("denominator", "place", "reason"),
    [
        (0, "", r"is 0\.0: must be above 0"),
        ([10, 0], r"\[1\]", r"is 0\.0: must be above 0"),
        ([10, -5], r"\[1\]", r"is -5\.0: must not be negative"),
        ([NAN, 10], r"\[0\]", "is nan: must be finite"),
        ([INF, 10], r"\[0\]", "is inf: must be finite"),
        ([1e-300, 10], r"\[0\]", "is 1e-300: must be above 0"),
    ],
)
def test_a_denominator_that_cannot_divide_is_refused(statistic, denominator, place, reason):
    with pytest.raises(StatisticsError, match=f"^{DENOMINATOR[statistic]}{place} {reason}"):
        statistic(0, denominator)


@pytest.mark.parametrize("statistic", PAIRS)
def test_shapes_that_do_not_fit_together_are_both_named(statistic):
    with pytest.raises(StatisticsError, match=r"events has shape \(2,\) and .* shape \(3,\)"):
        statistic([1, 2], [10, 20, 30])


@pytest.mark.parametrize("statistic", PAIRS)
def test_one_number_goes_with_an_array_of_any_shape(statistic):
    together = statistic([[1], [2]], [10, 20, 30])

    assert together.value.shape == together.lower.shape == together.upper.shape == (2, 3)
    assert together.upper[1, 2] == statistic(2, 30).upper


@pytest.mark.parametrize("statistic", PAIRS)
def test_integers_fractions_and_object_arrays_of_numbers_are_numbers(statistic):
    expected = statistic(2.0, 10.0).upper

    for events in (2, np.int8(2), np.uint64(2), Fraction(2), np.array(2, dtype=object)):
        assert statistic(events, 10).upper == expected


@pytest.mark.parametrize("statistic", [byar, poisson_exact])
@pytest.mark.parametrize("per", [0, -1, NAN, INF, True, None, "1000", [1, 2]])
def test_a_multiplier_must_be_one_positive_number(statistic, per):
    with pytest.raises(StatisticsError, match=r"^per is .* one number"):
        statistic(1, 10, per=per)


@pytest.mark.parametrize("statistic", PAIRS)
@pytest.mark.parametrize("events", [0, 5e-324, 1e-300, 1e-9, 0.5, 1e12])
def test_counts_at_the_bounds_give_finite_limits_in_order(statistic, events):
    estimate = statistic(events, 1e12)

    assert np.isfinite([estimate.lower, estimate.upper]).all()
    assert 0 <= estimate.lower <= estimate.value <= estimate.upper
