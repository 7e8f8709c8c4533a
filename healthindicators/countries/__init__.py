"""Where figures come from, one folder a country: its sources, its tables, its register of geos.

A folder holds `country.toml`, `tables/*.toml`, `register.csv`, and `changes.csv` where codes of its
municipalities have changed. Folders are walked: a new country is one folder and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from healthindicators import declarations
from healthindicators.errors import CatalogError, Problem, UnknownCountry
from healthindicators.model import Country, Feed, Table
from healthindicators.vocabulary import BASES, REASONS, ROLES


@dataclass(frozen=True)
class Home:
    """A country with its tables and the texts of its register and of the changes of its codes."""

    country: Country
    tables: tuple[Table, ...]
    register: str
    changes: str = ""


def load_folder(folder: Traversable) -> tuple[Home | None, list[Problem]]:
    """Read one country's folder and return it with every problem found."""
    country, problems = declarations.read(folder / "country.toml", Country)
    tables: list[Table] = []
    for file in sorted((folder / "tables").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".toml"):
            continue
        table, found = declarations.read(file, Table, {"id": file.name.removesuffix(".toml")})
        problems.extend(found)
        if table is not None:
            tables.append(table)
            problems.extend(_table_problems(table, file, country))
    if country is None or problems:
        return None, problems
    register, changes = folder / "register.csv", folder / "changes.csv"
    changed = changes.read_text("utf-8") if changes.is_file() else ""
    return Home(country, tuple(tables), register.read_text("utf-8"), changed), []


def _table_problems(table: Table, file: Traversable, country: Country | None) -> list[Problem]:
    problems = []
    if country is not None and table.source not in country.sources:
        known = ", ".join(country.sources)
        line = declarations.line_of(file, ("source",))
        problems.append(Problem(f"unknown source '{table.source}'", file.name, line, known))
    if table.basis not in BASES:
        line = declarations.line_of(file, ("basis",))
        problems.append(
            Problem(f"unknown basis '{table.basis}'", file.name, line, ", ".join(BASES))
        )
    for number, feed in enumerate(table.feeds):
        for key, reason in (("reason", feed.reason), ("missing", feed.missing)):
            if reason not in REASONS:
                line = declarations.line_of(file, ("feeds", number, key))
                what = f"unknown reason '{reason}'"
                problems.append(Problem(what, file.name, line, ", ".join(REASONS)))
        if any(_same_cells(feed, other) for other in table.feeds[:number]):
            line = declarations.line_of(file, ("feeds", number))
            problems.append(Problem(f"topic '{feed.topic}' is fed twice", file.name, line))
    for number, dimension in enumerate(table.dimensions):
        if dimension.role not in ROLES:
            line = declarations.line_of(file, ("dimensions", number, "role"))
            what = f"unknown role '{dimension.role}'"
            problems.append(Problem(what, file.name, line, ", ".join(ROLES)))
        if dimension.code.casefold() in {d.code.casefold() for d in table.dimensions[:number]}:
            line = declarations.line_of(file, ("dimensions", number, "code"))
            what = f"dimension '{dimension.code}' is declared twice"
            problems.append(Problem(what, file.name, line, "give one of them all its codes"))
    return problems


def _same_cells(feed: Feed, other: Feed) -> bool:
    """Return whether two feeds could be of the same cell."""
    if (feed.topic, feed.measure) != (other.topic, other.measure):
        return False
    return not feed.ages or not other.ages or bool(set(feed.ages) & set(other.ages))


@cache
def load() -> dict[str, Home]:
    """Return every country by id.

    Raises
    ------
    CatalogError
        With every problem of every folder.
    """
    homes: dict[str, Home] = {}
    problems: list[Problem] = []
    for folder in sorted(files(__name__).iterdir(), key=lambda f: f.name):
        if folder.is_dir() and (folder / "country.toml").is_file():
            home, found = load_folder(folder)
            problems.extend(found)
            if home is not None:
                homes[home.country.id] = home
    if problems:
        raise CatalogError(problems)
    return homes


def home(country: str) -> Home:
    """Return one country.

    Raises
    ------
    UnknownCountry
        If there is no folder for it.
    """
    if country not in load():
        raise UnknownCountry(country, load())
    return load()[country]
