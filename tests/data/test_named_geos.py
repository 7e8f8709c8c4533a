"""Downloaded files whose geos are named: checked beside codes, or joined by name."""

import pytest

from healthindicators.errors import CatalogError, DataError
from healthindicators.geography import load
from healthindicators.ingest.cells import cells_of
from healthindicators.ingest.names import joined
from healthindicators.model import Dimension, Source, Table
from healthindicators.protocols import Ask, Reply, Request, download
from tests.formats.workbooks import saved
from tests.geography.making import norway

WRONG = [
    ["Life expectancy by region and time"],
    [None, None, "2000:2004"],
    ["101", "Frederiksberg", 76.4],
    ["147", "Copenhagen", 74.7],
    ["000", "All Denmark", 77.1],
]
DENMARK = Source("download", "as downloaded by hand", geo_codes={"000": "DK"})


def table(*dimensions, code="statbank-xlsx", codes_of=None, **layout):
    told = dimensions or (Dimension("region", "geo"), Dimension("time", "period"))
    return Table(
        "t", "files", "register", code=code, dimensions=told, codes_of=codes_of, layout=layout
    )


def brought(body, told, source, register):
    cube = download.read(Ask(source, told), {Request("x"): Reply(body)}, where="file")
    cube, told = joined(cube, told, source, register, "file")
    cells = cells_of(cube, told, source, "file")
    return dict(zip(cells["geo"], cells["value"], strict=True))


def test_codes_beside_other_names_are_refused():
    with pytest.raises(DataError, match="2 of 2 codes stand beside another geo's name"):
        brought(saved(WRONG), table(), DENMARK, load("DK"))


def test_joined_by_name_each_figure_goes_to_whom_it_names():
    region = Dimension("region", "geo", words={"All Denmark": "000"})
    told = table(region, Dimension("time", "period"), codes_of=2020, join="name")
    found = brought(saved(WRONG), told, DENMARK, load("DK"))
    assert found == {"101": 74.7, "147": 76.4, "000": 77.1}


def test_a_name_that_is_nobodys_is_refused_unless_it_is_told():
    told = table(codes_of=2020, join="name")
    with pytest.raises(DataError, match="'All Denmark' is no municipality of 2020"):
        brought(saved(WRONG), told, DENMARK, load("DK"))


def test_of_which_year_the_names_are_must_be_said():
    with pytest.raises(CatalogError, match="codes_of"):
        brought(saved(WRONG), table(join="name"), DENMARK, load("DK"))


def test_counties_and_districts_are_left_out_by_declaration():
    rows = [
        ["Title"], ["År", None, "2014-2018"], ["Geografi", "Alder"],
        ["Hele landet", "2 år", 95], ["Østfold", "2 år", 94], ["Våler (Østfold)", "2 år", 93],
        [None, "9 år", ".."], ["Halden", "2 år", 92], [None, "9 år", 91], ["Bydel Alna", "2 år", 90],
        ["Hedmark", "2 år", 89], ["Hamar", "2 år", 88], ["Våler (Hedmark)", "2 år", 87],
    ]  # fmt: skip
    words = {"Hele landet": "0", "Østfold": "", "Hedmark": ""}
    told = table(
        Dimension("Geografi", "geo", pattern="((?!Bydel ).*)", words=words),
        Dimension("Alder", "age", words={"2 år": "2", "9 år": ""}),
        Dimension("År", "period"),
        code="fhi-xlsx", codes_of=2018, join="name",
    )  # fmt: skip
    source = Source(
        "download", "as downloaded by hand", geo_codes={"0": "NO"}, symbols={"..": "missing"}
    )
    found = brought(saved(rows), told, source, norway())
    assert found == {"0": 95, "0137": 93, "0101": 92, "0403": 88, "0426": 87}
