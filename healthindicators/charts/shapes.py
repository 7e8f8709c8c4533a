"""Municipal boundaries as short SVG paths, with insets for what would be too small or too far away.

Done once for a country. Coordinates are whole numbers and relative, shared borders stay shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from healthindicators.charts.map import CAPTION_SIZE, InsetBox, MapShapes
from healthindicators.model import Inset

if TYPE_CHECKING:
    import geopandas

WIDTH = 480
MARGIN = 8
SMALLEST = 3.0
"""Parts of a municipality under so many square units are left out, its largest part never."""

INSET_PADDING = 6

CAPTION_WIDTH, CAPTION_GAP = 20, 7
"""Of the few letters that say how much larger an inset is; the room between them and its frame."""

TOLERANCE = 2.0
"""Corners whose triangle is smaller than this squared, in units, are left out of a border."""


@dataclass(frozen=True)
class _Frame:
    """How projected coordinates become those of the drawing."""

    left: float
    top: float
    scale: float
    x: float
    y: float

    def place(self, points: np.ndarray) -> np.ndarray:
        """Return whole-number places; north is up."""
        x = self.left + (points[:, 0] - self.x) * self.scale
        y = self.top + (self.y - points[:, 1]) * self.scale
        return np.rint(np.column_stack([x, y])).astype(int)


def shapes(
    boundaries: Mapping[str, BaseGeometry] | geopandas.GeoDataFrame,
    insets: Sequence[Inset] = (),
    width: int = WIDTH,
) -> MapShapes:
    """Return the map of a country as paths in whole units.

    Parameters
    ----------
    boundaries : mapping of str to geometry, or geopandas.GeoDataFrame
        By geo, or in columns `geo` and `geometry`; in a projected system whose unit is the metre.
    insets : sequence of Inset
        What is drawn elsewhere and at another scale.
    width : int
        Of the drawing; its height follows from the country.

    Returns
    -------
    MapShapes
        Paths in the order of `geo`, so that two runs give the same bytes.
    """
    by_geo = (
        boundaries
        if isinstance(boundaries, Mapping)
        else dict(zip(boundaries["geo"], boundaries.geometry, strict=True))
    )
    geometries = {geo: by_geo[geo] for geo in sorted(by_geo)}
    moved = {geo for inset in insets if not inset.keep for geo in inset.geos}
    main = {geo: shape for geo, shape in geometries.items() if geo not in moved}
    left, bottom, right, top = shapely.total_bounds(list(main.values()))
    factor = (width - 2 * MARGIN) / (right - left)
    height = round((top - bottom) * factor) + 2 * MARGIN
    paths = _paths(main, _Frame(MARGIN, MARGIN, factor, left, top))
    boxes, inset_paths = [], {}
    for inset in insets:
        within = {geo: geometries[geo] for geo in inset.geos if geo in geometries}
        if within:
            framed, drawn = _inset(inset, within, (width, height), factor)
            boxes.append(framed)
            inset_paths.update(drawn)
    return MapShapes(width, height, paths, tuple(boxes), inset_paths)


def _inset(
    inset: Inset, within: dict[str, BaseGeometry], size: tuple[int, int], factor: float
) -> tuple[InsetBox, dict[str, str]]:
    west, south, east, north = shapely.total_bounds(list(within.values()))
    left, top = round(inset.left * size[0]), round(inset.top * size[1])
    width = round(inset.width * size[0])
    scale = (width - 2 * INSET_PADDING) / (east - west)
    height = round((north - south) * scale) + 2 * INSET_PADDING
    inside = _Frame(left + INSET_PADDING, top + INSET_PADDING, scale, west, north)
    drawn = _paths(within, inside, TOLERANCE / 2)  # an inset is there to be looked at closely
    times = scale / factor
    caption = f"{times:.0f}×" if times >= 1.5 else ""
    x, y, free = _corner(list(within.values()), inside, (left, top, width, height))
    if caption and not free:  # the frame grows for a line of its own below the land
        height += CAPTION_SIZE
        x, y = left + CAPTION_GAP, top + height - CAPTION_GAP
    return InsetBox(left, top, width, height, caption, x, y), drawn


def _corner(
    shapes: list[BaseGeometry], frame: _Frame, inset: tuple[int, int, int, int]
) -> tuple[int, int, bool]:
    """Return where a caption begins in the first corner without land, and whether there is one."""
    left, top, width, height = inset
    for y in (top + CAPTION_SIZE + 4, top + height - CAPTION_GAP):
        for x in (left + CAPTION_GAP, left + width - CAPTION_GAP - CAPTION_WIDTH):
            ends = np.array([x - 2, x + CAPTION_WIDTH + 2])
            west, east = frame.x + (ends - frame.left) / frame.scale
            lines = np.array([y - CAPTION_SIZE, y + 2])
            north, south = frame.y - (lines - frame.top) / frame.scale
            if not shapely.intersects(shapes, box(west, south, east, north)).any():
                return x, y, True
    return left, top, False


def _paths(
    geometries: dict[str, BaseGeometry], frame: _Frame, tolerance: float = TOLERANCE
) -> dict[str, str]:
    # simplified together, so that neighbours still share their border
    simple = shapely.coverage_simplify(list(geometries.values()), tolerance / frame.scale)
    return {
        geo: _path(_parts(after, frame.scale) or _parts(before, frame.scale), frame)
        for (geo, before), after in zip(geometries.items(), simple, strict=True)
    }


def _parts(shape: BaseGeometry, scale: float) -> list[Polygon]:
    """Return the polygons worth drawing, the largest first."""
    parts = [p for p in shapely.get_parts(shape) if isinstance(p, Polygon) and not p.is_empty]
    parts.sort(key=lambda p: (-p.area, p.bounds))
    return [p for i, p in enumerate(parts) if i == 0 or p.area * scale**2 >= SMALLEST]


def _path(parts: Iterable[Polygon], frame: _Frame) -> str:
    rings = []
    for part in parts:
        rings.append(_ring(frame.place(shapely.get_coordinates(part.exterior))))
        rings += [
            _ring(frame.place(shapely.get_coordinates(hole)))
            for hole in part.interiors
            if Polygon(hole).area * frame.scale**2 >= SMALLEST
        ]
    return "".join(rings)


def _ring(points: np.ndarray) -> str:
    """Return one closed ring: an absolute start, then whole-number steps."""
    moves = np.diff(points[:-1], axis=0)
    steps = _merged([(int(x), int(y)) for x, y in moves if x or y])
    start = f"M{points[0, 0]} {points[0, 1]}"
    if len(steps) < 2:  # smaller than a unit: a dot that the outline makes visible
        return f"{start}h1v1h-1z"
    text = "l" + " ".join(f"{x} {y}" for x, y in steps) + "z"
    return start + text.replace(" -", "-")


def _merged(steps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the steps with those in the very same direction made one."""
    merged: list[tuple[int, int]] = []
    for x, y in steps:
        if merged:
            before = merged[-1]
            same = before[0] * y == before[1] * x and before[0] * x + before[1] * y > 0
            if same:
                merged[-1] = (before[0] + x, before[1] + y)
                continue
        merged.append((x, y))
    return merged
