"""What charts return: a figure or a drawing, each with its words and the table behind it.

All are plain text and rounded numbers, with no random ids and no times, so that the same profile
gives the same bytes and a notebook can be compared.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from healthindicators.charts.markup import safe

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

    @cached_property
    def html(self) -> str:
        """The table folded away under its caption.

        A long one scrolls by itself and can be reached by keyboard.
        """
        caption = safe(self.caption)
        head = "".join(f'<th scope="col">{safe(column)}</th>' for column in self.columns)
        body = "".join(map(_short_row if len(self.rows) > LONG else _row, self.rows))
        name = f'<caption class="hidden">{caption}</caption>'
        html = f"<table>{name}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        if len(self.rows) > LONG or len(self.columns) > WIDE:
            frame = f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}">'
            html = f"{frame}{html}</div>"
        return f'<details class="data"><summary>{caption}</summary>{html}</details>'


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
        html = f'<figure class="drawing">{self.svg}{self.legend}{self.table.html}</figure>'
        return html_bundle(self.alt, html)


def html_bundle(about: str, html: str) -> dict[str, Any]:
    """Return what a notebook stores of a piece of the page; the frame lets its style find it."""
    return {"text/plain": about, "text/html": f"{FRAME}{html}{FRAME_END}"}


def unframed(html: str) -> str:
    """Return a piece of the page without the frame that a notebook needs."""
    if html.startswith(FRAME) and html.endswith(FRAME_END):
        return html[len(FRAME) : -len(FRAME_END)]
    return html


def _row(row: tuple[str, ...]) -> str:
    cells = "</td><td>".join(map(safe, row[1:]))
    return f"<tr><th>{safe(row[0])}</th><td>{cells}</td></tr>"


def _short_row(row: tuple[str, ...]) -> str:
    """Return a row of a long table, without the end tags that HTML allows to be left out."""
    return f"<tr><th>{'<td>'.join(map(safe, row))}"
