"""The account of a batch: `batch.json` beside the index, for each framework and language its last run.

Reports that the last run was not asked for keep what an earlier one told of them. Times stand here
and nowhere else among the reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

import orjson
from pydantic import TypeAdapter, ValidationError

from healthindicators.batch.record import File
from healthindicators.workspace import write_whole

NAME = "batch.json"
STEADY = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS


class Status(StrEnum):
    """What became of a report."""

    MADE = "made"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    LEFT = "left"


class Ending(StrEnum):
    """How a run ended."""

    DONE = "done"
    FAILED = "some reports failed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Sources:
    """Digests of what the reports of a run were made from."""

    lock: str
    code: str
    notebook: str
    processed: Mapping[str, str]


@dataclass(frozen=True)
class Entry:
    """One report. `inputs` is the digest of what it shows; empty where it is not whole.

    `asked` is when the run began that was last asked for it.
    """

    municipality: str
    name: str
    status: Status
    inputs: str = ""
    files: Mapping[str, File] = field(default_factory=dict)
    seconds: float = 0.0
    asked: str = ""


@dataclass(frozen=True)
class Failed:
    """One report that could not be made: in which cell, and why."""

    municipality: str
    name: str
    cell: str
    message: str


@dataclass(frozen=True)
class Run:
    """The last run of the reports of a framework in a language, and what is known of the others.

    `counts` are those of the run alone. A limit that there is not is null.
    """

    ending: Ending
    inputs: Sources
    versions: Mapping[str, str]
    engine: str
    jobs: int
    limits: Mapping[str, float | None]
    started: str
    seconds: float
    counts: Mapping[Status, int]
    reports: Sequence[Entry]
    failures: Sequence[Failed]


def read(path: Path) -> dict[str, Run]:
    """Return the runs of an account by framework and language; none where it cannot be read."""
    try:
        return _adapter().validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return {}


def write(path: Path, stem: str, run: Run) -> None:
    """Put a run into an account in place of the one before, whose other reports stay."""
    runs = read(path)
    runs[stem] = _with_others(run, runs[stem]) if stem in runs else run
    write_whole(path, orjson.dumps(runs, option=STEADY))


def _with_others(run: Run, before: Run) -> Run:
    asked = {entry.municipality for entry in run.reports}
    others = [entry for entry in before.reports if entry.municipality not in asked]
    failed = [failure for failure in before.failures if failure.municipality not in asked]
    return replace(
        run,
        reports=sorted([*run.reports, *others], key=lambda entry: entry.municipality),
        failures=sorted([*run.failures, *failed], key=lambda failure: failure.municipality),
    )


@cache
def _adapter() -> TypeAdapter[dict[str, Run]]:
    return TypeAdapter(dict[str, Run])
