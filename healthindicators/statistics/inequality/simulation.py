"""Limits of measures that cannot fall below 0 and that noise alone makes larger.

The spread of estimates is the spread of what is true and of sampling noise together, so that
percentiles of re-drawn estimates count the noise twice, and a normal interval breaks down where
there is little inequality. Here the question is turned round: how much true inequality would make
an estimate like this one too rare? The groups are moved along a ray, from no inequality at all
through their observed pattern and beyond; noise is drawn around each point of it, and the limits
are the two points at which the estimate is the upper or lower percentile of what would be seen.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from healthindicators.statistics import checks
from healthindicators.statistics.estimate import Estimate, FloatArray
from healthindicators.statistics.inequality import groups
from healthindicators.statistics.inequality.groups import Groups

Measure = Callable[[FloatArray, FloatArray], FloatArray]

FEWEST_DRAWS = 2_000
SEED = 1
DOUBLINGS = 40
STEPS = 24
CLOSE = 1e-6  # of the target: a hundredth of what another seed would change, and less
CHUNK = 200_000  # numbers at a time: what stays near the processor, whatever the number of places
LEAST_SIGNAL = 0.05  # of the noise: below, the pattern of the groups is drawn by noise alone


def estimate(
    value: FloatArray,
    data: Groups,
    measure: Measure,
    level: float,
    draws: int,
    seed: int,
    *,
    keep_last: bool = False,
    power: int = 1,
    upper: FloatArray | None = None,
) -> Estimate:
    """Return `value` with limits of the true measure, raised to a power; they hold the value.

    Where noise alone has raised the estimate, the whole interval of the truth can lie below it;
    the upper limit is then the estimate itself. `upper` stands in for the simulated one.
    """
    if data.error is None:
        check(draws, seed)
        return groups.without_limits(value, level)
    lower, simulated = limits(
        data, measure, level, draws, seed, keep_last=keep_last, lower_only=upper is not None
    )
    upper = simulated if upper is None else upper
    return Estimate(
        value,
        np.minimum(lower**power, value),
        np.maximum(upper**power, value),
        float(level),
        "simulation",
    )


def relative(measure: Measure, value: FloatArray, share: FloatArray) -> FloatArray:
    """Return a measure over the mean; drawn values below 0 count as 0, as they cannot occur."""
    possible = np.maximum(value, 0)
    mean = groups.weighted_sum(share, possible)
    return measure(possible, share) / np.where(mean > 0, mean, np.inf)


def check(draws: int, seed: int) -> None:
    """Raise unless the draws are enough and the seed is one that numpy's generator takes."""
    checks.whole_number("draws", draws, FEWEST_DRAWS)
    checks.seed_number(seed)


def limits(
    data: Groups,
    measure: Measure,
    level: float,
    draws: int,
    seed: int,
    *,
    keep_last: bool = False,
    lower_only: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """Return the lower and upper limit of the measure in each place.

    `measure` takes values and shares along the last axis. With `keep_last` the last group is a
    reference, and stays where it is. With `lower_only` the upper limits are not looked for, and
    repeat the lower ones.
    """
    tail = checks.tail(level)
    check(draws, seed)
    assert data.error is not None
    count = data.value.shape[-1]
    noise = _noise(draws, count, seed)
    flat = [array.reshape(-1, count) for array in (data.value, data.share, data.error)]
    value, share, error = _in_order(flat, keep_last)
    found = np.empty((2, len(value)))
    step = max(1, CHUNK // noise.size)
    for start in range(0, len(value), step):
        part = slice(start, start + step)
        place = _Places(value[part], share[part], error[part], noise, measure)
        found[:, part] = place.lower(tail)
        if not lower_only:
            found[1, part] = place.upper(tail)
    shape = data.value.shape[:-1]
    return found[0].reshape(shape), found[1].reshape(shape)


class _Places:
    """Some places at once, their groups moved along the ray of each, with noise about them."""

    def __init__(
        self,
        value: FloatArray,
        share: FloatArray,
        error: FloatArray,
        noise: FloatArray,
        measure: Measure,
    ) -> None:
        self.share, self.measure = share, measure
        self.middle, self.pattern = _ray(value, share, error)
        self.around = error[:, None, :] * noise
        self.observed = measure(value, share)

    def lower(self, tail: float) -> FloatArray:
        """Return the true inequality at which so much as was observed is just rare."""
        return self._at(1 - tail, self.observed)

    def upper(self, tail: float) -> FloatArray:
        """Return the true inequality at which so little as was observed is just rare.

        Groups more alike than noise allows are no proof of equality: the limit is made as if they
        were as unlike as noise commonly makes them.
        """
        usual = self._percentile(np.zeros(len(self.share)), 0.5)
        return self._at(tail, np.maximum(self.observed, usual))

    def _at(self, part: float, target: FloatArray) -> FloatArray:
        distance = _solve(lambda at: self._percentile(at, part), target)
        reached = self.measure(self.middle + distance[:, None] * self.pattern, self.share)
        return np.where(distance > 0, reached, 0)  # equal groups, but for rounding

    def _percentile(self, distance: FloatArray, part: float) -> FloatArray:
        centre = self.middle + distance[:, None] * self.pattern
        seen = self.measure(centre[:, None, :] + self.around, self.share[:, None, :])
        return _quantile(seen, part)


def _noise(draws: int, count: int, seed: int) -> FloatArray:
    """Return standard normal noise in mirrored pairs, of mean 0 and variance 1 in each group."""
    half = np.random.default_rng(seed).standard_normal(((draws + 1) // 2, count))
    noise = np.concatenate([half, -half])
    scaled: FloatArray = noise / np.sqrt((noise**2).mean(axis=0))
    return scaled


def _in_order(arrays: list[FloatArray], keep_last: bool) -> list[FloatArray]:
    """Return the groups sorted, so that how they were listed does not choose their draws."""
    value, share, error = arrays
    kept = value.shape[-1] - 1 if keep_last else value.shape[-1]
    order = np.lexsort((error[:, :kept], share[:, :kept], value[:, :kept]), axis=-1)
    if keep_last:
        order = np.concatenate([order, np.full((len(order), 1), kept)], axis=-1)
    return [np.take_along_axis(array, order, axis=-1) for array in arrays]


def _ray(value: FloatArray, share: FloatArray, error: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the common mean and the pattern in which the groups depart from it.

    Each departure is shrunk by the root of how much of its variance is signal, which gives
    groups with large errors no more true departure than others (constrained empirical Bayes;
    Ghosh, J Am Stat Assoc 1992;87:533-540). Only the pattern matters, not its size.
    """
    middle = (share * value).sum(axis=-1, keepdims=True)
    apart = value - middle
    found = (share * apart**2).sum(axis=-1, keepdims=True)
    chance = (share * (1 - share) * error**2).sum(axis=-1, keepdims=True)
    total = np.maximum(found - chance, LEAST_SIGNAL * chance) + error**2
    shrunk = apart / np.sqrt(np.where(total > 0, total, 1))
    shrunk = shrunk - (share * shrunk).sum(axis=-1, keepdims=True)
    size = np.sqrt((share * shrunk**2).sum(axis=-1, keepdims=True))
    alike = size <= 1e-9
    # Values without any pattern are moved up and down by turns.
    turns = np.broadcast_to(np.where(np.arange(value.shape[-1]) % 2, 1.0, -1.0), value.shape)
    turns = turns - (share * turns).sum(axis=-1, keepdims=True)
    pattern = np.where(alike, turns, shrunk / np.where(alike, 1, size))
    reach = np.maximum(np.sqrt(found), np.sqrt(chance))
    return middle, pattern * reach


def _quantile(seen: FloatArray, part: float) -> FloatArray:
    """Return the percentile along the last axis, between the two draws next to it."""
    position = part * (seen.shape[-1] - 1)
    below = int(position)
    above = min(below + 1, seen.shape[-1] - 1)
    ordered = np.partition(seen, (below, above), axis=-1)
    between: FloatArray = ordered[..., below] + (position - below) * (
        ordered[..., above] - ordered[..., below]
    )
    return between


def _solve(height: Callable[[FloatArray], FloatArray], target: FloatArray) -> FloatArray:
    """Return where a rising function reaches the target, or 0 where it begins above it.

    Regula falsi with the Illinois rule: an end that stays put twice running loses half its weight.
    """
    near, far = np.zeros_like(target), np.ones_like(target)
    at_near, at_far = height(near) - target, height(far) - target
    begun_above = at_near >= 0
    for _ in range(DOUBLINGS):
        short = (at_far < 0) & ~begun_above
        if not short.any():
            break
        near, at_near = np.where(short, far, near), np.where(short, at_far, at_near)
        far = np.where(short, 2 * far, far)
        at_far = np.where(short, height(far) - target, at_far)
    at, moved = far, np.zeros_like(target)
    done = begun_above
    for _ in range(STEPS):
        width = at_far - at_near
        fall = np.where(width > 0, -at_near / np.where(width > 0, width, 1), 0.5)
        at = np.where(done, at, near + np.clip(fall, 0, 1) * (far - near))
        there = height(at) - target
        done = done | (np.abs(there) <= CLOSE * target)
        if done.all():
            break
        low = there < 0
        at_far = np.where(low, np.where(moved < 0, at_far / 2, at_far), there)
        at_near = np.where(low, there, np.where(moved > 0, at_near / 2, at_near))
        near, far = np.where(low, at, near), np.where(low, far, at)
        moved = np.where(low, -1.0, 1.0)
    return np.where(begun_above, 0, at)
