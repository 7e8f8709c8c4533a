"""A file that was downloaded by hand, put to use as a snapshot of its table."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from healthindicators import snapshots
from healthindicators.errors import UserError, WorkspaceError
from healthindicators.fetching.tables import Bound
from healthindicators.protocols import Reply, Request, download
from healthindicators.vocabulary import DOWNLOAD
from healthindicators.workspace import Workspace


def take(
    workspace: Workspace, bound: Bound, file: Path, now: datetime | None = None
) -> tuple[str, int]:
    """Keep a downloaded file as a snapshot of a table, once it can be read; no pin is moved.

    Parameters
    ----------
    workspace : Workspace
        Where snapshots are kept.
    bound : Bound
        The table, whose source must be files that are downloaded by hand.
    file : Path
        The file as it was saved.
    now : datetime, optional
        When, for tests.

    Returns
    -------
    tuple of str and int
        The snapshot's path below data/raw, and how many cells it has.

    Raises
    ------
    UserError
        If the table is not read from downloaded files.
    WorkspaceError
        If the file is absent or cannot be read.
    DataError
        With everything in it that cannot be read without a guess.
    """
    if bound.source.protocol != DOWNLOAD:
        raise UserError(
            f"{bound.key} is not read from downloaded files but by the protocol "
            f"'{bound.source.protocol}'. Declare a source with the protocol '{DOWNLOAD}' and a table "
            "of it in the country's folder."
        )
    try:
        body = file.read_bytes()
    except OSError as error:
        raise WorkspaceError(f"Cannot read {file}: {error.strerror or error}.") from error
    cube = bound.speaker.read(bound.ask, {Request(file.name): Reply(body)}, where=file.name)
    moment = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    sidecar = download.sidecar_for(
        body,
        bound.ask,
        cube,
        country=bound.country.id,
        file=file.name,
        taken=moment.replace("+00:00", "Z"),
    )
    extension = file.suffix.removeprefix(".").lower() or "bin"
    pin = snapshots.take(workspace, body, sidecar, extension)
    return pin.file, len(cube.cells)
