"""Geos of downloaded files that are named: the names held against the codes, or joined by name."""

from __future__ import annotations

import re
from dataclasses import replace

from healthindicators.errors import CatalogError, DataError, Problem
from healthindicators.formats import Cube
from healthindicators.geography import Register
from healthindicators.geography.naming import by_name, refuse_misaligned
from healthindicators.model import Dimension, Source, Table
from healthindicators.vocabulary import BY_NAME, DOWNLOAD


def joined(
    cube: Cube, table: Table, source: Source, register: Register, where: str
) -> tuple[Cube, Table]:
    """Return a cube whose geos are codes, and the table that speaks of it.

    Answers of services are as they are: their codes are what was asked for.

    Where the table's layout says so, geos are joined by name: `pattern` of the geo dimension is the
    part of a name that counts (a name it does not fit is left out), and its `words` tell the code of a
    name that the register spells in another way, or nothing where it is no geo of ours. `codes_of` is
    the year whose municipalities the file lists. Else names that stand beside codes must be theirs.

    Raises
    ------
    CatalogError
        If a table that is joined by name has no geo dimension or does not say of which year it is.
    DataError
        With every name that is no geo's, or that stands beside another geo's code.
    """
    geo = next((d for d in table.dimensions if d.role == "geo"), None)
    if source.protocol != DOWNLOAD:
        return cube, table
    if table.layout.get("join") != BY_NAME:
        if geo is not None and geo.code in cube.labels:
            refuse_misaligned(cube.labels[geo.code], register, where)
        return cube, table
    if geo is None or table.codes_of is None:
        what = "a table that is joined by name needs a geo dimension and `codes_of`"
        raise CatalogError([Problem(what, f"{table.id}.toml")])
    codes = _codes(cube, geo, table.codes_of, source, register, where)
    column = cube.cells[geo.code].astype("str").map(codes)
    if column.isna().all():
        raise DataError([Problem("no name is a municipality's", where)])
    kept = column.notna()
    cells = cube.cells[kept].assign(**{geo.code: column[kept].astype("category")})
    plain = tuple(replace(d, pattern="", words={}) if d is geo else d for d in table.dimensions)
    return replace(cube, cells=cells), replace(table, dimensions=plain)


def _codes(
    cube: Cube, geo: Dimension, edition: int, source: Source, register: Register, where: str
) -> dict[str, str]:
    """Return the source's code of each name that is a geo."""
    given = {
        name: source.geo_codes.get(code, f"{register.country}-{code}") if code else ""
        for name, code in geo.words.items()
    }
    pattern = re.compile(geo.pattern or "(.*)", re.DOTALL)
    parts = {}
    for text in map(str, cube.cells[geo.code].cat.categories):
        fitting = pattern.fullmatch(text)
        if fitting:
            parts[text] = fitting[1]
    found = by_name(list(parts.values()), register, where=where, edition=edition, told=given)
    back = {id: code for code, id in source.geo_codes.items()}
    return {
        text: back.get(found[name], register.by_id[found[name]].code)
        for text, name in parts.items()
        if name in found and found[name] in register.by_id
    }
