"""Which tables a command is about: those of a country, of an indicator, of a service."""

from __future__ import annotations

from dataclasses import dataclass

from healthindicators import catalog, countries, geography, protocols
from healthindicators.errors import UnknownName, UserError, together
from healthindicators.formats import Cube
from healthindicators.model import Country, Source, Table
from healthindicators.protocols import Answered, Ask, Conversation
from healthindicators.snapshots import table_key


class UnknownTable(UnknownName):
    """A table that no country has."""

    kind = "table"


@dataclass(frozen=True)
class Bound:
    """A table with the source it is read from and the country it belongs to."""

    country: Country
    source: Source
    table: Table

    @property
    def key(self) -> str:
        """The name that it is pinned under."""
        return table_key(self.country.id, self.table.source, self.table.id)

    @property
    def ask(self) -> Ask:
        """What a protocol is asked for."""
        return Ask(self.source, self.table, geography.load(self.country.id).names)

    @property
    def speaker(self) -> Conversation:
        """The protocol that speaks to its source."""
        return protocols.protocol(self.source.protocol)

    @property
    def is_figures(self) -> bool:
        """Whether a protocol reads it; boundaries and registers have readers of their own."""
        return bool(self.table.feeds) or self.source.is_live

    def read(self, answered: Answered) -> Cube:
        """Return the cells of an answered conversation, or raise what `protocols` says."""
        return self.speaker.read(self.ask, answered, where=self.key)


def bound(country: str = "", table: str = "") -> tuple[Bound, ...]:
    """Return the tables of a country, or of all; where `table` is named, those of that id.

    Raises
    ------
    UnknownCountry, UnknownName
        If there is no such country or table.
    """
    homes = [countries.home(country)] if country else list(countries.load().values())
    tables = tuple(
        Bound(home.country, home.country.sources[t.source], t)
        for home in homes
        for t in home.tables
    )
    if not table:
        return tables
    named = tuple(b for b in tables if table in (b.table.id, b.key))
    if not named:
        raise UnknownTable(table, sorted({b.table.id for b in tables}))
    return named


def live(country: str = "", indicator: str = "", table: str = "") -> tuple[Bound, ...]:
    """Return the tables of services that are wanted, an indicator's inputs among them.

    Raises
    ------
    UnknownCountry, UnknownIndicator, UnknownName, Mistakes
        If a name is unknown, or several are.
    UserError
        If what is named comes from files only, so that nothing can be asked.
    """
    declared = catalog.load()
    tables, wanted = together(
        lambda: bound(country, table),
        lambda: declared.needed(declared.indicator(indicator).id) if indicator else (),
    )
    if indicator:
        tables = tuple(b for b in tables if any(f.indicator in wanted for f in b.table.feeds))
    asked = tuple(b for b in tables if b.source.is_live)
    if not asked and (indicator or table):
        of = " of ".join(filter(None, (table or indicator, country)))
        raise UserError(
            f"No service is asked for '{of}': its figures come from the starter snapshots, or it is "
            "computed from such. `healthindicators status` lists every table."
        )
    return asked
