"""What is pinned of each table, how old it is, and what has changed at its provider since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from healthindicators import snapshots
from healthindicators.errors import ProblemsError
from healthindicators.fetching.tables import Bound
from healthindicators.protocols import Answered, Request
from healthindicators.snapshots import Lock
from healthindicators.snapshots.archive import Arrival
from healthindicators.snapshots.dialogue import Dialogue, updated
from healthindicators.snapshots.parts import alone
from healthindicators.snapshots.transport import Transport
from healthindicators.workspace import Workspace

COLUMNS = ("table", "pinned, taken", "days old", "newer, not pinned", "at the provider")
NOT_ASKED = ""
FILES = "from files, cannot be asked"
UNCHANGED = "unchanged"
FAILED = "not available"
UNPINNED = "nothing to compare with"


@dataclass(frozen=True)
class Standing:
    """One table: when its pinned snapshot was taken, what lies unpinned, what its provider says."""

    key: str
    taken: str = ""
    days: int | None = None
    newer: str = ""
    provider: str = NOT_ASKED
    error: ProblemsError | None = None

    @property
    def row(self) -> tuple[str, ...]:
        """The texts of a line, in the order of `COLUMNS`."""
        days = "" if self.days is None else str(self.days)
        newer = self.newer.rpartition("/")[2] or "-"
        return self.key, self.taken or "not pinned", days, newer, self.provider


def status(
    workspace: Workspace,
    tables: Sequence[Bound],
    *,
    live: bool = False,
    transport: Transport | None = None,
) -> list[Standing]:
    """Return where each table stands, with `live` by asking the services as well.

    Raises
    ------
    SnapshotError
        If the lock or a sidecar does not hold.
    WorkspaceError
        With `live`, if a fetch is at work: a host is not asked twice at a time.
    """
    lock = snapshots.read_lock(workspace)
    sender = transport or Transport()
    lines = [_kept(workspace, bound, lock, sender.clock.now()) for bound in tables]
    if not live:
        return lines
    shared: dict[Request, Arrival] = {}
    with alone(workspace):
        return [
            _asked(workspace, bound, lock, line, sender, shared)
            for bound, line in zip(tables, lines, strict=True)
        ]


def _kept(workspace: Workspace, bound: Bound, lock: Lock, now: datetime) -> Standing:
    pin = lock.pins.get(bound.key)
    files = [p.relative_to(workspace.raw).as_posix() for p in snapshots.found(workspace, bound.key)]
    newest = files[-1] if files else ""
    if pin is None:
        return Standing(bound.key, newer=newest)
    taken = snapshots.open_sidecar(workspace, pin).taken
    return Standing(bound.key, taken, _days(taken, now), newest if newest > pin.file else "")


def _days(taken: str, now: datetime) -> int | None:
    try:
        when = datetime.fromisoformat(taken)
    except ValueError:
        return None
    return (now - (when if when.tzinfo else when.replace(tzinfo=UTC))).days


def _asked(
    workspace: Workspace,
    bound: Bound,
    lock: Lock,
    line: Standing,
    transport: Transport,
    shared: dict[Request, Arrival],
) -> Standing:
    """Return a line with what the provider says now of the table."""
    if not bound.source.is_live:
        return replace(line, provider=FILES)
    dialogue = Dialogue(bound.key, bound.ask, bound.speaker, transport, shared=shared)
    try:
        dialogue.opening()
    except ProblemsError as error:
        return replace(line, provider=FAILED, error=error)
    pin = lock.pins.get(bound.key)
    if pin is None:
        return replace(line, provider=dialogue.updated() or UNPINNED)
    before = snapshots.open_pinned(workspace, pin).answered
    return replace(line, provider=_changed(bound, before, dialogue.replies))


def _changed(bound: Bound, before: Answered, now: Answered) -> str:
    """Return what has changed between the opening answers of a snapshot and those of today."""
    was, is_ = (updated(bound.speaker, bound.ask, answers) for answers in (before, now))
    if was and is_:
        return UNCHANGED if was == is_ else f"changed {is_}, pinned as of {was}"
    same = all(r in before and before[r].body == reply.body for r, reply in now.items())
    return UNCHANGED if same else "its metadata have changed"
