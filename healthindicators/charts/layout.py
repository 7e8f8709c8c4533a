"""What all plotly figures share: a page holds it once, and each figure only what differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from healthindicators.charts import palette

BASE: Mapping[str, Any] = {
    "font": {"family": palette.FONT, "size": 12, "color": palette.QUIET},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "showlegend": False,
    "dragmode": False,
    "xaxis": {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "tickangle": 0,
        "tickcolor": palette.FAINT,
    },
    "yaxis": {
        "gridcolor": palette.RULE,
        "zerolinecolor": palette.QUIET,
        "zerolinewidth": 1,
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
}
"""How a line looks, by what it stands for; a trace names it in `meta`."""


def merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return `own` laid over `base`, key by key at every depth.

    Examples
    --------
    >>> merged({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}})
    {'a': {'b': 1, 'c': 3}}
    """
    result = dict(base)
    for key, value in own.items():
        below = result.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            result[key] = merged(below, value)
        else:
            result[key] = value
    return result


def difference(base: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must be laid over `base` to get `whole` back.

    Examples
    --------
    >>> difference({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}, "d": 4})
    {'a': {'c': 3}, 'd': 4}
    """
    result: dict[str, Any] = {}
    for key, value in whole.items():
        below = base.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            if inner := difference(below, value):
                result[key] = inner
        elif key not in base or below != value:
            result[key] = value
    return result


def compact(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure without what `shared` already says."""
    layout = difference(BASE, figure["layout"])
    if "annotations" in layout:
        layout["annotations"] = [difference(LABEL, a) for a in layout["annotations"]]
    data = [difference(TRACES.get(t.get("meta", ""), {}), t) for t in figure["data"]]
    return {"data": data, "layout": layout}


def shared() -> dict[str, Any]:
    """Return what a page holds once for all its figures."""
    return {"layout": BASE, "label": LABEL, "traces": TRACES}
