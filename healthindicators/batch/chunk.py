"""Some reports on a worker: inputs copied, the ordinary command run by itself, its files published.

Each report is published as soon as its record appears, files first and the record last. A chunk that is
given to another worker therefore makes only what is missing.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from healthindicators.batch import tether
from healthindicators.batch.claim import ClaimError, holder
from healthindicators.batch.remote import Inputs, Place, RemoteError, parts, scratch_folder, stage
from healthindicators.workspace import HOME

PYTHON = "{python}"
"""Stands for the interpreter of the worker, which may lie elsewhere than that of the driver."""

MAKE = (PYTHON, "-m", "healthindicators", "report")
BUILD = (PYTHON, "-m", "healthindicators", "build")

ACCOUNT = "batch.json"

LOOKED = 0.2
"""Seconds between looks for finished reports."""

CLAIM_LOOKED = 15.0
"""Seconds between looks whether the run still holds its edition."""

AT_ONCE = 24
"""So many reports are published in one call: about 20 MB in memory."""

TOLD = 1500
"""So many letters of the end of what a command said are told."""

Record = Mapping[str, Any]
"""A record of `batch.record` as it is stored. Its class is not used here: it would bring every
library of figures into the worker, which only starts processes and carries files."""


class ChunkError(RemoteError):
    """A chunk ended without an account of all its reports."""


class OtherInputsError(ChunkError):
    """A worker has other code or libraries than the driver; another try would end alike."""


@dataclass(frozen=True)
class Planned:
    """One report of a plan.

    Parameters
    ----------
    municipality : str
        Id, such as ``DK-101``.
    record : str
        Path of its record below the reports.
    common : str
        Digest of all that it could depend on.
    """

    municipality: str
    record: str
    common: str

    @property
    def folder(self) -> str:
        """Folder of the record and the files that it names."""
        return self.record.rpartition("/")[0]

    def is_told_by(self, record: Record) -> bool:
        """Return whether a record is of this report, made from today's inputs."""
        told = (record.get("municipality"), record.get("common"))
        return told == (self.municipality, self.common) and bool(record.get("files"))


@dataclass(frozen=True)
class Work:
    """What is the same for every chunk of a run.

    Parameters
    ----------
    inputs : Inputs
        Where a workspace's inputs are, and their digests.
    outputs : str
        Address of the reports.
    edition : str
        Edition that is made.
    options : tuple of str
        Options of the command, such as ``("--language", "en")``.
    token : str
        Of the claim. A run that has lost its claim stops on every worker.
    again : bool
        Make reports that are whole as well.
    command, prepare : tuple of str
        What makes reports, and what makes a copy of inputs ready.
    scratch : str
        Folder on the worker; its own choice if empty.
    """

    inputs: Inputs
    outputs: str
    edition: str
    options: tuple[str, ...] = ()
    token: str = ""
    again: bool = False
    command: tuple[str, ...] = MAKE
    prepare: tuple[str, ...] = BUILD
    scratch: str = ""


@dataclass(frozen=True)
class Ended:
    """What became of one report: a record where it is whole at its address, else cell and message."""

    municipality: str
    record: Record | None = None
    cell: str = ""
    message: str = ""
    seconds: float = 0.0


@dataclass
class Account:
    """What became of the reports of a chunk."""

    records: dict[str, Record] = field(default_factory=dict)
    failed: dict[str, Ended] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)

    def ended(self) -> Iterator[Ended]:
        """Yield what became of each."""
        yield from self.failed.values()
        for id, record in self.records.items():
            yield Ended(id, record, seconds=self.times.get(id, 0.0))


def make_chunk(work: Work, chunk: Sequence[Planned]) -> Account:
    """Make the reports of a chunk that are not whole at their address, and say what became of each.

    Raises
    ------
    ChunkError
        If the command ended without an account of every report.
    ClaimError
        If the run has lost its edition meanwhile.
    RemoteError
        If an address does not answer.
    """
    scratch = scratch_folder(work.scratch)
    inputs = stage(work.inputs, scratch, lambda folder: prepare(work.prepare, folder))
    place = Place(work.outputs)
    account = Account()
    if not work.again:
        account.records.update(_finished(place, chunk))
    missing = [report for report in chunk if report.municipality not in account.records]
    if missing:
        place.sweep(report.folder for report in missing)
        with run_folder(scratch, inputs) as run:
            _make(work, missing, run, place, account)
    return account


def records(place: Place, planned: Iterable[Planned]) -> dict[str, Record]:
    """Return the record of each planned report that has one, whatever it was made from."""
    by_path = {report.record: report for report in planned}
    return {by_path[path].municipality: _parsed(body) for path, body in place.read(by_path).items()}


def wrong_files(place: Place, planned: Iterable[Planned], told: Mapping[str, Record]) -> list[str]:
    """Return the files at an address that are absent or are not the bytes that a record names."""
    digests = {
        f"{report.folder}/{name}": about["sha256"]
        for report in planned
        for name, about in told.get(report.municipality, {}).get("files", {}).items()
    }
    found = place.read(digests)
    return [name for name, digest in digests.items() if _sha256(found.get(name, b"")) != digest]


def _finished(place: Place, chunk: Sequence[Planned]) -> dict[str, Record]:
    """Return the records of reports whose files are there byte for byte.

    Seldom are there any: then another worker has begun the same chunk.
    """
    told = records(place, chunk)
    current = [report for report in chunk if report.is_told_by(told.get(report.municipality, {}))]
    return {
        report.municipality: told[report.municipality]
        for report in current
        if not wrong_files(place, [report], told)
    }


def _make(
    work: Work, missing: Sequence[Planned], run: Path, place: Place, account: Account
) -> None:
    """Run the command and publish what it finishes, as it finishes it."""
    names = [report.municipality for report in missing]
    said = run / "said.txt"
    waiting = {report.municipality: report for report in missing}
    with _started((*work.command, *names, *work.options), run, said) as process:
        looked = time.monotonic()
        ended = False
        while not ended:
            # Asked before looking: what was finished before the end is then seen by the last look.
            ended = process.poll() is not None
            _publish(place, run, waiting, account)
            if not ended:
                time.sleep(LOOKED)
            if work.token and time.monotonic() - looked > CLAIM_LOOKED:
                looked = time.monotonic()
                _check_claim(place, work)
    _read_account(run / "reports" / work.edition, waiting, account)
    if waiting:
        raise ChunkError(
            f"The command on {platform.node()} ended with code {process.returncode} and without an "
            f"account of {', '.join(sorted(waiting)[:5])} ({len(waiting)} of {len(names)}). "
            f"It said: {_end(said)}"
        )


@contextmanager
def _started(command: Sequence[str], folder: Path, said: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command in a workspace; it ends with the block at the latest."""
    words = [sys.executable if word == PYTHON else word for word in command]
    with said.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            # Without site packages the tether starts in a few milliseconds.
            [sys.executable, "-I", "-S", str(tether.__file__), *words],
            cwd=folder,
            env={**os.environ, HOME: str(folder)},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    # Leaving closes its standard input: that ends the command and all that it has started.
    with process:
        yield process


def prepare(command: Sequence[str], folder: Path) -> None:
    """Make a copy of inputs ready with a command, which does nothing where it is empty.

    Raises
    ------
    RemoteError
        If the command fails; says what it said.
    """
    if not command:
        return
    said = folder / "prepare.log"
    with _started(command, folder, said) as process:
        code = process.wait()
    if code:
        raise RemoteError(f"The inputs could not be made ready on {platform.node()}: {_end(said)}")


def _end(said: Path) -> str:
    return said.read_bytes().decode(errors="replace").strip()[-TOLD:] or "nothing was said"


def _publish(place: Place, run: Path, waiting: dict[str, Planned], account: Account) -> None:
    ready: list[tuple[Planned, Record]] = []
    for report in waiting.values():
        path = run / "reports" / report.record
        if path.is_file():
            ready.append((report, _parsed(path.read_bytes())))
    for some in parts(ready, AT_ONCE):
        publish(place, run / "reports", some)
        for report, record in some:
            account.records[report.municipality] = record
            del waiting[report.municipality]


def publish(place: Place, folder: Path, finished: Sequence[tuple[Planned, Record]]) -> None:
    """Put finished reports to their address: files, a look whether they are right, then records.

    Raises
    ------
    OtherInputsError
        If a report was made from other inputs than planned.
    ChunkError
        If the address holds other bytes than its record says.
    RemoteError
        If the address cannot be written.
    """
    bodies: dict[str, bytes] = {}
    for report, record in finished:
        if not report.is_told_by(record):
            raise OtherInputsError(
                f"{report.municipality} was made from other inputs than planned, on "
                f"{platform.node()}. Install the same version from the same lock file on all machines."
            )
        for name in record["files"]:
            bodies[f"{report.folder}/{name}"] = (folder / report.folder / name).read_bytes()
    place.put(bodies)
    told = {report.municipality: record for report, record in finished}
    wrong = wrong_files(place, [report for report, _ in finished], told)
    if wrong:
        raise ChunkError(
            f"{place.address} holds other bytes than were sent: {', '.join(wrong[:5])}."
        )
    place.put({r.record: (folder / r.record).read_bytes() for r, _ in finished})


def _read_account(edition: Path, waiting: dict[str, Planned], account: Account) -> None:
    """Take over what the accounts of the command, one a country, say of times and failures."""
    for path in edition.glob(f"*/{ACCOUNT}"):
        for run in _parsed(path.read_bytes()).values():
            account.times.update({r["municipality"]: r["seconds"] for r in run["reports"]})
            for failure in run["failures"]:
                id = failure["municipality"]
                if waiting.pop(id, None) is not None:
                    account.failed[id] = Ended(id, None, failure["cell"], failure["message"])


def _check_claim(place: Place, work: Work) -> None:
    if holder(place, work.edition).get("token") != work.token:
        raise ClaimError("This run has ended or was taken over; its work on workers stops.")


@contextmanager
def run_folder(scratch: Path, inputs: Path) -> Iterator[Path]:
    """Make a workspace of links to the inputs, with reports of its own; remove it, and dead ones."""
    runs = scratch / "runs"
    runs.mkdir(exist_ok=True)
    for lock in runs.glob("*.lock"):
        _remove_if_dead(lock)
    run = runs / uuid.uuid4().hex
    with FileLock(f"{run}.lock"):
        run.mkdir()
        for name in ("data", "notebooks"):
            (run / name).symlink_to(inputs / name)
        try:
            yield run
        finally:
            shutil.rmtree(run, ignore_errors=True)
    Path(f"{run}.lock").unlink(missing_ok=True)


def _remove_if_dead(lock: Path) -> None:
    """A worker that was killed holds its lock no more."""
    try:
        with FileLock(lock, timeout=0):
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
    except Timeout:
        return


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
