"""Which municipalities lie beside each other."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from healthindicators.geography.register import Register

REACH = 1_000.0
"""Metres. Boundaries are simplified, and a narrow sound or a fjord does not part two places."""


def adjacency(boundaries: gpd.GeoDataFrame, register: Register) -> NDArray[np.bool_]:
    """Return for every pair of municipalities, in order of code, whether they are neighbours.

    Two are neighbours if their boundaries come within a kilometre of each other. One that lies
    farther out than that from all others, such as an island, is the neighbour of the nearest.

    Parameters
    ----------
    boundaries : geopandas.GeoDataFrame
        Projected in metres, one row a geo.
    register : Register
        The country's geos.

    Returns
    -------
    array of bool, shape (municipalities, municipalities)
        Symmetric, and false on the diagonal.
    """
    ids = [m.id for m in register.municipalities]
    shapes = boundaries.set_index("geo").geometry.loc[ids]
    distance = np.array([shapes.distance(shape).to_numpy() for shape in shapes])
    np.fill_diagonal(distance, np.inf)
    near = distance <= REACH
    for alone in np.flatnonzero(~near.any(axis=1)):
        near[alone, distance[alone].argmin()] = True
    symmetric: NDArray[np.bool_] = near | near.T
    return symmetric
