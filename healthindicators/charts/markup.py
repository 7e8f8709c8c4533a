"""Text made safe for HTML."""

from __future__ import annotations

from functools import lru_cache
from html import escape


@lru_cache(maxsize=1 << 13)
def safe(text: str) -> str:
    """Return `text` as HTML shows it; most texts stand in every report of a country.

    Examples
    --------
    >>> safe("a < b")
    'a &lt; b'
    """
    return escape(text)
