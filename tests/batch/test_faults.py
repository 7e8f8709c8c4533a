"""What can go wrong, made to go wrong: nothing is lost, nothing is half-written, all is told."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from healthindicators.batch import account
from healthindicators.batch.account import Ending, Status
from healthindicators.batch.hold import NAME as HOLD
from healthindicators.workspace import PART
from tests.batch.making import add_cell, with_figures
from tests.conftest import command

STEM = "denmark-2021-2030.da"
COMMAND = str(Path(sys.executable).with_name("healthindicators"))


@pytest.fixture
def filled(workspace, processed):
    """A workspace with figures."""
    with_figures(workspace, processed)
    return workspace


def written(workspace):
    """The bytes of all reports, without what may hold a time."""
    folder = workspace.root / "reports"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in (account.NAME, HOLD)
    }


def half_written(workspace):
    return list(workspace.root.rglob(f"*{PART}"))


def told(workspace):
    return account.read(workspace.country_reports("2026", "DK") / account.NAME)[STEM]


KILLED = """
import json, os, random, signal, sys, time
from pathlib import Path
from healthindicators import build
from healthindicators.batch.run import Options, make_all
from healthindicators.report.parameters import resolve
from healthindicators.workspace import Workspace

workspace, rounds, seed = Workspace(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
build.opened(workspace, "DK")
names = ("Fanø", "Læsø", "Samsø", "Ærø", "Billund", "Lolland")
requests = [resolve(workspace, name) for name in names]
folder = workspace.root / "reports"

def bodies():
    return {str(p): p.read_bytes() for p in folder.rglob("*.*") if p.suffix in (".html", ".ipynb",
            ".csv", ".js")} | {str(p): p.read_bytes() for p in folder.rglob("*.made.json")}

def wrong(found):
    return [path for path in found if whole.get(path) != found[path]]

def begun(again):
    pid = os.fork()
    if not pid:
        batch = make_all(workspace, requests, Options("fork", jobs=2, again=again))
        os._exit(0 if batch.whole == len(requests) and not batch.problems else 1)
    return pid

def ended(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

started = time.monotonic()
assert ended(begun(False)) == 0
lasts = time.monotonic() - started
whole = bodies()
for path in whole:
    os.unlink(path)
chance = random.Random(seed)
kills = runs = 0
while kills < rounds and runs < 10 * rounds:
    runs += 1
    for path in sorted(bodies()):
        if chance.random() < 0.3:
            os.unlink(path)
    pid = begun(again=runs % 2 == 1)
    time.sleep(chance.uniform(0, lasts))
    os.kill(pid, signal.SIGKILL)
    if ended(pid) == -signal.SIGKILL:
        kills += 1
    else:
        lasts *= 0.8  # it was quicker than the first one
    assert not wrong(bodies()), wrong(bodies())
assert ended(begun(False)) == 0
assert bodies().keys() == whole.keys() and not wrong(bodies()), wrong(bodies())
assert ended(begun(False)) == 0
print(json.dumps({"kills": kills, "half": [str(p) for p in folder.rglob("*.part")]}))
"""


def test_killed_at_twenty_moments_and_run_again_gives_the_same_bytes(filled):
    seed = time.time_ns() % 100_000
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, str(filled.root), "20", str(seed)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert ran.returncode == 0, f"seed {seed}: {ran.stderr}"
    said = json.loads(ran.stdout)
    assert said["kills"] == 20, f"seed {seed}"
    assert said["half"] == []
    assert told(filled).ending is Ending.DONE
    assert told(filled).counts[Status.UNCHANGED] == 6


MISBEHAVING = """
if municipality == "DK-741": raise RuntimeError("no ferry today")
if municipality == "DK-825": (lambda: [None for _ in iter(int, 1)])()
if municipality == "DK-492": bytearray(3 * 1024**3)
if municipality == "DK-530": __import__("os").kill(__import__("os").getpid(), 9)
"""


def test_notebooks_that_raise_loop_eat_memory_or_die_cost_only_themselves(filled):
    add_cell(filled, MISBEHAVING.strip())
    said = command(
        filled, "report", "Fanø", "Samsø", "Læsø", "Ærø", "Billund",
        "--time-limit", "6", "--memory-limit", "1000", "--engine", "fork",
    )  # fmt: skip
    assert said.returncode == 51, said.stderr
    assert "1 of 5 reports: 1 made, 0 unchanged, 4 failed." in said.stdout
    assert "Traceback" not in said.stderr
    run = told(filled)
    assert run.ending is Ending.FAILED
    failures = {failure.municipality: failure for failure in run.failures}
    for id, message in (
        ("DK-741", "RuntimeError: no ferry today"),
        ("DK-825", "took longer than the 6 s"),
        ("DK-492", "needed more than the 1,000 MB"),
        ("DK-530", "SIGKILL"),
    ):
        assert message in failures[id].message
        assert message in said.stderr
        assert failures[id].name in said.stderr
        assert failures[id].cell.startswith("cell ")
        assert not list((filled.root / "reports").rglob(f"{id}-*/*"))
    assert len(list((filled.root / "reports").rglob("DK-563-fanoe/*"))) == 4
    assert half_written(filled) == []


def test_a_failing_report_leaves_the_one_that_was_there(filled):
    assert command(filled, "report", "Fanø").returncode == 0
    before = written(filled)
    add_cell(filled, "1 / 0")
    said = command(filled, "report", "Fanø")
    assert said.returncode == 51
    assert "DK-563 Fanø, cell" in said.stderr
    assert "ZeroDivisionError" in said.stderr
    assert written(filled) == before


def test_files_that_cannot_be_written_cost_their_own_report(filled):
    """A full disk, as far as a test can have one: no file may grow beyond 100 kB."""
    assert command(filled, "report", "Fanø").returncode == 0
    before = written(filled)
    full = subprocess.run(
        [COMMAND, "report", "Fanø", "Samsø"],
        cwd=filled.root,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert full.returncode == 51, full.stderr
    assert "Cannot write" in full.stderr
    assert "File too large" in full.stderr
    assert "Traceback" not in full.stderr
    assert written(filled) == before
    assert [f.municipality for f in told(filled).failures] == ["DK-741"]
    assert command(filled, "report", "Fanø", "Samsø").returncode == 0
    after = written(filled)
    assert {name for name in before if before[name] != after[name]} == {"2026/DK/index.html"}
    assert half_written(filled) == []


def may_mount():
    """Whether this user may mount a small disk that nobody else sees."""
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"]
    return (
        bool(shutil.which("unshare"))
        and not subprocess.run(tried, capture_output=True, check=False).returncode
    )


@pytest.mark.skipif(not may_mount(), reason="only who may mount a disk can fill one")
def test_a_disk_that_is_full_loses_nothing_and_is_told(filled):
    names = ("Fanø", "Samsø", "Læsø", "Ærø", "Billund", "Lolland")
    reports, saved = filled.root / "reports", filled.root / "saved"
    reports.mkdir()
    script = f"""
        mount -t tmpfs -o size=7500k tmpfs {reports}
        {COMMAND} report {" ".join(names)} --jobs 2
        ended=$?
        cp -r {reports} {saved}
        exit $ended
    """
    full = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script], cwd=filled.root, capture_output=True,
        text=True, check=False, timeout=600,
    )  # fmt: skip
    assert full.returncode == 51, full.stderr
    assert "No space left on device" in full.stderr
    assert "Traceback" not in full.stderr
    shutil.rmtree(reports)
    saved.rename(reports)
    whole = written(filled)
    records = [name for name in whole if name.endswith(".made.json")]
    assert 0 < len(records) < len(names)
    assert half_written(filled) == []
    again = command(filled, "report", *names)
    assert again.returncode == 0, again.stderr
    assert f"{len(names) - len(records)} made, {len(records)} unchanged, 0 failed" in again.stdout
    after = written(filled)
    kept = [name for name in whole if "index" not in name]
    assert {name: after[name] for name in kept} == {name: whole[name] for name in kept}


def test_one_at_a_time_and_several_at_once_give_the_same_bytes(filled):
    names = ("Fanø", "Samsø", "Læsø", "Ærø")
    assert command(filled, "report", *names, "--jobs", "1").returncode == 0
    first = written(filled)
    assert command(filled, "report", *names, "--jobs", "4", "--again").returncode == 0
    assert written(filled) == first


def test_a_folder_that_cannot_be_made_costs_its_own_report(filled):
    folder = filled.edition("2026") / "DK"
    folder.mkdir(parents=True)
    (folder / "DK-741-samsoe").write_text("a file is in the way")
    said = command(filled, "report", "Fanø", "Samsø")
    assert said.returncode == 51
    assert "Cannot write" in said.stderr
    assert "1 of 2 reports: 1 made, 0 unchanged, 1 failed." in said.stdout
    assert half_written(filled) == []


def working_in(workspace):
    """The processes that work in a workspace."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()) == workspace.root:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_all_copies_and_says_how_many_reports_are_whole(filled, number):
    add_cell(filled, 'if municipality != "DK-563": (lambda: [None for _ in iter(int, 1)])()')
    record = filled.edition("2026") / "DK" / "DK-563-fanoe" / f"{STEM}.made.json"
    process = subprocess.Popen(
        [COMMAND, "report", "Fanø", "Samsø", "Læsø", "--jobs", "2", "--time-limit", "300"],
        cwd=filled.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        while not record.exists():
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        busy = command(filled, "report", "Ærø")
        assert busy.returncode == 52
        assert f"process {process.pid} on " in busy.stderr
        os.killpg(process.pid, number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 128 + number
    assert "1 of 3 reports are whole; run the same command again" in err
    assert "Traceback" not in out + err
    assert working_in(filled) == []
    assert half_written(filled) == []
    run = told(filled)
    assert run.ending is Ending.STOPPED
    assert run.counts[Status.MADE] == 1
    assert run.counts[Status.LEFT] == 2


def test_both_engines_make_the_same_reports(filled):
    assert command(filled, "report", "Fanø", "--engine", "fork").returncode == 0
    first = written(filled)
    skipped = command(filled, "report", "Fanø", "--engine", "papermill")
    assert "1 of 1 reports: 0 made, 1 unchanged, 0 failed." in skipped.stdout
    made = command(filled, "report", "Fanø", "--engine", "papermill", "--again")
    assert "1 of 1 reports: 1 made, 0 unchanged, 0 failed." in made.stdout, made.stderr
    assert written(filled) == first
    assert told(filled).engine == "papermill"


def test_an_unknown_engine_is_told_with_those_there_are(filled):
    said = command(filled, "report", "Fanø", "--engine", "forks")
    assert said.returncode == 10
    assert "fork, papermill" in said.stderr


def test_an_index_is_written_only_where_it_changes(filled):
    assert command(filled, "report", "Fanø").returncode == 0
    index = filled.country_reports("2026", "DK") / "index.html"
    before = index.stat()
    assert command(filled, "report", "Fanø", "--again").returncode == 0
    assert (index.stat().st_ino, index.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert command(filled, "report", "Samsø").returncode == 0
    assert index.stat().st_ino != before.st_ino
