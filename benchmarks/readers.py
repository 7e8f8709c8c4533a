"""How fast bytes become figures, beside other packages in the same run.

    .venv/bin/python benchmarks/readers.py [--cells 2000000] [--rows 5000000] [--few 200000]
        [--repeats 5]

JSON-stat of two million cells, StatBank's BULK of five million rows read to categories, and parquet
written and one municipality taken from it. Least times of the repeats, all works in turn: on a busy
machine the least is what the work needs, and ratios are the figures to trust. The load is told.

Beside `pyjstat` and `pxwebpy` where these are installed, and plain pandas. They need not be: a folder
that was filled with `pip install --target FOLDER pyjstat pxwebpy` and is named last in PYTHONPATH is
enough. JSON-stat is read by them at `--few` cells, scaled up (a row is an object of Python there), and
by us at both. What each gives is held against the figures that were written.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import importlib.metadata
import io
import itertools
import json
import os
import platform
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from healthindicators.formats import delimited, jsonstat

SEED = 5
EMPTY_EVERY = 7
"""Each seventh cell has no value; where there are statuses, it has one."""
TARGET = 0.5
"""Seconds for all cells of JSON-stat."""


@dataclass(frozen=True)
class Work:
    """Something to time, in a group whose first is ours; `rows` is how much it reads of the whole."""

    group: str
    name: str
    rows: int
    call: Callable[[], Any]
    total: Callable[[Any], float]
    """The sum of the figures in what the call returns."""


@dataclass(frozen=True)
class Took:
    """Least seconds of a work, and whether the sum of its figures is the true one."""

    wall: float
    cpu: float
    right: bool


# JSON-stat


def shape(cells: int) -> dict[str, list[str]]:
    """Return dimensions and codes of about so many cells, as a table of municipalities has them."""
    sizes = {"Region": 357, "Kjonn": 2, "Alder": 20, "ContentsCode": 4}
    years = max(round(cells / prod(sizes.values())), 1)
    codes = {name: [f"{place:04d}" for place in range(size)] for name, size in sizes.items()}
    return codes | {"Tid": [str(1900 + year) for year in range(years)]}


def figures(count: int, *, decimals: bool) -> list[int | float | None]:
    """Return values, of which some are empty."""
    random = np.random.default_rng(SEED)
    drawn: list[int | float | None] = (
        (random.random(count) * 100).round(1) if decimals else random.integers(0, 100_000, count)
    ).tolist()
    drawn[::EMPTY_EVERY] = [None] * len(range(0, count, EMPTY_EVERY))
    return drawn


def json_stat(cells: int, *, decimals: bool, sparse: bool, status: bool) -> tuple[bytes, float]:
    """Return a data set and the sum of its figures."""
    axes = shape(cells)
    values = figures(prod(map(len, axes.values())), decimals=decimals)
    told = {str(at): value for at, value in enumerate(values) if value is not None}
    marks = {str(at): ".." for at in range(0, len(values), EMPTY_EVERY)}
    said = {
        "version": "2.0",
        "class": "dataset",
        "label": "A table",
        "id": list(axes),
        "size": [len(codes) for codes in axes.values()],
        "dimension": {
            name: {
                "label": name,
                "category": {
                    "index": {code: at for at, code in enumerate(codes)},
                    "label": {code: code for code in codes},
                },
            }
            for name, codes in axes.items()
        },
        "value": told if sparse else values,
    } | ({"status": marks} if status else {})
    body = json.dumps(said, separators=(",", ":")).encode()
    return body, float(sum(value for value in values if value is not None))


KINDS: Mapping[str, dict[str, bool]] = {
    "whole numbers": {"decimals": False, "sparse": False, "status": False},
    "whole numbers, statuses": {"decimals": False, "sparse": False, "status": True},
    "decimals, statuses": {"decimals": True, "sparse": False, "status": True},
    "sparse, statuses": {"decimals": False, "sparse": True, "status": True},
}


def of_cube(cube: Any) -> float:
    """Return the sum of the figures in a cube."""
    return float(np.nansum(cube.cells["value"].to_numpy()))


def of_frame(frame: pd.DataFrame) -> float:
    """Return the sum of the figures in a frame."""
    return float(pd.to_numeric(frame["value"]).sum())


def by_pandas(body: bytes) -> pd.DataFrame:
    """Read as one writes it first: the standard library's JSON, and every combination."""
    said = json.loads(body)
    codes = [list(said["dimension"][name]["category"]["index"]) for name in said["id"]]
    index = pd.MultiIndex.from_product(codes, names=said["id"])
    values = said["value"]
    if isinstance(values, dict):
        values = [values.get(str(at)) for at in range(len(index))]
    return pd.DataFrame({"value": values}, index=index).reset_index()


def others() -> dict[str, Callable[[bytes], pd.DataFrame]]:
    """Return the readers of other packages that are installed here."""
    found: dict[str, Callable[[bytes], pd.DataFrame]] = {}
    try:
        from pyjstat import pyjstat
    except ImportError:
        pass
    else:
        found["pyjstat"] = lambda body: pyjstat.Dataset.read(body.decode()).write(
            "dataframe", naming="id"
        )
    try:
        # What turns a reply into rows is inside its client, which only talks to services.
        from pxweb._internal.functions import unpack_table_data
    except ImportError:
        pass
    else:
        found["pxwebpy"] = lambda body: pd.DataFrame(
            unpack_table_data(json.loads(body), show="code")
        )
    return found


def json_stat_works(cells: int, few: int) -> Iterator[tuple[Work, float]]:
    """Yield works with the sums that they must come to."""
    for kind, options in KINDS.items():
        group = f"JSON-stat, {kind}"
        for size in dict.fromkeys((cells, few)):
            body, total = json_stat(size, **options)
            count = prod(map(len, shape(size).values()))
            ours = partial(jsonstat.read, body, where="x")
            yield Work(group, "here", count, ours, of_cube), total
        yield Work(group, "json and pandas", count, partial(by_pandas, body), of_frame), total
        for name, reader in others().items():
            if name == "pxwebpy" and options["sparse"]:
                continue  # it reads lists of values only
            yield Work(group, name, count, partial(reader, body), of_frame), total


# StatBank's BULK


def bulk(rows: int) -> tuple[bytes, float]:
    """Return rows as StatBank writes them, and the sum of their figures."""
    periods = max(rows // (104 * 3 * 126 * 5), 1)
    axes = {
        "OMRÅDE": [f"{place:03d}" for place in range(104)],
        "KØN": ["TOT", "1", "2"],
        "ALDER": [str(age) for age in range(126)],
        "CIVILSTAND": ["TOT", "U", "G", "E", "F"],
        "TID": [f"{2008 + n // 4}K{n % 4 + 1}" for n in range(periods)],
    }
    count = prod(map(len, axes.values()))
    values = np.random.default_rng(SEED).integers(1, 50_000, count)
    text = io.StringIO()
    text.write(";".join([*axes, "INDHOLD"]) + "\r\n")
    keys = map(";".join, itertools.product(*axes.values()))
    text.writelines(f"{key};{value}\r\n" for key, value in zip(keys, values.tolist(), strict=True))
    return text.getvalue().encode(), float(values.sum())


def bulk_works(body: bytes) -> Iterator[Work]:
    """Yield readers of BULK: codes as categories of text, and as pandas takes them by itself."""
    group, rows = "StatBank BULK", body.count(b"\n") - 1
    layout = delimited.Layout("utf-8", ";", ".", closed=True)
    ours = partial(delimited.read, body, where="x", value="INDHOLD", layout=layout)
    names = body[: body.index(b"\r\n")].decode().split(";")
    codes = dict.fromkeys(names[:-1], "category") | {"INDHOLD": "float64"}

    def read(**options: Any) -> pd.DataFrame:
        return pd.read_csv(io.BytesIO(body), sep=";", **options)

    def total(frame: pd.DataFrame) -> float:
        return float(frame["INDHOLD"].sum())

    yield Work(group, "here", rows, ours, of_cube)
    yield Work(group, "pandas.read_csv, categories", rows, partial(read, dtype=codes), total)
    text = dict.fromkeys(names[:-1], "str") | {"INDHOLD": "float64"}
    yield Work(group, "pandas.read_csv, texts", rows, partial(read, dtype=text), total)
    yield Work(group, "pandas.read_csv, unasked (codes become numbers)", rows, read, total)


# Parquet


def parquet_works(cells: pd.DataFrame, folder: Path) -> Iterator[Work]:
    """Yield writing a table and taking one municipality from it, in order of municipality and not."""
    whole = cells.rename(columns={"OMRÅDE": "geo"})
    plain = whole.assign(geo=whole["geo"].astype("str"))
    ways = {"one file, codes as categories": whole, "one file, geo as text": plain}
    for name, frame in ways.items():
        path = folder / f"{name[-4:]}.parquet"
        write = partial(
            frame.to_parquet, path, index=False, compression="zstd", row_group_size=50_000
        )
        write()
        rows = len(frame)
        yield Work("parquet written", name, rows, write, lambda _: 0.0)
        take = partial(pd.read_parquet, path, filters=[("geo", "==", "101")])
        yield Work("one municipality of 104", name, rows, take, of_frame)


# Measuring


def measured(works: list[Work], totals: list[float | None], repeats: int) -> list[Took]:
    """Return the least of each, taken once in every round, after one that holds the sums."""
    right = [
        total is None or abs(work.total(work.call()) - total) < 1e-6 * max(total, 1)
        for work, total in zip(works, totals, strict=True)
    ]
    rounds = [[_once(work.call) for work in works] for _ in range(repeats)]
    least = np.min(rounds, axis=0)
    return [Took(float(w), float(c), r) for (w, c), r in zip(least, right, strict=True)]


def _once(call: Callable[[], Any]) -> tuple[float, float]:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


def table(works: list[Work], times: list[Took]) -> Iterator[str]:
    """Yield what each takes, and how much more CPU time a row than the first of its group."""
    yield "| | by | rows | wall clock | CPU | CPU a row against here | figures right |"
    yield "|---|---|---|---|---|---|---|"
    first: dict[str, tuple[Work, Took]] = {}
    for work, took in zip(works, times, strict=True):
        base, its = first.setdefault(work.group, (work, took))
        ratio = (took.cpu / work.rows) / (its.cpu / base.rows)
        told = "" if work is base else f"{ratio:.1f}"
        yield (
            f"| {work.group} | {work.name} | {work.rows:,} | {_told(took.wall)} | {_told(took.cpu)} "
            f"| {told} | {'yes' if took.right else '**no**'} |"
        )


def against_target(works: list[Work], times: list[Took]) -> Iterator[str]:
    """Yield how the slowest of our large JSON-stat stands to what is wanted."""
    most = max(work.rows for work in works if work.group.startswith("JSON-stat"))
    slowest, name = max(
        (took.wall, work.group)
        for work, took in zip(works, times, strict=True)
        if work.name == "here" and work.rows == most and work.group.startswith("JSON-stat")
    )
    word = "met" if slowest < TARGET else "**missed**"
    yield f"Wanted: {most:,} cells in {TARGET} s. Slowest here: {name}, {_told(slowest)}: {word}."


def _told(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.0f} ms"


def beside() -> str:
    """Return which other packages take part."""
    found = others()
    versions = [f"`{name}` {importlib.metadata.version(name)}" for name in found]
    absent = [f"`{name}`" for name in ("pyjstat", "pxwebpy") if name not in found]
    said = f"Beside {', '.join([*versions, f'pandas {pd.__version__}'])}."
    return said + (f" Not installed here, so not compared: {', '.join(absent)}." if absent else "")


def run(cells: int, rows: int, few: int, repeats: int) -> list[str]:
    """Return the lines of the report."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # What the other packages warn of is not ours to tell.
        warnings.simplefilter("ignore")
        pairs = list(json_stat_works(cells, few))
        works, totals = [w for w, _ in pairs], [t for _, t in pairs]
        lines = list(table(works, times := measured(works, totals, repeats)))
        lines += ["", *against_target(works, times), ""]
        del pairs
        body, total = bulk(rows)
        works = list(bulk_works(body))
        lines += table(works, measured(works, [total] * len(works), repeats))
        frame = works[0].call().cells
        here = float(frame["value"][frame["OMRÅDE"] == "101"].sum())
        works = list(parquet_works(frame, Path(folder)))
        known = [None if work.group == "parquet written" else here for work in works]
        lines += ["", *table(works, measured(works, known, repeats))]
    return lines


def main() -> None:
    """Measure, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=2_000_000)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--few", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    before = os.getloadavg()[0]
    lines = run(given.cells, given.rows, given.few, given.repeats)
    day = datetime.datetime.now(tz=datetime.UTC).date()
    asked = " ".join(f"--{name} {value}" for name, value in vars(given).items())
    print(f"`python benchmarks/readers.py {asked}`, {day}.")
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} processors, load {before:.1f} before "
        f"and {os.getloadavg()[0]:.1f} after. {beside()}\n"
    )
    print("\n".join(lines))


if __name__ == "__main__":
    main()
