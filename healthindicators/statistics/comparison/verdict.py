"""Whether a value is lower than, similar to, or higher than what it is held against.

Three rules are in use, and they answer different questions: an interval against a fixed benchmark,
two intervals against each other, and a value against the limits that chance draws around a
benchmark. Which direction is better is not decided here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray

Verdicts = NDArray[np.int8]


def compare_by_interval(estimate: Estimate, benchmark: ArrayLike) -> Verdicts:
    """Hold an interval against a benchmark that is taken as exact.

    Parameters
    ----------
    estimate : Estimate
        Values with limits; every limit must be known.
    benchmark : array_like
        What to compare with, in the unit of the estimate; broadcast against it.

    Returns
    -------
    array of int8
        1 where the whole interval lies above the benchmark, -1 where it lies below, 0 where the
        benchmark is inside or on a limit: similar.

    Raises
    ------
    StatisticsError
        If a limit or benchmark is not a finite number up to 1e12, limits are in the wrong order, or
        the shapes do not fit together.

    Notes
    -----
    At level 95 % a place that is like the benchmark is called different once in twenty times,
    whatever the level of the benchmark. The uncertainty of the benchmark is left out, which is fair
    where it is a country of which the place is a small part.

    References
    ----------
    Public Health England. Technical guide: confidence intervals. London: PHE; 2018.

    Examples
    --------
    >>> from healthindicators.statistics import wilson
    >>> compare_by_interval(wilson([10, 20, 40], 100), 0.2).tolist()
    [-1, 0, 1]
    """
    lower, upper = _limits("estimate", estimate)
    lower, upper, held_against = checks.all_together(
        ("estimate.lower", lower),
        ("estimate.upper", upper),
        ("benchmark", checks.numbers("benchmark", benchmark)),
    )
    return _verdict(upper < held_against, lower > held_against)


def compare_by_intervals(first: Estimate, second: Estimate) -> Verdicts:
    """Hold two intervals against each other: different only where they do not overlap.

    Parameters
    ----------
    first, second : Estimate
        Values with limits at the same level, in the same unit; broadcast against each other.

    Returns
    -------
    array of int8
        1 where the first lies wholly above the second, -1 where it lies wholly below, 0 where the
        intervals share a point: similar.

    Raises
    ------
    StatisticsError
        If a limit is not a finite number up to 1e12, limits are in the wrong order, the levels
        differ, or the shapes do not fit together.

    Notes
    -----
    The rule is conservative: with two equally wide intervals at 95 % it calls equal values
    different about 0.6 % of the time, not 5 %. Where the difference itself can be estimated, its
    interval against 0 is the sharper test.

    References
    ----------
    Schenker N, Gentleman JF. On judging the significance of differences by examining the overlap
    between confidence intervals. Am Stat 2001;55:182-186.

    Examples
    --------
    >>> from healthindicators.statistics import wilson
    >>> compare_by_intervals(wilson([10, 20, 60], 100), wilson(35, 100)).tolist()
    [-1, 0, 1]
    """
    checks.estimate("first", first)
    checks.estimate("second", second)
    if first.level != second.level:
        raise StatisticsError(
            f"first has level {first.level} and second has level {second.level}; they must agree"
        )
    lower, upper = _limits("first", first)
    other_lower, other_upper = _limits("second", second)
    lower, upper, other_lower, other_upper = checks.all_together(
        ("first.lower", lower),
        ("first.upper", upper),
        ("second.lower", other_lower),
        ("second.upper", other_upper),
    )
    return _verdict(upper < other_lower, lower > other_upper)


def compare_by_control_limits(value: ArrayLike, limits: Estimate) -> Verdicts:
    """Hold a value against the limits that chance alone draws around a benchmark.

    Parameters
    ----------
    value : array_like
        Observed values; broadcast against the limits.
    limits : Estimate
        Control limits, such as `funnel_limits` gives for the size of each place.

    Returns
    -------
    array of int8
        1 where the value lies above the upper limit, -1 where it lies below the lower one, 0 within
        or on the limits: what chance explains.

    Raises
    ------
    StatisticsError
        If a limit or value is not a finite number up to 1e12, limits are in the wrong order, or the
        shapes do not fit together.

    References
    ----------
    Spiegelhalter DJ. Funnel plots for comparing institutional performance. Stat Med
    2005;24:1185-1202.

    Examples
    --------
    >>> from healthindicators.statistics import funnel_limits
    >>> compare_by_control_limits([0.1, 0.2, 0.4], funnel_limits(0.2, 100)).tolist()
    [-1, 0, 1]
    """
    lower, upper = _limits("limits", limits)
    observed, lower, upper = checks.all_together(
        ("value", checks.numbers("value", value)),
        ("limits.lower", lower),
        ("limits.upper", upper),
    )
    return _verdict(observed < lower, observed > upper)


def _limits(name: str, estimate: Estimate) -> tuple[FloatArray, FloatArray]:
    checks.estimate(name, estimate)
    lower, upper = checks.together(
        f"{name}.lower",
        checks.numbers(f"{name}.lower", estimate.lower),
        f"{name}.upper",
        checks.numbers(f"{name}.upper", estimate.upper),
    )
    checks.refuse(f"{name}.lower", lower, lower > upper, "must not exceed the upper limit")
    return lower, upper


def _verdict(below: NDArray[np.bool_], above: NDArray[np.bool_]) -> Verdicts:
    return above.astype(np.int8) - below.astype(np.int8)
