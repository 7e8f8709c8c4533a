"""The profile: all that is said of one municipality, selected from what was computed for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Generic, TypeVar

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
from healthindicators.processed import Processed, Row, once
from healthindicators.text import message
from healthindicators.vocabulary import TOTAL, age_range

T = TypeVar("T")

OLD = 65
"""Years of age from which a resident counts as old in the key facts."""


class Same(Generic[T]):
    """A key for what is made of one unchanging thing: equal only where the thing is the very same.

    It holds the thing, so that no other can come to lie in its place.
    """

    __slots__ = ("of",)

    def __init__(self, of: T) -> None:
        self.of = of

    def __hash__(self) -> int:
        return id(self.of)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.of is other.of


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

    @cached_property
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
        facts=_facts(processed, geo),
        sections=sections,
        others=tuple(line for id, line in lines.items() if id not in served),
        sources=_sources(processed, catalog, geo),
    )


_VALUE = ("first_year", "last_year", "value", "lower", "upper", "interval", "status", "reason")


@once
def everywhere(processed: Processed, indicator: str) -> dict[str, Value]:
    """Return an indicator's latest value in every municipality, for a map."""
    rows = processed.comparisons_by_geo.rows_where("indicator", indicator)
    values = _values(*([row[name] for row in rows] for name in _VALUE))
    return dict(zip((row["geo"] for row in rows), values, strict=True))


_period = cache(Period)


def _values(
    first: list[int],
    last: list[int],
    value: list[float],
    lower: list[float],
    upper: list[float],
    *said: list[str],
) -> Iterator[Value]:
    """Return a value for each row of some columns, those of `_VALUE`."""
    numbers = (map(_known, column) for column in (value, lower, upper))
    return map(Value, map(_period, first, last), *numbers, *said)


def _known(number: float) -> float | None:
    """Return a number of a table, or None where it is absent: only NaN differs from itself."""
    return number if number == number else None  # noqa: PLR0124


def _lines(processed: Processed, catalog: Catalog, register: Register, geo: Geo) -> dict[str, Line]:
    own = _by_sex(processed, geo.id)
    benchmarks = register.benchmarks(geo)
    series = {kind: _series(processed, b.id) for kind, b in benchmarks.items()}
    rows = processed.comparisons_by_geo.rows(geo.id)
    values = _values(*processed.comparisons_by_geo.part(geo.id, *_VALUE))
    return {
        row["indicator"]: _line(row, value, own, series, benchmarks, catalog, processed)
        for row, value in zip(rows, values, strict=True)
    }


History = dict[str, tuple[Value, ...]]
"""Values of one geo by indicator, from the first to the latest period."""


def _by_sex(processed: Processed, geo: str) -> dict[str, History]:
    """Return the history of one geo by sex."""
    found: dict[str, dict[str, list[Value]]] = {TOTAL: {}}
    sexes, indicators, *columns = processed.estimates_by_geo.part(geo, "sex", "indicator", *_VALUE)
    for sex, indicator, value in zip(sexes, indicators, _values(*columns), strict=True):
        found.setdefault(sex, {}).setdefault(indicator, []).append(value)
    return {
        sex: {id: tuple(sorted(values, key=_end)) for id, values in history.items()}
        for sex, history in found.items()
    }


def _end(value: Value) -> tuple[int, int]:
    return value.period.last, value.period.first


@once
def _series(processed: Processed, geo: str) -> History:
    """Return the history of a benchmark, which many municipalities have in common."""
    return _by_sex(processed, geo)[TOTAL]


def _line(
    row: Row,
    value: Value,
    own: Mapping[str, History],
    histories: Mapping[str, History],
    benchmarks: Mapping[str, Geo],
    catalog: Catalog,
    processed: Processed,
) -> Line:
    indicator = catalog.indicators[row["indicator"]]
    series = {kind: history.get(indicator.id, ()) for kind, history in histories.items()}
    now = {kind: _in_period(values, value.period) for kind, values in series.items()}
    return Line(
        indicator=indicator,
        basis=processed.plan.basis[indicator.id],
        value=value,
        benchmarks={
            kind: Benchmark(
                benchmarks[kind], found, row[f"{kind}_published"], row[f"{kind}_verdict"]
            )
            for kind, found in now.items()
            if found is not None and found.value is not None
        },
        position=_position(row),
        spread=Spread(*processed.fives[indicator.id]),
        previous=_change(row, "previous"),
        first=_change(row, "first"),
        series=own[TOTAL].get(indicator.id, ()),
        benchmark_series=series,
        by_sex={
            sex: found
            for sex, history in own.items()
            if sex != TOTAL
            for found in history.get(indicator.id, ())
            if found.period == value.period
        },
    )


def _in_period(values: tuple[Value, ...], period: Period) -> Value | None:
    # The period is the latest of nearly all: looked for from the end, it is found at once.
    for value in reversed(values):
        if value.period is period or value.period == period:
            return value
    return None


def _position(row: Row) -> Position | None:
    if _known(row["position_first"]) is None:
        return None
    fifth = None if _known(row["fifth"]) is None else int(row["fifth"])
    first, last, count = (int(row[f"position_{x}"]) for x in ("first", "last", "count"))
    return Position(first, last, count, fifth)


def _change(row: Row, name: str) -> Change | None:
    difference = _known(row[f"{name}_difference"])
    if difference is None:
        return None
    since = _period(int(row[f"{name}_first_year"]), int(row[f"{name}_last_year"]))
    return Change(since, difference)


def _facts(processed: Processed, geo: Geo) -> tuple[KeyFact, ...]:
    """Return residents, the share of the old and the density, in the latest year known."""
    names = ("indicator", "first_year", "last_year", "age", "value")
    heading = list(zip(*processed.heading_by_geo.part(geo.id, *names), strict=True))
    counts = [row for row in heading if row[0] == "population"]
    if not counts:
        return ()
    latest = max(last for _, _, last, _, _ in counts)
    counts = [row for row in counts if row[2] == latest]
    period = _period(counts[0][1], latest)
    residents = sum(n for *_, n in counts)
    old = sum(n for *_, age, n in counts if _is_old(age))
    facts = [
        KeyFact(message("Residents on 1 January"), residents, "persons", 0, period),
        KeyFact(message("Aged 65 and over"), 100 * old / residents, "percent", 1, period),
    ]
    areas = [n for id, *_, n in heading if id == "area"]
    if areas:
        name = message("Residents per square kilometre")
        facts.append(KeyFact(name, residents / areas[-1], "per-square-kilometre", 0, period))
    return tuple(facts)


@cache
def _is_old(age: str) -> bool:
    return age_range(age)[0] >= OLD


def _sources(processed: Processed, catalog: Catalog, geo: Geo) -> tuple[SourceLine, ...]:
    """Return every snapshot behind the profile, in order of provider and table."""
    return _feeding(processed, Same(catalog), _rows_behind(processed, geo.id))


@once
def _feeding(
    processed: Processed, catalog: Same[Catalog], shown: frozenset[tuple[str, str]]
) -> tuple[SourceLine, ...]:
    """Return the snapshots behind what is shown, which is the same of nearly all."""
    fed: dict[str, set[str]] = {}
    for indicator, joined in shown:
        for snapshot in parted(joined):
            fed.setdefault(snapshot, set()).add(indicator)
    lines = [
        SourceLine(
            sidecar,
            tuple(catalog.of.indicators[indicator] for indicator in sorted(fed[id])),
            *processed.years[id],
        )
        for id, sidecar in processed.sidecars.items()
        if id in fed
    ]
    return tuple(sorted(lines, key=lambda x: (x.sidecar.provider, x.sidecar.provider_table)))


def _rows_behind(processed: Processed, geo: str) -> frozenset[tuple[str, str]]:
    """Return indicator and snapshots of all that a profile shows, key facts among it."""
    shown = processed.estimates_by_geo.part(geo, "indicator", "snapshot")
    heading = processed.heading_by_geo.part(geo, "indicator", "snapshot", "last_year")
    latest = processed.heading_years
    told = {(id, joined) for id, joined, year in zip(*heading, strict=True) if year == latest[id]}
    return frozenset(told.union(zip(*shown, strict=True)))
