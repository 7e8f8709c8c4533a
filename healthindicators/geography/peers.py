"""Municipalities that a provider officially calls similar, as data of a country.

A country's folder may hold `peers.csv` (kind, year, geo, peer): the newest edition of each kind. They
are the provider's choice; the nearest statistical neighbours, in `assess`, are ours.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from healthindicators import countries
from healthindicators.errors import CatalogError, Problem, nearest
from healthindicators.geography import register
from healthindicators.text import message

HEADER = ["kind", "year", "geo", "peer"]

KINDS: Mapping[str, str] = {
    "overall": message("Similar municipalities, overall"),
    "socioeconomic": message("Similar municipalities, by socio-economic conditions"),
}
"""What official peers can be alike in, each with what a reader is told; in the order of telling."""


@dataclass(frozen=True)
class OfficialPeers:
    """The peers of one kind of one municipality: their ids, and of which year the choice is."""

    kind: str
    year: int
    members: tuple[str, ...]


Row = tuple[int, dict[str, str]]
"""A line of the file and its fields."""

_YEAR = re.compile(r"\d{4}", re.ASCII)


@cache
def official_peers(country: str) -> Mapping[str, tuple[OfficialPeers, ...]]:
    """Return for each municipality its official peers, by kind in the order of `KINDS`.

    Returns
    -------
    mapping of str to tuple of OfficialPeers
        By id of the municipality; empty for a country without official peers.

    Raises
    ------
    UnknownCountry
        If there is no folder for it.
    CatalogError
        With every problem of its peers.

    Examples
    --------
    >>> [(peers.kind, peers.year, len(peers.members)) for peers in official_peers("SE")["SE-0180"]]
    [('overall', 2025, 7), ('socioeconomic', 2024, 7)]
    >>> official_peers("DK")
    {}
    """
    known = register.load(country)
    text = _text(country)
    return {} if text is None else parse(known, text)


def parse(known: register.Register, text: str) -> Mapping[str, tuple[OfficialPeers, ...]]:
    """Read official peers from their CSV text; members stay in the order of the file."""
    where = f"peers of {known.country}"
    reader = csv.DictReader(io.StringIO(text))
    if reader.fieldnames != HEADER:
        problem = Problem("the first line is not the header", where, 1, ",".join(HEADER))
        raise CatalogError([problem])
    rows: list[Row] = list(enumerate(reader, start=2))
    problems = [Problem(what, where, line, hint) for line, what, hint in _mistakes(rows, known)]
    if problems:
        raise CatalogError(problems)
    found: dict[tuple[str, str], list[str]] = {}
    years: dict[str, int] = {}
    for _, row in rows:
        found.setdefault((row["geo"], row["kind"]), []).append(f"{known.country}-{row['peer']}")
        years[row["kind"]] = int(row["year"])
    return {
        m.id: tuple(
            OfficialPeers(kind, years[kind], tuple(found[m.code, kind]))
            for kind in KINDS
            if (m.code, kind) in found
        )
        for m in known.municipalities
        if any((m.code, kind) in found for kind in KINDS)
    }


def _mistakes(rows: list[Row], known: register.Register) -> Iterator[tuple[int, str, str]]:
    """Yield the line of everything that is wrong, what it is, and what to do."""
    codes = {m.code: m for m in known.municipalities}
    editions: dict[str, str] = {}
    seen: set[tuple[str, str, str]] = set()
    for line, row in rows:
        if None in row or None in row.values():
            yield line, "more or fewer fields than the header", ""
            continue
        kind, year, pair = row["kind"], row["year"], (row["geo"], row["peer"])
        if kind not in KINDS:
            yield line, f"unknown kind '{kind}'", ", ".join(KINDS)
        if not _YEAR.fullmatch(year):
            yield line, f"'{year}' is not a year", ""
        if editions.setdefault(kind, year) != year:
            yield line, f"a second year of kind '{kind}'", "keep the newest only"
        for code in (code for code in pair if code not in codes):
            yield line, f"unknown municipality '{code}'", ", ".join(nearest(code, codes))
        if pair[0] == pair[1]:
            yield line, f"'{pair[0]}' is its own peer", ""
        if (kind, *pair) in seen:
            yield line, f"'{pair[1]}' stands twice beside '{pair[0]}'", ""
        seen.add((kind, *pair))


def _text(country: str) -> str | None:
    """Return the text of a country's peers, or nothing where its folder holds none."""
    for folder in files(countries).iterdir():
        about = folder / "country.toml"
        if not about.is_file() or tomllib.loads(about.read_text("utf-8")).get("id") != country:
            continue
        file = folder / "peers.csv"
        return file.read_text("utf-8") if file.is_file() else None
    return None
