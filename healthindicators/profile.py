"""The profile: all that is said of one municipality, selected from what was computed for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from healthindicators import snapshots
from healthindicators.build import Processed
from healthindicators.catalog import Catalog
from healthindicators.geography import Register
from healthindicators.model import (
    Country,
    Framework,
    Geo,
    Indicator,
    Period,
    Service,
    Sidecar,
    StrategicArea,
)
from healthindicators.observations import parted
from healthindicators.text import message
from healthindicators.vocabulary import TOTAL, age_range

OLD = 65
"""Years of age from which a resident counts as old in the key facts."""


@dataclass(frozen=True)
class Value:
    """One number with all that is needed to read it honestly. `value` is None where there is none."""

    period: Period
    value: float | None
    lower: float | None
    upper: float | None
    interval: str
    status: str
    reason: str

    @property
    def has_interval(self) -> bool:
        """Whether both limits are known."""
        return self.lower is not None and self.upper is not None


@dataclass(frozen=True)
class Benchmark:
    """What a municipality is held against, in the same period.

    `published` is false where the value was computed here from the municipalities. `verdict` is
    better, similar, worse, higher, lower or cannot-say.
    """

    geo: Geo
    value: Value
    published: bool
    verdict: str


@dataclass(frozen=True)
class Position:
    """Where a municipality stands among those with a value; 1 is best (highest where neutral).

    `first` and `last` differ where rounding ties or intervals leave the position open. `fifth` is
    1 to 5, or None where the position spans more than one fifth.
    """

    first: int
    last: int
    count: int
    fifth: int | None


@dataclass(frozen=True)
class Change:
    """The difference to an earlier period that shares no year with the latest."""

    since: Period
    difference: float


@dataclass(frozen=True)
class Spread:
    """How the municipalities lie in the same period."""

    minimum: float
    lower_quartile: float
    median: float
    upper_quartile: float
    maximum: float


@dataclass(frozen=True)
class Line:
    """All that is said of one indicator in one municipality.

    `benchmarks` is keyed country, region, group; a benchmark without a value is left out. `series`
    and `benchmark_series` run from the first to the latest period. `by_sex` is keyed female, male.
    `basis` says survey, register and so on.
    """

    indicator: Indicator
    basis: str
    value: Value
    benchmarks: Mapping[str, Benchmark] = field(default_factory=dict)
    position: Position | None = None
    spread: Spread | None = None
    previous: Change | None = None
    first: Change | None = None
    series: tuple[Value, ...] = ()
    benchmark_series: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    by_sex: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """One strategic area with the lines that serve it, in the framework's order."""

    area: StrategicArea
    lines: tuple[tuple[Service, Line], ...]


@dataclass(frozen=True)
class SourceLine:
    """A snapshot that figures of this profile came from, with the indicators it feeds."""

    sidecar: Sidecar
    indicators: tuple[Indicator, ...]
    first_year: int
    last_year: int


@dataclass(frozen=True)
class KeyFact:
    """A plain fact for the heading: what, the value, its unit and its year."""

    name: str
    value: float
    unit: str
    decimals: int
    period: Period


@dataclass(frozen=True)
class Profile:
    """All that is said of one municipality under one framework."""

    geo: Geo
    region: Geo
    group: Geo
    country: Country
    framework: Framework
    edition: str
    facts: tuple[KeyFact, ...]
    sections: tuple[Section, ...]
    others: tuple[Line, ...]
    sources: tuple[SourceLine, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every indicator once, in the framework's order, the others last."""
        seen: dict[str, Line] = {}
        for section in self.sections:
            for _, line in section.lines:
                seen.setdefault(line.indicator.id, line)
        for line in self.others:
            seen.setdefault(line.indicator.id, line)
        return tuple(seen.values())


def make(
    processed: Processed,
    catalog: Catalog,
    register: Register,
    geo: Geo,
    framework: Framework,
    edition: str,
) -> Profile:
    """Select the profile of one municipality from what was computed for all."""
    lines = _lines(processed, catalog, register, geo)
    sections = tuple(
        Section(
            area, tuple((s, lines[s.indicator]) for s in area.indicators if s.indicator in lines)
        )
        for area in framework.areas
    )
    served = {service.indicator for section in sections for service, _ in section.lines}
    return Profile(
        geo=geo,
        region=register[geo.region],
        group=register[geo.group],
        country=processed.plan.country,
        framework=framework,
        edition=edition,
        facts=_facts(processed.observations, geo),
        sections=sections,
        others=tuple(line for id, line in lines.items() if id not in served),
        sources=_sources(processed, catalog, geo),
    )


def everywhere(processed: Processed, indicator: str) -> dict[str, Value]:
    """Return an indicator's latest value in every municipality, for a map."""
    rows = processed.comparisons
    rows = rows[rows["indicator"] == indicator]
    return {row["geo"]: _value(row) for row in rows.to_dict("records")}


Row = Mapping[Any, Any]
"""A row of a table: column names and what stands in them."""


def _value(row: Row) -> Value:
    def number(column: str) -> float | None:
        return None if pd.isna(row[column]) else float(row[column])

    period = Period(int(row["first_year"]), int(row["last_year"]))
    numbers = (number("value"), number("lower"), number("upper"))
    return Value(period, *numbers, row["interval"], row["status"], row["reason"])


def _lines(processed: Processed, catalog: Catalog, register: Register, geo: Geo) -> dict[str, Line]:
    benchmarks = register.benchmarks(geo)
    wanted = {geo.id, *(b.id for b in benchmarks.values())}
    near = processed.estimates
    near = near[near["geo"].isin(wanted)].sort_values(["last_year", "first_year"])
    groups = {key: rows.to_dict("records") for key, rows in near.groupby(["indicator", "geo"])}
    compared = processed.comparisons
    return {
        row["indicator"]: _line(row, groups, benchmarks, catalog, processed)
        for row in compared[compared["geo"] == geo.id].to_dict("records")
    }


def _line(
    row: Row,
    groups: Mapping[Any, list[Any]],
    benchmarks: Mapping[str, Geo],
    catalog: Catalog,
    processed: Processed,
) -> Line:
    indicator = catalog.indicators[row["indicator"]]
    value = _value(row)
    own = groups[(indicator.id, row["geo"])]
    series = {
        kind: tuple(_value(r) for r in groups.get((indicator.id, b.id), []) if r["sex"] == TOTAL)
        for kind, b in benchmarks.items()
    }
    now = {k: next((v for v in s if v.period == value.period), None) for k, s in series.items()}
    return Line(
        indicator=indicator,
        basis=processed.plan.basis[indicator.id],
        value=value,
        benchmarks={
            kind: Benchmark(
                benchmarks[kind], found, bool(row[f"{kind}_published"]), row[f"{kind}_verdict"]
            )
            for kind, found in now.items()
            if found is not None and found.value is not None
        },
        position=_position(row),
        spread=_spread(processed, indicator.id),
        previous=_change(row, "previous"),
        first=_change(row, "first"),
        series=tuple(_value(r) for r in own if r["sex"] == TOTAL),
        benchmark_series=series,
        by_sex={
            r["sex"]: _value(r)
            for r in own
            if r["sex"] != TOTAL and _value(r).period == value.period
        },
    )


def _position(row: Row) -> Position | None:
    if pd.isna(row["position_first"]):
        return None
    fifth = None if pd.isna(row["fifth"]) else int(row["fifth"])
    first, last, count = (int(row[f"position_{x}"]) for x in ("first", "last", "count"))
    return Position(first, last, count, fifth)


def _change(row: Row, name: str) -> Change | None:
    if pd.isna(row[f"{name}_difference"]):
        return None
    since = Period(int(row[f"{name}_first_year"]), int(row[f"{name}_last_year"]))
    return Change(since, float(row[f"{name}_difference"]))


def _spread(processed: Processed, indicator: str) -> Spread:
    return Spread(*(float(x) for x in processed.spreads.loc[indicator].to_numpy()))


def _facts(observed: pd.DataFrame, geo: Geo) -> tuple[KeyFact, ...]:
    """Return residents, the share of the old and the density, in the latest year known."""
    rows = observed[(observed["indicator"] == "population") & (observed["geo"] == geo.id)]
    if rows.empty:
        return ()
    rows = rows[rows["last_year"] == rows["last_year"].max()]
    period = Period(int(rows["first_year"].iloc[0]), int(rows["last_year"].iloc[0]))
    residents = float(rows["value"].sum())
    old = rows["age"].map(lambda age: age_range(age)[0] >= OLD)
    facts = [
        KeyFact(message("Residents on 1 January"), residents, "persons", 0, period),
        KeyFact(
            message("Aged 65 and over"),
            100 * float(rows.loc[old, "value"].sum()) / residents,
            "percent",
            1,
            period,
        ),
    ]
    area = observed[(observed["indicator"] == "area") & (observed["geo"] == geo.id)]
    if not area.empty:
        density = residents / float(area["value"].iloc[-1])
        name = message("Residents per square kilometre")
        facts.append(KeyFact(name, density, "per-square-kilometre", 0, period))
    return tuple(facts)


def _sources(processed: Processed, catalog: Catalog, geo: Geo) -> tuple[SourceLine, ...]:
    """Return every snapshot behind the profile, in order of provider and table."""
    heading = processed.observations
    heading = heading[heading["indicator"].isin(["population", "area"])]
    heading = heading[
        heading["last_year"] == heading.groupby("indicator")["last_year"].transform("max")
    ]
    rows = pd.concat([processed.estimates, heading])
    rows = rows[rows["geo"] == geo.id]
    fed: dict[str, set[str]] = {}
    for indicator, joined in rows[["indicator", "snapshot"]].drop_duplicates().to_numpy():
        for snapshot in parted(joined):
            fed.setdefault(snapshot, set()).add(indicator)
    covered = processed.observations.groupby("snapshot")
    first, last = covered["first_year"].min(), covered["last_year"].max()
    lines = []
    for pin in processed.lock.pins.values():
        if pin.file in fed:
            indicators = tuple(catalog.indicators[id] for id in sorted(fed[pin.file]))
            sidecar = snapshots.open_pinned(processed.workspace, pin).sidecar
            years = (int(first[pin.file]), int(last[pin.file]))
            lines.append(SourceLine(sidecar, indicators, *years))
    return tuple(sorted(lines, key=lambda x: (x.sidecar.provider, x.sidecar.provider_table)))
