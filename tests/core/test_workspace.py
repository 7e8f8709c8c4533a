"""The workspace: where things lie, and that nothing is half-written."""

import pytest

from healthindicators.errors import WorkspaceError
from healthindicators.workspace import HOME, Workspace, slug, write_whole


def test_it_is_found_from_any_folder_inside(workspace):
    assert Workspace.find(workspace.root) == workspace
    assert Workspace.find(workspace.raw / "DK" / "compiled") == workspace


def test_it_is_found_by_the_variable(workspace, monkeypatch, tmp_path):
    monkeypatch.setenv(HOME, str(workspace.root))
    assert Workspace.find(tmp_path) == workspace


def test_no_workspace_says_what_is_missing_and_what_to_do(tmp_path):
    with pytest.raises(WorkspaceError) as raised:
        Workspace.find(tmp_path)
    assert raised.value.exit_code == 4
    for part in (str(tmp_path), "data/raw/lock.toml", HOME):
        assert part in str(raised.value)


def test_a_report_lies_by_edition_country_and_municipality(workspace, register):
    folder = workspace.report("2026", "DK", register["DK-492"])
    assert folder == workspace.root / "reports" / "2026" / "DK" / "DK-492-aeroe"


@pytest.mark.parametrize(
    ("name", "plain"),
    [("Ærø", "aeroe"), ("Høje-Taastrup", "hoeje-taastrup"), ("Faaborg-Midtfyn", "faaborg-midtfyn"),
     ("Østre  Toten", "oestre-toten"), ("../etc", "etc")],
)  # fmt: skip
def test_a_slug_is_safe_in_a_path(name, plain):
    assert slug(name) == plain


def test_a_file_is_written_whole_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "new" / "file.txt"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    assert [p.name for p in path.parent.iterdir()] == ["file.txt"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WorkspaceError, match=r"Cannot write .*part-of-it"):
        write_whole(tmp_path / "file" / "part-of-it", b"body")
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_failed_write_leaves_the_old_file_and_no_part(tmp_path):
    path = tmp_path / "taken"
    (path / "inside").mkdir(parents=True)  # a folder stands where the file should go
    with pytest.raises(WorkspaceError, match="Cannot write"):
        write_whole(path, b"body")
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]
