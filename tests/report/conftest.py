"""Reports made once by the command itself, in a workspace of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import copied_workspace

MADE = ("København", "Lolland", "Billund", "Ærø", "Samsø", "Fanø", "Læsø")


def command(workspace, *arguments, **environment):
    """Run the command in a workspace and return what it said."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("healthindicators")), *arguments],
        cwd=workspace.root,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A workspace with the reports of some municipalities in Danish, and one in English."""
    workspace = copied_workspace(tmp_path_factory.mktemp("reports") / "w")
    danish = command(workspace, "report", *MADE)
    assert danish.returncode == 0, danish.stderr
    english = command(
        workspace, "report", "Aarhus", "--language", "en", "--framework", "denmark-2017-2020"
    )
    assert english.returncode == 0, english.stderr
    return workspace


def page_of(workspace, folder, stem="denmark-2021-2030.da") -> Path:
    return workspace.root / "reports" / "2026" / "DK" / folder / f"{stem}.html"
