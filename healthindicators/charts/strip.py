"""One line of the barometer: where the municipality lies among all, better to the right."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from healthindicators.charts import marks, palette
from healthindicators.model import Polarity
from healthindicators.profile import Line, Spread

WIDTH, HEIGHT = 260, 26
MIDDLE_X, MIDDLE_Y = WIDTH / 2, HEIGHT / 2
ROOM = MIDDLE_X - 10
QUARTILE_REACH = 3.2
"""The picture reaches this many quartile distances: beyond, an arrow says that the range goes on.
One very large value would otherwise press all others into the middle."""


STYLE = (
    f"svg.strip{{width:{WIDTH}px;height:{HEIGHT}px}}"
    f".strip .a{{stroke:{palette.RULE};stroke-width:5}}"
    f".strip .m{{stroke:{palette.MIDDLE};stroke-width:10}}"
    f".strip .e{{fill:{palette.MIDDLE}}}"
    f".strip .c{{stroke:{palette.INK};stroke-width:1.2}}.strip .none{{stroke-dasharray:3}}"
    f".strip .g{{stroke:{palette.FAINT};stroke-width:4}}"
    f".strip .w{{stroke:{palette.INK};stroke-width:1.6}}"
    ".strip .o path{stroke:#fff;stroke-width:2;paint-order:stroke}"
)
"""All municipalities, their middle half, what lies beyond, country, group, whisker and the mark:
written once above the barometer, so that it can also stand alone in a notebook."""


@dataclass(frozen=True)
class Scale:
    """From a value to its place: the country in the middle, better (or higher) to the right."""

    middle: float
    reach: float
    flipped: bool

    def x(self, value: float) -> float:
        """Return the place of `value`, kept inside the picture."""
        share = max(-1.0, min(1.0, (value - self.middle) / self.reach))
        return round(MIDDLE_X + (-share if self.flipped else share) * ROOM, 1)

    def beyond(self, value: float) -> bool:
        """Return whether `value` lies outside the picture."""
        return abs(value - self.middle) > self.reach * 1.0001


def scale_of(line: Line) -> Scale | None:
    """Return the scale of a line, None where nothing is known of the other municipalities."""
    spread = line.spread
    if spread is None:
        return None
    country = line.benchmarks.get("country")
    known = country.value.value if country else None
    middle = spread.median if known is None else known
    furthest = max(abs(spread.minimum - middle), abs(spread.maximum - middle))
    usual = max(abs(spread.lower_quartile - middle), abs(spread.upper_quartile - middle))
    own = [abs(n - middle) for n in _must_show(line)]
    reach = max(min(furthest, usual * QUARTILE_REACH), *own, 1e-9)
    flipped = line.indicator.polarity is Polarity.LOWER_IS_BETTER
    return Scale(middle, reach, flipped)


def _must_show(line: Line) -> list[float]:
    group = line.benchmarks.get("group")
    candidates = (
        line.value.value, line.value.lower, line.value.upper, group.value.value if group else None
    )  # fmt: skip
    return [n for n in candidates if n is not None]


def strip(line: Line) -> str:
    """Return the picture of one line; the numbers stand beside it, so it is hidden from readers."""
    scale = scale_of(line)
    if scale is None or line.spread is None:
        return ""
    group = line.benchmarks.get("group")
    value = line.value
    parts = [_range(line.spread, scale), _country(line)]
    if group is not None and group.value.value is not None:
        x = scale.x(group.value.value)
        parts.append(f'<path class="g" d="M{x:g} 6v14"/>')
    if value.lower is not None and value.upper is not None:
        parts.append(_whisker(scale.x(value.lower), scale.x(value.upper)))
    if value.value is not None:
        own = marks.mark(marks.kind(line), scale.x(value.value), MIDDLE_Y)
        parts.append(f'<g class="o">{own}</g>')
    return (
        f'<svg class="strip" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'aria-hidden="true">{"".join(parts)}</svg>'
    )


@lru_cache(maxsize=1 << 10)
def _range(spread: Spread, scale: Scale) -> str:
    ends = sorted((scale.x(spread.minimum), scale.x(spread.maximum)))
    box = sorted((scale.x(spread.lower_quartile), scale.x(spread.upper_quartile)))
    y = MIDDLE_Y
    parts = [
        f'<path class="a" d="M{ends[0]:g} {y:g}H{ends[1]:g}"/>',
        f'<path class="m" d="M{box[0]:g} {y:g}H{box[1]:g}"/>',
    ]
    for value in (spread.minimum, spread.maximum):
        if scale.beyond(value):
            x = scale.x(value)
            way = 1 if x > MIDDLE_X else -1
            parts.append(f'<path class="e" d="M{x + 9 * way:g} {y:g}l{-9 * way}-6v12z"/>')
    return "".join(parts)


def _country(line: Line) -> str:
    """Return the line in the middle; dashed for the median, where the country has no value."""
    name = "c" if line.benchmarks.get("country") else "c none"
    return f'<path class="{name}" d="M{MIDDLE_X:g} 0v{HEIGHT}"/>'


def _whisker(one: float, other: float) -> str:
    left, right = sorted((one, other))
    return f'<path class="w" d="M{left:g} {MIDDLE_Y:g}H{right:g}M{left:g} 9v8M{right:g} 9v8"/>'
