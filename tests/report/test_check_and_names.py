"""`check` tells what is wrong of every kind at once; names are found as people write them."""

import pytest

from healthindicators.errors import ParameterError
from healthindicators.report.notebook import NAME as NOTEBOOK
from healthindicators.report.parameters import resolve
from tests.conftest import command


def test_check_goes_on_after_the_first_stage_that_fails(workspace):
    path = next((workspace.raw / "DK" / "compiled" / "gini").glob("*.csv.gz"))
    path.write_bytes(path.read_bytes()[:-3])
    (workspace.notebooks / NOTEBOOK).write_text("{")
    said = command(workspace, "check")
    assert said.returncode == 21
    assert path.name in said.stderr
    assert "not a notebook" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_truncated_processed_file_is_built_again(workspace):
    assert command(workspace, "build").returncode == 0
    path = workspace.processed("DK") / "estimates.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])
    said = command(workspace, "build")
    assert "built" in said.stdout
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("name", "id"),
    [("Høje Taastrup", "DK-169"), ("lyngby taarbæk", "DK-173"), ("Aarhus Kommune", "DK-751")],
)
def test_a_name_is_found_without_its_hyphen_and_with_the_word_kommune(workspace, name, id):
    assert resolve(workspace, name).geo.id == id


@pytest.mark.parametrize(
    "wrong", [{"framework": 2021}, {"language_code": ["da"]}, {"edition": True}, {"edition": "²"}]
)
def test_a_parameter_of_the_wrong_type_is_refused(workspace, wrong):
    with pytest.raises(ParameterError):
        resolve(workspace, "101", **wrong)
