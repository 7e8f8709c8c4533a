"""Across borders: what the catalogue lets be compared with other countries, and how far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import groupby

from healthindicators.charts import words
from healthindicators.charts.barometer import number
from healthindicators.charts.markup import safe
from healthindicators.model import Country, Grade
from healthindicators.profile import Abroad, Profile, Same, Value
from healthindicators.report.rows import raw
from healthindicators.report.templating import filled, markup
from healthindicators.text import Language, message

_GRADES: Mapping[Grade, str] = {
    Grade.SAME: message("Same definition"),
    Grade.NEAR: message("Nearly the same"),
}


def part(profile: Profile, language: Language) -> str:
    """Return the chapter, empty where nothing may cross a border."""
    if not profile.abroad:
        return ""
    return _part(Same(profile.abroad), Same(profile.country), language)


@lru_cache(maxsize=32)
def _part(abroad: Same[tuple[Abroad, ...]], country: Same[Country], language: Language) -> str:
    groups = groupby(abroad.of, key=lambda x: x.indicator.id)
    rows = "\n".join(row for _, group in groups for row in _rows(list(group), country.of, language))
    return filled("abroad.html.j2", language, rows=markup(rows))


def _rows(group: list[Abroad], country: Country, language: Language) -> Iterator[str]:
    """Yield a row of each other country, and before it the own figure of the nearest period."""
    indicator = group[0].indicator
    text = words.text_of(indicator, language)
    unit = safe(words.unit(indicator.unit, language))
    rows = len(group) + len({other.own.period for other in group})
    head = f'<th scope="rowgroup" rowspan="{rows}">{safe(text.name)}<small>{unit}</small></th>'
    own = None
    for other in group:
        if other.own != own:
            own = other.own
            yield f"<tr>{head}{_figure(other, country, own, language)}<td></td><td></td></tr>"
            head = ""
        grade = safe(language.say(_GRADES[other.graded.grade]))
        reason = safe(words.in_language(other.graded.reason, language))
        yield (
            f"<tr>{_figure(other, other.country, other.value, language)}"
            f"<td>{grade}<small>{reason}</small></td>"
            f"<td><small>{safe(_credit(other, language))}</small></td></tr>"
        )


def _credit(at: Abroad, language: Language) -> str:
    """Return each provider once, with its tables."""
    tables: dict[str, list[str]] = {}
    for provider, table in at.credits:
        tables.setdefault(provider, []).append(language.say(table))
    return "; ".join(f"{language.say(p)}: {', '.join(names)}" for p, names in tables.items())


def _figure(at: Abroad, country: Country, value: Value, language: Language) -> str:
    shown = number(value, at.indicator, language)
    derived = words.DERIVED if value.reason == "weighted-mean" else ""
    limits = words.interval(value, at.indicator, language)
    between = f"<small>{safe(limits)}</small>" if limits else ""
    years = safe(words.period(value, at.indicator, language))
    return (
        f"<td>{safe(words.country_name(country, language))}</td>"
        f'<td data-col="value" data-value="{raw(value.value)}">{shown}{derived}{between}</td>'
        f"<td>{years}</td>"
    )
