"""An executed notebook becomes one HTML page that works offline.

Only outputs are printed. A plotly figure becomes a `<figure>` with a fixed id, its alternative text and
its table, drawn by one shared plotly.js; stock exporters drop such figures. What drawings share is
written once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import count, groupby
from pathlib import Path
from typing import Any

from markupsafe import escape

from healthindicators.charts.figure import PLOTLY_TYPE, unframed
from healthindicators.report import fragments
from healthindicators.report.once import Once, is_map
from healthindicators.report.parameters import Request
from healthindicators.workspace import write_whole

_VERSION = re.compile(rb"plotly\.js v([0-9.]+)")


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
    once = Once()
    blocks = list(_blocks(notebook, once))
    if once.maps:
        last = max(i for i, (kind, _) in enumerate(blocks) if kind == "map")
        blocks.insert(last + 1, ("html", once.figures(request.language)))
    return fragments.page(
        list(_gathered(blocks)),
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


def _blocks(notebook: Mapping[str, Any], once: Once) -> Iterator[tuple[str, str]]:
    """Yield kind and HTML of every output: `figure`, `map`, `html` or `text`."""
    numbers = count(1)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if PLOTLY_TYPE in data:
                yield "figure", fragments.plot(data, f"figure-{next(numbers)}")
            elif "text/html" in data:
                html = unframed(_text(data["text/html"]))
                if not html.startswith(fragments.NOTEBOOK_STYLE):
                    yield ("map" if is_map(html) else "html"), once.lightened(html)
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
