"""What protocols are asked for in tests, and what comes back, cell by cell."""

import math

from healthindicators.model import Dimension, Limits, Source, Table
from healthindicators.protocols import Ask

ROLES = {"Region": "geo", "Kjonn": "sex", "ContentsCode": "topic", "Tid": "period"}


def ask(protocol, base, code, *dimensions, language="no", limits=None):
    """Return a question; a dimension is its code with expressions, or a `Dimension`."""
    declared = tuple(
        d if isinstance(d, Dimension) else Dimension(d[0], ROLES.get(d[0], "single"), tuple(d[1:]))
        for d in dimensions
    )
    source = Source(protocol, "verified", base=base, language=language, limits=limits or Limits())
    return Ask(source, Table("table", "source", "register", code=code, dimensions=declared))


def cells(cube):
    """Return {codes in the cube's order: (value or None, mark)}."""
    table = cube.cells.astype(dict.fromkeys([*cube.dimensions, "symbol"], "str"))
    found = {
        row[:-2]: (None if math.isnan(row[-2]) else row[-2], row[-1])
        for row in table.itertuples(index=False, name=None)
    }
    assert len(found) == len(table), "a combination came twice"
    return found
