"""Pins moved to newer snapshots, once those hold and can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from healthindicators import snapshots
from healthindicators.errors import (
    Problem,
    ProblemsError,
    SnapshotError,
    UserError,
)
from healthindicators.fetching.tables import Bound
from healthindicators.snapshots import Lock, Pin, Snapshot
from healthindicators.snapshots.parts import alone
from healthindicators.workspace import Workspace


@dataclass(frozen=True)
class Moved:
    """A pin that moves: from a file, or from none, to a file."""

    key: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.key}: {self.before or 'not pinned'} -> {self.after}"


def move(
    workspace: Workspace,
    tables: Sequence[Bound],
    *,
    file: Path | None = None,
    edition: str = "",
    dry_run: bool = False,
) -> list[Moved]:
    """Pin the newest snapshot of each table, or a named one, and return what moves.

    Parameters
    ----------
    workspace : Workspace
        Whose lock is written.
    tables : sequence of Bound
        Tables whose pins may move; one without any snapshot is passed over.
    file : Path, optional
        A snapshot below data/raw to pin in place of the newest, of one of the tables.
    edition : str
        Edition that reports belong to from now on; the lock's own if empty.
    dry_run : bool
        Whether to write nothing.

    Raises
    ------
    SnapshotError
        If a snapshot does not hold, or cannot be read; nothing is written then.
    UserError
        If the named file is no snapshot of the tables.
    """
    with alone(workspace):
        lock = snapshots.read_lock(workspace)
        chosen = _chosen(workspace, tables, file)
        pins, problems = _pins(workspace, chosen, lock)
        if problems:
            raise SnapshotError(problems)
        moved = [
            Moved(key, lock.pins[key].file if key in lock.pins else "", pin.file)
            for key, pin in pins.items()
        ]
        after = replace(lock, pins={**lock.pins, **pins}, edition=edition or lock.edition)
        if after != lock and not dry_run:
            snapshots.write_lock(workspace, after)
    return moved


def _chosen(
    workspace: Workspace, tables: Sequence[Bound], file: Path | None
) -> list[tuple[Bound, Path]]:
    """Return the tables that have a snapshot to be pinned, each with its file."""
    found = {each.key: snapshots.found(workspace, each.key) for each in tables}
    if file is None:
        return [(each, found[each.key][-1]) for each in tables if found[each.key]]
    wanted = file.resolve()
    named = [(each, path) for each in tables for path in found[each.key] if path == wanted]
    if not named:
        raise UserError(f"{file} is no snapshot of these tables: none of theirs lies there.")
    return named


def _pins(
    workspace: Workspace, chosen: Sequence[tuple[Bound, Path]], lock: Lock
) -> tuple[dict[str, Pin], list[Problem]]:
    """Return the pins that move, and what is wrong with any file that they would select."""
    pins: dict[str, Pin] = {}
    problems: list[Problem] = []
    for bound, path in chosen:
        before = lock.pins.get(bound.key)
        if before and workspace.raw / before.file == path:
            continue
        try:
            pin = snapshots.pin_of(workspace, path)
            readable(bound, snapshots.open_pinned(workspace, pin))
        except ProblemsError as error:
            problems += error.problems
        else:
            pins[bound.key] = pin
    return pins, problems


def readable(bound: Bound, snapshot: Snapshot) -> None:
    """Refuse a snapshot that is of another table, cannot be read, or holds other than it says.

    Raises
    ------
    SnapshotError, DataError, SourceError
        With what is wrong.
    """
    sidecar = snapshot.sidecar
    if snapshots.table_key(sidecar.country, sidecar.source, sidecar.table) != bound.key:
        what = f"its sidecar is of {sidecar.country}/{sidecar.source}/{sidecar.table}"
        raise SnapshotError([Problem(what, snapshot.id)])
    if not bound.is_figures:
        return
    try:
        cells = len(bound.read(snapshot.answered).cells)
    except ProblemsError as error:
        raise SnapshotError(
            [replace(p, where=f"{snapshot.id}: {p.where}") for p in error.problems]
        ) from error
    if cells != sidecar.rows:
        what = f"{cells} cells, and its sidecar says {sidecar.rows}"
        raise SnapshotError([Problem(what, snapshot.id)])
