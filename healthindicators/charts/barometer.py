"""The key picture: every indicator on one line, better to the right whatever the unit.

It is a table, because that is what it is: each row can be read aloud, copied and sorted by eye. The
strip in it is a drawing of the numbers beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from healthindicators.charts import marks, palette, words
from healthindicators.charts.figure import html_bundle
from healthindicators.charts.markup import safe
from healthindicators.charts.strip import STYLE, strip
from healthindicators.model import Indicator, Polarity
from healthindicators.profile import Benchmark, Line, Profile, Same, Value
from healthindicators.text import Language


@dataclass(frozen=True, repr=False)
class Barometer:
    """The barometer as a table in HTML, and in one sentence."""

    alt: str
    html: str

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        return html_bundle(self.alt, self.html)


def barometer(profile: Profile, language: Language) -> Barometer:
    """Draw every indicator of a profile on one line.

    Parameters
    ----------
    profile : Profile
        What is known of one municipality.
    language : Language
        Of the reader.

    Returns
    -------
    Barometer
        Indicators stand once, under the first strategic area that they serve, the others last.
    """
    rows = _Rows(profile, language)
    body = "".join(rows.group(name, lines) for name, lines in groups(profile, language))
    alt, caption = _alt(profile, language), safe(_caption(profile, language))
    html = (
        f'<figure class="barometer"><style>{STYLE}</style>'
        f'<div role="group" aria-label="{safe(alt)}">'
        f'<table class="baro" style="{labels(rows.country, *rows.groups)}">'
        f'<caption class="hidden">{caption}</caption>'
        f"<thead>{_head(rows)}</thead>{body}</table></div>"
        f"{_key(rows)}{_footnote(profile, language)}</figure>"
    )
    return Barometer(alt, html)


def groups(profile: Profile, language: Language) -> list[tuple[str, tuple[Line, ...]]]:
    """Return the lines by strategic area, each indicator once and the others last."""
    seen: set[str] = set()
    found: list[tuple[str, tuple[Line, ...]]] = []
    for section in profile.sections:
        lines = [line for _, line in section.lines]
        name = words.in_language(section.area.text, language).name
        found.append((name, _unseen(lines, seen)))
    found.append((language.say("Other indicators"), _unseen(profile.others, seen)))
    return [(name, lines) for name, lines in found if lines]


def _unseen(lines: Sequence[Line], seen: set[str]) -> tuple[Line, ...]:
    new = []
    for line in lines:
        if line.indicator.id not in seen:
            seen.add(line.indicator.id)
            new.append(line)
    return tuple(new)


class _Rows:
    """The rows of the table, with the names that all of them use."""

    def __init__(self, profile: Profile, language: Language) -> None:
        self.language = language
        self.place = profile.geo.name(language.code)
        self.country = words.country_name(profile.country, language)
        group = profile.benchmarks.get("group")
        self.groups = (group.name(language.code),) if group else ()
        """The name of the group, unless the municipality is the only one in it."""

    def group(self, name: str, lines: Sequence[Line]) -> str:
        rows = "".join(self.row(line) for line in lines)
        return (
            f'<tbody><tr class="area"><th scope="rowgroup" colspan="{5 + len(self.groups)}">'
            f"{safe(name)}</th></tr>"
            f"{rows}</tbody>"
        )

    def row(self, line: Line) -> str:
        indicator, value = line.indicator, line.value
        country, group = line.benchmarks.get("country"), line.benchmarks.get("group")
        beside = "".join(
            f'<td class="other">{self.number(benchmark, line)}</td>'
            for benchmark in (country, *(group for _ in self.groups))
        )
        picture = "strip" if country is not None else "strip alone"
        own = number(value, indicator, self.language)
        return (
            f'<tr data-line="{indicator.id}">{self.headed(line)}'
            f'<td class="own">{own}</td>{beside}'
            f'<td class="{picture}">{strip(line)}</td>'
            f'<td class="words">{self.words(line)}</td></tr>'
        )

    def headed(self, line: Line) -> str:
        about = words.about(line, self.language)
        return _headed(Same(line.indicator), about, self.language)

    def number(self, benchmark: Benchmark | None, line: Line) -> str:
        value = benchmark.value if benchmark else None
        return number(value, line.indicator, self.language, sign_of(benchmark))

    def words(self, line: Line) -> str:
        """Return what may be said: by the interval where there is one, else the place alone."""
        if line.value.value is None:
            why = words.why(line.value.reason, self.language)
            return f'<span class="absent">{safe(why)}</span>'
        said, also = self.said(line)
        small = f"<small>{safe(also)}</small>" if also else ""
        if not said:
            return f'{marks.symbol(marks.kind(line))}<span class="say">{small}</span>'
        symbol = marks.symbol(marks.kind(line))
        return f'{symbol}<span class="say">{safe(sentence(said))}{small}</span>'

    def said(self, line: Line) -> tuple[str, str]:
        country, position, say = line.benchmarks.get("country"), line.position, self.language.say
        said = ""
        if country is not None and line.value.has_interval:
            said = words.verdict(country, self.country, self.language)
        place = words.place(position, self.language) if position else ""
        if not said and position is not None:
            said = words.fifth(position, line.indicator, self.language)
        if not said:
            said, place = place, ""
        if line.indicator.polarity is Polarity.NEUTRAL:
            place = say("{place}; neutral", place=place) if place else say("neutral")
        return said, place


@lru_cache(maxsize=1 << 10)
def _headed(indicator: Same[Indicator], about: str, language: Language) -> str:
    """Return the head of a row, which many municipalities have in common."""
    id, short = indicator.of.id, words.text_of(indicator.of, language).short
    link = f'<a href="#indicator-{id}">{safe(short)}</a>'
    return f'<th scope="row">{link}<small>{safe(about)}</small></th>'


def labels(*names: str) -> str:
    """Return the names of columns as CSS variables, for rows that become cards on a phone."""
    quoted = (name.replace("\\", "\\\\").replace("'", "\\'") for name in names)
    # The apostrophes around a name may stand as they are: an attribute is closed by a quotation mark.
    return ";".join(f"--c{i}:'{safe(name)}'" for i, name in enumerate(quoted))


def sentence(text: str) -> str:
    """Return `text` with a capital first letter."""
    return text[:1].upper() + text[1:]


def number(value: Value | None, indicator: Indicator, language: Language, sign: str = "") -> str:
    """Return the number of a value as HTML, or a dash where there is none, with a `sign` behind."""
    shown = value.value if value else None
    return _number(shown, indicator.decimals, language, sign)


@lru_cache(maxsize=1 << 13)
def _number(shown: float | None, decimals: int, language: Language, sign: str) -> str:
    text = words.NO_VALUE if shown is None else language.number(shown, decimals)
    return decimal(text, language, sign)


def sign_of(benchmark: Benchmark | None) -> str:
    """Return the sign behind a benchmark that was computed here, nothing behind a published one."""
    return words.DERIVED if benchmark and not benchmark.published else ""


def decimal(text: str, language: Language, sign: str = "") -> str:
    """Return a number as HTML whose decimals take a place of fixed width, so that marks align.

    A `sign` that refers to a footnote stands behind it, in the same place.
    """
    return _decimal(text, language.decimal_mark, sign)


@lru_cache(maxsize=1 << 13)
def _decimal(text: str, mark: str, sign: str) -> str:
    whole, found, rest = text.rpartition(mark)
    if not found or not rest.isdigit():
        return f"{safe(text)}<span>{sign}</span>"
    return f"{safe(whole)}<span>{safe(mark + rest)}{sign}</span>"


def _caption(profile: Profile, language: Language) -> str:
    name = profile.geo.name(language.code)
    return language.say("All indicators of {name} at a glance", name=name)


def _head(rows: _Rows) -> str:
    say = rows.language.say
    country = safe(rows.country)
    indicator, picture, words_ = say("Indicator"), say("Picture"), say("In words")
    worse, better = say("worse"), say("better")
    groups = "".join(
        f'<th scope="col" class="other">{safe(words.breakable(name))}</th>' for name in rows.groups
    )
    return (
        f'<tr><th scope="col">{safe(indicator)}</th>'
        f'<th scope="col" class="own">{safe(rows.place)}</th>'
        f'<th scope="col" class="other">{country}</th>'
        f"{groups}"
        f'<th scope="col" class="ends"><span class="hidden">{safe(picture)}</span>'
        f'<span aria-hidden="true"><i>{safe(worse)}</i><b>{country}</b>'
        f"<i>{safe(better)}</i></span></th>"
        f'<th scope="col">{safe(words_)}</th></tr>'
    )


def _key(rows: _Rows) -> str:
    """Return how to read the picture; it stands below, as the words of each row say the same."""
    say, country = rows.language.say, rows.country
    entries = [
        (marks.symbol("better"), say("better than {name}, beyond chance", name=country)),
        (marks.symbol("worse"), say("worse than {name}, beyond chance", name=country)),
        (marks.symbol("similar"), say("similar: the difference may be chance")),
        (marks.symbol("place"), say("no interval: the place alone, chance not weighed")),
        (marks.symbol("neutral"), say("neutral: no direction is better, higher to the right")),
        (_sample("range"), say("all municipalities; thick: the middle half")),
        (_sample("country"), say("{name}: right of this line is better", name=country)),
        *((_sample("group"), name) for name in rows.groups),
        (_sample("whisker"), say("95% interval of {name}", name=rows.place)),
    ]
    items = "".join(f"<li>{picture} {safe(text)}</li>" for picture, text in entries)
    heading = safe(say("How to read the picture"))
    return f'<p class="how">{heading}</p><ul class="key-list">{items}</ul>'


def _sample(what: str) -> str:
    drawn = {
        "range": (
            f'<path d="M0 8h32" stroke="{palette.RULE}" stroke-width="5"/>'
            f'<path d="M9 8h14" stroke="{palette.MIDDLE}" stroke-width="10"/>'
        ),
        "country": f'<path d="M16 0v16" stroke="{palette.INK}" stroke-width="1.2"/>',
        "group": f'<path d="M16 3v10" stroke="{palette.FAINT}" stroke-width="4"/>',
        "whisker": (
            f'<path d="M3 8h26M3 4v8M29 4v8" stroke="{palette.INK}" stroke-width="1.6" '
            'fill="none"/>'
        ),
    }[what]
    return f'<svg viewBox="0 0 32 16" width="32" height="16" aria-hidden="true">{drawn}</svg>'


def _footnote(profile: Profile, language: Language) -> str:
    shown = (line.benchmarks.get(key) for line in profile.lines for key in ("country", "group"))
    notes = []
    if any(sign_of(benchmark) for benchmark in shown):
        notes.append(
            language.say("{sign} Computed here from the municipalities.", sign=words.DERIVED)
        )
    notes.append(
        language.say("A grey arrow at the end of a bar: some municipalities lie beyond it.")
    )
    notes.append(words.alone(profile, language))
    return "".join(f'<p class="note">{safe(note)}</p>' for note in notes if note)


def _alt(profile: Profile, language: Language) -> str:
    with_value = [line for line in profile.lines if line.value.value is not None]
    count = Counter(marks.kind(line) for line in with_value)
    return language.say(
        "All indicators of {name} at a glance. Indicators: {all}, with a value: {known}. Against "
        "{country}, by interval: better {better}, worse {worse}, similar {similar}. By place "
        "alone: {place}.",
        name=profile.geo.name(language.code),
        country=words.country_name(profile.country, language),
        all=len(profile.lines),
        known=len(with_value),
        better=count["better"],
        worse=count["worse"],
        similar=count["similar"],
        place=count["place"] + count["neutral"] + count["higher"] + count["lower"],
    )
