"""Whether places near each other have like figures, and which lie in a cluster of such."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from healthindicators.geography import Register
from healthindicators.statistics import benjamini_hochberg, local_moran, moran

LEAST_MUNICIPALITIES = 20
"""With fewer, a pattern on the map is not told from chance."""

SEED = 20131
"""Fixed, so that the same figures give the same p-values."""

PERMUTATIONS = 999
"""The least p-value is 0.001, which the false-discovery rate of a hundred places lets stand for two
of them and more."""

QUADRANTS = {1: "high-high", 2: "low-high", 3: "low-low", 4: "high-low"}
"""A municipality, then its neighbours, against the mean of all."""


def with_places(
    comparisons: pd.DataFrame, register: Register, neighbours: NDArray[np.bool_]
) -> pd.DataFrame:
    """Return comparisons with Moran's I of each indicator and the cluster of each municipality.

    `moran_p` is adjusted over all indicators. `cluster` is empty where a municipality and its
    neighbours may lie so by chance, at a false-discovery rate of 5 % over the municipalities, and
    where the indicator has no pattern as a whole.
    """
    number = {m.id: position for position, m in enumerate(register.municipalities)}
    told = comparisons.assign(moran=np.nan, moran_p=np.nan, cluster="")
    found: dict[str, float] = {}
    for indicator, rows in told[told["value"].notna()].groupby("indicator"):
        if len(rows) < LEAST_MUNICIPALITIES or not rows["value"].std() > 0:
            continue
        at = [number[geo] for geo in rows["geo"]]
        weights = neighbours[np.ix_(at, at)].astype("float64")
        values = rows["value"].to_numpy()
        whole = moran(values, weights, permutations=PERMUTATIONS, seed=SEED)
        near = local_moran(values, weights, permutations=PERMUTATIONS, seed=SEED)
        found[str(indicator)] = whole.simulated_p_value
        told.loc[told["indicator"] == indicator, "moran"] = whole.index
        clusters = [QUADRANTS.get(int(q), "") for q in near.quadrant]
        told.loc[rows.index, "cluster"] = np.where(near.is_significant, clusters, "")
    if found:
        adjusted = dict(zip(found, benjamini_hochberg(list(found.values())), strict=True))
        told["moran_p"] = told["indicator"].map(adjusted).astype("float64")
    patternless = ~(told["moran_p"] <= 0.05)
    return told.assign(cluster=told["cluster"].mask(patternless, "").astype("str"))
