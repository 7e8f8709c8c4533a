"""Codes of periods into years."""

from __future__ import annotations

import re

_SPAN = re.compile(r"(\d{4})(?:[-_:/](\d{4}))?")


def years_of(code: str) -> tuple[int, int]:
    """Return first and last calendar year of a code.

    Raises
    ------
    ValueError
        If it is no period.
    """
    found = _SPAN.fullmatch(code)
    if found is None:
        raise ValueError(f"'{code}' is no period")
    return int(found[1]), int(found[2] or found[1])
