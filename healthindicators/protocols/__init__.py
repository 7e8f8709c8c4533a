"""How figures are read, one module a protocol: pure functions from bytes to cells.

Cells are a frame with the provider's own codes as text, indexed by the line or cell they stand in:
geo, first_year, last_year, sex, age, topic, stratum, measure, value, status.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol

from healthindicators.errors import UnknownName

if TYPE_CHECKING:
    import pandas as pd


class Reader(Protocol):
    """What every protocol module offers."""

    def read(self, body: bytes, *, where: str, rows: int) -> pd.DataFrame:
        """Return the cells of a body; `where` names it in problems."""


def names() -> tuple[str, ...]:
    """Return the protocols there are."""
    return tuple(m.name for m in iter_modules(__path__))


def reader(name: str) -> Reader:
    """Return the module of a protocol.

    Raises
    ------
    UnknownName
        If there is none of that name.
    """
    if name not in names():
        raise UnknownName(name, names())
    module: Reader = import_module(f"{__name__}.{name}")
    return module
