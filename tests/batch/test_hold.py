"""One batch at a time in an edition, whatever becomes of the one before."""

import os
import subprocess
import sys

import pytest

from healthindicators.batch.hold import hold
from healthindicators.errors import EditionBusy, WorkspaceError

HOLDER = """
import sys
from pathlib import Path
from healthindicators.batch.hold import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the edition until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_batch_is_refused_and_told_who_is_at_work(tmp_path, holder):
    with pytest.raises(EditionBusy) as refused, hold(tmp_path):
        pass
    assert f"process {holder.pid} on {os.uname().nodename} since 20" in str(refused.value)
    assert refused.value.exit_code == 52
    with hold(tmp_path / "another edition"):
        pass


def test_a_hold_ends_with_its_process_however_that_ends(tmp_path, holder):
    holder.kill()
    holder.wait()
    with hold(tmp_path):
        pass


def test_a_copy_of_the_process_keeps_no_hold(tmp_path):
    with hold(tmp_path):
        reading, writing = os.pipe()
        copy = os.fork()
        if not copy:
            os.close(writing)
            os.read(reading, 1)
            os._exit(0)
    try:
        with hold(tmp_path):
            pass
    finally:
        os.close(writing)
        os.waitpid(copy, 0)
        os.close(reading)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WorkspaceError, match="Cannot write"), hold(tmp_path / "file" / "2026"):
        pass
