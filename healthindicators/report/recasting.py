"""How figures on the codes of former municipalities came to the one of today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from healthindicators.charts import words
from healthindicators.charts.markup import safe
from healthindicators.model import Country, Geo
from healthindicators.profile import Profile, Recast
from healthindicators.report.templating import markup, render
from healthindicators.text import Language, message

SPLIT_SOURCES = (
    message("estimated from residents 1 January 2019 and 2020 (Statistics Norway 07459)"),
    message("residents 1 January 2024 (Statistics Norway 07459)"),
)
"""What changes of codes say of the weights of their splits."""

_HOW: Mapping[str, str] = {
    "renumbered": message(
        "{indicators}: published under the former code {parts}. The municipality is the same, and "
        "so are the figures."
    ),
    "merged": message(
        "{indicators}: made from the figures of {parts}. Counts are added up, other figures are "
        "weighed by {weights}."
    ),
    "added": message("{indicators}: the counts of {parts} are added up."),
    "split": message(
        "{indicators}: the counts of {parts} are apportioned, because only a part of them became "
        "{name}. The weight is {weights}."
    ),
    "refused": message(
        "{indicators}: published for {parts}, and not carried to {name} where no weight is known: of "
        "a municipality that was split, or of groups within those that were merged."
    ),
}


def part(profile: Profile, language: Language) -> str:
    """Return the chapter, empty where all figures are of today's municipality."""
    if not profile.recast:
        return ""
    told = "\n".join(f"<li>{safe(line)}</li>" for line in _lines(profile, language))
    name = profile.geo.name(language.code)
    return render("recasting.html.j2", language, {"name": name, "rows": markup(told)})


def _lines(profile: Profile, language: Language) -> Iterator[str]:
    for recast in profile.recast:
        kind = "added" if recast.kind == "merged" and not recast.weights else recast.kind
        names = [words.text_of(i, language).short for i in recast.indicators]
        yield language.say(
            _HOW[kind],
            indicators="; ".join(names),
            parts=language.listing(_former(geo, language) for geo in recast.parts),
            weights=_weights(recast, profile.country, language),
            name=profile.geo.name(language.code),
        )


def _former(geo: Geo, language: Language) -> str:
    return f"{geo.code} {geo.name(language.code)}"


def _weights(recast: Recast, country: Country, language: Language) -> str:
    weighing = country.weighing
    said = (
        words.in_language(weighing.names, language)
        if weighing and source == weighing.table
        else language.say(source)
        for source in recast.weights
    )
    return language.listing(said)
