"""What a profile tells beside each figure: inequality across municipalities, funnels and peers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from statistics import median

from healthindicators.catalog import Catalog
from healthindicators.geography import Register
from healthindicators.model import Geo, Indicator, Period
from healthindicators.observations import parted
from healthindicators.processed import Processed, Row, once
from healthindicators.profile.nouns import (
    Across,
    Funnel,
    FunnelPoint,
    Gradient,
    Inequality,
    Line,
    Neighbourhood,
    Peer,
    Peers,
    PeerSpread,
    Rank,
    Recast,
    Same,
    Sexes,
    Trend,
    Value,
)
from healthindicators.vocabulary import TOTAL


def rank(row: Row) -> Rank | None:
    """Return how sure a place is, from a row of the comparisons; None where it has no interval."""
    if math.isnan(row["best_fifth"]):
        return None
    return Rank(
        first=int(row["position_first"]),
        last=int(row["position_last"]),
        count=int(row["position_count"]),
        best_fifth=row["best_fifth"],
        worst_fifth=row["worst_fifth"],
        group=int(row["rank_group"]),
        groups=int(row["rank_groups"]),
    )


def neighbourhood(row: Row) -> Neighbourhood | None:
    """Return whether near places have like figures, from a row of the comparisons."""
    if math.isnan(row["moran"]):
        return None
    return Neighbourhood(row["moran"], row["moran_p"], row["cluster"] or "")


def sexes(processed: Processed, geo: Geo) -> dict[tuple[str, int, int], Sexes]:
    """Return how women and men compare in one geo, by indicator and first and last year."""
    found = {}
    for row in processed.beside["sexes"].rows(geo.id):
        parts = [_limited(row, name) for name in ("", "ratio_")]
        assert parts[0] is not None  # a row has a difference
        found[row["indicator"], row["first_year"], row["last_year"]] = Sexes(parts[0], parts[1])
    return found


Gap = tuple[Inequality | None, Inequality | None]
"""A difference between the ends of a social dimension, and their ratio."""


def gaps(processed: Processed, geo: str) -> dict[tuple[str, str, Period], Gap]:
    """Return the gaps of one geo by indicator, social dimension and period, of both sexes."""
    return {
        (row["indicator"], row["stratifier"], Period(row["first_year"], row["last_year"])): (
            _limited(row, ""),
            _limited(row, "ratio_"),
        )
        for row in processed.beside["strata"].rows(geo)
        if row["sex"] == TOTAL
    }


def trends(processed: Processed, geo: Geo) -> dict[str, Trend]:
    """Return the change a year of each indicator of one geo that has periods enough."""
    nation = _slopes(processed, processed.plan.country.id)
    return {
        row["indicator"]: Trend(
            period=Period(row["first_year"], row["last_year"]),
            points=row["points"],
            slope=_slope(row),
            p_value=row["p_value"],
            country=nation.get(row["indicator"]),
        )
        for row in processed.beside["trends"].rows(geo.id)
    }


@once
def _slopes(processed: Processed, geo: str) -> dict[str, Inequality]:
    return {row["indicator"]: _slope(row) for row in processed.beside["trends"].rows(geo)}


def _slope(row: Row) -> Inequality:
    return Inequality(row["slope"], row["lower"], row["upper"], row["method"])


def _limited(row: Row, name: str) -> Inequality | None:
    value = row[name.rstrip("_") or "value"]
    if math.isnan(value):
        return None
    lower, upper = row[f"{name}lower"], row[f"{name}upper"]
    if math.isnan(lower):
        return Inequality(value, None, None, "none")
    return Inequality(value, lower, upper, "mover")


def across(
    processed: Processed, catalog: Catalog, geo: Geo, lines: Mapping[str, Line]
) -> tuple[Across, ...]:
    """Return inequality across the country's municipalities, by each of its conditions."""
    found = []
    for condition, gradients in _gradients(processed, Same(catalog)).items():
        below = _below(processed, condition).get(geo.id)
        known = catalog.indicators[condition]
        found.append(Across(known, lines.get(condition), below, gradients))
    return tuple(found)


@once
def _gradients(processed: Processed, catalog: Same[Catalog]) -> dict[str, tuple[Gradient, ...]]:
    """Return the gradients of a country by condition, the same for all its municipalities."""
    country = processed.plan.country
    by = itemgetter("condition", "indicator")
    curves: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for point in processed.beside["curves"].rows(country.id):
        curves.setdefault(by(point), []).append((point["residents"], point["total"]))
    rows = sorted(processed.beside["inequality"].rows(country.id), key=by)
    found: dict[str, list[Gradient]] = {id: [] for id in country.conditions}
    for (condition, indicator), group in groupby(rows, key=by):
        measures = {row["measure"]: row for row in group}
        gradient = _gradient(
            measures, catalog.of.indicators, tuple(curves.get((condition, indicator), ()))
        )
        found[condition].append(gradient)
    return {condition: tuple(gradients) for condition, gradients in found.items() if gradients}


def _gradient(
    measures: Mapping[str, Row],
    indicators: Mapping[str, Indicator],
    curve: tuple[tuple[float, float], ...],
) -> Gradient:
    slope = measures["slope-index"]
    return Gradient(
        indicator=indicators[slope["indicator"]],
        condition=indicators[slope["condition"]],
        period=Period(slope["first_year"], slope["last_year"]),
        condition_period=Period(slope["condition_first_year"], slope["condition_last_year"]),
        municipalities=slope["municipalities"],
        least=measures["least-fifth"]["value"],
        most=measures["most-fifth"]["value"],
        slope=_inequality(slope),
        relative=_measured(measures, "relative-index"),
        concentration=_measured(measures, "relative-concentration-index"),
        curve=curve,
    )


def _measured(measures: Mapping[str, Row], name: str) -> Inequality | None:
    return _inequality(measures[name]) if name in measures else None


def _inequality(row: Row) -> Inequality:
    known = not math.isnan(row["lower"])
    lower, upper = (row["lower"], row["upper"]) if known else (None, None)
    return Inequality(row["value"], lower, upper, row["method"])


@once
def _below(processed: Processed, condition: str) -> dict[str, float]:
    """Return for each municipality the share of residents who live where there is less of it."""
    rows = processed.comparisons_by_geo.rows_where("indicator", condition)
    known = [(row["value"], row["geo"]) for row in rows if not math.isnan(row["value"])]
    people = {geo: _residents(processed, geo) for _, geo in known}
    everybody = sum(people.values())
    return {
        geo: sum(people[other] for less, other in known if less < value) / everybody
        for value, geo in known
    }


def _residents(processed: Processed, geo: str) -> float:
    """Return all residents of a geo in the latest year known."""
    names = ("indicator", "last_year", "value")
    latest = processed.heading_years["population"]
    rows = zip(*processed.heading_by_geo.part(geo, *names), strict=True)
    return math.fsum(n for id, year, n in rows if id == "population" and year == latest)


def funnels(
    processed: Processed, catalog: Catalog, register: Register, geo: Geo
) -> tuple[Funnel, ...]:
    """Return the funnels of the country, this municipality's own point beside each."""
    return tuple(
        Funnel(indicator, period, points, points_by_geo.get(geo.id), inner, outer, dispersion)
        for indicator, period, points, points_by_geo, inner, outer, dispersion in _scatter(
            processed, Same(catalog), Same(register)
        )
    )


Curve = tuple[tuple[float, float, float], ...]
Scatter = tuple[
    Indicator, Period, tuple[FunnelPoint, ...], dict[str, FunnelPoint], Curve, Curve, float
]


@once
def _scatter(
    processed: Processed, catalog: Same[Catalog], register: Same[Register]
) -> tuple[Scatter, ...]:
    """Return what the funnels of a country have in common."""
    limits = processed.beside["limits"].rows(processed.plan.country.id)
    found: list[Scatter] = []
    table = processed.beside["funnels"]
    for id in sorted({row["indicator"] for row in limits}):
        rows = table.rows_where("indicator", id)
        points = {row["geo"]: _point(row, register.of) for row in rows}
        curves = [
            tuple(
                (row["expected"], row["lower"], row["upper"])
                for row in limits
                if row["indicator"] == id and row["limit"] == name
            )
            for name in ("inner", "outer")
        ]
        period = Period(rows[0]["first_year"], rows[0]["last_year"])
        about = catalog.of.indicators[id]
        dispersion = rows[0]["dispersion"]
        found.append((about, period, tuple(points.values()), points, *curves, dispersion))
    return tuple(found)


def _point(row: Row, register: Register) -> FunnelPoint:
    names = ("observed", "expected", "ratio", "lower", "upper", "shrunk", "place")
    return FunnelPoint(register[row["geo"]], *(row[name] for name in names))


def peers(processed: Processed, catalog: Catalog, register: Register, geo: Geo) -> Peers | None:
    """Return the nearest statistical neighbours; None where a feature of the place is unknown."""
    rows = sorted(processed.beside["peers"].rows(geo.id), key=itemgetter("order"))
    if not rows:
        return None
    known = catalog.indicators
    members = tuple(
        Peer(
            geo=register[row["peer"]],
            distance=row["distance"],
            stability=row["stability"],
            same_group=bool(geo.group) and register[row["peer"]].group == geo.group,
            alike=tuple(known[id] for id in parted(row["alike"])),
            unlike=known[row["unlike"]],
        )
        for row in rows
    )
    return Peers(tuple(known[id] for id in parted(rows[0]["features"])), members)


def peer_spread(everywhere: Mapping[str, Value], members: Peers | None) -> PeerSpread | None:
    """Return how the neighbours lie in an indicator; None where none of them has a value."""
    if members is None:
        return None
    values = [
        everywhere[peer.geo.id].value for peer in members.members if peer.geo.id in everywhere
    ]
    known = [value for value in values if value is not None]
    if not known:
        return None
    return PeerSpread(min(known), median(known), max(known), len(known))


def recast(
    rows: Iterable[Row], computations: Iterable[Indicator], catalog: Catalog, register: Register
) -> tuple[Recast, ...]:
    """Return how older figures came to a municipality, alike ones together.

    A rate is told as its count came; over the share of a count there is none.
    """
    rates: dict[str, list[str]] = {}
    for indicator in computations:
        if indicator.shown and indicator.derivation is not None:
            rates.setdefault(indicator.derivation.numerator, []).append(indicator.id)
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        id, kind, parts = row["indicator"], row["kind"], row["parts"]
        weights = row["weight_source"]
        if catalog.indicators[id].shown:
            found.setdefault((kind, parts, weights), []).append(id)
        elif over := rates.get(id):
            how = ("refused", parts, "") if kind == "split" else (kind, parts, weights)
            found.setdefault(how, []).extend(over)
    return tuple(
        Recast(
            kind,
            tuple(register[id] for id in parted(parts)),
            tuple(parted(weights)) if weights else (),
            tuple(catalog.indicators[id] for id in sorted(set(ids))),
        )
        for (kind, parts, weights), ids in sorted(found.items())
    )
