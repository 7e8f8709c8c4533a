"""What the command line lists and shows."""

from __future__ import annotations

from collections.abc import Iterator

from healthindicators import catalog, countries, geography, plan, snapshots
from healthindicators.model import Indicator
from healthindicators.text import Language, languages
from healthindicators.vocabulary import BASES, UNITS
from healthindicators.workspace import Workspace

Rows = list[tuple[str, ...]]


def listing(what: str, country: str, language: Language) -> tuple[tuple[str, ...], Rows]:
    """Return columns and rows of a list; `country` empty means every country."""
    ids = [countries.home(country).country.id] if country else list(countries.load())
    code = language.code
    if what == "municipalities":
        found = [(id, geography.load(id)) for id in ids]
        return ("id", "name", "region", "group"), [
            (m.id, m.name(code), _name(r, m.region, code), _name(r, m.group, code))
            for _, r in found
            for m in r.municipalities
        ]
    if what == "indicators":
        return ("id", "name", "unit", "better when"), [
            (i.id, i.text[code].name, UNITS[i.unit], i.polarity.value.partition("-")[0])
            for i in catalog.load().indicators.values()
            if i.shown
        ]
    if what == "frameworks":
        return ("id", "title", "areas"), [
            (f.id, f.text[code].title, "; ".join(a.text[code].name for a in f.areas))
            for f in catalog.load().frameworks.values()
        ]
    if what == "countries":
        homes = [countries.home(id).country for id in ids]
        return ("id", "name", "languages"), [
            (c.id, c.names.get(code, c.id), ", ".join(c.languages)) for c in homes
        ]
    return ("id",), [(code,) for code in languages()]


def _name(register: geography.Register, id: str, language: str) -> str:
    return register[id].name(language) if id else ""


def describe(workspace: Workspace, id: str, language: Language) -> Iterator[tuple[str, str]]:
    """Yield what an indicator is: names of facts and facts.

    Raises
    ------
    UnknownIndicator
        With the nearest ids.
    """
    indicator = catalog.load().indicator(id)
    text = indicator.text[language.code]
    yield "id", indicator.id
    yield "name", text.name
    yield "definition", text.definition
    yield "population", text.population
    if text.caveat:
        yield "caveat", text.caveat
    yield "unit", UNITS[indicator.unit]
    yield "better when", indicator.polarity.value.removesuffix("-is-better")
    yield from _computed(indicator)
    for framework in catalog.load().frameworks.values():
        for area in framework.areas:
            for service in area.indicators:
                if service.indicator == id:
                    name = area.text[language.code].name
                    yield (
                        "serves",
                        f"{framework.id}, {name} ({service.role}): {service.rationale[language.code]}",
                    )
    yield from _published(workspace, indicator)


def _computed(indicator: Indicator) -> Iterator[tuple[str, str]]:
    if indicator.derivation:
        derivation = indicator.derivation
        inputs = " and ".join(filter(None, (derivation.numerator, derivation.denominator)))
        yield (
            "computed",
            f"{derivation.method} from {inputs}, {derivation.years} years, ages {derivation.ages}",
        )


def _published(workspace: Workspace, indicator: Indicator) -> Iterator[tuple[str, str]]:
    lock = snapshots.read_lock(workspace)
    for home in countries.load().values():
        made = plan.make(catalog.load(), home, lock)
        for reading in made.readings:
            if indicator.id in reading.feeding:
                about = snapshots.open_sidecar(workspace, reading.pin)
                yield (
                    home.country.id,
                    (
                        f"{about.provider}, {about.provider_table}: {about.title}; "
                        f"{BASES[reading.table.basis]}; {about.licence}; {reading.pin.file}"
                    ),
                )
