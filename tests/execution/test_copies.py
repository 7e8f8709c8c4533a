"""Copies of a process: what one does reaches no other, and what befalls one costs only that one."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from healthindicators.execution.limits import Limits
from healthindicators.execution.safety import why_unsafe

START = """
import json, os, sys, time
from healthindicators.execution.cells import run_cells
from healthindicators.execution.child import Child
from healthindicators.execution.farm import run_each
from healthindicators.execution.kernel import Kernel
from healthindicators.execution.limits import NONE, Limits

kernel = Kernel()
kernel.rehearse()

def run(sources, tell):
    cells = [
        {"cell_type": "code", "source": s, "metadata": {}, "outputs": [], "execution_count": None}
        for s in sources
    ]
    failure = run_cells({"cells": cells, "metadata": {}}, kernel, begun=tell)
    texts = [o["data"]["text/plain"] for c in cells for o in c["outputs"] if "data" in o]
    return texts, failure.ename if failure else None

def tell_all(tasks, jobs, limits):
    for ended in run_each(tasks, run, jobs=jobs, limits=limits):
        ending = ended.ending
        print(json.dumps([tasks.index(ended.task), ending.value, ending.fault, ended.last_told]))
"""


def begin(script, **options):
    """Start a fresh process, which has no threads, with a script."""
    code = START + textwrap.dedent(script)
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        **options,
    )  # fmt: skip


def told(script):
    """Run a script and return the lines that it printed, read as JSON."""
    out, err = begin(script).communicate(timeout=120)
    assert not err, err
    return [json.loads(line) for line in out.splitlines()]


def is_running(pid):
    """Return whether a process is there and no mere entry for its parent to read."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
        return state.rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid, seconds=20):
    """Wait until a process has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not is_running(pid):
            return True
        time.sleep(0.02)
    return False


LEAKS = {
    "an option of pandas": (
        "import pandas as pd\npd.set_option('display.max_rows', 7)",
        "import pandas as pd\npd.get_option('display.max_rows')",
        "60",
    ),
    "a patched class": (
        "import pandas as pd\npd.DataFrame.head = lambda self: 'patched'",
        "import pandas as pd\npd.DataFrame({'a': [1]}).head() is 'patched'",
        "False",
    ),
    "an environment variable": (
        "import os\nos.environ['LEAK'] = 'yes'",
        "import os\nos.environ.get('LEAK', 'no')",
        "'no'",
    ),
    "a path of modules": (
        "import sys\nsys.path.append('/leak')",
        "import sys\n'/leak' in sys.path",
        "False",
    ),
    "the folder": (
        "import os\nos.chdir('/')",
        "import os\nos.getcwd() == '/'",
        "False",
    ),
    "an attribute of a module": (
        "import healthindicators\nhealthindicators.leak = 1",
        "import healthindicators\nhasattr(healthindicators, 'leak')",
        "False",
    ),
    "a filter of warnings": (
        "import warnings\nwarnings.simplefilter('error')",
        "import warnings\nwarnings.filters[0][0] == 'error'",
        "False",
    ),
    "a template of plotly": (
        "import plotly.io as pio\npio.templates.default = 'ggplot2'",
        "import plotly.io as pio\npio.templates.default",
        "'plotly'",
    ),
    "a name of the notebook": (
        "leaked = 1",
        "'leaked' in globals()",
        "False",
    ),
    "a cache of ours": (
        "from healthindicators import catalog\ncatalog.load().indicators.clear()",
        "from healthindicators import catalog\nlen(catalog.load().indicators) > 10",
        "True",
    ),
    "a frame of ours": (
        "from healthindicators.model import Period\nPeriod.years = 99",
        "from healthindicators.model import Period\nPeriod(2000, 2001).years",
        "2",
    ),
}  # fmt: skip


def test_what_one_run_changes_no_other_sees():
    spoil = [first for first, _, _ in LEAKS.values()]
    look = [second for _, second, _ in LEAKS.values()]
    tasks = [spoil, look, [*spoil, "'spoilt'"], [*look, "'again'"]]
    lines = told(
        f"""
        import warnings
        warnings.simplefilter("ignore")
        tell_all({tasks!r}, 1, NONE)
        """
    )
    values = {number: value for number, value, _, _ in lines}
    assert values[0] == [[], None]  # every attempt to spoil went through
    assert values[2] == [["'spoilt'"], None]
    for number in (1, 3):
        seen, failed = values[number]
        assert failed is None
        for (what, (_, _, clean)), found in zip(LEAKS.items(), seen, strict=False):
            assert found == clean, what


def test_chance_is_not_shared():
    draw = "import random, numpy\nrandom.random(), numpy.random.rand()"
    lines = told(f"import numpy\ntell_all([[{draw!r}], [{draw!r}, '1']], 2, NONE)")
    (one, _), (other, _) = (value for _, value, _, _ in lines)
    first, second = (json.loads(text[0].replace("(", "[").replace(")", "]").replace("np.float64", ""))
                     for text in (one, other))  # fmt: skip
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_what_goes_wrong_in_one_run_is_told_and_costs_no_other():
    tasks = {
        "good": ["1", "'still here'"],
        "raises": ["1", "1 / 0", "2"],
        "loops": ["1", "while True: pass"],
        "eats memory": ["1", "x = [bytearray(10**7) for _ in range(10**5)]"],
        "eats memory in numpy": ["import numpy", "numpy.ones(10**10)"],
        "aborts": ["1", "import os\nos.abort()"],
        "is killed": ["import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"],
        "leaves": ["1", "2", "import os\nos._exit(0)"],
        "ends itself": ["raise SystemExit(3)"],
    }
    lines = told(f"tell_all({list(tasks.values())!r}, 2, Limits(3.0, 300 * 1024**2))")
    found = {list(tasks)[number]: rest for number, *rest in lines}
    assert found["good"][0] == [["1", "'still here'"], None]
    assert found["raises"][0] == [["1"], "ZeroDivisionError"]
    assert found["loops"] == [None, "took longer than the 3 s that one run may take", 1]
    assert found["eats memory"][0] == [["1"], "MemoryError"]
    assert "MemoryError" in found["eats memory in numpy"][0][1]
    assert found["aborts"] == [None, "its process was ended by SIGABRT", 1]
    assert found["is killed"] == [None, "its process was ended by SIGKILL", 0]
    assert found["leaves"] == [None, "its process ended before it was done", 2]
    assert found["ends itself"][0] == [[], "SystemExit"]
    assert len(lines) == len(tasks)


def test_what_a_run_has_begun_ends_with_it():
    begins = "import subprocess\nsubprocess.Popen(['sleep', '600']).pid"
    lines = told(f"tell_all([[{begins!r}], [{begins!r}, 'while True: pass']], 2, Limits(2.0, 0))")
    values = [value for _, value, fault, _ in lines if not fault]
    assert len(values) == 1
    assert gone(int(values[0][0][0]))


def test_copies_end_when_the_one_who_made_them_is_killed():
    process = begin(
        """
        def work(task, tell):
            print(os.getpid(), flush=True)
            time.sleep(600)
        list(run_each([1, 2], work, jobs=2, limits=NONE))
        """
    )
    pids = [int(process.stdout.readline()) for _ in range(2)]
    assert all(map(is_running, pids))
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert all(map(gone, pids))


def test_copies_end_when_their_consumer_stops():
    lines = told(
        """
        def work(task, tell):
            tell(os.getpid())
            if task > 0:
                time.sleep(600)
            return os.getpid()

        ends = run_each([0, 1, 2], work, jobs=3, limits=NONE)
        first = next(ends)
        pids = [int(p) for p in os.popen(f"ps -o pid= --ppid {os.getpid()}").read().split()]
        ends.close()
        print(json.dumps([first.task, len(pids) >= 2]))
        left = os.popen(f"ps -o pid= --ppid {os.getpid()}").read().split()
        print(json.dumps(len(left) <= 1))  # the ps itself
        """
    )
    assert lines == [[0, True], True]


def test_many_runs_leave_nothing_open():
    lines = told(
        """
        count = lambda: len(os.listdir("/proc/self/fd"))
        list(run_each(range(3), lambda task, tell: task, jobs=2, limits=Limits()))
        before = count()
        made = sorted(e.ending.value for e in run_each(
            range(100), lambda task, tell: task, jobs=4, limits=Limits()))
        print(json.dumps([made == list(range(100)), count() - before]))
        """
    )
    assert lines == [[True, 0]]


def test_the_maker_keeps_its_environment_and_main_module():
    (same,) = told(
        """
        import __main__
        print(json.dumps(["PAGER" in os.environ, "run_each" in vars(__main__)]))
        """
    )
    assert same == ["PAGER" in os.environ, True]


@pytest.mark.parametrize(
    ("module", "reason"), [("polars", "polars is loaded"), ("duckdb", "duckdb is loaded")]
)
def test_libraries_that_hang_in_copies_are_refused(monkeypatch, module, reason):
    monkeypatch.setattr("threading.enumerate", list)
    monkeypatch.setitem(sys.modules, module, os)
    assert reason in why_unsafe()


def test_only_linux_copies_safely(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "not on darwin" in why_unsafe()


def test_faults_name_the_limit():
    assert Limits(90, 0).time_fault == "took longer than the 90 s that one run may take"
    assert "2,048 MB" in Limits().memory_fault
