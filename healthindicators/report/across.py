"""The part "Across municipalities": how indicators change from the least to the most of a condition.

All of it is the same for every municipality of a country and language, and kept, but for the
sentences on where a municipality itself stands.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

from healthindicators.charts import words
from healthindicators.charts.barometer import decimal, labels
from healthindicators.charts.concentration import index, limits
from healthindicators.charts.markup import safe
from healthindicators.profile import Across, Gradient, Inequality, Profile, Same
from healthindicators.report.templating import markup, render
from healthindicators.text import Language, message

MOST_NAMED = 3
"""In each direction a sentence names so many indicators and counts the rest."""

RATIO_DECIMALS = 2
NO_GRADIENT = 1.0
"""The relative index where an indicator is the same from end to end."""

_ABOUT: Mapping[str, str] = {
    "exam-grade": message(
        "The mean grade at the end of ninth class is the only figure on education used here; how "
        "long the residents went to school is not among the open figures of this report. It tells "
        "of the pupils who sat the examinations, not of the adults."
    ),
}
"""What a condition stands for, by its id, where its name could be taken for more."""


def part(profile: Profile, language: Language) -> str:
    """Return the part as HTML: a table for each condition, and where the municipality stands.

    Parameters
    ----------
    profile : Profile
        What is known of one municipality.
    language : Language
        Of the reader.

    Returns
    -------
    str
        A `section`; empty where no inequality across municipalities is known.
    """
    shown = [a for a in profile.across if a.gradients]
    if not shown:
        return ""
    gradients = [g for a in shown for g in a.gradients]
    country = words.country_name(profile.country, language)
    name = profile.geo.name(language.code)
    conditions = (_condition(a, name, country, language) for a in shown)
    return render(
        "across.html.j2",
        language,
        {"name": name, "conditions": markup("\n".join(conditions))},
        country=country,
        no_ratio=any(g.relative is None for g in gradients),
        least=min(g.municipalities for g in gradients),
        most=max(g.municipalities for g in gradients),
    )


def standing(across: Across, name: str, country: str, language: Language) -> str:
    """Return where a municipality stands on a condition, in plain text.

    Shares are told in whole per cent; one that would round to 0 or 100 without being it says so.
    """
    say, line = language.say, across.line
    if line is None or line.value.value is None or across.below is None:
        return say("{name} has no figure for it.", name=name)
    indicator = line.indicator
    value = words.with_unit(words.number(line.value, indicator, language), indicator.unit, language)
    period = words.period(line.value, indicator, language)
    own = say("{name}: {value} in {period}.", name=name, value=value, period=period)
    return f"{own} {_below(across.below, country, language)}"


def _below(share: float, country: str, language: Language) -> str:
    say, whole = language.say, round(100 * share)
    if share <= 0:
        return say("No municipality of {country} has a lower figure.", country=country)
    if 0 < whole < 100:
        share_said = words.quantity(whole, "percent", 0, language)
    elif whole == 0:
        share_said = say("Less than {share}", share=words.quantity(1, "percent", 0, language))
    else:
        share_said = say("More than {share}", share=words.quantity(99, "percent", 0, language))
    return say(
        "{share} of the residents of {country} live in municipalities where it is lower.",
        share=share_said,
        country=country,
    )


def direction(gradient: Gradient) -> int:
    """Return 1 where an indicator rises with the condition beyond chance, -1 where it falls, else 0.

    It does so where the interval of the relative index leaves out 1 as it is printed, so that a
    reader finds in the table what the sentence says.
    """
    relative = gradient.relative
    if relative is None or relative.lower is None or relative.upper is None or relative.value <= 0:
        return 0
    if round(relative.lower, RATIO_DECIMALS) > NO_GRADIENT:
        return 1
    return -1 if round(relative.upper, RATIO_DECIMALS) < NO_GRADIENT else 0


def steepest(gradients: Sequence[Gradient], way: int) -> list[Gradient]:
    """Return the indicators that rise (`way` 1) or fall (-1) beyond chance, the steepest first."""
    found = [g for g in gradients if direction(g) == way]
    return sorted(found, key=lambda g: (-_steepness(g), g.indicator.id))


def _steepness(gradient: Gradient) -> float:
    """Return how far a ratio is from 1: twice and half are equally far."""
    return abs(math.log(gradient.relative.value)) if gradient.relative else 0.0


def told(gradients: Sequence[Gradient], language: Language) -> str:
    """Return the sentences above a table: what rises and what falls with the condition."""
    say = language.say
    judged = sum(g.relative is not None and g.relative.lower is not None for g in gradients)
    if not judged:
        return say("For no indicator can be said whether it rises or falls beyond chance.")
    rising, falling = steepest(gradients, 1), steepest(gradients, -1)
    sentences = [_named(_RISING, rising, language)] if rising else []
    sentences += [_named(_FALLING, falling, language)] if falling else []
    if not sentences:
        return say(
            "No indicator rises or falls with it beyond chance; {count} could be judged.",
            count=judged,
        )
    more = max(0, len(rising) - MOST_NAMED) + max(0, len(falling) - MOST_NAMED)
    if more:
        sentences.append(
            say(
                "These are the steepest by ratio; {count} more rise or fall beyond chance.",
                count=more,
            )
        )
    return " ".join(sentences)


_RISING = message("From the lowest end to the highest, these rise beyond chance: {named}.")
_FALLING = message("From the lowest end to the highest, these fall beyond chance: {named}.")


def _named(said: str, gradients: Sequence[Gradient], language: Language) -> str:
    named = (
        language.say(
            "{name} to {ratio} times",
            name=words.text_of(g.indicator, language).short,
            ratio=language.number(g.relative.value, RATIO_DECIMALS),
        )
        for g in gradients[:MOST_NAMED]
        if g.relative
    )
    return language.say(said, named=language.listing(named))


def _condition(across: Across, name: str, country: str, language: Language) -> str:
    own = standing(across, name, country, language)
    heading, rest = _same(Same(across.gradients), language)
    return f"{heading}<p>{safe(own)}</p>{rest}"


@lru_cache(maxsize=1 << 5)
def _same(gradients: Same[tuple[Gradient, ...]], language: Language) -> tuple[str, str]:
    """Return what is before and after the sentence on a municipality's own standing."""
    condition, period = gradients.of[0].condition, gradients.of[0].condition_period
    title = language.say(
        "{name}, {period}",
        name=words.text_of(condition, language).name,
        period=language.period(period, school_year=condition.school_year),
    )
    about = _ABOUT.get(condition.id)
    before = f"<h3>{safe(title)}</h3>"
    if about:
        before += f"<p>{safe(language.say(about))}</p>"
    said = f"<p>{safe(told(gradients.of, language))}</p>"
    return before, said + _table(title, gradients.of, language)


def _table(title: str, gradients: Sequence[Gradient], language: Language) -> str:
    say = language.say
    columns = (
        say("Lowest fifth"),
        say("Highest fifth"),
        say("Difference (slope index), 95% interval"),
        say("Ratio (relative index), 95% interval"),
        say("Concentration index"),
    )
    short = (*columns[:2], say("Slope index"), say("Relative index"), columns[-1])
    heads = "".join(f'<th scope="col">{safe(c)}</th>' for c in (say("Indicator"), *columns))
    rows = "\n".join(_row(g, language) for g in sorted(gradients, key=_order))
    name = safe(say("Table: {name}", name=title))
    return (
        f'<details class="long" open><summary>{name}</summary>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{name}">'
        f'<table class="sexes" style="{labels(*short)}"><thead><tr>{heads}</tr></thead>'
        f"<tbody>\n{rows}\n</tbody></table></div></details>"
    )


def _order(gradient: Gradient) -> tuple[bool, float, str]:
    """Sort from what falls most to what rises most; what has no ratio comes last."""
    relative = gradient.relative
    return relative is None, relative.value if relative else 0.0, gradient.indicator.id


def _row(gradient: Gradient, language: Language) -> str:
    indicator = gradient.indicator
    about = language.say(
        "{unit}, {period}",
        unit=words.unit(indicator.unit, language),
        period=language.period(gradient.period, school_year=indicator.school_year),
    )
    ends = "".join(
        f"<td>{decimal(language.number(mean, indicator.decimals), language)}</td>"
        for mean in (gradient.least, gradient.most)
    )
    return (
        f'<tr data-indicator="{indicator.id}">'
        f'<th scope="row">{safe(words.text_of(indicator, language).short)}'
        f"<small>{safe(about)}</small></th>{ends}{_slope(gradient, language)}"
        f"{_relative(gradient.relative, language)}"
        f"<td>{index(gradient.concentration, language)}</td></tr>"
    )


def _slope(gradient: Gradient, language: Language) -> str:
    decimals, slope = gradient.indicator.decimals, gradient.slope
    shown = decimal(language.number(slope.value, decimals, signed=True), language)
    return f"<td>{shown}{_between(slope, decimals, language)}</td>"


def _relative(relative: Inequality | None, language: Language) -> str:
    if relative is None:
        return f"<td>{words.NO_VALUE}</td>"
    shown = language.number(relative.value, RATIO_DECIMALS)
    return f"<td>{shown}{_between(relative, RATIO_DECIMALS, language)}</td>"


def _between(found: Inequality, decimals: int, language: Language) -> str:
    between = limits(found, decimals, language)
    return f"<small>{safe(between)}</small>" if between else ""
