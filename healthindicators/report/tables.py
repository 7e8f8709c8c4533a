"""Tables as files, for those who want to go on with the numbers."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import lru_cache
from io import StringIO


def figures_csv(columns: Mapping[str, Sequence[object]]) -> bytes:
    r"""Return columns as CSV: UTF-8, decimal points, one header line, absent numbers empty.

    Examples
    --------
    >>> figures_csv({"geo": ["DK-101", "DK"], "value": [10.6, float("nan")]})
    b'geo,value\nDK-101,10.6\nDK,\n'
    """
    rows = [map(_word, columns), *zip(*map(_written, columns.values()), strict=True)]
    return "".join(f"{','.join(row)}\n" for row in rows).encode()


def _written(cells: Sequence[object]) -> list[str]:
    """Return numbers with all their digits, but nothing for NaN, which alone differs from itself."""
    return [
        (repr(cell) if cell == cell else "")  # noqa: PLR0124
        if isinstance(cell, float)
        else _word(cell)
        for cell in cells
    ]


@lru_cache(maxsize=1 << 12, typed=True)
def _word(cell: object) -> str:
    """Return a cell as CSV quotes it; a column says the same few words over and over."""
    text = StringIO()
    csv.writer(text, lineterminator="").writerow(["", cell])  # an empty cell alone would be quoted
    return text.getvalue().removeprefix(",")
