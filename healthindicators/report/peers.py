"""Municipalities that live under like conditions: who they are, why, and how they compare."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from healthindicators import geography
from healthindicators.charts import words
from healthindicators.charts.figure import Table
from healthindicators.charts.markup import safe
from healthindicators.geography.peers import KINDS
from healthindicators.model import Indicator, Period
from healthindicators.profile import Line, Peer, PeerSpread, Profile, Same
from healthindicators.report.templating import markup, render
from healthindicators.text import Language

Beside = tuple[Line, PeerSpread]
"""An indicator of the municipality, and how its neighbours lie in it."""


def part(profile: Profile, language: Language) -> str:
    """Return the nearest statistical neighbours, and how the municipality lies among them.

    Parameters
    ----------
    profile : Profile
        What is known of one municipality.
    language : Language
        Of the reader.

    Returns
    -------
    str
        A section of the page; where there are no neighbours it says why.
    """
    name = profile.geo.name(language.code)
    peers = profile.peers.members if profile.peers else ()
    features = profile.peers.features if profile.peers else ()
    beside = [(line, line.peers) for line in profile.lines if line.peers is not None]
    return render(
        "peers.html.j2",
        language,
        {
            "name": name,
            "group": _group(profile, peers, language),
            "official": markup(_official(profile, language) or " "),
            "rows": markup("\n".join(_row(peer, language) for peer in peers)),
            "outside": markup(_outside(beside, name, language)),
            "table": markup(_table(beside, profile, language).html),
        },
        found=bool(peers),
        compared=bool(beside),
        features="; ".join(_short(feature, language) for feature in features),
    )


def _group(profile: Profile, peers: Sequence[Peer], language: Language) -> str:
    """Return what the official group says beside the neighbours."""
    name, group = profile.geo.name(language.code), profile.group.name(language.code)
    if profile.group in profile.alone_in:
        return language.say(
            "The official group of {name} is {group}, which no other municipality belongs to.",
            name=name,
            group=group,
        )
    if not peers:
        return language.say("The official group of {name} is {group}.", name=name, group=group)
    count = sum(peer.same_group for peer in peers)
    if not count:
        return language.say(
            "The official group of {name} is {group}; none of these municipalities belongs to it.",
            name=name,
            group=group,
        )
    return language.say(
        "The official group of {name} is {group}; {count} of the {all} belong to it.",
        name=name,
        group=group,
        count=count,
        all=len(peers),
    )


def _official(profile: Profile, language: Language) -> str:
    """Return the municipalities that a provider officially calls similar."""
    register = geography.load(profile.country.id)
    lines = []
    for peers in profile.official:
        names = (register[id].name(language.code) for id in peers.members)
        said = language.say(
            "{kind} ({year}): {names}.",
            kind=language.say(KINDS[peers.kind]),
            year=peers.year,
            names=language.listing(sorted(names, key=language.sort_key)),
        )
        lines.append(f"<li>{safe(said)}</li>")
    if not lines:
        return ""
    head = safe(language.say("Official peers, named by the provider and not by us:"))
    return f"<p>{head}</p>\n<ul>{''.join(lines)}</ul>"


def _row(peer: Peer, language: Language) -> str:
    alike = "; ".join(_short(feature, language) for feature in peer.alike)
    stays = language.say("{value}%", value=language.number(100 * peer.stability))
    same = language.say("yes") if peer.same_group else language.say("no")
    cells = (language.number(peer.distance, 2), stays, same, alike, _short(peer.unlike, language))
    return (
        f'<tr><th scope="row">{safe(peer.geo.name(language.code))}</th>'
        f"{''.join(f'<td>{safe(cell)}</td>' for cell in cells)}</tr>"
    )


def _short(indicator: Indicator, language: Language) -> str:
    return words.text_of(indicator, language).short


def _outside(beside: Sequence[Beside], name: str, language: Language) -> str:
    """Return in which indicators the municipality lies beyond all of its neighbours."""
    below, above, inside = [], [], 0
    for line, spread in beside:
        if line.value.value is None:
            continue
        if line.value.value < spread.minimum:
            below.append(_short(line.indicator, language))
        elif line.value.value > spread.maximum:
            above.append(_short(line.indicator, language))
        else:
            inside += 1
    said = language.say(
        "In {inside} of {all} indicators {name} lies within the range of these municipalities.",
        inside=inside,
        all=inside + len(below) + len(above),
        name=name,
    )
    if above:
        names = "; ".join(above)
        said += " " + language.say("Higher than all of them: {names}.", names=names)
    if below:
        names = "; ".join(below)
        said += " " + language.say("Lower than all of them: {names}.", names=names)
    return f"<p>{safe(said)}</p>"


def _table(beside: Sequence[Beside], profile: Profile, language: Language) -> Table:
    say, name = language.say, profile.geo.name(language.code)
    columns = (
        say("Indicator"), name, say("Least"), say("Middle"), say("Greatest"),
        words.country_name(profile.country, language),
    )  # fmt: skip
    caption = say("All indicators side by side", name=name)
    return Table(caption, columns, tuple(_cells(*pair, language) for pair in beside))


def _cells(line: Line, spread: PeerSpread, language: Language) -> tuple[str, ...]:
    indicator, country = line.indicator, line.benchmarks.get("country")
    theirs = (spread.minimum, spread.median, spread.maximum)
    return (
        _named(Same(indicator), line.value.period, language),
        words.number(line.value, indicator, language),
        *(language.number(number, indicator.decimals) for number in theirs),
        words.number(country.value if country else None, indicator, language),
    )


@lru_cache(maxsize=1 << 10)
def _named(indicator: Same[Indicator], period: Period, language: Language) -> str:
    return language.say(
        "{indicator}, {unit}, {period}",
        indicator=words.text_of(indicator.of, language).short,
        unit=words.unit(indicator.of.unit, language),
        period=language.period(period, school_year=indicator.of.school_year),
    )
