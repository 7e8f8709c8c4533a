"""What is measured and why: indicators and frameworks, one TOML each, checked when loaded.

The catalogue knows no country's tables. All problems of all files are raised at once, each with its
file and line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from healthindicators import declarations
from healthindicators.catalog.checks import framework_problems, indicator_problems
from healthindicators.errors import CatalogError, Problem, UnknownFramework, UnknownIndicator
from healthindicators.model import Framework, Indicator


@dataclass(frozen=True)
class Catalog:
    """Every indicator and every framework by id."""

    indicators: Mapping[str, Indicator]
    frameworks: Mapping[str, Framework]

    def indicator(self, id: str) -> Indicator:
        """Return an indicator, or raise `UnknownIndicator` with the nearest ids."""
        if id not in self.indicators:
            raise UnknownIndicator(id, self.indicators)
        return self.indicators[id]

    def needed(self, *ids: str) -> frozenset[str]:
        """Return indicators and all that they are computed from, step by step."""
        found: set[str] = set()
        waiting = list(ids)
        while waiting:
            id = waiting.pop()
            derivation = self.indicators[id].derivation
            if id not in found and derivation:
                waiting += filter(None, (derivation.numerator, derivation.denominator))
            found.add(id)
        return frozenset(found)

    def framework(self, id: str) -> Framework:
        """Return a framework, or raise `UnknownFramework` with the nearest ids."""
        if id not in self.frameworks:
            raise UnknownFramework(id, self.frameworks)
        return self.frameworks[id]


@cache
def load() -> Catalog:
    """Return the catalogue of the package.

    Raises
    ------
    CatalogError
        With every problem of every file.
    """
    return load_folder(files(__name__))


def load_folder(folder: Traversable) -> Catalog:
    """Return the catalogue in a folder that holds `indicators/` and `frameworks/`."""
    problems: list[Problem] = []
    indicators: dict[str, Indicator] = {}
    for id, file in _tomls(folder / "indicators"):
        indicator, found = declarations.read(file, Indicator, {"id": id})
        problems.extend(found)
        if indicator is not None:
            indicators[id] = indicator
    for id, file in _tomls(folder / "indicators"):
        if id in indicators:
            problems.extend(indicator_problems(indicators[id], file, indicators))
    frameworks: dict[str, Framework] = {}
    known = [id for id, _ in _tomls(folder / "indicators")]
    for id, file in _tomls(folder / "frameworks"):
        framework, found = declarations.read(file, Framework, {"id": id})
        problems.extend(found)
        if framework is not None:
            frameworks[id] = framework
            problems.extend(framework_problems(framework, file, known))
    if problems:
        raise CatalogError(problems)
    return Catalog(indicators, frameworks)


def _tomls(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            yield file.name.removesuffix(".toml"), file
