"""Rates of small places, drawn towards a common mean by as much as chance blurs them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainccinv, gammaincinv, gammaln

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray

LARGEST_SHAPE = 1e12
"""A gamma distribution of this shape is a point; scipy's quantiles fail from about 1e15."""
GRID = 60
"""So many variations between places are weighed."""
WIDEST = 4
"""The variation between true rates is looked for up to this multiple of that of the rates seen."""


def empirical_bayes(
    events: ArrayLike,
    population: ArrayLike,
    *,
    per: float = 100_000.0,
    neighbours: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate rates of many places at once, each shrunk towards the mean of all or of neighbours.

    Parameters
    ----------
    events : array_like, shape (..., places)
        Events counted in each place, from 0 upwards.
    population : array_like, shape (..., places)
        Person-years in each place, above 0.
    per : float
        The rates are per this many person-years.
    neighbours : array_like, shape (places, places), optional
        1 (or true) at [i, j] where j is a neighbour of i, 0 elsewhere. A place always counts as its
        own neighbour. By default all places are neighbours: the global estimate.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        Shrunken rates per `per` person-years, method ``empirical-bayes``, in the shape of the input.

    Raises
    ------
    StatisticsError
        If a number is negative, not finite or above 1e12, a population is 0, there are fewer than
        two places, neighbours are not a square of 0 and 1, or the shapes do not fit together.

    Notes
    -----
    With rates x_i = O_i / n_i, mean b = sum O / sum n and s^2 = sum n_i (x_i - b)^2 / sum n, the
    variance between places is a = s^2 - b / mean n, at least 0, and the estimate is
    b + (x_i - b) a / (a + b / n_i). With neighbours, b, s^2 and mean n are those of each place's
    neighbourhood, and so is a. A place without neighbours keeps its own rate.

    The limits do not trust a: they weigh 60 values of the coefficient of variation between true
    rates, up to four times that of the observed ones, by the likelihood of the counts (negative
    binomial) and a flat prior. Mean and variance of the true rate over all of them, with the
    uncertainty of b, (1 - w)^2 (b / sum n + a sum n^2 / (sum n)^2) where w is the weight of the own
    rate, give a gamma distribution whose quantiles are the limits; the estimate is always between
    them. Without any events in the neighbourhood they are the exact Poisson limits of none.

    The level holds on average over places, not for each: places far from the mean are covered less
    often, as by every shrunken estimate. Simulated at 95 % with 10 to 357 places of 3 to 200 events
    and gamma distributed true rates, 91 to 100 % were covered: 94 to 96 % where counts are large
    enough to show the variation, more where there is hardly any, least (91 %) between the two.
    Limits from Marshall's a alone, with Morris's correction, covered 81 to 98 %. Local limits with
    few neighbours are rough.

    References
    ----------
    Marshall RJ. Mapping disease and mortality rates using empirical Bayes estimators. J R Stat Soc
    C 1991;40:283-294.
    Morris CN. Parametric empirical Bayes inference: theory and applications. J Am Stat Assoc
    1983;78:47-55.

    Examples
    --------
    >>> shrunk = empirical_bayes([0, 5, 30], [100, 500, 1_000], per=1_000)
    >>> shrunk.value.round(1).tolist()
    [16.3, 14.4, 28.2]
    """
    tail = checks.tail(level)
    unit = checks.positive_number("per", per)
    counted, at_risk = checks.together(
        "events",
        checks.counts("events", events),
        "population",
        checks.positives("population", population),
    )
    if counted.ndim == 0 or counted.shape[-1] < 2:
        raise StatisticsError(f"events has shape {counted.shape}; at least two places are needed")
    around = _neighbourhoods(neighbours, counted.shape[-1])
    total, people = around.sum(counted), around.sum(at_risk)
    some = total >= checks.SMALLEST
    # Without events there is no distribution; one event stands in, and its results are not used.
    mean = np.where(some, total, 1) / people
    spread = _spread(counted, at_risk, mean, around)
    between = np.maximum(spread - mean * around.sizes / people, 0)
    value = mean + (counted / at_risk - mean) * between / (between + mean / at_risk)
    centre, variance = _posterior(counted, at_risk, mean, spread, value, around)
    shape = np.minimum(centre**2 / variance, LARGEST_SHAPE)
    lower = np.minimum(centre * gammaincinv(shape, tail) / shape, value)
    upper = np.maximum(centre * gammainccinv(shape, tail) / shape, value)
    return Estimate(
        unit * np.where(some, value, 0),
        unit * np.where(some, lower, 0),
        unit * np.where(some, upper, gammainccinv(1.0, tail) / people),
        float(level),
        "empirical-bayes",
    )


@dataclass(frozen=True, eq=False)
class _Neighbourhoods:
    """Which places are shrunk together: one neighbourhood a place, or one of all."""

    members: NDArray[np.int64]
    """Positions of the places of each neighbourhood, one after the other."""
    starts: NDArray[np.int64]
    """Where each neighbourhood starts in `members`."""
    sizes: NDArray[np.int64]
    owners: NDArray[np.int64]
    """The neighbourhood of each of the members."""

    def sum(self, array: FloatArray) -> FloatArray:
        """Add up what places have, over each neighbourhood."""
        return self.sum_of_members(array[..., self.members])

    def sum_of_members(self, array: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(array, self.starts, axis=-1))


def _spread(
    counted: FloatArray, at_risk: FloatArray, mean: FloatArray, around: _Neighbourhoods
) -> FloatArray:
    """Return the mean squared distance of the rates of a neighbourhood from its mean."""
    weight = at_risk[..., around.members]
    away = (counted / at_risk)[..., around.members] - mean[..., around.owners]
    return around.sum_of_members(weight * away**2) / around.sum(at_risk)


def _posterior(
    counted: FloatArray,
    at_risk: FloatArray,
    mean: FloatArray,
    spread: FloatArray,
    value: FloatArray,
    around: _Neighbourhoods,
) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of true rates, over all that the variation between them may be."""
    people, squares = around.sum(at_risk), around.sum(at_risk**2)
    largest = np.maximum(WIDEST * np.sqrt(spread) / mean, 1e-6)
    variations = [largest * (step + 0.5) / GRID for step in range(GRID)]
    likelihood = np.stack([_likelihood(counted, at_risk, mean, c, around) for c in variations])
    weights = np.exp(likelihood - likelihood.max(axis=0))
    weights /= weights.sum(axis=0)
    shift, second = np.zeros(value.shape), np.zeros(value.shape)
    for variation, weight in zip(variations, weights, strict=True):
        prior = 1 / variation**2
        person_years = at_risk + prior / mean
        centre = (counted + prior) / person_years
        of_mean = mean / people + (variation * mean) ** 2 * squares / people**2
        away = centre - value
        shift += weight * away
        second += weight * (
            centre / person_years + (1 - at_risk / person_years) ** 2 * of_mean + away**2
        )
    return value + shift, second - shift**2


def _likelihood(
    counted: FloatArray,
    at_risk: FloatArray,
    mean: FloatArray,
    variation: FloatArray,
    around: _Neighbourhoods,
) -> FloatArray:
    """Return the log-likelihood of a coefficient of variation between the true rates.

    Counts of places whose rates are gamma distributed are negative binomial.
    """
    events = counted[..., around.members]
    prior = (1 / variation**2)[..., around.owners]
    expected = (at_risk[..., around.members]) * mean[..., around.owners]
    terms = (
        gammaln(events + prior)
        - gammaln(prior)
        - prior * np.log1p(expected / prior)
        + events * np.log(expected / (prior + expected))
    )
    return around.sum_of_members(terms)


def _neighbourhoods(neighbours: ArrayLike | None, places: int) -> _Neighbourhoods:
    if neighbours is None:
        near = np.ones((1, places))
    else:
        near = checks.counts_or_truth_values("neighbours", neighbours)
        if near.shape != (places, places):
            raise StatisticsError(
                f"neighbours has shape {near.shape}; it must be ({places}, {places}), as events "
                f"has {places} places"
            )
        checks.refuse("neighbours", near, (near != 0) & (near != 1), "must be 0 or 1")
        near = np.maximum(near, np.eye(places))
    owners, members = np.nonzero(near)
    sizes = np.bincount(owners)
    return _Neighbourhoods(members, np.cumsum(sizes) - sizes, sizes, owners)
