"""Both engines give the same bytes, and both treat a notebook as papermill does."""

import warnings

import nbformat
import papermill
import pytest

from healthindicators.errors import ParameterError, ReportError, UnknownName, WorkspaceError
from healthindicators.execution.limits import Limits
from healthindicators.report import notebook, plain, runner
from tests.conftest import command
from tests.execution.hard_cells import notebook as notebook_of

SAMPLE = (
    ("Ærø", "da", "denmark-2021-2030"),
    ("Læsø", "en", "denmark-2021-2030"),
    ("København", "en", "denmark-2017-2020"),
)
"""Two with much that is missing, and the largest under an older strategy."""

PARAMETERS = {"municipality": "DK-101", "language": 'a "quote" and \\ ø', "edition": "2026"}


@pytest.mark.parametrize(("place", "language", "framework"), SAMPLE)
def test_both_engines_give_the_same_bytes(workspace, place, language, framework):
    found = []
    for engine in runner.ENGINES:
        ran = command(
            workspace, "report", place, "--language", language, "--framework", framework,
            "--engine", engine, "--again",
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        reports = workspace.root / "reports"
        files = [p for p in reports.rglob("*") if p.suffix in {".html", ".ipynb", ".csv"}]
        found.append({str(p.relative_to(reports)): p.read_bytes() for p in files})
    assert len(found[0]) == 4  # with the index
    assert found[0] == found[1]


def test_a_notebook_is_read_and_given_parameters_as_papermill_does_it(repository, tmp_path):
    path = repository / "notebooks" / notebook.NAME
    target = tmp_path / "prepared.ipynb"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        papermill.execute_notebook(str(path), str(target), parameters=PARAMETERS, prepare_only=True)
    prepared = plain.read(target)
    for cell in prepared["cells"]:  # papermill's engines clear them as they begin
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    ours = notebook.with_parameters(notebook.read(path), PARAMETERS)
    assert notebook.steady(ours) == notebook.steady(prepared)


def test_parameters_that_were_given_before_are_given_anew(tmp_path):
    cells = [nbformat.v4.new_code_cell(f"x = {n}", id=f"c{n}") for n in range(2)]
    cells[0].metadata.tags = ["parameters"]
    cells[1].metadata.tags = ["injected-parameters"]
    path = tmp_path / "n.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    made = notebook.with_parameters(notebook.read(path), {"x": "2"})
    assert [c["source"] for c in made["cells"]] == ["x = 0", '# Parameters\nx = "2"\n']


def test_the_copy_with_parameters_shares_nothing_that_a_run_changes(repository):
    template = notebook.read(repository / "notebooks" / notebook.NAME)
    first = notebook.with_parameters(template, PARAMETERS)
    for cell in first["cells"]:
        cell["metadata"]["papermill"] = "changed"
        cell["outputs"] = ["changed"]
    first["metadata"]["language_info"] = "changed"
    assert "changed" not in str(notebook.with_parameters(template, PARAMETERS))


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"not json", "is not a notebook"),
        (b"[]", "is not a notebook"),
        (b'{"nbformat": 4, "nbformat_minor": 5}', "is not a notebook"),
        (b'{"nbformat": 4, "nbformat_minor": 4, "cells": [], "metadata": {}}', "format 4.4"),
        (b'{"nbformat": 3, "nbformat_minor": 9, "cells": [], "metadata": {}}', "format 3.9"),
    ],
)
def test_what_is_no_notebook_is_refused(tmp_path, body, complaint):
    path = tmp_path / "n.ipynb"
    path.write_bytes(body)
    with pytest.raises(WorkspaceError, match=complaint):
        notebook.read(path)


def test_a_parameter_that_the_notebook_lacks_is_refused_with_the_nearest(repository):
    template = notebook.read(repository / "notebooks" / notebook.NAME)
    notebook.refuse_unknown({"language": ""}, template)
    with pytest.raises(ParameterError, match=r"'langauge' .nearest: language"):
        notebook.refuse_unknown({"langauge": ""}, template)


def test_an_engine_that_does_not_exist_is_refused(workspace):
    with pytest.raises(UnknownName, match=r"no name 'frok'. Nearest: fork"):
        list(
            runner.make_each(
                workspace, [], engine="frok", jobs=1, limits=Limits(), finish=lambda *_: None
            )
        )


@pytest.mark.parametrize(
    ("source", "ename"), [("raise SystemExit(0)", "SystemExit"), ("1 / 0", "ZeroDivisionError")]
)
def test_papermill_tells_the_cell_that_a_notebook_ended_in(tmp_path, source, ename):
    path = tmp_path / "n.ipynb"
    nbformat.write(notebook_of("x = 0", source, "x", tags={"x = 0": ["parameters"]}), path)
    made, failure = plain.execute(path, {"x": "1"}, tmp_path, Limits())
    assert made["cells"][failure.cell]["source"] == source
    assert failure.ename == ename


def test_papermill_keeps_the_time_limit_of_a_whole_report(tmp_path):
    path = tmp_path / "n.ipynb"
    nbformat.write(notebook_of("while True: pass"), path)
    with pytest.raises(ReportError, match="took longer than the 3 s"):
        plain.execute(path, {}, tmp_path, Limits(3.0))


def test_papermill_keeps_the_memory_limit(tmp_path):
    path = tmp_path / "n.ipynb"
    nbformat.write(notebook_of("x = bytearray(10**10)"), path)
    _, failure = plain.execute(path, {}, tmp_path, Limits(60.0, 300 * 1024**2))
    assert failure.ename == "MemoryError"
