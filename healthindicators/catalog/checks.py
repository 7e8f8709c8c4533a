"""What a declaration must hold to beyond its shape: known words, complete texts, sane ranges."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from importlib.resources.abc import Traversable
from itertools import combinations

from healthindicators.declarations import Location, line_of
from healthindicators.errors import Problem, nearest
from healthindicators.model import Framework, Indicator, Measure
from healthindicators.text import languages
from healthindicators.vocabulary import DERIVATIONS, UNITS, age_range

Finding = tuple[Location, str, str]


def indicator_problems(
    indicator: Indicator, file: Traversable, known: Collection[str]
) -> list[Problem]:
    """Return everything that is wrong with an indicator, with its lines."""
    findings = [*_texts(("text",), indicator.text), *_quantity(indicator)]
    findings += [*_derivation(indicator, known), *_comparability(indicator)]
    return _located(findings, file)


def framework_problems(
    framework: Framework, file: Traversable, known: Collection[str]
) -> list[Problem]:
    """Return everything that is wrong with a framework, with its lines."""
    findings = [*_texts(("text",), framework.text)]
    if framework.original_language not in languages():
        findings.append(
            (("original_language",), "is not a language of reports", _names(languages()))
        )
    if framework.last_year < framework.first_year:
        findings.append((("last_year",), "is before first_year", ""))
    ids = [area.id for area in framework.areas]
    for number, area in enumerate(framework.areas):
        place: Location = ("areas", number)
        if ids.index(area.id) != number:
            findings.append(((*place, "id"), f"'{area.id}' stands twice", ""))
        findings.extend(_texts((*place, "text"), area.text))
        for index, service in enumerate(area.indicators):
            where: Location = (*place, "indicators", index)
            findings.extend(_reference((*where, "indicator"), service.indicator, known))
            findings.extend(_texts((*where, "rationale"), service.rationale))
        served = [service.indicator for service in area.indicators]
        for name in set(served):
            if served.count(name) > 1:
                findings.append((place, f"'{name}' serves the area twice", ""))
        for name in area.maps:
            if name not in served:
                findings.append(
                    ((*place, "maps"), f"'{name}' does not serve the area", _names(served))
                )
    return _located(findings, file)


def _located(findings: list[Finding], file: Traversable) -> list[Problem]:
    return [
        Problem(f"{'.'.join(map(str, location))}: {what}", file.name, line_of(file, location), hint)
        for location, what, hint in findings
    ]


def _texts(place: Location, texts: Mapping[str, object]) -> Iterator[Finding]:
    """Yield the languages that lack a text, or a part of one that another language has."""
    needed = {part for text in texts.values() for part, said in _parts(text).items() if said}
    for language in languages():
        if language not in texts:
            yield place, f"no text in '{language}'", "every language of reports needs one"
            continue
        parts = _parts(texts[language])
        for part in sorted(part for part in needed if not parts.get(part)):
            where = (*place, language, part) if part else (*place, language)
            yield where, "is empty", "every language of reports needs one"
    for language in texts:
        if language not in languages():
            yield (*place, language), "is not a language of reports", _names(languages())


def _parts(text: object) -> dict[str, str]:
    """Return what a text says by its parts; a single sentence is one without a name."""
    parts = {"": text} if isinstance(text, str) else vars(text)
    return {part: said.strip() for part, said in parts.items()}


def _quantity(indicator: Indicator) -> Iterator[Finding]:
    expect = indicator.expect
    if indicator.unit not in UNITS:
        near = nearest(indicator.unit, UNITS) or tuple(UNITS)
        yield ("unit",), f"'{indicator.unit}' is not a known unit", _names(near)
    # Written so that it holds for NaN, which is below nothing and above nothing.
    if not expect.minimum < expect.maximum:
        yield ("expect",), "minimum is not below maximum", ""
    if indicator.measure is Measure.PROPORTION and not 0 <= expect.minimum < expect.maximum <= 100:
        yield ("expect",), "a proportion lies within 0 and 100", ""
    if not 0 <= indicator.decimals <= 4:
        yield ("decimals",), "is not 0 to 4", ""
    try:
        age_range(indicator.ages)
    except ValueError:
        yield ("ages",), f"'{indicator.ages}' is not an age range", "such as 16+, 0-17 or total"


def _derivation(indicator: Indicator, known: Collection[str]) -> Iterator[Finding]:
    derivation = indicator.derivation
    if derivation is None:
        return
    if derivation.method not in DERIVATIONS:
        near = nearest(derivation.method, DERIVATIONS) or tuple(DERIVATIONS)
        yield ("derivation", "method"), f"'{derivation.method}' is not known", _names(near)
    yield from _reference(("derivation", "numerator"), derivation.numerator, known)
    if derivation.denominator:
        yield from _reference(("derivation", "denominator"), derivation.denominator, known)


def _comparability(indicator: Indicator) -> Iterator[Finding]:
    graded: set[tuple[str, str]] = set()
    for number, entry in enumerate(indicator.comparability):
        place: Location = ("comparability", number)
        yield from _texts((*place, "reason"), entry.reason)
        if len(set(entry.countries)) < 2 or len(set(entry.countries)) != len(entry.countries):
            yield (*place, "countries"), "are not two or more different countries", ""
        for pair in combinations(sorted(set(entry.countries)), 2):
            if pair in graded:
                yield place, f"{pair[0]} and {pair[1]} are graded twice", "keep one of the grades"
            graded.add(pair)


def _reference(place: Location, id: str, known: Collection[str]) -> Iterator[Finding]:
    if id not in known:
        near = nearest(id, known)
        yield place, f"there is no indicator '{id}'", f"nearest: {_names(near)}" if near else ""


def _names(names: Collection[str]) -> str:
    return ", ".join(names)
