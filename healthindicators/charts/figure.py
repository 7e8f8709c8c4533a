"""What charts return: a figure or a drawing, each with its words and the table behind it.

All are plain text and rounded numbers, with no random ids and no times, so that the same profile
gives the same bytes and a notebook can be compared.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from html import escape
from typing import Any

PLOTLY_TYPE = "application/vnd.plotly.v1+json"
FRAME, FRAME_END = '<div class="healthindicators">', "</div>"
WIDE = 4
"""A table of more columns scrolls sideways by itself rather than the whole page on a phone."""

LONG = 20
"""A table of more rows scrolls in a frame of its own."""

CONFIG = {"displayModeBar": False, "responsive": True}


@dataclass(frozen=True)
class Table:
    """The numbers behind a picture as formatted text; the first column names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, repr=False)
class Figure:
    """A plotly figure as a small plain dictionary, with its alternative text and its table."""

    alt: str
    data: dict[str, Any]
    table: Table

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        table = {
            "caption": self.table.caption,
            "columns": list(self.table.columns),
            "rows": [list(row) for row in self.table.rows],
        }
        layout = {**self.data["layout"], "meta": {"alt": self.alt, "table": table}}
        figure = {"data": self.data["data"], "layout": layout, "config": CONFIG}
        return {"text/plain": self.alt, PLOTLY_TYPE: figure}


@dataclass(frozen=True, repr=False)
class Drawing:
    """An inline SVG with its alternative text, its legend (HTML) and its table."""

    alt: str
    svg: str
    table: Table
    legend: str = ""

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        html = f'<figure class="drawing">{self.svg}{self.legend}{table_html(self.table)}</figure>'
        return html_bundle(self.alt, html)


def html_bundle(about: str, html: str) -> dict[str, Any]:
    """Return what a notebook stores of a piece of the page; the frame lets its style find it."""
    return {"text/plain": about, "text/html": f"{FRAME}{html}{FRAME_END}"}


def unframed(html: str) -> str:
    """Return a piece of the page without the frame that a notebook needs."""
    if html.startswith(FRAME) and html.endswith(FRAME_END):
        return html[len(FRAME) : -len(FRAME_END)]
    return html


def table_html(table: Table) -> str:
    """Return the table folded away under its caption.

    Parameters
    ----------
    table : Table
        What to show.

    Returns
    -------
    str
        A `details` element; a long table scrolls by itself and can be reached by keyboard.
    """
    caption = escape(table.caption)
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    body = "".join(_row(row) for row in table.rows)
    name = f'<caption class="hidden">{caption}</caption>'
    html = f"<table>{name}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    if len(table.rows) > LONG or len(table.columns) > WIDE:
        html = f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}">{html}</div>'
    return f'<details class="data"><summary>{caption}</summary>{html}</details>'


def _row(row: tuple[str, ...]) -> str:
    cells = "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
    return f"<tr><th>{escape(row[0])}</th>{cells}</tr>"
