"""Geos: the register of each country, whom a municipality is held against, and boundaries.

Boundaries are read by a build only; whoever needs them imports their module.
"""

from healthindicators.geography.peers import OfficialPeers, official_peers
from healthindicators.geography.register import Register, find_municipality, load

__all__ = ["OfficialPeers", "Register", "find_municipality", "load", "official_peers"]
