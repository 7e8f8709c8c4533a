"""The register of geos: which there are, when they are valid, and what people call them."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from healthindicators import countries
from healthindicators.errors import CatalogError, ParameterError, Problem, UnknownMunicipality
from healthindicators.model import Geo, Level

if TYPE_CHECKING:
    import pandas as pd

_SPELLINGS = (
    {"å": "aa", "æ": "ae", "ø": "oe", "ä": "ae", "ö": "oe", "é": "e"},
    {"å": "a", "æ": "ae", "ø": "o", "ä": "a", "ö": "o", "é": "e", "aa": "a"},
)
"""Ways to write Nordic letters on a keyboard without them."""


@dataclass(frozen=True)
class Register:
    """The geos of one country."""

    country: str
    geos: tuple[Geo, ...]

    @cached_property
    def by_id(self) -> dict[str, Geo]:
        """Every geo by id."""
        return {geo.id: geo for geo in self.geos}

    def __getitem__(self, id: str) -> Geo:
        return self.by_id[id]

    @cached_property
    def municipalities(self) -> tuple[Geo, ...]:
        """Today's municipalities, in order of code."""
        found = [g for g in self.geos if g.level is Level.MUNICIPALITY and g.valid_to == 9999]
        return tuple(sorted(found, key=lambda g: g.code))

    @cached_property
    def by_spelling(self) -> dict[str, list[Geo]]:
        """Municipalities by everything that people write for them, folded."""
        found: dict[str, list[Geo]] = {}
        for geo in self.municipalities:
            for spelling in _spellings(geo):
                found.setdefault(spelling, []).append(geo)
        return found

    @cached_property
    def nation(self) -> Geo:
        """The country itself."""
        return next(g for g in self.geos if g.level is Level.COUNTRY)

    def members(self, geo: Geo) -> tuple[Geo, ...]:
        """Return the municipalities of a region, a group or the country."""
        if geo.level is Level.COUNTRY:
            return self.municipalities
        return tuple(m for m in self.municipalities if geo.id in (m.region, m.group))

    def benchmarks(self, geo: Geo) -> dict[str, Geo]:
        """Return whom a municipality is held against: country, region and group, by kind."""
        found = {"country": self.nation}
        for kind, id in (("region", geo.region), ("group", geo.group)):
            if id:
                found[kind] = self.by_id[id]
        return found

    def benchmark_ids(self, kind: str) -> dict[str, str]:
        """Return the id of one kind of benchmark for every municipality that has it."""
        each = ((m.id, self.benchmarks(m).get(kind)) for m in self.municipalities)
        return {id: found.id for id, found in each if found is not None}

    def known(self, ids: pd.Series) -> pd.Series:
        """Return for each id whether the register has it."""
        return ids.isin(list(self.by_id))

    def valid(self, ids: pd.Series, years: pd.Series) -> pd.Series:
        """Return for each id whether it is valid in the year beside it."""
        first = ids.map({g.id: g.valid_from for g in self.geos})
        last = ids.map({g.id: g.valid_to for g in self.geos})
        return (first <= years) & (years <= last)


@cache
def load(country: str) -> Register:
    """Return the register of a country.

    Raises
    ------
    UnknownCountry
        If there is no folder for it.
    CatalogError
        With every problem of its register.
    """
    return parse(country, countries.home(country).register)


def parse(country: str, text: str) -> Register:
    """Read a register from its CSV text; names are columns `name_<language>`, the first is its own."""
    geos: list[Geo] = []
    problems: list[Problem] = []
    where = f"register of {country}"
    for line, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        if None in row or None in row.values():
            problems.append(Problem("more or fewer fields than the header", where, line))
            continue
        try:
            geos.append(_geo(country, row))
        except (KeyError, ValueError) as error:
            problems.append(Problem(f"not a geo: {error}", where, line))
    ids = Counter(geo.id for geo in geos)
    for geo in geos:
        if ids[geo.id] > 1:
            problems.append(Problem(f"'{geo.id}' stands twice", where))
        for parent in filter(None, (geo.region, geo.group)):
            if parent not in ids:
                problems.append(Problem(f"'{geo.id}' lies in '{parent}', which is absent", where))
    if problems:
        raise CatalogError(problems)
    return Register(country, tuple(geos))


def _geo(country: str, row: dict[str, str]) -> Geo:
    level = Level(row["level"])
    names = {key[5:]: name for key, name in row.items() if key.startswith("name_") and name}
    if not names:
        raise ValueError(f"{row['code']} has no name")
    return Geo(
        id=country if level is Level.COUNTRY else f"{country}-{row['code']}",
        code=row["code"],
        level=level,
        names=names,
        aliases=tuple(filter(None, row["aliases"].split("|"))),
        region=f"{country}-{row['region']}" if row["region"] else "",
        group=f"{country}-{row['group']}" if row["group"] else "",
        valid_from=int(row["valid_from"]),
        valid_to=int(row["valid_to"] or 9999),
    )


def find_municipality(name: object, registers: Iterable[Register]) -> Geo:
    """Return the municipality that an id, a code or a name in any spelling stands for.

    Raises
    ------
    ParameterError
        If `name` is a number (its leading zeros are lost) or fits several municipalities.
    UnknownMunicipality
        With the nearest names, if it fits none.
    """
    if not isinstance(name, str):
        raise ParameterError(
            f'The municipality arrived as {name!r}, not as text. Codes are text: write "{name}" '
            "in quotation marks (and with its leading zeros)."
        )
    known = list(registers)
    wanted = _folded(name.strip())
    fitting = {
        m.id: m for register in known for form in wanted for m in register.by_spelling.get(form, ())
    }
    if len(fitting) > 1:
        which = ", ".join(f"{id} {fitting[id].name('')}" for id in sorted(fitting))
        raise ParameterError(f"'{name}' fits several municipalities: {which}. Give the id.")
    if not fitting:
        raise UnknownMunicipality(name, _offers(m for r in known for m in r.municipalities))
    return next(iter(fitting.values()))


def _spellings(geo: Geo) -> frozenset[str]:
    names = (geo.id, geo.code, *geo.names.values(), *geo.aliases)
    return frozenset().union(*(_folded(name) for name in names))


def _folded(name: str) -> frozenset[str]:
    """Return `name` in small letters, as written and in each spelling without Nordic letters."""
    plain = unicodedata.normalize("NFC", name).casefold()
    plain = " ".join(plain.replace("-", " ").split()).removesuffix(" kommune")
    forms = {plain}
    for spelling in _SPELLINGS:
        form = plain
        for letter, written in spelling.items():
            form = form.replace(letter, written)
        forms.add(form)
    return frozenset(forms)


def _offers(municipalities: Iterable[Geo]) -> Iterator[str]:
    for geo in municipalities:
        yield from (*geo.names.values(), *geo.aliases, geo.id)
