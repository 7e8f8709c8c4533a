"""How fast all reports of a network are made: against the naive loop, and against the floor.

    .venv/bin/python benchmarks/batch.py [--repeats 3] [--reports 745] [--naive 3] [--skip ...]

Everything is measured in one run, side by side and in turn, each as a process of its own: wall clock,
CPU of the whole tree (waited-for children included) and the peak of its memory, shared pages counted
once. Medians over the repeats; ratios are the figures to trust on a busy machine.

Only Denmark's 98 municipalities are in the starter figures, so 745 reports are the same places in
eight editions, for this benchmark alone. The 7,450 municipalities are synthetic: Denmark's rows under
new ids, to see that a report costs the same however many others there are.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
REFERENCE = 370.0
"""Milliseconds to import pandas, geopandas and plotly where the targets were set (November 2026)."""

EDITIONS = "2026", "2027", "2028", "2029", "2030", "2031", "2032", "2033"
SAMPLING = 0.5
"""Seconds between two looks at the memory of a process tree: looking takes a core some milliseconds."""

TARGETS = {
    "seconds for all reports": (15.0, "at most"),
    "seconds to the first report, cold": (2.0, "at most"),
    "times faster than the naive loop": (150.0, "at least"),
    "times the floor's CPU": (8.0, "at most"),
    "MB a page": (0.2, "at most"),
    "MB of memory, whole tree": (500.0, "at most"),
}


@dataclass(frozen=True)
class Cost:
    """What one process and all that it began has taken."""

    wall: float
    cpu: float
    memory: float
    largest_child: float
    said: str = ""


def run(*command: str, cwd: Path) -> Cost:
    """Run a command to its end and measure it; a command that fails ends the benchmark."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with _watched(process.pid) as peak:
        out, err = process.communicate()
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{err}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, peak[0] / 1e6, peak[1] / 1e6, out)


@contextmanager
def _watched(pid: int) -> Iterator[list[int]]:
    """Keep the greatest memory of a process tree, each page counted once, and a child's own."""
    peak, stop = [0, 0], threading.Event()

    def watch() -> None:
        root = psutil.Process(pid)
        while not stop.wait(SAMPLING):
            with suppress(psutil.Error):
                total = 0
                for process in (root, *root.children(recursive=True)):
                    with suppress(psutil.Error):
                        found = process.memory_full_info()
                        total += found.pss
                        if process is not root:
                            peak[1] = max(peak[1], found.uss)
                peak[0] = max(peak[0], total)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        stop.set()
        watcher.join()


def workspace(folder: Path) -> Path:
    """Return a workspace of the benchmark's own, with Denmark built."""
    for part in ("data/raw", "notebooks"):
        shutil.copytree(ROOT / part, folder / part)
    run(str(BIN / "healthindicators"), "build", "--country", "DK", cwd=folder)
    return folder


def empty(place: Path) -> None:
    """Remove the reports that were made."""
    shutil.rmtree(place / "reports", ignore_errors=True)


# What a process of its own does


def make(count: int, jobs: int) -> None:
    """Make `count` reports as the command does, index and account included."""
    from healthindicators import geography
    from healthindicators.batch.run import Options, make_all
    from healthindicators.report import site
    from healthindicators.report.parameters import resolve
    from healthindicators.workspace import Workspace

    place = Workspace.find()
    municipalities = geography.load("DK").municipalities
    requests = [resolve(place, m.id, edition=e) for e in EDITIONS for m in municipalities][:count]
    batch = make_all(place, requests, Options(jobs=jobs))
    assert not batch.problems, batch.problems
    for edition in sorted({r.edition for r in requests}):
        site.write_index(place, edition, "DK", "da")
    print(batch)


def floor(count: int) -> None:
    """Make pages by plain function calls and one template, and print the CPU of each."""
    from healthindicators import geography
    from healthindicators.report import export, place
    from healthindicators.report.page import open_page
    from healthindicators.report.parameters import resolve
    from healthindicators.report.warm import drawn, warm_up
    from healthindicators.workspace import Workspace, write_whole

    home = Workspace.find()
    municipalities = geography.load("DK").municipalities
    requests = [resolve(home, m.id, edition=e) for e in EDITIONS for m in municipalities][:count]
    warm_up(home, requests[:1])
    began = time.process_time()
    for request in requests:
        page = open_page(**request.parameters(), workspace=home)
        html = export.document(drawn(page), request, place.links(request))
        folder = home.report(request.edition, "DK", request.geo)
        write_whole(folder / place.page_name(request), html.encode())
    print(json.dumps((time.process_time() - began) / count))


def naive(place: Path, municipality: str) -> Cost:
    """Make one report as one would first do it: two commands, each from nothing."""
    scratch = place / "reports" / "naive"
    scratch.mkdir(parents=True, exist_ok=True)
    target = scratch / f"{municipality}.ipynb"
    first = run(
        str(BIN / "papermill"), "notebooks/municipality_profile.ipynb", str(target),
        "-r", "municipality", municipality, "--no-progress-bar", cwd=place,
    )  # fmt: skip
    second = run(str(BIN / "jupyter"), "nbconvert", "--to", "html", str(target), cwd=place)
    memory = max(first.memory, second.memory)
    return Cost(first.wall + second.wall, first.cpu + second.cpu, memory, 0.0)


def stages(count: int) -> None:
    """Print the CPU of a report's stages: each is what it takes more than the stage before."""
    from healthindicators import geography
    from healthindicators.execution.cells import run_cells
    from healthindicators.report import export, notebook, place
    from healthindicators.report.page import open_page
    from healthindicators.report.parameters import resolve
    from healthindicators.report.warm import drawn, kernel, warm_up
    from healthindicators.workspace import Workspace, write_together

    home = Workspace.find()
    requests = [resolve(home, m.id) for m in geography.load("DK").municipalities][:count]
    warm_up(home, requests)
    template = notebook.read(notebook.find(home))
    plain = notebook.with_parameters(template, requests[0].parameters())
    plain["cells"] = [
        cell | {"source": "None"} if cell["cell_type"] == "code" else cell
        for cell in plain["cells"]
    ]

    def only_fork(request: object, tell: object) -> None:
        pass

    def empty_cells(request: object, tell: Callable[[object], None]) -> None:
        run_cells(json.loads(json.dumps(plain)), kernel(), begun=tell)

    def real_cells(request: object, tell: Callable[[object], None]) -> dict:
        made = notebook.with_parameters(template, request.parameters())
        run_cells(made, kernel(), begun=tell)
        return made

    def exported(request: object, tell: Callable[[object], None]) -> dict:
        made = real_cells(request, tell)
        page = open_page(**request.parameters(), workspace=home)
        return {
            "html": export.document(made, request, place.links(request)).encode(),
            "ipynb": notebook.encode(notebook.steady(made)),
            "csv": page.figures_csv(),
        }

    def written(request: object, tell: Callable[[object], None]) -> None:
        folder = home.report("stages", "DK", request.geo)
        write_together({folder / f"x.{k}": v for k, v in exported(request, tell).items()})

    began = time.process_time()
    for request in requests:
        drawn(open_page(**request.parameters(), workspace=home))
    content = 1000 * (time.process_time() - began) / len(requests)
    gc.freeze()
    found = [_cpu(requests, w) for w in (only_fork, empty_cells, real_cells, exported, written)]
    names = ("copy of the process", "14 empty cells", "the cells' own work in a copy",
             "page, notebook and table encoded", "files written")  # fmt: skip
    steps = [b - a for a, b in zip([0.0, *found], found, strict=False)]
    print(
        json.dumps({"content in a warm process": content, **dict(zip(names, steps, strict=True))})
    )


def _cpu(requests: list, work: Callable) -> float:
    """Return the milliseconds of CPU that `work` takes for each request, in copies."""
    from healthindicators.execution.farm import run_each
    from healthindicators.execution.limits import Limits

    def quiet(request: object, tell: Callable) -> None:
        work(request, tell)

    def spent() -> float:
        uses = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(use.ru_utime + use.ru_stime for use in uses)

    before = spent()
    for ended in run_each(requests, quiet, jobs=2, limits=Limits()):
        assert not ended.ending.fault, ended.ending.fault
    return 1000 * (spent() - before) / len(requests)


def synthetic(count: int) -> None:
    """Write figures of `count` municipalities: those of Denmark many times, under new ids.

    Maps stay Denmark's: a larger network is several countries and not a more finely divided one.
    """
    import pandas as pd

    from healthindicators import build, geography
    from healthindicators.workspace import Workspace

    home = Workspace.find()
    real = [m.id for m in geography.load("DK").municipalities]
    copies = -(-count // len(real))

    def many(frame: pd.DataFrame) -> pd.DataFrame:
        places = frame[frame["geo"].isin(real)]
        parts = [places.assign(geo=places["geo"] + f"x{n}") for n in range(copies)]
        return pd.concat([frame, *parts], ignore_index=True)

    found = build.opened(home, "DK")
    place = Workspace(home.root / "synthetic" / str(count))
    for part in ("data/raw", "notebooks"):
        shutil.copytree(home.root / part, place.root / part, dirs_exist_ok=True)
    folder = place.processed("DK")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("observations", "estimates", "comparisons"):
        many(getattr(found, name)).to_parquet(folder / f"{name}.parquet", index=False)
    shutil.copy(home.processed("DK") / "boundaries.parquet", folder)


def scaled(count: int, sample: int) -> None:
    """Make `sample` reports among `count` synthetic municipalities; print the cost of each."""
    from dataclasses import replace

    from healthindicators import build, geography
    from healthindicators.execution.limits import Limits
    from healthindicators.processed import Processed
    from healthindicators.report import runner
    from healthindicators.report.parameters import resolve
    from healthindicators.workspace import Workspace

    home = Workspace.find()
    place = Workspace(home.root / "synthetic" / str(count))
    real = geography.load("DK")
    copies = -(-count // len(real.municipalities))
    geos = [
        replace(m, id=f"{m.id}x{n}", code=f"{m.code}x{n}", aliases=())
        for n in range(copies)
        for m in real.municipalities
    ][:count]
    register = geography.Register("DK", (*real.geos, *geos))
    found = build.opened(home, "DK")
    processed = Processed(place, found.plan, found.lock)
    geography.load = lambda country: register
    build.opened = lambda workspace, country: processed
    requests = [
        replace(resolve(home, geo.id.partition("x")[0]), geo=geo)
        for geo in geos[:: max(len(geos) // sample, 1)][:sample]
    ]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began, sizes = 0.0, []
    for _, made in runner.make_each(
        place, requests, engine="fork", jobs=2, limits=Limits(), finish=lambda *_: None
    ):
        assert isinstance(made, runner.Made), made
        began = began or time.perf_counter()  # what comes before the first report is done once
        sizes.append(sum(made.sizes.values()))
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        json.dumps(
            {
                "municipalities": count,
                "ms of CPU a report": 1000 * cpu / len(requests),
                "ms of wall clock a report": 1000 * wall / (len(requests) - 1),
                "MB of the parent": psutil.Process().memory_full_info().uss / 1e6,
                "kB a report": statistics.mean(sizes) / 1e3,
            }
        )
    )


def yardstick() -> None:
    """Print the milliseconds of CPU of an import, to tell how fast this machine is."""
    began = time.process_time()
    import geopandas  # noqa: F401
    import pandas  # noqa: F401
    import plotly  # noqa: F401

    print(json.dumps(1000 * (time.process_time() - began)))


# The run


def main() -> None:
    """Measure everything in turn, print a table, and say which targets are met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--reports", type=int, default=745)
    parser.add_argument("--naive", type=int, default=3, help="naive reports in each repeat")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--skip", nargs="*", default=[], choices=["naive", "scaled", "stages"])
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        name, *numbers = options.child
        parts = (make, floor, stages, synthetic, scaled, yardstick)
        {part.__name__: part for part in parts}[name](*map(int, numbers))
        return
    with tempfile.TemporaryDirectory() as scratch:
        report(options, workspace(Path(scratch)))


def child(place: Path, name: str, *numbers: int) -> Cost:
    """Run one of the functions above in a process of its own."""
    me = str(Path(__file__).resolve())
    return run(sys.executable, me, "--child", name, *map(str, numbers), cwd=place)


def report(options: argparse.Namespace, place: Path) -> None:
    """Take all measurements and print them."""
    found: dict[str, list[float]] = {}

    def keep(name: str, value: float) -> None:
        found.setdefault(name, []).append(value)

    places = ["DK-101", "DK-151", "DK-851", "DK-360", "DK-492", "DK-825"]
    for _ in range(options.repeats):
        empty(place)
        first = run(str(BIN / "healthindicators"), "report", "DK-101", cwd=place)
        keep("first: wall", first.wall)
        empty(place)
        batch = child(place, "make", options.reports, options.jobs)
        keep("batch: wall", batch.wall)
        keep("batch: CPU", batch.cpu)
        keep("batch: memory", batch.memory)
        keep("batch: a child's own memory", batch.largest_child)
        keep("yardstick: ms of CPU", float(child(place, "yardstick").said))
        again = child(place, "make", options.reports, options.jobs)
        keep("again: wall", again.wall)
        keep("floor: CPU a report", float(child(place, "floor", 196).said))
        if "naive" not in options.skip:
            for municipality in places[: options.naive]:
                one = naive(place, municipality)
                keep("naive: wall a report", one.wall)
                keep("naive: CPU a report", one.cpu)
                keep("naive: memory", one.memory)
    middle = {name: statistics.median(values) for name, values in found.items()}
    _print_costs(found, middle)
    _print_targets(options, middle, _sizes(place))
    if "stages" not in options.skip:
        print("\nWhere the CPU of a report goes, ms (median of repeats):")
        rounds = [json.loads(child(place, "stages", 98).said) for _ in range(options.repeats)]
        for name in rounds[0]:
            print(f"  {name:45}{statistics.median(r[name] for r in rounds):8.1f}")
    if "scaled" not in options.skip:
        print("\nThe same report among more and more synthetic municipalities:")
        for count in (98, 745, 7450):
            child(place, "synthetic", count)
            cost = child(place, "scaled", count, 196 if count > 98 else 98)
            told = json.loads(cost.said) | {
                "MB of a child's own": cost.largest_child,
                "MB of the whole tree": cost.memory,
            }
            print("  " + ", ".join(f"{name} {value:,.1f}" for name, value in told.items()))


def _sizes(place: Path) -> dict[str, float]:
    """Return the bytes of what lies on disk: a page, a notebook, and all."""
    files = [p for p in (place / "reports").rglob("*") if p.is_file()]
    pages = [p.stat().st_size for p in files if p.name.endswith(".da.html")
             and not p.name.startswith("index") and "naive" not in p.parts]  # fmt: skip
    notebooks = [p.stat().st_size for p in files if p.suffix == ".ipynb" and "naive" not in p.parts]
    whole = [p.stat().st_size for p in files if "naive" not in p.parts]
    return {
        "page": statistics.mean(pages), "largest": max(pages),
        "notebook": statistics.mean(notebooks), "all": sum(whole), "count": len(pages),
    }  # fmt: skip


def _print_costs(found: dict[str, list[float]], middle: dict[str, float]) -> None:
    print(f"{'measured':32}{'median':>10}{'least':>10}{'most':>10}")
    for name, values in found.items():
        print(f"{name:32}{middle[name]:10.3f}{min(values):10.3f}{max(values):10.3f}")


def _print_targets(
    options: argparse.Namespace, middle: dict[str, float], sizes: dict[str, float]
) -> None:
    count = options.reports
    values = {
        "seconds for all reports": middle["batch: wall"],
        "seconds to the first report, cold": middle["first: wall"],
        "times the floor's CPU": middle["batch: CPU"] / count / middle["floor: CPU a report"],
        "MB a page": sizes["page"] / 1e6,
        "MB of memory, whole tree": middle["batch: memory"],
    }
    if "naive: wall a report" in middle:
        each = middle["naive: wall a report"]
        values["times faster than the naive loop"] = each * count / middle["batch: wall"]
        cpu = middle["naive: CPU a report"] * count / middle["batch: CPU"]
        print(f"\nThe naive loop would take {each * count / 60:.0f} minutes; CPU {cpu:.0f} times.")
    print(
        f"\n{count} reports: {sizes['all'] / 1e6:.0f} MB in all; a notebook "
        f"{sizes['notebook'] / 1e3:.0f} kB, the largest page {sizes['largest'] / 1e3:.0f} kB."
    )
    slower = middle["yardstick: ms of CPU"] / REFERENCE
    print(f"\nThis machine takes {slower:.1f} times as long as the one the targets were set on.")
    print(f"\n{'target':38}{'measured':>10}{'wanted':>18}")
    for name, (limit, sense) in TARGETS.items():
        if name in values:
            met = values[name] <= limit if sense == "at most" else values[name] >= limit
            wanted = f"{sense} {limit:g}"
            print(f"{name:38}{values[name]:10.2f}{wanted:>18}  {'met' if met else 'MISSED'}")


if __name__ == "__main__":
    main()
