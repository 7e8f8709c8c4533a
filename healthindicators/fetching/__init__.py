"""Snapshots from services: fetched, pinned, and how old they are.

`fetch` adds snapshots and moves no pin; `move` moves pins; `status` tells what is pinned and what has
changed since. Here countries, catalogue, protocols and snapshots meet, as they do in `plan`.
"""

from __future__ import annotations

from healthindicators.fetching.arrive import Fetched, fetch
from healthindicators.fetching.locking import Moved, move
from healthindicators.fetching.standing import Standing, status
from healthindicators.fetching.tables import Bound, bound, live

__all__ = ["Bound", "Fetched", "Moved", "Standing", "bound", "fetch", "live", "move", "status"]
