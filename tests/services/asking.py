"""Asks for the services of tests, and cells in a form that is easy to compare."""

import math

from healthindicators.model import Dimension, Limits, Source, Table
from healthindicators.protocols import Ask


def ask(protocol, base, code, dimensions, *, language="en", cells=0):
    """Return what is asked; `dimensions` maps a code to expressions, or to (expressions, filter)."""
    declared = []
    for name, said in dimensions.items():
        select, filter = said if isinstance(said, tuple) else (said, "")
        declared.append(Dimension(name, "single", tuple(select), filter))
    source = Source(protocol, "observed", base=base, language=language, limits=Limits(cells=cells))
    return Ask(source, Table("table", protocol, "register", code=code, dimensions=tuple(declared)))


def told(cube):
    """Return {codes: (value, or None where there is none, mark)}, and refuse what stands twice."""
    names = list(cube.dimensions)
    found = {}
    for record in cube.cells.to_dict("records"):
        key = tuple(record[name] for name in names)
        assert key not in found
        value = None if math.isnan(record["value"]) else record["value"]
        found[key] = value, record["symbol"]
    return found
