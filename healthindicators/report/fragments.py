"""The parts of a report as HTML: what a reader sees of a profile, in the reader's language.

Templates hold the layout and the sentences, this module chooses what they say. Everything that
comes from data is escaped; an undefined name in a template is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import orjson
from markupsafe import Markup, escape

from healthindicators.charts import layout, marks, words
from healthindicators.charts.barometer import labels
from healthindicators.charts.figure import PLOTLY_TYPE, Table
from healthindicators.charts.map import MapShapes
from healthindicators.model import Country, Geo, Polarity, Role
from healthindicators.profile import Line, Profile, Same, Section
from healthindicators.report import rows
from healthindicators.report.inside import known, tables
from healthindicators.report.templating import TEMPLATES, filled, markup, render
from healthindicators.text import Language

NOTEBOOK_STYLE = '<style class="notebook">'

_FROM_DEATHS = {"directly-standardised-rate", "life-expectancy"}
"""Methods that only a country with deaths by age has figures from."""

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
    return render(
        "heading.html.j2",
        language,
        {
            "name": profile.geo.name(language.code),
            "facts": markup("\n".join(rows.fact(fact, language) for fact in profile.facts)),
            "region": profile.region.name(language.code),
            "group": profile.group.name(language.code),
        },
        region_word=words.region_word(profile.country, language),
        about=words.in_language(profile.framework.text, language),
        edition=profile.edition,
        facts_known=bool(profile.facts),
        ended=profile.framework.last_year if _past(profile) else None,
    )


def in_brief(profile: Profile, language: Language) -> str:
    """Return what stands out, better and worse, and how to read it."""
    found, say = standing(profile), language.say
    country = words.country_name(profile.country, language)
    verdicts, none = bool(found.better or found.worse), say("None.")
    none_tested = say("None of those with an interval.")
    context = "; ".join(rows.condition(line, country, language) for line in found.context)
    return render(
        "in_brief.html.j2",
        language,
        {
            "name": profile.geo.name(language.code),
            "all": str(len(profile.lines)),
            "known": str(len(profile.lines) - len(found.absent)),
            "tested": str(len(found.tested)),
            "better": _named(found.better, none_tested, country, language),
            "worse": _named(found.worse, none_tested, country, language),
            "best": _named(found.best, none, country, language),
            "worst": _named(found.worst, none, country, language),
            "context": markup(context),
        },
        complete=not found.absent,
        empty=len(found.absent) == len(profile.lines),
        country=country,
        untested=not found.tested,
        dependent=len(found.tested) > 1,
        verdicts=verdicts,
        no_verdict=bool(found.tested) and not verdicts,
        context_known=bool(found.context),
    )


def _named(lines: Sequence[Line], none: str, country: str, language: Language) -> Markup:
    """Return the first few of some lines as a list, or what stands there where there are none."""
    if not lines:
        return markup(f'<p class="none">{escape(none)}</p>\n')
    items = "".join(rows.named(line, country, language) for line in lines[:MOST_NAMED])
    more = ""
    if len(lines) > MOST_NAMED:
        count = len(lines) - MOST_NAMED
        note = language.say("And {count} more, in the picture below.", count=count)
        more = f'<p class="note">{escape(note)}</p>'
    return markup(f'<ul class="named">\n{items}</ul>\n{more}')


def standing(profile: Profile) -> Standing:
    """Return which indicators stand out.

    An indicator is named once: by its interval where that allows a verdict, and by its fifth only
    where there is no interval. Neutral indicators are never better or worse. A fifth of the few
    municipalities that a table covers is no fifth of the country's.
    """
    judged = [line for line in profile.lines if line.indicator.polarity is not Polarity.NEUTRAL]
    known = sorted((line for line in judged if line.value.value is not None), key=_nearness)
    by_kind: dict[str, list[Line]] = {kind: [] for kind in marks.KINDS}
    for line in known:
        by_kind[marks.kind(line)].append(line)
    most = max((line.position.count for line in profile.lines if line.position), default=0)
    alone = [
        (line, line.position)
        for line in by_kind["place"]
        if line.position and 2 * line.position.count >= most
    ]
    best, worst = ([line for line, at in alone if at.fifth == fifth] for fifth in (1, 5))
    named = [*by_kind["better"], *by_kind["worse"], *best, *worst]
    return Standing(
        better=tuple(by_kind["better"]),
        worse=tuple(by_kind["worse"]),
        best=tuple(best),
        worst=tuple(worst),
        similar=tuple(by_kind["similar"]),
        absent=tuple(line for line in profile.lines if line.value.value is None),
        tested=tuple(line for line in known if line.value.has_interval),
        context=tuple(line for line in _context(profile) if line not in named)[:MOST_CONTEXT],
    )


def _nearness(line: Line) -> float:
    """Return how near the country a municipality stands, in quartile distances: far ones first."""
    country, spread = line.benchmarks.get("country"), line.spread
    if country is None or spread is None or line.value.value is None:
        return 0.0
    width = spread.upper_quartile - spread.lower_quartile
    difference = abs(line.value.value - (country.value.value or 0.0))
    return -difference / width if width else 0.0


def _context(profile: Profile) -> Iterator[Line]:
    """Yield the indicators that tell the conditions of a place and nowhere what a strategy is after."""
    services = [service for section in profile.sections for service, _ in section.lines]
    after = {service.indicator for service in services if service.role is not Role.CONTEXT}
    served = {service.indicator for service in services} - after
    for line in profile.lines:
        if line.indicator.id in served and line.value.value is not None:
            yield line


def section(profile: Profile, section: Section, language: Language) -> str:
    """Return one strategic area: what was promised, the figures, and what no figure says."""
    original = profile.framework.original_language
    quoted = section.area.text.get(original)
    name, country = profile.geo.name(language.code), words.country_name(profile.country, language)
    benchmarks = {kind: geo.name(language.code) for kind, geo in profile.benchmarks.items()}
    kinds = ("country", *benchmarks)
    heads = (
        f'<th scope="col">{escape(words.breakable(each))}</th>' for each in benchmarks.values()
    )
    # What serves no area has neither a promise nor a reason.
    reasons = [rows.reason(s, line, language) for s, line in section.lines if s.rationale]
    return render(
        "section.html.j2",
        language,
        {
            "place": name,
            "beside": markup("\n".join(heads) or " "),
            "columns": _columns((name, country, *benchmarks.values()), language),
            "rows": markup(
                "\n".join(rows.key_row(s, line, kinds, language) for s, line in section.lines)
            ),
            "note": _reading(profile, [line for _, line in section.lines], language),
        },
        id=section.area.id,
        text=words.in_language(section.area.text, language),
        quoted=quoted.name if quoted and original != language.code else "",
        original=original,
        country=country,
        reasons=markup("\n".join(reasons)),
        roles=tuple(role for role in Role if any(s.role is role for s, _ in section.lines)),
        measured=bool(section.lines),
        promised=bool(reasons) or not section.lines,
        past=_past(profile),
    )


@lru_cache(maxsize=1 << 7)
def _columns(names: tuple[str, ...], language: Language) -> Markup:
    """Return the names of the columns of key tables, for rows that become cards on a phone."""
    (place, *benchmarks), say = names, language.say
    interval, changes = say("95% interval"), (say("Latest change"), say("Change since first"))
    return markup(labels(place, interval, *benchmarks, say("Place"), *changes))


def _reading(profile: Profile, lines: Sequence[Line], language: Language) -> str:
    """Return how to read the key table of these lines."""
    say, known = language.say, [line for line in lines if line.value.value is not None]
    notes = []
    if not all(line.value.has_interval for line in known):
        notes.append(say("Where no interval is known, its column says why.") + " ")
    if any(not b.published for line in lines for b in line.benchmarks.values()):
        computed = say("{sign} Computed here from the municipalities.", sign=words.DERIVED)
        notes.append(computed + " ")
    if not all(k in line.benchmarks for line in known for k in ("country", *profile.benchmarks)):
        notes.append(say("A benchmark without a figure: too few of its municipalities have one. "))
    return "".join(notes) + say(
        "Place 1 is the best figure, or the highest where neither direction is better. A range of "
        "places comes from figures that are rounded to the same, or from intervals that cannot "
        "tell municipalities apart; without an interval a place is less sure than it looks. A "
        "change may be chance, and in surveys and small municipalities it often is."
    )


def for_whom(profile: Profile, language: Language) -> str:
    """Return the differences between people: women and men, and by education or origin."""
    split = "\n".join(rows.sexes_row(x, language) for x in profile.lines if _both_sexes(x))
    inside = tables(profile, language)
    slots = {
        "name": profile.geo.name(language.code),
        "rows": markup(split),
        "inside": markup(inside or " "),
    }
    return render(
        "for_whom.html.j2",
        language,
        slots,
        split=bool(split),
        divided=bool(profile.inside),
        empty=not any(map(known, profile.inside)),
    )


def definitions(profile: Profile, language: Language) -> str:
    """Return what every indicator means, of whom, how certain it is, and what to beware of."""
    articles = "\n".join(rows.definition(line, language) for line in profile.lines)
    tested = any(line.value.has_interval for line in profile.lines)
    methods = {x.indicator.derivation.method for x in profile.lines if x.indicator.derivation}
    return render(
        "definitions.html.j2",
        language,
        {"articles": markup(articles)},
        tested=tested,
        deaths=bool(methods & _FROM_DEATHS),
    )


def sources(profile: Profile, language: Language) -> str:
    """Return every table that figures came from, down to the digest of the bytes."""
    listed = rows.source_rows(Same(profile.sources), language)
    citation = profile.framework.citation
    return render("sources.html.j2", language, {"rows": markup(listed)}, citation=citation)


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
    return render(
        "page.html.j2",
        language,
        {
            "blocks": markup("\n".join(block.rstrip() for block in blocks)),
            "shared": markup(shared),
            "title": title,
            "index": index,
            "notebook": notebook,
            "figures": figures,
        },
        base=_base(),
        edition=edition,
        plotly=plotly,
        has_shared=bool(shared),
        has_index=bool(index),
        has_notebook=bool(notebook),
        css=_asset("report.css"),
        script=_asset("page.js") if plotly else "",
    )


@cache
def _base() -> Markup:
    return _json(layout.shared())


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
    return filled(
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


@cache
def _asset(name: str) -> Markup:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    if name.endswith(".css"):  # every page carries it: no comments, no indents
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        text = re.sub(r"\s*([{};,>]|: )\s*", lambda m: m[1].strip(), re.sub(r"\s+", " ", text))
        text = text.replace(";}", "}")
    return markup(text.strip())


def _past(profile: Profile) -> bool:
    """Return whether the strategy had ended by the year that the edition is named after."""
    year = profile.edition[:4]
    return year.isdigit() and profile.framework.last_year < int(year)


def _json(data: object) -> Markup:
    """Return `data` for a script element, which must not hold the start of a tag."""
    text = orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()
    return markup(text.replace("<", "\\u003c"))
