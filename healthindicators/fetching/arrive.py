"""Tables from services into snapshots, one after the other; a table that fails stops no other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC
from typing import Protocol

from healthindicators import snapshots
from healthindicators.errors import (
    DataError,
    Problem,
    ProblemsError,
    SourceChanged,
    SourceError,
    SourceOffline,
    SourceUnavailable,
)
from healthindicators.fetching.tables import Bound
from healthindicators.formats import Cube
from healthindicators.model import Sidecar
from healthindicators.protocols import Request
from healthindicators.snapshots import archive
from healthindicators.snapshots.archive import Arrival
from healthindicators.snapshots.dialogue import Dialogue, Told, placed
from healthindicators.snapshots.parts import Parts, alone
from healthindicators.snapshots.transport import Transport
from healthindicators.workspace import Workspace

AS_RECEIVED = "as received"
QUALITY = "as received from the service"

WORST_LAST: tuple[type[ProblemsError], ...] = (
    SourceOffline, SourceUnavailable, SourceError, SourceChanged, DataError,
)  # fmt: skip
"""Whoever reads one exit code must hear first of what will not mend itself."""


@dataclass(frozen=True)
class Fetched:
    """What became of one table: how many cells and answers it has and where they are, or why not."""

    key: str
    cells: int = 0
    answers: int = 0
    file: str = ""
    error: ProblemsError | None = None


class Show(Protocol):
    """What tells a user how far a fetch is."""

    def table(self, key: str) -> AbstractContextManager[Told]:
        """Begin one table and end it."""

    def ended(self, fetched: Fetched) -> None:
        """Tell what became of a table."""


def fetch(
    workspace: Workspace, tables: Sequence[Bound], show: Show, transport: Transport | None = None
) -> list[Fetched]:
    """Ask services for tables and keep each that can be read; no pin is moved.

    Parameters
    ----------
    workspace : Workspace
        Where snapshots are kept.
    tables : sequence of Bound
        Tables of services.
    show : Show
        What is told how far it is.
    transport : Transport, optional
        What sends, for tests.

    Returns
    -------
    list of Fetched
        One a table; those that failed carry their error.

    Raises
    ------
    WorkspaceError
        If something cannot be written, or another fetch is at work.
    """
    sender = transport or Transport()
    shared: dict[Request, Arrival] = {}
    done = []
    with alone(workspace):
        for each in tables:
            with show.table(each.key) as told:
                outcome = _one(workspace, each, sender, shared, told)
            show.ended(outcome)
            done.append(outcome)
    return done


def closing(done: Sequence[Fetched], country: str = "") -> str:
    """Return what is said when a fetch has ended: how much arrived, and how to use it."""
    if not done:
        of = f" of {country}" if country else ""
        return f"No table{of} is read from a service: the figures come from starter snapshots."
    arrived = sum(each.error is None for each in done)
    said = f"{arrived} of {len(done)} {'table' if len(done) == 1 else 'tables'} arrived."
    if not arrived:
        return f"{said} Nothing has changed."
    option = f" --country {country}" if country else ""
    return (
        f"{said} No pin has moved: `healthindicators lock{option}` pins the newest snapshots, "
        "with `--dry-run` it tells what would move."
    )


class Outcome(Protocol):
    """What became of a table, whatever was done with it."""

    @property
    def error(self) -> ProblemsError | None:
        """What went wrong; nothing where all is well."""


def raise_worst(outcomes: Iterable[Outcome]) -> None:
    """Raise every problem of tables that failed, as an error of the worst of their kinds."""
    errors = [each.error for each in outcomes if each.error is not None]
    if errors:
        worst = max(errors, key=_rank)
        raise type(worst)([problem for error in errors for problem in error.problems])


def _rank(error: ProblemsError) -> int:
    kind = type(error)
    return WORST_LAST.index(kind) if kind in WORST_LAST else len(WORST_LAST)


def _one(
    workspace: Workspace,
    bound: Bound,
    transport: Transport,
    shared: dict[Request, Arrival],
    told: Told,
) -> Fetched:
    parts = Parts(workspace, bound.key)
    dialogue = Dialogue(bound.key, bound.ask, bound.speaker, transport, parts, shared, told)
    try:
        conversation = dialogue.whole()
        try:
            cube = _readable(bound, conversation)
        except ProblemsError:
            # What cannot be read would be as unreadable tomorrow: it is asked for anew.
            parts.clear()
            raise
    except ProblemsError as error:
        return Fetched(bound.key, error=error)
    if bound.table.unverified:
        told.say(f"{bound.key}: how it is bound was never verified: {bound.table.unverified}")
    sidecar = about(bound, cube, conversation, transport)
    pin = snapshots.take(workspace, archive.pack(conversation), sidecar, "zip")
    parts.clear()
    return Fetched(bound.key, len(cube.cells), len(conversation), pin.file)


def _readable(bound: Bound, conversation: dict[Request, Arrival]) -> Cube:
    """Return the cells of a conversation, or refuse one that holds none.

    Raises
    ------
    DataError, SourceChanged
        If it cannot be read, or there is not one value in it.
    """
    answered = {request: arrival.reply for request, arrival in conversation.items()}
    try:
        cube = bound.read(answered)
    except ProblemsError as error:
        raise placed(error, bound.key) from error
    empty = not len(cube.cells) or cube.cells["value"].isna().all()
    if empty:
        what = "the service answers, and there is not one value in it"
        raise SourceChanged([Problem(what, bound.key, None, "look at what the table selects")])
    return cube


def about(
    bound: Bound, cube: Cube, conversation: dict[Request, Arrival], transport: Transport
) -> Sidecar:
    """Return all that is known of a conversation, for the sidecar beside it."""
    table, source = bound.table, bound.source
    title = table.title or cube.title or table.id
    name = table.code or table.id
    taken = transport.clock.now().astimezone(UTC).isoformat(timespec="seconds")
    return Sidecar(
        country=bound.country.id,
        source=table.source,
        table=table.id,
        title=title,
        provider=source.provider,
        provider_table=name,
        unit=table.unit,
        licence=source.licence,
        quality=QUALITY,
        citation=f"{source.provider}, {name}: {title}.",
        request=asked(list(conversation)),
        taken=taken.replace("+00:00", "Z"),
        status=AS_RECEIVED,
        rows=len(cube.cells),
        sha256="",
    )


def asked(requests: Sequence[Request]) -> str:
    """Return in short what was asked; the whole of it stands in the conversation itself.

    Examples
    --------
    >>> asked([Request("https://a/config"), Request("https://a/data", "POST", "{}")])
    '2 requests, the last one POST https://a/data'
    """
    last = f"{requests[-1].method} {requests[-1].url}"
    return last if len(requests) == 1 else f"{len(requests)} requests, the last one {last}"
