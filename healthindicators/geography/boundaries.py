"""Boundaries of municipalities, projected for drawing."""

from __future__ import annotations

import io

import geopandas as gpd

from healthindicators.errors import DataError, Problem
from healthindicators.geography.register import Register


def read_boundaries(body: bytes, register: Register, epsg: int, where: str) -> gpd.GeoDataFrame:
    """Return one row a geo with its projected geometry, in order of id.

    Parameters
    ----------
    body : bytes
        GeoJSON, one feature a geo, property `code`.
    register : Register
        The country's geos; every municipality must have a boundary.
    epsg : int
        Projection to draw in, unit metre.
    where : str
        Name of the file, for problems.

    Raises
    ------
    DataError
        With every code that the register does not know and every municipality without boundary.
    """
    frame = gpd.read_file(io.BytesIO(body))
    frame = frame.assign(geo=register.country + "-" + frame["code"].astype("str"))
    known = frame["geo"].isin([g.id for g in register.geos])
    problems = [Problem(f"unknown code '{c}'", where) for c in frame.loc[~known, "code"]]
    absent = {m.id for m in register.municipalities} - set(frame["geo"])
    problems += [Problem(f"no boundary of {id}", where) for id in sorted(absent)]
    if problems:
        raise DataError(problems)
    projected = frame[["geo", "geometry"]].to_crs(epsg=epsg)
    return projected.sort_values("geo", ignore_index=True)
