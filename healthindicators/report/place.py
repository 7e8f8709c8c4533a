"""Where the files of a report lie, and how its page refers to what lies beside it."""

from __future__ import annotations

from healthindicators.report import export, site
from healthindicators.report.parameters import Request

FIGURES = "figures.csv"


def page_name(request: Request) -> str:
    """Return the file name of the page."""
    return f"{request.stem}.html"


def notebook_name(request: Request) -> str:
    """Return the file name of the executed notebook."""
    return f"{request.stem}.ipynb"


def links(request: Request) -> export.Links:
    """Return the addresses of what lies beside a page, relative to it."""
    return export.Links(
        plotly=f"../../assets/{export.plotly_name()}",
        index=f"../{site.index_name(request.country, request.language.code)}",
        notebook=notebook_name(request),
        figures=FIGURES,
    )
