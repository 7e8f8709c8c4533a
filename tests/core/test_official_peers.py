"""Municipalities that a provider calls similar: the real ones, and mistakes in the file."""

import csv
import io

import pytest

from healthindicators import countries, geography, snapshots
from healthindicators.errors import CatalogError, UnknownCountry
from healthindicators.geography import official_peers
from healthindicators.geography.peers import KINDS, OfficialPeers, parse
from healthindicators.workspace import Workspace

HEADER = "kind,year,geo,peer\n"
THEIR_KINDS = {"overall": "övergripande", "socioeconomic": "socioekonomi"}


@pytest.fixture(scope="module")
def geos():
    return geography.load("SE")


def test_every_swedish_municipality_has_seven_peers_of_each_kind(geos):
    found = official_peers("SE")
    assert list(found) == [m.id for m in geos.municipalities]
    for id, kinds in found.items():
        assert [(p.kind, p.year) for p in kinds] == [("overall", 2025), ("socioeconomic", 2024)]
        for peers in kinds:
            assert len(set(peers.members)) == len(peers.members) == 7
            assert id not in peers.members
            assert set(peers.members) <= set(found)


def test_they_are_the_newest_of_the_pinned_ones(repository):
    workspace = Workspace(repository)
    pin = snapshots.read_lock(workspace).pins["SE/compiled/peers"]
    body = snapshots.open_pinned(workspace, pin).body.decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(body)))
    found = official_peers("SE")
    for place, (kind, theirs) in enumerate(THEIR_KINDS.items()):
        of_kind = [row for row in rows if row["kind"] == theirs]
        newest = max(row["year"] for row in of_kind)
        published = {
            (f"SE-{row['geo']}", f"SE-{row['peer']}") for row in of_kind if row["year"] == newest
        }
        assert published == {(id, p) for id, kinds in found.items() for p in kinds[place].members}
        assert {kinds[place].kind for kinds in found.values()} == {kind}
        assert {str(kinds[place].year) for kinds in found.values()} == {newest}


def test_a_country_without_official_peers_has_none():
    assert official_peers("DK") == {}


def test_an_unknown_country_is_refused():
    with pytest.raises(UnknownCountry):
        official_peers("XX")


def test_peers_are_told_in_the_order_of_kinds_whatever_the_file_has(geos):
    text = HEADER + "socioeconomic,2024,0180,1480\noverall,2025,0180,1280\n"
    assert parse(geos, text) == {
        "SE-0180": (
            OfficialPeers("overall", 2025, ("SE-1280",)),
            OfficialPeers("socioeconomic", 2024, ("SE-1480",)),
        )
    }
    assert list(KINDS) == ["overall", "socioeconomic"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("alike,2025,0180,1480\n", "peers of SE:2: unknown kind 'alike'"),
        ("overall,25,0180,1480\n", "peers of SE:2: '25' is not a year"),
        ("overall,2025,0180,1481\noverall,2024,0180,1480\n", "peers of SE:3: a second year"),
        ("overall,2025,180,1480\n", "peers of SE:2: unknown municipality '180'"),
        ("overall,2025,0180,1917\n", "peers of SE:2: unknown municipality '1917'"),
        ("overall,2025,0180,0180\n", "peers of SE:2: '0180' is its own peer"),
        ("overall,2025,0180,1480\n" * 2, "peers of SE:3: '1480' stands twice beside '0180'"),
        ("overall,2025,0180\n", "peers of SE:2: more or fewer fields than the header"),
        ("overall,2025,0180,1480,1\n", "peers of SE:2: more or fewer fields than the header"),
    ],
)
def test_mistakes_are_told_with_their_line(geos, rows, expected):
    with pytest.raises(CatalogError) as raised:
        parse(geos, HEADER + rows)
    assert expected in str(raised.value)


def test_all_mistakes_are_told_at_once(geos):
    with pytest.raises(CatalogError) as raised:
        parse(geos, f"{HEADER}alike,2025,0180,1480\noverall,2025,9999,1480\n")
    assert [problem.line for problem in raised.value.problems] == [2, 3]


def test_another_header_is_refused(geos):
    with pytest.raises(CatalogError, match="kind,year,geo,peer"):
        parse(geos, "geo,peer\n0180,1480\n")


def test_countries_whose_folder_has_no_peers_are_asked_all_the_same():
    assert all(isinstance(official_peers(country), dict) for country in countries.load())
