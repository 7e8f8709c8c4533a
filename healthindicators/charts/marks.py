"""The marks of the barometer: a shape for each thing said, so that colour is never alone.

Triangles point to where the municipality stands: right of the country's line is better (or higher,
where no direction is better).
"""

from __future__ import annotations

from functools import cache

from healthindicators.charts import palette
from healthindicators.model import Polarity
from healthindicators.profile import Line

_POINTERS = {
    "better": (1, palette.BETTER),
    "worse": (-1, palette.WORSE),
    "higher": (1, palette.QUIET),
    "lower": (-1, palette.QUIET),
}
"""Where the triangle of a verdict points, and its colour."""

KINDS = ("better", "worse", "similar", "higher", "lower", "place", "neutral")


def kind(line: Line) -> str:
    """Return the mark of a line: by its interval where it has one, else by its place alone."""
    country = line.benchmarks.get("country")
    verdict = country.verdict if country else "cannot-say"
    if line.value.has_interval and verdict in KINDS:
        return verdict
    return "neutral" if line.indicator.polarity is Polarity.NEUTRAL else "place"


def mark(kind: str, x: float, y: float) -> str:
    """Return the mark as SVG with its middle at `x`, `y`."""
    if kind in _POINTERS:
        direction, colour = _POINTERS[kind]
        return _triangle(x, y, direction, colour)
    if kind == "similar":
        return (
            f'<circle cx="{x:g}" cy="{y:g}" r="5" fill="#fff" stroke="{palette.INK}" '
            'stroke-width="2.2"/>'
        )
    return _diamond(x, y, palette.INK if kind == "place" else palette.FAINT)


def _triangle(x: float, y: float, direction: int, colour: str) -> str:
    point, back = x + 7 * direction, -13 * direction
    return f'<path d="M{point:g} {y:g}l{back}-7v14z" fill="{colour}"/>'


def _diamond(x: float, y: float, colour: str) -> str:
    return f'<path d="M{x:g} {y - 6.5:g}l6 6.5-6 6.5-6-6.5z" fill="{colour}"/>'


@cache
def symbol(kind: str) -> str:
    """Return the mark as a small picture of its own, to stand before words."""
    return (
        '<svg class="mark" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">'
        f"{mark(kind, 8, 8)}</svg>"
    )
