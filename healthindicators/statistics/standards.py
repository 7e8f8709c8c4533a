"""Standard populations to weight age bands with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from healthindicators.errors import StatisticsError
from healthindicators.statistics import checks
from healthindicators.statistics.estimate import FloatArray

ESP2013: Mapping[str, int] = MappingProxyType(
    {
        "0-4": 5_000,
        "5-9": 5_500,
        "10-14": 5_500,
        "15-19": 5_500,
        "20-24": 6_000,
        "25-29": 6_000,
        "30-34": 6_500,
        "35-39": 7_000,
        "40-44": 7_000,
        "45-49": 7_000,
        "50-54": 7_000,
        "55-59": 6_500,
        "60-64": 6_000,
        "65-69": 5_500,
        "70-74": 5_000,
        "75-79": 4_000,
        "80-84": 2_500,
        "85-89": 1_500,
        "90+": 1_000,
    }
)
"""European Standard Population 2013, persons in each 5-year age band, 100 000 in all (Eurostat,
Revision of the European Standard Population, 2013)."""


def standard_weights(bands: Sequence[str]) -> FloatArray:
    """Return the European Standard Population 2013 of the given age bands, in their order.

    Parameters
    ----------
    bands : sequence of str
        Labels of 5-year age bands, each once: ``0-4`` to ``85-89`` and ``90+``. The bands ``0`` and
        ``1-4`` are not split in this standard: add them up to ``0-4`` first.

    Returns
    -------
    array, shape (bands,)
        Persons in the standard population; they sum to 100 000 over all the bands.

    Raises
    ------
    StatisticsError
        If a label is unknown or given twice, or there are none.

    References
    ----------
    Eurostat. Revision of the European Standard Population: report of Eurostat's task force.
    Luxembourg: European Union; 2013.

    Examples
    --------
    >>> standard_weights(["0-4", "85-89", "90+"]).tolist()
    [5000.0, 1500.0, 1000.0]
    """
    bands = checks.labels("bands", bands)
    seen: set[str] = set()
    for index, band in enumerate(bands):
        if band not in ESP2013:
            valid = ", ".join(ESP2013)
            raise StatisticsError(f"bands[{index}] is {band!r}; ESP2013 has the bands {valid}")
        if band in seen:
            raise StatisticsError(f"bands[{index}] is {band!r}; each band may stand once")
        seen.add(band)
    return np.array([ESP2013[band] for band in bands], dtype=np.float64)
