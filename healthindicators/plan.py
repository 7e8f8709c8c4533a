"""The plan of a country: what is read from which snapshot, what is computed from what.

Here the three axes meet (what the catalogue defines, where the country publishes it, which bytes are
pinned), and what does not fit is refused, all of it at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from healthindicators import geography, protocols
from healthindicators.catalog import Catalog
from healthindicators.countries import Home
from healthindicators.errors import CatalogError, Problem, nearest
from healthindicators.model import Country, Derivation, Indicator, Table
from healthindicators.snapshots import Lock, Pin, table_key
from healthindicators.text import languages


@dataclass(frozen=True)
class Reading:
    """A table to be read from its pinned snapshot, and the indicators that it feeds.

    A table feeds fewer than it declares where a table of a service is pinned that feeds them too.
    """

    table: Table
    pin: Pin
    feeding: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Plan:
    """What is done for one country: readings, then computations in an order that can be followed."""

    country: Country
    readings: tuple[Reading, ...]
    computations: tuple[Indicator, ...]
    absent: tuple[Indicator, ...]
    basis: Mapping[str, str]

    @property
    def available(self) -> frozenset[str]:
        """Ids of all indicators that the country has, published or computed."""
        return frozenset(self.basis)

    def table_pin(self, table: str) -> Pin:
        """Return the pin of a table by its id."""
        return next(reading.pin for reading in self.readings if reading.table.id == table)


def make(catalog: Catalog, home: Home, lock: Lock) -> Plan:
    """Return the plan of a country.

    Raises
    ------
    CatalogError
        With everything that does not fit: a feed of an unknown indicator, a table without a pin, an
        unknown protocol, a default framework that does not exist.
    """
    problems = [
        *_source_problems(catalog, home),
        *_analysis_problems(catalog, home),
        *_table_problems(catalog, home, lock),
    ]
    if problems:
        raise CatalogError(problems)
    without = set(home.country.not_computed)
    derivable = {id: i for id, i in catalog.indicators.items() if id not in without}
    readings = _readings(derivable, home, lock)
    basis = {id: reading.table.basis for reading in readings for id in reading.feeding}
    computations = tuple(_computable(derivable, basis))
    basis |= {indicator.id: "computed" for indicator in computations}
    absent = tuple(i for i in catalog.indicators.values() if i.id not in basis)
    return Plan(home.country, readings, computations, absent, basis)


def _readings(indicators: Mapping[str, Indicator], home: Home, lock: Lock) -> tuple[Reading, ...]:
    """Return what is read: a pinned table of a service or a download goes before compiled figures.

    So does what can be computed from such tables alone. One that is not pinned is not read; its
    indicators come from the compiled ones. Counts that were compiled together for a rate give way
    together: deaths of single years have no period in common with person-years of five.
    """
    country = home.country
    pinned = [
        (table, lock.pins[key])
        for table in home.tables
        if (key := table_key(country.id, table.source, table.id)) in lock.pins
    ]
    fed = {table.id: frozenset(feed.indicator for feed in table.feeds) for table, _ in pinned}
    starters = {t.id for t, _ in pinned if country.sources[t.source].is_starter}
    live: frozenset[str] = frozenset().union(*(fed[id] for id in fed if id not in starters))
    live |= {indicator.id for indicator in _computable(indicators, live)}
    for pair in _pairs(indicators):
        if any(pair <= fed[id] for id in starters) and not pair <= live:
            live -= pair

    def feeding(table: Table) -> frozenset[str]:
        return fed[table.id] - live if table.id in starters else fed[table.id] & live

    return tuple(Reading(table, pin, feeding(table)) for table, pin in pinned)


def _pairs(indicators: Mapping[str, Indicator]) -> set[frozenset[str]]:
    """Return the numerators and denominators that rates are computed from."""
    found = (i.derivation for i in indicators.values())
    return {frozenset((d.numerator, d.denominator)) for d in found if d and d.denominator}


def _computable(
    indicators: Mapping[str, Indicator], published: Collection[str]
) -> Iterator[Indicator]:
    """Yield what can be computed, each after what it is computed from.

    A published value goes before one of our own: where a country publishes an indicator, nothing is
    derived in its place.
    """
    have = set(published)
    waiting = {i.id: i for i in indicators.values() if i.derivation and i.id not in have}
    while ready := [i for i in waiting.values() if _inputs(i.derivation) <= have]:
        for indicator in ready:
            yield waiting.pop(indicator.id)
            have.add(indicator.id)


def _inputs(derivation: Derivation | None) -> set[str]:
    assert derivation is not None  # only indicators with a derivation wait
    return {derivation.numerator, derivation.denominator} - {""}


def _source_problems(catalog: Catalog, home: Home) -> Iterator[Problem]:
    country = home.country
    for id, source in country.sources.items():
        if source.protocol not in protocols.names():
            hint = ", ".join(nearest(source.protocol, protocols.names()) or protocols.names())
            yield Problem(
                f"source '{id}' has unknown protocol '{source.protocol}'", country.id, None, hint
            )
    known = geography.load(country.id).by_id
    for geo in (geo for inset in country.insets for geo in inset.geos if geo not in known):
        near = ", ".join(nearest(geo, known))
        yield Problem(f"an inset draws unknown geo '{geo}'", "country.toml", None, near)
    for code in (code for code in country.languages if code not in languages()):
        yield Problem(f"unknown language '{code}'", "country.toml", None, ", ".join(languages()))
    if country.framework not in catalog.frameworks:
        near = ", ".join(nearest(country.framework, catalog.frameworks))
        yield Problem(f"unknown framework '{country.framework}'", country.id, None, near)


def _analysis_problems(catalog: Catalog, home: Home) -> Iterator[Problem]:
    """Yield what is wrong with what municipalities are put in order by, or held to be alike by."""
    country = home.country
    features = country.likeness.features if country.likeness else ()
    named = (*country.conditions, *country.not_computed, *(f.indicator for f in features))
    for id in named:
        if id not in catalog.indicators:
            near = ", ".join(nearest(id, catalog.indicators))
            yield Problem(f"unknown indicator '{id}'", f"{country.id} country.toml", None, near)
    if country.weighing and country.weighing.table not in {table.id for table in home.tables}:
        what = f"weighs by unknown table '{country.weighing.table}'"
        yield Problem(what, f"{country.id} country.toml")
    least = 1 if country.likeness is None else country.likeness.neighbours
    if not 0 < least < len(geography.load(country.id).municipalities):
        yield Problem("neighbours must be from 1 to the other municipalities", country.id)


def _table_problems(catalog: Catalog, home: Home, lock: Lock) -> Iterator[Problem]:
    for table in home.tables:
        where = f"{home.country.id} {table.id}.toml"
        source = home.country.sources[table.source]
        key = table_key(home.country.id, table.source, table.id)
        if source.is_starter and key not in lock.pins:
            yield Problem("no snapshot is pinned for it in lock.toml", where)
        for feed in table.feeds:
            if feed.indicator not in catalog.indicators:
                near = ", ".join(nearest(feed.indicator, catalog.indicators))
                yield Problem(f"feeds unknown indicator '{feed.indicator}'", where, None, near)
            if feed.measure not in ("value", "count"):
                yield Problem(f"unknown measure '{feed.measure}'", where, None, "value or count")
