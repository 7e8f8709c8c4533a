"""Where raw and processed figures, notebooks and reports lie. The only module that knows paths."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from healthindicators.errors import WorkspaceError
from healthindicators.model import Geo

HOME = "HEALTHINDICATORS_HOME"
"""Environment variable that names the workspace, for those who work outside its folders."""


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
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(body)
        beside.replace(path)
    except OSError as error:
        beside_was_made = beside.parent.is_dir()
        if beside_was_made:
            beside.unlink(missing_ok=True)
        raise WorkspaceError(f"Cannot write {path}: {error.strerror or error}.") from error
