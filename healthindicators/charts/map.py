"""A map in five classes as inline SVG: no map service, no script, one path a municipality."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import NamedTuple

from healthindicators.charts import palette, words
from healthindicators.charts.figure import Drawing, Table
from healthindicators.charts.markup import safe
from healthindicators.model import Indicator
from healthindicators.profile import Value
from healthindicators.text import EN_DASH, Language

CLASS_COUNT = len(palette.CLASSES)
LABEL_SIZE, CAPTION_SIZE = 19, 15

LAND = '<g class="land">'
HERE = '<g class="here"'
"""How the two parts of a drawing begin: the country, the same in all reports, and the municipality."""

TYPEFACE = f'font-family="{safe(palette.FONT)}" '
"""Of the words in a drawing, which may stand outside a page that sets it."""

MOST_KEPT = 128
"""So many countries, each of one indicator in one language, are kept as they were drawn."""


class InsetBox(NamedTuple):
    """A frame with municipalities drawn larger or elsewhere; `x` and `y`: where its caption begins."""

    left: int
    top: int
    width: int
    height: int
    caption: str
    x: int
    y: int


@dataclass(frozen=True)
class MapShapes:
    """A country's municipalities as SVG paths in whole units.

    Municipalities drawn in an inset are in `inset_paths`, and in `paths` too unless they were moved.
    """

    width: int
    height: int
    paths: Mapping[str, str]
    insets: tuple[InsetBox, ...] = ()
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
    own = values.get(geo) or next(iter(values.values()), None)
    period = words.period(own, indicator, language) if own else ""
    # Copies, so that what is kept stays what was drawn, whatever becomes of the originals.
    country = _once(_Country(indicator, dict(values), dict(names), shapes, language, period))
    alt = country.alt(geo)
    return Drawing(alt, country.svg(geo, alt), country.table, country.legend)


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
class _Country:
    """What a map shows whatever municipality it is for; each part is made once."""

    indicator: Indicator
    values: Mapping[str, Value]
    names: Mapping[str, str]
    shapes: MapShapes
    language: Language
    period: str

    def __hash__(self) -> int:
        return hash((self.indicator.id, self.language.code, self.period))

    @cached_property
    def insets(self) -> Mapping[str, str]:
        return self.shapes.inset_paths or {}

    @cached_property
    def geos(self) -> list[str]:
        return sorted({*self.shapes.paths, *self.insets})

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Each geo's row in the table; those that are no municipality come after."""
        sort_key, names = self.language.sort_key, self.names
        rows = sorted((g for g in self.geos if g in names), key=lambda g: (sort_key(names[g]), g))
        others = (g for g in self.geos if g not in names)
        return {geo: number for number, geo in enumerate((*rows, *others))}

    @cached_property
    def classes(self) -> tuple[_Class, ...]:
        known = ((g, self.values.get(g)) for g in self.geos)
        decimals = self.indicator.decimals
        return classify(
            {g: round(v.value, decimals) for g, v in known if v and v.value is not None}
        )

    @cached_property
    def missing(self) -> tuple[str, ...]:
        classed = {geo for c in self.classes for geo in c.geos}
        return tuple(g for g in self.geos if g not in classed and g in self.names)

    @cached_property
    def land(self) -> str:
        frames = "".join(_frame(box) for box in self.shapes.insets)
        main, enlarged = self._layer(self.shapes.paths, "p"), self._layer(self.insets, "i")
        return f"{hatch_pattern(self._hatch)}{LAND}{main}{frames}{enlarged}</g>"

    @property
    def _hatch(self) -> str:
        return f"hatch-{self.indicator.id}"

    def _layer(self, paths: Mapping[str, str], kind: str) -> str:
        """Return the municipalities by class: a colour is written once, not a hundred times."""
        if not paths:
            return ""
        classed = {geo for c in self.classes for geo in c.geos}
        groups = [(c.colour, c.geos) for c in self.classes]
        without = [g for g in paths if g not in classed]
        groups.append((f"url(#{self._hatch})", tuple(g for g in without if g in self.names)))
        groups.append(("#fff", tuple(g for g in without if g not in self.names)))
        inner = ""
        for fill, geos in groups:
            shapes = "".join(self._shape(g, paths[g], kind) for g in geos if g in paths)
            inner += f'<g fill="{fill}">{shapes}</g>' if shapes else ""
        return f'<g stroke="{palette.QUIET}" stroke-width=".7" stroke-linejoin="round">{inner}</g>'

    def _shape(self, geo: str, path: str, kind: str) -> str:
        start = f'<path data-p="{kind}{self.numbers[geo]}" d="{path}"'
        if geo not in self.names:  # belongs to no municipality, so nothing is missing there
            return f"{start}/>"
        return f"{start}><title>{safe(self.tooltip(geo))}</title></path>"

    def tooltip(self, geo: str) -> str:
        value = self.values.get(geo)
        number = words.number(value, self.indicator, self.language)
        known = value is not None and value.value is not None
        return self._pattern(known).format(name=self.names[geo], value=number)

    def _pattern(self, known: bool) -> str:
        """Return what a tooltip says, with fields to fill in: a page does so from the table."""
        say = self.language.say
        if not known:
            return say("{name}: no value")
        value = words.with_unit("{value}", self.indicator.unit, self.language)
        return say("{name}: {value}").replace("{value}", value)

    def svg(self, geo: str, alt: str) -> str:
        return (
            f'<svg class="map" viewBox="0 0 {self.shapes.width} {self.shapes.height}" '
            f'role="img" aria-label="{safe(alt)}" data-known="{safe(self._pattern(True))}" '
            f'data-none="{safe(self._pattern(False))}">{self.land}{self._here(geo)}</svg>'
        )

    def _here(self, geo: str) -> str:
        """Return the outline and the name of the municipality; in an inset when it is in one."""
        path, enlarged = self.shapes.paths.get(geo), self.insets.get(geo)
        outlines = _outline(path, 2.0) if path else ""
        outlines += _outline(enlarged, 1.5) if enlarged else ""
        last = enlarged or path
        if not last:
            return ""
        box = box_of(last)
        frame = self._frame_of(box) if enlarged else None
        return (
            f'{HERE} fill="none" stroke-linejoin="round" pointer-events="none">'
            f"{outlines}{self._name_at(self.names.get(geo, ''), frame or box)}</g>"
        )

    def _frame_of(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int] | None:
        insets = self.shapes.insets
        frames = ((i.left, i.top, i.left + i.width, i.top + i.height) for i in insets)
        return next((frame for frame in frames if _holds(frame, box)), None)

    def _name_at(self, name: str, box: tuple[int, int, int, int]) -> str:
        """Return the name above the municipality, or above the frame that it is drawn in."""
        half = len(name) * LABEL_SIZE * 0.3
        left, top, right, bottom = box
        x = min(max((left + right) / 2, half + 4), self.shapes.width - half - 4)
        y = top - 8 if top > LABEL_SIZE + 12 else bottom + LABEL_SIZE + 4
        return (
            f'<text x="{x:.0f}" y="{y:.0f}" {TYPEFACE}'
            f'font-size="{LABEL_SIZE}" font-weight="700" text-anchor="middle" '
            f'fill="{palette.INK}" stroke="#fff" stroke-width="5" '
            f'paint-order="stroke">{safe(name)}</text>'
        )

    @cached_property
    def legend(self) -> str:
        say, indicator = self.language.say, self.indicator
        name = words.text_of(indicator, self.language).short
        unit = words.unit(indicator.unit, self.language)
        heading = say(
            "{indicator}, {unit}, {period}", indicator=name, unit=unit, period=self.period
        )
        entries = [
            (f'fill="{c.colour}"', self._limits(c), len([g for g in c.geos if g in self.names]))
            for c in self.classes
        ]
        if self.missing:
            entries.append((f'fill="url(#{self._hatch})"', say("no value"), len(self.missing)))
        items = "".join(
            f'<li><svg viewBox="0 0 22 14" width="22" height="14" aria-hidden="true"><path '
            f'd="M.5 .5h21v13h-21z" stroke="{palette.QUIET}" {fill}/></svg> {safe(label)} '
            f"<small>({count})</small></li>"
            for fill, label, count in entries
        )
        note = say("In brackets: municipalities. Dark is high, whether or not high is good.")
        return (
            f'<figcaption class="legend"><b>{safe(heading)}</b><ul>{items}</ul>'
            f"<small>{safe(note)}</small></figcaption>"
        )

    def _limits(self, group: _Class) -> str:
        number, decimals = self.language.number, self.indicator.decimals
        low, high = number(group.lowest, decimals), number(group.highest, decimals)
        return low if low == high else f"{low}{EN_DASH}{high}"

    def alt(self, geo: str) -> str:
        say, indicator, language = self.language.say, self.indicator, self.language
        name = words.text_of(indicator, language).name
        if not self.classes:
            return say("Map of {indicator}: no municipality has a value.", indicator=name)
        return say(
            "Map of {indicator}, {unit}, {period}. The municipalities range from {lowest} to "
            "{highest}. {own}. Without a value: {missing}.",
            indicator=name,
            unit=words.unit(indicator.unit, language),
            period=self.period,
            lowest=language.number(self.classes[0].lowest, indicator.decimals),
            highest=language.number(self.classes[-1].highest, indicator.decimals),
            own=self.tooltip(geo),
            missing=len(self.missing),
        )

    @cached_property
    def table(self) -> Table:
        say, language, indicator = self.language.say, self.language, self.indicator
        caption = say(
            "Figures behind the map: {indicator}, {unit}, {period}",
            indicator=words.text_of(indicator, language).short,
            unit=words.unit(indicator.unit, language),
            period=self.period,
        )
        rows = tuple(
            (self.names[g], words.number(self.values.get(g), indicator, language))
            for g in self.numbers
            if g in self.names
        )
        return Table(caption, (say("Municipality"), say("Value")), rows)


@lru_cache(maxsize=MOST_KEPT)
def _once(country: _Country) -> _Country:
    """Return the country that was drawn before where it is equal to this one in all its parts."""
    return country


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


def _frame(box: InsetBox) -> str:
    text = (
        f'<text x="{box.x}" y="{box.y}" {TYPEFACE}'
        f'font-size="{CAPTION_SIZE}" fill="{palette.QUIET}">{safe(box.caption)}</text>'
        if box.caption
        else ""
    )
    return (
        f'<rect x="{box.left}" y="{box.top}" width="{box.width}" height="{box.height}" fill="#fff" '
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
