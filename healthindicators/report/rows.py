"""Rows of the long tables of a page, written without a template: a page has a hundred of them.

Whatever comes from data passes `safe`, or is a number.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from healthindicators.charts import marks, words
from healthindicators.charts.barometer import decimal, number, sentence, sign_of
from healthindicators.charts.markup import safe
from healthindicators.model import Indicator, Role, Service
from healthindicators.profile import Change, Inequality, KeyFact, Line, Same, SourceLine, Value
from healthindicators.text import Language

RATIO_DECIMALS = 2

SHOWN_DIGEST = 12
"""So many characters tell two snapshots apart and still fit a line."""


def raw(value: float | None) -> str:
    """Return a number for machines: all its digits, or nothing."""
    return "" if value is None else repr(float(value))


def fact(fact: KeyFact, language: Language) -> str:
    """Return a key fact of the heading."""
    value = words.quantity(fact.value, fact.unit, fact.decimals, language)
    return (
        f"<div><dt>{safe(language.say(fact.name))}</dt><dd>{safe(value)} "
        f"<small>{safe(language.period(fact.period))}</small></dd></div>"
    )


def named(line: Line, country: str, language: Language) -> str:
    """Return an indicator that stands out, beside the value of the country."""
    indicator = line.indicator
    beside = words.period(line.value, indicator, language)
    if "country" in line.benchmarks:
        there = words.number(line.benchmarks["country"].value, indicator, language)
        beside = language.say("{period}; {name} {value}", period=beside, name=country, value=there)
    short = safe(words.text_of(indicator, language).short)
    return (
        f'<li>{marks.symbol(marks.kind(line))}<span><a href="#indicator-{indicator.id}">{short}</a> '
        f"<b>{safe(_quantity(line, language))}</b>\n<small>{safe(beside)}</small></span></li>\n"
    )


def condition(line: Line, country: str, language: Language) -> str:
    """Return an indicator that tells the conditions of a place, as a part of a sentence."""
    said = f"{words.text_of(line.indicator, language).short} {_quantity(line, language)}"
    if "country" in line.benchmarks:
        there = words.number(line.benchmarks["country"].value, line.indicator, language)
        said += f" ({country} {there})"
    return safe(said)


def _quantity(line: Line, language: Language) -> str:
    """Return the value of a line, which must be known, as a sentence writes it."""
    text = words.number(line.value, line.indicator, language)
    return words.with_unit(text, line.indicator.unit, language)


def key_row(service: Service, line: Line, kinds: Iterable[str], language: Language) -> str:
    """Return an indicator in the table of a strategic area, beside benchmarks of these kinds."""
    benchmarks = "".join(_benchmark(line, kind, language) for kind in kinds)
    own = number(line.value, line.indicator, language)
    about = words.about(line, language)
    return (
        f'<tr data-indicator="{line.indicator.id}">'
        f"{_headed(Same(line.indicator), about, service.role if service.rationale else None, language)}"
        f'<td class="own" data-col="value" data-value="{raw(line.value.value)}">{own}</td>'
        f"{_interval(line, language)}{benchmarks}{_position(line, language)}"
        f"{_moved(line, 'previous', line.previous, language)}"
        f"{_moved(line, 'first', line.first, language)}</tr>"
    )


@lru_cache(maxsize=1 << 10)
def _headed(indicator: Same[Indicator], about: str, role: Role | None, language: Language) -> str:
    """Return the head of a row, which many municipalities have in common."""
    id, name = indicator.of.id, words.text_of(indicator.of, language).name
    serves = sentence(words.role(role, language)) if role else ""
    serving = f'<small class="role">{safe(serves)}</small>' if serves else ""
    return (
        f'<th scope="row"><a href="#indicator-{id}">{safe(name)}</a>'
        f"<small>{safe(about)}</small>{serving}</th>"
    )


def reason(service: Service, line: Line, language: Language) -> str:
    """Return why an indicator stands under a strategic area."""
    return _reason(Same(service), Same(line.indicator), language)


@lru_cache(maxsize=1 << 10)
def _reason(service: Same[Service], indicator: Same[Indicator], language: Language) -> str:
    short = safe(words.text_of(indicator.of, language).short)
    why = safe(words.in_language(service.of.rationale, language))
    role = safe(words.role(service.of.role, language))
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
    found = line.benchmarks.get(kind)
    value = found.value if found else None
    shown = number(value, line.indicator, language, sign_of(found))
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
    moved = language.number(change.difference, indicator.decimals, signed=True)
    period = language.period(change.since, school_year=indicator.school_year)
    since = safe(language.say("since {period}", period=period))
    shown = f"{decimal(moved, language)}<small>{since}</small>"
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
    times = m / w if w and indicator.ratio_scale else None
    difference = line.sexes.difference if line.sexes else Inequality(m - w, None, None, "none")
    ratio = line.sexes.ratio if line.sexes else None
    if ratio is None and times is not None:
        ratio = Inequality(times, None, None, "none")
    name = safe(words.text_of(indicator, language).name)
    return (
        f'<tr data-indicator="{indicator.id}"><th scope="row">{name}<small>{safe(about)}</small></th>'
        f"{_sex(line, 'female', language)}{_sex(line, 'male', language)}"
        f"{apart('difference', difference, indicator.decimals, language, signed=True)}"
        f"{apart('ratio', ratio, RATIO_DECIMALS, language)}</tr>"
    )


def apart(
    name: str,
    measure: Inequality | None,
    decimals: int,
    language: Language,
    *,
    signed: bool = False,
) -> str:
    """Return a difference or ratio with its interval; a dash where zero is arbitrary."""
    if measure is None:
        return f'<td data-col="{name}" data-value="">{words.NO_VALUE}</td>'
    shown = decimal(language.number(measure.value, decimals, signed=signed), language)
    if measure.lower is not None and measure.upper is not None:
        between = words.between(measure.lower, measure.upper, decimals, language, signed=signed)
        shown += f"<small>{safe(between)}</small>"
    limits = f'data-lower="{raw(measure.lower)}" data-upper="{raw(measure.upper)}"'
    return f'<td data-col="{name}" data-value="{raw(measure.value)}" {limits}>{shown}</td>'


def _sex(line: Line, sex: str, language: Language) -> str:
    value: Value = line.by_sex[sex]
    shown = number(value, line.indicator, language)
    interval = words.interval(value, line.indicator, language)
    limits = safe(interval or words.why_short(value.reason, language))
    return f'<td data-col="{sex}" data-value="{raw(value.value)}">{shown}</td><td>{limits}</td>'


def definition(line: Line, language: Language) -> str:
    """Return what an indicator means, of whom, how certain it is, and what to beware of."""
    value = line.value
    if value.has_interval:
        certain = words.method(value.interval, language)
    else:
        certain = words.why(value.reason, language) or words.method("none", language)
    return _definition(Same(line.indicator), line.basis, certain, language)


@lru_cache(maxsize=1 << 10)
def _definition(declared: Same[Indicator], basis: str, certain: str, language: Language) -> str:
    say, indicator = language.say, declared.of
    text = words.text_of(indicator, language)
    pairs = [
        (say("Population"), text.population),
        (say("Unit"), words.unit(indicator.unit, language)),
        (say("Basis"), words.basis(basis, language)),
        (say("Uncertainty"), certain),
        (say("Beware"), text.caveat),
    ]
    listed = "".join(f"<dt>{safe(k)}</dt><dd>{safe(v)}</dd>" for k, v in pairs if v)
    return (
        f'<article id="indicator-{indicator.id}"><h3>{safe(text.name)}</h3>'
        f"<p>{safe(text.definition)}</p><dl>{listed}</dl></article>"
    )


@lru_cache(maxsize=1 << 7)
def source_rows(sources: Same[tuple[SourceLine, ...]], language: Language) -> str:
    """Return every table that figures came from; nearly all reports have the same ones."""
    return "\n".join(_source_row(source, language) for source in sources.of)


def _source_row(source: SourceLine, language: Language) -> str:
    """Return a table that figures came from, down to the digest of its bytes."""
    say, about = language.say, source.sidecar
    feeds = "; ".join(words.text_of(i, language).short for i in source.indicators)
    return (
        f'<tr data-table="{safe(about.table)}"><th scope="row">{safe(say(about.provider))}</th>'
        f"<td><b>{safe(say(about.provider_table))}</b> {safe(say(about.title))}</td>"
        f"<td>{safe(words.years(source, language))}</td>"
        f"<td>{safe(feeds)}</td>"
        f"<td>{safe(say(about.licence))}</td>"
        f"<td>{safe(language.date(about.taken))}<small>{safe(say(about.status))}</small></td>"
        f"<td><code>{safe(about.sha256[:SHOWN_DIGEST])}</code></td></tr>"
    )
