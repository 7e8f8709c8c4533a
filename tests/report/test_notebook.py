"""The stored notebook: thin, with its outputs, and equal to what the figures give today."""

import subprocess
import sys

import nbformat
import pytest

from healthindicators.report import fragments
from healthindicators.report.checking import notebook_problems
from healthindicators.report.notebook import NAME as NOTEBOOK
from healthindicators.workspace import Workspace


def nbval(workspace):
    return subprocess.run(
        [
            sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", "--override-ini",
            "addopts=", "-q", str(workspace.notebooks),
        ],
        cwd=workspace.root,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )  # fmt: skip


def test_the_notebook_is_thin(repository):
    assert list(notebook_problems(Workspace(repository))) == []


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("def helper():\n    return 1", "not one call"),
        ("for x in [1, 2]:\n    print(x)", "not one call"),
        ("page.overview(); page.sources()", "2 statements"),
        ("from pandas import DataFrame", "imports pandas"),
        ("import os", "not one call"),
        ("print(len(page.figures))", "several calls"),
        ("x = [f(y) for y in z]", "not one call"),
    ],
)
def test_a_cell_that_is_not_thin_is_found(workspace, source, complaint):
    path = workspace.notebooks / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(source))
    nbformat.write(notebook, path)
    assert complaint in " ".join(p.what for p in notebook_problems(workspace))


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ('municipality = "DK-101"; language = "da"', "not one assignment a line"),
        ("import os", "more than assignments"),
    ],
)
def test_a_parameters_cell_that_papermill_misreads_is_found(workspace, source, complaint):
    path = workspace.notebooks / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    cell = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    cell.source = source
    nbformat.write(notebook, path)
    assert complaint in " ".join(p.what for p in notebook_problems(workspace))


def test_nbval_fails_when_one_figure_has_changed(workspace, repin):
    """The stored outputs are right for the pinned figures (CI runs that) and for no others."""
    repin("health-profile", lambda body: body.replace(
        b"101,2025,2025,total,16+,daily-smoking,,value,10.6,",
        b"101,2025,2025,total,16+,daily-smoking,,value,10.7,",
    ))  # fmt: skip
    ran = nbval(workspace)
    assert ran.returncode == 1, ran.stdout[-2000:]
    assert "Cell outputs differ" in ran.stdout


def test_the_outputs_are_small_and_know_nothing_of_the_machine(repository):
    path = repository / "notebooks" / NOTEBOOK
    assert path.stat().st_size < 600_000
    text = path.read_text(encoding="utf-8")
    assert str(repository) not in text
    assert "0x" not in "".join(
        str(o.get("data", {}).get("text/plain", ""))
        for c in nbformat.read(path, as_version=4).cells
        for o in c.get("outputs", [])
    )


def test_the_style_of_a_notebook_reaches_our_pieces_only():
    style = fragments.notebook_style()
    assert style.startswith(fragments.NOTEBOOK_STYLE)
    assert style.count("{") == style.count("}")
    # Everything stands within one rule: nothing of the notebook's own page is touched.
    inside = style.removeprefix(fragments.NOTEBOOK_STYLE).strip()
    assert inside.startswith(".healthindicators")
    depth, closed = 0, []
    for position, letter in enumerate(inside):
        depth += (letter == "{") - (letter == "}")
        if letter == "}" and depth == 0:
            closed.append(position)
    assert len(closed) == 1


def test_pieces_are_framed_in_a_notebook_and_bare_on_the_page(made):
    folder = made.root / "reports" / "2026" / "DK" / "DK-101-koebenhavn"
    page = (folder / "denmark-2021-2030.da.html").read_text(encoding="utf-8")
    notebook = (folder / "denmark-2021-2030.da.ipynb").read_text(encoding="utf-8")
    assert 'class=\\"healthindicators\\"' in notebook
    assert 'class="healthindicators"' not in page
    assert fragments.NOTEBOOK_STYLE not in page
