"""Tables as files, for those who want to go on with the numbers."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import StringIO


def figures_csv(columns: Mapping[str, Sequence[object]]) -> bytes:
    r"""Return columns as CSV: UTF-8, decimal points, one header line, absent numbers empty.

    Examples
    --------
    >>> figures_csv({"geo": ["DK-101", "DK"], "value": [10.6, float("nan")]})
    b'geo,value\nDK-101,10.6\nDK,\n'
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*map(_written, columns.values()), strict=True))
    return text.getvalue().encode()


def _written(cells: Sequence[object]) -> list[object]:
    """Return cells with nothing in place of NaN, the only number that differs from itself."""
    return ["" if cell != cell else cell for cell in cells]  # noqa: PLR0124
