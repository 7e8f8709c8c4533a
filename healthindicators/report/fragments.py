"""The parts of a report as HTML: what a reader sees of a profile, in the reader's language.

Templates hold the layout and the sentences, this module chooses what they say. Everything that
comes from data is escaped; an undefined name in a template is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from healthindicators.charts import layout, marks, words
from healthindicators.charts.barometer import labels
from healthindicators.charts.figure import PLOTLY_TYPE, Table
from healthindicators.charts.map import MapShapes
from healthindicators.model import Country, Geo, Indicator, Polarity, Role
from healthindicators.profile import Line, Profile, Section
from healthindicators.report import rows
from healthindicators.text import Language

TEMPLATES = Path(__file__).parent / "templates"
NOTEBOOK_STYLE = '<style class="notebook">'
_BLOCKS = "\N{OBJECT REPLACEMENT CHARACTER}\n"
"""Where the blocks of a page go."""

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


@cache
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
        rows=_html("\n".join(rows.key_row(s, line, language) for s, line in section.lines)),
        reasons=_html("\n".join(rows.reason(s, line, language) for s, line in section.lines)),
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
    split = "\n".join(rows.sexes_row(x, language) for x in profile.lines if _both_sexes(x))
    return _render("for_whom.html.j2", language, profile=profile, rows=_html(split))


def definitions(profile: Profile, language: Language) -> str:
    """Return what every indicator means, of whom, how certain it is, and what to beware of."""
    articles = "\n".join(rows.definition(line, language) for line in profile.lines)
    return _render("definitions.html.j2", language, articles=_html(articles))


def sources(profile: Profile, language: Language) -> str:
    """Return every table that figures came from, down to the digest of the bytes."""
    listed = "\n".join(rows.source_row(source, language) for source in profile.sources)
    return _render("sources.html.j2", language, profile=profile, rows=_html(listed))


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
    own = dict(figure["layout"])
    meta = own.pop("meta")
    rows = tuple(tuple(row) for row in meta["table"]["rows"])
    table = Table(meta["table"]["caption"], tuple(meta["table"]["columns"]), rows)
    drawn = layout.compact({"data": figure["data"], "layout": own})
    return (
        f'<figure class="plotted"><div class="plot" id="{plot_id}" role="img" '
        f'aria-label="{escape(meta["alt"])}" data-height="{own["height"]}"></div>'
        f'<script type="application/json" data-figure="{plot_id}">{_json(drawn)}</script>'
        f"{table.html}</figure>"
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
    shared: str = "",
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
    shared : str
        What the blocks refer to, already HTML.
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
    # The frame alone is rendered: a copy of all blocks costs more than everything else here.
    head, _, foot = _render(
        "page.html.j2",
        language,
        blocks=_html(_BLOCKS),
        shared=_html(shared),
        base=_json(layout.shared()),
        title=title,
        edition=edition,
        plotly=plotly,
        index=index,
        notebook=notebook,
        figures=figures,
        css=_asset("report.css"),
        script=_asset("page.js") if plotly else "",
    ).partition(_BLOCKS)
    return "".join([head, *(f"{block.rstrip()}\n" for block in blocks), foot])


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
        text = re.sub(r"\s*([{};,>]|: )\s*", lambda m: m[1].strip(), re.sub(r"\s+", " ", text))
        text = text.replace(";}", "}")
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


def _json(data: object) -> Markup:
    """Return `data` for a script element, which must not hold the start of a tag."""
    text = orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()
    return _html(text.replace("<", "\\u003c"))
