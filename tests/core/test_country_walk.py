"""Every country folder that is found: its tables, its register, its pinned snapshots."""

import csv
import io
import shutil
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

from healthindicators import countries, geography, protocols, snapshots
from healthindicators.errors import CatalogError
from healthindicators.geography.register import parse
from healthindicators.model import Level
from healthindicators.vocabulary import BASES, REASONS
from healthindicators.workspace import Workspace

COUNTRIES = Path(str(files("healthindicators.countries")))
FOLDERS = sorted(p.parent for p in COUNTRIES.glob("*/country.toml"))
TABLES = sorted(p for folder in FOLDERS for p in (folder / "tables").iterdir())
HEADER = "code,level,name_da,name_en,aliases,region,group,valid_from,valid_to\n"
LARGEST = 15_000_000
"""Bytes of figures that a clone may hold."""


@pytest.fixture(scope="module")
def pinned(repository):
    """Every pinned snapshot of the checkout, by table."""
    workspace = Workspace(repository)
    lock = snapshots.read_lock(workspace)
    return {key: snapshots.open_pinned(workspace, pin) for key, pin in lock.pins.items()}


def test_every_folder_is_loaded():
    assert len(countries.load()) == len(FOLDERS) >= 1
    for folder in FOLDERS:
        home, problems = countries.load_folder(folder)
        assert problems == []
        assert countries.home(home.country.id) == home


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_a_country_is_complete(declared, folder):
    home, _ = countries.load_folder(folder)
    country = home.country
    assert set(country.languages) <= set(country.names)
    assert declared.framework(country.framework)
    assert all(s.protocol in protocols.names() for s in country.sources.values())
    register = geography.load(country.id)
    assert all(register.by_id[geo] for inset in country.insets for geo in inset.geos)
    assert {t.id for t in home.tables} == {p.stem for p in TABLES if p.is_relative_to(folder)}


@pytest.mark.parametrize("file", TABLES, ids=lambda f: f.stem)
def test_a_table_feeds_known_indicators_and_is_pinned(declared, pinned, file):
    home, _ = countries.load_folder(file.parents[1])
    table = next(t for t in home.tables if t.id == file.stem)
    assert table.basis in BASES
    live = home.country.sources[table.source].is_live
    assert live or snapshots.table_key(home.country.id, table.source, table.id) in pinned
    for feed in table.feeds:
        assert feed.indicator in declared.indicators
        assert feed.reason in REASONS
        assert feed.reason, "published figures come without interval, and the row says why"


def test_no_cell_feeds_two_indicators_and_no_indicator_two_kinds_of_source():
    for home in countries.load().values():
        basis = {}
        for table in home.tables:
            cells = [
                (feed.topic, feed.measure, age)
                for feed in table.feeds
                for age in feed.ages or ("",)
            ]
            assert len(set(cells)) == len(cells)
            for feed in table.feeds:
                assert basis.setdefault(feed.indicator, table.basis) == table.basis


def test_every_pin_is_of_a_table_that_is_declared(pinned):
    declared = {
        snapshots.table_key(home.country.id, table.source, table.id)
        for home in countries.load().values()
        for table in home.tables
    }
    assert set(pinned) <= declared


def test_every_snapshot_is_pinned_and_verified(repository, pinned):
    workspace = Workspace(repository)
    assert snapshots.verify(workspace, snapshots.read_lock(workspace)) == []
    kept = {p.relative_to(workspace.raw).as_posix() for p in workspace.raw.rglob("*.*")}
    bodies = {snapshot.id for snapshot in pinned.values()}
    assert kept == bodies | {f"{id}.toml" for id in bodies} | {"lock.toml"}


def test_every_sidecar_says_who_what_and_on_which_terms(pinned):
    for key, snapshot in pinned.items():
        sidecar = snapshot.sidecar
        assert snapshots.table_key(sidecar.country, sidecar.source, sidecar.table) == key
        for part in ("title", "provider", "provider_table", "licence", "citation", "request"):
            assert getattr(sidecar, part).strip(), (key, part)
        assert sidecar.status == "compiled from published tables"
        assert sidecar.provider in sidecar.citation
        assert sidecar.provider_table in sidecar.citation
        assert sidecar.sha256.startswith(Path(snapshot.id).name.split("-")[1].split(".")[0])


def test_the_committed_data_is_small(repository):
    raw = Workspace(repository).raw
    assert sum(p.stat().st_size for p in raw.rglob("*") if p.is_file()) < LARGEST


def test_the_danish_register_agrees_with_the_pinned_one(register, pinned):
    rows = csv.DictReader(io.StringIO(pinned["DK/compiled/register"].body.decode("utf-8")))
    published = {
        row["code"]: (row["name"], row["region"], row["municipality_group"]) for row in rows
    }
    ours = {
        m.code: (m.name("da"), register[m.region].name("da"), register[m.group].name("da"))
        for m in register.municipalities
    }
    assert len(ours) == 98
    assert ours == published


def test_how_many_municipalities_lie_where(register):
    assert Counter(register[m.region].name("da") for m in register.municipalities) == {
        "Region Hovedstaden": 29, "Region Midtjylland": 19, "Region Nordjylland": 11,
        "Region Sjælland": 17, "Region Syddanmark": 22,
    }  # fmt: skip
    assert Counter(register[m.group].name("da") for m in register.municipalities) == {
        "Hovedstadskommuner": 24, "Landkommuner": 31, "Oplandskommuner": 24,
        "Provinsbykommuner": 16, "Storbykommuner": 3,
    }  # fmt: skip


def test_members_and_benchmarks_are_each_others_mirror(register):
    for geo in register.municipalities:
        around = register.benchmarks(geo)
        assert list(around) == ["country", "region", "group"]
        assert all(geo in register.members(b) for b in around.values())
    assert len(register.members(register.nation)) == 98
    assert register.nation.id == "DK"


def test_christiansoe_is_in_the_totals_and_no_municipality(register):
    island = register["DK-411"]
    assert island.level is Level.SPECIAL
    assert island not in register.municipalities
    assert list(register.benchmarks(island)) == ["country"]


def test_every_geo_has_its_names(register):
    assert all(geo.names["da"] for geo in register.geos)
    assert register["DK-101"].name("en") == "Copenhagen"
    assert register["DK-492"].name("en") == "Ærø", "what has no English name keeps its own"
    large = [g for g in register.geos if g.level in (Level.COUNTRY, Level.REGION, Level.GROUP)]
    assert all(geo.names.get("en") for geo in large)


def test_a_geo_is_valid_from_the_reform_on(register):
    ids = pd.Series(["DK-101", "DK-101", "DK", "DK-999"])
    years = pd.Series([2006, 2007, 1999, 2020])
    assert register.known(ids).tolist() == [True, True, True, False]
    assert register.valid(ids, years).tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("1,town,A,,,,,2007,\n", "register of DK:2: not a geo: 'town' is not a valid Level"),
        ("1,municipality,,,,,,2007,\n", "register of DK:2: not a geo: 1 has no name"),
        ("1,municipality,A,,,,,soon,\n", "register of DK:2: not a geo: invalid literal"),
        ("1,municipality,A,,,9,,2007,\n", "'DK-1' lies in 'DK-9', which is absent"),
        ("1,municipality,A,,,,,2007,\n1,municipality,B,,,,,2007,\n", "'DK-1' stands twice"),
    ],
)
def test_mistakes_in_a_register(rows, expected):
    with pytest.raises(CatalogError) as raised:
        parse("DK", HEADER + rows)
    assert expected in str(raised.value)


def test_all_mistakes_of_a_register_are_told_at_once():
    with pytest.raises(CatalogError) as raised:
        parse("DK", f"{HEADER}1,town,A,,,,,2007,\n2,municipality,,,,,,2007,\n")
    assert [p.line for p in raised.value.problems] == [2, 3]


@pytest.mark.parametrize("row", ["1,municipality,A,,,,,2007,,,\n", "1,municipality,A\n"])
def test_a_register_row_with_the_wrong_number_of_fields_is_told(row):
    with pytest.raises(CatalogError, match="register of DK:2"):
        parse("DK", HEADER + row)


def test_mistakes_in_a_country_folder_are_told_at_once(tmp_path):
    folder = tmp_path / "denmark"
    shutil.copytree(COUNTRIES / "denmark", folder)
    gini, area = folder / "tables" / "gini.toml", folder / "tables" / "area.toml"
    gini.write_text(gini.read_text("utf-8").replace('"register"', '"guess"').replace(
        'reason = "interval-not-published"', 'reason = "because"'))  # fmt: skip
    area.write_text(area.read_text("utf-8").replace('source = "compiled"', 'source = "web"'))
    home, problems = countries.load_folder(folder)
    assert home is None
    told = "\n".join(map(str, problems))
    lines = gini.read_text("utf-8").splitlines()
    basis, reason = (lines.index(x) + 1 for x in ('basis = "guess"', 'reason = "because"'))
    assert f"gini.toml:{basis}: unknown basis 'guess' (register, survey" in told
    assert f"gini.toml:{reason}: unknown reason 'because'" in told
    assert "unknown source 'web' (compiled, " in told
    assert len(problems) == 3


def test_a_dimension_that_is_declared_twice_is_told(tmp_path):
    """The later one would silently take the place of the first: other codes than were asked for."""
    folder = tmp_path / "denmark"
    shutil.copytree(COUNTRIES / "denmark", folder)
    file = folder / "tables" / "statbank-afstb4.toml"
    again = '[[dimensions]]\ncode = "tid"\nrole = "period"\nselect = ["2020"]\n\n[[feeds]]'
    file.write_text(file.read_text("utf-8").replace("[[feeds]]", again))
    _, problems = countries.load_folder(folder)
    line = file.read_text("utf-8").splitlines().index('code = "tid"') + 1
    assert [str(p) for p in problems] == [
        f"statbank-afstb4.toml:{line}: dimension 'tid' is declared twice"
        " (give one of them all its codes)"
    ]
