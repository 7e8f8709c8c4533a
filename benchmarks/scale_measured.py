"""What the cost model of `scale.py` is fed with, measured on this machine.

python benchmarks/scale_measured.py report            # the command: start, seconds and bytes a report
python benchmarks/scale_measured.py dask 100000       # driver and scheduler, chunks that make nothing
python benchmarks/scale_measured.py agree             # a real run on two workers beside its simulation
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import distributed
from scale import Costs, Fleet, Simulation, forecast

from healthindicators import geography
from healthindicators.batch import cluster
from healthindicators.batch.chunk import MAKE, PYTHON, Account, Planned, Work
from healthindicators.batch.remote import Inputs, Place, survey
from healthindicators.workspace import HOME, Workspace

RECORD = "2026/XX/{0}/denmark-2021-2030.da.made.json"

WAIT = """
import hashlib, json, os, pathlib, sys, time
home = pathlib.Path(os.environ["HEALTHINDICATORS_HOME"])
start, report, size = (float(word) for word in sys.argv[1:4])

time.sleep(start)
body = os.urandom(int(size))
about = {"page.html": {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}}
for id in sys.argv[4:]:
    time.sleep(report)
    folder = home / "reports/2026/XX" / id
    folder.mkdir(parents=True)
    (folder / "page.html").write_bytes(body)
    record = {"municipality": id, "common": "c", "inputs": id, "files": about}
    beside = folder / "record.new"
    beside.write_text(json.dumps(record))
    beside.replace(folder / "denmark-2021-2030.da.made.json")
"""


def planned(count: int) -> list[Planned]:
    """Return a plan of municipalities that are not there."""
    return [Planned(f"XX-{n:06}", RECORD.format(f"XX-{n:06}"), "c") for n in range(count)]


@contextmanager
def machines(count: int, processes: bool) -> Iterator[distributed.Client]:
    """Start workers on this machine."""
    with (
        distributed.LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=processes,
            protocol="tcp://",
            host="127.0.0.1",
            dashboard_address=None,
        ) as started,
        distributed.Client(started, set_as_default=False) as client,
    ):
        yield client


def nothing(work: Work, some: list[Planned]) -> Account:
    """Stand in for `make_chunk`: records and no reports."""
    body = b"page"
    files = {"page.html": {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}}
    account = Account()
    bodies = {}
    for report in some:
        record = {"municipality": report.municipality, "common": report.common, "files": files}
        account.records[report.municipality] = record
        bodies[report.record] = json.dumps(record).encode()
        bodies[f"{report.folder}/page.html"] = body
    Place(work.outputs).put(bodies)
    return account


def measure_dask(reports: int, workers: int = 20) -> None:
    """Time driver and scheduler with the plan of a large run."""
    cluster.make_chunk = nothing
    work = Work(inputs=Inputs("", ()), outputs="memory://scale", edition="2026")
    plan = planned(reports)
    with machines(workers, processes=False) as client:
        began, used = time.perf_counter(), time.process_time()
        made = sum(bool(ended.record) for ended in cluster.run(client, work, plan))
        wall, cpu = time.perf_counter() - began, time.process_time() - used
    began = time.perf_counter()
    found = cluster.whole(Place(work.outputs), plan)
    looked = time.perf_counter() - began
    assert made == len(found) == reports
    size = cluster.chunk_size(reports, workers)
    chunks = math.ceil(reports / size)
    print(
        f"{reports:,} reports, {chunks:,} chunks of {size}, {workers} workers in this process: "
        f"{wall:.1f} s wall, {cpu:.1f} s CPU, stores and records included. One look at all records "
        f"and sizes: {looked:.1f} s, {looked / reports * 1e6:.0f} µs a report. The rest: "
        f"{(wall - looked) / chunks * 1e3:.1f} ms a chunk. Driver's memory "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB."
    )


def measure_report() -> None:
    """Time the command with few and with more reports; the difference is what a report takes."""
    home = Workspace.find().root
    stock = survey(str(home))
    inputs = sum((home / name).stat().st_size for name, _ in stock.files)
    ids = [municipality.id for municipality in geography.load("DK").municipalities]
    took = {}
    for count in (2, 22):
        with tempfile.TemporaryDirectory() as scratch:
            run = Path(scratch)
            for name in ("data", "notebooks"):
                (run / name).symlink_to(home / name)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            began = time.perf_counter()
            words = [sys.executable if word == PYTHON else word for word in MAKE]
            subprocess.run(
                [*words, *ids[:count], "--jobs", "1", "--no-index"],
                cwd=run,
                env={**os.environ, HOME: str(run)},
                check=True,
                capture_output=True,
            )
            wall = time.perf_counter() - began
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            written = [p for p in run.glob("reports/*/*/*/*") if p.is_file()]
            sizes = sum(path.stat().st_size for path in written)
            took[count] = (wall, cpu, sizes / count, len(written) / count)
    (few, less, _, _), (wall, cpu, sizes, files) = took[2], took[22]
    report = (wall - few) / 20
    print(
        f"start {few - 2 * report:.2f} s, report {report:.3f} s wall and {(cpu - less) / 20:.3f} s "
        f"CPU on one core, {sizes / 1e6:.2f} MB in {files:.1f} files a report, "
        f"inputs {inputs / 1e6:.1f} MB in {len(stock.files)} files"
    )


def measure_agreement(reports: int = 400) -> None:
    """Run chunks that only wait on two real workers, and say what model and simulation expect.

    They wait rather than compute, so that this holds on a busy machine as well.
    """
    costs = Costs(
        start=0.5, report=0.02, bytes=2e5, inputs=1e3, latency=1e-4, bandwidth=4e8, connect=0
    )
    fleet = Fleet(workers=2, cores=1)
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "in/data/raw").mkdir(parents=True)
        (here / "in/notebooks").mkdir()
        (here / "in/data/raw/lock.toml").write_text("")
        (here / "in/notebooks/n.ipynb").write_text("{}")
        (here / "wait.py").write_text(WAIT)
        burn = (str(costs.start), str(costs.report), str(costs.bytes))
        work = Work(
            inputs=survey(str(here / "in")),
            outputs=str(here / "out"),
            edition="2026",
            command=(PYTHON, str(here / "wait.py"), *burn),
            prepare=(),
            scratch=str(here / "scratch"),
        )
        with machines(2, processes=True) as client:
            began = time.perf_counter()
            made = sum(bool(ended.record) for ended in cluster.run(client, work, planned(reports)))
            took = time.perf_counter() - began
    assert made == reports
    simulated = Simulation(reports, costs, fleet, 1).run() - costs.start
    model = forecast(reports, costs, fleet).seconds - costs.start
    print(
        f"{reports} reports on two workers: {took:.1f} s, simulated {simulated:.1f}, model {model:.1f}"
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["report"]:
            measure_report()
        case ["dask", count]:
            measure_dask(int(count))
        case ["agree"]:
            measure_agreement()
        case _:
            sys.exit(__doc__)
