"""Geos: the register of each country, whom a municipality is held against, and boundaries."""

from healthindicators.geography.boundaries import read_boundaries
from healthindicators.geography.register import Register, find_municipality, load

__all__ = ["Register", "find_municipality", "load", "read_boundaries"]
