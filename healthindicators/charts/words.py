"""The words that charts and tables share: units, positions, verdicts, and why something is missing.

Each sentence is written here once and in full, so that it can be translated as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from healthindicators.model import Country, Indicator, IndicatorText, Period, Polarity, Role
from healthindicators.profile import Benchmark, Line, Position, Profile, SourceLine, Value
from healthindicators.text import EN_DASH, Language, message
from healthindicators.vocabulary import REASONS, UNITS

Text = TypeVar("Text")

NO_VALUE = EN_DASH
WARNINGS = {
    "provisional": message("provisional figure"),
    "unreliable": message("uncertain, says its provider"),
}
"""What a reader is told beside a value whose provider warns of it."""

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


def region_word(country: Country, language: Language) -> str:
    """Return what `country` calls one of its regions."""
    return in_language(country.regions or {"en": language.say("Region")}, language)


def alone(profile: Profile, language: Language) -> str:
    """Return why a region or group is no benchmark: it has no other municipality; empty if it has."""
    if not profile.alone_in:
        return ""
    name = profile.geo.name(language.code)
    names = [geo.name(language.code) for geo in profile.alone_in]
    if profile.region in profile.alone_in and names[0] == name:
        word = region_word(profile.country, language)
        names[0] = f"{names[0]} ({word[:1].lower()}{word[1:]})"
    return language.say(
        "Not shown beside {name}, because no other municipality belongs to it: {names}.",
        name=name,
        names="; ".join(names),
    )


def breakable(name: str) -> str:
    r"""Return a name that may break where its parts meet, for the narrow heading of a column.

    Browsers do not hyphenate every language; a soft hyphen shows only where the line breaks.

    Examples
    --------
    >>> breakable("Pendlingskommun nära storstad").replace("\N{SOFT HYPHEN}", "|")
    'Pendlings|kommun nära storstad'
    """
    for tail in ("kommun", "palities"):
        head, found, rest = name.partition(tail)
        if found and head and not head.endswith(" "):
            return f"{head}\N{SOFT HYPHEN}{tail}{rest}"
    return name


_UNITS: Mapping[str, str] = {
    "percent": message("percent"),
    "years": message("years"),
    "index": message("index from 0 to 100"),
    "dkk": message("Danish kroner"),
    "nok": message("Norwegian kroner"),
    "sek": message("Swedish kronor"),
    "kilometres": message("kilometres"),
    "square-metres-per-person": message("square metres per person"),
    "per-100-residents": message("per 100 residents"),
    "per-resident": message("per resident"),
    "per-1000": message("per 1,000 residents"),
    "per-10000": message("per 10,000 residents"),
    "per-100000": message("per 100,000 person-years"),
    "per-100000-residents": message("per 100,000 residents"),
    "kilometres-per-resident": message("kilometres per resident"),
    "list-index": message("index, 100 where the lists are full"),
    "grade": message("grade on the Danish scale from -3 to 12"),
    "persons": message("persons"),
    "offences": message("reported offences"),
    "loans": message("library loans"),
    "man-years": message("man-years"),
    "person-years": message("person-years"),
    "square-kilometres": message("square kilometres"),
    "per-square-kilometre": message("per square kilometre"),
}


def unit(code: str, language: Language) -> str:
    """Return the unit `code` as a table heading writes it."""
    return language.say(_UNITS.get(code) or UNITS.get(code, code))


_QUANTITIES: Mapping[str, str] = {
    "percent": message("{value}%"),
    "years": message("{value} years"),
    "dkk": message("DKK {value}"),
    "nok": message("NOK {value}"),
    "sek": message("SEK {value}"),
    "kilometres": message("{value} km"),
    "square-metres-per-person": message("{value} m² per person"),
    "per-100-residents": message("{value} per 100 residents"),
    "per-resident": message("{value} per resident"),
    "per-1000": message("{value} per 1,000 residents"),
    "per-10000": message("{value} per 10,000 residents"),
    "per-100000": message("{value} per 100,000 person-years"),
    "per-100000-residents": message("{value} per 100,000 residents"),
    "kilometres-per-resident": message("{value} km per resident"),
    "person-years": message("{value} person-years"),
    "square-kilometres": message("{value} km²"),
}


def quantity(value: float, code: str, decimals: int, language: Language) -> str:
    """Return a number with its unit as a sentence writes it: ``10.6%``, ``81.2 years``."""
    return with_unit(language.number(value, decimals), code, language)


def with_unit(number: str, code: str, language: Language) -> str:
    """Return a number that is text already with its unit as a sentence writes it."""
    pattern = _QUANTITIES.get(code)
    return language.say(pattern, value=number) if pattern else number


def number(value: Value | None, indicator: Indicator, language: Language) -> str:
    """Return the number alone, or a dash where there is none."""
    if value is None or value.value is None:
        return NO_VALUE
    return language.number(value.value, indicator.decimals)


def interval(value: Value, indicator: Indicator, language: Language) -> str:
    """Return the limits of the interval, or an empty text where there are none."""
    if value.lower is None or value.upper is None:
        return ""
    return between(value.lower, value.upper, indicator.decimals, language)


def between(
    lower: float, upper: float, decimals: int, language: Language, *, signed: bool = False
) -> str:
    """Return two limits as a text."""
    least, most = (language.number(n, decimals, signed=signed) for n in (lower, upper))
    return language.say("{lower} to {upper}", lower=least, upper=most)


def period(value: Value, indicator: Indicator, language: Language) -> str:
    """Return the years that a value covers."""
    return language.period(value.period, school_year=indicator.school_year)


def about(line: Line, language: Language) -> str:
    """Return unit, years and basis of a line, as they stand below its name."""
    value, indicator = line.value, line.indicator
    told = _about(indicator.unit, value.period, indicator.school_year, line.basis, language)
    return f"{told}, {language.say(WARNINGS[value.status])}" if value.status in WARNINGS else told


@lru_cache(maxsize=1 << 10)
def _about(
    code: str, covered: Period, school_year: bool, basis_code: str, language: Language
) -> str:
    return language.say(
        "{unit}, {period}, {basis}",
        unit=unit(code, language),
        period=language.period(covered, school_year=school_year),
        basis=basis(basis_code, language),
    )


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


_FIFTHS = (
    message("in the best fifth"),
    message("in the second-best fifth"),
    message("in the middle fifth"),
    message("in the second-worst fifth"),
    message("in the worst fifth"),
)
_FIFTHS_OF_NEUTRAL = (
    message("in the highest fifth"),
    message("in the second-highest fifth"),
    message("in the middle fifth"),
    message("in the second-lowest fifth"),
    message("in the lowest fifth"),
)


def fifth(position: Position, indicator: Indicator, language: Language) -> str:
    """Return in which fifth of the municipalities the position lies, empty where that is open."""
    if position.fifth is None:
        return ""
    neutral = indicator.polarity is Polarity.NEUTRAL
    return language.say((_FIFTHS_OF_NEUTRAL if neutral else _FIFTHS)[position.fifth - 1])


_VERDICTS: Mapping[str, str] = {
    "better": message("better than {name}"),
    "worse": message("worse than {name}"),
    "similar": message("similar to {name}"),
    "higher": message("higher than {name}"),
    "lower": message("lower than {name}"),
}


def verdict(benchmark: Benchmark, name: str, language: Language) -> str:
    """Return what the interval allows to be said against `name`, empty where it allows nothing."""
    said = _VERDICTS.get(benchmark.verdict)
    return language.say(said, name=name) if said else ""


_WHY: Mapping[str, str] = {
    "survey-interval-not-published": message(
        "Only a sample was asked, and how uncertain the figure is has not been published."
    ),
    "denominator-not-published": message(
        "The count and the population behind the figure are not published."
    ),
    "interval-not-published": message(
        "A mean or an index, and how uncertain it is has not been published."
    ),
    "no-usable-figure": message(
        "No usable figure: the source gives none, or 0.0, which cannot be a measurement."
    ),
    "complete-register": message("Every case is counted, so there is no sampling error."),
    "weighted-mean": message(
        "A mean of the municipalities, weighted by population, has no interval of its own."
    ),
    "not-published": message("The provider publishes no figure for this municipality."),
    "suppressed-by-provider": message("The provider withholds the figure to protect persons."),
    "not-applicable": message("The question does not arise here."),
    "too-few-events": message("Too few cases to say anything, so we withhold the figure."),
    "population-too-small": message(
        "Too few person-years to say anything, so we withhold the figure."
    ),
    "too-few-municipalities": message(
        "Too few municipalities have a figure for the whole to be computed."
    ),
    "interval-too-wide": message("The figure is too uncertain to say anything, so we withhold it."),
    "small-count": message(
        "So few cases that persons might be recognised: we withhold the figure."
    ),
    "small-complement": message(
        "So few without the condition that persons might be recognised: we withhold the figure."
    ),
    "small-denominator": message(
        "So few persons that some might be recognised: we withhold the figure."
    ),
    "secondary": message(
        "We withhold the figure, because another one on very few persons could be computed from it."
    ),
    "weak-series": message(
        "Most years of the series rest on too few cases, so we withhold all of it."
    ),
    "no-weight": message(
        "The municipality was merged or split since, and what its parts weigh is not known."
    ),
    "recast": message(
        "Carried from former municipalities by a stated weight, so it has no interval of its own."
    ),
    "apportioned": message(
        "The share of a municipality that was split, by a stated weight, so it has no interval."
    ),
    "mean-of-sexes": message(
        "The mean of women and men: the provider publishes no figure of both together."
    ),
    "not-covered": message("The figures at hand do not cover this municipality."),
    "counts-withheld": message(
        "Rounded, and without its counts, so that none on very few persons can be computed."
    ),
}


def why(reason: str, language: Language) -> str:
    """Return the sentence that says why there is no interval, or no value at all."""
    return language.say(_WHY.get(reason) or REASONS.get(reason, reason)) if reason else ""


_WHY_SHORT: Mapping[str, str] = {
    "survey-interval-not-published": message("survey, not published"),
    "denominator-not-published": message("not published"),
    "interval-not-published": message("not published"),
    "complete-register": message("complete count"),
    "weighted-mean": message("a mean, none"),
    "not-published": message("no figure"),
    "suppressed-by-provider": message("withheld by the provider"),
    "not-applicable": message("not applicable"),
    "too-few-events": message("too few cases"),
    "population-too-small": message("too few residents"),
    "too-few-municipalities": message("too few municipalities"),
    "interval-too-wide": message("too uncertain"),
    "small-count": message("too few cases"),
    "small-complement": message("too few without it"),
    "small-denominator": message("too few persons"),
    "secondary": message("withheld to protect others"),
    "weak-series": message("too few cases in most years"),
    "no-weight": message("merged or split since"),
    "recast": message("from former municipalities"),
    "apportioned": message("from former municipalities"),
    "mean-of-sexes": message("mean of women and men"),
    "not-covered": message("not covered here"),
    "counts-withheld": message("rounded to protect others"),
}


def why_short(reason: str, language: Language) -> str:
    """Return a few words for a table cell that say why there is no interval."""
    return language.say(_WHY_SHORT[reason]) if reason in _WHY_SHORT else NO_VALUE


_BASES: Mapping[str, str] = {
    "register": message("register"),
    "survey": message("survey"),
    "election": message("election"),
    "membership": message("reported by organisations"),
    "computed": message("computed here"),
}


def basis(code: str, language: Language) -> str:
    """Return in a word or two where figures come from: a survey says survey."""
    return language.say(_BASES.get(code, code))


_METHODS: Mapping[str, str] = {
    "published": message("95% interval as published"),
    "wilson": message("95% interval by Wilson's method"),
    "byar": message("95% interval by Byar's method"),
    "dobson": message("95% interval by Dobson's method"),
    "chiang": message("95% interval by Chiang's method"),
}


def method(code: str, language: Language) -> str:
    """Return how an interval was computed."""
    return language.say(_METHODS.get(code) or message("no interval"))


_ROLES: Mapping[Role, str] = {
    Role.DIRECT: message("direct measure"),
    Role.PROXY: message("proxy"),
    Role.CONTEXT: message("context"),
}


def role(code: Role, language: Language) -> str:
    """Return how closely an indicator measures the area it serves."""
    return language.say(_ROLES[code])


_ROLE_MEANINGS: Mapping[Role, str] = {
    Role.DIRECT: message("Direct measure: what the area itself is about."),
    Role.PROXY: message("Proxy: it stands in for something that is not measured."),
    Role.CONTEXT: message("Context: what the other figures are read against, not the aim itself."),
}


def role_meaning(code: Role, language: Language) -> str:
    """Return the sentence that says what a role means."""
    return language.say(_ROLE_MEANINGS[code])
