"""Nearest statistical neighbours: municipalities that live under like conditions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from healthindicators.assess.latest import latest
from healthindicators.assess.tables import typed
from healthindicators.geography import Register
from healthindicators.model import Likeness, Scale
from healthindicators.observations import joined
from healthindicators.statistics import nearest_neighbours

SEED = 20131
"""Fixed, so that the same figures give the same neighbours and the same stability."""

ALIKE = 2
"""So many of the features that make a neighbour near are named."""


def peers(frame: pd.DataFrame, likeness: Likeness | None, register: Register) -> pd.DataFrame:
    """Return a row a municipality and neighbour, nearest first.

    A feature that no municipality has is left out; a municipality that lacks one has no neighbours
    and is nobody's. `features` holds those compared, `alike` the shared ones, `unlike` the one that
    sets the two most apart.
    """
    table = _features(frame, likeness, register) if likeness else pd.DataFrame()
    if likeness is None or len(table) <= likeness.neighbours:
        return typed("peers", pd.DataFrame())
    found = nearest_neighbours(
        table.to_numpy(), names=list(table.columns), neighbours=likeness.neighbours, seed=SEED
    )
    names = np.array(table.columns)
    order = np.argsort(found.contribution, axis=-1, kind="stable")
    rows = [
        {
            "geo": geo,
            "order": place + 1,
            "peer": table.index[found.index[number, place]],
            "distance": found.distance[number, place],
            "stability": found.stability[number, place],
            "alike": joined(names[order[number, place, :ALIKE]]),
            "unlike": names[order[number, place, -1]],
            "features": joined(names),
        }
        for number, geo in enumerate(table.index)
        for place in range(likeness.neighbours)
    ]
    return typed("peers", pd.DataFrame(rows))


def _features(frame: pd.DataFrame, likeness: Likeness, register: Register) -> pd.DataFrame:
    """Return the features of the municipalities that have all of them."""
    columns: dict[str, pd.Series] = {}
    for feature in likeness.features:
        found = latest(frame, feature.indicator, register)
        if found is not None:
            plain = feature.scale is Scale.PLAIN
            columns[feature.indicator] = found.by_geo if plain else np.log(found.by_geo)
    return pd.DataFrame(columns).dropna()
