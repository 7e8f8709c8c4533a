"""Tables as files, for those who want to go on with the numbers."""

from __future__ import annotations

import pandas as pd


def figures_csv(rows: pd.DataFrame) -> bytes:
    """Return rows of the estimates table as CSV: UTF-8, decimal points, one header line."""
    return rows.to_csv(index=False, lineterminator="\n").encode()
