"""An executed notebook becomes one HTML page that works offline.

Only outputs are printed. A plotly figure becomes a `<figure>` with a fixed id, its alternative text and
its table, drawn by one shared plotly.js; stock exporters drop such figures. The paths of maps are
written once and used again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import count, groupby
from pathlib import Path
from typing import Any

from markupsafe import escape

from healthindicators.charts import marks
from healthindicators.charts.figure import PLOTLY_TYPE, unframed
from healthindicators.charts.map import HERE, LAND, TYPEFACE
from healthindicators.report import fragments
from healthindicators.report.parameters import Request
from healthindicators.workspace import write_whole

_PATH = re.compile(r'<path (?:data-p="(?P<name>[^"]+)" )?d="(?P<d>[^"]+)"(?P<after>[^>]*?)/?>')
_VERSION = re.compile(rb"plotly\.js v([0-9.]+)")
_TITLE = re.compile(r"<title>[^<]*</title></path>")


@dataclass(frozen=True)
class Links:
    """Addresses, relative to the page, of what lies beside it."""

    plotly: str
    index: str
    notebook: str
    figures: str


def document(notebook: Mapping[str, Any], request: Request, links: Links) -> str:
    """Return the whole HTML document of an executed notebook.

    Parameters
    ----------
    notebook : mapping
        With its outputs: as nbformat reads it, or plain dictionaries and lists.
    request : Request
        What the report is of; gives language and title.
    links : Links
        Where plotly.js, the index, the notebook and the figures lie.
    """
    name = request.geo.name(request.language.code)
    once = _Once()
    return fragments.page(
        list(_gathered(_blocks(notebook, once))),
        shared=once.html(),
        title=f"{name}: {request.framework.text[request.language.code].title}",
        edition=request.edition,
        language=request.language,
        plotly=links.plotly,
        index=links.index,
        notebook=links.notebook,
        figures=links.figures,
    )


@cache
def plotly_name() -> str:
    """Return the file name of the shared plotly.js, with its version."""
    # Read from the file: to import plotly's own function takes a tenth of a second.
    with _plotly().open("rb") as script:
        version = _VERSION.search(script.read(200))
    assert version, "plotly.min.js names its version in its first lines"
    return f"plotly-{version[1].decode()}.min.js"


def _plotly() -> Traversable:
    return files("plotly").joinpath("package_data", "plotly.min.js")


def write_assets(folder: Path) -> None:
    """Put the shared plotly.js into `folder` unless it is there."""
    target = folder / plotly_name()
    if not target.exists():
        write_whole(target, _plotly().read_bytes())


def _blocks(notebook: Mapping[str, Any], once: _Once) -> Iterator[tuple[str, str]]:
    """Yield kind and HTML of every output: `figure`, `html` or `text`."""
    numbers = count(1)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if PLOTLY_TYPE in data:
                yield "figure", fragments.plot(data, f"figure-{next(numbers)}")
            elif "text/html" in data:
                html = unframed(_text(data["text/html"]))
                if not html.startswith(fragments.NOTEBOOK_STYLE):
                    yield "html", once.lightened(html)
            elif "text/plain" in data:
                yield "text", f"<pre>{escape(_text(data['text/plain']))}</pre>"
            elif output.get("name") == "stdout":
                yield "text", f"<pre>{escape(_text(output['text']))}</pre>"


def _text(stored: str | Sequence[str]) -> str:
    """Return a text that a notebook file may hold as a list of its lines."""
    return stored if isinstance(stored, str) else "".join(stored)


def _gathered(blocks: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Put neighbouring figures side by side."""
    for is_figure, group in groupby(blocks, key=lambda block: block[0] == "figure"):
        parts = [html for _, html in group]
        if is_figure:
            yield fragments.side_by_side(parts)
        else:
            yield from parts


_MARK = '<svg class="mark"'
_LIGHT = {
    marks.symbol(kind): (kind, f'{_MARK} aria-hidden="true"><use href="#{kind}"/></svg>')
    for kind in marks.KINDS
}
"""Each mark as a notebook holds it: its kind, and how a page refers to it."""

_WHOLE = re.compile("|".join(map(re.escape, _LIGHT)))


@dataclass
class _Once:
    """What the drawings of one page share: paths of maps by name, and kinds of marks."""

    paths: dict[str, str] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)

    def lightened(self, html: str) -> str:
        """Return a piece of the page whose drawings refer to what they share."""
        before, found, rest = html.partition(LAND)
        if found:
            # Looked for from the end, near which it stands: the country before it is long.
            end = rest.rfind(HERE)
            here = (rest[:end], rest[end:]) if end >= 0 else (rest, "")
            return self._map(html, before, *here)
        return _WHOLE.sub(self._mark, html) if _MARK in html else html

    def _mark(self, match: re.Match[str]) -> str:
        kind, light = _LIGHT[match[0]]
        self.kinds.add(kind)
        return light

    def _map(self, html: str, before: str, land: str, here: str) -> str:
        light, paths, names = _light(land)
        if not paths.items() <= self.paths.items():
            if any(self.paths.get(name, d) != d for name, d in paths.items()):
                return html  # of another country than the maps before: it stays whole
            self.paths |= paths

        def refer(match: re.Match[str]) -> str:
            name = names.get(match["d"])
            return f'<use href="#{name}"{match["after"]}/>' if name else match[0]

        return f"{before}{LAND}{light}{_PATH.sub(refer, here.replace(TYPEFACE, '', 1))}"

    def html(self) -> str:
        """Return the one place where all of it is drawn."""
        if not (self.paths or self.kinds):
            return ""
        paths = "".join(f'<path id="{name}" d="{d}"/>' for name, d in self.paths.items())
        symbols = "".join(
            f'<symbol id="{kind}" viewBox="0 0 16 16">{marks.mark(kind, 8, 8)}</symbol>'
            for kind in marks.KINDS
            if kind in self.kinds
        )
        return (
            '<svg class="shared" width="0" height="0" aria-hidden="true">'
            f"<defs>{paths}{symbols}</defs></svg>"
        )


@lru_cache(maxsize=128)
def _light(land: str) -> tuple[str, Mapping[str, str], Mapping[str, str]]:
    """Return the country of a map with references for paths, the paths by name, and the names.

    Titles are left out: the page's script makes them from the table behind the map. All reports of
    a country draw the same few, so they are kept.
    """
    paths: dict[str, str] = {}

    def refer(match: re.Match[str]) -> str:
        if not match["name"]:
            return match[0]
        paths[match["name"]] = match["d"]
        return f'<use href="#{match["name"]}"/>'

    light = _PATH.sub(refer, _TITLE.sub("", land.replace(TYPEFACE, "")))
    return light, paths, {d: name for name, d in paths.items()}
