"""What a report is asked for: checked before anything runs, since papermill only warns."""

from __future__ import annotations

import re
from dataclasses import dataclass

from healthindicators import catalog, countries, geography, snapshots
from healthindicators.errors import ParameterError
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
    """
    for name, given in (("language", language_code), ("framework", framework)):
        if not isinstance(given, str):
            raise ParameterError(f"The {name} arrived as {given!r}, not as text.")
    if isinstance(edition, bool) or not isinstance(edition, str | int):
        raise ParameterError(f'The edition arrived as {edition!r}, not as text such as "2026".')
    registers = [geography.load(id) for id in countries.load()]
    geo = geography.find_municipality(municipality, registers)
    country = countries.home(geo.id.partition("-")[0]).country
    chosen = str(edition) or snapshots.read_lock(workspace).edition
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z-]*", chosen):
        raise ParameterError(f"The edition '{chosen}' is not a plain word such as 2026.")
    return Request(
        geo=geo,
        country=country,
        language=language(language_code or country.languages[0]),
        framework=catalog.load().framework(framework or country.framework),
        edition=chosen,
    )
