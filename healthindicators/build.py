"""From pins to processed figures: the plan followed once for a whole country, offline.

The result is skipped when neither the lock, the declarations, the code nor the libraries that compute
have changed. Every pinned snapshot is verified all the same.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import tomli_w

from healthindicators import catalog, countries, geography, observations, snapshots
from healthindicators.assess import assess
from healthindicators.errors import SnapshotError, WorkspaceError
from healthindicators.ingest import ingest
from healthindicators.plan import Plan, make
from healthindicators.snapshots import Lock
from healthindicators.workspace import Workspace, write_whole

COMPUTING = ("geopandas", "numpy", "pandas", "pyarrow", "scipy", "shapely")
SHOWING = ("charts", "cli.py", "profile.py", "report", "text")
"""Rooms above this one, and words: they show what was computed and cannot change it."""

STAMP = "build.toml"
TABLES = ("observations", "estimates", "comparisons", "boundaries")


@dataclass(frozen=True)
class Processed:
    """What was computed for a country, opened when it is asked for."""

    workspace: Workspace
    plan: Plan
    lock: Lock

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """The shown indicators in every geo."""
        return self._table("estimates")

    @cached_property
    def observations(self) -> pd.DataFrame:
        """The figures as published, counts by sex and age among them."""
        return self._table("observations")

    @cached_property
    def comparisons(self) -> pd.DataFrame:
        """One row an indicator and municipality."""
        return self._table("comparisons")

    @cached_property
    def boundaries(self) -> gpd.GeoDataFrame:
        """Projected boundaries, one row a geo."""
        return gpd.read_parquet(self._folder / "boundaries.parquet")

    @cached_property
    def spreads(self) -> pd.DataFrame:
        """Least, quartiles and greatest of the municipalities, one row an indicator."""
        by_indicator = self.comparisons.groupby("indicator")["value"]
        return by_indicator.describe()[["min", "25%", "50%", "75%", "max"]]

    @property
    def _folder(self) -> Path:
        return self.workspace.processed(self.plan.country.id)

    def _table(self, name: str) -> pd.DataFrame:
        return observations.read(self._folder / f"{name}.parquet")


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
    declared = catalog.load()
    plan = make(declared, home, lock)
    processed = Processed(workspace, plan, lock)
    digest = inputs_digest(workspace)
    stamp = workspace.processed(country) / STAMP
    folder = stamp.parent
    if not again and _stamped(stamp) == {"digest": digest, "files": _digests(folder)}:
        return processed, False
    register = geography.load(country)
    observed = ingest(plan, workspace, register, declared.indicators)
    assessed = assess(observed, plan, register, declared.indicators)
    bodies = {
        "observations": observations.encode(observed),
        "estimates": observations.encode(assessed.estimates),
        "comparisons": observations.encode(assessed.comparisons),
        "boundaries": _boundaries(workspace, plan, register),
    }
    _forget(stamp)
    for name in TABLES:
        write_whole(folder / f"{name}.parquet", bodies[name])
    # The stamp comes last: a build that was cut off is built again.
    made = {"digest": digest, "files": _digests(folder)}
    write_whole(stamp, tomli_w.dumps(made).encode())
    return processed, True


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


def _boundaries(workspace: Workspace, plan: Plan, register: geography.Register) -> bytes:
    snapshot = snapshots.open_pinned(workspace, plan.table_pin("boundaries"))
    frame = geography.read_boundaries(snapshot.body, register, plan.country.projection, snapshot.id)
    buffer = BytesIO()
    frame.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()
