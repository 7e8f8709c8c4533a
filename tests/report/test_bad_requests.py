"""What a user gets for a mistake: an exit code of its own, the nearest names, nothing half-written."""

import os
import shutil

import pytest

from healthindicators.errors import ParameterError
from healthindicators.report import notebook, open_page
from healthindicators.report.notebook import refuse_unknown
from healthindicators.report.parameters import resolve
from tests.conftest import command


def files_of(workspace):
    return sorted(p for p in (workspace.root / "reports").rglob("*") if p.is_file())


@pytest.mark.parametrize(
    ("arguments", "code", "offer"),
    [
        (["report", "Kobenhvn"], 11, "København"),
        (["report", "101", "Aarhsu"], 11, "Aarhus"),
        (["show", "daily-smokin"], 12, "daily-smoking"),
        (["report", "101", "--framework", "denmark-2021-203"], 13, "denmark-2021-2030"),
        (["report", "101", "--language", "dk"], 14, "da"),
        (["reports", "--country", "DKK"], 15, "DK"),
        (["list", "municipality"], 10, "municipalities"),
    ],
)
def test_an_unknown_name_has_its_own_exit_code_and_the_nearest_names(
    workspace, arguments, code, offer
):
    said = command(workspace, *arguments)
    assert said.returncode == code
    assert offer in said.stderr
    assert "Traceback" not in said.stderr
    assert files_of(workspace) == []


@pytest.mark.parametrize(
    ("arguments", "offers"),
    [
        (
            ["report", "Kobenhvn", "Aarhsu", "--framework", "agenda-203", "--language", "dk"],
            ["København", "Aarhus", "agenda-2030", "'dk'"],
        ),
        (["fetch", "--country", "DKK", "--indicator", "daily-smokin"], ["DK", "daily-smoking"]),
        (["coverage", "--country", "NOR", "--framework", "who-six"], ["NO", "who-six-ps"]),
    ],
)
def test_all_unknown_names_are_told_at_once_and_each_once(workspace, arguments, offers):
    said = command(workspace, *arguments)
    assert said.returncode == 16
    assert all(offer in said.stderr for offer in offers)
    assert len(said.stderr.splitlines()) == len(offers)
    assert files_of(workspace) == []


def test_outside_a_workspace_the_command_says_what_to_do(workspace, tmp_path):
    shutil.rmtree(workspace.root / "data")
    said = command(workspace, "build")
    assert said.returncode == 4
    assert "HEALTHINDICATORS_HOME" in said.stderr


def test_a_changed_byte_is_an_error_that_names_the_file(workspace):
    path = next((workspace.raw / "DK" / "compiled" / "gini").glob("*.csv.gz"))
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(bytes(body))
    said = command(workspace, "report", "101")
    assert said.returncode == 31
    assert path.name in said.stderr
    assert files_of(workspace) == []


def test_check_tells_all_that_is_wrong_at_once(workspace):
    for table in ("gini", "deaths"):
        path = next((workspace.raw / "DK" / "compiled" / table).glob("*.csv.gz"))
        path.write_bytes(path.read_bytes()[:-20])
    said = command(workspace, "check")
    assert said.returncode == 21
    assert "gini" in said.stderr
    assert "deaths" in said.stderr


def test_a_misspelt_notebook_parameter_is_refused_before_the_run(workspace):
    with pytest.raises(ParameterError, match=r"'municipalty'.*nearest: municipality"):
        refuse_unknown({"municipalty": "DK-101"}, notebook.read(notebook.find(workspace)))


def test_every_unknown_parameter_is_told(workspace):
    with pytest.raises(ParameterError) as refused:
        refuse_unknown({"languag": "da", "town": "x"}, notebook.read(notebook.find(workspace)))
    assert "'languag'" in str(refused.value)
    assert "'town'" in str(refused.value)


def test_a_code_that_arrives_as_a_number_is_refused(workspace):
    with pytest.raises(ParameterError, match="Codes are text"):
        resolve(workspace, 101)


def test_a_number_in_the_notebook_itself_is_refused_with_the_same_words(workspace):
    with pytest.raises(ParameterError, match="Codes are text"):
        open_page(101, workspace=workspace)


@pytest.mark.parametrize("edition", ["../2026", "a b", "2026/x"])
def test_an_edition_cannot_lead_out_of_the_reports_folder(workspace, edition):
    with pytest.raises(ParameterError, match="plain word"):
        resolve(workspace, "101", edition=edition)


def test_a_reports_folder_that_cannot_be_written_is_told(workspace):
    reports = workspace.root / "reports"
    if os.geteuid() == 0:
        # The superuser writes anywhere but where there is no file system to write to.
        reports.symlink_to("/proc/self/fdinfo")
    else:
        reports.mkdir(mode=0o555)
    said = command(workspace, "report", "101")
    assert said.returncode == 4
    assert said.stderr.startswith("Cannot write")
    assert "Traceback" not in said.stderr
