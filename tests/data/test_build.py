"""A build is a pure function of pins, declarations and code."""

import os
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest

from healthindicators import build, snapshots
from healthindicators.errors import UnknownCountry

FILES = {
    "boundaries.parquet", "build.toml", "comparisons.parquet", "estimates.parquet",
    "observations.parquet", "inequality.parquet", "curves.parquet", "funnels.parquet",
    "limits.parquet", "sexes.parquet", "strata.parquet", "trends.parquet", "peers.parquet",
    "abroad.parquet", "recasting.parquet",
}  # fmt: skip
IN_A_PROCESS = """
import sys
from pathlib import Path
from healthindicators import build
from healthindicators.workspace import Workspace
print(build.build(Workspace(Path(sys.argv[1])), "DK")[1])
"""


def written(workspace):
    return {p.name: p.read_bytes() for p in workspace.processed("DK").iterdir()}


def test_two_builds_give_the_same_bytes(workspace, processed):
    build.build(workspace, "DK")
    first = written(workspace)
    assert set(first) == FILES
    assert build.build(workspace, "DK", again=True)[1]
    assert written(workspace) == first
    assert written(processed.workspace) == first


def test_the_order_of_sets_in_a_process_changes_no_byte(workspace, processed):
    subprocess.run(
        [sys.executable, "-W", "error", "-c", IN_A_PROCESS, str(workspace.root)],
        env=os.environ | {"PYTHONHASHSEED": "2"},
        check=True,
    )
    assert written(workspace) == written(processed.workspace)


def test_nothing_is_done_twice_and_everything_again_when_a_pin_moves(workspace):
    assert build.build(workspace, "DK")[1] is True
    times = {p: p.stat().st_mtime_ns for p in workspace.processed("DK").iterdir()}
    assert build.build(workspace, "DK")[1] is False
    assert {p: p.stat().st_mtime_ns for p in times} == times
    lock = snapshots.read_lock(workspace)
    snapshots.write_lock(workspace, replace(lock, edition="2027"))
    assert build.build(workspace, "DK")[1] is True


def test_a_build_without_its_stamp_is_built_again(workspace):
    build.build(workspace, "DK")
    (workspace.processed("DK") / build.STAMP).write_text("half a li")
    assert build.build(workspace, "DK")[1] is True


def test_a_build_changes_nothing_in_raw(workspace):
    before = {p: p.read_bytes() for p in workspace.raw.rglob("*") if p.is_file()}
    build.build(workspace, "DK")
    assert {p: p.read_bytes() for p in workspace.raw.rglob("*") if p.is_file()} == before


def test_an_unknown_country_is_told(workspace):
    with pytest.raises(UnknownCountry, match=r"There is no country 'DKK'\. Nearest: DK"):
        build.build(workspace, "DKK")
    assert not (workspace.root / "data" / "processed").exists()


def test_every_municipality_has_a_row_of_every_indicator(processed, register, declared):
    shown = {i for i in processed.plan.available if declared.indicators[i].shown}
    rows = processed.comparisons
    assert len(rows) == 98 * len(shown)
    expected = pd.MultiIndex.from_product(
        [sorted(shown), [m.id for m in register.municipalities]], names=["indicator", "geo"]
    )
    assert set(pd.MultiIndex.from_frame(rows[["indicator", "geo"]])) == set(expected)


def test_every_municipality_has_a_boundary_in_metres(processed, register):
    frame = processed.boundaries
    assert {m.id for m in register.municipalities} <= set(frame["geo"])
    assert set(frame["geo"]) <= set(register.by_id)
    assert frame.crs.to_epsg() == 25832
    assert frame.geometry.is_valid.all()
    denmark = frame.geometry.area.sum() / 1e6
    assert denmark == pytest.approx(42_938, rel=0.02), "square kilometres; the lines are simplified"


def test_spreads_are_those_of_the_municipalities(processed):
    values = processed.comparisons.query("indicator == 'gini'")["value"]
    five = processed.spreads.loc["gini"]
    assert five.iloc[0] == values.min()
    assert five.iloc[2] == values.median()
    assert five.iloc[4] == values.max()
