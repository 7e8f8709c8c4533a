"""One indicator through time: the municipality, the country and the group of municipalities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
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
from healthindicators.charts.years import CHARACTER, Years, middle, years_of
from healthindicators.model import Indicator, Period
from healthindicators.profile import Line, Same, Value
from healthindicators.text import Language

LABEL_GAP = 15
NARROWEST = 300
"""Width in pixels at which the labels below the axis must not meet: half a page, or a phone."""


@dataclass(frozen=True)
class _Track:
    """One line of a figure. What is drawn and written of it is made once."""

    key: str
    name: str
    values: tuple[Value, ...]
    indicator: Indicator
    language: Language
    pooled: bool

    @cached_property
    def drawn(self) -> tuple[Value, ...]:
        return tuple(v for v in self.values if v.value is not None)

    @cached_property
    def numbers(self) -> list[float]:
        return [v.value for v in self.drawn if v.value is not None]

    @cached_property
    def by_years(self) -> dict[tuple[int, int], Value]:
        return {(v.period.first, v.period.last): v for v in self.values}

    @cached_property
    def trace(self) -> dict[str, Any]:
        draw = _spans if self.pooled else _points
        return draw(self, self.indicator, self.language)

    @cached_property
    def cells(self) -> dict[tuple[int, int], str]:
        return {
            years: _cell(value, self.indicator, self.language)
            for years, value in self.by_years.items()
        }

    @cached_property
    def latest(self) -> str:
        """The last number in words."""
        end = self.drawn[-1]
        return self.language.say(
            "{name}: {value} in {period}.",
            name=self.name,
            value=words.number(end, self.indicator, self.language),
            period=words.period(end, self.indicator, self.language),
        )


@lru_cache(maxsize=1 << 10)
def _benchmark(
    key: str,
    name: str,
    values: Same[tuple[Value, ...]],
    periods: tuple[Period, ...] | None,
    indicator: Same[Indicator],
    language: Language,
) -> _Track:
    """Return the line of a benchmark, which is the same in many reports."""
    return _track(key, name, values.of, periods, indicator.of, language)


def _track(
    key: str,
    name: str,
    values: tuple[Value, ...],
    periods: tuple[Period, ...] | None,
    indicator: Indicator,
    language: Language,
) -> _Track:
    if periods is not None:
        values = tuple(v for v in values if v.period in periods)
    return _Track(key, name, values, indicator, language, periods is not None)


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
    tracks = _tracks(line, names, periods, language)
    if not tracks or tracks[0].key != "municipality" or len(tracks[0].drawn) < 2:
        return None
    indicator = line.indicator
    low, high = scale.extent(_numbers(tracks))
    data = [_own(track.trace) for track in reversed(tracks)]
    data += _whiskers(tracks[0], pooled, indicator)
    years = _years(tracks, pooled, indicator, language)
    layout = _layout(indicator, tracks, (low, high), years, language)
    return Figure(
        alt=_alt(indicator, tracks, language),
        data={"data": data, "layout": layout},
        table=_table(indicator, tracks, years, language),
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
    line: Line, names: Mapping[str, str], periods: tuple[Period, ...] | None, language: Language
) -> tuple[_Track, ...]:
    found = []
    for key in LINES:
        name, indicator = names.get(key, ""), line.indicator
        if key == "municipality":
            track = _track(key, name, line.series, periods, indicator, language)
        else:
            values = Same(line.benchmark_series.get(key, ()))
            track = _benchmark(key, name, values, periods, Same(indicator), language)
        if track.drawn and track.name:
            found.append(track)
    return tuple(found)


def _numbers(tracks: Sequence[_Track]) -> list[float]:
    own = tracks[0].drawn
    limits = [n for v in own if v.has_interval for n in (v.lower, v.upper) if n is not None]
    return [*(n for track in tracks for n in track.numbers), *limits]


def _own(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Return a trace whose lists are its own: who changes one figure must not change others."""
    return {key: [*part] if isinstance(part, list) else part for key, part in trace.items()}


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
        x += [first, middle(value.period), last, None]
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
    places = [middle(v.period) if pooled else v.period.first for v in known]
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
    years: Years,
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
        "hovermode": "closest" if tracks[0].pooled else "x unified",
        "xaxis": years.axis(NARROWEST - left - right),
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
    return {**TITLE, **own}


def _years(
    tracks: Sequence[_Track], pooled: bool, indicator: Indicator, language: Language
) -> Years:
    """Return every year that any line has a figure for."""
    found = sorted({years for track in tracks for years in track.by_years})
    return years_of(tuple(found), pooled, indicator.school_year, language)


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
        made.append({**LABEL, **at})
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
    return " ".join([sentence, *(track.latest for track in tracks[1:])])


def _table(
    indicator: Indicator, tracks: Sequence[_Track], axis: Years, language: Language
) -> Table:
    own, benchmarks = tracks[0].by_years, [track.cells for track in tracks[1:]]
    with_interval = any(v.has_interval for v in tracks[0].values)
    columns = [language.say("Period"), *(words.breakable(track.name) for track in tracks)]
    if with_interval:
        columns.insert(2, language.say("95% interval"))
    rows = []
    for years, label in zip(axis.years, axis.labels, strict=True):
        value = own.get(years)
        cells = [words.number(value, indicator, language)]
        if with_interval:
            cells.append(words.interval(value, indicator, language) if value else "")
        cells += [written.get(years, words.NO_VALUE) for written in benchmarks]
        rows.append((label, *cells))
    caption = language.say(
        "Figures behind the picture: {indicator}, {unit}",
        indicator=words.text_of(indicator, language).short,
        unit=words.unit(indicator.unit, language),
    )
    return Table(caption, tuple(columns), tuple(rows))


def _cell(value: Value, indicator: Indicator, language: Language) -> str:
    """Return a benchmark; where it was computed here and not published, with its sign."""
    number = words.number(value, indicator, language)
    computed = value.value is not None and value.status == "derived"
    return f"{number}{words.DERIVED}" if computed else number
