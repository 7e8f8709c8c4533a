"""The engine gives the notebook that papermill's own engine gives, apart from times."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.execution.hard_cells import hard_notebook, notebook

TIMES = ("start_time", "end_time", "duration")
ENGINES = ("nbclient", "healthindicators")
ADDED = {"papermill-error-cell-tag", "injected-parameters"}
"""Tags of cells that papermill adds, with ids by chance."""

PROCESS = re.compile(r"ipykernel_\d+|pid \d+|0x[0-9a-f]{6,}")


def papermill(path, engine, *options):
    """Run the command `papermill`, and return the notebook that it wrote and what it said."""
    target = path.with_name(f"{engine}.ipynb")
    # ipykernel leaves a process's own output alone where it finds itself in a test
    env = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}
    ran = subprocess.run(
        [
            str(Path(sys.executable).with_name("papermill")), "--engine", engine,
            "--no-progress-bar", *options, str(path), str(target),
        ],
        cwd=path.parent, env=env, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    return nbformat.read(target, as_version=4), ran


def without_times(made):
    """Return a notebook without what differs between two runs of one engine."""
    made.metadata.papermill.pop("output_path")
    for part in (made, *made.cells):
        for name in TIMES:
            part.metadata.get("papermill", {}).pop(name, None)
        if "execution" in part.metadata:
            part.metadata["execution"] = sorted(part.metadata["execution"])
    for number, cell in enumerate(made.cells):
        if set(cell.metadata.get("tags", [])) & ADDED:
            cell.id = f"added-{number}"
    return PROCESS.sub("", nbformat.writes(made))


@pytest.fixture
def both(tmp_path):
    """A function that runs a notebook by both engines and returns what each gave."""

    def run(made, *options):
        path = tmp_path / "in.ipynb"
        nbformat.write(made, path)
        return [papermill(path, engine, *options) for engine in ENGINES]

    return run


def test_hard_cells_give_the_same_notebook(both):
    (reference, said), (ours, also) = both(hard_notebook())
    assert said.returncode == also.returncode == 1
    assert "ValueError: the end" in also.stderr
    by_source = {c.source: c.get("outputs") for c in ours.cells}
    assert by_source["x"][0]["data"]["text/plain"] == "5"
    for one, other in zip(reference.cells, ours.cells, strict=True):
        outputs = [PROCESS.sub("", str(c.get("outputs"))) for c in (one, other)]
        assert outputs[1] == outputs[0], one.source
    assert without_times(ours) == without_times(reference)


def test_parameters_arrive_and_texts_are_logged_as_papermill_does_it(both, tmp_path):
    made = notebook("name = 'x'", "print(name)\nname", tags={"name = 'x'": ["parameters"]})
    options = ("-r", "name", "0301", "--log-output", "--stdout-file", str(tmp_path / "said"))
    (reference, said), (ours, also) = both(made, *options)
    assert ours.cells[2].outputs[0].text == "0301\n"
    assert without_times(ours) == without_times(reference)
    assert (tmp_path / "said").read_text() == "0301\n"
    assert also.stderr.count("0301") == said.stderr.count("0301") >= 1


def test_a_cell_that_takes_too_long_is_named(both):
    (reference, said), (ours, also) = both(
        notebook("1", "while True: pass", "2"), "--execution-timeout", "2"
    )
    for ran in (said, also):
        assert ran.returncode == 1
        assert "CellTimeoutError" in ran.stderr
        assert "while True: pass" in ran.stderr
    # papermill's own engine interrupts the cell as it gives up, and may still hear of it.
    for cell in (0, 2):
        assert ours.cells[cell].outputs == reference.cells[cell].outputs
    statuses = [[c.metadata.papermill.status for c in m.cells] for m in (reference, ours)]
    assert statuses[0] == statuses[1]


def test_a_process_that_dies_is_told_like_a_dead_kernel(both):
    (reference, said), (ours, also) = both(notebook("1", "import os\nos.abort()", "2"))
    assert also.returncode == said.returncode > 0
    for ran in (said, also):
        assert "DeadKernelError" in ran.stderr
    assert "SIGABRT" in also.stderr
    assert [c.outputs for c in ours.cells] == [c.outputs for c in reference.cells]


def test_where_copies_are_unsafe_papermills_own_engine_runs(tmp_path):
    script = tmp_path / "threads.py"
    script.write_text(
        "import sys, threading, papermill\n"
        "threading.Thread(target=threading.Event().wait, daemon=True, name='busy').start()\n"
        "papermill.execute_notebook('in.ipynb', 'out.ipynb', engine_name='healthindicators',\n"
        "    progress_bar=False)\n"
    )
    nbformat.write(notebook("6 * 7"), tmp_path / "in.ipynb")
    ran = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "other threads: busy" in ran.stderr
    made = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert made.cells[0].outputs[0].data["text/plain"] == "42"
