"""What every measure of groups shares: refusals, shapes, missing errors, rescaling, order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators import statistics
from healthindicators.errors import StatisticsError

ORDERED = (
    "absolute_concentration_index",
    "relative_concentration_index",
    "slope_index",
    "relative_index",
    "population_attributable_risk",
    "population_attributable_fraction",
    "mean_difference_from_reference",
)
UNORDERED = (
    "between_group_variance",
    "between_group_standard_deviation",
    "coefficient_of_variation",
    "mean_difference_from_mean",
    "mean_difference_from_best",
    "index_of_disparity",
    "theil_index",
    "mean_log_deviation",
    "atkinson",
    "gini",
)
RELATIVE = (
    "relative_concentration_index",
    "relative_index",
    "population_attributable_fraction",
    "coefficient_of_variation",
    "index_of_disparity",
    "theil_index",
    "mean_log_deviation",
    "atkinson",
    "gini",
)
ALL = ORDERED + UNORDERED
VALUE = [20.0, 23.0, 31.0, 30.0, 42.0]
POPULATION = [120, 80, 200, 90, 60]
ERROR = [3.0, 2.5, 2.0, 4.0, 3.0]

places = st.lists(
    st.tuples(st.floats(10, 40), st.integers(1, 10_000), st.floats(0.1, 3)),
    min_size=2,
    max_size=6,
).map(lambda rows: tuple(np.array(column, dtype=float) for column in zip(*rows, strict=True)))


def call(name, *arguments, **options):
    return getattr(statistics, name)(*arguments, **options)


def call_or_none(name, *arguments, **options):
    """Return None where the one refusal that such input allows is met: a line that reaches 0."""
    if name != "relative_index":
        return call(name, *arguments, **options)
    try:
        return call(name, *arguments, **options)
    except StatisticsError as refused:
        if "the fitted line reaches 0" in str(refused):
            return None
        raise


def numbers(estimate):
    return np.array([estimate.value, estimate.lower, estimate.upper])


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("value", "population", "error", "message"),
    [
        ([1, np.nan], [1, 1], None, r"value\[1\] is nan: must be finite"),
        ([1, np.inf], [1, 1], None, r"value\[1\] is inf: must be finite"),
        ([1, 2e12], [1, 1], None, r"value\[1\] is 2e\+?12|value\[1\] is 2000000000000.0"),
        (["1", "2"], [1, 1], None, r"value\[0\] is 1: is not a number"),
        ([True, False], [1, 1], None, r"value\[0\] is True: is not a number"),
        ([1, None], [1, 1], None, r"value\[1\] is None: is not a number"),
        ([], [], None, "value is empty"),
        (5, 5, None, r"value has shape \(\); its last axis must have two groups"),
        ([5], [5], None, r"value has shape \(1,\); its last axis must have two groups"),
        ([1, 2], [1, 0], None, r"population\[1\] is 0.0: must be above 0"),
        ([[1, 2], [1, 2]], [[1, 2], [0, 0]], None, r"population\[1, 0\] is 0.0: must be above 0"),
        ([1, 2], [1, -1], None, r"population\[1\] is -1.0: must not be negative"),
        ([1, 2, 3], [1, 2], None, r"population has shape \(2,\); its last axis must have 3 groups"),
        ([1, 2, 3], [1], None, r"population has shape \(1,\); its last axis must have 3 groups"),
        ([1, 2], 1, None, r"population has shape \(\); its last axis must have 2 groups"),
        ([[1, 2]] * 3, [[1, 2]] * 2, None, "do not fit together"),
        ([1, 2], [1, 1], [1, -2], r"standard_error\[1\] is -2.0: must not be negative"),
        ([1, 2], [1, 1], [1, np.nan], r"standard_error\[1\] is nan: must be finite"),
        ([1, 2], [1, 1], 1, r"standard_error has shape \(\); its last axis must have 2 groups"),
    ],
)
def test_bad_input_is_named_by_argument_and_element(name, value, population, error, message):
    with pytest.raises(StatisticsError, match=message):
        call(name, value, population, error)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("level", [0, 1, 95, "0.95", None, True])
def test_a_bad_level_is_refused_even_where_no_limits_are_made(name, level):
    with pytest.raises(StatisticsError, match="level is"):
        call(name, VALUE, POPULATION, level=level)


@pytest.mark.parametrize("name", ALL)
def test_without_errors_there_are_no_limits_and_the_method_says_so(name):
    estimate = call(name, [VALUE, VALUE], POPULATION)

    assert estimate.method == "none"
    assert np.isnan(estimate.lower).all()
    assert np.isnan(estimate.upper).all()
    assert np.isfinite(estimate.value).all()


@pytest.mark.parametrize("name", RELATIVE)
def test_a_relative_measure_needs_a_mean_above_0(name):
    with pytest.raises(StatisticsError, match=r"value\[1, 0\] is 0.0: is in a place with mean 0"):
        call(name, [[1, 2], [0, 0]], [1, 1])
    with pytest.raises(StatisticsError, match=r"value\[1\] is -2.0: must not be negative"):
        call(name, [1, -2], [1, 1])


@pytest.mark.parametrize("name", ALL)
def test_many_places_give_what_each_gives_alone(name):
    value = np.array([VALUE, VALUE[::-1], np.sqrt(VALUE)])
    together = call(name, value, POPULATION, ERROR)

    assert together.value.shape == (3,)
    for place in range(3):
        alone = call(name, value[place], POPULATION, ERROR)
        assert numbers(together)[:, place] == pytest.approx(numbers(alone), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_leading_axes_are_kept_and_filled(name):
    estimate = call(name, np.full((2, 1, 5), VALUE), np.full((3, 5), POPULATION), ERROR)

    assert estimate.value.shape == estimate.lower.shape == estimate.upper.shape == (2, 3)
    assert (estimate.lower == estimate.lower[0, 0]).all()


@pytest.mark.parametrize("name", ALL)
def test_only_shares_of_the_population_matter(name):
    one = call(name, VALUE, POPULATION, ERROR)
    other = call(name, VALUE, np.array(POPULATION) * 37.5, ERROR)

    assert numbers(one) == pytest.approx(numbers(other), rel=1e-9)


@pytest.mark.parametrize("name", ALL)
def test_another_unit_changes_absolute_measures_alike_and_relative_ones_not(name):
    one = numbers(call(name, VALUE, POPULATION, ERROR))
    other = numbers(call(name, np.array(VALUE) * 10, POPULATION, np.array(ERROR) * 10))
    factor = 1 if name in RELATIVE else 100 if name == "between_group_variance" else 10

    assert other == pytest.approx(factor * one, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("name", UNORDERED)
def test_the_order_of_groups_without_order_does_not_matter(name):
    order = [3, 0, 4, 1, 2]
    one = call(name, VALUE, POPULATION, ERROR)
    other = call(name, *(np.array(given)[order] for given in (VALUE, POPULATION, ERROR)))

    assert numbers(one) == pytest.approx(numbers(other), rel=1e-9)


@pytest.mark.parametrize("name", ["slope_index", "absolute_concentration_index"])
def test_turning_the_social_order_round_turns_the_sign(name):
    one = call(name, VALUE, POPULATION, ERROR)
    other = call(name, VALUE[::-1], POPULATION[::-1], ERROR[::-1])

    assert one.value == pytest.approx(-float(other.value), rel=1e-9)
    assert one.lower == pytest.approx(-float(other.upper), rel=1e-9)


@pytest.mark.parametrize("name", ALL)
@given(given_place=places, level=st.sampled_from([0.5, 0.8, 0.95, 0.998]))
@settings(max_examples=8)
def test_limits_hold_the_estimate_and_widen_with_the_level(name, given_place, level):
    estimate = call_or_none(name, *given_place, level=level)
    if estimate is None:
        return
    wider = call(name, *given_place, level=0.9999)

    assert estimate.level == level
    assert estimate.lower <= estimate.value <= estimate.upper
    assert wider.lower <= estimate.lower + 1e-6 * abs(estimate.lower)
    assert wider.upper >= estimate.upper - 1e-6 * abs(estimate.upper)


@pytest.mark.parametrize("name", ALL)
def test_limits_shrink_to_the_estimate_as_errors_vanish(name):
    widths = []
    for part in (1, 0.1, 0.001, 0):
        estimate = call(name, VALUE, POPULATION, np.array(ERROR) * part)
        widths.append(float(estimate.upper - estimate.lower))

    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 5 * widths[1] > 0
    assert widths[-1] == pytest.approx(0, abs=1e-9 * abs(estimate.value) + 1e-12)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("value", "population", "error"),
    [
        ([1e12, 1e12, 1], [1e12, 1, 1], [1e12, 1e12, 1e12]),
        ([1e-6, 2e-6, 1e-6], [1e-6, 1e12, 1], [1e-9, 1e12, 0]),
        ([7, 7, 7], [1, 1, 1], [0, 0, 0]),
        ([7, 7, 7], [1, 1, 1], [2, 2, 2]),
        ([1, 2, 3], [1, 1, 1], [0, 0, 5]),
    ],
)
@pytest.mark.parametrize("level", [1e-6, 1 - 1e-9])
def test_extreme_input_neither_overflows_nor_turns_to_nan(name, value, population, error, level):
    estimate = call_or_none(name, value, population, error, level=level)
    if estimate is None:
        return

    assert np.isfinite(numbers(estimate)).all()
    assert estimate.lower <= estimate.value <= estimate.upper


@pytest.mark.parametrize("name", [*UNORDERED, "mean_difference_from_reference"])
def test_equal_groups_have_inequality_0_and_room_above_it(name):
    estimate = call(name, [7.0, 7.0, 7.0], [1, 2, 3], [1.0, 1.0, 1.0])

    assert estimate.value == pytest.approx(0, abs=1e-9)
    assert estimate.lower == pytest.approx(0, abs=1e-9)
    assert estimate.upper > 1e-4


@pytest.mark.parametrize("name", [*UNORDERED, "mean_difference_from_reference"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"draws": 100}, "draws is 100; it must be a whole number from 2000"),
        ({"draws": 2000.0}, "draws is 2000.0"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": None}, "seed is None"),
    ],
)
def test_too_few_draws_and_no_seed_are_refused(name, options, message):
    with pytest.raises(StatisticsError, match=message):
        call(name, VALUE, POPULATION, ERROR, **options)


@pytest.mark.parametrize("name", ["between_group_variance", "gini"])
def test_a_seed_repeats_itself_and_another_changes_little(name):
    once, again = (numbers(call(name, VALUE, POPULATION, ERROR, seed=3)) for _ in range(2))
    other = numbers(call(name, VALUE, POPULATION, ERROR, seed=4))

    assert (once == again).all()
    assert (once[1:] != other[1:]).any()
    assert other == pytest.approx(once, rel=0.25)
