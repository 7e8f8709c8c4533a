"""The change a year of the indicators that are known over time, and which changes are no chance."""

from __future__ import annotations

from collections.abc import Sequence

from healthindicators.charts import words
from healthindicators.charts.markup import safe
from healthindicators.model import Indicator, Polarity
from healthindicators.profile import Inequality, Line, Profile
from healthindicators.report.templating import markup, render
from healthindicators.text import Language, message

CHANCE = 0.05
"""A change is told where its p-value, adjusted over all indicators of the report, is at most this."""

_MONEY = {"dkk", "nok", "sek"}
"""A tenth of a crown a year tells nobody anything."""


def part(profile: Profile, language: Language) -> str:
    """Return which indicators have changed beyond chance, and the change a year of each.

    Parameters
    ----------
    profile : Profile
        What is known of one municipality.
    language : Language
        Of the reader.

    Returns
    -------
    str
        A section of the page; empty where no series is long enough.
    """
    lines = [line for line in profile.lines if line.trend is not None]
    if not lines:
        return ""
    slots = {
        "name": profile.geo.name(language.code),
        "told": told(lines, language),
        "rows": markup("\n".join(_row(line, language) for line in lines)),
        "all": str(len(profile.lines)),
        "known": str(len(lines)),
    }
    country = words.country_name(profile.country, language)
    scatter = any(line.trend and line.trend.slope.method == "gls-residual" for line in lines)
    return render("trends.html.j2", language, slots, country=country, scatter=scatter)


def way(line: Line) -> str:
    """Return where an indicator goes beyond chance: better, worse, up or down; empty if it may not.

    The p-value and the interval must both say so, so that text and table cannot disagree.
    """
    trend = line.trend
    if trend is None or trend.slope.lower is None or trend.slope.upper is None:
        return ""
    if trend.p_value > CHANCE or trend.slope.lower <= 0 <= trend.slope.upper:
        return ""
    up = trend.slope.value > 0
    polarity = line.indicator.polarity
    if polarity is Polarity.NEUTRAL:
        return "up" if up else "down"
    return "better" if up == (polarity is Polarity.HIGHER_IS_BETTER) else "worse"


def told(lines: Sequence[Line], language: Language) -> str:
    """Return the sentences above the table: what has become better, worse, higher and lower."""
    say = language.say
    named = {
        kind: "; ".join(
            words.text_of(line.indicator, language).short for line in lines if way(line) == kind
        )
        for kind in ("better", "worse", "up", "down")
    }
    sentences = [
        say(said, names=named[kind])
        for kind, said in (
            ("better", message("Has become better beyond chance: {names}.")),
            ("worse", message("Has become worse beyond chance: {names}.")),
            ("up", message("Has risen beyond chance, where neither direction is better: {names}.")),
            (
                "down",
                message("Has fallen beyond chance, where neither direction is better: {names}."),
            ),
        )
        if named[kind]
    ]
    if not sentences:
        return say("No indicator has changed steadily beyond chance.")
    if not all(way(line) for line in lines):
        sentences.append(say("The others may have changed by chance."))
    return " ".join(sentences)


def _row(line: Line, language: Language) -> str:
    trend, indicator = line.trend, line.indicator
    assert trend is not None  # the caller looked
    about = language.say(
        "{unit} a year, {count} periods from {first} to {last}",
        unit=_unit(indicator, language),
        count=trend.points,
        first=str(trend.period.first),
        last=str(trend.period.last),
    )
    name = safe(words.text_of(indicator, language).short)
    return (
        f'<tr data-indicator="{indicator.id}"><th scope="row">{name}<small>{safe(about)}</small></th>'
        f"{_slope('trend', trend.slope, indicator, language)}"
        f"{_slope('country', trend.country, indicator, language)}"
        f"<td>{safe(_said(line, language))}</td></tr>"
    )


def _unit(indicator: Indicator, language: Language) -> str:
    """Return the unit of a difference: that of two percentages is percentage points."""
    if indicator.unit == "percent":
        return language.say("percentage points")
    return words.unit(indicator.unit, language)


def _slope(column: str, slope: Inequality | None, indicator: Indicator, language: Language) -> str:
    """Return a change a year with its interval, a digit finer than the indicator unless in money."""
    if slope is None:
        return f'<td data-col="{column}">{words.NO_VALUE}</td>'
    decimals = indicator.decimals + (indicator.unit not in _MONEY)
    value = language.number(slope.value, decimals, signed=True)
    ends = ""
    if slope.lower is not None and slope.upper is not None:
        between = words.between(slope.lower, slope.upper, decimals, language, signed=True)
        ends = f"<small>{safe(between)}</small>"
    return f'<td data-col="{column}">{safe(value)}{ends}</td>'


def _said(line: Line, language: Language) -> str:
    """Return a change in a word; one that is beyond chance alone but not among so many is doubtful."""
    say, trend = language.say, line.trend
    assert trend is not None  # the caller looked
    lower, upper = trend.slope.lower, trend.slope.upper
    alone = lower is not None and upper is not None and not lower <= 0 <= upper
    return {
        "better": say("better"),
        "worse": say("worse"),
        "up": say("risen"),
        "down": say("fallen"),
        "": say("doubtful among so many") if alone else say("may be chance"),
    }[way(line)]
