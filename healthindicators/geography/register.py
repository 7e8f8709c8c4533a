"""The register of geos: which there are, when they are valid, and what people call them.

`valid_from` and `valid_to` are calendar years, both included; no `valid_to` means that the code is
still in use. Changes are made on 1 January, so a code that ends with 2023 holds for every figure of
2023, and one that begins in 2024 for a count on 1 January 2024, which is a figure of 2024. A period
of several years has the codes of its last one: that is the year that callers of `valid` ask for.
A code that had begun before the first year of the register says that year, or 0 where no figure could
be older.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np

from healthindicators import countries
from healthindicators.errors import CatalogError, ParameterError, Problem, UnknownMunicipality
from healthindicators.geography import changes as code_changes
from healthindicators.geography.changes import FOREVER, Change, Kind
from healthindicators.model import Geo, Level

if TYPE_CHECKING:
    import pandas as pd

_JOINED = re.compile("[-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}\N{EM DASH}/]")
"""What may stand between the parts of a name."""

_SPELLINGS = (
    {"å": "aa", "æ": "ae", "ø": "oe", "ä": "ae", "ö": "oe", "é": "e"},
    {"å": "a", "æ": "ae", "ø": "o", "ä": "a", "ö": "o", "é": "e", "aa": "a"},
)
"""Ways to write Nordic letters on a keyboard without them."""

_SAMI = {"đ": "d", "ŋ": "n", "ŧ": "t"}
"""Sami letters that are no Latin letter with a mark."""


@dataclass(frozen=True)
class Register:
    """The geos of one country, those that have ended among them, and what became of each."""

    country: str
    geos: tuple[Geo, ...]
    changes: tuple[Change, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Geo]:
        """Every geo by id."""
        return {geo.id: geo for geo in self.geos}

    def __getitem__(self, id: str) -> Geo:
        return self.by_id[id]

    @cached_property
    def municipalities(self) -> tuple[Geo, ...]:
        """Today's municipalities, in order of code."""
        return self.edition(FOREVER)

    @cached_property
    def former(self) -> tuple[Geo, ...]:
        """Municipalities whose codes have ended, in order of code."""
        found = [g for g in self.geos if g.level is Level.MUNICIPALITY and g.valid_to != FOREVER]
        return tuple(sorted(found, key=lambda g: g.code))

    def edition(self, year: int) -> tuple[Geo, ...]:
        """Return the municipalities whose codes are valid in a year, in order of code."""
        found = [
            g
            for g in self.geos
            if g.level is Level.MUNICIPALITY and g.valid_from <= year <= g.valid_to
        ]
        return tuple(sorted(found, key=lambda g: g.code))

    @cached_property
    def names(self) -> frozenset[str]:
        """All names of geos, those that have ended among them."""
        return frozenset(name for geo in self.geos for name in (*geo.names.values(), *geo.aliases))

    @cached_property
    def by_spelling(self) -> dict[str, list[Geo]]:
        """Municipalities by everything that people write for them, folded."""
        return _by_spelling(self.municipalities)

    @cached_property
    def former_by_spelling(self) -> dict[str, list[Geo]]:
        """Municipalities whose codes have ended, by everything that people write for them."""
        return _by_spelling(self.former)

    def fate(self, geo: Geo) -> str:
        """Return what became of a municipality whose code has ended, in one sentence."""
        today = code_changes.carried(self.changes, [geo.id], geo.valid_to)[geo.id]
        asked = _listed(sorted(today), "or")
        return f"{geo.code} {geo.name('')} {self._became(geo)}: ask for {asked}."

    def _became(self, geo: Geo) -> str:
        """Return what became of it, step by step; renumberings in a row are told as the last one."""
        steps = [c for c in self.changes if c.old == geo.id and c.year == geo.valid_to + 1]
        if len(steps) > 1:
            parts = _listed((_told(self.by_id[c.new]) for c in steps), "and")
            return f"was split in {steps[0].year} between {parts}"
        step, new = steps[0], self.by_id[steps[0].new]
        if step.kind is Kind.RENUMBER:
            if new.valid_to == FOREVER:
                return f"has been {_told(new)} since {step.year}"
            if self._renumbered(new):
                return self._became(new)
        verb = "became" if step.kind is Kind.RENUMBER else "became part of"
        rest = "" if new.valid_to == FOREVER else f", which {self._became(new)}"
        return f"{verb} {_told(new)} in {step.year}{rest}"

    def _renumbered(self, geo: Geo) -> bool:
        kinds = {c.kind for c in self.changes if c.old == geo.id and c.year == geo.valid_to + 1}
        return kinds == {Kind.RENUMBER}

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
        """Return whom a municipality is held against: country, region and group, by kind.

        A region or a group of one municipality alone is left out: it would be held against itself.
        """
        found = {"country": self.nation}
        for kind, id in (("region", geo.region), ("group", geo.group)):
            if self._sizes[id] > 1:
                found[kind] = self.by_id[id]
        return found

    @cached_property
    def _sizes(self) -> Counter[str]:
        """How many of today's municipalities each region and group has."""
        return Counter(id for m in self.municipalities for id in (m.region, m.group) if id)

    def benchmark_ids(self, kind: str) -> dict[str, str]:
        """Return the id of one kind of benchmark for every municipality that has it."""
        each = ((m.id, self.benchmarks(m).get(kind)) for m in self.municipalities)
        return {id: found.id for id, found in each if found is not None}

    def known(self, ids: pd.Series) -> pd.Series:
        """Return for each id whether the register has it."""
        return ids.isin(list(self.by_id))

    def valid(self, ids: pd.Series, years: pd.Series) -> pd.Series:
        """Return for each id whether it is valid in the year beside it, first and last included."""
        # A million rows hold some hundred ids: each is looked up once.
        rows, found = ids.factorize(use_na_sentinel=False)
        spans = {g.id: (g.valid_from, g.valid_to) for g in self.geos}
        known = [spans.get(id, (FOREVER, 0)) for id in found]
        first, last = np.array(known, np.int64).reshape(-1, 2)[rows].T
        return years.ge(first) & years.le(last)


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
    home = countries.home(country)
    return parse(country, home.register, home.changes)


def parse(country: str, text: str, changes: str = "") -> Register:
    """Read a register and its changes from their CSV texts.

    Names are columns `name_<language>`, the first is the country's own. A country whose codes have
    not changed has no text of changes.

    Raises
    ------
    CatalogError
        With every problem of both.
    """
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
    changed: tuple[Change, ...] = ()
    if not problems:
        changed, problems = code_changes.parse(country, changes, geos)
    if problems:
        raise CatalogError(problems)
    return Register(country, tuple(geos), changed)


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
        valid_to=int(row["valid_to"] or FOREVER),
    )


def find_municipality(name: object, registers: Iterable[Register]) -> Geo:
    """Return the municipality that an id, a code or a name in any spelling stands for.

    Raises
    ------
    ParameterError
        If `name` is a number (its leading zeros are lost) or fits several municipalities.
    UnknownMunicipality
        If it fits none: with the nearest names, or with what became of it if its code has ended.
    """
    if not isinstance(name, str):
        raise ParameterError(
            f'The municipality arrived as {name!r}, not as text. Codes are text: write "{name}" '
            "in quotation marks (and with its leading zeros)."
        )
    known = list(registers)
    wanted = spellings(name.strip())
    fitting = {
        m.id: m for register in known for form in wanted for m in register.by_spelling.get(form, ())
    }
    if len(fitting) > 1:
        # Habo and Håbo are two: who writes a name as it is written means that one.
        bare = _bare(name.strip().casefold())
        exact = {id: m for id, m in fitting.items() if bare in _written(m)}
        fitting = exact if len(exact) == 1 else fitting
    if len(fitting) > 1:
        which = ", ".join(f"{id} {fitting[id].name('')}" for id in sorted(fitting))
        raise ParameterError(f"'{name}' fits several municipalities: {which}. Give the id.")
    if not fitting:
        offers = _offers(m for r in known for m in r.municipalities)
        became = " ".join(fate for register in known for fate in _fates(register, wanted))
        raise UnknownMunicipality(name, offers, became)
    return next(iter(fitting.values()))


def _fates(register: Register, wanted: frozenset[str]) -> Iterator[str]:
    """Yield what became of former municipalities, each story once and from its beginning."""
    fitting = {g.id: g for form in wanted for g in register.former_by_spelling.get(form, ())}
    later = {c.new for c in register.changes if c.old in fitting and c.kind is Kind.RENUMBER}
    for id in sorted(fitting.keys() - later):
        yield register.fate(fitting[id])


def _written(geo: Geo) -> frozenset[str]:
    return frozenset(x.casefold() for x in (geo.id, geo.code, *geo.names.values(), *geo.aliases))


def _told(geo: Geo) -> str:
    return f"{geo.code} {geo.name('')}"


def _listed(texts: Iterable[str], word: str) -> str:
    *first, last = texts
    return f"{', '.join(first)} {word} {last}" if first else last


def _by_spelling(geos: Iterable[Geo]) -> dict[str, list[Geo]]:
    found: dict[str, list[Geo]] = {}
    for geo in geos:
        for spelling in _spellings(geo):
            found.setdefault(spelling, []).append(geo)
    return found


def _spellings(geo: Geo) -> frozenset[str]:
    """Return id, code and names, and code and name together as lists of codes write them."""
    names = (*geo.names.values(), *geo.aliases)
    both = (text for name in names for text in (f"{geo.code} {name}", f"{name} {geo.code}"))
    return frozenset().union(*(spellings(name) for name in (geo.id, geo.code, *names, *both)))


def spellings(name: str) -> frozenset[str]:
    """Return `name` in small letters, as written and in each spelling without Nordic letters.

    Marks of Sami letters may be left out as well.
    """
    plain = unicodedata.normalize("NFC", name).casefold()
    plain = _bare(" ".join(_JOINED.sub(" ", plain).split()))
    forms = {plain}
    for spelling in _SPELLINGS:
        form = plain
        for letter, written in spelling.items():
            form = form.replace(letter, written)
        forms.add(form)
    return frozenset(forms | {_unmarked(form) for form in forms})


def _bare(name: str) -> str:
    """Return a name without the word for municipality behind it."""
    return name.removesuffix(" kommune").removesuffix(" kommun")


def _unmarked(text: str) -> str:
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    return "".join(_SAMI.get(c, c) for c in apart if not unicodedata.combining(c))


def _offers(municipalities: Iterable[Geo]) -> Iterator[str]:
    for geo in municipalities:
        yield from (*geo.names.values(), *geo.aliases, geo.id)
