"""Rows of the long tables of a page, written without a template: a page has a hundred of them.

Whatever comes from data passes `safe`, or is a number.
"""

from __future__ import annotations

from healthindicators.charts import words
from healthindicators.charts.barometer import decimal, sentence
from healthindicators.charts.markup import safe
from healthindicators.model import Service
from healthindicators.profile import Benchmark, Change, Line, SourceLine, Value
from healthindicators.text import Language

SHOWN_DIGEST = 12
"""So many characters tell two snapshots apart and still fit a line."""


def raw(value: float | None) -> str:
    """Return a number for machines: all its digits, or nothing."""
    return "" if value is None else repr(float(value))


def key_row(service: Service, line: Line, language: Language) -> str:
    """Return an indicator in the table of a strategic area."""
    indicator, value = line.indicator, line.value
    text = words.text_of(indicator, language)
    about = words.about(line, language)
    role = sentence(words.role(service.role, language))
    own = decimal(words.number(value, indicator, language), language)
    benchmarks = "".join(
        _benchmark(line, kind, language) for kind in ("country", "region", "group")
    )
    return (
        f'<tr data-indicator="{indicator.id}">'
        f'<th scope="row"><a href="#indicator-{indicator.id}">{safe(text.name)}</a>'
        f'<small>{safe(about)}</small><small class="role">{safe(role)}</small></th>'
        f'<td class="own" data-col="value" data-value="{raw(value.value)}">{own}</td>'
        f"{_interval(line, language)}{benchmarks}{_position(line, language)}"
        f"{_moved(line, 'previous', line.previous, language)}"
        f"{_moved(line, 'first', line.first, language)}</tr>"
    )


def reason(service: Service, line: Line, language: Language) -> str:
    """Return why an indicator stands under a strategic area."""
    short = safe(words.text_of(line.indicator, language).short)
    why = safe(words.in_language(service.rationale, language))
    role = safe(words.role(service.role, language))
    return f"<div><dt>{short} <small>{role}</small></dt><dd>{why}</dd></div>"


def _interval(line: Line, language: Language) -> str:
    """Return the interval, or why there is none; without a value, why there is no figure at all."""
    value = line.value
    if value.value is None:
        why = safe(words.why(value.reason, language))
        label = safe(language.say("Why"))
        about = f'data-col="interval" data-label="{label}"'
        return f'<td class="absent" {about} data-lower="" data-upper="">{why}</td>'
    shown = safe(words.interval(value, line.indicator, language))
    if not shown:
        shown = f"<small>{safe(words.why_short(value.reason, language))}</small>"
    limits = f'data-lower="{raw(value.lower)}" data-upper="{raw(value.upper)}"'
    return f'<td data-col="interval" {limits}>{shown}</td>'


def _benchmark(line: Line, kind: str, language: Language) -> str:
    found: Benchmark | None = line.benchmarks.get(kind)
    value = found.value if found else None
    sign = words.DERIVED if found and not found.published else ""
    shown = decimal(words.number(value, line.indicator, language), language, sign)
    return f'<td data-col="{kind}" data-value="{raw(value.value if value else None)}">{shown}</td>'


def _position(line: Line, language: Language) -> str:
    at = line.position
    if at is None:
        limits, shown = 'data-first="" data-last="" data-count=""', words.NO_VALUE
    else:
        limits = f'data-first="{at.first}" data-last="{at.last}" data-count="{at.count}"'
        shown = safe(words.places(at, language))
    return f'<td data-col="position" {limits}>{shown}</td>'


def _moved(line: Line, name: str, change: Change | None, language: Language) -> str:
    """Return a signed difference, or a dash where there is no earlier period."""
    if change is None:
        return f'<td data-col="{name}" data-value="">{words.NO_VALUE}<span></span></td>'
    indicator = line.indicator
    number = language.number(change.difference, indicator.decimals, signed=True)
    period = language.period(change.since, school_year=indicator.school_year)
    since = safe(language.say("since {period}", period=period))
    shown = f"{decimal(number, language)}<small>{since}</small>"
    return f'<td data-col="{name}" data-value="{raw(change.difference)}">{shown}</td>'


def sexes_row(line: Line, language: Language) -> str:
    """Return an indicator with its value for women and for men, both of which must be known."""
    indicator, say = line.indicator, language.say
    women, men = line.by_sex["female"], line.by_sex["male"]
    w, m = women.value or 0.0, men.value or 0.0
    about = say(
        "{unit}, {period}",
        unit=words.unit(indicator.unit, language),
        period=words.period(women, indicator, language),
    )
    less = decimal(language.number(m - w, indicator.decimals, signed=True), language)
    ratio = decimal(language.number(m / w, 2), language) if w else words.NO_VALUE
    name = safe(words.text_of(indicator, language).name)
    return (
        f'<tr data-indicator="{indicator.id}"><th scope="row">{name}<small>{safe(about)}</small></th>'
        f"{_sex(line, 'female', language)}{_sex(line, 'male', language)}"
        f'<td data-col="difference" data-value="{raw(m - w)}">{less}</td>'
        f'<td data-col="ratio" data-value="{raw(m / w) if w else ""}">{ratio}</td></tr>'
    )


def _sex(line: Line, sex: str, language: Language) -> str:
    value: Value = line.by_sex[sex]
    number = decimal(words.number(value, line.indicator, language), language)
    interval = words.interval(value, line.indicator, language)
    shown = safe(interval or words.why_short(value.reason, language))
    return f'<td data-col="{sex}" data-value="{raw(value.value)}">{number}</td><td>{shown}</td>'


def definition(line: Line, language: Language) -> str:
    """Return what an indicator means, of whom, how certain it is, and what to beware of."""
    say, indicator, value = language.say, line.indicator, line.value
    text = words.text_of(indicator, language)
    if value.has_interval:
        certain = words.method(value.interval, language)
    else:
        certain = words.why(value.reason, language) or words.method("none", language)
    pairs = [
        (say("Population"), text.population),
        (say("Unit"), words.unit(indicator.unit, language)),
        (say("Basis"), words.basis(line.basis, language)),
        (say("Uncertainty"), certain),
        (say("Beware"), text.caveat),
    ]
    listed = "".join(f"<dt>{safe(k)}</dt><dd>{safe(v)}</dd>" for k, v in pairs if v)
    return (
        f'<article id="indicator-{indicator.id}"><h3>{safe(text.name)}</h3>'
        f"<p>{safe(text.definition)}</p><dl>{listed}</dl></article>"
    )


def source_row(source: SourceLine, language: Language) -> str:
    """Return a table that figures came from, down to the digest of its bytes."""
    say, about = language.say, source.sidecar
    feeds = "; ".join(words.text_of(i, language).short for i in source.indicators)
    return (
        f'<tr data-table="{safe(about.table)}"><th scope="row">{safe(say(about.provider))}</th>'
        f"<td><b>{safe(about.provider_table)}</b> {safe(say(about.title))}</td>"
        f"<td>{safe(words.years(source, language))}</td>"
        f"<td>{safe(feeds)}</td>"
        f"<td>{safe(say(about.licence))}</td>"
        f"<td>{safe(language.date(about.taken))}<small>{safe(say(about.status))}</small></td>"
        f"<td><code>{safe(about.sha256[:SHOWN_DIGEST])}</code></td></tr>"
    )
