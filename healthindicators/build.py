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

import geopandas as gpd
import pandas as pd
import tomli_w

from healthindicators import catalog, countries, geography, observations, snapshots
from healthindicators.assess import assess
from healthindicators.errors import SnapshotError
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
    def is_whole(self) -> bool:
        """Whether every file is there."""
        return all((self._folder / f"{name}.parquet").is_file() for name in TABLES)

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
    if not again and _stamped(stamp) == digest and processed.is_whole:
        return processed, False
    register = geography.load(country)
    observed = ingest(plan, workspace, register, declared.indicators)
    assessed = assess(observed, plan, register, declared.indicators)
    folder = workspace.processed(country)
    write_whole(folder / "observations.parquet", observations.encode(observed))
    write_whole(folder / "estimates.parquet", observations.encode(assessed.estimates))
    write_whole(folder / "comparisons.parquet", observations.encode(assessed.comparisons))
    write_whole(folder / "boundaries.parquet", _boundaries(workspace, plan, register))
    # The stamp comes last: a build that was cut off is built again.
    write_whole(stamp, tomli_w.dumps({"digest": digest}).encode())
    return processed, True


def inputs_digest(workspace: Workspace) -> str:
    """Return the digest of all that processed figures depend on."""
    digest = hashlib.sha256(workspace.lock.read_bytes())
    for library in COMPUTING:
        digest.update(f"{library} {version(library)}".encode())
    for file in _package_files(files("healthindicators")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def _package_files(folder: Traversable) -> Iterator[Traversable]:
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name in SHOWING:
            continue
        if file.is_dir():
            yield from _package_files(file)
        elif file.name.endswith((".py", ".toml", ".csv")):
            yield file


def _stamped(stamp: Path) -> str:
    try:
        return str(tomllib.loads(stamp.read_text(encoding="utf-8"))["digest"])
    except (OSError, tomllib.TOMLDecodeError, KeyError):
        return ""


def _boundaries(workspace: Workspace, plan: Plan, register: geography.Register) -> bytes:
    snapshot = snapshots.open_pinned(workspace, plan.table_pin("boundaries"))
    frame = geography.read_boundaries(snapshot.body, register, plan.country.projection, snapshot.id)
    buffer = BytesIO()
    frame.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()
