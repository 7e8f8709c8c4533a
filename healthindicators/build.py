"""From pins to processed figures: the plan followed once for a whole country, offline.

The result is skipped when neither the lock, the declarations, the code nor the libraries that compute
have changed. Every pinned snapshot is verified all the same. `opened` spares even that while no file
has changed since it was last asked.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from healthindicators import catalog, countries, geography, observations, snapshots
from healthindicators.errors import SnapshotError, WorkspaceError
from healthindicators.plan import Plan, make
from healthindicators.processed import TABLES, Processed
from healthindicators.snapshots import Lock
from healthindicators.workspace import Workspace, write_whole

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

COMPUTING = ("esda", "geopandas", "libpysal", "numpy", "pandas", "pyarrow", "scipy", "shapely")
SHOWING = (
    "__main__.py", "batch", "charts", "cli.py", "execution", "profile", "report", "text"
)  # fmt: skip
"""Rooms above this one, and words: they show what was computed and cannot change it."""

STAMP = "build.toml"


Signature = tuple[tuple[int, int] | None, ...]
"""Time of the last change and size of each file; None where there is none."""


@dataclass(frozen=True)
class _Held:
    files: tuple[str, ...]
    signature: Signature
    processed: Processed


_HELD: dict[tuple[Workspace, str], _Held] = {}


def opened(workspace: Workspace, country: str) -> Processed:
    """Return the processed figures of a country, the same object as long as no file has changed.

    The lock, every pinned snapshot with its sidecar and the processed files are looked at, not read.
    Where one has another size or time, `build` verifies and makes whatever has to be made.

    Raises
    ------
    SnapshotError, CatalogError, DataError
        As `build` does.
    """
    held = _HELD.get((workspace, country))
    # Looked at before and after: what changed during a build, or was written by it, is built again.
    while held is None or held.signature != _signature(held.files):
        files = _files(workspace, country)
        signature = _signature(files)
        held = _Held(files, signature, build(workspace, country)[0])
        _HELD[workspace, country] = held
    return held.processed


def _files(workspace: Workspace, country: str) -> tuple[str, ...]:
    folder = workspace.processed(country)
    made = [folder / STAMP, *(folder / f"{name}.parquet" for name in TABLES)]
    pins = snapshots.read_lock(workspace).pins.values()
    raw = [path for pin in pins for path in snapshots.paths(workspace, pin)]
    return tuple(map(str, (workspace.lock, *made, *raw)))


def _signature(paths: tuple[str, ...]) -> Signature:
    return tuple(map(_state, paths))


def _state(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - sixty of them for each page: a path object costs more
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def build(workspace: Workspace, country: str, *, again: bool = False) -> tuple[Processed, bool]:
    """Make the processed figures of a country, and say whether anything had to be done.

    Parameters
    ----------
    workspace : Workspace
        Where the snapshots are and the figures go.
    country : str
        Id such as ``DK``.
    again : bool
        Compute even if nothing has changed.

    Raises
    ------
    SnapshotError
        If a pinned snapshot is absent or its bytes have changed.
    CatalogError
        If the declarations do not fit each other.
    DataError
        If a figure breaks a rule.
    """
    home = countries.home(country)
    lock = snapshots.read_lock(workspace)
    wrong = snapshots.verify(workspace, lock)
    if wrong:
        raise SnapshotError(wrong)
    plan = make(catalog.load(), home, lock)
    processed = Processed(workspace, plan, lock)
    digest = inputs_digest(workspace)
    stamp = workspace.processed(country) / STAMP
    folder = stamp.parent
    if not again and _stamped(stamp) == {"digest": digest, "files": _digests(folder)}:
        return processed, False
    bodies = _computed(workspace, plan, lock)
    _forget(stamp)
    for name in TABLES:
        write_whole(folder / f"{name}.parquet", bodies[name])
    # The stamp comes last: a build that was cut off is built again.
    made = {"digest": digest, "files": _digests(folder)}
    write_whole(stamp, tomli_w.dumps(made).encode())
    return processed, True


def _computed(workspace: Workspace, plan: Plan, lock: Lock) -> dict[str, bytes]:
    """Return the body of every processed table."""
    # Most runs find everything made: frames, statistics and maps cost them a second of imports.
    from healthindicators.assess import assess  # noqa: PLC0415
    from healthindicators.assess.tables import typed  # noqa: PLC0415
    from healthindicators.geography.adjacency import adjacency  # noqa: PLC0415
    from healthindicators.geography.boundaries import read_boundaries  # noqa: PLC0415
    from healthindicators.ingest import ingest  # noqa: PLC0415

    indicators = catalog.load().indicators
    register = geography.load(plan.country.id)
    ingested = ingest(plan, workspace, register, indicators)
    observed = ingested.observations
    pinned = snapshots.open_pinned(workspace, plan.table_pin("boundaries"))
    outlines = read_boundaries(pinned.body, register, plan.country.projection, pinned.id)
    neighbours = adjacency(outlines, register)
    assessed = assess(observed, plan, register, indicators, neighbours)
    frames = {
        "observations": observed,
        "estimates": assessed.estimates,
        "comparisons": assessed.comparisons,
        **assessed.beside,
        "abroad": _abroad(workspace, plan, lock, assessed.estimates),
        "recasting": typed("recasting", ingested.recasting),
    }
    bodies = {name: observations.encode(frame) for name, frame in frames.items()}
    return bodies | {"boundaries": _encoded(outlines)}


def _abroad(workspace: Workspace, plan: Plan, lock: Lock, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the national figures of other countries that this one may be compared with."""
    from healthindicators.assess import abroad  # noqa: PLC0415 - as above
    from healthindicators.ingest import ingest  # noqa: PLC0415

    declared = catalog.load()
    latest = abroad.latest_periods(estimates, geography.load(plan.country.id))
    found: dict[str, pd.DataFrame] = {}
    credits_of: dict[str, str] = {}
    for id, home in countries.load().items():
        if id == plan.country.id:
            continue
        whole = make(declared, home, lock)
        wanted = abroad.crossing(declared.indicators.values(), plan, whole)
        if not wanted:
            continue
        # Residents are read as well: means of municipalities are weighed by them.
        other = _only(whole, declared.needed("population", *(i.id for i in wanted)))
        register = geography.load(id)
        observed = ingest(other, workspace, register, declared.indicators).observations
        found[id] = abroad.national(observed, other, register, wanted, latest)
        for reading in other.readings:
            about = snapshots.open_sidecar(workspace, reading.pin)
            credits_of[reading.pin.file] = observations.CREDIT.join(
                (about.provider, about.provider_table)
            )
    return abroad.abroad(plan, found, credits_of)


def _only(plan: Plan, needed: frozenset[str]) -> Plan:
    """Return a plan that reads and computes some indicators only, and what recasts them."""
    weighing = plan.country.weighing
    readings = tuple(
        r
        for r in plan.readings
        if r.feeding & needed or (weighing and r.table.id == weighing.table)
    )
    computations = tuple(i for i in plan.computations if i.id in needed)
    return replace(plan, readings=readings, computations=computations)


def inputs_digest(workspace: Workspace) -> str:
    """Return the digest of all that processed figures depend on."""
    digest = hashlib.sha256(workspace.lock.read_bytes())
    for library in COMPUTING:
        digest.update(f"{library} {version(library)}".encode())
    for path, file in _package_files(files("healthindicators"), ""):
        digest.update(path.encode() + file.read_bytes())
    return digest.hexdigest()


def _package_files(folder: Traversable, above: str) -> Iterator[tuple[str, Traversable]]:
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        path = f"{above}/{file.name}"
        if path.removeprefix("/") in SHOWING:
            continue
        if file.is_dir():
            yield from _package_files(file, path)
        elif file.name.endswith((".py", ".toml", ".csv")):
            yield path, file


def _stamped(stamp: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _digests(folder: Path) -> dict[str, str]:
    """Return the digest of every processed file; one that is absent has an empty one."""
    digests = {}
    for name in TABLES:
        path = folder / f"{name}.parquet"
        body = path.read_bytes() if path.is_file() else b""
        digests[name] = hashlib.sha256(body).hexdigest() if body else ""
    return digests


def _forget(stamp: Path) -> None:
    """Remove the stamp before anything is written, or a build cut off would pass for whole."""
    try:
        stamp.unlink(missing_ok=True)
    except OSError as error:
        raise WorkspaceError(f"Cannot write {stamp.parent}: {error.strerror}.") from error


def _encoded(outlines: gpd.GeoDataFrame) -> bytes:
    buffer = BytesIO()
    outlines.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()
