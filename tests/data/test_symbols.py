"""What stands beside or in the place of a number, as the services of the countries mean it."""

import json

import pytest

from healthindicators import countries
from healthindicators.errors import DataError
from healthindicators.formats import jsonstat
from healthindicators.ingest.cells import cells_of
from healthindicators.model import Dimension, Table

TABLE = Table(
    "t", "ssb", "register", code="1", dimensions=(Dimension("Region", "geo"), Dimension("Tid", "period"))
)  # fmt: skip


def spoken(values, statuses):
    """Return value and status of cells with these marks, as Statistics Norway means them."""
    body = {
        "version": "2.0", "class": "dataset", "id": ["Region", "Tid"], "size": [len(values), 1],
        "dimension": {
            "Region": {"category": {"index": [f"{301 + n:04}" for n in range(len(values))]}},
            "Tid": {"category": {"index": ["2024"]}},
        },
        "value": values, "status": statuses,
    }  # fmt: skip
    cube = jsonstat.read(json.dumps(body).encode(), where="x")
    cells = cells_of(cube, TABLE, countries.home("NO").country.sources["ssb"], "x")
    return [
        (None if value != value else value, status)
        for value, status in zip(cells["value"], cells["status"], strict=True)
    ]


def test_a_star_beside_a_number_says_that_it_is_not_final():
    assert spoken([12.5, 7, 0, None], {"0": "*", "3": ":"}) == [
        (12.5, "provisional"), (7, "observed"), (0, "observed"), (None, "suppressed"),
    ]  # fmt: skip


def test_a_star_without_a_number_says_nothing_that_could_be_told():
    with pytest.raises(DataError, match=r"symbol '\*' without a number"):
        spoken([None, 7], {"0": "*"})
