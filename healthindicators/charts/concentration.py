"""Concentration curves as small multiples: how evenly each indicator lies over a country's places.

All squares have the same axes, so that the eye may compare them, and none is stretched: where a curve
lies close to the diagonal, the differences between places are small.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from healthindicators.charts import palette, words
from healthindicators.charts.figure import Drawing, Table
from healthindicators.charts.markup import safe
from healthindicators.model import Indicator
from healthindicators.profile import Across, Gradient, Inequality, Same
from healthindicators.text import Language, message

SIDE = 200
"""Units of a square's side: half a percent each, finer than a screen shows."""

TOLERANCE = 1.2
"""A simplified curve lies nowhere further from the full one, in units."""

INDEX_DECIMALS = 3

LINES = (
    f"stroke:{palette.INK};stroke-width:1.8",
    f"stroke:{palette.CLASSES[3]};stroke-width:2;stroke-dasharray:5 3",
    f"stroke:{palette.FAINT};stroke-width:2.4;stroke-dasharray:1 3",
)
"""How the curves of the first, second and third condition look: never told apart by colour alone."""

_EVEN = f"stroke:{palette.FAINT};stroke-width:.8"

STYLE = (
    "".join(
        f".curves path:nth-child({n}),.curve{n}{{fill:none;{line}}}"
        for n, line in enumerate((_EVEN, *LINES), 1)
    )
    + ".curves path{vector-effect:non-scaling-stroke}"
)
"""By their order in a square, the diagonal first, so that no curve has to name its look."""

_DIAGONAL = f'<path d="M0 {SIDE} {SIDE} 0"/>'

Point = tuple[float, float]


def concentration(across: Sequence[Across], language: Language) -> Drawing | None:
    """Draw the concentration curves of each indicator, one curve a condition.

    Parameters
    ----------
    across : sequence of Across
        By condition; what is drawn is the same for all municipalities of a country. A fourth
        condition and any after it are left out.
    language : Language
        Of the reader.

    Returns
    -------
    Drawing or None
        A square an indicator, and the concentration indices in the table; None where there is no
        curve.
    """
    shown = [a.gradients for a in across if any(g.curve for g in a.gradients)]
    return _drawn(tuple(map(Same, shown[: len(LINES)])), language) if shown else None


def simplified(points: Sequence[Point], tolerance: float) -> list[Point]:
    """Return the points without which a line would move by more than `tolerance` (Douglas-Peucker).

    The line must never turn back, as shares that add up never do.

    Examples
    --------
    >>> simplified([(0, 0), (1, 0.1), (2, 0), (3, 5)], 0.2)
    [(0, 0), (2, 0), (3, 5)]
    """
    kept, open_parts = {0, len(points) - 1}, [(0, len(points) - 1)]
    while open_parts:
        first, last = open_parts.pop()
        inside = range(first + 1, last)
        offs = [_off(points[i], points[first], points[last]) for i in inside]
        if offs and (most := max(offs)) > tolerance:
            middle = first + 1 + offs.index(most)
            kept.add(middle)
            open_parts += [(first, middle), (middle, last)]
    return [points[i] for i in sorted(kept)]


def index(found: Inequality | None, language: Language) -> str:
    """Return a concentration index, or a dash where there is none."""
    if found is None:
        return words.NO_VALUE
    return language.number(found.value, INDEX_DECIMALS)


def limits(found: Inequality | None, decimals: int, language: Language) -> str:
    """Return the interval of a measure, or an empty text where there is none."""
    if found is None or found.lower is None or found.upper is None:
        return ""
    return words.between(found.lower, found.upper, decimals, language)


def _off(point: Point, start: Point, end: Point) -> float:
    """Return how far a point lies from the line through two others."""
    across, up = end[0] - start[0], end[1] - start[1]
    twice_area = across * (start[1] - point[1]) - up * (start[0] - point[0])
    return abs(twice_area) / (math.hypot(across, up) or 1.0)


@lru_cache(maxsize=1 << 5)
def _drawn(by_condition: tuple[Same[tuple[Gradient, ...]], ...], language: Language) -> Drawing:
    conditions = [[g for g in same.of if g.curve] for same in by_condition]
    curves = [{g.indicator.id: g for g in gradients} for gradients in conditions]
    shown = _ordered(conditions)
    squares = "".join(
        f"<div>{safe(words.text_of(i, language).short)}{_square(i.id, curves)}</div>" for i in shown
    )
    alt = _alt(conditions, len(shown), language)
    svg = f'<style>{STYLE}</style><div class="curves" role="img" aria-label="{safe(alt)}">'
    names = [words.text_of(gs[0].condition, language).short for gs in conditions]
    table = _table(shown, curves, names, language)
    return Drawing(alt, f"{svg}{squares}</div>", table, _legend(names, language))


def _ordered(conditions: Sequence[Sequence[Gradient]]) -> list[Indicator]:
    """Return each indicator once, from most at the low end to most at the high end.

    In order of the first condition, or of the next by which it has a curve.
    """
    first: dict[str, Gradient] = {}
    for gradients in conditions:
        for gradient in gradients:
            first.setdefault(gradient.indicator.id, gradient)
    order = sorted(first.values(), key=lambda g: (_value(g), g.indicator.id))
    return [gradient.indicator for gradient in order]


def _square(id: str, curves: Sequence[Mapping[str, Gradient]]) -> str:
    found = [by_indicator.get(id) for by_indicator in curves]
    # An empty path keeps the place, by which the next one knows its look.
    lines = "".join(f'<path d="{_path(g.curve)}"/>' if g else "<path/>" for g in found)
    return f'<svg viewBox="0 0 {SIDE} {SIDE}">{_DIAGONAL}{lines}</svg>'


def _path(curve: Sequence[Point]) -> str:
    """Return a curve from the lower left corner in whole units, each step from the point before."""
    line = simplified([(SIDE * x, SIDE * (1 - y)) for x, y in curve], TOLERANCE)
    whole = [(round(x), round(y)) for x, y in line]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(whole)]
    moves = " ".join(f"{dx} {dy}" for dx, dy in steps if dx or dy)
    return f"M{whole[0][0]} {whole[0][1]}l{moves.replace(' -', '-')}"


def _legend(names: Sequence[str], language: Language) -> str:
    say = language.say
    samples = [
        (f"curve{n}", say("In order of: {condition}", condition=name))
        for n, name in enumerate(names, 2)
    ]
    samples.append(("curve1", say("Diagonal: spread as evenly as the residents")))
    items = "".join(
        f'<li><svg viewBox="0 0 32 8" width="32" height="8" aria-hidden="true">'
        f'<path class="{name}" d="M0 4h32"/></svg> {safe(text)}</li>'
        for name, text in samples
    )
    how = say(
        "From left to right: residents, from where the condition is lowest to where it is highest, "
        "0 to 100%. Upwards: what they have together of the indicator's total, 0 to 100%. A curve "
        "above the diagonal: more of it where the condition is low; below: more where it is high."
    )
    heading = safe(say("Concentration curves"))
    return (
        f'<div class="legend"><b>{heading}</b><ul>{items}</ul><p class="note">{safe(how)}</p></div>'
    )


def _alt(conditions: Sequence[Sequence[Gradient]], count: int, language: Language) -> str:
    sentences = [language.say("Concentration curves. Indicators: {count}.", count=count)]
    for gradients in conditions:
        order = sorted(gradients, key=_value)
        low = [g for g in order if _value(g) < 0]
        high = [g for g in reversed(order) if _value(g) > 0]
        sides = ((_LOW, low), (_HIGH, high))
        sentences += [_side(said, there, language) for said, there in sides if there]
    return " ".join(sentences)


def _value(gradient: Gradient) -> float:
    """Return the concentration index, 0 where there is none: on neither side of the diagonal."""
    return gradient.concentration.value if gradient.concentration else 0.0


_LOW = message(
    "{condition}: {count} have more where it is low, most so {name} (concentration index {index})."
)
_HIGH = message(
    "{condition}: {count} have more where it is high, most so {name} (concentration index {index})."
)


def _side(said: str, gradients: Sequence[Gradient], language: Language) -> str:
    """Return how many curves lie on one side of the diagonal, and which lies furthest from it."""
    furthest = gradients[0]
    return language.say(
        said,
        condition=words.text_of(furthest.condition, language).short,
        count=len(gradients),
        name=words.text_of(furthest.indicator, language).short,
        index=index(furthest.concentration, language),
    )


def _table(
    shown: Sequence[Indicator],
    curves: Sequence[Mapping[str, Gradient]],
    names: Sequence[str],
    language: Language,
) -> Table:
    say = language.say
    columns = [say("By {condition}, 95% interval", condition=name) for name in names]
    rows = []
    for indicator in shown:
        cells = (_cell(by_indicator.get(indicator.id), language) for by_indicator in curves)
        rows.append((words.text_of(indicator, language).short, *cells))
    caption = say("Figures behind the picture: concentration indices")
    return Table(caption, (say("Indicator"), *columns), tuple(rows))


def _cell(gradient: Gradient | None, language: Language) -> str:
    if gradient is None:
        return words.NO_VALUE
    own = index(gradient.concentration, language)
    between = limits(gradient.concentration, INDEX_DECIMALS, language)
    return f"{own} ({between})" if between else own
