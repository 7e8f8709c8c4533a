"""What was computed for a country, opened when it is asked for.

Frames are for researchers. A report takes one municipality out of thousands: for it each table lies
in memory as one array a column, in order of geo, so that a municipality is a slice whatever their
number. Nothing here computes figures, and opening needs neither pandas nor geopandas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyarrow import parquet
from shapely.geometry.base import BaseGeometry

from healthindicators import observations, snapshots
from healthindicators.model import Sidecar
from healthindicators.plan import Plan
from healthindicators.snapshots import Lock
from healthindicators.workspace import Workspace

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

BESIDE = (
    "inequality", "curves", "funnels", "limits", "sexes", "strata", "trends", "peers", "abroad",
    "recasting",
)  # fmt: skip
"""Tables of what is told beside each figure; `assess.tables` says what stands in them."""

TABLES = ("observations", "estimates", "comparisons", "boundaries", *BESIDE)
QUANTILES = (0, 25, 50, 75, 100)
HEADING = ("population", "area", "share-aged-65-and-over", "population-density")
"""What key facts are told from, as far as it is published."""

Row = Mapping[str, Any]
"""A row of a table: column names and what stands in them."""

Five = tuple[float, float, float, float, float]
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Column:
    """One column: numbers, or of a text its words and for each row which of them."""

    cells: NDArray[Any]
    words: NDArray[np.object_] | None = None

    def __getitem__(self, rows: slice | NDArray[Any]) -> list[Any]:
        cells = self.cells[rows]
        found: list[Any] = (cells if self.words is None else self.words[cells]).tolist()
        return found

    def taken(self, rows: NDArray[Any]) -> Column:
        """Return the column with these rows, in their order."""
        return Column(self.cells[rows], self.words)

    def equals(self, words: Iterable[str]) -> NDArray[np.bool_]:
        """Return for each row whether its text is one of `words`."""
        assert self.words is not None  # numbers have no words
        wanted = set(words)
        found: NDArray[np.bool_] = np.array([w in wanted for w in self.words], bool)[self.cells]
        return found


class ByGeo:
    """A table in order of geo; within a geo, rows keep the order that the table has.

    Parameters
    ----------
    columns : mapping of str to Column
        In the order of the table, `geo` among them.
    """

    def __init__(self, columns: Mapping[str, Column]) -> None:
        geos = columns["geo"]
        assert geos.words is not None  # ids are text
        order = np.argsort(geos.cells, kind="stable")
        self.columns = {name: column.taken(order) for name, column in columns.items()}
        ends = np.cumsum(np.bincount(geos.cells, minlength=len(geos.words))).tolist()
        starts = [0, *ends[:-1]]
        self._slices = dict(zip(geos.words.tolist(), map(slice, starts, ends), strict=True))

    def part(self, geo: str, *names: str) -> tuple[list[Any], ...]:
        """Return some columns of one geo."""
        rows = self._slices.get(geo, slice(0))
        return tuple(self.columns[name][rows] for name in names)

    def rows(self, geo: str) -> list[Row]:
        """Return the rows of one geo."""
        return self._rows(self._slices.get(geo, slice(0)))

    def rows_where(self, column: str, word: str) -> list[Row]:
        """Return the rows of all geos that have `word` in a column."""
        return self._rows(np.flatnonzero(self.columns[column].equals([word])))

    def _rows(self, rows: slice | NDArray[Any]) -> list[Row]:
        names = tuple(self.columns)
        cells = zip(*(column[rows] for column in self.columns.values()), strict=True)
        return [dict(zip(names, row, strict=True)) for row in cells]


@dataclass(frozen=True, eq=False)
class Processed:
    """What was computed for a country, opened when it is asked for."""

    workspace: Workspace
    plan: Plan
    lock: Lock

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """The shown indicators in every geo."""
        return observations.read(self._path("estimates"))

    @cached_property
    def observations(self) -> pd.DataFrame:
        """The figures as published, counts by sex and age among them."""
        return observations.read(self._path("observations"))

    @cached_property
    def comparisons(self) -> pd.DataFrame:
        """One row an indicator and municipality."""
        return observations.read(self._path("comparisons"))

    @cached_property
    def boundaries(self) -> gpd.GeoDataFrame:
        """Projected boundaries, one row a geo."""
        import geopandas as gpd  # noqa: PLC0415 - for researchers; a report draws `outlines`

        return gpd.read_parquet(self._path("boundaries"))

    @cached_property
    def spreads(self) -> pd.DataFrame:
        """Least, quartiles and greatest of the municipalities, one row an indicator."""
        import pandas as pd  # noqa: PLC0415 - for researchers; a report reads `fives`

        columns = ["min", "25%", "50%", "75%", "max"]
        return pd.DataFrame.from_dict(self.fives, orient="index", columns=columns)

    @cached_property
    def estimates_by_geo(self) -> ByGeo:
        """The rows of `estimates`, a geo at a time."""
        return ByGeo(_read(self._path("estimates")))

    @cached_property
    def comparisons_by_geo(self) -> ByGeo:
        """The rows of `comparisons`, a municipality at a time."""
        return ByGeo(_read(self._path("comparisons")))

    @cached_property
    def beside(self) -> dict[str, ByGeo]:
        """Inequality across municipalities, curves, funnels, limits and peers, a geo at a time."""
        return {name: ByGeo(_read(self._path(name))) for name in BESIDE}

    @cached_property
    def heading_by_geo(self) -> ByGeo:
        """The observations that key facts are told from, a municipality at a time."""
        columns = self._covering
        rows = np.flatnonzero(columns["indicator"].equals(HEADING))
        return ByGeo({name: column.taken(rows) for name, column in columns.items()})

    @cached_property
    def heading_years(self) -> dict[str, int]:
        """The last year of each indicator that key facts are told from."""
        columns = self.heading_by_geo.columns
        return {
            id: int(columns["last_year"].cells[rows].max())
            for id in HEADING
            if (rows := columns["indicator"].equals([id])).any()
        }

    @cached_property
    def years(self) -> dict[str, tuple[int, int]]:
        """First and last year of the observations from each snapshot."""
        words, of = self._covering["snapshot"].words, self._covering["snapshot"].cells
        assert words is not None  # ids are text
        first, last = (self._covering[f"{end}_year"].cells for end in ("first", "last"))
        least, most = np.full(len(words), first.max()), np.full(len(words), last.min())
        np.minimum.at(least, of, first)
        np.maximum.at(most, of, last)
        found: dict[str, tuple[int, int]] = {}
        # A row that was carried to another municipality came from its table and from the weights.
        for joined, begins, ends in zip(words.tolist(), least.tolist(), most.tolist(), strict=True):
            for id in observations.parted(joined) if joined else ():
                since, until = found.get(id, (begins, ends))
                found[id] = min(since, begins), max(until, ends)
        weighing = self.plan.country.weighing
        if weighing is not None:
            found[self.plan.table_pin(weighing.table).file] = weighing.edition, weighing.edition
        return found

    @cached_property
    def fives(self) -> dict[str, Five]:
        """Least, quartiles and greatest of the municipalities by indicator."""
        columns = self.comparisons_by_geo.columns
        words, values = columns["indicator"].words, columns["value"].cells
        assert words is not None  # ids are text
        found: dict[str, Five] = {}
        for id in words.tolist():
            here = values[columns["indicator"].equals([id])]
            known = here[~np.isnan(here)]
            if len(known):
                least, low, middle, high, most = np.percentile(known, QUANTILES).tolist()
                found[id] = (least, low, middle, high, most)
        return found

    @cached_property
    def outlines(self) -> dict[str, BaseGeometry]:
        """Projected boundaries by geo, in order of id."""
        rows = parquet.ParquetFile(self._path("boundaries")).read(use_threads=False)
        shapes = shapely.from_wkb(rows["geometry"].to_pylist())
        return dict(zip(rows["geo"].to_pylist(), shapes, strict=True))

    @cached_property
    def sidecars(self) -> dict[str, Sidecar]:
        """What is known of each pinned snapshot of the country, by its id."""
        return {
            pin.file: snapshots.open_sidecar(self.workspace, pin)
            for pin in (reading.pin for reading in self.plan.readings)
        }

    @cached_property
    def _covering(self) -> dict[str, Column]:
        wanted = ["indicator", "geo", "first_year", "last_year", "age", "value", "snapshot"]
        return _read(self._path("observations"), wanted)

    def _path(self, table: str) -> Path:
        return self.workspace.processed(self.plan.country.id) / f"{table}.parquet"


def once(
    make: Callable[Concatenate[Processed, P], T],
) -> Callable[Concatenate[Processed, P], T]:
    """Keep what `make` returns of a country's figures for as long as these are held.

    What is the same for many municipalities is made for the first of them.
    """
    kept: WeakKeyDictionary[Processed, dict[Any, T]] = WeakKeyDictionary()

    @wraps(make)
    def found(processed: Processed, /, *key: P.args, **named: P.kwargs) -> T:
        mine = kept.setdefault(processed, {})
        whole = (key, tuple(named.items()))
        if whole not in mine:
            mine[whole] = make(processed, *key, **named)
        return mine[whole]

    return found


def _read(path: Path, names: list[str] | None = None) -> dict[str, Column]:
    """Return columns of a parquet file, its texts as words."""
    text = [f.name for f in parquet.read_schema(path) if not pa.types.is_primitive(f.type)]
    file = parquet.ParquetFile(path, read_dictionary=text)
    columns = {}
    for name in names or file.schema_arrow.names:
        # One at a time: whole tables of large countries would be in memory twice over. One thread:
        # whoever forks reports from this process must not meet its threads.
        table = file.read([name], use_threads=False).unify_dictionaries().combine_chunks()
        column = table.column(name)
        columns[name] = _column(column.chunk(0)) if column.num_chunks else _empty(column.type)
    return columns


def _empty(kind: pa.DataType) -> Column:
    """Return a column of a table without rows; arrow's own way would import pandas."""
    if pa.types.is_dictionary(kind):
        return Column(np.empty(0, np.uint8), np.array([None], dtype=object))
    return Column(np.empty(0, np.bool_ if pa.types.is_boolean(kind) else str(kind)))


def _column(array: pa.Array) -> Column:
    if not pa.types.is_dictionary(array.type):
        return Column(_cells(array, np.nan))
    # An absent word, as where a geo lies in no group, is a word of its own at the end: None.
    words = np.array([*array.dictionary.to_pylist(), None], dtype=object)
    cells = _cells(array.indices, len(words) - 1)
    return Column(cells.astype(np.min_scalar_type(len(words))), words)


def _cells(array: pa.Array, absent: float) -> NDArray[Any]:
    """Return the cells of an arrow array; its own `to_numpy` would import pandas for it."""
    valid, body = array.buffers()
    if pa.types.is_boolean(array.type):
        return _bits(body, array)
    cells = np.frombuffer(body, str(array.type))[array.offset : array.offset + len(array)]
    if array.null_count:
        cells = np.where(_bits(valid, array), cells, absent)
    return cells.astype(np.int32) if cells.dtype == np.int64 else cells


def _bits(buffer: pa.Buffer, array: pa.Array) -> NDArray[np.bool_]:
    bits = np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little")
    return bits[array.offset : array.offset + len(array)].astype(bool)
