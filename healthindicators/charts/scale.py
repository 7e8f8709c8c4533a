"""Axes that are honest, with few round ticks, and labels that do not lie on each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from healthindicators.text import Language

NEAR_ZERO = 0.6
"""An axis starts at zero where the lowest value is at most this share of the highest."""

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def extent(values: Iterable[float]) -> tuple[float, float]:
    """Return the range of an axis that shows `values`.

    It starts at zero where the values come anywhere near it. Elsewhere it is at least a fourteenth
    of the highest value wide: a flat line must not look like a mountain.

    Examples
    --------
    >>> extent([6.0, 20.0])
    (0.0, 21.6)
    >>> extent([80.0, 80.4])
    (76.85, 83.55)
    """
    numbers = list(values)
    low, high = min(numbers), max(numbers)
    if low >= 0 and low <= NEAR_ZERO * high:
        return 0.0, round(high * 1.08, 4)
    if high <= 0 and high >= NEAR_ZERO * low:
        return round(low * 1.08, 4), 0.0
    span = max(high - low, max(abs(low), abs(high)) / 14)
    middle, half = (low + high) / 2, span / 2 + span * 0.08
    return _outwards(middle - half, middle + half)


def _outwards(low: float, high: float) -> tuple[float, float]:
    step = 10 ** (math.floor(math.log10(high - low)) - 2) if high > low else 0.01
    step *= 5
    return round(math.floor(low / step) * step, 6), round(math.ceil(high / step) * step, 6)


def ticks(low: float, high: float, count: int = 4) -> tuple[float, ...]:
    """Return at most `count` round numbers inside the range.

    Examples
    --------
    >>> ticks(0, 21.6)
    (0.0, 10.0, 20.0)
    """
    if high <= low:
        return (low,)
    power = 10.0 ** math.floor(math.log10((high - low) / count))
    for factor in (*_STEPS, *(10 * s for s in _STEPS)):
        step = power * factor
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= count:
            return tuple(round(i * step, 6) + 0.0 for i in range(first, last + 1))
    return (low, high)


def decimals_of(numbers: Iterable[float]) -> int:
    """Return how many decimals are needed to write `numbers`, at most three."""
    return max((_decimals(n) for n in numbers), default=0)


def _decimals(number: float) -> int:
    return next((d for d in range(3) if abs(round(number, d) - number) < 1e-6), 3)


def spaced(wanted: Sequence[float], gap: float, low: float, high: float) -> tuple[float, ...]:
    """Return places for labels near where they are wanted, `gap` apart and inside the range.

    Examples
    --------
    >>> spaced([50, 52, 10], 14, 0, 100)
    (44.0, 58.0, 10.0)
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    groups: list[list[float]] = []  # middle and number of labels of each pile
    for i in order:
        groups.append([wanted[i], 1])
        while len(groups) > 1 and _touch(groups[-2], groups[-1], gap):
            (m1, n1), (m2, n2) = groups[-2], groups[-1]
            groups[-2:] = [[(m1 * n1 + m2 * n2) / (n1 + n2), n1 + n2]]
    placed: list[float] = []
    for middle, size in groups:
        reach = (size - 1) * gap / 2
        first = min(max(middle, low + reach), high - reach) - reach
        placed += [first + k * gap for k in range(int(size))]
    for k in range(1, len(placed)):  # a pile pushed in at the edge may meet the next one
        placed[k] = max(placed[k], placed[k - 1] + gap)
    result = [0.0] * len(wanted)
    for place, i in zip(placed, order, strict=True):
        result[i] = place
    return tuple(result)


def _touch(below: Sequence[float], above: Sequence[float], gap: float) -> bool:
    return above[0] - below[0] < gap * (below[1] + above[1]) / 2


def separators(language: Language) -> str:
    """Return the decimal and thousands marks in the order in which plotly wants them.

    Examples
    --------
    >>> from healthindicators.text import language
    >>> separators(language("en"))
    '.,'
    """
    return language.decimal_mark + language.group_mark
