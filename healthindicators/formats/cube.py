"""A table as its provider gave it: codes, values, marks and labels apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Cube:
    """Cells of a table, with the provider's own codes.

    Parameters
    ----------
    cells : pandas.DataFrame
        One row a cell: a categorical column of codes for each dimension, by the dimension's own code
        and in the provider's order, then `value` (float, NaN where there is no number) and `symbol`
        (categorical text: the mark that stands in place of a value or beside it, empty where none).
    labels : mapping
        Of each dimension: the label of each code, where it has one.
    names : mapping
        The label of each dimension, where it has one.
    units : mapping
        Of each code of a dimension that measures: what the provider says of its unit.
    roles : mapping
        Dimensions that the provider says are ``time``, ``geo`` or ``metric``.
    title : str
        What the provider calls the table.
    updated : str
        When the content was last changed: ISO 8601, in UTC where the provider's zone is known.
    notes : tuple of str
        What the provider says must be read with the figures.
    """

    cells: pd.DataFrame
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    title: str = ""
    updated: str = ""
    notes: tuple[str, ...] = ()

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Codes of the dimensions, in the provider's order."""
        return tuple(str(name) for name in self.cells.columns if name not in ("value", "symbol"))
