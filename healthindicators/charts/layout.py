"""What all plotly figures share, so that a page can hold it once and each figure only what differs."""

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
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        result[key] = merged(below, value) if both else value
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
