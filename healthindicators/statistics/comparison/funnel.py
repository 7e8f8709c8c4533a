"""Funnel limits: how far chance takes places of each size from a benchmark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc, gammaincc, ndtri

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray

Kind = Literal["proportion", "rate", "ratio"]
USUAL_PER = {"proportion": 1.0, "rate": 100_000.0, "ratio": 1.0}
NEXT_TO_NOTHING = 1e-60
STEPS = 40
"""The search takes 4 to 6 steps; the bound is there for what nobody has thought of."""
MANY = 1e4
"""Above, the series of Giles (ACM Trans Math Softw 2016;42:7) is exact to rounding, and scipy's gamma
functions lose their far tails."""
NEAR = 1e-7
"""So near in normal scores that one more step is exact to rounding."""


def funnel_limits(
    benchmark: ArrayLike,
    denominator: ArrayLike,
    *,
    kind: Kind = "proportion",
    per: float | None = None,
    overdispersion: float = 1.0,
    between_variance: float = 0.0,
    level: float = 0.95,
) -> Estimate:
    """Return the control limits around a benchmark for places of given size.

    Parameters
    ----------
    benchmark : array_like
        The value that all places would have but for chance: a proportion times `per`, a rate per
        `per` person-years, or a standardised ratio times `per`.
    denominator : array_like
        Persons (proportion), person-years (rate) or expected events (ratio), above 0; broadcast
        against `benchmark`.
    kind : {"proportion", "rate", "ratio"}
        Proportions get binomial limits, rates and ratios Poisson limits.
    per : float, optional
        Unit of the benchmark and the limits; by default 100 000 for a rate and 1 otherwise. Use
        100 for percentages.
    overdispersion : float
        Factor by which variances exceed those of chance, from 1; see `overdispersion`.
    between_variance : float
        Variance of true values between places, in the squared unit of the benchmark, from 0.
    level : float
        Share of places inside the limits where only chance is at work: 0.95 for the inner and 0.998
        for the outer limits of a usual funnel plot.

    Returns
    -------
    Estimate
        The benchmark as value, with control limits, method ``funnel``.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, a denominator is 0, a proportion exceeds
        1, the kind is unknown, or the shapes do not fit together.

    Notes
    -----
    A limit is the observed value whose own confidence limit just touches the benchmark, so a place
    is outside exactly when its interval leaves the benchmark out. For proportions the interval is
    Wilson's, whose inversion is pi -+ z sqrt(pi (1 - pi) / n), kept within 0 and 1. For rates and
    ratios it is the exact Poisson interval: with E events expected, the limits are the counts O
    that solve Q(O + 1, E) = a (lower; 0 where even no events are likelier than a) and P(O, E) = a
    (upper), with a the tail and P and Q the incomplete gamma functions; the counts are not rounded.

    Overdispersion phi and between-variance tau^2 enlarge the variance v of chance to phi v + tau^2.
    For proportions this widens the standard deviation. For rates and ratios it shrinks E to the
    number of events that would have such a variance, E theta^2 / (phi theta^2 + tau^2 E), with
    theta the benchmark, so that limits stay positive and skewed.

    References
    ----------
    Spiegelhalter DJ. Funnel plots for comparing institutional performance. Stat Med
    2005;24:1185-1202.
    Dover DC, Schopflocher DP. Using funnel plots in public health surveillance. Popul Health Metr
    2011;9:58.

    Examples
    --------
    >>> inner = funnel_limits(80.642448, [50, 500], per=100)
    >>> inner.lower.round(3).tolist(), inner.upper.round(3).tolist()
    ([69.691, 77.179], [91.594, 84.106])
    >>> outer = funnel_limits(1, 26.02598763, kind="ratio", level=0.998)
    >>> round(float(outer.lower), 4), round(float(outer.upper), 4)
    (0.4343, 1.6765)
    """
    tail = checks.tail(level)
    unit, centre, size = _checked(benchmark, denominator, kind, per)
    factor = checks.positive_number("overdispersion", overdispersion)
    if factor < 1:
        raise StatisticsError(f"overdispersion is {overdispersion!r}; it must be at least 1")
    if not checks.is_number(between_variance):
        raise StatisticsError(f"between_variance is {between_variance!r}; it must be one number")
    between = float(checks.counts("between_variance", between_variance)) / unit**2
    limits = _binomial if kind == "proportion" else _poisson
    lower, upper = limits(centre, size, factor, between, tail)
    return Estimate(unit * centre, unit * lower, unit * upper, float(level), "funnel")


def benchmark_error(
    benchmark: ArrayLike,
    denominator: ArrayLike,
    *,
    kind: Kind = "proportion",
    per: float | None = None,
) -> FloatArray:
    """Return the standard error that chance gives a place whose true value is the benchmark.

    Parameters
    ----------
    benchmark, denominator, kind, per
        As for `funnel_limits`.

    Returns
    -------
    array
        Standard errors, in the unit of the benchmark.

    Raises
    ------
    StatisticsError
        As `funnel_limits` does.

    Notes
    -----
    With proportion pi the error is sqrt(pi (1 - pi) / n); with rate or ratio theta and E events
    expected it is theta / sqrt(E).

    References
    ----------
    Spiegelhalter DJ. Funnel plots for comparing institutional performance. Stat Med
    2005;24:1185-1202.

    Examples
    --------
    >>> benchmark_error(0.2, 100).round(3).tolist()
    0.04
    """
    unit, centre, size = _checked(benchmark, denominator, kind, per)
    variance = centre * (1 - centre) if kind == "proportion" else centre
    return np.asarray(unit * np.sqrt(variance / size))


@dataclass(frozen=True)
class Overdispersion:
    """How much more places differ than chance explains.

    Parameters
    ----------
    factor : float
        Mean square of the winsorised z-scores: 1 if chance is all there is.
    is_significant : bool
        Whether the factor exceeds 1 by two of its standard errors, 1 + 2 sqrt(2 / places).
    between_variance : float
        Variance of true values between places, in the squared unit of the value; 0 if none shows.
    """

    factor: float
    is_significant: bool
    between_variance: float


def overdispersion(
    value: ArrayLike,
    benchmark: ArrayLike,
    standard_error: ArrayLike,
    *,
    winsorised: float = 0.1,
) -> Overdispersion:
    """Estimate how much more places differ from a benchmark than chance explains.

    Parameters
    ----------
    value : array_like, shape (places,)
        Observed values.
    benchmark : array_like
        What they are held against; one number or one a place.
    standard_error : array_like
        Errors by chance alone, above 0; `benchmark_error` gives those under the benchmark.
    winsorised : float
        Share of places at each end whose z-scores are pulled in to the next one, so that the few
        places a funnel is meant to find do not widen it; from 0 to below 0.5.

    Returns
    -------
    Overdispersion
        A factor for the variance of chance, and a variance to add to it. Pass one of them to
        `funnel_limits`, not both.

    Raises
    ------
    StatisticsError
        If a number is not finite or above 1e12, an error is 0, there are fewer than three places or
        more than one axis, or the shapes do not fit together.

    Notes
    -----
    The factor is the mean of z^2, z = (value - benchmark) / error, after winsorising at the
    quantiles. The variance between places is the moment estimate of DerSimonian and Laird from the
    same z: (sum z^2 - (k - 1)) / (sum w - sum w^2 / sum w) with w = 1 / error^2, at least 0.
    Winsorising makes both a little too small where chance alone is at work (by about a third at
    10 %), which leaves limits narrow rather than wide.

    References
    ----------
    Spiegelhalter DJ. Handling over-dispersion of performance indicators. Qual Saf Health Care
    2005;14:347-351.
    Spiegelhalter D, Sherlaw-Johnson C, Bardsley M, Blunt I, Wood C, Grigg O. Statistical methods
    for healthcare regulation: rating, screening and surveillance. J R Stat Soc A 2012;175:1-47.
    DerSimonian R, Laird N. Meta-analysis in clinical trials. Control Clin Trials 1986;7:177-188.

    Examples
    --------
    >>> found = overdispersion([1, 2, 3, 6, 8], 4, 1, winsorised=0)
    >>> round(found.factor, 2), found.is_significant, round(found.between_variance, 2)
    (6.8, True, 7.5)
    """
    observed, centre, error = checks.all_together(
        ("value", checks.numbers("value", value)),
        ("benchmark", checks.numbers("benchmark", benchmark)),
        ("standard_error", checks.positives("standard_error", standard_error)),
    )
    if observed.ndim != 1 or observed.size < 3:
        raise StatisticsError(
            f"value has shape {observed.shape}; it must be one list of at least three places"
        )
    if not checks.is_number(winsorised) or not 0 <= winsorised < 0.5:
        raise StatisticsError(f"winsorised is {winsorised!r}; it must be from 0 to below 0.5")
    z = (observed - centre) / error
    squares = np.clip(z, *np.quantile(z, [winsorised, 1 - winsorised])) ** 2
    # Weights are relative to the largest, so that tiny errors do not overflow.
    scale = float(error.min()) ** 2
    weight = scale / error**2
    # sum w - sum w^2 / sum w, as the products of different places: where one weighs nearly all, the
    # difference would be 0.
    spread = 2 * (weight[1:] * weight.cumsum()[:-1]).sum() / weight.sum()
    excess = float(squares.sum()) - (z.size - 1)
    factor = float(squares.mean())
    return Overdispersion(
        factor=factor,
        is_significant=factor > 1 + 2 * float(np.sqrt(2 / z.size)),
        between_variance=max(excess, 0.0) * scale / float(spread),
    )


def _checked(
    benchmark: ArrayLike, denominator: ArrayLike, kind: str, per: float | None
) -> tuple[float, FloatArray, FloatArray]:
    """Return the unit, the benchmark in unit 1, and the denominator."""
    checks.word("kind", kind, USUAL_PER)
    unit = USUAL_PER[kind] if per is None else checks.positive_number("per", per)
    centre, size = checks.together(
        "benchmark",
        checks.counts("benchmark", benchmark),
        "denominator",
        checks.positives("denominator", denominator),
    )
    if kind == "proportion":
        checks.refuse("benchmark", centre, centre > unit, f"a proportion must not exceed {unit:g}")
    return unit, centre / unit, size


def _binomial(
    centre: FloatArray, size: FloatArray, factor: float, between: float, tail: float
) -> tuple[FloatArray, FloatArray]:
    margin = -ndtri(tail) * np.sqrt(factor * centre * (1 - centre) / size + between)
    return np.maximum(centre - margin, 0), np.minimum(centre + margin, 1)


def _poisson(
    centre: FloatArray, size: FloatArray, factor: float, between: float, tail: float
) -> tuple[FloatArray, FloatArray]:
    # A benchmark of 0, or next to it, allows no events at all, whatever the size.
    some = np.where(centre > NEXT_TO_NOTHING, centre, 1)
    # E theta^2 / (phi theta^2 + tau^2 E) with E = theta size, divided through by theta^2.
    expected = some * size / (factor + between * size / some)
    fewest, most = touching_counts(np.atleast_1d(expected), tail)
    fewest, most = fewest.reshape(expected.shape), most.reshape(expected.shape)
    return centre * fewest / expected, centre * most / expected


def touching_counts(expected: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    """Return the counts, not rounded, whose exact Poisson limits just reach the expected number.

    Examples
    --------
    >>> fewest, most = touching_counts(np.array([5.571643]), 0.025)
    >>> fewest.round(4).tolist()
    [1.0]
    """
    z = -ndtri(tail)
    root = np.sqrt(expected)
    skew = 1 / 3 + z**2 / 6
    # The later terms help only where they are small beside the earlier ones.
    is_late = root > 2 + 2 * abs(z)
    bend = np.where(is_late, (z / 36 + z**3 / 72) / root, 0.0)
    last = np.where(is_late, (7 * z**2 / 810 + z**4 / 270 - 8 / 405) / expected, 0.0)
    # Where many are expected the series alone is exact to rounding.
    lowest = expected - z * root + skew + bend + last
    most = expected + z * root + skew - bend + last
    few = expected < MANY
    most[few] = _solve(gammainc, expected[few], tail, most[few], -2.0)
    # At shape 1 the chance is exp(-E): if that is above the tail, no count from 0 up is too few.
    none = few & (gammaincc(1.0, expected) >= tail)
    few &= ~none
    lowest[few] = _solve(gammaincc, expected[few], tail, np.maximum(lowest[few], 1), 2.0)
    return np.where(none, 0.0, np.maximum(lowest - 1, 0)), most


def _solve(
    chance: Callable[[FloatArray, FloatArray], Any],
    expected: FloatArray,
    tail: float,
    start: FloatArray,
    slope: float,
) -> FloatArray:
    """Return the shape at which the chance equals the tail.

    The normal score of the chance is all but straight in the root of the shape, with the slope
    given where many are expected, so the secant method needs few steps. An element is done one step
    after it came near, or when a step no longer brings it nearer.
    """

    def miss(root: FloatArray, expected: FloatArray) -> FloatArray:
        bounded = np.clip(chance(root**2, expected), 1e-300, 1 - 1e-16)
        return np.asarray(ndtri(bounded) - ndtri(tail))

    found = np.sqrt(start)
    missed_best = miss(found, expected)
    places = np.arange(found.size)
    before, missed_before = found.copy(), missed_best.copy()
    root = np.clip(found - missed_best / slope, found / 2, found * 2)
    for number in range(STEPS):
        missed = miss(root, expected[places])
        nearer = np.abs(missed) < np.abs(missed_best[places])
        found[places[nearer]], missed_best[places[nearer]] = root[nearer], missed[nearer]
        # A step from a point that was near already is exact. The first may miss: it is a guess.
        going = (nearer | (number == 0)) & (np.abs(missed_before) >= NEAR)
        if not going.any():
            break
        places, root, missed = places[going], root[going], missed[going]
        before, missed_before = before[going], missed_before[going]
        rise = missed - missed_before
        step = missed * (root - before) / np.where(rise == 0, 1, rise)
        before, missed_before, root = root, missed, np.clip(root - step, root / 2, root * 2)
    return found**2
