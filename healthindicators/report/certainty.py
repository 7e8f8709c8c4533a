"""How sure it is: places as ranges, likeness of neighbours, and deaths against chance, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from healthindicators.charts import words
from healthindicators.charts.barometer import sentence
from healthindicators.charts.funnel import expected
from healthindicators.charts.markup import safe
from healthindicators.charts.ranks import places
from healthindicators.model import Indicator, Period
from healthindicators.profile import Funnel, FunnelPoint, Line, Profile, Rank, Same
from healthindicators.report.templating import markup, render
from healthindicators.text import Language, message

MOST_NAMED = 5
"""A sentence names so many indicators and counts the rest."""

SURE = 0.05
"""A pattern is told where chance alone gives one as clear in fewer cases than this."""

BY_CHANCE = 0.05
"""Share of municipalities that chance alone puts outside the inner limits."""


def part(profile: Profile, language: Language) -> str:
    """Return how sure the figures are: of places, of likeness to neighbours, and of deaths.

    Parameters
    ----------
    profile : Profile
        What is known of one municipality.
    language : Language
        Of the reader.

    Returns
    -------
    str
        A section of the page; its funnels are drawn by `healthindicators.charts.funnel` below it.
    """
    name = profile.geo.name(language.code)
    known = [line for line in profile.lines if line.value.value is not None]
    ranked = [(line, line.rank) for line in known if line.rank is not None]
    unsure = sum(not line.value.has_interval for line in known)
    near = _near(tuple(_patterns(profile.lines)), language)
    return render(
        "certainty.html.j2",
        language,
        {
            "name": name,
            "ranks": markup("\n".join(_ranked(line, rank, language) for line, rank in ranked)),
            "without": _without(unsure, len(known), language),
            "near": markup(near),
            "own": markup(_own(profile.lines, name, language)),
            "deaths": markup("\n".join(_deaths(f, name, language) for f in profile.funnels)),
        },
        country=words.country_name(profile.country, language),
        ranked=bool(ranked),
        some_unsure=bool(unsure),
        patterns=bool(near),
        funnels=bool(profile.funnels),
    )


def _ranked(line: Line, rank: Rank, language: Language) -> str:
    """Return an indicator in the table of places."""
    value, indicator = line.value, line.indicator
    own = safe(words.number(value, indicator, language))
    interval = safe(words.interval(value, indicator, language))
    return (
        f'<tr data-indicator="{indicator.id}">'
        f"{_headed(Same(indicator), value.period, language)}"
        f'<td class="own">{own}</td><td>{interval}</td>'
        f"<td>{safe(_places(rank, language))}{places(rank)}</td>"
        f"<td>{safe(likely(rank.best_fifth, language))}</td>"
        f"<td>{safe(likely(rank.worst_fifth, language))}</td>"
        f"<td>{safe(_group(rank, language))}</td></tr>"
    )


@lru_cache(maxsize=1 << 10)
def _headed(indicator: Same[Indicator], period: Period, language: Language) -> str:
    """Return the head of a row, which many municipalities have in common."""
    name = safe(words.text_of(indicator.of, language).short)
    about = language.say(
        "{unit}, {period}",
        unit=words.unit(indicator.of.unit, language),
        period=language.period(period, school_year=indicator.of.school_year),
    )
    return f'<th scope="row">{name}<small>{safe(about)}</small></th>'


def _places(rank: Rank, language: Language) -> str:
    if rank.first == rank.last:
        return language.say("{place} of {count}", place=rank.first, count=rank.count)
    return language.say(
        "between {first} and {last} of {count}",
        first=rank.first, last=rank.last, count=rank.count,
    )  # fmt: skip


def _group(rank: Rank, language: Language) -> str:
    return language.say("{group} of {groups}", group=rank.group, groups=rank.groups)


def likely(probability: float, language: Language) -> str:
    """Return a probability in words and as a natural frequency.

    Examples
    --------
    >>> from healthindicators.text import language
    >>> likely(0.12, language("en"))
    'unlikely: about 1 of 10'
    """
    if probability < 0.05:
        return language.say("hardly: under 1 of 20")
    if probability > 0.95:
        return language.say("almost certain: over 19 of 20")
    tenths = min(max(math.floor(10 * probability + 0.5), 1), 9)
    if tenths <= 3:
        return language.say("unlikely: about {tenths} of 10", tenths=tenths)
    if tenths <= 6:
        return language.say("possible: about {tenths} of 10", tenths=tenths)
    return language.say("likely: about {tenths} of 10", tenths=tenths)


def _without(count: int, all: int, language: Language) -> str:
    if count == all:
        return language.say(
            "No indicator with a figure has an interval here; the definitions say why. How sure a "
            "place is cannot be said."
        )
    return language.say(
        "{count} of the {all} indicators with a figure have no interval here; the definitions say "
        "why. How sure a place is cannot be said of them.",
        count=count,
        all=all,
    )


Pattern = tuple[Same[Indicator], float, bool]
"""An indicator, its index of likeness, and whether that is beyond chance."""


def _patterns(lines: Iterable[Line]) -> Iterable[Pattern]:
    for line in lines:
        if line.neighbourhood is not None:
            near = line.neighbourhood
            yield Same(line.indicator), near.index, near.p_value < SURE


@lru_cache(maxsize=1 << 5)
def _near(patterns: tuple[Pattern, ...], language: Language) -> str:
    """Return of which indicators near municipalities have like figures, the same in many reports."""
    if not patterns:
        return ""
    alike = sorted((p for p in patterns if p[2] and p[1] > 0), key=lambda p: (-p[1], p[0].of.id))
    named = [
        language.say("{name} ({value})", name=_short(p[0].of, language), value=language.number(p[1], 2))
        for p in alike[:MOST_NAMED]
    ]  # fmt: skip
    said = language.say(
        "Municipalities near each other are more alike than by chance in {count} of {all} indicators.",
        count=len(alike),
        all=len(patterns),
    )
    if named:
        said += " " + language.say("Most so: {names}.", names="; ".join(named))
    note = language.say(
        "In brackets Moran's I: 0 is no pattern, 1 the strongest; p below 0.05 when the number of "
        "indicators is allowed for. What lies behind, the figures do not say."
    )
    return f'<p>{safe(said)}</p>\n<p class="note">{safe(note)}</p>'


_CLUSTERS: Mapping[str, str] = {
    "high-high": message("high figures among high ones nearby: {names}"),
    "low-low": message("low figures among low ones nearby: {names}"),
    "high-low": message("high figures among low ones nearby: {names}"),
    "low-high": message("low figures among high ones nearby: {names}"),
}


def _own(lines: Sequence[Line], name: str, language: Language) -> str:
    """Return in which indicators the municipality and those nearby stand out together, or apart."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.neighbourhood is not None and line.neighbourhood.own:
            found.setdefault(line.neighbourhood.own, []).append(_short(line.indicator, language))
    if not found:
        said = language.say(
            "{name} and those nearby stand out in none of them beyond chance.", name=name
        )
        return f"<p>{safe(said)}</p>"
    told = (
        language.say(pattern, names="; ".join(found[kind]))
        for kind, pattern in _CLUSTERS.items()
        if kind in found
    )
    items = "".join(f"<li>{safe(sentence(text))}.</li>" for text in told)
    said = language.say(
        "{name} and those nearby stand out beyond chance (high and low are of the number, not good or "
        "bad):",
        name=name,
    )
    return f"<p>{safe(said)}</p><ul>{items}</ul>"


def _short(indicator: Indicator, language: Language) -> str:
    return words.text_of(indicator, language).short


def _deaths(drawn: Funnel, name: str, language: Language) -> str:
    """Return what a funnel says of this municipality, and what of all of them."""
    title = language.say(
        "{indicator}, {period}.",
        indicator=words.text_of(drawn.indicator, language).name,
        period=language.period(drawn.period),
    )
    if drawn.own is None:
        own = language.say(
            "{name} is not among the points: it has too few deaths, or its counts are withheld so "
            "that those of a smaller municipality cannot be computed.",
            name=name,
        )
    else:
        own = _ratio(drawn.own, name, language)
    all_ = _scatter(Same(drawn.points), drawn.dispersion, language)
    return f"<p><b>{safe(title)}</b> {safe(own)} {safe(all_)}</p>"


def _ratio(own: FunnelPoint, name: str, language: Language) -> str:
    number = language.number
    counted = language.say(
        "{name} had {observed} deaths where {expected} were expected, {more}: a ratio of {ratio} "
        "(95% interval {lower} to {upper}), and {shrunk} when drawn towards the mean.",
        name=name,
        observed=number(own.observed),
        expected=expected(own.expected, language),
        more=_more(own.ratio, language),
        ratio=number(own.ratio, 2),
        lower=number(own.lower, 2),
        upper=number(own.upper, 2),
        shrunk=number(own.shrunk, 2),
    )
    return f"{counted} {language.say(_MEANINGS[own.place])}"


_MEANINGS: Mapping[int, str] = {
    -2: message("That is below the outer limits: chance alone would hardly give so few."),
    -1: message(
        "That is below the inner limits but not the outer ones: it may be more than chance."
    ),
    0: message("That is inside the limits, as chance alone may give."),
    1: message(
        "That is above the inner limits but not the outer ones: it may be more than chance."
    ),
    2: message("That is above the outer limits: chance alone would hardly give so many."),
}


def _more(ratio: float, language: Language) -> str:
    percent = round(100 * (ratio - 1))
    if percent == 0:
        return language.say("as many as expected")
    if percent > 0:
        return language.say("{percent}% more", percent=percent)
    return language.say("{percent}% fewer", percent=-percent)


@lru_cache(maxsize=1 << 5)
def _scatter(points: Same[tuple[FunnelPoint, ...]], dispersion: float, language: Language) -> str:
    """Return how the municipalities scatter, the same in all reports."""
    count = len(points.of)
    counted = language.say(
        "{outside} of {count} municipalities lie outside the inner limits ({beyond} outside the outer "
        "ones), against about {expected} by chance alone.",
        outside=sum(point.place != 0 for point in points.of),
        count=count,
        beyond=sum(abs(point.place) > 1 for point in points.of),
        expected=round(BY_CHANCE * count),
    )
    # Twice the standard error that the dispersion itself has where there is nothing but chance.
    if dispersion <= 1 + 2 * math.sqrt(2 / count):
        scatter = language.say("They scatter about as much as by chance.")
    else:
        scatter = language.say(
            "They scatter {times} times as much (in variance).",
            times=language.number(dispersion, 1),
        )
    return f"{counted} {scatter}"
