"""How certain ranks are, and groups of places that ranks can tell apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray

FIFTHS = 5
AT_ONCE = 2_000_000
"""Drawn numbers held in memory at one time."""
POINTS = 100
"""Quantiles by which two distributions of ranks are compared."""
MOST_GROUPS = 10
TOLD_APART = 0.9
"""A place of one group must be ahead of one of the next with this probability."""


@dataclass(frozen=True, eq=False)
class RankUncertainty:
    """Ranks with what is known of them; rank 1 is best.

    Parameters
    ----------
    rank : Estimate, shape (places,)
        Median rank with limits, method ``simulation``.
    expected : array, shape (places,)
        Mean rank.
    probability_best_fifth, probability_worst_fifth : array, shape (places,)
        Probability that the rank is in the first or the last fifth of all.
    distribution : array, shape (places, places)
        Probability of each rank (column r is rank r + 1) for each place (row).
    """

    rank: Estimate
    expected: FloatArray
    probability_best_fifth: FloatArray
    probability_worst_fifth: FloatArray
    distribution: FloatArray


def rank_uncertainty(
    value: ArrayLike,
    standard_error: ArrayLike,
    *,
    highest_first: bool = True,
    draws: int = 10_000,
    seed: int = 1,
    level: float = 0.95,
) -> RankUncertainty:
    """Simulate the ranks of places whose values are uncertain.

    Parameters
    ----------
    value : array_like, shape (places,)
        Estimates, of five places at least.
    standard_error : array_like
        Their standard errors, from 0; one number or one a place. Give values and errors on a scale
        on which they are about normal, such as the log of a rate.
    highest_first : bool
        Whether rank 1 is the highest value; give false where low is better.
    draws : int
        Simulated rankings, from 100.
    seed : int
        Start of the random numbers, from 0; the same seed gives the same ranks.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    RankUncertainty
        Median and mean rank, limits, and probabilities of the first and last fifth.

    Raises
    ------
    StatisticsError
        If there are fewer than five places or more than one axis, a number is not finite or above
        1e12, an error is negative, or draws or seed is not a whole number in range.

    Notes
    -----
    True values are drawn from normal distributions around the estimates, independently, and ranked;
    equal draws are ranked by lot. Rank r is in the fifth ceil(5 r / places). Probabilities have a
    simulation error of at most 0.005 with 10 000 draws. Places are drawn in the order of their
    values, not of their labels, so relabelling changes nothing.

    The interval of a rank is one of belief about true values given flat prior knowledge. Drawing
    around noisy estimates adds noise to noise, so places at the ends are put too far in, most where
    errors are as large as the differences: of 98 places with errors from 0.3 to 2 standard
    deviations of the true values, 95 % limits held the true rank of 84 %. Shrunken estimates with
    their smaller errors (`empirical_bayes`) remedy that: 96 %.

    References
    ----------
    Goldstein H, Spiegelhalter DJ. League tables and their limitations. J R Stat Soc A
    1996;159:385-443.
    Marshall EC, Spiegelhalter DJ. Reliability of league tables of in vitro fertilisation clinics.
    BMJ 1998;316:1701-1704.

    Examples
    --------
    >>> found = rank_uncertainty([5, 9, 3, 7, 1], 0.1)
    >>> found.rank.value.tolist(), found.probability_best_fifth.tolist()
    ([3.0, 1.0, 4.0, 2.0, 5.0], [0.0, 1.0, 0.0, 0.0, 0.0])
    """
    tail = checks.tail(level)
    centre, error = checks.together(
        "value",
        checks.numbers("value", value),
        "standard_error",
        checks.counts("standard_error", standard_error),
    )
    checks.one_axis("value", centre)
    if centre.size < FIFTHS:
        raise StatisticsError(f"value has {centre.size} places; ranks in fifths need {FIFTHS}")
    draws = checks.whole_number("draws", draws, 100)
    seed = checks.seed_number(seed)
    checks.truth_value("highest_first", highest_first)
    signed = -centre if highest_first else centre
    order = np.lexsort((error, signed))
    shares = np.empty((centre.size, centre.size))
    shares[order] = _simulated(signed[order], error[order], draws, seed)
    return _described(shares, tail, float(level))


@dataclass(frozen=True, eq=False)
class HealthGroups:
    """Groups of places that can be told apart; group 1 has the best ranks.

    Parameters
    ----------
    group : array of int, shape (places,)
        Number of the group of each place, from 1.
    mean_rank : array, shape (groups,)
        Mean of the expected ranks of its places.
    size : array of int, shape (groups,)
        Places in each group.
    told_apart : array, shape (groups - 1,)
        Probability that a place of the group is ahead of one of the next, both taken by lot.
    """

    group: NDArray[np.int64]
    mean_rank: FloatArray
    size: NDArray[np.int64]
    told_apart: FloatArray


def health_groups(ranks: RankUncertainty | ArrayLike, *, groups: int | None = None) -> HealthGroups:
    """Put places with like distributions of ranks into groups, instead of a league table.

    Parameters
    ----------
    ranks : RankUncertainty or array_like, shape (places, places)
        What `rank_uncertainty` found, or the probability of each rank for each place.
    groups : int, optional
        Number of groups; by default as many, up to 10, as can be told apart.

    Returns
    -------
    HealthGroups
        Groups numbered from the best.

    Raises
    ------
    StatisticsError
        If the number of groups is not whole, or not from 1 to the number of places, or the
        probabilities of a place are negative or do not sum to 1.

    Notes
    -----
    The groups minimise the sum of squared 2-Wasserstein distances to the mean of the group, which
    in one dimension is k-means on quantile functions, among all groupings in which no place of a
    better group has a worse expected rank. That minimum is found exactly, by dynamic programming,
    so there is no random start. By default the number of groups is the largest up to 10 for which
    a place of each group is ahead of one of the next with a probability of at least 0.9; it is 1
    where not even two groups can be told apart so well.

    References
    ----------
    Irpino A, Verde R. A new Wasserstein based distance for the hierarchical clustering of
    histogram symbolic data. In: Data Science and Classification. Berlin: Springer; 2006:185-192.
    University of Wisconsin Population Health Institute. County Health Rankings: health groups. 2024.

    Examples
    --------
    >>> ranks = rank_uncertainty([1.0, 1.1, 5.0, 5.1, 5.2, 9.0], 0.2)
    >>> health_groups(ranks).group.tolist()
    [3, 3, 2, 2, 2, 1]
    """
    shares = ranks.distribution if isinstance(ranks, RankUncertainty) else _probabilities(ranks)
    places = len(shares)
    expected = shares @ np.arange(1.0, places + 1)
    if groups is not None:
        checks.whole_number("groups", groups, 1)
        if groups > places:
            raise StatisticsError(f"groups is {groups}; there are only {places} places")
    order = np.argsort(expected, kind="stable")
    most = min(MOST_GROUPS, places) if groups is None else groups
    ends = _best_ends(_segment_costs(shares[order]), most)
    found = _grouped(shares, order, ends[most])
    for fewer in range(most - 1, 0, -1):
        if groups is not None or (found.told_apart >= TOLD_APART).all():
            break
        found = _grouped(shares, order, ends[fewer])
    return found


def _simulated(signed: FloatArray, error: FloatArray, draws: int, seed: int) -> FloatArray:
    """Return the share of draws in which each place (row) takes each rank (column)."""
    places = signed.size
    random = np.random.default_rng(seed)
    counted = np.zeros(places * places, dtype=np.int64)
    left = draws
    while left > 0:
        now = min(left, max(1, AT_ONCE // places))
        drawn = signed + error * random.standard_normal((now, places))
        if (error == 0).any():
            lots = random.random((now, places))
            ranking = np.lexsort((lots, drawn), axis=-1)
        else:
            ranking = drawn.argsort(axis=-1)
        counted += np.bincount(
            (ranking * places + np.arange(places)).ravel(), minlength=places * places
        )
        left -= now
    return np.asarray(counted.reshape(places, places) / draws)


def _described(shares: FloatArray, tail: float, level: float) -> RankUncertainty:
    places = len(shares)
    ranks = np.arange(1, places + 1)
    fifth = np.ceil(FIFTHS * ranks / places)
    lower, median, upper = (_quantile(shares, p) for p in (tail, 0.5, 1 - tail))
    return RankUncertainty(
        rank=Estimate(median, lower, upper, level, "simulation"),
        expected=shares @ ranks,
        probability_best_fifth=shares[:, fifth == 1].sum(axis=1),
        probability_worst_fifth=shares[:, fifth == FIFTHS].sum(axis=1),
        distribution=shares,
    )


def _quantile(shares: FloatArray, probability: float) -> FloatArray:
    """Return the first rank up to which the probability is reached, one a place."""
    reached = np.cumsum(shares, axis=1) >= probability - 1e-12
    return np.asarray(reached.argmax(axis=1) + 1.0)


def _segment_costs(shares: FloatArray) -> FloatArray:
    """Return at [i, j] the squared distances to their mean of places i up to, without, j."""
    probabilities = (np.arange(POINTS) + 0.5) / POINTS
    quantiles = np.stack([_quantile(shares, p) for p in probabilities], axis=1)
    # Centred, the sums keep their digits.
    quantiles -= quantiles.mean()
    total = np.vstack([np.zeros(POINTS), quantiles.cumsum(axis=0)])
    squares = np.concatenate([[0.0], (quantiles**2).sum(axis=1).cumsum()])
    product = total @ total.T
    norm = np.diag(product)
    sum_squared = norm[:, None] + norm[None, :] - 2 * product
    position = np.arange(len(total))
    size = np.maximum(position[None, :] - position[:, None], 1)
    costs = squares[None, :] - squares[:, None] - sum_squared / size
    return np.where(position[None, :] > position[:, None], np.maximum(costs, 0), np.inf)


def _best_ends(costs: FloatArray, most: int) -> dict[int, list[int]]:
    """Return for each number of groups up to `most` where the cheapest groups end."""
    best = costs[0].copy()
    begins: list[NDArray[np.int64]] = []
    ends = {1: [costs.shape[0] - 1]}
    for groups in range(2, most + 1):
        through = best[:, None] + costs
        begins.append(through.argmin(axis=0))
        best = through.min(axis=0)
        chain = [costs.shape[0] - 1]
        for begin in reversed(begins):
            chain.append(int(begin[chain[-1]]))
        ends[groups] = chain[::-1]
    return ends


def _grouped(shares: FloatArray, order: NDArray[np.int64], ends: list[int]) -> HealthGroups:
    size = np.diff(ends, prepend=0)
    group = np.empty(order.size, dtype=np.int64)
    group[order] = np.repeat(np.arange(1, size.size + 1), size)
    members = group == np.arange(1, size.size + 1)[:, None]
    mixture = members @ shares / size[:, None]
    behind = 1 - mixture.cumsum(axis=1)
    ahead = (mixture[:-1] * (behind[1:] + mixture[1:] / 2)).sum(axis=1)
    return HealthGroups(group, mixture @ np.arange(1.0, order.size + 1), size, ahead)


def _probabilities(given: ArrayLike) -> FloatArray:
    shares = checks.counts("ranks", given)
    if shares.ndim != 2 or shares.shape[0] != shares.shape[1]:
        raise StatisticsError(
            f"ranks has shape {shares.shape}; it must have a row and rank a place"
        )
    total = shares.sum(axis=1)
    checks.refuse("sum of ranks", total, np.abs(total - 1) > 1e-6, "must be 1")
    return shares
