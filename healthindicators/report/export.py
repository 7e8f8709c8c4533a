"""An executed notebook becomes one HTML page that works offline.

Only outputs are printed. A plotly figure becomes a `<figure>` with a fixed id, its alternative text and
its table, drawn by one shared plotly.js; stock exporters drop such figures. Repeated map paths are
written once and used again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import count, groupby
from pathlib import Path

from markupsafe import escape
from nbformat import NotebookNode
from plotly.offline import get_plotlyjs_version

from healthindicators.charts.figure import PLOTLY_TYPE, unframed
from healthindicators.report import fragments
from healthindicators.report.parameters import Request
from healthindicators.workspace import write_whole

_PATH = re.compile(
    r'<path (?P<before>[^>]*?)\bd="(?P<d>M[^"]{40,})"(?:/>|>(?P<inner>.*?)</path>)', re.DOTALL
)


@dataclass(frozen=True)
class Links:
    """Addresses, relative to the page, of what lies beside it."""

    plotly: str
    index: str
    notebook: str
    figures: str


def document(notebook: NotebookNode, request: Request, links: Links) -> str:
    """Return the whole HTML document of an executed notebook.

    Parameters
    ----------
    notebook : NotebookNode
        With its outputs.
    request : Request
        What the report is of; gives language and title.
    links : Links
        Where plotly.js, the index, the notebook and the figures lie.
    """
    name = request.geo.name(request.language.code)
    html = fragments.page(
        _gathered(_blocks(notebook)),
        title=f"{name}: {request.framework.text[request.language.code].title}",
        edition=request.edition,
        language=request.language,
        plotly=links.plotly,
        index=links.index,
        notebook=links.notebook,
        figures=links.figures,
    )
    return _paths_once(html)


def plotly_name() -> str:
    """Return the file name of the shared plotly.js, with its version."""
    return f"plotly-{get_plotlyjs_version()}.min.js"


def write_assets(folder: Path) -> None:
    """Put the shared plotly.js into `folder` unless it is there."""
    target = folder / plotly_name()
    if not target.exists():
        source = files("plotly").joinpath("package_data", "plotly.min.js")
        write_whole(target, source.read_bytes())


def _blocks(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield kind and HTML of every output: `figure`, `html` or `text`."""
    numbers = count(1)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if PLOTLY_TYPE in data:
                yield "figure", fragments.plot(data, f"figure-{next(numbers)}")
            elif "text/html" in data:
                html = unframed("".join(data["text/html"]))
                if not html.startswith(fragments.NOTEBOOK_STYLE):
                    yield "html", html
            elif "text/plain" in data:
                yield "text", f"<pre>{escape(''.join(data['text/plain']))}</pre>"
            elif output.get("name") == "stdout":
                yield "text", f"<pre>{escape(''.join(output['text']))}</pre>"


def _gathered(blocks: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Put neighbouring figures side by side."""
    for is_figure, group in groupby(blocks, key=lambda block: block[0] == "figure"):
        parts = [html for _, html in group]
        if is_figure:
            yield fragments.side_by_side(parts)
        else:
            yield from parts


def _paths_once(html: str) -> str:
    """Write each map path that stands more than once a single time, and refer to it.

    The shared paths carry no titles: a browser would show the title of the copy that is referred to,
    which is the value of another map.
    """
    counts = Counter(match["d"] for match in _PATH.finditer(html))
    names = {d: f"p{n}" for n, d in enumerate(d for d, times in counts.items() if times > 1)}

    def replace(match: re.Match[str]) -> str:
        if match["d"] not in names:
            return match[0]
        use = f'<use {match["before"]}href="#{names[match["d"]]}"'
        return f"{use}/>" if match["inner"] is None else f"{use}>{match['inner']}</use>"

    shared = "".join(f'<path id="{name}" d="{d}"/>' for d, name in names.items())
    defined = (
        f'<svg class="shared" width="0" height="0" aria-hidden="true"><defs>{shared}</defs></svg>'
    )
    return _PATH.sub(replace, html).replace("<body>", f"<body>\n{defined}", 1)
