"""What one run may take of time and memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of one run.

    Attributes
    ----------
    seconds : float
        Wall-clock time from its start to its end; infinite means no limit.
    memory : int
        Bytes that it may take beyond what it starts with; 0 means no limit.
    """

    seconds: float = 120.0
    memory: int = 2 * 1024**3

    @property
    def time_fault(self) -> str:
        """What is said of a run that took longer."""
        return f"took longer than the {self.seconds:g} s that one run may take"

    @property
    def memory_fault(self) -> str:
        """What is said of a run that asked for more memory."""
        return f"needed more than the {self.memory / 1024**2:,.0f} MB that one run may take"


NONE = Limits(float("inf"), 0)
"""No limits at all."""
