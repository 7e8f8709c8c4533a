"""The benchmarks of the statistics run, and put their figures where the page wants them."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from healthindicators import statistics as st

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def coverage(monkeypatch):
    """Load the script under a name of its own: the tool that measures tests has the same."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    # The directory has a statistics.py, which must not take the place of Python's own here.
    monkeypatch.setitem(sys.modules, "statistics", importlib.import_module("statistics"))
    return _loaded("coverage")


def _loaded(name):
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_wilson_holds_the_truth_about_as_often_as_it_says(coverage):
    found = coverage.run("wilson", draws=2_000, jobs=1)
    assert found
    for share in found.values():
        assert 92 < share.percent < 98
        assert 0 < share.error < 1


def test_every_design_can_be_drawn_and_every_row_estimated(coverage, monkeypatch):
    monkeypatch.setattr(coverage, "FEWEST", 2)
    for place, table in enumerate(coverage.TABLES):
        for draw in table.columns.values():
            draw(np.random.default_rng(1), 2)
        for row in range(len(table.rows)):
            found = coverage.simulate((place, row, next(iter(table.columns))), draws=2)
            assert 0 <= found.percent <= 100


def test_every_public_statistic_with_limits_has_a_design(coverage):
    named = " ".join(row.name for table in coverage.TABLES for row in table.rows)
    without = {
        name
        for name in st.__all__
        if callable(getattr(st, name)) and not isinstance(getattr(st, name), type)
    } - NO_LIMITS
    assert {name for name in without if name not in named} == set()


NO_LIMITS = {
    "benchmark_error", "compare_by_control_limits", "concentration_curve", "health_groups",
    "local_moran", "minimum_detectable_inequality", "moran", "moran_values_of_rates",
    "nearest_neighbours", "overdispersion", "pooled_periods", "quantile_groups", "standard_weights",
    "theil_decomposition",
}  # fmt: skip


def test_too_narrow_is_bold_and_too_wide_is_italic(coverage):
    usual = 94.0, 96.0
    assert coverage.Share(95, 0.1).told(usual, alarms=False) == "95.0 ±0.1"
    assert coverage.Share(93.9, 0.1).told(usual, alarms=False) == "93.9 ±0.1"
    assert coverage.Share(93.0, 0.1).told(usual, alarms=False) == "**93.0 ±0.1**"
    assert coverage.Share(97.0, 0.1).told(usual, alarms=False) == "*97.0 ±0.1*"
    assert coverage.Share(7.0, 0.1).told((4, 6), alarms=True) == "**7.0 ±0.1**"
    assert coverage.Share(2.0, 0.1).told((4, 6), alarms=True) == "*2.0 ±0.1*"


def test_the_text_between_the_markers_is_renewed_and_nothing_else(coverage, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- x begins -->\nold\n<!-- x ends -->\nafter\n", "utf-8")
    coverage.renew(page, "x", "new\n\n")
    assert page.read_text("utf-8") == ("before\n<!-- x begins -->\nnew\n<!-- x ends -->\nafter\n")
    with pytest.raises(SystemExit, match="no markers"):
        coverage.renew(page, "y", "new")


def test_scripts_beside_it_still_get_the_statistics_of_python():
    said = subprocess.run(
        [sys.executable, "-c", "import statistics; print(statistics.median([1, 2, 9]))"],
        cwd=BENCHMARKS, env=os.environ | {"PYTHONPATH": str(BENCHMARKS)},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said == "2\n"


def test_speed_tells_rows_times_and_targets():
    speed = _loaded("statistics")
    works = speed.ours(50)
    lines = list(speed.table(works, speed.measured(works, 1)))
    assert sum(f"| {works[0].rows} |" in line for line in lines) >= 10
    assert all(any(name in line for line in lines) for name in speed.TARGETS)
