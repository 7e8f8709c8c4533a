"""What official statistics are written in, one module a format: pure functions from bytes to a cube.

A format knows how cells, codes and marks are written. What a dimension means, and which cells are
wanted, is said by a country's tables.
"""

from healthindicators.formats.cube import Cube

__all__ = ["Cube"]
