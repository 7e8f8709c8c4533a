"""The rows of the observation table, with what disclosure has to know of each.

A row tells one cell of two quantities: events and people at risk. Rows of several indicators may tell
the same cell, so that what is withheld is decided for the cell and done to all its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from healthindicators.disclosure.cells import UNBOUNDED, Flags, Floats, Indices, Publication, Table
from healthindicators.disclosure.cells import table as make_table
from healthindicators.disclosure.primary import (
    COUNTS_WITHHELD,
    LEAST_LIMIT,
    SECONDARY,
    SMALL_COMPLEMENT,
    SMALL_COUNT,
    SMALL_DENOMINATOR,
    WEAK_SERIES,
    Limits,
    primary,
    weak_series,
)
from healthindicators.disclosure.rounded import events_left_open
from healthindicators.disclosure.secondary import protect
from healthindicators.disclosure.sums import CELL, Parents, inner_cells
from healthindicators.model import Indicator, Measure
from healthindicators.vocabulary import TOTAL

COARSE = 10
"""2026-11-22: counts alone are withheld only where the rounded figure leaves them open by this many
times the limit; ten leaves room for what we have not thought of."""

CHEAP = 0.01
"""What withholding counts alone costs, against withholding the figure: readers see no difference."""

DEAR = 100.0
"""What withholding a region, a group or a country costs, against a municipality."""

SENSITIVE = (
    SMALL_COUNT, SMALL_COMPLEMENT, SECONDARY, WEAK_SERIES, COUNTS_WITHHELD, "too-few-events",
    "suppressed-by-provider",
)  # fmt: skip
"""Reasons that concern the count itself: whatever row carries it, it is withheld.

Other reasons, such as a population too small for a life table, concern a figure; its count may be shown
beside another one.
"""

AFTERWARDS = (SECONDARY, WEAK_SERIES, COUNTS_WITHHELD)
"""Reasons that do not lie in the count of the cell itself."""

FEWEST = 1000
"""2026-11-22: with so many deaths the limits of a life expectancy, which have no asymmetry, leave the
count open by a hundred at least: its spread over ages is not told, and moves them by a tenth."""

STANDARDISED = ("directly-standardised-rate", "life-expectancy")
Places = Indices | pd.Index
SERIES = ["indicator", "geo", "sex", "age", "stratifier", "stratum"]
PERSON_YEARS_STEP = 0.5


@dataclass(frozen=True)
class Quantity:
    """One thing that is counted, such as deaths, and the column of the table that tells it."""

    name: str
    column: str

    @property
    def source(self) -> str:
        """The column of rows that names the quantity."""
        return "events_of" if self.column == "numerator" else "people_of"

    @property
    def step(self) -> float:
        """The smallest difference between two values."""
        return 1.0 if self.column == "numerator" else PERSON_YEARS_STEP


_ADDED = ["ages", "events_of", "people_of", "limit", "at_least", "decimals", "standardised"]
_NUMBERS = ["value", "lower", "upper", "numerator", "denominator"]


class Rows:
    """The rows of a table with what disclosure has to know of each; hides in its own copy."""

    def __init__(
        self,
        frame: pd.DataFrame,
        indicators: Mapping[str, Indicator],
        parents: Parents,
        limits: Mapping[str, Limits],
    ) -> None:
        self.parents = parents
        self.limits = {
            id: limits.get(id) or Limits.of(indicators[id]) for id in set(frame["indicator"])
        }
        self.indicators = indicators
        about = pd.DataFrame(
            [self._about(id) for id in self.limits], columns=["indicator", *_ADDED]
        )
        rows = frame.reset_index(drop=True)
        added = rows[["indicator"]].merge(about, how="left", on="indicator")
        self.frame = rows.assign(**{name: added[name] for name in _ADDED})
        plain = self.frame["ages"] == ""
        self.frame.loc[plain, "ages"] = self.frame.loc[plain, "age"]
        # A count of persons is its own numerator.
        persons = self.frame["indicator"].isin([id for id in self.limits if self._persons(id)])
        self.filled: Flags = (persons & self.frame["numerator"].isna()).to_numpy()
        self.frame.loc[self.filled, "numerator"] = self.frame.loc[self.filled, "value"]
        # One count under two limits is judged by the stricter, or the rows would tell it together.
        same = self.frame.groupby(["events_of", *CELL], sort=False)["limit"]
        self.frame["limit"] = same.transform("max")

    @property
    def result(self) -> pd.DataFrame:
        """The rows as they came, with what was withheld."""
        told = self.frame["numerator"].mask(self.filled)
        return self.frame.assign(numerator=told).drop(columns=_ADDED)

    def _persons(self, id: str) -> bool:
        indicator = self.indicators[id]
        return indicator.measure is Measure.COUNT and indicator.unit == "persons"

    def _about(self, id: str) -> tuple[object, ...]:
        indicator = self.indicators[id]
        derivation = indicator.derivation
        limits = self.limits[id]
        said = (limits.events, 0 if limits.zeros else 1, indicator.decimals)
        if derivation is None or not derivation.denominator:
            return id, "", id, f"{id} of", *said, False
        sources = (derivation.ages, derivation.numerator, derivation.denominator)
        return id, *sources, *said, derivation.method in STANDARDISED

    def hide_primary(self) -> None:
        """Withhold what the indicators' own limits forbid, and series that are weak."""
        for (id, limit), part in self.frame.groupby(["indicator", "limit"]):
            of = replace(self.limits[str(id)], events=int(str(limit)))
            complement = self.indicators[str(id)].measure is Measure.PROPORTION
            reason = primary(part["numerator"], part["denominator"], of, complement=complement)
            away = reason != ""
            self._withhold(part.index[away], reason[away])
        away = self.frame["status"] == "suppressed"
        for id, part in self.frame[self.frame["numerator"].notna() | away].groupby("indicator"):
            # What protects other cells makes no series weak, nor one that is weak already weaker.
            hidden = away[part.index] & ~part["reason"].isin(AFTERWARDS)
            share = self.limits[str(id)].weak_share
            weak = weak_series(hidden, part.groupby(SERIES).ngroup(), share)
            self._withhold(part.index[weak & ~away[part.index]], WEAK_SERIES)

    def quantities(self, before: Sequence[Rows] = ()) -> Iterator[Quantity]:
        """Yield what is counted here, where some count is told and one is hidden, now or before."""
        for column in ("numerator", "denominator"):
            source = Quantity("", column).source
            hidden = set[str]().union(*(rows._names(source, column) for rows in (self, *before)))
            told = set(self.frame.loc[self.frame[column].notna(), source])
            yield from (Quantity(name, column) for name in sorted(hidden & told))

    def _names(self, source: str, column: str) -> set[str]:
        away = self.frame[column].isna() & self._away(self.frame)
        return set(self.frame.loc[away, source])

    @staticmethod
    def _away(part: pd.DataFrame) -> pd.Series:
        return (part["status"] == "suppressed") | (part["reason"] == COUNTS_WITHHELD)

    def table(
        self, quantity: Quantity, before: Sequence[Rows], tolerance: float
    ) -> tuple[pd.DataFrame, Table, list[Publication]]:
        """Return the cells of a quantity, as a table to protect or attack, and earlier ones."""
        cells = self._cells(quantity)
        past = [b._cells(quantity) for b in before]
        for old in past:
            # What was hidden stays hidden, in this table or in the sums that still concern it.
            found = cells[CELL].merge(old[[*CELL, "hidden"]], on=CELL, how="left")["hidden"]
            cells["hidden"] |= found.eq(True).to_numpy()
            gone = old[old["hidden"] & ~_keys(old).isin(_keys(cells))]
            cells = pd.concat([cells, gone.assign(count=np.nan, told=False)], ignore_index=True)
        every = pd.concat([frame[CELL] for frame in (cells, *past)], ignore_index=True)
        matrix = inner_cells(every, self.parents)
        ends = np.cumsum([len(frame) for frame in (cells, *past)])
        publications = [
            Publication(matrix[a:b], old["count"].to_numpy(), tolerance)
            for old, (a, b) in zip(past, pairwise(ends), strict=True)
        ]
        hidden = cells["hidden"].to_numpy()
        values = cells["count"].to_numpy()
        # A cell that nobody tells and that nothing protects is unknown, and no row of a table.
        kept = np.flatnonzero(hidden | ~np.isnan(values))
        made = self._table(quantity, cells.loc[kept], matrix[kept])
        return cells.loc[kept].reset_index(drop=True), made, publications

    def _table(self, quantity: Quantity, cells: pd.DataFrame, matrix: object) -> Table:
        hidden = cells["hidden"].to_numpy()
        counted = quantity.column == "numerator"
        bounds = cells[["least", "most"]].to_numpy() if counted else UNBOUNDED
        rules = cells[["rule_least", "rule_most"]].to_numpy() if counted else UNBOUNDED
        cost = 1 + np.log1p(np.nan_to_num(cells["count"].to_numpy()))
        cost *= np.where(cells["coarse"], CHEAP, 1.0)
        parents = {p for above in self.parents.values() for p in above}
        cost *= np.where(cells["geo"].isin(parents) & ~cells["coarse"], DEAR, 1.0)
        # What is hidden for its own sake is kept further open than what protects it.
        own = (cells["first"] & cells["hidden"]).to_numpy() & counted
        return make_table(
            matrix,  # type: ignore[arg-type]
            cells["count"].to_numpy(),
            hidden,
            cost=cost,
            bounds=bounds,
            rules=rules,
            width=np.where(own, cells["limit"], 0.0),
            step=quantity.step,
            names=[_named(quantity, cell) for cell in cells[CELL].itertuples(index=False)],
        )

    def _cells(self, quantity: Quantity) -> pd.DataFrame:
        """Return one row a cell: its count if any row tells it, and what is known otherwise."""
        part = self.frame[self.frame[quantity.source] == quantity.name]
        counted = quantity.column == "numerator"
        words = SENSITIVE if counted else (SMALL_DENOMINATOR,)
        part = part.assign(count=part[quantity.column], away=self._away(part))
        part = part.assign(told=part["count"].notna())
        part = part.assign(
            sensitive=part["away"] & part["reason"].isin(words),
            first=part["away"] & ~part["reason"].isin(AFTERWARDS),
            coarse=_coarse(part) & counted,
            **_limits(part),
        )
        cells = part.groupby(CELL, sort=True, as_index=False).agg(
            count=("count", "first"),
            told=("told", "any"),
            away=("away", "any"),
            sensitive=("sensitive", "any"),
            first=("first", "any"),
            coarse=("coarse", "all"),
            limit=("limit", "max"),
            least=("least", "max"),
            most=("most", "min"),
            rule_least=("rule_least", "max"),
            rule_most=("rule_most", "min"),
        )
        return cells.assign(hidden=cells["sensitive"] | (cells["away"] & ~cells["told"]))

    def protect(self, quantity: Quantity, before: Sequence[Rows], tolerance: float) -> bool:
        """Withhold what a quantity needs; return whether anything had to be."""
        cells, table, past = self.table(quantity, before, tolerance)
        hidden = protect(table, past)
        mine = np.flatnonzero(self.frame[quantity.source] == quantity.name)
        wanted = _keys(self.frame.loc[mine]).isin(_keys(cells.loc[hidden]))
        told = self.frame.loc[mine, quantity.column].notna().to_numpy()
        rows = mine[wanted & told]
        coarse = _coarse(self.frame.loc[rows]).to_numpy()
        self._withhold(rows[~coarse], SECONDARY)
        self._withhold_counts(rows[coarse])
        return bool(len(rows))

    def _withhold(self, rows: Places, reason: Any) -> None:
        self.frame.loc[rows, _NUMBERS] = np.nan
        self.frame.loc[rows, "interval"] = "none"
        self.frame.loc[rows, "status"] = "suppressed"
        self.frame.loc[rows, "reason"] = reason

    def _withhold_counts(self, rows: Places) -> None:
        self.frame.loc[rows, ["numerator", "denominator"]] = np.nan
        self.frame.loc[rows, "reason"] = COUNTS_WITHHELD
        for decimals, part in self.frame.loc[rows].groupby("decimals"):
            shown = ["value", "lower", "upper"]
            self.frame.loc[part.index, shown] = part[shown].round(int(str(decimals)))


def _keys(frame: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[CELL])


def _coarse(part: pd.DataFrame) -> pd.Series:
    """Return for which rows it is enough to withhold the counts.

    A row without a figure has nothing to lose, and stands in nobody's way.
    """
    least, most = events_left_open(part["value"], part["lower"], part["upper"], part["decimals"])
    enough = COARSE * np.maximum(part["limit"], LEAST_LIMIT)
    rates = (part["interval"] == "dobson") & (most - least >= enough)
    lives = (part["interval"] == "chiang") & ~(part["numerator"] < FEWEST)
    return part["value"].isna() | (part["standardised"] & (rates | lives))


def _limits(part: pd.DataFrame) -> dict[str, Floats]:
    """Return what is known of each row's count while it is hidden: from the figure, from the rules."""
    least, most = events_left_open(part["value"], part["lower"], part["upper"], part["decimals"])
    # Where the row would be withheld whole, its figure tells nothing.
    dobson = ((part["interval"] == "dobson") & _coarse(part)).to_numpy()
    limit, reason = part["limit"].to_numpy(dtype=np.float64), part["reason"]
    few = reason.isin([SMALL_COUNT, "too-few-events"]).to_numpy() & (limit > 0)
    # Whatever is hidden for the sake of another cell had passed the rules itself.
    passed = part["told"] | reason.isin([SECONDARY, COUNTS_WITHHELD])
    return {
        "least": np.where(dobson, least, 0.0),
        "most": np.where(dobson, most, np.inf),
        "rule_least": np.where(
            passed, limit, np.where(reason == SMALL_COUNT, part["at_least"], 0.0)
        ),
        "rule_most": np.where(few, limit - 1, np.inf),
    }


def _named(quantity: Quantity, cell: object) -> str:
    return f"{quantity.name} " + " ".join(str(x) for x in cell if x != TOTAL)  # type: ignore[attr-defined]
