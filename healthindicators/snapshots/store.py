"""Bytes as received, with a sidecar beside each, and the lock that pins which of them count.

`data/raw/<country>/<source>/<table>/<time>-<digest>.<ext>` is append-only. `data/raw/lock.toml` says
which snapshot each table resolves to and its digest, so that a change of the bytes, of the sidecar or
of both is noticed on every read. Bodies may be stored compressed (`.gz`); the digest is that of the
file on disk. A conversation with a service is one file as well (`.zip`, see `archive`).
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import tomli_w

from healthindicators import declarations
from healthindicators.errors import Problem, SnapshotError
from healthindicators.model import Sidecar
from healthindicators.protocols import Answered, Reply, Request
from healthindicators.snapshots import archive
from healthindicators.workspace import PART, Workspace, write_together, write_whole

DIGEST_IN_NAME = 12
CONVERSATION = ".zip"
"""Ending of a snapshot that is a whole conversation with a service."""

FETCH = "restore it from version control, or pin another snapshot of the table"


@dataclass(frozen=True)
class Pin:
    """Which file a table resolves to, and the digests that its bytes and its sidecar's must have."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    file: str
    sha256: str
    sidecar_sha256: str


@dataclass(frozen=True)
class Lock:
    """The pinned snapshots and the edition that reports made from them belong to."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    edition: str
    pins: Mapping[str, Pin]


@dataclass(frozen=True)
class Snapshot:
    """Verified bytes with what is known of them; `id` is the path below data/raw."""

    id: str
    body: bytes
    sidecar: Sidecar
    replies: Answered = field(default_factory=dict, repr=False)

    @property
    def answered(self) -> Answered:
        """The conversation that the bytes are: of a file, one answer to its only request."""
        return self.replies or {Request(self.sidecar.request): Reply(self.body)}


def table_key(country: str, source: str, table: str) -> str:
    """Return the name that a table is pinned under."""
    return f"{country}/{source}/{table}"


def read_lock(workspace: Workspace) -> Lock:
    """Return the lock of a workspace.

    Raises
    ------
    SnapshotError
        If the file is not what `write_lock` writes.
    """
    return _lock(workspace.lock, workspace.lock.read_bytes())


@lru_cache(maxsize=64)
def _lock(path: Path, body: bytes) -> Lock:
    """Return the lock in `path`, parsed once for each `body` that it has held."""
    lock, problems = declarations.read(path, Lock)
    if lock is None:
        raise SnapshotError(problems)
    return lock


def write_lock(workspace: Workspace, lock: Lock) -> None:
    """Write the lock, tables in order of name."""
    pins = {key: asdict(lock.pins[key]) for key in sorted(lock.pins)}
    body = tomli_w.dumps({"edition": lock.edition, "pins": pins})
    write_whole(workspace.lock, body.encode())


def take(workspace: Workspace, body: bytes, sidecar: Sidecar, extension: str) -> Pin:
    """Keep bytes with their sidecar and return the pin that would select them.

    Parameters
    ----------
    workspace : Workspace
        Where to keep them.
    body : bytes
        As received. An `extension` that ends in ``.gz`` is compressed before it is stored.
    sidecar : Sidecar
        All that is known of the bytes; its digest is filled in here.
    extension : str
        Such as ``csv`` or ``csv.gz``.
    """
    stored = gzip.compress(body, mtime=0) if extension.endswith(".gz") else body
    digest = _digest(stored)
    stamp = "".join(c for c in sidecar.taken if c.isalnum())
    folder = workspace.raw / table_key(sidecar.country, sidecar.source, sidecar.table)
    path = folder / f"{stamp}-{digest[:DIGEST_IN_NAME]}.{extension}"
    about = tomli_w.dumps(asdict(replace(sidecar, sha256=digest))).encode()
    # The bytes last: whoever finds them finds their sidecar as well.
    write_together({path.with_name(path.name + ".toml"): about, path: stored})
    return Pin(path.relative_to(workspace.raw).as_posix(), digest, _digest(about))


def open_pinned(workspace: Workspace, pin: Pin) -> Snapshot:
    """Return the bytes that a pin selects, verified.

    Raises
    ------
    SnapshotError
        If the file or its sidecar is absent, or the bytes are not those that were pinned.
    """
    path, beside = paths(workspace, pin)
    stored, _ = _pinned({path: pin.sha256, beside: pin.sidecar_sha256})
    sidecar = _sidecar(beside, pin)
    try:
        body = gzip.decompress(stored) if path.suffix == ".gz" else stored
    except (EOFError, OSError, zlib.error) as error:
        raise SnapshotError([Problem(f"not whole when pinned: {error}", str(path))]) from error
    replies: Answered = {}
    if path.suffix == CONVERSATION:
        replies = {r: a.reply for r, a in archive.unpack(body, str(path)).items()}
    return Snapshot(pin.file, body, sidecar, replies)


def open_sidecar(workspace: Workspace, pin: Pin) -> Sidecar:
    """Return what is known of the bytes that a pin selects, verified; the bytes are left alone.

    Raises
    ------
    SnapshotError
        If the sidecar is absent or is not the one that was pinned.
    """
    _, beside = paths(workspace, pin)
    _pinned({beside: pin.sidecar_sha256})
    return _sidecar(beside, pin)


def paths(workspace: Workspace, pin: Pin) -> tuple[Path, Path]:
    """Return where the bytes that a pin selects lie, and their sidecar."""
    path = workspace.raw / pin.file
    return path, path.with_name(path.name + ".toml")


def _pinned(digests: Mapping[Path, str]) -> list[bytes]:
    """Return the bytes of files that are there and have the digests they should have."""
    absent = [path for path in digests if not path.is_file()]
    if absent:
        raise SnapshotError([Problem("the file is absent", str(p), None, FETCH) for p in absent])
    bodies = {path: path.read_bytes() for path in digests}
    changed = [
        Problem(
            f"its bytes have changed on disk: sha256 {is_[:12]}, pinned {was[:12]}",
            str(path),
            None,
            FETCH,
        )
        for path, was in digests.items()
        if (is_ := _digest(bodies[path])) != was
    ]
    if changed:
        raise SnapshotError(changed)
    return list(bodies.values())


@lru_cache(maxsize=1024)
def _sidecar(path: Path, pin: Pin) -> Sidecar:
    """Return the sidecar at `path`, parsed once for each pin that it was verified against."""
    sidecar, problems = declarations.read(path, Sidecar)
    if sidecar is None:
        raise SnapshotError(problems)
    if sidecar.sha256 != pin.sha256:
        raise SnapshotError([Problem("the sidecar is of other bytes", str(path), None, FETCH)])
    return sidecar


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def found(workspace: Workspace, key: str) -> list[Path]:
    """Return the snapshots of a table that lie on disk, pinned or not, oldest first."""
    files = (workspace.raw / key).glob("*-*.*")
    return sorted(
        f for f in files if f.suffix not in (".toml", PART) and not f.name.startswith(".")
    )


def pin_of(workspace: Workspace, path: Path) -> Pin:
    """Return the pin that would select a file below data/raw, as the file and its sidecar are now.

    Raises
    ------
    SnapshotError
        If either is absent, or the file is not the one that its name tells.
    """
    beside = path.with_name(path.name + ".toml")
    absent = [p for p in (path, beside) if not p.is_file()]
    if absent:
        raise SnapshotError([Problem("the file is absent", str(p)) for p in absent])
    digest, about = _digest(path.read_bytes()), _digest(beside.read_bytes())
    named = path.name.rpartition("-")[2].partition(".")[0]
    if not named or not digest.startswith(named):
        what = f"its bytes are not those of its name: sha256 {digest[:DIGEST_IN_NAME]}"
        raise SnapshotError([Problem(what, str(path), None, FETCH)])
    return Pin(path.relative_to(workspace.raw).as_posix(), digest, about)


def verify(workspace: Workspace, lock: Lock) -> list[Problem]:
    """Open every pinned snapshot and return what is wrong with any."""
    problems: list[Problem] = []
    for pin in lock.pins.values():
        try:
            open_pinned(workspace, pin)
        except SnapshotError as error:
            problems.extend(error.problems)
    return problems
