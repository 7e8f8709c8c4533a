"""The nouns of the project as frozen dataclasses. Standard library only.

Declarations (TOML) are validated straight into these classes, so there is one definition of each.
`__pydantic_config__` is a plain dictionary that tells the validator to refuse unknown keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

_STRICT: dict[str, str] = {"extra": "forbid"}


class Polarity(StrEnum):
    """Which direction is better for health, where one is."""

    HIGHER_IS_BETTER = "higher-is-better"
    LOWER_IS_BETTER = "lower-is-better"
    NEUTRAL = "neutral"


class Measure(StrEnum):
    """What kind of quantity an indicator is."""

    PROPORTION = "proportion"
    RATE = "rate"
    RATIO = "ratio"
    MEAN = "mean"
    INDEX = "index"
    COUNT = "count"
    LIFE_EXPECTANCY = "life-expectancy"


class Role(StrEnum):
    """How an indicator serves a strategic area."""

    DIRECT = "direct"
    PROXY = "proxy"
    CONTEXT = "context"


class Scale(StrEnum):
    """Whether differences of a condition count as they are, or as ratios."""

    PLAIN = "plain"
    LOG = "log"


class Level(StrEnum):
    """What kind of geo a geo is. `special` is in the country's totals but is no municipality."""

    COUNTRY = "country"
    REGION = "region"
    GROUP = "group"
    MUNICIPALITY = "municipality"
    SPECIAL = "special"


@dataclass(frozen=True, order=True)
class Period:
    """First and last calendar year that a number covers.

    Examples
    --------
    >>> Period(2015, 2019).overlaps(Period(2019, 2023))
    True
    """

    first: int
    last: int

    def overlaps(self, other: Period) -> bool:
        """Return whether the two periods share a year."""
        return self.first <= other.last and other.first <= self.last

    @property
    def years(self) -> int:
        """Number of calendar years covered."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class IndicatorText:
    """What an indicator is called and what it means, in one language."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    name: str
    short: str
    definition: str
    population: str
    caveat: str = ""


@dataclass(frozen=True)
class Expectation:
    """The range in which every value of an indicator must lie, in its unit."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    minimum: float
    maximum: float


@dataclass(frozen=True)
class SmallNumbers:
    """Below these limits a computed value is withheld: it would say more of chance, or of persons."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    events: int = 0
    population: int = 0


@dataclass(frozen=True)
class Derivation:
    """A value computed from other indicators by a method that the code names.

    `years` neighbouring calendar years are pooled. `ages` is the age range summed or standardised
    over, such as ``0-74``. `per` is the multiplier of a rate.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    method: str
    numerator: str
    denominator: str = ""
    years: int = 1
    ages: str = "0+"
    per: float = 1.0


@dataclass(frozen=True)
class Indicator:
    """A defined quantity about a population.

    `shown` is false for the counts that other indicators are computed from. `school_year` says that
    a period of two calendar years is one school year. `ratio_scale` is false where zero is arbitrary,
    as on a scale of grades: ratios and shares of a total mean nothing there.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: str
    unit: str
    measure: Measure
    polarity: Polarity
    decimals: int
    ages: str
    expect: Expectation
    text: Mapping[str, IndicatorText]
    shown: bool = True
    school_year: bool = False
    ratio_scale: bool = True
    small_numbers: SmallNumbers = SmallNumbers()
    derivation: Derivation | None = None


@dataclass(frozen=True)
class Service:
    """An indicator that serves a strategic area, with its role and why."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    indicator: str
    role: Role
    rationale: Mapping[str, str]


@dataclass(frozen=True)
class AreaText:
    """A strategic area in one language: its name, and in our words what was promised.

    `gap` says what open figures do not measure of it.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    name: str
    promise: str
    gap: str


@dataclass(frozen=True)
class StrategicArea:
    """One heading of a strategy, with the indicators that serve it and those worth a map."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: str
    text: Mapping[str, AreaText]
    indicators: tuple[Service, ...] = ()
    maps: tuple[str, ...] = ()


@dataclass(frozen=True)
class FrameworkText:
    """A strategy's title and its network's name in one language."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    title: str
    network: str
    about: str


@dataclass(frozen=True)
class Framework:
    """A strategy of a network: its areas in its own order, mapped to indicators.

    `original_language` is the language that the names of areas are quoted in; in every other
    language they are our translation.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: str
    first_year: int
    last_year: int
    original_language: str
    citation: str
    text: Mapping[str, FrameworkText]
    areas: tuple[StrategicArea, ...]


@dataclass(frozen=True)
class Geo:
    """What a number is about: a municipality, a region, a group of municipalities, a country."""

    id: str
    code: str
    level: Level
    names: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    region: str = ""
    group: str = ""
    valid_from: int = 0
    valid_to: int = 9999

    def __hash__(self) -> int:
        return hash(self.id)

    def name(self, language: str) -> str:
        """Return the name in `language`, or in the country's own where it has no other."""
        return self.names.get(language) or next(iter(self.names.values()))


@dataclass(frozen=True)
class Inset:
    """Part of a map drawn elsewhere and at another scale, so that small municipalities are seen.

    `geos` are moved into a frame whose top left corner lies at `left`, `top` (shares of the map's
    width and height) and is `width` wide. With `keep` they stay in the main map as well.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    geos: tuple[str, ...]
    left: float
    top: float
    width: float
    keep: bool = True


@dataclass(frozen=True)
class Source:
    """A web service or a kind of file that tables are read from."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    protocol: str
    status: str
    geo_codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Feature:
    """A condition by which municipalities are alike or not, and the scale it is compared on."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    indicator: str
    scale: Scale = Scale.PLAIN


@dataclass(frozen=True)
class Likeness:
    """How the nearest statistical neighbours of a municipality are found: how many, by what."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    neighbours: int
    features: tuple[Feature, ...]


@dataclass(frozen=True)
class Country:
    """A country: its languages, its frameworks' default, its sources and how it is drawn.

    `conditions` are the indicators that its municipalities are put in order by when inequality
    across them is told, such as their mean income.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: str
    names: Mapping[str, str]
    languages: tuple[str, ...]
    framework: str
    projection: int
    sources: Mapping[str, Source]
    insets: tuple[Inset, ...] = ()
    conditions: tuple[str, ...] = ()
    likeness: Likeness | None = None


@dataclass(frozen=True)
class Feed:
    """Which cells of a table are which indicator.

    `reason` says why its rows have no interval, `missing` why a value is missing.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    indicator: str
    topic: str
    measure: str
    reason: str
    missing: str = "not-published"


@dataclass(frozen=True)
class Table:
    """One table of a source: its feeds, and of which year its municipal codes are.

    `codes_of` is set where a provider has recast older figures on later municipalities; without it
    a code must be valid in the period of the figure.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: str
    source: str
    basis: str
    feeds: tuple[Feed, ...] = ()
    codes_of: int | None = None


@dataclass(frozen=True)
class Sidecar:
    """All that is known of the bytes of one snapshot, kept in a file beside them."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    country: str
    source: str
    table: str
    title: str
    provider: str
    provider_table: str
    unit: str
    licence: str
    quality: str
    citation: str
    request: str
    taken: str
    status: str
    rows: int
    sha256: str
