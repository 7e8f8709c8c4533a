"""Nearest statistical neighbours: places that are alike, why, and how surely."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import FloatArray


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The places that are most alike to each place, nearest first.

    Parameters
    ----------
    index : array of int, shape (places, neighbours)
        Positions of the neighbours among the places.
    distance : array, shape (places, neighbours)
        Distance to each, as a share of the distance to the place farthest off: 0 the same, 1 the
        farthest.
    contribution : array, shape (places, neighbours, features)
        Share of each feature in the squared distance; the least say most about why two places are
        near. All are 0 where the places agree in every feature.
    stability : array, shape (places, neighbours)
        Share of resampled sets of features under which it is among the nearest still; NaN without
        resamples.
    names : tuple of str
        Names of the features, in the order of `contribution`.
    """

    index: NDArray[np.int64]
    distance: FloatArray
    contribution: FloatArray
    stability: FloatArray
    names: tuple[str, ...]


def nearest_neighbours(
    features: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    neighbours: int = 15,
    weights: ArrayLike | None = None,
    transformations: Sequence[str] | None = None,
    resamples: int = 200,
    seed: int = 1,
) -> Neighbours:
    """Find for each place those most alike to it in the features given.

    Parameters
    ----------
    features : array_like, shape (places, features)
        What places are compared by, every one known.
    names : sequence of str, optional
        Names of the features; by default ``1``, ``2``, ...
    neighbours : int
        How many neighbours to find, from 1 to one less than the places.
    weights : array_like, shape (features,), optional
        How much each feature counts, from 0; by default all the same.
    transformations : sequence of str, optional
        For each feature ``none``, ``square-root`` (signed), ``log`` (all values above 0) or
        ``rank``; by default none. Skewed features want one, or a few places far out decide alone.
    resamples : int
        Resampled sets of features by which stability is judged; 0 for none.
    seed : int
        Start of the random numbers, from 0.

    Returns
    -------
    Neighbours
        Neighbours with distances, contributions of the features and stability.

    Raises
    ------
    StatisticsError
        If a feature is missing somewhere, infinite, above 1e12 or the same everywhere, a name or
        transformation is unknown or one is lacking, weights are negative or sum to zero, there are
        too many neighbours, or the shapes do not fit together.

    Notes
    -----
    Each feature, transformed, has its mean taken off and is divided by its standard deviation over
    the places (n - 1). The distance of two places is sqrt(sum w d^2 / sum w), over the largest such
    distance of the place, as CIPFA reports it; a place can therefore be among another's neighbours
    without having it among its own. Equal distances keep the order of the places.

    For stability as many features are drawn with replacement, by their weights, as there are, and
    the neighbours found anew: a neighbour that is near in all respects stays, one that owes it to a
    single feature does not. With one feature stability is 1.

    References
    ----------
    Chartered Institute of Public Finance and Accountancy. Nearest neighbours model: methodology.
    London: CIPFA.
    Office for National Statistics. Clustering similar local authorities and statistical nearest
    neighbours in the UK: methodology. 2023.

    Examples
    --------
    >>> found = nearest_neighbours([[1, 5], [2, 5], [9, 1], [8, 2]], neighbours=1)
    >>> found.index[:, 0].tolist()
    [1, 0, 3, 2]
    """
    standard = _standardised(features, transformations)
    places, count = standard.shape
    for name, given, least in (("neighbours", neighbours, 1), ("resamples", resamples, 0)):
        checks.whole_number(name, given, least)
    if neighbours >= places:
        raise StatisticsError(
            f"neighbours is {neighbours}; each place has only {places - 1} others"
        )
    seed = checks.seed_number(seed)
    share = _shares(weights, count)
    squared = _squared_distances(standard, share)
    index = _nearest(squared, neighbours)
    near = np.take_along_axis(squared, index, axis=1)
    parts = share * (standard[:, None, :] - standard[index]) ** 2
    whole = parts.sum(axis=2, keepdims=True)
    farthest = squared.max(axis=1, keepdims=True)
    return Neighbours(
        index=index,
        distance=np.sqrt(near / np.where(farthest > 0, farthest, 1)),
        contribution=parts / np.where(whole > 0, whole, 1),
        stability=_stability(standard, share, index, resamples, seed),
        names=_names(names, count),
    )


def _average_ranks(values: FloatArray) -> FloatArray:
    """Return ranks from 1, equal values sharing the middle of theirs."""
    _, group, size = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(size) - (size - 1) / 2)[group])


CHANGES: dict[str, Callable[[FloatArray], FloatArray]] = {
    "none": np.positive,
    "square-root": lambda x: np.sign(x) * np.sqrt(np.abs(x)),
    "log": np.log,
    "rank": _average_ranks,
}
"""What may be done to a feature before it is standardised, against a few places far out."""


def _standardised(features: ArrayLike, transformations: Sequence[str] | None) -> FloatArray:
    table = checks.numbers("features", features)
    if table.ndim != 2 or len(table) < 2:
        raise StatisticsError(
            f"features has shape {table.shape}; it must be (places, features) with two places or more"
        )
    kinds = (
        ["none"] * table.shape[1]
        if transformations is None
        else checks.labels("transformations", transformations)
    )
    if len(kinds) != table.shape[1]:
        raise StatisticsError(
            f"transformations has {len(kinds)} entries; there are {table.shape[1]} features"
        )
    changed = np.empty(table.shape)
    for column, kind in enumerate(kinds):
        if kind not in CHANGES:
            raise StatisticsError(
                f"transformations[{column}] is {kind!r}; it must be one of {', '.join(CHANGES)}"
            )
        if kind == "log":
            here = np.arange(table.shape[1]) == column
            checks.refuse("features", table, (table <= 0) & here, "a log needs values above 0")
        changed[:, column] = CHANGES[kind](table[:, column])
    distance = changed - changed.mean(axis=0)
    # Scaled by the largest, squares of tiny or huge features stay in range.
    largest = np.abs(distance).max(axis=0)
    same = np.flatnonzero(largest <= 1e-12 * np.abs(changed).max(axis=0))
    if same.size:
        raise StatisticsError(
            f"features[:, {same[0]}] is the same everywhere: it tells nobody apart"
        )
    scaled = distance / largest
    return np.asarray(scaled / scaled.std(axis=0, ddof=1))


def _shares(weights: ArrayLike | None, count: int) -> FloatArray:
    if weights is None:
        return np.full(count, 1 / count)
    weight = checks.counts("weights", weights)
    if weight.shape != (count,):
        raise StatisticsError(f"weights has shape {weight.shape}; it must be ({count},)")
    checks.refuse_zero("sum of weights", weight.sum(), "some feature must count")
    return np.asarray(weight / weight.sum())


def _names(names: Sequence[str] | None, count: int) -> tuple[str, ...]:
    told = (
        tuple(str(i) for i in range(1, count + 1))
        if names is None
        else tuple(checks.labels("names", names))
    )
    if len(told) != count or len(set(told)) != count:
        raise StatisticsError(f"names are {told!r}; {count} different ones are needed")
    return told


def _squared_distances(standard: FloatArray, share: FloatArray) -> FloatArray:
    """Return weighted squared distances between all places, one feature at a time.

    The sum is symmetrical to the last digit, which the quicker inner product is not.
    """
    squared = np.zeros((len(standard), len(standard)))
    for feature, weight in zip(standard.T, share, strict=True):
        squared += weight * np.subtract.outer(feature, feature) ** 2
    return squared


def _nearest(squared: FloatArray, neighbours: int) -> NDArray[np.int64]:
    others = squared.copy()
    np.fill_diagonal(others, np.inf)
    return np.argsort(others, axis=1, kind="stable")[:, :neighbours]


def _stability(
    standard: FloatArray, share: FloatArray, index: NDArray[np.int64], resamples: int, seed: int
) -> FloatArray:
    if resamples == 0:
        return np.full(index.shape, np.nan)
    random = np.random.default_rng(seed)
    kept = np.zeros(index.shape)
    for drawn in random.multinomial(share.size, share, size=resamples):
        weighted = standard * np.sqrt(drawn)
        square = (weighted**2).sum(axis=1)
        # In place: a matrix of all places made anew for each step would take most of the time.
        again = weighted @ weighted.T
        again *= -2
        again += square
        again += square[:, None]
        np.fill_diagonal(again, np.inf)
        near = np.take_along_axis(again, index, axis=1)
        last = index.shape[1] - 1
        again.partition(last, axis=1)
        # As near as the last of the nearest, so that ties do not count as a change.
        kept += near <= again[:, last, None] + 1e-12 * square.max()
    return kept / resamples
