"""A map in five classes as inline SVG: no map service, no script, one path a municipality."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from healthindicators.charts import palette, words
from healthindicators.charts.figure import Drawing, Table
from healthindicators.model import Indicator
from healthindicators.profile import Value
from healthindicators.text import EN_DASH, Language

CLASS_COUNT = len(palette.CLASSES)
LABEL_SIZE = 19


@dataclass(frozen=True)
class MapShapes:
    """A country's municipalities as SVG paths in whole units.

    `insets` are frames (left, top, width, height, caption); municipalities drawn in one are in
    `inset_paths`, and in `paths` too unless they were moved.
    """

    width: int
    height: int
    paths: Mapping[str, str]
    insets: tuple[tuple[int, int, int, int, str], ...] = ()
    inset_paths: Mapping[str, str] | None = None


@dataclass(frozen=True)
class _Class:
    lowest: float
    highest: float
    geos: tuple[str, ...]
    colour: str


def choropleth(
    indicator: Indicator,
    values: Mapping[str, Value],
    geo: str,
    names: Mapping[str, str],
    shapes: MapShapes,
    language: Language,
) -> Drawing:
    """Draw an indicator over all municipalities, with one of them outlined and named.

    Parameters
    ----------
    indicator : Indicator
        What is shown.
    values : mapping
        By geo id; a municipality without a value is hatched.
    geo : str
        The municipality that the report is about.
    names : mapping
        Of all municipalities, by geo id.
    shapes : MapShapes
        The country's boundaries.
    language : Language
        Of the reader.

    Returns
    -------
    Drawing
        The map with its legend and every municipality in the table.
    """
    inside = shapes.inset_paths or {}
    geos = sorted({*shapes.paths, *inside})
    known = {g: v.value for g in geos if (v := values.get(g)) and v.value is not None}
    classes = classify({g: round(n, indicator.decimals) for g, n in known.items()})
    missing = tuple(g for g in geos if g not in known and g in names)
    drawn = _Map(indicator, values, geo, names, shapes, language)
    alt = _alt(drawn, classes, missing)
    return Drawing(
        alt=alt,
        svg=drawn.svg(classes, alt),
        table=_table(drawn),
        legend=_legend(drawn, classes, missing),
    )


def classify(values: Mapping[str, float]) -> tuple[_Class, ...]:
    """Return at most five classes of about equal number; equal values share a class.

    Examples
    --------
    >>> [len(c.geos) for c in classify({"a": 1.0, "b": 1.0, "c": 1.0, "d": 2.0})]
    [3, 1]
    """
    order = sorted(values, key=lambda g: (values[g], g))
    members: dict[int, list[str]] = {}
    before = 0
    for _, run in groupby(order, key=lambda g: values[g]):
        tied = list(run)  # they go where the middle of their run belongs, so none is split off
        middle = before + len(tied) / 2
        members.setdefault(int(middle * CLASS_COUNT / len(order)), []).extend(tied)
        before += len(tied)
    found = [members[key] for key in sorted(members)]
    colours = _colours(len(found))
    return tuple(
        _Class(values[group[0]], values[group[-1]], tuple(group), colour)
        for group, colour in zip(found, colours, strict=True)
    )


def _colours(count: int) -> Sequence[str]:
    """Return `count` colours spread over the whole scale."""
    if count <= 1:
        return palette.CLASSES[2 : 2 + count]
    last = CLASS_COUNT - 1
    return [palette.CLASSES[round(i * last / (count - 1))] for i in range(count)]


@dataclass(frozen=True)
class _Map:
    indicator: Indicator
    values: Mapping[str, Value]
    geo: str
    names: Mapping[str, str]
    shapes: MapShapes
    language: Language

    def svg(self, classes: Sequence[_Class], alt: str) -> str:
        hatch = f"hatch-{self.indicator.id}"
        insets = self.shapes.inset_paths or {}
        return (
            f'<svg class="map" viewBox="0 0 {self.shapes.width} {self.shapes.height}" '
            f'role="img" aria-label="{escape(alt)}">'
            f"{hatch_pattern(hatch)}"
            f"{self._layer(self.shapes.paths, classes, hatch)}"
            f"{''.join(_frame(box) for box in self.shapes.insets)}"
            f"{self._layer(insets, classes, hatch)}"
            f"{self._here()}</svg>"
        )

    def _layer(self, paths: Mapping[str, str], classes: Sequence[_Class], hatch: str) -> str:
        """Return the municipalities by class: a colour is written once, not a hundred times."""
        if not paths:
            return ""
        classed = {geo for c in classes for geo in c.geos}
        groups = [(c.colour, c.geos) for c in classes]
        without = [g for g in paths if g not in classed]
        groups.append((f"url(#{hatch})", tuple(g for g in without if g in self.names)))
        groups.append(("#fff", tuple(g for g in without if g not in self.names)))
        inner = "".join(
            f'<g fill="{fill}">{"".join(self._shape(g, paths[g]) for g in geos if g in paths)}</g>'
            for fill, geos in groups
            if any(g in paths for g in geos)
        )
        return f'<g stroke="{palette.QUIET}" stroke-width=".7" stroke-linejoin="round">{inner}</g>'

    def _shape(self, geo: str, path: str) -> str:
        if geo not in self.names:  # belongs to no municipality, so nothing is missing there
            return f'<path d="{path}"/>'
        title = escape(self.tooltip(geo))
        return f'<path d="{path}"><title>{title}</title></path>'

    def tooltip(self, geo: str) -> str:
        name, value = self.names[geo], self.values.get(geo)
        if value is None or value.value is None:
            return self.language.say("{name}: no value", name=name)
        unit, decimals = self.indicator.unit, self.indicator.decimals
        number = words.quantity(value.value, unit, decimals, self.language)
        return self.language.say("{name}: {value}", name=name, value=number)

    def _here(self) -> str:
        """Return the outline and the name of the municipality; in an inset when it is in one."""
        path, enlarged = self.shapes.paths.get(self.geo), self._inset_path()
        outlines = [_outline(path, 2.0)] if path else []
        outlines += [_outline(enlarged, 1.5)] if enlarged else []
        last = enlarged or path
        if not last:
            return ""
        return (
            '<g class="here" fill="none" stroke-linejoin="round" pointer-events="none">'
            f"{''.join(outlines)}"
            f"{self._name_at(box_of(last))}</g>"
        )

    def _inset_path(self) -> str | None:
        return (self.shapes.inset_paths or {}).get(self.geo)

    def _frame_of(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int] | None:
        if not self._inset_path():
            return None
        frames = ((x, y, x + w, y + h) for x, y, w, h, _ in self.shapes.insets)
        return next((frame for frame in frames if _holds(frame, box)), None)

    def _name_at(self, box: tuple[int, int, int, int]) -> str:
        """Return the name above the municipality, or above the frame that it is drawn in."""
        name = self.names.get(self.geo, "")
        half = len(name) * LABEL_SIZE * 0.3
        left, top, right, bottom = self._frame_of(box) or box
        x = min(max((left + right) / 2, half + 4), self.shapes.width - half - 4)
        y = top - 8 if top > LABEL_SIZE + 12 else bottom + LABEL_SIZE + 4
        return (
            f'<text x="{x:.0f}" y="{y:.0f}" font-family="{escape(palette.FONT)}" '
            f'font-size="{LABEL_SIZE}" font-weight="700" text-anchor="middle" '
            f'fill="{palette.INK}" stroke="#fff" stroke-width="5" '
            f'paint-order="stroke">{escape(name)}</text>'
        )


def _outline(path: str, width: float) -> str:
    """Return a dark outline on a white one, so that it shows on any colour and hides little."""
    return (
        f'<path d="{path}" stroke="#fff" stroke-width="{width * 2:g}"/>'
        f'<path d="{path}" stroke="{palette.INK}" stroke-width="{width:g}"/>'
    )


def _holds(frame: tuple[int, int, int, int], box: tuple[int, int, int, int]) -> bool:
    return frame[0] <= box[0] and frame[1] <= box[1] and box[2] <= frame[2] and box[3] <= frame[3]


def hatch_pattern(name: str) -> str:
    """Return the hatching that stands for a missing value."""
    return (
        f'<defs><pattern id="{name}" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path d="M0 0h6v6h-6z" fill="#fff"/>'
        f'<path d="M0 0v6" stroke="{palette.FAINT}" stroke-width="2"/></pattern></defs>'
    )


def _frame(box: tuple[int, int, int, int, str]) -> str:
    left, top, width, height, caption = box
    text = (
        f'<text x="{left + 7}" y="{top + 19}" font-family="{escape(palette.FONT)}" '
        f'font-size="15" fill="{palette.QUIET}">{escape(caption)}</text>'
        if caption
        else ""
    )
    return (
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="#fff" '
        f'stroke="{palette.MIDDLE}"/>{text}'
    )


def box_of(path: str) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of a path made of absolute starts and relative steps.

    Examples
    --------
    >>> box_of("M10 10l5 0 0-8z")
    (10, 2, 15, 10)
    """
    xs, ys = [], []
    for ring in re.findall(r"M(-?\d+) (-?\d+)([^M]*)", path):
        x, y = int(ring[0]), int(ring[1])
        xs.append(x)
        ys.append(y)
        steps = [int(n) for n in re.findall(r"-?\d+", ring[2])] if ring[2].startswith("l") else []
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            x, y = x + dx, y + dy
            xs.append(x)
            ys.append(y)
    return min(xs), min(ys), max(xs), max(ys)


def _period(drawn: _Map) -> str:
    own = drawn.values.get(drawn.geo) or next(iter(drawn.values.values()), None)
    return words.period(own, drawn.indicator, drawn.language) if own else ""


def _limits(drawn: _Map, group: _Class) -> str:
    number, decimals = drawn.language.number, drawn.indicator.decimals
    low, high = number(group.lowest, decimals), number(group.highest, decimals)
    return low if low == high else f"{low}{EN_DASH}{high}"


def _legend(drawn: _Map, classes: Sequence[_Class], missing: Sequence[str]) -> str:
    say, indicator = drawn.language.say, drawn.indicator
    name = words.text_of(indicator, drawn.language).short
    unit = words.unit(indicator.unit, drawn.language)
    heading = say("{indicator}, {unit}, {period}", indicator=name, unit=unit, period=_period(drawn))
    entries = [
        (f'fill="{c.colour}"', _limits(drawn, c), len([g for g in c.geos if g in drawn.names]))
        for c in classes
    ]
    if missing:
        entries.append((f'fill="url(#hatch-{indicator.id})"', say("no value"), len(missing)))
    items = "".join(
        f'<li><svg viewBox="0 0 22 14" width="22" height="14" aria-hidden="true"><path '
        f'd="M.5 .5h21v13h-21z" stroke="{palette.QUIET}" {fill}/></svg> {escape(label)} '
        f"<small>({count})</small></li>"
        for fill, label, count in entries
    )
    note = say("In brackets: municipalities. Dark is high, whether or not high is good.")
    return (
        f'<figcaption class="legend"><b>{escape(heading)}</b><ul>{items}</ul>'
        f"<small>{escape(note)}</small></figcaption>"
    )


def _alt(drawn: _Map, classes: Sequence[_Class], missing: Sequence[str]) -> str:
    say, indicator, language = drawn.language.say, drawn.indicator, drawn.language
    name = words.text_of(indicator, language).name
    if not classes:
        return say("Map of {indicator}: no municipality has a value.", indicator=name)
    return say(
        "Map of {indicator}, {unit}, {period}. The municipalities range from {lowest} to "
        "{highest}. {own}. Without a value: {missing}.",
        indicator=name,
        unit=words.unit(indicator.unit, language),
        period=_period(drawn),
        lowest=language.number(classes[0].lowest, indicator.decimals),
        highest=language.number(classes[-1].highest, indicator.decimals),
        own=drawn.tooltip(drawn.geo),
        missing=len(missing),
    )


def _table(drawn: _Map) -> Table:
    say, language, indicator = drawn.language.say, drawn.language, drawn.indicator
    geos = {*drawn.shapes.paths, *(drawn.shapes.inset_paths or {})} & set(drawn.names)
    order = sorted(geos, key=lambda g: (language.sort_key(drawn.names[g]), g))
    caption = say(
        "Figures behind the map: {indicator}, {unit}, {period}",
        indicator=words.text_of(indicator, language).short,
        unit=words.unit(indicator.unit, language),
        period=_period(drawn),
    )
    rows = tuple(
        (drawn.names[g], words.number(drawn.values.get(g), indicator, language)) for g in order
    )
    return Table(caption, (say("Municipality"), say("Value")), rows)
