"""The profile of one municipality, selected from what was computed for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from healthindicators import countries
from healthindicators.catalog import Catalog
from healthindicators.geography import Register, official_peers
from healthindicators.model import Framework, Geo, Indicator, Period
from healthindicators.observations import CREDIT, parted
from healthindicators.processed import Processed, Row, once
from healthindicators.profile import beside
from healthindicators.profile.nouns import (
    Abroad,
    Benchmark,
    Change,
    Inside,
    KeyFact,
    Line,
    Peers,
    Position,
    Profile,
    Same,
    Section,
    Sexes,
    SourceLine,
    Spread,
    Trend,
    Value,
)
from healthindicators.text import message
from healthindicators.vocabulary import STRATIFIERS, TOTAL, age_range

OLD = {65: message("Aged 65 and over"), 67: message("Aged 67 and over")}
"""Ages from which a resident counts as old in the key facts; the first that the age bands tell."""

PUBLISHED = ("share-aged-65-and-over", "population-density")
"""What key facts are told from where the counts behind them are not at hand."""


def make(
    processed: Processed,
    catalog: Catalog,
    register: Register,
    geo: Geo,
    framework: Framework,
    edition: str,
) -> Profile:
    """Select the profile of one municipality from what was computed for all."""
    members = beside.peers(processed, catalog, register, geo)
    lines = _lines(processed, catalog, register, geo, members)
    sections = tuple(
        Section(
            area, tuple((s, lines[s.indicator]) for s in area.indicators if s.indicator in lines)
        )
        for area in framework.areas
    )
    served = {service.indicator for section in sections for service, _ in section.lines}
    region, group = register[geo.region], register[geo.group]
    held_against = register.benchmarks(geo).values()
    return Profile(
        geo=geo,
        region=region,
        group=group,
        country=processed.plan.country,
        framework=framework,
        edition=edition,
        facts=_facts(processed, geo),
        sections=sections,
        others=tuple(line for id, line in lines.items() if id not in served),
        sources=_sources(processed, catalog, geo),
        inside=_inside(processed, catalog, geo),
        across=beside.across(processed, catalog, geo, lines),
        funnels=beside.funnels(processed, catalog, register, geo),
        peers=members,
        abroad=_abroad(processed, Same(catalog)),
        recast=beside.recast(
            processed.beside["recasting"].rows(geo.id),
            processed.plan.computations,
            catalog,
            register,
        ),
        official=official_peers(register.country).get(geo.id, ()),
        alone_in=tuple(g for g in (region, group) if g not in held_against),
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


@dataclass(frozen=True)
class _Known:
    """What is known of one municipality, and of whom it is held against, by indicator."""

    own: Mapping[str, History]
    both: Mapping[tuple[str, int, int], Sexes]
    trends: Mapping[str, Trend]
    benchmarks: Mapping[str, Geo]
    histories: Mapping[str, History]
    members: Peers | None


def _lines(
    processed: Processed, catalog: Catalog, register: Register, geo: Geo, members: Peers | None
) -> dict[str, Line]:
    benchmarks = register.benchmarks(geo)
    known = _Known(
        own=_by_sex(processed, geo.id),
        both=beside.sexes(processed, geo),
        trends=beside.trends(processed, geo),
        benchmarks=benchmarks,
        histories={kind: _series(processed, b.id) for kind, b in benchmarks.items()},
        members=members,
    )
    rows = processed.comparisons_by_geo.rows(geo.id)
    values = _values(*processed.comparisons_by_geo.part(geo.id, *_VALUE))
    return {
        row["indicator"]: _line(row, value, known, catalog.indicators[row["indicator"]], processed)
        for row, value in zip(rows, values, strict=True)
    }


History = dict[str, tuple[Value, ...]]
"""Values of one geo by indicator, from the first to the latest period."""


def _by_sex(processed: Processed, geo: str) -> dict[str, History]:
    """Return the history of one geo by sex."""
    found: dict[str, dict[str, list[Value]]] = {TOTAL: {}}
    sexes, strata, indicators, *columns = processed.estimates_by_geo.part(
        geo, "sex", "stratum", "indicator", *_VALUE
    )
    cells = zip(sexes, strata, indicators, _values(*columns), strict=True)
    for sex, stratum, indicator, value in cells:
        if stratum != TOTAL:
            continue
        found.setdefault(sex, {}).setdefault(indicator, []).append(value)
    return {
        sex: {id: tuple(sorted(values, key=_end)) for id, values in history.items()}
        for sex, history in found.items()
    }


def _inside(processed: Processed, catalog: Catalog, geo: Geo) -> tuple[Inside, ...]:
    """Return every indicator that is split by a social dimension, in its latest period."""
    columns = processed.estimates_by_geo.part(
        geo.id, "stratifier", "stratum", "sex", "indicator", *_VALUE
    )
    values = _values(*columns[4:])
    found: dict[tuple[str, str], dict[Period, dict[str, Value]]] = {}
    for stratifier, stratum, sex, id, value in zip(*columns[:4], values, strict=True):
        if stratifier != TOTAL and sex == TOTAL:
            periods = found.setdefault((id, stratifier), {})
            periods.setdefault(value.period, {})[stratum] = value
    own, nation = (beside.gaps(processed, g) for g in (geo.id, processed.plan.country.id))
    inside = []
    for (id, stratifier), periods in sorted(found.items()):
        known = [
            p for p, split in periods.items() if any(v.value is not None for v in split.values())
        ]
        period = max(known or periods, key=lambda p: (p.last, p.first))
        split = periods[period]
        order = [s for s in STRATIFIERS[stratifier] if s in split]
        difference, ratio = own.get((id, stratifier, period), (None, None))
        inside.append(
            Inside(
                catalog.indicators[id],
                stratifier,
                tuple((stratum, split[stratum]) for stratum in order),
                difference,
                ratio,
                nation.get((id, stratifier, period), (None, None))[0],
            )
        )
    return tuple(inside)


@once
def _abroad(processed: Processed, catalog: Same[Catalog]) -> tuple[Abroad, ...]:
    """Return the country's figures beside those of other countries, in order of indicator."""
    here = processed.plan.country.id
    own = _series(processed, here)
    rows = processed.beside["abroad"].rows(here)
    values = _values(*processed.beside["abroad"].part(here, *_VALUE))
    found = []
    for row, value in zip(rows, values, strict=True):
        indicator = catalog.of.indicators[row["indicator"]]
        graded = indicator.compared(here, row["country"])
        known = {v.period: v for v in own.get(indicator.id, ()) if v.value is not None}
        if known and graded is not None:
            beside = known[value.period.nearest(known)]
            there = countries.home(row["country"]).country
            credits = tuple(_credit(each) for each in parted(row["credit"]))
            found.append(Abroad(indicator, beside, there, value, credits, graded))
    found.sort(key=lambda x: x.country.id)
    found.sort(key=lambda x: _end(x.own), reverse=True)
    return tuple(sorted(found, key=lambda x: x.indicator.id))


def _credit(text: str) -> tuple[str, str]:
    provider, _, table = text.partition(CREDIT)
    return provider, table


def _end(value: Value) -> tuple[int, int]:
    return value.period.last, value.period.first


@once
def _series(processed: Processed, geo: str) -> History:
    """Return the history of a benchmark, which many municipalities have in common."""
    return _by_sex(processed, geo)[TOTAL]


def _line(
    row: Row, value: Value, known: _Known, indicator: Indicator, processed: Processed
) -> Line:
    series = {kind: history.get(indicator.id, ()) for kind, history in known.histories.items()}
    now = {kind: _in_period(values, value.period) for kind, values in series.items()}
    period = value.period
    return Line(
        indicator=indicator,
        basis=processed.plan.basis[indicator.id],
        value=value,
        benchmarks={
            kind: Benchmark(
                known.benchmarks[kind], found, row[f"{kind}_published"], row[f"{kind}_verdict"]
            )
            for kind, found in now.items()
            if found is not None and found.value is not None
        },
        position=_position(row),
        spread=Spread(*processed.fives[indicator.id]),
        previous=_change(row, "previous"),
        first=_change(row, "first"),
        series=known.own[TOTAL].get(indicator.id, ()),
        benchmark_series=series,
        by_sex={
            sex: found
            for sex, history in known.own.items()
            if sex != TOTAL
            for found in history.get(indicator.id, ())
            if found.period == period
        },
        trend=known.trends.get(indicator.id),
        sexes=known.both.get((indicator.id, period.first, period.last)),
        rank=beside.rank(row),
        neighbourhood=beside.neighbourhood(row),
        peers=beside.peer_spread(everywhere(processed, indicator.id), known.members),
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
    """Return residents, the share of the old and the density, each in the latest year known."""
    names = ("indicator", "first_year", "last_year", "age", "value")
    heading = list(zip(*processed.heading_by_geo.part(geo.id, *names), strict=True))
    counts = [row for row in heading if row[0] == "population"]
    if not counts:
        return ()
    latest = max(last for _, _, last, _, _ in counts)
    counts = [row for row in counts if row[2] == latest]
    period = _period(counts[0][1], latest)
    residents = sum(n for *_, n in counts)
    facts = [KeyFact(message("Residents"), residents, "persons", 0, period)]
    published = {
        id: (value, _period(first, last))
        for id, first, last, _, value in sorted(heading, key=lambda row: row[2])
        if id in PUBLISHED and _known(value) is not None
    }
    old = _old(counts, residents)
    if old is not None:
        name, share = old
        facts.append(KeyFact(name, share, "percent", 1, period))
    elif "share-aged-65-and-over" in published:
        share, known = published["share-aged-65-and-over"]
        facts.append(KeyFact(OLD[65], share, "percent", 1, known))
    areas = [n for id, *_, n in heading if id == "area"]
    density = message("Residents per square kilometre")
    if areas:
        value = residents / areas[-1]
        facts.append(KeyFact(density, value, "per-square-kilometre", 0, period))
    elif "population-density" in published:
        value, known = published["population-density"]
        facts.append(KeyFact(density, value, "per-square-kilometre", 0, known))
    return tuple(facts)


def _old(
    counts: Iterable[tuple[str, int, int, str, float]], residents: float
) -> tuple[str, float] | None:
    """Return what the old are called and their share, where the age bands tell it."""
    by_band = [(age_range(age)[0], n) for *_, age, n in counts]
    for first, name in OLD.items():
        if any(start == first for start, _ in by_band):
            return name, 100 * sum(n for start, n in by_band if start >= first) / residents
    return None


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
