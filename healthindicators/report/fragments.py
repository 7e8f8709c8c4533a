"""The parts of a report as HTML: what a reader sees of a profile, in the reader's language.

Templates hold the layout and the sentences, this module chooses what they say. Everything that
comes from data is escaped; an undefined name in a template is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from healthindicators.charts import marks, words
from healthindicators.charts.barometer import decimal, labels, sentence
from healthindicators.charts.figure import PLOTLY_TYPE, Table, table_html
from healthindicators.charts.layout import compact, shared
from healthindicators.charts.map import MapShapes
from healthindicators.model import Country, Geo, Indicator, Polarity, Role
from healthindicators.profile import Change, Line, Profile, Section
from healthindicators.text import Language

TEMPLATES = Path(__file__).parent / "templates"
NOTEBOOK_STYLE = '<style class="notebook">'
SHOWN_DIGEST = 12
"""So many characters tell two snapshots apart and still fit a line."""

MOST_CONTEXT = 3
MOST_NAMED = 6
"""A list on the first screen names so many indicators and counts the rest."""


@dataclass(frozen=True)
class Standing:
    """Which indicators stand out: by their interval, or by their place alone."""

    better: tuple[Line, ...]
    worse: tuple[Line, ...]
    best: tuple[Line, ...]
    worst: tuple[Line, ...]
    similar: tuple[Line, ...]
    absent: tuple[Line, ...]
    tested: tuple[Line, ...]
    context: tuple[Line, ...]


@dataclass(frozen=True)
class Entry:
    """One municipality on the index page, where its report lies, and others by name and address."""

    geo: Geo
    href: str
    others: tuple[tuple[str, str], ...] = ()


def notebook_style() -> str:
    """Return the page's style for a notebook: it holds within our own pieces and nowhere else."""
    css = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    inside = css.replace(":root {", "& {").replace("body {", "& {")
    # Named twice, it outweighs a notebook's own rules for tables.
    scope = ".healthindicators.healthindicators"
    return f"{NOTEBOOK_STYLE}{scope} {{\n{inside}tbody tr {{ background: none; }}\n}}</style>"


def heading(profile: Profile, language: Language) -> str:
    """Return the head of the report: whose it is, under which strategy, and a few plain facts."""
    about = words.in_language(profile.framework.text, language)
    return _render("heading.html.j2", language, profile=profile, about=about, past=_past(profile))


def in_brief(profile: Profile, language: Language) -> str:
    """Return what stands out, better and worse, and how to read it."""
    return _render(
        "in_brief.html.j2", language, profile=profile, standing=standing(profile), most=MOST_NAMED
    )


def standing(profile: Profile) -> Standing:
    """Return which indicators stand out.

    An indicator is named once: by its interval where that allows a verdict, and by its fifth only
    where there is no interval. Neutral indicators are never better or worse.
    """
    judged = [line for line in profile.lines if line.indicator.polarity is not Polarity.NEUTRAL]
    known = sorted((line for line in judged if line.value.value is not None), key=_nearness)
    alone = [line for line in known if marks.kind(line) == "place" and line.position]
    return Standing(
        better=tuple(line for line in known if marks.kind(line) == "better"),
        worse=tuple(line for line in known if marks.kind(line) == "worse"),
        best=tuple(line for line in alone if line.position and line.position.fifth == 1),
        worst=tuple(line for line in alone if line.position and line.position.fifth == 5),
        similar=tuple(line for line in known if marks.kind(line) == "similar"),
        absent=tuple(line for line in profile.lines if line.value.value is None),
        tested=tuple(line for line in known if line.value.has_interval),
        context=tuple(_context(profile).values())[:MOST_CONTEXT],
    )


def _nearness(line: Line) -> float:
    """Return how near the country a municipality stands, in quartile distances: far ones first."""
    country, spread = line.benchmarks.get("country"), line.spread
    if country is None or spread is None or line.value.value is None:
        return 0.0
    width = spread.upper_quartile - spread.lower_quartile
    difference = abs(line.value.value - (country.value.value or 0.0))
    return -difference / width if width else 0.0


def _context(profile: Profile) -> dict[str, Line]:
    """Return the indicators that tell the conditions of a place rather than its health."""
    return {
        line.indicator.id: line
        for section in profile.sections
        for service, line in section.lines
        if service.role is Role.CONTEXT and line.value.value is not None
    }


def section(profile: Profile, section: Section, language: Language) -> str:
    """Return one strategic area: what was promised, the figures, and what no figure says."""
    original = profile.framework.original_language
    text = words.in_language(section.area.text, language)
    quoted = section.area.text.get(original)
    return _render(
        "section.html.j2",
        language,
        profile=profile,
        section=section,
        text=text,
        quoted=quoted if quoted and original != language.code else None,
        original=original,
        roles=[role for role in Role if any(s.role is role for s, _ in section.lines)],
        derived=any(not b.published for _, line in section.lines for b in line.benchmarks.values()),
        past=_past(profile),
        partial=any(
            line.value.value is not None and kind not in line.benchmarks
            for _, line in section.lines
            for kind in ("country", "region", "group")
        ),
        bare=any(
            line.value.value is not None and not line.value.has_interval
            for _, line in section.lines
        ),
    )


def for_whom(profile: Profile, language: Language) -> str:
    """Return the differences between women and men, absolute and relative side by side."""
    split = [line for line in profile.lines if _both_sexes(line)]
    return _render("for_whom.html.j2", language, profile=profile, lines=split)


def definitions(profile: Profile, language: Language) -> str:
    """Return what every indicator means, of whom, how certain it is, and what to beware of."""
    return _render("definitions.html.j2", language, profile=profile)


def sources(profile: Profile, language: Language) -> str:
    """Return every table that figures came from, down to the digest of the bytes."""
    return _render("sources.html.j2", language, profile=profile, shown=SHOWN_DIGEST)


def plot(bundle: Mapping[str, Any], plot_id: str) -> str:
    """Return a plotly figure as HTML: a place for the script to draw in, and its table.

    Parameters
    ----------
    bundle : mapping
        The mimebundle of a `Figure`, as a notebook stores it.
    plot_id : str
        Unique in its page and the same in every run.

    Returns
    -------
    str
        A `figure` element; its alternative text and table remain where no script runs.
    """
    figure = bundle[PLOTLY_TYPE]
    layout = dict(figure["layout"])
    meta = layout.pop("meta")
    rows = tuple(tuple(row) for row in meta["table"]["rows"])
    table = Table(meta["table"]["caption"], tuple(meta["table"]["columns"]), rows)
    drawn = compact({"data": figure["data"], "layout": layout})
    return _ENVIRONMENT.get_template("plot.html.j2").render(
        plot_id=plot_id,
        alt=meta["alt"],
        height=layout["height"],
        figure=_json(drawn),
        table=_html(table_html(table)),
    )


def side_by_side(pictures: Sequence[str]) -> str:
    """Return pictures, already HTML, beside each other where there is room."""
    return f'<div class="gallery">{"".join(pictures)}</div>'


def page(
    blocks: Iterable[str],
    *,
    title: str,
    edition: str,
    language: Language,
    plotly: str = "",
    index: str = "",
    notebook: str = "",
    figures: str = "",
) -> str:
    """Return a whole page around its blocks of HTML.

    Parameters
    ----------
    blocks : iterable of str
        The parts in order, already HTML.
    title : str
        Of the document, in plain text.
    edition : str
        Named in the foot of the page.
    language : Language
        Of the reader.
    plotly : str
        Address of the shared plotly script; without it the tables stand for the figures.
    index : str
        Address of the page that lists all municipalities, empty where there is none.
    notebook, figures : str
        Addresses of the executed notebook and the table of figures, to go on with.

    Returns
    -------
    str
        The document, with style and script inside and no request but that for plotly.
    """
    return _render(
        "page.html.j2",
        language,
        blocks=_html("\n".join(blocks)),
        base=_json(shared()),
        title=title,
        edition=edition,
        plotly=plotly,
        index=index,
        notebook=notebook,
        figures=figures,
        css=_asset("report.css"),
        script=_asset("page.js") if plotly else "",
    )


def index(
    country: Country,
    entries: Sequence[Entry],
    shapes: MapShapes,
    edition: str,
    language: Language,
) -> str:
    """Return the page that lists the municipalities of a country, with a search and a map.

    Parameters
    ----------
    country : Country
        Whose municipalities they are.
    entries : sequence of Entry
        The reports there are; a municipality without one is drawn but not linked.
    shapes : MapShapes
        The country's boundaries.
    edition : str
        Named in the heading.
    language : Language
        Of the reader.

    Returns
    -------
    str
        The document; list and map work without a script, the search needs one.
    """
    order = sorted(entries, key=lambda e: language.sort_key(e.geo.name(language.code)))
    return _render(
        "index.html.j2",
        language,
        country=words.country_name(country, language),
        entries=order,
        links={entry.geo.id: entry for entry in entries},
        shapes=shapes,
        edition=edition,
        css=_asset("report.css") + "\n" + _asset("index.css"),
        script=_asset("index.js"),
    )


def _both_sexes(line: Line) -> bool:
    return all(s in line.by_sex and line.by_sex[s].value is not None for s in ("female", "male"))


def _html(text: str) -> Markup:
    """Return text that is HTML already: made here or by the charts, where all data is escaped."""
    return Markup(text)


@cache
def _asset(name: str) -> Markup:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    if name.endswith(".css"):  # every page carries it: no comments, no indents
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        text = re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", text)).replace("}", "}\n")
    return _html(text.strip())


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _render(template: str, language: Language, **context: object) -> str:
    names: dict[str, object] = {
        "language": language,
        "say": language.say,
        "words": words,
        "num": partial(_number, language),
        "change": partial(_change, language),
        "raw": _raw,
        "sentence": sentence,
        "labels": lambda *names: _html(labels(*names)),
        "mark": lambda line: _html(marks.symbol(marks.kind(line))),
        "text_of": partial(_text_of, language),
    }
    html = _ENVIRONMENT.get_template(template).render(names | context)
    return "\n".join(line for line in html.splitlines() if line.strip()) + "\n"


def _past(profile: Profile) -> bool:
    """Return whether the strategy had ended by the year that the edition is named after."""
    year = profile.edition[:4]
    return year.isdigit() and profile.framework.last_year < int(year)


def _text_of(language: Language, indicator: Indicator) -> object:
    return words.text_of(indicator, language)


def _number(language: Language, text: str, sign: str = "") -> Markup:
    """Return a formatted number whose decimal mark aligns with those above and below."""
    return _html(decimal(text, language, sign))


def _json(data: object) -> Markup:
    """Return `data` for a script element, which must not hold the start of a tag."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return _html(text.replace("<", "\\u003c"))


def _change(language: Language, change: Change | None, line: Line) -> str:
    """Return a signed difference, or a dash where there is no earlier period."""
    if change is None:
        return words.NO_VALUE
    return language.number(change.difference, line.indicator.decimals, signed=True)


def _raw(value: float | None) -> str:
    """Return a number for machines: all its digits, or nothing."""
    return "" if value is None else repr(float(value))
