"""What a report is asked for: checked before anything runs, since papermill only warns."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from healthindicators import catalog, countries, geography, snapshots
from healthindicators.errors import ParameterError, together
from healthindicators.model import Country, Framework, Geo
from healthindicators.text import Language, language
from healthindicators.workspace import Workspace


@dataclass(frozen=True)
class Request:
    """One report: which municipality, in which language, under which framework and edition."""

    geo: Geo
    country: Country
    language: Language
    framework: Framework
    edition: str

    @property
    def stem(self) -> str:
        """File name of the report without its ending."""
        return f"{self.framework.id}.{self.language.code}"

    def parameters(self) -> dict[str, str]:
        """Return the notebook's parameters."""
        return {
            "municipality": self.geo.id,
            "language": self.language.code,
            "framework": self.framework.id,
            "edition": self.edition,
        }


def resolve(
    workspace: Workspace,
    municipality: object,
    language_code: str = "",
    framework: str = "",
    edition: object = "",
) -> Request:
    """Return the report that is asked for; what is left empty is the country's or the lock's own.

    Raises
    ------
    UnknownMunicipality, UnknownLanguage, UnknownFramework
        With the nearest names.
    ParameterError
        If a code arrives as a number or the edition is not a plain word.
    Mistakes
        If there is more than one of these.
    """
    geo, words, strategy, chosen = together(
        lambda: geography.find_municipality(
            municipality, [geography.load(id) for id in countries.load()]
        ),
        lambda: _named("language", language_code, language),
        lambda: _named("framework", framework, catalog.load().framework),
        lambda: _edition(workspace, edition),
    )
    country = countries.home(geo.id.partition("-")[0]).country
    return Request(
        geo=geo,
        country=country,
        language=words or language(country.languages[0]),
        framework=strategy or catalog.load().framework(country.framework),
        edition=chosen,
    )


def _named(what: str, given: object, find: Callable[[str], Any]) -> Any:
    """Return what a name means; None where it is left empty."""
    if not isinstance(given, str):
        raise ParameterError(f"The {what} arrived as {given!r}, not as text.")
    return find(given) if given else None


def _edition(workspace: Workspace, given: object) -> str:
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise ParameterError(f'The edition arrived as {given!r}, not as text such as "2026".')
    chosen = str(given) or snapshots.read_lock(workspace).edition
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z-]*", chosen):
        raise ParameterError(f"The edition '{chosen}' is not a plain word such as 2026.")
    return chosen
