"""The range of places that a municipality may have, as a small bar to stand in a table."""

from __future__ import annotations

from functools import lru_cache

from healthindicators.charts import palette
from healthindicators.profile import Rank

WIDE, TALL = 100, 8


@lru_cache(maxsize=1 << 12)
def places(rank: Rank) -> str:
    """Return the places of a rank as a bar: the best to the right, as in the barometer.

    It is a picture of numbers that stand beside it, and hidden from those who listen.

    Parameters
    ----------
    rank : Rank
        The range of places, and how many there are.

    Returns
    -------
    str
        An SVG that is as wide as its cell.
    """
    step = WIDE / rank.count
    left, right = WIDE - rank.last * step, WIDE - (rank.first - 1) * step
    return (
        f'<svg class="range" viewBox="0 0 {WIDE} {TALL}" '
        f'aria-hidden="true"><path d="M0 0h{WIDE}v{TALL}H0z" fill="{palette.RULE}"/>'
        f'<path d="M{left:.3g} 0H{right:.4g}v{TALL}H{left:.3g}z" fill="{palette.INK}"/></svg>'
    )
