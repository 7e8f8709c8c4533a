"""Deaths against expected deaths in all municipalities, with the limits that chance would keep."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from healthindicators.charts import palette, scale, words
from healthindicators.charts.figure import Figure, Table
from healthindicators.charts.layout import BASE, LABEL, TITLE, TOP, merged
from healthindicators.charts.markup import safe
from healthindicators.charts.years import CHARACTER
from healthindicators.model import Indicator, Period
from healthindicators.profile import Funnel, FunnelPoint, Same
from healthindicators.text import Language, message

TALL, BELOW = 320, 44
"""Height of the picture, and the room in it for the name of the lower axis."""

STEPS = 7
"""Through so many steps a smooth curve can be laid at the width of a page."""

MOST_TICKS = 6
DECIMALS = 2
FEW = 100
"""Expected numbers below it are written with a decimal."""

Curve = tuple[tuple[float, float, float], ...]

_PLACES: Mapping[int, str] = {
    -2: message("below the outer limits"),
    -1: message("between the inner and the outer limits, below"),
    0: message("inside the limits"),
    1: message("between the inner and the outer limits, above"),
    2: message("above the outer limits"),
}


@dataclass(frozen=True)
class _Country:
    """What a funnel shows whatever municipality it is for."""

    dots: tuple[Mapping[str, Any], ...]
    lines: tuple[Mapping[str, Any], ...]
    layout: Mapping[str, Any]
    rows: tuple[tuple[str, ...], ...]
    alt: str


def funnel(funnel: Funnel, language: Language, names: Mapping[str, str]) -> Figure:
    """Draw the ratios of all municipalities against the limits of chance, with one of them named.

    Expected deaths stand on a logarithmic axis, so that islands and cities are both seen. Curves
    are thinned to what the eye needs.

    Parameters
    ----------
    funnel : Funnel
        Observed and expected deaths, of at least one municipality.
    language : Language
        Of the reader.
    names : mapping
        What the picture calls the ``municipality``.

    Returns
    -------
    Figure
        With a table of this municipality and of those outside the outer limits.
    """
    country = _country(
        Same(funnel.points), Same(funnel.inner), Same(funnel.outer),
        Same(funnel.indicator), funnel.period, language,
    )  # fmt: skip
    own, name = funnel.own, names["municipality"]
    layout: dict[str, Any] = {key: copy(part) for key, part in country.layout.items()}
    data = [_own(trace) for trace in (*country.lines, *country.dots)]
    alt, rows = country.alt, country.rows
    if own is not None:
        data.append(_mark(own))
        layout["annotations"].append(_label(own, name, layout["xaxis"]))
        alt = f"{alt} {_sentence(own, name, language)}"
        mine = _row(own, language)
        rows = (mine, *(row for row in rows if row != mine))
    return Figure(alt, {"data": data, "layout": layout}, _table(funnel, rows, language))


def place(point: FunnelPoint, language: Language) -> str:
    """Return where a municipality lies among the limits, in words."""
    return language.say(_PLACES[point.place])


def expected(number: float, language: Language) -> str:
    """Return an expected number of deaths, of which few need a decimal."""
    return language.number(number, 0 if number >= FEW else 1)


@lru_cache(maxsize=1 << 5)
def _country(
    points: Same[tuple[FunnelPoint, ...]],
    inner: Same[Curve],
    outer: Same[Curve],
    indicator: Same[Indicator],
    period: Period,
    language: Language,
) -> _Country:
    """Return what is the same in the reports of all municipalities."""
    beyond = [p for p in points.of if abs(p.place) > 1]
    within = [p for p in points.of if abs(p.place) <= 1]
    named = sorted(beyond, key=lambda p: language.sort_key(p.geo.name(language.code)))
    dots = [
        _dots(within, "circle-open", palette.FAINT, language),
        _dots(beyond, "diamond", palette.QUIET, language),
    ]
    return _Country(
        tuple(trace for trace in dots if trace["x"]),
        (_limit(outer.of, palette.FAINT, ""), _limit(inner.of, palette.FAINT, "4px,3px")),
        _layout(points.of, inner.of, outer.of, indicator.of, period, language),
        tuple(_row(point, language) for point in named),
        _alt(points.of, indicator.of, period, language),
    )


def _own(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Return a trace whose parts are its own: who changes one figure must not change others."""
    return {key: [*part] if isinstance(part, tuple) else copy(part) for key, part in trace.items()}


def _dots(
    points: Sequence[FunnelPoint], symbol: str, colour: str, language: Language
) -> dict[str, Any]:
    hover = language.say(
        "{name}: {ratio} ({expected} expected)",
        name="%{text}",
        ratio=f"%{{y:.{DECIMALS}f}}",
        expected="%{x:,.0f}",
    )
    return {
        "mode": "markers",
        "x": tuple(_rounded(p.expected) for p in points),
        "y": tuple(round(p.ratio, DECIMALS) for p in points),
        "text": tuple(safe(p.geo.name(language.code)) for p in points),
        "marker": {"symbol": symbol, "color": colour, "size": 7},
        "hovertemplate": f"{hover}<extra></extra>",
    }


def _mark(own: FunnelPoint) -> dict[str, Any]:
    """Return the municipality, laid over its dot among the others, which tells its name."""
    symbol = "diamond" if abs(own.place) > 1 else "circle"
    return {
        "mode": "markers",
        "x": [_rounded(own.expected)],
        "y": [round(own.ratio, DECIMALS)],
        "marker": {"symbol": symbol, "color": palette.INK, "size": 12},
        "hoverinfo": "skip",
    }


def _rounded(number: float) -> float:
    """Return a number of deaths as precise as the eye needs it: whole ones without a decimal."""
    return round(number) if number >= FEW else round(number, 1)


def _limit(curve: Curve, colour: str, dash: str) -> dict[str, Any]:
    """Return both sides of a limit as one trace."""
    kept = _thinned(curve)
    across = tuple(_rounded(e) for e, _, _ in kept)
    lower = tuple(round(low, 3) for _, low, _ in kept)
    upper = tuple(round(high, 3) for _, _, high in kept)
    line = {"color": colour, "width": 1.3, "shape": "spline"}
    return {
        "mode": "lines",
        "x": (*across, None, *across),
        "y": (*lower, None, *upper),
        "line": line | ({"dash": dash} if dash else {}),
        "hoverinfo": "skip",
    }


def _thinned(curve: Curve) -> Curve:
    """Return about `STEPS` points of a curve, in even steps of the logarithm."""
    first, last = math.log10(curve[0][0]), math.log10(curve[-1][0])
    kept, step = [curve[0]], (last - first) / STEPS
    for point in curve[1:-1]:
        at = math.log10(point[0])
        if at - math.log10(kept[-1][0]) >= step * 0.999 and last - at > step / 2:
            kept.append(point)
    return (*kept, curve[-1]) if len(curve) > 1 else tuple(kept)


def _layout(
    points: Sequence[FunnelPoint],
    inner: Curve,
    outer: Curve,
    indicator: Indicator,
    period: Period,
    language: Language,
) -> dict[str, Any]:
    left = math.log10(min(outer[0][0], *(p.expected for p in points)))
    right = math.log10(max(outer[-1][0], *(p.expected for p in points)))
    pad = max((right - left) * 0.03, 0.02)
    seen = [1.0, *(p.ratio for p in points), *(n for e, *limits in outer for n in limits)]
    low, high = min(seen), max(seen)
    low, high = round(low - (high - low) * 0.06, 2), round(high + (high - low) * 0.1, 2)
    upwards = scale.ticks(low, high, 5)
    decimals = scale.decimals_of(upwards)
    written = [language.number(n, decimals) for n in upwards]
    room = round(max(map(len, written)) * CHARACTER + 8)
    across = _across(10 ** (left - pad), 10 ** (right + pad))
    own = {
        "height": TALL,
        "margin": {"l": room, "r": 8, "t": TOP, "b": BELOW},
        "separators": scale.separators(language),
        "hovermode": "closest",
        "xaxis": {
            "type": "log",
            "range": [round(left - pad, 3), round(right + pad, 3)],
            "tickvals": across,
            "ticktext": [language.number(n) for n in across],
            "title": {
                "text": safe(language.say("Expected deaths (logarithmic axis)")),
                "font": {"size": BASE["font"]["size"]},
            },
        },
        "yaxis": {"range": [low, high], "tickvals": list(upwards), "ticktext": written},
        "shapes": [
            {
                "type": "line", "layer": "below", "xref": "paper", "x0": 0, "x1": 1,
                "y0": 1, "y1": 1, "line": {"color": palette.QUIET, "width": 1},
            }
        ],
        "annotations": [
            _heading(indicator, period, room, language),
            _limit_label(outer, 99.8, language),
            _limit_label(inner, 95, language),
        ],
    }  # fmt: skip
    return merged(BASE, own)


def _across(low: float, high: float) -> list[int]:
    """Return round numbers of deaths in a range, so few that their labels do not meet."""
    powers = range(max(math.floor(math.log10(low)), 0), math.floor(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 5), (1,)):
        found = [f * 10**p for p in powers for f in factors if low <= f * 10**p <= high]
        if len(found) <= MOST_TICKS:
            return found
    return found[:: math.ceil(len(found) / MOST_TICKS)]


def _heading(indicator: Indicator, period: Period, room: int, language: Language) -> dict[str, Any]:
    below = language.say(
        "Ratio of deaths to expected deaths, {period}", period=language.period(period)
    )
    name = safe(words.text_of(indicator, language).short)
    own = {
        "text": f'<b style="font-size:14px;fill:{palette.INK}">{name}</b><br>{safe(below)}',
        "xshift": -room,
    }
    return {**TITLE, **own}


def _limit_label(curve: Curve, level: float, language: Language) -> dict[str, Any]:
    """Return the level of a limit as a label, above its upper side where that is widest."""
    at, _, high = curve[0]
    level_text = language.number(level, scale.decimals_of([level]))
    return {
        **LABEL,
        "text": safe(language.say("{value}%", value=level_text)),
        "xref": "x", "x": round(math.log10(at), 3), "xshift": 6,
        "yref": "y", "y": round(high, 3), "yanchor": "bottom",
    }  # fmt: skip


def _label(own: FunnelPoint, name: str, axis: Mapping[str, Any]) -> dict[str, Any]:
    """Return the name of the municipality, on the side of its dot where there is more room."""
    at, (left, right) = math.log10(own.expected), axis["range"]
    is_left = at < (left + right) / 2
    return {
        **LABEL,
        "text": f"<b>{safe(name)}</b>",
        "font": {"color": palette.INK},
        "bgcolor": "rgba(255,255,255,.8)",
        "xref": "x", "x": round(at, 3), "xanchor": "left" if is_left else "right",
        "xshift": 8 if is_left else -8,
        "yref": "y", "y": round(own.ratio, DECIMALS),
    }  # fmt: skip


def _alt(
    points: Iterable[FunnelPoint], indicator: Indicator, period: Period, language: Language
) -> str:
    places = [abs(point.place) for point in points]
    return language.say(
        "{indicator}, {period}: deaths against expected deaths in {count} municipalities, {inside} "
        "inside the limits, {between} between the inner and the outer, {outside} outside.",
        indicator=words.text_of(indicator, language).name,
        period=language.period(period),
        count=len(places),
        inside=places.count(0),
        between=places.count(1),
        outside=places.count(2),
    )


def _sentence(own: FunnelPoint, name: str, language: Language) -> str:
    return language.say(
        "{name}: ratio {ratio}, {place}.",
        name=name,
        ratio=language.number(own.ratio, DECIMALS),
        place=place(own, language),
    )


def _row(point: FunnelPoint, language: Language) -> tuple[str, ...]:
    return (
        point.geo.name(language.code),
        expected(point.expected, language),
        language.number(point.ratio, DECIMALS),
    )


def _table(funnel: Funnel, rows: tuple[tuple[str, ...], ...], language: Language) -> Table:
    say = language.say
    columns = (say("Municipality"), say("Expected deaths"), say("Ratio"))
    caption = say(
        "Outside the outer limits: {indicator}",
        indicator=words.text_of(funnel.indicator, language).short,
    )
    return Table(caption, columns, rows)
