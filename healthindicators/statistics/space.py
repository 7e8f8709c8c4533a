"""Whether like values lie beside each other on the map, over all places and around each."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.comparison.multiplicity import benjamini_hochberg
from healthindicators.statistics.estimate import FloatArray

FEWEST = 4
"""The variance under randomisation divides by places less three."""
AT_ONCE = 1_000_000
"""Permuted numbers held in memory at one time."""
HIGH_HIGH, LOW_HIGH, LOW_LOW, HIGH_LOW = 1, 2, 3, 4


@dataclass(frozen=True)
class Moran:
    """Moran's index of spatial autocorrelation, with two tests of none.

    Parameters
    ----------
    index : float
        Above `expected` where neighbours are alike, below where they are unlike.
    expected : float
        What it is on average if values are dealt to places by lot: -1 / (places - 1).
    z, p_value : float
        Normal test under randomisation, two-sided.
    z_normality, p_normality : float
        Normal test for values that are draws from one normal distribution, two-sided.
    simulated_p_value : float
        Test by permutations, two-sided; NaN without permutations.
    islands : int
        Places without neighbours, which add nothing to the index but count as places.
    """

    index: float
    expected: float
    z: float
    p_value: float
    z_normality: float
    p_normality: float
    simulated_p_value: float
    islands: int


@dataclass(frozen=True, eq=False)
class LocalMoran:
    """Local indicators of spatial autocorrelation, one a place.

    Parameters
    ----------
    index : array, shape (places,)
        Local index: above 0 where the place is like its neighbours; NaN for an island.
    quadrant : array of int, shape (places,)
        1 high among high, 2 low among high, 3 low among low, 4 high among low, 0 an island.
    p_value : array, shape (places,)
        Test by conditional permutation, two-sided; NaN for an island.
    adjusted_p_value : array, shape (places,)
        The same after Benjamini and Hochberg, over all places but islands.
    is_significant : array of bool, shape (places,)
        Whether the adjusted p-value is at most the false-discovery rate.
    islands : array of bool, shape (places,)
        Places without neighbours: nothing can be said of them.
    """

    index: FloatArray
    quadrant: NDArray[np.int64]
    p_value: FloatArray
    adjusted_p_value: FloatArray
    is_significant: NDArray[np.bool_]
    islands: NDArray[np.bool_]


def moran(
    values: ArrayLike,
    weights: ArrayLike,
    *,
    permutations: int = 9_999,
    seed: int = 1,
) -> Moran:
    """Measure whether like values lie beside each other.

    Parameters
    ----------
    values : array_like, shape (places,)
        One value a place, of four places at least.
    weights : array_like, shape (places, places)
        How near j is to i at [i, j], from 0; 0 on the diagonal. Each row is divided by its sum.
    permutations : int
        Random maps to compare with; 0 for none.
    seed : int
        Start of the random numbers, from 0.

    Returns
    -------
    Moran
        The index with its expectation and tests.

    Raises
    ------
    StatisticsError
        If a number is not finite or above 1e12, all values are equal, a weight is negative or on
        the diagonal, there are no neighbours at all, fewer than four places, or the shapes do not
        fit together.

    Notes
    -----
    With z the distances from the mean, W the weights after row standardisation and S0 their sum,
    I = (n / S0) z'Wz / z'z. The index and its moments are PySAL's (`esda.Moran`); the permutations
    are our own, since those of esda come from NumPy's global state. The simulated p-value is
    (1 + the maps whose index is as far from their mean, or further) / (1 + maps).

    References
    ----------
    Moran PAP. Notes on continuous stochastic phenomena. Biometrika 1950;37:17-23.
    Cliff AD, Ord JK. Spatial Processes: Models and Applications. London: Pion; 1981.

    Examples
    --------
    >>> line = np.eye(6, k=1) + np.eye(6, k=-1)
    >>> found = moran([1, 2, 3, 4, 5, 6], line, permutations=0)
    >>> round(found.index, 3), found.expected
    (0.714, -0.2)
    """
    z, near, islands = _checked(values, weights)
    permutations = checks.whole_number("permutations", permutations, 0)
    seed = checks.seed_number(seed)
    found = _esda().Moran(z, _graph(near), permutations=0)
    index = float(found.I)
    simulated = np.nan
    if permutations:
        spread = _permuted(z, near, permutations, seed)
        centre = spread.mean()
        # Equal maps must not miss each other by a last digit.
        as_far = np.abs(spread - centre) >= abs(index - centre) - 1e-12
        simulated = float((1 + as_far.sum()) / (1 + permutations))
    return Moran(
        index=index,
        expected=float(found.EI),
        z=float(found.z_rand),
        p_value=_two_sided(found.z_rand),
        z_normality=float(found.z_norm),
        p_normality=_two_sided(found.z_norm),
        simulated_p_value=simulated,
        islands=int(islands.sum()),
    )


def local_moran(
    values: ArrayLike,
    weights: ArrayLike,
    *,
    permutations: int = 9_999,
    seed: int = 1,
    false_discovery_rate: float = 0.05,
) -> LocalMoran:
    """Find the places that are like, or unlike, those around them more than by chance.

    Parameters
    ----------
    values, weights
        As for `moran`.
    permutations : int
        Random neighbourhoods to compare each place with, from 99.
    seed : int
        Start of the random numbers, from 0.
    false_discovery_rate : float
        Share of false finds to accept among the places found, between 0 and 1.

    Returns
    -------
    LocalMoran
        Indices, quadrants and p-values.

    Raises
    ------
    StatisticsError
        As `moran` does, or if there are fewer than 99 permutations.

    Notes
    -----
    The local index is (n - 1) z_i (Wz)_i / z'z, by PySAL (`esda.Moran_Local`), the neighbours'
    values being dealt anew from all other places. The p-value is twice the share of random indices
    on the nearer side, the observed one and equal ones included, at most 1. With many places the
    smallest p-value that few permutations can give does not pass the false-discovery rate:
    2 / (permutations + 1) must be well under the rate over the places.

    References
    ----------
    Anselin L. Local indicators of spatial association - LISA. Geogr Anal 1995;27:93-115.
    Caldas de Castro M, Singer BH. Controlling the false discovery rate: a new application to
    account for multiple and dependent tests in local statistics of spatial association. Geogr Anal
    2006;38:180-208.

    Examples
    --------
    >>> line = np.eye(6, k=1) + np.eye(6, k=-1)
    >>> local_moran([1, 2, 3, 4, 5, 6], line, permutations=99).quadrant.tolist()
    [3, 3, 3, 1, 1, 1]
    """
    z, near, islands = _checked(values, weights)
    permutations = checks.whole_number("permutations", permutations, 99)
    seed = checks.seed_number(seed)
    rate = checks.positive_number("false_discovery_rate", false_discovery_rate)
    if rate >= 1:
        raise StatisticsError(f"false_discovery_rate is {rate}; it must be under 1")
    # esda seeds NumPy's global state, which belongs to the caller.
    state = np.random.get_state()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # It announces that a later release will double its p-values, and divides by 0 at islands.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            found = _esda().Moran_Local(z, _graph(near), permutations=permutations, seed=seed)
        finally:
            np.random.set_state(state)
    # esda counts ties on one side only: a place at the mean, whose index is always 0, would come out
    # as certain.
    edge = 1e-12 * np.abs(found.sim).max(axis=0)
    above = (found.sim >= found.Is - edge).sum(axis=0)
    below = (found.sim <= found.Is + edge).sum(axis=0)
    tails = 2 * (1 + np.minimum(above, below)) / (1 + permutations)
    p_value = np.where(islands, np.nan, np.minimum(tails, 1))
    adjusted = np.full(z.size, np.nan)
    adjusted[~islands] = benjamini_hochberg(p_value[~islands])
    return LocalMoran(
        index=np.where(islands, np.nan, found.Is),
        quadrant=np.where(islands, 0, found.q).astype(np.int64),
        p_value=p_value,
        adjusted_p_value=adjusted,
        is_significant=np.nan_to_num(adjusted, nan=1.0) <= rate,
        islands=islands,
    )


def moran_values_of_rates(events: ArrayLike, population: ArrayLike) -> FloatArray:
    """Return rates standardised for the size of their places, to give to `moran`.

    Parameters
    ----------
    events : array_like, shape (places,)
        Events counted in each place, from 0 upwards.
    population : array_like, shape (places,)
        Persons in each place, above 0.

    Returns
    -------
    array, shape (places,)
        Distances from the mean rate in standard errors.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, a population is 0, there are no events,
        or the shapes do not fit together.

    Notes
    -----
    Rates of small places vary more, which a map of raw rates would take for pattern. With b, a and
    s^2 as for `empirical_bayes`, the rate x_i becomes (x_i - b) / sqrt(a + b / n_i); here a may be
    below 0 as long as the root is not, and counts as 0 where it would be.

    References
    ----------
    Assuncao RM, Reis EA. A new proposal to adjust Moran's I for population density. Stat Med
    1999;18:2147-2162.

    Examples
    --------
    >>> moran_values_of_rates([0, 5, 30], [100, 500, 1_000]).round(2).tolist()
    [-1.28, -1.09, 0.83]
    """
    counted, people = checks.together(
        "events",
        checks.counts("events", events),
        "population",
        checks.positives("population", population),
    )
    checks.one_axis("events", counted)
    checks.refuse_zero("total events", counted.sum(), "rates without events do not differ")
    rate = counted / people
    mean = counted.sum() / people.sum()
    spread = (people * (rate - mean) ** 2).sum() / people.sum()
    between = spread - mean / people.mean()
    variance = between + mean / people
    return np.asarray((rate - mean) / np.sqrt(np.where(variance > 0, variance, mean / people)))


def _checked(
    values: ArrayLike, weights: ArrayLike
) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Return values about their mean in units of their spread, weights by row, and islands."""
    value = checks.numbers("values", values)
    checks.one_axis("values", value)
    if value.size < FEWEST:
        raise StatisticsError(f"values has {value.size} places; at least {FEWEST} are needed")
    near = checks.counts_or_truth_values("weights", weights)
    if near.shape != (value.size, value.size):
        raise StatisticsError(
            f"weights has shape {near.shape}; it must be ({value.size}, {value.size}), as values "
            f"has {value.size} places"
        )
    itself = (near != 0) & np.eye(value.size, dtype=bool)
    checks.refuse("weights", near, itself, "no place is its own neighbour")
    total = near.sum(axis=1, keepdims=True)
    if not total.any():
        raise StatisticsError("weights are all 0: no place has a neighbour")
    distance = value - value.mean()
    spread = np.abs(distance).max()
    if spread <= 1e-12 * np.abs(value).max():
        raise StatisticsError("values are all equal: there is no variation to lie anywhere")
    return distance / spread, near / np.where(total > 0, total, 1), total[:, 0] == 0


def _esda() -> Any:
    """Return PySAL's module of Moran's indices."""
    with warnings.catch_warnings():
        # In a notebook tqdm, which it loads and we do not use, complains of absent widgets.
        warnings.simplefilter("ignore")
        from esda import moran as found  # noqa: PLC0415 - loading it takes two seconds
    return found


def _graph(near: FloatArray) -> Any:
    """Return the weights as PySAL wants them."""
    from libpysal.graph import Graph  # noqa: PLC0415 - loading it takes two seconds
    from scipy.sparse import csr_array  # noqa: PLC0415 - needed here only

    return Graph.from_sparse(csr_array(near))


def _permuted(z: FloatArray, near: FloatArray, permutations: int, seed: int) -> FloatArray:
    """Return the index of maps on which the values are dealt by lot."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - needed here only

    random = np.random.default_rng(seed)
    sparse = csr_array(near)
    scale = z.size / (near.sum() * (z**2).sum())
    indices = np.empty(permutations)
    step = max(1, AT_ONCE // z.size)
    for begin in range(0, permutations, step):
        size = min(step, permutations - begin)
        maps = random.permuted(np.broadcast_to(z, (size, z.size)), axis=1)
        indices[begin : begin + size] = scale * (maps.T * (sparse @ maps.T)).sum(axis=0)
    return indices


def _two_sided(z: float) -> float:
    return float(2 * ndtr(-abs(z)))
