"""PX files: a table is one file, at an address or taken by hand.

The file is always whole, so what the table file selects is picked from it here, by the codes that the
file has. Dimensions that are not declared must have one code.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from healthindicators.errors import DataError, Problem
from healthindicators.formats import Cube
from healthindicators.formats import px as pxfile
from healthindicators.model import Dimension, Limits
from healthindicators.protocols import Answered, Ask, Request
from healthindicators.protocols._pxweb import address, check, select, spelled, together
from healthindicators.protocols._selection import expand


def requests(ask: Ask, answered: Answered) -> tuple[Request, ...]:
    """Return the one request for the file; none where the source has no address.

    Raises
    ------
    SourceUnavailable, SourceChanged
        If a web page or a refusal came instead.
    """
    if not ask.source.base and "://" not in ask.table.code:
        return ()
    code = ask.table.code
    request = Request(code if "://" in code else address(ask.source.base, code))
    if request in answered:
        check(answered[request], f"table {code}")
    return (request,)


def limits(ask: Ask, answered: Answered) -> Limits:
    """Return the limits of the source."""
    return ask.source.limits


def read(ask: Ask, answered: Answered, *, where: str) -> Cube:
    """Return the selected cells of the file.

    Raises
    ------
    DataError
        If the file cannot be read, or did not come.
    SourceChanged
        If a dimension or a code is not there, or a dimension of several codes is not declared.
    """
    if len(answered) != 1:
        raise DataError([Problem(f"{len(answered)} answers, where one file is read", where)])
    (reply,) = answered.values()
    cube = pxfile.read(reply.body, where=where)
    if not ask.table.dimensions:
        return cube
    own = spelled(ask.table.dimensions, dict.fromkeys(cube.dimensions, True), "", where)
    selection = select(ask.table.dimensions, lambda d: _selected(cube, own[d.code], d, where))
    picked = cube.cells
    for code, codes in selection.items():
        name = own[code]
        picked = picked[picked[name].isin(list(codes))]
        picked[name] = picked[name].cat.set_categories(list(codes))
    picked = picked.reset_index(drop=True)
    return together([replace(cube, cells=pd.DataFrame(picked))], [selection], where)


def _selected(cube: Cube, code: str, dimension: Dimension, where: str) -> tuple[str, ...]:
    codes = list(cube.cells[code].cat.categories)
    is_time = code in cube.roles.get("time", ()) or dimension.role == "period"
    return expand(dimension.select, codes, is_time=is_time, where=f"{where}, variable {code}")
