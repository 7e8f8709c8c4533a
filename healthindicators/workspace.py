"""Where raw and processed figures, notebooks and reports lie. The only module that knows paths."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from healthindicators.errors import WorkspaceError
from healthindicators.model import Geo

HOME = "HEALTHINDICATORS_HOME"
"""Environment variable that names the workspace, for those who work outside its folders."""

PART = ".part"
"""Ending of a file that is being written; its name holds the process that writes it."""


@dataclass(frozen=True)
class Workspace:
    """A folder with `data/`, `notebooks/` and `reports/`."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Workspace:
        """Return the workspace that `start` (the current folder) lies in.

        Raises
        ------
        WorkspaceError
            If no folder upwards has `data/raw/lock.toml`.
        """
        named = os.environ.get(HOME)
        begin = Path(named) if named else (start or Path.cwd())
        for folder in (begin, *begin.resolve().parents):
            if (folder / "data" / "raw" / "lock.toml").is_file():
                return cls(folder.resolve())
        raise WorkspaceError(
            f"No workspace at {begin}: neither it nor a folder above has data/raw/lock.toml.\n"
            f"Go to the project's folder, or name it in {HOME}."
        )

    @property
    def raw(self) -> Path:
        """Folder of snapshots."""
        return self.root / "data" / "raw"

    @property
    def lock(self) -> Path:
        """The file that pins snapshots."""
        return self.raw / "lock.toml"

    @property
    def notebooks(self) -> Path:
        """Folder of notebooks."""
        return self.root / "notebooks"

    def processed(self, country: str) -> Path:
        """Folder of what was computed for a country."""
        return self.root / "data" / "processed" / country

    def edition(self, edition: str) -> Path:
        """Folder of all reports of an edition."""
        return self.root / "reports" / edition

    def country_reports(self, edition: str, country: str) -> Path:
        """Folder of a country's reports and their index."""
        return self.edition(edition) / country

    def report(self, edition: str, country: str, geo: Geo) -> Path:
        """Folder of one municipality's reports."""
        name = next(iter(geo.names.values()))
        return self.country_reports(edition, country) / f"{geo.id}-{slug(name)}"


def slug(name: str) -> str:
    """Return a name as plain letters for a path.

    Examples
    --------
    >>> slug("Høje-Taastrup"), slug("Ærø"), slug("Malmö")
    ('hoeje-taastrup', 'aeroe', 'malmoe')
    """
    folded = name.casefold()
    for letter, plain in {"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe"}.items():
        folded = folded.replace(letter, plain)
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in folded).split())


def write_whole(path: Path, body: bytes) -> None:
    """Write `body` beside `path`, then rename: a reader never sees half a file.

    Raises
    ------
    WorkspaceError
        If the folder cannot be made or written.
    """
    write_together({path: body})


def write_changed(path: Path, body: bytes) -> bool:
    """Write `body` as `write_whole` does unless `path` holds these bytes; say whether it was written.

    Raises
    ------
    WorkspaceError
        If the folder cannot be made or written.
    """
    try:
        if path.read_bytes() == body:
            return False
    except OSError:
        pass  # absent or not readable: writing tells what is wrong
    write_whole(path, body)
    return True


def write_together(bodies: Mapping[Path, bytes]) -> None:
    """Write all bodies beside their places, then rename them in order, one right after the other.

    Give last what leads a reader to the others. If one cannot be written, none is renamed.

    Raises
    ------
    WorkspaceError
        If a folder cannot be made or written; nothing half-written is left.
    """
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}{PART}") for path in bodies}
    path = next(iter(bodies), Path())
    try:
        for path, body in bodies.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside[path].write_bytes(body)
        for path in bodies:
            beside[path].replace(path)
    except OSError as error:
        raise WorkspaceError(f"Cannot write {path}: {error.strerror or error}.") from error
    finally:
        # Whatever happened, a stop by the user among it: what was renamed is no longer there.
        for part in beside.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)


def sweep(folder: Path) -> list[Path]:
    """Remove half-written files below `folder` whose process is gone, and return them."""
    swept = []
    for path in folder.rglob(f".*{PART}"):
        process = path.name.removesuffix(PART).rpartition(".")[2]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            with suppress(OSError):  # gone in the meantime, or not ours to remove: it harms nobody
                path.unlink()
                swept.append(path)
    return swept
