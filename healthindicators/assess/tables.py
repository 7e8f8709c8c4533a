"""The columns of what is told beside estimates and comparisons, each with its kind."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

TEXT, WHOLE, NUMBER = "str", "int64", "float64"

_PERIOD = {"first_year": WHOLE, "last_year": WHOLE}
_GRADIENT = {
    "geo": TEXT, "indicator": TEXT, "condition": TEXT, **_PERIOD,
    "condition_first_year": WHOLE, "condition_last_year": WHOLE, "municipalities": WHOLE,
}  # fmt: skip

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "inequality": {
        **_GRADIENT, "measure": TEXT, "value": NUMBER, "lower": NUMBER, "upper": NUMBER,
        "method": TEXT,
    },
    "curves": {**_GRADIENT, "residents": NUMBER, "total": NUMBER},
    "funnels": {
        "geo": TEXT, "indicator": TEXT, **_PERIOD, "observed": NUMBER, "expected": NUMBER,
        "ratio": NUMBER, "lower": NUMBER, "upper": NUMBER, "shrunk": NUMBER, "place": WHOLE,
        "dispersion": NUMBER,
    },
    "limits": {
        "geo": TEXT, "indicator": TEXT, "limit": TEXT, "expected": NUMBER, "lower": NUMBER,
        "upper": NUMBER,
    },
    "sexes": {
        "geo": TEXT, "indicator": TEXT, **_PERIOD, "value": NUMBER, "lower": NUMBER,
        "upper": NUMBER, "ratio": NUMBER, "ratio_lower": NUMBER, "ratio_upper": NUMBER,
    },
    "strata": {
        "geo": TEXT, "indicator": TEXT, **_PERIOD, "sex": TEXT, "stratifier": TEXT,
        "least": NUMBER, "most": NUMBER, "value": NUMBER, "lower": NUMBER, "upper": NUMBER,
        "ratio": NUMBER, "ratio_lower": NUMBER, "ratio_upper": NUMBER,
    },
    "trends": {
        "geo": TEXT, "indicator": TEXT, **_PERIOD, "points": WHOLE, "slope": NUMBER,
        "lower": NUMBER, "upper": NUMBER, "p_value": NUMBER, "method": TEXT,
    },
    "abroad": {
        "geo": TEXT, "indicator": TEXT, "country": TEXT, **_PERIOD, "value": NUMBER,
        "lower": NUMBER, "upper": NUMBER, "interval": TEXT, "status": TEXT, "reason": TEXT,
        "credit": TEXT,
    },
    "recasting": {
        "geo": TEXT, "indicator": TEXT, "kind": TEXT, "parts": TEXT, "weight_source": TEXT,
    },
    "peers": {
        "geo": TEXT, "order": WHOLE, "peer": TEXT, "distance": NUMBER, "stability": NUMBER,
        "alike": TEXT, "unlike": TEXT, "features": TEXT,
    },
}  # fmt: skip
"""By table. A country that has nothing to tell of one has it with no rows."""


def typed(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the columns of a table, in their order and kinds."""
    columns = COLUMNS[name]
    return rows.reindex(columns=list(columns)).astype(dict(columns)).reset_index(drop=True)
