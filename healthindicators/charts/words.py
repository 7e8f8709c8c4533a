"""The words that charts and tables share: units, positions, verdicts, and why something is missing.

Each sentence is written here once and in full, so that it can be translated as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from healthindicators.model import Country, Indicator, IndicatorText, Period, Polarity, Role
from healthindicators.profile import Benchmark, Position, SourceLine, Value
from healthindicators.text import EN_DASH, Language
from healthindicators.vocabulary import REASONS, UNITS

Text = TypeVar("Text")

NO_VALUE = EN_DASH
DERIVED = "†"
"""Stands behind a benchmark that was computed here."""


def in_language(texts: Mapping[str, Text], language: Language) -> Text:
    """Return the text in `language`, else in English, else in the first language there is."""
    return texts.get(language.code) or texts.get("en") or next(iter(texts.values()))


def text_of(indicator: Indicator, language: Language) -> IndicatorText:
    """Return the texts of `indicator` in `language`."""
    return in_language(indicator.text, language)


def country_name(country: Country, language: Language) -> str:
    """Return the name of `country` in `language`."""
    return in_language(country.names, language)


def breakable(name: str) -> str:
    """Return a name that may break where its parts meet, for the narrow heading of a column.

    Browsers do not hyphenate every language; a soft hyphen shows only where the line breaks.
    """
    for tail in ("kommuner", "palities"):
        head, found, rest = name.partition(tail)
        if found and head and not head.endswith(" "):
            return f"{head}\N{SOFT HYPHEN}{tail}{rest}"
    return name


def unit(code: str, language: Language) -> str:
    """Return the unit `code` as a table heading writes it."""
    say = language.say
    labels = {
        "percent": say("percent"),
        "years": say("years"),
        "index": say("index from 0 to 100"),
        "dkk": say("Danish kroner"),
        "kilometres": say("kilometres"),
        "square-metres-per-person": say("square metres per person"),
        "per-100-residents": say("per 100 residents"),
        "per-resident": say("per resident"),
        "per-100000": say("per 100,000 person-years"),
        "grade": say("grade on the Danish scale from -3 to 12"),
        "persons": say("persons"),
        "person-years": say("person-years"),
        "square-kilometres": say("square kilometres"),
    }
    return labels.get(code) or say(UNITS.get(code, code))


def quantity(value: float, code: str, decimals: int, language: Language) -> str:
    """Return a number with its unit as a sentence writes it: ``10.6%``, ``81.2 years``."""
    say, number = language.say, language.number(value, decimals)
    written = {
        "percent": say("{value}%", value=number),
        "years": say("{value} years", value=number),
        "dkk": say("DKK {value}", value=number),
        "kilometres": say("{value} km", value=number),
        "square-metres-per-person": say("{value} m² per person", value=number),
        "per-100-residents": say("{value} per 100 residents", value=number),
        "per-resident": say("{value} per resident", value=number),
        "per-100000": say("{value} per 100,000 person-years", value=number),
        "persons": number,
        "person-years": say("{value} person-years", value=number),
        "square-kilometres": say("{value} km²", value=number),
    }
    return written.get(code, number)


def number(value: Value | None, indicator: Indicator, language: Language) -> str:
    """Return the number alone, or a dash where there is none."""
    if value is None or value.value is None:
        return NO_VALUE
    return language.number(value.value, indicator.decimals)


def interval(value: Value, indicator: Indicator, language: Language) -> str:
    """Return the limits of the interval, or an empty text where there are none."""
    if value.lower is None or value.upper is None:
        return ""
    lower = language.number(value.lower, indicator.decimals)
    upper = language.number(value.upper, indicator.decimals)
    return language.say("{lower} to {upper}", lower=lower, upper=upper)


def period(value: Value, indicator: Indicator, language: Language) -> str:
    """Return the years that a value covers."""
    return language.period(value.period, school_year=indicator.school_year)


def years(source: SourceLine, language: Language) -> str:
    """Return the years of a table; those of a school year as one."""
    school_year = any(indicator.school_year for indicator in source.indicators)
    return language.period(Period(source.first_year, source.last_year), school_year=school_year)


def place(position: Position, language: Language) -> str:
    """Return the position as a range of places: ``place 12–15 of 98``."""
    if position.first == position.last:
        return language.say("place {place} of {count}", place=position.first, count=position.count)
    return language.say(
        "place {first}–{last} of {count}",
        first=position.first, last=position.last, count=position.count,
    )  # fmt: skip


def places(position: Position, language: Language) -> str:
    """Return the position without the word, for a column that is headed by it."""
    if position.first == position.last:
        return language.say("{place} of {count}", place=position.first, count=position.count)
    return language.say(
        "{first}–{last} of {count}",
        first=position.first, last=position.last, count=position.count,
    )  # fmt: skip


def fifth(position: Position, indicator: Indicator, language: Language) -> str:
    """Return in which fifth of the municipalities the position lies, empty where that is open."""
    say = language.say
    if position.fifth is None:
        return ""
    if indicator.polarity is Polarity.NEUTRAL:
        return (
            say("in the highest fifth"),
            say("in the second-highest fifth"),
            say("in the middle fifth"),
            say("in the second-lowest fifth"),
            say("in the lowest fifth"),
        )[position.fifth - 1]
    return (
        say("in the best fifth"),
        say("in the second-best fifth"),
        say("in the middle fifth"),
        say("in the second-worst fifth"),
        say("in the worst fifth"),
    )[position.fifth - 1]


def verdict(benchmark: Benchmark, name: str, language: Language) -> str:
    """Return what the interval allows to be said against `name`, empty where it allows nothing."""
    say = language.say
    return {
        "better": say("better than {name}", name=name),
        "worse": say("worse than {name}", name=name),
        "similar": say("similar to {name}", name=name),
        "higher": say("higher than {name}", name=name),
        "lower": say("lower than {name}", name=name),
    }.get(benchmark.verdict, "")


def why(reason: str, language: Language) -> str:
    """Return the sentence that says why there is no interval, or no value at all."""
    say = language.say
    sentences = {
        "": "",
        "survey-interval-not-published": say(
            "Only a sample was asked, and how uncertain the figure is has not been published."
        ),
        "denominator-not-published": say(
            "The count and the population behind the figure are not published."
        ),
        "interval-not-published": say(
            "A mean or an index, and how uncertain it is has not been published."
        ),
        "no-usable-figure": say(
            "No usable figure: the source gives none, or 0.0, which cannot be a measurement."
        ),
        "complete-register": say("Every case is counted, so there is no sampling error."),
        "weighted-mean": say(
            "A mean of the municipalities, weighted by population, has no interval of its own."
        ),
        "not-published": say("The provider publishes no figure for this municipality."),
        "suppressed-by-provider": say("The provider withholds the figure to protect persons."),
        "not-applicable": say("The question does not arise here."),
        "too-few-events": say("Too few cases to say anything, so we withhold the figure."),
        "population-too-small": say(
            "Too few person-years to say anything, so we withhold the figure."
        ),
        "too-few-municipalities": say(
            "Too few municipalities have a figure for the whole to be computed."
        ),
        "interval-too-wide": say("The figure is too uncertain to say anything, so we withhold it."),
    }
    found = sentences.get(reason)
    return say(REASONS.get(reason, reason)) if found is None else found


def why_short(reason: str, language: Language) -> str:
    """Return a few words for a table cell that say why there is no interval."""
    say = language.say
    return {
        "survey-interval-not-published": say("survey, not published"),
        "denominator-not-published": say("not published"),
        "interval-not-published": say("not published"),
        "complete-register": say("complete count"),
        "weighted-mean": say("a mean, none"),
        "not-published": say("no figure"),
        "suppressed-by-provider": say("withheld by the provider"),
        "not-applicable": say("not applicable"),
        "too-few-events": say("too few cases"),
        "population-too-small": say("too few residents"),
        "too-few-municipalities": say("too few municipalities"),
        "interval-too-wide": say("too uncertain"),
    }.get(reason, NO_VALUE)


def basis(code: str, language: Language) -> str:
    """Return in a word or two where figures come from: a survey says survey."""
    say = language.say
    return {
        "register": say("register"),
        "survey": say("survey"),
        "election": say("election"),
        "membership": say("reported by organisations"),
        "computed": say("computed here"),
    }.get(code) or say(code)


def method(code: str, language: Language) -> str:
    """Return how an interval was computed."""
    say = language.say
    return {
        "published": say("95% interval as published"),
        "wilson": say("95% interval by Wilson's method"),
        "byar": say("95% interval by Byar's method"),
        "dobson": say("95% interval by Dobson's method"),
        "chiang": say("95% interval by Chiang's method"),
    }.get(code, say("no interval"))


def role(code: Role, language: Language) -> str:
    """Return how closely an indicator measures the area it serves."""
    say = language.say
    return {
        Role.DIRECT: say("direct measure"),
        Role.PROXY: say("proxy"),
        Role.CONTEXT: say("context"),
    }[code]


def role_meaning(code: Role, language: Language) -> str:
    """Return the sentence that says what a role means."""
    say = language.say
    return {
        Role.DIRECT: say("Direct measure: what the area itself is about."),
        Role.PROXY: say("Proxy: it stands in for something that is not measured."),
        Role.CONTEXT: say("Context: the conditions that people live under, not the aim itself."),
    }[code]
