"""Time that passes only where something waits, and a transport that lives in it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from healthindicators.snapshots.transport import Clock, Patience, Transport
from healthindicators.snapshots.wire import Bounds, Wire

CALM = Patience()
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Time:
    """A clock of one's own; `slept` are the pauses that were made."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)
    chance: float = 0.5

    def now(self):
        return NOON + timedelta(seconds=self.seconds)

    def sleep(self, seconds):
        assert seconds >= 0
        self.slept.append(seconds)
        self.seconds += seconds

    @property
    def clock(self):
        return Clock(self.now, lambda: self.seconds, self.sleep, lambda: self.chance)


def transport(time=None, patience=CALM, allowed=frozenset(), **bounds):
    """Return a transport whose pauses take no time, with small limits of real time."""
    limits = {"connect": 2.0, "read": 2.0, "whole": 5.0, "closing": 0.05, **bounds}
    return Transport(Wire(Bounds(**limits)), (time or Time()).clock, patience, allowed)
