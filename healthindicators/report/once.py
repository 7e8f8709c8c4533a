"""What the drawings of a page share is written once: the country, the figures behind maps, marks.

A notebook keeps complete drawings, for each may stand alone. The maps of a page show the same country:
it is drawn once, unseen, and each municipality has a short class for each map (`a0`: the first colour
of the first map). A map draws that country and switches its own letter on: the rule of `a0` holds
where the custom property `--A` is known, be it empty. No script is needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from string import ascii_lowercase

from healthindicators.charts import marks
from healthindicators.charts.figure import Table
from healthindicators.charts.map import HERE, LAND, TYPEFACE, hatch_pattern
from healthindicators.text import Language

FIGURES = "map-figures"
"""The table behind all maps of a page."""

FIGURE = '<figure class="drawing">'

_GROUP = re.compile(r'<g fill="(?P<fill>[^"]+)">(?P<paths>.*?)</g>')
_GROUPS = re.compile(rf"(?:{_GROUP.pattern.replace('?P<fill>', '').replace('?P<paths>', '')})+")
_PATH = re.compile(r'<path data-p="(\w)(\d+)" d="([^"]+)"')
_HATCH = re.compile(r"url\(#hatch-[^)]*\)")
_Place = tuple[str, int]
_ENDS = re.compile(r"</t[hdr]>")

_MARK = '<svg class="mark"'
_LIGHT = {
    marks.symbol(kind): (kind, f'{_MARK} aria-hidden="true"><use href="#{kind}"/></svg>')
    for kind in marks.KINDS
}
"""Each mark as a notebook holds it: its kind, and how a page refers to it."""

_WHOLE = re.compile("|".join(map(re.escape, _LIGHT)))


@dataclass(frozen=True)
class _Map:
    """The parts of a map, as a notebook holds it."""

    opening: str
    land: str
    here: str
    legend: str
    table: str

    @property
    def heading(self) -> str:
        """Return what is shown, in which unit and when."""
        return _between(self.legend, "<b>", "</b>")

    @property
    def caption(self) -> str:
        return _between(self.table, "<summary>", "</summary>")

    def beside(self, other: _Map) -> bool:
        """Return whether both show one country around one municipality."""
        same = self.here == other.here
        return same and _alike(self.land, self.table, other.land, other.table)


@dataclass
class Once:
    """What the drawings of one page share, gathered while they are made light."""

    maps: list[_Map] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)

    def lightened(self, html: str) -> str:
        """Return a piece of the page whose drawings refer to what they share."""
        if is_map(html):
            return self._map(html)
        return _WHOLE.sub(self._mark, html) if _MARK in html else html

    def _mark(self, match: re.Match[str]) -> str:
        kind, light = _LIGHT[match[0]]
        self.kinds.add(kind)
        return light

    def _map(self, html: str) -> str:
        drawn = _parts(html)
        if drawn not in self.maps:
            if len(self.maps) == len(ascii_lowercase):
                return html
            if self.maps and not drawn.beside(self.maps[0]):
                return html  # of another country than the maps before: it stays whole
            self.maps.append(drawn)
        column = self.maps.index(drawn)
        here = '<use href="#here"/>' if drawn.here else ""
        return (
            f'{FIGURE}{drawn.opening} data-column="{column + 1}" '
            f'style="--{ascii_lowercase[column].upper()}: ;"><use href="#land"/>{here}</svg>'
            f"{_HATCH.sub('url(#hatch)', drawn.legend)}"
            f'<p class="data"><a href="#{FIGURES}">{drawn.caption}</a></p></figure>'
        )

    def figures(self, language: Language) -> str:
        """Return one table of the figures behind all maps; nothing where there is no map."""
        if not self.maps:
            return ""
        headings, tables = zip(*((m.heading, m.table) for m in self.maps), strict=True)
        return _table(headings, tables, language)

    def html(self) -> str:
        """Return the one place where all of it is drawn."""
        if not (self.maps or self.kinds):
            return ""
        country = ""
        if self.maps:
            here = self.maps[0].here.replace(HERE, f'{HERE} id="here"', 1)
            country = _country(tuple(m.land for m in self.maps)) + here
        symbols = "".join(
            f'<symbol id="{kind}" viewBox="0 0 16 16">{marks.mark(kind, 8, 8)}</symbol>'
            for kind in marks.KINDS
            if kind in self.kinds
        )
        return (
            '<svg class="shared" width="0" height="0" aria-hidden="true">'
            f"{country and hatch_pattern('hatch')}<defs>{country}{symbols}</defs></svg>"
        )


def is_map(html: str) -> bool:
    """Return whether a piece of the page is a map."""
    return html.startswith(f'{FIGURE}<svg class="map"')


def _parts(html: str) -> _Map:
    """Return the parts of a map; those after the country are looked for from the end, being near it."""
    start = html.index("><defs>")
    land = html.index(LAND, start) + len(LAND)
    table = html.rindex("</figcaption>") + len("</figcaption>")
    legend = html.rindex("<figcaption", land, table)
    end = html.rindex("</svg>", land, legend)
    here = html.rfind(HERE, land, end)
    here = end if here < 0 else here
    return _Map(
        opening=html[len(FIGURE) : start],
        land=html[land:here],
        here=html[here:end].replace(TYPEFACE, "", 1),
        legend=html[legend:table],
        table=html[table : html.rindex("</figure>")],
    )


@lru_cache(maxsize=128)
def _alike(land: str, table: str, other_land: str, other_table: str) -> bool:
    """Return whether two maps show the same country, and list its municipalities alike."""
    same = _read(land)[0] == _read(other_land)[0]
    return same and _figures_of(table)[0] == _figures_of(other_table)[0]


@lru_cache(maxsize=128)
def _read(land: str) -> tuple[Mapping[_Place, str], Mapping[_Place, str]]:
    """Return path and colour of every municipality, by layer and by row in the table."""
    paths, fills = {}, {}
    for fill, group in _GROUP.findall(land):
        for layer, number, path in _PATH.findall(group):
            place = (layer, int(number))
            paths[place], fills[place] = path, _HATCH.sub("url(#hatch)", fill)
    return paths, fills


@lru_cache(maxsize=128)
def _figures_of(table: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return names and values of the table behind a map, in its order."""
    body = _between(table, "<tbody>", "</tbody>")
    rows = [row.partition("<td>") for row in _ENDS.sub("", body).split("<tr><th>")[1:]]
    return tuple(name for name, _, _ in rows), tuple(value for _, _, value in rows)


@lru_cache(maxsize=32)
def _country(lands: tuple[str, ...]) -> str:
    """Return the rules of the letters, and the country of the first map in the classes of all."""
    classes: dict[_Place, list[str]] = {}
    rules = ""
    for letter, land in zip(ascii_lowercase, lands, strict=False):
        fills = _read(land)[1]
        colours = {fill: f"{letter}{n}" for n, fill in enumerate(dict.fromkeys(fills.values()))}
        for fill, name in colours.items():
            rules += f".{name}{{--{letter}:var(--{letter.upper()}){fill}}}"
        for place, fill in fills.items():
            classes.setdefault(place, []).append(colours[fill])
    first = ",".join(dict.fromkeys(f".{names[0]}" for names in classes.values()))
    colour = ""
    for letter in reversed(ascii_lowercase[: len(lands)]):
        colour = f"var(--{letter}{colour and ','}{colour})"
    paths = _read(lands[0])[0]

    def layer(match: re.Match[str]) -> str:
        return _layer(match[0], paths, classes)

    land = _GROUPS.sub(layer, lands[0].replace(TYPEFACE, ""))
    return f'<style>{rules}{first}{{fill:{colour}}}</style><g id="land">{land}'


def _layer(
    groups: str, paths: Mapping[_Place, str], classes: Mapping[_Place, Sequence[str]]
) -> str:
    """Return a layer's municipalities in order of their rows, which are told after a gap."""
    html, row = "", 0
    for layer, number in sorted((name, int(row)) for name, row, _ in _PATH.findall(groups)):
        told = "" if number == row else f' data-row="{number}"'
        names = " ".join(classes[layer, number])
        html += f'<path{told} class="{names}" d="{paths[layer, number]}"/>'
        row = number + 1
    return html


@lru_cache(maxsize=32)
def _table(headings: tuple[str, ...], tables: tuple[str, ...], language: Language) -> str:
    """Return one table with a column for each map."""
    say = language.say
    names = _figures_of(tables[0])[0]
    columns = (names, *(_figures_of(table)[1] for table in tables))
    rows = tuple(tuple(map(unescape, row)) for row in zip(*columns, strict=True))
    heads = (say("Municipality"), *map(unescape, headings))
    html = Table(say("Figures behind the maps"), heads, rows).html
    return html.replace("<details", f'<details id="{FIGURES}"', 1)


def _between(text: str, start: str, end: str) -> str:
    return text.partition(start)[2].partition(end)[0]
