"""Which promises of a strategy a country's open figures can follow: directly, by a proxy, not at all.

What a country has is what its plan has: published in a pinned table, or computed from such. Nothing is
read or built, so a promise can count as covered though some municipalities lack the figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from healthindicators import catalog, countries, plan, snapshots
from healthindicators.charts import words
from healthindicators.errors import together
from healthindicators.model import Country, Framework, Role, StrategicArea
from healthindicators.text import Language, message
from healthindicators.workspace import Workspace

Rows = list[tuple[str, ...]]

MEASURES = (Role.DIRECT, Role.PROXY)
"""Roles that tell of the promise itself, best first; context tells of its surroundings only."""

_NO_MEASURE = message("no open measure")


@dataclass(frozen=True)
class Covered:
    """One area of a framework in one country, with the ids that the country has, by their role."""

    framework: Framework
    area: StrategicArea
    country: Country
    indicators: Mapping[Role, tuple[str, ...]]

    @property
    def best(self) -> Role | None:
        """The best role that measures the promise; None where nothing does, or context only."""
        return next((role for role in MEASURES if self.indicators[role]), None)


def covered(workspace: Workspace, framework: str = "", country: str = "") -> list[Covered]:
    """Return how far each area of each framework is measured in each country.

    Parameters
    ----------
    workspace : Workspace
        Its lock says what is pinned.
    framework, country : str
        Ids; empty means all of them.

    Returns
    -------
    list of Covered
        By framework, then area in the framework's order, then country.

    Raises
    ------
    UnknownFramework, UnknownCountry, Mistakes
        With the nearest ids.
    CatalogError
        If the plan of a country does not hold.
    """
    declared, lock = catalog.load(), snapshots.read_lock(workspace)
    frameworks, homes = together(
        lambda: [declared.framework(framework)] if framework else declared.frameworks.values(),
        lambda: [countries.home(country)] if country else countries.load().values(),
    )
    plans = [plan.make(declared, home, lock) for home in homes]
    return [
        Covered(chosen, area, made.country, _by_role(area, made.available))
        for chosen in frameworks
        for area in chosen.areas
        for made in plans
    ]


def _by_role(area: StrategicArea, available: frozenset[str]) -> dict[Role, tuple[str, ...]]:
    had = [service for service in area.indicators if service.indicator in available]
    return {role: tuple(s.indicator for s in had if s.role is role) for role in Role}


def table(found: Iterable[Covered], language: Language) -> tuple[tuple[str, ...], Rows]:
    """Return columns and rows: an area in a country, its best role and the ids that have it.

    An area is named once, in its first country. Without a measure, the ids of its context are told.
    """
    say = language.say
    rows: Rows = []
    for area, parts in groupby(found, lambda part: part.area):
        name = area.text[language.code].name
        for part in parts:
            country = words.country_name(part.country, language)
            rows.append((name, country, *_measured(part, language)))
            name = ""
    return (say("Strategic area"), say("Country"), say("Best measure"), say("Indicators")), rows


def _measured(part: Covered, language: Language) -> tuple[str, str]:
    """Return the name of the best role, and the ids of it."""
    if part.best is not None:
        return words.role(part.best, language), ", ".join(part.indicators[part.best])
    context = ", ".join(part.indicators[Role.CONTEXT])
    told = language.say("context only: {ids}", ids=context) if context else ""
    return language.say(_NO_MEASURE), told


def totals(found: Iterable[Covered], language: Language) -> tuple[tuple[str, ...], Rows]:
    """Return columns and rows: how many areas of a framework have which best role in a country."""
    say = language.say
    counts: dict[tuple[str, str], dict[Role | None, int]] = {}
    for part in found:
        key = part.framework.id, words.country_name(part.country, language)
        count = counts.setdefault(key, dict.fromkeys((*MEASURES, None), 0))
        count[part.best] += 1
    rows = [
        (*key, language.number(sum(count.values())), *map(language.number, count.values()))
        for key, count in counts.items()
    ]
    names = (*(words.role(role, language) for role in MEASURES), say(_NO_MEASURE))
    return (say("Strategy"), say("Country"), say("Strategic areas"), *names), rows
