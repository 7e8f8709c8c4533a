"""What a report depends on: each kind of input, and nothing else."""

import hashlib
import shutil
import tomllib

import pandas as pd
import pytest

from healthindicators import build, catalog
from healthindicators.batch import inputs
from healthindicators.batch.inputs import ABOVE, PACKAGE, Inputs
from healthindicators.batch.said import in_language
from tests.batch.making import add_cell, requests_of, with_figures

KINDS = [(language, id) for language in ("da", "en") for id in catalog.load().frameworks]
NEWER, OLDER = "denmark-2021-2030", "denmark-2017-2020"


@pytest.fixture
def filled(workspace, processed):
    """A workspace with figures."""
    with_figures(workspace, processed)
    return workspace


@pytest.fixture
def package(tmp_path):
    """A copy of the package's files, to change."""
    skipped = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(PACKAGE, tmp_path / "package", ignore=skipped)


def commons(workspace, package=PACKAGE):
    """The common digest of each language and framework."""
    found = Inputs(workspace, package)
    return {kind: found.common(requests_of(workspace, ["DK-741"], *kind)[0]) for kind in KINDS}


def owns(workspace, requests, package=PACKAGE):
    """The own digest of each report."""
    found = Inputs(workspace, package)
    return {(r.geo.id, r.stem): found.own(r) for r in requests}


def moved(before, after):
    assert before.keys() == after.keys()
    return {key for key in before if before[key] != after[key]}


def reports(workspace, names=("DK-563", "DK-741")):
    return [r for kind in KINDS for r in requests_of(workspace, names, *kind)]


def touch(path):
    path.write_bytes(path.read_bytes() + b"\n")


def test_every_file_of_the_package_counts_unless_it_stands_above(filled, package):
    """Walked, so that a new kind of file counts the day it is added."""
    before = commons(filled, package)
    for path in sorted(p for p in package.rglob("*") if p.is_file()):
        name = path.relative_to(package).as_posix()
        body = path.read_bytes()
        touch(path)
        found = moved(before, commons(filled, package))
        path.write_bytes(body)
        if name.startswith(ABOVE):
            assert not found, name
        elif name.startswith("text/") and name.endswith(".po"):
            code = name.removeprefix("text/").removesuffix(".po")
            assert found == {kind for kind in KINDS if kind[0] == code}, name
        elif name.startswith("catalog/frameworks/"):
            assert found == {kind for kind in KINDS if f"/{kind[1]}.toml" in name}, name
        else:
            assert found == set(KINDS), name


def test_a_file_of_a_new_kind_counts(filled, package):
    before = commons(filled, package)
    (package / "charts" / "palette.ini").write_text("[colours]")
    assert moved(before, commons(filled, package)) == set(KINDS)


@pytest.mark.parametrize("name", ["report/templates/report.css", "charts/palette.py", "new.ini"])
def test_code_and_looks_change_every_report(filled, package, name):
    wanted = reports(filled)
    before = owns(filled, wanted, package)
    with (package / name).open("a") as file:
        file.write("\n")
    assert moved(before, owns(filled, wanted, package)) == set(before)


def test_danish_words_change_danish_reports_only(filled, package):
    wanted = reports(filled)
    before = owns(filled, wanted, package)
    touch(package / "text" / "da.po")
    danish = {key for key in before if key[1].endswith(".da")}
    assert moved(before, owns(filled, wanted, package)) == danish


def test_a_comment_in_a_declaration_changes_no_report(filled, package):
    wanted = reports(filled)
    before = owns(filled, wanted, package)
    for path in (*package.glob("catalog/*/*.toml"), *package.glob("countries/*/*/*.toml")):
        touch(path)
    assert moved(before, owns(filled, wanted, package)) == set()


def test_the_notebook_changes_every_report(filled):
    wanted = reports(filled)
    before = owns(filled, wanted)
    add_cell(filled, "page.figures")
    assert moved(before, owns(filled, wanted)) == set(before)


def test_another_version_of_a_library_changes_every_report(filled, monkeypatch):
    wanted = reports(filled)
    before = owns(filled, wanted), commons(filled)
    true = inputs.version
    monkeypatch.setattr(inputs, "version", lambda name: true(name) + "1" * (name == "plotly"))
    assert moved(before[0], owns(filled, wanted)) == set(before[0])
    assert moved(before[1], commons(filled)) == set(KINDS)


def test_versions_are_those_of_all_libraries_that_are_asked_for(filled, repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    told = Inputs(filled).versions
    assert len(told) > 15
    for name in ("babel", "ipython", "jinja2", "numpy", "pandas", "plotly", "python", "shapely"):
        assert told[name]
        assert name == "python" or any(line.startswith(name) for line in project["dependencies"])


def test_a_report_depends_on_its_parameters(filled):
    digests = list(owns(filled, reports(filled)).values())
    assert len(set(digests)) == len(digests)


def change_figure(workspace, table, geo, indicator, column="upper"):
    """Change one figure in a processed table, as another build would have."""
    path = workspace.processed("DK") / f"{table}.parquet"
    rows = pd.read_parquet(path)
    found = rows.index[(rows["geo"] == geo) & (rows["indicator"] == indicator)]
    assert len(found)
    before = rows.loc[found[0], column]
    rows.loc[found[0], column] = 12.5
    assert before != 12.5
    rows.to_parquet(path, index=False)
    stamp = workspace.processed("DK") / build.STAMP
    digest = tomllib.loads(stamp.read_text())["files"][table]
    now = hashlib.sha256(path.read_bytes()).hexdigest()
    stamp.write_text(stamp.read_text().replace(digest, now))


def test_a_figure_changes_those_reports_only_that_show_it(filled):
    wanted = reports(filled)
    before = owns(filled, wanted), commons(filled)
    change_figure(filled, "estimates", "DK-741", "obesity")
    assert moved(before[1], commons(filled)) == set(KINDS)
    samsoe = {key for key in before[0] if key[0] == "DK-741"}
    assert moved(before[0], owns(filled, wanted)) == samsoe


def test_a_figure_on_a_map_changes_every_report_with_that_map(filled):
    wanted = reports(filled, ["DK-563"])
    frameworks = catalog.load().frameworks
    maps = {id: {m for a in f.areas for m in a.maps} for id, f in frameworks.items()}
    drawn = sorted(maps[OLDER] ^ maps[NEWER])[0]
    before = owns(filled, wanted)
    change_figure(filled, "comparisons", "DK-741", drawn)
    with_map = {key for key in before if drawn in maps[key[1].partition(".")[0]]}
    assert 0 < len(with_map) < len(before)
    assert moved(before, owns(filled, wanted)) == with_map


def test_a_figure_on_a_map_that_the_notebook_names_changes_every_report(filled):
    wanted = reports(filled, ["DK-563"])
    before = owns(filled, wanted)
    change_figure(filled, "comparisons", "DK-741", "obesity")
    assert moved(before, owns(filled, wanted)) == set()
    add_cell(filled, 'page.map("obesity")')
    before = owns(filled, wanted)
    change_figure(filled, "comparisons", "DK-741", "obesity", "lower")
    assert moved(before, owns(filled, wanted)) == set(before)


def test_a_snapshot_that_is_pinned_anew_changes_the_reports_that_name_it(filled, repin):
    wanted = reports(filled, ["DK-741"])
    before = owns(filled, wanted)
    repin("gini", lambda body: body.replace(b"\n", b"\r\n", 1))
    assert moved(before, owns(filled, wanted)) == set(before)


def test_figures_built_anew_meanwhile_are_noticed(filled):
    found = Inputs(filled)
    found.look(requests_of(filled))
    assert not found.moved("DK")
    change_figure(filled, "estimates", "DK-741", "obesity")
    assert found.moved("DK")


def test_only_words_that_are_shown_count(declared):
    framework = declared.frameworks[NEWER]
    indicator = declared.indicators["obesity"]
    for text, code in ((indicator.text["da"].name, "da"), (indicator.text["en"].name, "en")):
        for language in ("da", "en"):
            told = str(in_language(indicator.text, language))
            assert (text in told) == (code == language)
    # The names of areas stand in the strategy's own language, whatever the report's.
    english = str(in_language(framework, "en", framework.original_language))
    assert framework.areas[0].text["da"].name in english
