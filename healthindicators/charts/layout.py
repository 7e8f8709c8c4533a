"""What all plotly figures share: a page holds it once, and each figure only what differs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, repeat
from typing import Any

from healthindicators.charts import palette

HEIGHT, TOP, BOTTOM = 230, 48, 26
"""Of a trend, and the room in it above and below."""

BASE: Mapping[str, Any] = {
    "height": HEIGHT,
    "margin": {"t": TOP, "b": BOTTOM},
    "font": {"family": palette.FONT, "size": 12, "color": palette.QUIET},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "showlegend": False,
    "dragmode": False,
    "hovermode": "x unified",
    "xaxis": {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "tickangle": 0,
        "tickcolor": palette.FAINT,
        "ticks": "outside",
        "ticklen": 4,
    },
    "yaxis": {
        "gridcolor": palette.RULE,
        "zerolinecolor": palette.QUIET,
        "zerolinewidth": 1,
        "zeroline": False,
        "hoverformat": ",.1f",
        "fixedrange": True,
    },
}
"""Zooming is off: on a phone it would take the finger that scrolls the page."""

LABEL: Mapping[str, Any] = {
    "showarrow": False,
    "xref": "paper", "x": 1, "xanchor": "left", "xshift": 4,
    "yref": "paper", "yanchor": "middle",
    "font": {"color": palette.QUIET},
}  # fmt: skip
"""A name at the end of a line."""


TITLE: Mapping[str, Any] = {
    **LABEL, "x": 0, "y": 1, "yanchor": "top", "yshift": TOP - 2, "align": "left", "borderpad": 0,
}  # fmt: skip
"""The first annotation of a figure, which stands above it."""


def _line(colour: str, width: float, size: int, dash: str = "") -> dict[str, Any]:
    line: dict[str, Any] = {"color": colour, "width": width}
    return {
        "mode": "lines+markers",
        "line": line | ({"dash": dash} if dash else {}),
        "marker": {"color": colour, "size": size},
    }


TRACES: Mapping[str, Mapping[str, Any]] = {
    "municipality": _line(palette.INK, 2.6, 6),
    "country": _line(palette.QUIET, 1.5, 4),
    "group": _line(palette.FAINT, 1.5, 4, "4px,3px"),
    "interval": {
        "mode": "markers",
        "marker": {"size": 1, "color": palette.INK},
        "hoverinfo": "skip",
        "error_y": {
            "type": "data",
            "symmetric": False,
            "width": 3,
            "thickness": 1.2,
            "color": palette.INK,
        },
    },
}
"""How a trace looks, by what it stands for, which it names in `meta`."""

LINES = ("municipality", "country", "group")

ALIKE = ("x", "text", "mode", "hovertemplate")
"""What lines of one figure often share: one after the first names it where it differs."""


def merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return `own` laid over `base`, key by key at every depth.

    Examples
    --------
    >>> merged({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}})
    {'a': {'b': 1, 'c': 3}}
    """
    result = {**base, **own}
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(below := base.get(key), dict):
            result[key] = merged(below, value)
    return result


def difference(base: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must be laid over `base` to get `whole` back, which has all that `base` has.

    Examples
    --------
    >>> difference({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}, "d": 4})
    {'a': {'c': 3}, 'd': 4}
    """
    result: dict[str, Any] = {}
    for key, value in whole.items():
        if key not in base:
            result[key] = value
        elif (below := base[key]) is not value and below != value:
            nested = isinstance(value, dict) and isinstance(below, dict)
            result[key] = difference(below, value) if nested else value
    return result


def compact(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure without what `shared` already says, and without what its lines share."""
    layout = difference(BASE, figure["layout"])
    if "annotations" in layout:
        bases = chain([TITLE], repeat(LABEL))
        annotations = zip(bases, layout["annotations"], strict=False)
        layout["annotations"] = [difference(base, own) for base, own in annotations]
    data = figure["data"]
    return {"data": [difference(_below(t, data[0]), t) for t in data], "layout": layout}


def _below(trace: Mapping[str, Any], first: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a trace is laid over: the look of its kind, and what it shares with the first."""
    kind = trace.get("meta", "")
    look = TRACES.get(kind, {})
    if trace is first or kind not in LINES:
        return look
    return {**look, **{key: first[key] for key in ALIKE if key in first}}


def shared() -> dict[str, Any]:
    """Return what a page holds once for all its figures."""
    return {
        "layout": BASE,
        "label": LABEL,
        "title": TITLE,
        "traces": TRACES,
        "lines": LINES,
        "alike": ALIKE,
    }
