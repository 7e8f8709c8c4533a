"""The record beside a report: which inputs it was made from, and the digests of its files.

It is written last, and holds no time: two runs give the same bytes. A report whose record is of
today's inputs, and whose files are those of the record, need not be made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import orjson
from pydantic import TypeAdapter, ValidationError

from healthindicators.batch.inputs import Inputs
from healthindicators.errors import ReportError, WorkspaceError
from healthindicators.report.parameters import Request
from healthindicators.report.runner import Made
from healthindicators.workspace import Workspace, write_whole

ENDING = ".made.json"


@dataclass(frozen=True)
class File:
    """One file of a report as it was written."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Record:
    """What a report was made from and what came of it.

    Attributes
    ----------
    municipality : str
        Its id.
    common, inputs : str
        The common digest and the report's own, as `healthindicators.batch.inputs` tells them.
    files : mapping
        By name, in the folder of the record.
    """

    municipality: str
    common: str
    inputs: str
    files: Mapping[str, File]


def path_of(workspace: Workspace, request: Request) -> Path:
    """Return where the record of a report lies."""
    folder = workspace.report(request.edition, request.country.id, request.geo)
    return folder / f"{request.stem}{ENDING}"


def read(path: Path) -> Record | None:
    """Return a record, or None where there is none that can be read."""
    try:
        return _adapter().validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def write(path: Path, record: Record) -> None:
    """Write a record whole."""
    write_whole(path, orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))


def finish(inputs: Inputs, request: Request, made: Made) -> Record:
    """Write the record of a report whose files are on disk, and return it.

    Raises
    ------
    ReportError
        If the figures were built anew meanwhile: which of them it shows cannot be told.
    """
    if inputs.moved(request.country.id):
        raise ReportError(
            "The figures were built anew while this report was made. Run the same command again."
        )
    files = {name: File(digest, made.sizes[name]) for name, digest in sorted(made.files.items())}
    record = Record(request.geo.id, inputs.common(request), inputs.own(request), files)
    write(path_of(inputs.workspace, request), record)
    return record


def unchanged(inputs: Inputs, request: Request) -> Record | None:
    """Return the record of a report that need not be made, else None.

    Where the inputs have moved but nothing that this report shows, its record is written anew, so that
    the next look is a short one.
    """
    path = path_of(inputs.workspace, request)
    record = read(path)
    if record is None or not _whole(path.parent, record):
        return None
    common = inputs.common(request)
    if record.common == common:
        return record
    if record.inputs != inputs.own(request):
        return None
    record = replace(record, common=common)
    # It would only have been quicker the next time.
    with suppress(WorkspaceError):
        write(path, record)
    return record


def _whole(folder: Path, record: Record) -> bool:
    """Return whether every file of a record is there, byte for byte."""
    return bool(record.files) and all(
        _is(folder / name, file) for name, file in record.files.items()
    )


def _is(path: Path, file: File) -> bool:
    try:
        if path.stat().st_size != file.bytes:
            return False
        return hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
    except OSError:
        return False


@cache
def _adapter() -> TypeAdapter[Record]:
    return TypeAdapter(Record)
