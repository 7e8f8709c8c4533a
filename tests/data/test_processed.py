"""What was computed is opened once, is the same for reports as for researchers, and never stale."""

import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from healthindicators import build, snapshots
from healthindicators.errors import SnapshotError
from healthindicators.processed import once
from healthindicators.report.page import open_page

HEAVY = ("pandas", "scipy", "geopandas", "pyproj", "pyarrow.compute", "healthindicators.assess")
OF_A_REPORT = """
import sys
from pathlib import Path
from healthindicators.report.page import open_page
from healthindicators.workspace import Workspace
page = open_page("DK-101", workspace=Workspace(Path(sys.argv[1])))
page.profile.lines, page.map("gini"), page.figures_csv()
print(*sys.modules)
"""


def smallest(workspace, table):
    return next((workspace.raw / "DK" / "compiled" / table).glob("*.csv.gz"))


def years_of_gini(processed):
    return set(processed.comparisons.query("indicator == 'gini'")["last_year"])


@pytest.fixture
def opened(workspace, processed):
    """A function that opens the figures of a workspace of one's own that is built already."""
    shutil.copytree(processed.workspace.processed("DK"), workspace.processed("DK"))
    return lambda: build.opened(workspace, "DK")


def test_what_is_opened_twice_is_the_same(workspace, opened):
    assert opened() is opened()
    first, second = (open_page(geo, workspace=workspace) for geo in ("DK-101", "DK-151"))
    assert first._processed is second._processed is opened()


def test_nothing_is_verified_while_no_file_has_changed(monkeypatch, opened):
    once_opened = opened()
    monkeypatch.setattr(build, "build", None)
    assert opened() is once_opened


def test_figures_that_are_pinned_anew_are_seen_at_once(repin, opened):
    before = opened()
    assert years_of_gini(before) == {2024}
    repin("gini", lambda body: body.replace(b"2024", b"2034"))
    after = opened()
    assert after is not before
    assert years_of_gini(after) == {2034}
    assert opened() is after


def test_the_edition_of_a_lock_is_seen_at_once(workspace, opened):
    assert opened().lock.edition == "2026"
    snapshots.write_lock(workspace, replace(opened().lock, edition="2027"))
    assert opened().lock.edition == "2027"


@pytest.mark.parametrize("ending", ["", ".toml"])
def test_a_file_that_changes_under_a_session_is_an_error_until_it_is_back(
    workspace, opened, ending
):
    opened()
    path = smallest(workspace, "gini")
    path = path.with_name(path.name + ending)
    body = path.read_bytes()
    path.write_bytes(body + b"\n")
    for _ in range(2):
        with pytest.raises(SnapshotError, match=r"bytes have changed"):
            opened()
    path.write_bytes(body)
    assert years_of_gini(opened()) == {2024}


def test_processed_figures_that_are_removed_or_spoilt_are_made_again(workspace, opened):
    was = opened().estimates
    path = workspace.processed("DK") / "estimates.parquet"
    for spoil in (path.unlink, lambda: path.write_bytes(b"PAR1")):
        spoil()
        pd.testing.assert_frame_equal(opened().estimates, was)


def test_a_report_needs_neither_frames_nor_statistics_where_all_is_built(processed):
    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", OF_A_REPORT, str(processed.workspace.root)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "healthindicators.build" in said
    assert not set(HEAVY) & set(said)


@pytest.mark.parametrize("table", ["estimates", "comparisons"])
def test_columns_hold_what_the_frame_holds(processed, table):
    frame, columns = getattr(processed, table), getattr(processed, f"{table}_by_geo")
    assert list(columns.columns) == list(frame)
    for geo in ("DK", "DK-101", "DK-825", "DK-landkommuner", "DK-999"):
        rows = frame[frame["geo"] == geo]
        found = pd.DataFrame(columns.rows(geo), columns=list(frame))
        assert len(found) == len(rows)
        for name in frame:
            ours, theirs = found[name].tolist(), rows[name].tolist()
            assert [None if pd.isna(x) else x for x in ours] == [
                None if pd.isna(x) else x for x in theirs
            ]


def test_cells_are_plain_numbers_and_texts(processed):
    for row in processed.comparisons_by_geo.rows("DK-825"):
        assert {type(cell) for cell in row.values()} <= {int, float, str, bool, type(None)}


def test_columns_are_smaller_than_frames(processed):
    columns = processed.estimates_by_geo.columns.values()
    assert sum(c.cells.nbytes for c in columns) < 70 * len(processed.estimates)


def test_fives_are_quantiles(processed):
    for id, rows in processed.comparisons.groupby("indicator"):
        quantiles = rows["value"].quantile([0, 0.25, 0.5, 0.75, 1])
        np.testing.assert_allclose(processed.fives[id], quantiles, rtol=1e-14)


def test_outlines_are_the_boundaries(processed):
    assert list(processed.outlines) == processed.boundaries["geo"].tolist()
    same = shapely.equals_exact(list(processed.outlines.values()), processed.boundaries.geometry)
    assert same.all()


def test_sidecars_are_those_of_the_pins(processed):
    pins = {r.pin.file: r.pin for r in processed.plan.readings}
    assert set(processed.sidecars) == set(pins)
    for file, sidecar in processed.sidecars.items():
        assert sidecar == snapshots.open_pinned(processed.workspace, pins[file]).sidecar


def test_a_sidecar_is_verified_like_the_bytes(workspace, opened):
    pin = next(iter(opened().lock.pins.values()))
    _, beside = snapshots.paths(workspace, pin)
    beside.write_text(beside.read_text().replace("provider", "Provider"))
    with pytest.raises(SnapshotError, match="bytes have changed"):
        snapshots.open_sidecar(workspace, pin)
    beside.unlink()
    with pytest.raises(SnapshotError, match="absent"):
        snapshots.open_sidecar(workspace, pin)


def test_what_is_made_once_is_made_for_each_country_and_key(processed):
    made = []

    @once
    def square(processed, number):
        made.append(number)
        return number**2

    other = replace(processed)
    assert [square(p, n) for p in (processed, other) for n in (2, 3, 2)] == [4, 9, 4] * 2
    assert made == [2, 3, 2, 3]


@pytest.mark.parametrize("geo", ["DK-101", "DK-360", "DK-825"])
def test_the_table_of_figures_is_the_selection_from_all(processed, geo):
    page = open_page(geo, workspace=processed.workspace)
    frame = processed.estimates
    rows = frame[frame["geo"] == geo].reset_index(drop=True)
    pd.testing.assert_frame_equal(page.figures, rows)
    assert page.figures_csv() == rows.to_csv(index=False, lineterminator="\n").encode()
