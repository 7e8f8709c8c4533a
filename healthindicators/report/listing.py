"""What the command line lists and shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from healthindicators import catalog, countries, geography, plan, snapshots
from healthindicators.charts import words
from healthindicators.model import Indicator, Polarity
from healthindicators.text import Language, languages, message
from healthindicators.workspace import Workspace

Rows = list[tuple[str, ...]]

_BETTER: Mapping[Polarity, str] = {
    Polarity.HIGHER_IS_BETTER: message("higher"),
    Polarity.LOWER_IS_BETTER: message("lower"),
    Polarity.NEUTRAL: message("neutral"),
}


def listing(what: str, country: str, language: Language) -> tuple[tuple[str, ...], Rows]:
    """Return columns and rows of a list; `country` empty means every country."""
    homes = [countries.home(country)] if country else list(countries.load().values())
    chosen = [home.country for home in homes]
    code, say = language.code, language.say
    if what == "municipalities":
        region = words.region_word(chosen[0], language) if country else say("Region")
        found = [geography.load(c.id) for c in chosen]
        return ("id", say("name"), region.lower(), say("group")), [
            (m.id, m.name(code), _name(r, m.region, code), _name(r, m.group, code))
            for r in found
            for m in r.municipalities
        ]
    if what == "indicators":
        return ("id", say("name"), say("unit"), say("better when")), [
            (
                i.id,
                words.text_of(i, language).name,
                words.unit(i.unit, language),
                say(_BETTER[i.polarity]),
            )
            for i in catalog.load().indicators.values()
            if i.shown
        ]
    if what == "frameworks":
        return ("id", say("title"), say("areas")), [
            (f.id, f.text[code].title, "; ".join(a.text[code].name for a in f.areas))
            for f in catalog.load().frameworks.values()
        ]
    if what == "countries":
        return ("id", say("name"), say("languages")), [
            (c.id, words.country_name(c, language), ", ".join(c.languages)) for c in chosen
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
    indicator, say = catalog.load().indicator(id), language.say
    text = words.text_of(indicator, language)
    yield "id", indicator.id
    yield say("name"), text.name
    yield say("definition"), text.definition
    yield say("population"), text.population
    if text.caveat:
        yield say("caveat"), text.caveat
    yield say("unit"), words.unit(indicator.unit, language)
    yield say("better when"), say(_BETTER[indicator.polarity])
    yield from _computed(indicator, language)
    for framework in catalog.load().frameworks.values():
        for area in framework.areas:
            for service in area.indicators:
                if service.indicator == id:
                    name = area.text[language.code].name
                    role = words.role(service.role, language)
                    why = service.rationale[language.code]
                    yield say("serves"), f"{framework.id}, {name} ({role}): {why}"
    yield from _published(workspace, indicator, language)


def _computed(indicator: Indicator, language: Language) -> Iterator[tuple[str, str]]:
    if indicator.derivation:
        derivation = indicator.derivation
        inputs = filter(None, (derivation.numerator, derivation.denominator))
        yield (
            language.say("computed where none is published"),
            language.say(
                "{method} from {inputs}; years pooled: {years}; ages {ages}",
                method=derivation.method,
                inputs=language.listing(inputs),
                years=derivation.years,
                ages=derivation.ages,
            ),
        )


def _published(
    workspace: Workspace, indicator: Indicator, language: Language
) -> Iterator[tuple[str, str]]:
    """Yield where the figures come from; quality and citation as the sidecars say them."""
    lock, say = snapshots.read_lock(workspace), language.say
    for home in countries.load().values():
        made = plan.make(catalog.load(), home, lock)
        for reading in made.readings:
            if indicator.id not in reading.feeding:
                continue
            about = snapshots.open_sidecar(workspace, reading.pin)
            basis = words.basis(reading.table.basis, language)
            yield (
                home.country.id,
                f"{say(about.provider)}, {say(about.provider_table)}: {say(about.title)}; {basis}; "
                f"{say(about.licence)}; {say(about.status)}, {language.date(about.taken)}",
            )
            yield say("file"), reading.pin.file
            for name, told in ((say("quality"), about.quality), (say("cite as"), about.citation)):
                if told:
                    yield name, told
