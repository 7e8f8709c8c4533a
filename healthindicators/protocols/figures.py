"""Files in the plain figures layout: nothing is asked, the cells have our columns already."""

from __future__ import annotations

from healthindicators.formats import Cube, figures
from healthindicators.model import Limits
from healthindicators.protocols import Answered, Ask, Request


def requests(ask: Ask, answered: Answered) -> tuple[Request, ...]:
    """Return nothing: a file is there, or it is not."""
    return ()


def limits(ask: Ask, answered: Answered) -> Limits:
    """Return no limits."""
    return ask.source.limits


def read(ask: Ask, answered: Answered, *, where: str) -> Cube:
    """Return the cells of the one file, in the columns of the layout, its statuses as symbols.

    Raises
    ------
    DataError
        With the line of everything that does not fit the layout.
    """
    (reply,) = answered.values()
    cells = figures.read(reply.body, where=where)
    return Cube(cells.rename(columns={"status": "symbol"}))
