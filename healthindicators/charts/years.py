"""The years below a figure, of which only so many are labelled as there is room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from healthindicators.model import Period
from healthindicators.text import Language

CHARACTER = 7.2
"""Width of an average character at 12 pixels: margins are set before any browser sees the text."""

MOST_YEARS = 4
LABEL_ROOM = 1.3
"""Distance between the middles of two labels, in widths of a label."""


@dataclass(frozen=True)
class Choice:
    """Some periods to label, and how many years lie between the nearest two."""

    places: tuple[float, ...]
    labels: tuple[str, ...]
    nearest: float


@dataclass(frozen=True)
class Years:
    """The years of a figure, in order, and what may stand below its axis: most labels first."""

    years: tuple[tuple[int, int], ...]
    labels: tuple[str, ...]
    limits: tuple[float, float]
    needed: float
    choices: tuple[Choice, ...]
    ticks: str

    def axis(self, room: float) -> dict[str, Any]:
        """Return the axis, labelled for a figure that has `room` pixels for it."""
        apart = self.needed / room
        chosen = next((c for c in self.choices if c.nearest >= apart), self.choices[-1])
        return {
            "range": [*self.limits],
            "tickvals": [*chosen.places],
            "ticktext": [*chosen.labels],
            "ticks": self.ticks,
        }


@lru_cache(maxsize=1 << 10)
def years_of(
    years: tuple[tuple[int, int], ...], pooled: bool, school_year: bool, language: Language
) -> Years:
    """Return years by their first and last, which many figures have in common, as an axis."""
    periods = [Period(*ends) for ends in years]
    labels = {p: language.period(p, school_year=school_year) for p in periods}
    first, last = periods[0].first, max(p.last if pooled else p.first for p in periods)
    pad = 0.6 if pooled else max((last - first) * 0.04, 0.2)
    longest = max(map(len, labels.values()))
    return Years(
        years=years,
        labels=tuple(labels.values()),
        limits=(round(first - pad, 2), round(last + pad, 2)),
        needed=LABEL_ROOM * CHARACTER * longest * (last - first + 2 * pad),
        choices=tuple(
            Choice(
                tuple(middle(p) if pooled else p.first for p in chosen),
                tuple(labels[p] for p in chosen),
                min((middle(b) - middle(a) for a, b in pairwise(chosen)), default=0.0),
            )
            for chosen in _choices(periods, 2 if pooled else MOST_YEARS)
        ),
        ticks="" if pooled else "outside",
    )


def _choices(periods: Sequence[Period], most: int) -> Iterator[list[Period]]:
    """Yield the first, the last and fewer and fewer evenly between."""
    first, last = periods[0], periods[-1]
    for count in range(min(most, len(periods)), 2, -1):
        step = (middle(last) - middle(first)) / (count - 1)
        yield [_nearest(periods, middle(first) + i * step) for i in range(count)]
    yield [first, last] if len(periods) > 1 else [first]


def _nearest(periods: Sequence[Period], place: float) -> Period:
    return min(periods, key=lambda p: abs(middle(p) - place))


def middle(period: Period) -> float:
    """Return where a period stands on an axis of years."""
    return (period.first + period.last) / 2
