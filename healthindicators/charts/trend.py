"""One indicator through time: the municipality, the country and the group of municipalities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

from healthindicators.charts import palette, scale, words
from healthindicators.charts.figure import Figure, Table
from healthindicators.charts.layout import (
    BASE,
    BOTTOM,
    HEIGHT,
    LABEL,
    LINES,
    TITLE,
    TOP,
    TRACES,
    merged,
)
from healthindicators.charts.markup import safe
from healthindicators.model import Indicator, Period
from healthindicators.profile import Line, Value
from healthindicators.text import Language

LABEL_GAP = 15
CHARACTER = 7.2
"""Width of an average character at 12 pixels: margins are set before any browser sees the text."""

NARROWEST = 300
"""Width in pixels at which the labels below the axis must not meet: half a page, or a phone."""

MOST_YEARS = 4
LABEL_ROOM = 1.3
"""Distance between the middles of two labels, in widths of a label."""


@dataclass(frozen=True)
class _Track:
    key: str
    name: str
    values: tuple[Value, ...]

    @cached_property
    def drawn(self) -> tuple[Value, ...]:
        return tuple(v for v in self.values if v.value is not None)


def trend(line: Line, language: Language, names: Mapping[str, str]) -> Figure | None:
    """Draw how an indicator has developed.

    Pooled periods are drawn as spans over their years, and only windows that share no year, chosen
    backwards from the latest: a rolling line would show the same deaths five times.

    Parameters
    ----------
    line : Line
        The indicator with its series.
    language : Language
        Of the reader.
    names : mapping
        What the labels call the ``municipality``, the ``country`` and the ``group``.

    Returns
    -------
    Figure or None
        None when the municipality has fewer than two points to draw.
    """
    if sum(v.value is not None for v in line.series) < 2:
        return None
    pooled = _is_pooled(line)
    periods = windows([v.period for v in line.series]) if pooled else None
    tracks = _tracks(line, names, periods)
    if not tracks or tracks[0].key != "municipality" or len(tracks[0].drawn) < 2:
        return None
    indicator = line.indicator
    low, high = scale.extent(_numbers(tracks))
    draw = _spans if pooled else _points
    data = [draw(track, indicator, language) for track in reversed(tracks)]
    data += _whiskers(tracks[0], pooled, indicator)
    layout = _layout(indicator, tracks, (low, high), pooled, language)
    return Figure(
        alt=_alt(indicator, tracks, language),
        data={"data": data, "layout": layout},
        table=_table(indicator, tracks, language),
    )


def windows(periods: Sequence[Period]) -> tuple[Period, ...]:
    """Return periods that share no year, chosen backwards from the latest.

    Examples
    --------
    >>> windows([Period(2000 + i, 2004 + i) for i in range(8)])
    (Period(first=2002, last=2006), Period(first=2007, last=2011))
    """
    chosen: list[Period] = []
    for period in sorted(periods, key=lambda p: (p.last, p.first), reverse=True):
        if not any(period.overlaps(other) for other in chosen):
            chosen.append(period)
    return tuple(reversed(chosen))


def _is_pooled(line: Line) -> bool:
    return not line.indicator.school_year and any(v.period.years > 1 for v in line.series)


def _tracks(
    line: Line, names: Mapping[str, str], periods: Sequence[Period] | None
) -> tuple[_Track, ...]:
    series = {"municipality": line.series, **line.benchmark_series}
    found = []
    for key in LINES:
        values = series.get(key, ())
        if periods is not None:
            values = tuple(v for v in values if v.period in periods)
        track = _Track(key, names.get(key, ""), values)
        if track.drawn and track.name:
            found.append(track)
    return tuple(found)


def _periods(tracks: Sequence[_Track]) -> tuple[Period, ...]:
    """Return every period that any line has a figure for, in order."""
    found = {(v.period.first, v.period.last): v.period for t in tracks for v in t.values}
    return tuple(found[years] for years in sorted(found))


def _numbers(tracks: Sequence[_Track]) -> list[float]:
    own = tracks[0].drawn
    limits = [n for v in own if v.has_interval for n in (v.lower, v.upper)]
    points = [v.value for track in tracks for v in track.drawn]
    return [n for n in (*points, *limits) if n is not None]


def _points(track: _Track, indicator: Indicator, language: Language) -> dict[str, Any]:
    own = {
        "meta": track.key,
        "name": safe(track.name),
        "x": [v.period.first for v in track.values],
        "y": [_rounded(v.value, indicator) for v in track.values],
    }
    return merged(TRACES[track.key], own)


def _spans(track: _Track, indicator: Indicator, language: Language) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for value in track.values:
        first, last = round(value.period.first - 0.4, 1), round(value.period.last + 0.4, 1)
        x += [first, _middle(value.period), last, None]
        y += [*[_rounded(value.value, indicator)] * 3, None]
        text += [language.period(value.period)] * 4
    own = {
        "meta": track.key,
        "name": safe(track.name),
        "mode": "lines",
        "x": x,
        "y": y,
        "text": text,
        "line": {"width": TRACES[track.key]["line"]["width"] + 1.4},
        "hovertemplate": "%{text}: %{y}",
    }
    return merged(TRACES[track.key], own)


def _whiskers(track: _Track, pooled: bool, indicator: Indicator) -> list[dict[str, Any]]:
    """Return the intervals as a trace of their own: plotly draws a cap for a length of None."""
    known = [v for v in track.drawn if v.has_interval]
    if not known:
        return []
    places = [_middle(v.period) if pooled else v.period.first for v in known]
    own = {
        "meta": "interval",
        "x": places,
        "y": [_rounded(v.value, indicator) for v in known],
        "error_y": {
            "array": [_distance(v.upper, v.value, indicator) for v in known],
            "arrayminus": [_distance(v.value, v.lower, indicator) for v in known],
        },
    }
    return [merged(TRACES["interval"], own)]


def _rounded(value: float | None, indicator: Indicator) -> float | None:
    return None if value is None else round(value, indicator.decimals)


def _distance(high: float | None, low: float | None, indicator: Indicator) -> float | None:
    return None if high is None or low is None else round(high - low, indicator.decimals + 1)


def _layout(
    indicator: Indicator,
    tracks: Sequence[_Track],
    limits: tuple[float, float],
    pooled: bool,
    language: Language,
) -> dict[str, Any]:
    low, high = limits
    marks = scale.ticks(low, high)
    decimals = scale.decimals_of(marks)
    written = [language.number(m, decimals) for m in marks]
    labels = [_label(track, tracks, indicator, language) for track in tracks]
    left = round(max(len(w) for w in written) * CHARACTER + 8)
    right = round(min(max(len(label) for label in labels) * CHARACTER + 14, 160))
    own = {
        "margin": {"l": left, "r": right},
        "separators": scale.separators(language),
        "hovermode": "closest" if pooled else "x unified",
        "xaxis": _years(tracks, pooled, indicator.school_year, NARROWEST - left - right, language),
        "yaxis": {
            "range": [low, high],
            "tickvals": list(marks),
            "ticktext": written,
            "zeroline": low == 0,
            "hoverformat": f",.{indicator.decimals}f",
        },
        "annotations": [
            heading(indicator, low, left, language),
            *_end_labels(tracks, labels, limits),
        ],
    }
    return merged(BASE, own)


def heading(indicator: Indicator, low: float, left: int, language: Language) -> dict[str, Any]:
    """Return the title of a figure: the indicator, and below it the unit and any broken axis."""
    unit = words.unit(indicator.unit, language)
    if low > 0:
        unit = language.say("{unit}; the axis does not start at zero", unit=unit)
    name = safe(words.text_of(indicator, language).short)
    own = {
        "text": f'<b style="font-size:14px;fill:{palette.INK}">{name}</b><br>{safe(unit)}',
        "xshift": -left,
    }
    return merged(TITLE, own)


def _years(
    tracks: Sequence[_Track], pooled: bool, school_year: bool, room: float, language: Language
) -> dict[str, Any]:
    """Return the axis of years, labelled for a figure that has `room` pixels for it."""
    first, last, shown = _shown(_periods(tracks), pooled, school_year, room, language)
    return {
        "range": [first, last],
        "tickvals": [_middle(p) if pooled else p.first for p in shown],
        "ticktext": [language.period(p, school_year=school_year) for p in shown],
        "ticks": "" if pooled else "outside",
    }


@lru_cache(maxsize=1 << 10)
def _shown(
    periods: tuple[Period, ...], pooled: bool, school_year: bool, room: float, language: Language
) -> tuple[float, float, tuple[Period, ...]]:
    """Return where an axis starts and ends, and the periods that are labelled on it."""
    first, last = periods[0].first, max(p.last if pooled else p.first for p in periods)
    pad = 0.6 if pooled else max((last - first) * 0.04, 0.2)
    longest = max(len(language.period(p, school_year=school_year)) for p in periods)
    most = 2 if pooled else MOST_YEARS
    apart = LABEL_ROOM * CHARACTER * longest * (last - first + 2 * pad) / room
    shown = _spread_out(periods, most, apart)
    return round(first - pad, 2), round(last + pad, 2), tuple(shown)


def _spread_out(periods: Sequence[Period], most: int, apart: float) -> list[Period]:
    """Return the first, the last and as many evenly between as stand `apart` years or more."""
    first, last = periods[0], periods[-1]
    for count in range(min(most, len(periods)), 2, -1):
        step = (_middle(last) - _middle(first)) / (count - 1)
        wanted = [_middle(first) + i * step for i in range(count)]
        chosen = [_nearest(periods, place) for place in wanted]
        if all(_middle(b) - _middle(a) >= apart for a, b in pairwise(chosen)):
            return chosen
    return [first, last] if len(periods) > 1 else [first]


def _nearest(periods: Sequence[Period], place: float) -> Period:
    return min(periods, key=lambda p: abs(_middle(p) - place))


def _middle(period: Period) -> float:
    return (period.first + period.last) / 2


def _label(
    track: _Track, tracks: Sequence[_Track], indicator: Indicator, language: Language
) -> str:
    """Return the name at the end of a line; one that ends earlier than the others says so."""
    end = track.drawn[-1]
    if end.period < max(t.drawn[-1].period for t in tracks):
        until = words.period(end, indicator, language)
        return language.say("{name} (to {period})", name=track.name, period=until)
    return track.name


def _end_labels(
    tracks: Sequence[_Track], labels: Sequence[str], limits: tuple[float, float]
) -> list[dict[str, Any]]:
    low, high = limits
    height = HEIGHT - TOP - BOTTOM
    ends = [track.drawn[-1].value or 0.0 for track in tracks]
    wanted = [(end - low) / (high - low) * height for end in ends]
    placed = scale.spaced(wanted, LABEL_GAP, 0, height)
    made = []
    for track, label, pixel in zip(tracks, labels, placed, strict=True):
        own = track.key == "municipality"
        text = safe(label)
        at: dict[str, Any] = {"text": text, "y": round(pixel / height, 3)}
        if own:
            at |= {"text": f"<b>{text}</b>", "font": {"color": palette.INK}}
        made.append(merged(LABEL, at))
    return made


def _alt(indicator: Indicator, tracks: Sequence[_Track], language: Language) -> str:
    own = tracks[0].drawn
    name = words.text_of(indicator, language).name
    first, last = own[0], own[-1]
    sentence = language.say(
        "{indicator}, {unit}: {place} went from {first} in {since} to {last} in {until}.",
        indicator=name,
        unit=words.unit(indicator.unit, language),
        place=tracks[0].name,
        first=words.number(first, indicator, language),
        since=words.period(first, indicator, language),
        last=words.number(last, indicator, language),
        until=words.period(last, indicator, language),
    )
    others = [
        language.say(
            "{name}: {value} in {period}.",
            name=track.name,
            value=words.number(track.drawn[-1], indicator, language),
            period=words.period(track.drawn[-1], indicator, language),
        )
        for track in tracks[1:]
    ]
    return " ".join([sentence, *others])


def _table(indicator: Indicator, tracks: Sequence[_Track], language: Language) -> Table:
    by_period = [{(v.period.first, v.period.last): v for v in track.values} for track in tracks]
    with_interval = any(v.has_interval for v in tracks[0].values)
    columns = [language.say("Period"), *(words.breakable(track.name) for track in tracks)]
    if with_interval:
        columns.insert(2, language.say("95% interval"))
    rows = []
    for period in _periods(tracks):
        values = [found.get((period.first, period.last)) for found in by_period]
        cells = [words.number(values[0], indicator, language)]
        if with_interval:
            cells.append(words.interval(values[0], indicator, language) if values[0] else "")
        cells += [_cell(value, indicator, language) for value in values[1:]]
        rows.append((language.period(period, school_year=indicator.school_year), *cells))
    caption = language.say(
        "Figures behind the picture: {indicator}, {unit}",
        indicator=words.text_of(indicator, language).short,
        unit=words.unit(indicator.unit, language),
    )
    return Table(caption, tuple(columns), tuple(rows))


def _cell(value: Value | None, indicator: Indicator, language: Language) -> str:
    """Return a benchmark; where it was computed here and not published, with its sign."""
    number = words.number(value, indicator, language)
    computed = value is not None and value.value is not None and value.status == "derived"
    return f"{number}{words.DERIVED}" if computed else number
