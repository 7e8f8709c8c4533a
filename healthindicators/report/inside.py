"""Differences between people of one municipality: by education, by origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from healthindicators.charts import words
from healthindicators.charts.barometer import number
from healthindicators.charts.markup import safe
from healthindicators.profile import Inside, Profile, Value
from healthindicators.report.rows import apart, raw
from healthindicators.report.templating import markup, render
from healthindicators.text import Language, message
from healthindicators.vocabulary import ENDS

_DIMENSIONS: Mapping[str, str] = {
    "education": message("By education"),
    "origin": message("By immigrant background"),
}

_STRATA: Mapping[str, str] = {
    "compulsory": message("Compulsory school"),
    "upper-secondary": message("Upper secondary school"),
    "tertiary": message("University or college"),
    "immigrants": message("Immigrants"),
    "norwegian-born-to-immigrants": message("Norwegian-born to immigrants"),
    "rest-of-population": message("Rest of the population"),
    "without-immigrant-background": message("Without immigrant background"),
}


def tables(profile: Profile, language: Language) -> str:
    """Return a table for each social dimension that an indicator is split by."""
    ordered = sorted(profile.inside, key=lambda x: list(ENDS).index(x.stratifier))
    return "\n".join(
        _table(stratifier, list(group), profile, language)
        for stratifier, group in groupby(ordered, key=lambda x: x.stratifier)
    )


def known(inside: Inside) -> bool:
    """Return whether any of the groups has a figure."""
    return any(value.value is not None for _, value in inside.strata)


def _table(stratifier: str, group: list[Inside], profile: Profile, language: Language) -> str:
    title = language.say(_DIMENSIONS[stratifier])
    if not any(map(known, group)):
        return _nothing(title, group, profile, language)
    shown = {stratum for inside in group for stratum, _ in inside.strata}
    strata = [stratum for stratum in _STRATA if stratum in shown]
    least, most = (language.say(_STRATA[end]) for end in ENDS[stratifier])
    beside = any(inside.country for inside in group)
    heads = [
        *(language.say(_STRATA[stratum]) for stratum in strata),
        language.say("Difference"),
        language.say("Ratio"),
    ]
    if beside:
        country = words.country_name(profile.country, language)
        heads.append(language.say("Difference in {country}", country=country))
    rows = "\n".join(_row(inside, strata, language, country=beside) for inside in group)
    slots = {"rows": markup(rows)}
    return render(
        "inside.html.j2",
        language,
        slots,
        id=stratifier,
        title=title,
        heads=tuple(heads),
        least=least,
        most=most,
    )


def _nothing(title: str, group: list[Inside], profile: Profile, language: Language) -> str:
    """Return in a sentence what would be a table without a single figure, and why."""
    values = [value for inside in group for _, value in inside.strata]
    reasons = dict.fromkeys(words.why_short(value.reason, language) for value in values)
    said = language.say(
        "No figure of {name} can be shown this way: {why}.",
        name=profile.geo.name(language.code),
        why="; ".join(reason for reason in reasons if reason != words.NO_VALUE),
    )
    return f'<h3>{safe(title)}</h3>\n<p class="note">{safe(said)}</p>'


def _row(inside: Inside, strata: list[str], language: Language, *, country: bool) -> str:
    indicator = inside.indicator
    about = language.say(
        "{unit}, {period}",
        unit=words.unit(indicator.unit, language),
        period=language.period(inside.period, school_year=indicator.school_year),
    )
    name = safe(words.text_of(indicator, language).name)
    cells = "".join(_cells(inside, strata, language))
    if country:
        cells += apart("country", inside.country, indicator.decimals, language, signed=True)
    return (
        f'<tr data-indicator="{indicator.id}"><th scope="row">{name}<small>{safe(about)}</small></th>'
        f"{cells}</tr>"
    )


def _cells(inside: Inside, strata: list[str], language: Language) -> Iterator[str]:
    known: dict[str, Value] = dict(inside.strata)
    decimals = inside.indicator.decimals
    for stratum in strata:
        value = known.get(stratum)
        if value is None:
            yield f'<td data-col="{stratum}" data-value="">{words.NO_VALUE}</td>'
        elif value.value is None:
            why = safe(words.why_short(value.reason, language))
            yield f'<td data-col="{stratum}" data-value="" class="absent"><small>{why}</small></td>'
        else:
            shown = number(value, inside.indicator, language)
            yield f'<td data-col="{stratum}" data-value="{raw(value.value)}">{shown}</td>'
    yield apart("difference", inside.difference, decimals, language, signed=True)
    yield apart("ratio", inside.ratio, 2, language)
