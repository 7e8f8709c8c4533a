"""Bytes as received, and how they are received: the only room that sends a request.

`store` keeps, opens and pins; `archive` holds a whole conversation in one file. `wire` carries one
question, `transport` asks politely, `parts` keeps what arrived of a conversation that is not over, and
`dialogue` leads one to its end. Those who only open snapshots import none of the four.
"""

from __future__ import annotations

from healthindicators.snapshots.store import (
    FETCH,
    Lock,
    Pin,
    Snapshot,
    found,
    open_pinned,
    open_sidecar,
    paths,
    pin_of,
    read_lock,
    table_key,
    take,
    verify,
    write_lock,
)

__all__ = [
    "FETCH",
    "Lock",
    "Pin",
    "Snapshot",
    "found",
    "open_pinned",
    "open_sidecar",
    "paths",
    "pin_of",
    "read_lock",
    "table_key",
    "take",
    "verify",
    "write_lock",
]
