"""The nouns of the project as frozen dataclasses. Standard library only.

Declarations (TOML) are validated straight into these classes, so there is one definition of each.
`__pydantic_config__` is a plain dictionary that tells the validator to refuse unknown keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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

    def nearest(self, periods: Iterable[Period]) -> Period:
        """Return the period that begins and ends nearest to this one, the newest of equally near ones.

        Examples
        --------
        >>> Period(2018, 2024).nearest(Period(year, year + 4) for year in range(2000, 2022))
        Period(first=2019, last=2023)
        """

        def away(other: Period) -> tuple[int, int, int]:
            first, last = other.first - self.first, other.last - self.last
            return abs(first) + abs(last), abs(first + last), -other.last

        return min(periods, key=away)

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


class Grade(StrEnum):
    """Whether an indicator means the same in two countries."""

    SAME = "same"
    NEAR = "near"
    NOT_COMPARABLE = "not-comparable"


@dataclass(frozen=True)
class Comparability:
    """How far an indicator may be compared between countries, and why so far."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    countries: tuple[str, ...]
    grade: Grade
    reason: Mapping[str, str]


@dataclass(frozen=True)
class Indicator:
    """A defined quantity about a population.

    `shown` is false for the counts that other indicators are computed from. `school_year` says that
    a period of two calendar years is one school year. `ratio_scale` is false where zero is arbitrary,
    as on a scale of grades: ratios and shares of a total mean nothing there. What `comparability`
    does not grade is not shown across borders.
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
    comparability: tuple[Comparability, ...] = ()

    def compared(self, one: str, other: str) -> Comparability | None:
        """Return how far two countries may be compared in it; None where nothing grades that."""
        return next((c for c in self.comparability if {one, other} <= set(c.countries)), None)

    def may_cross(self, one: str, other: str) -> bool:
        """Return whether it may be shown for two countries side by side."""
        found = self.compared(one, other)
        return found is not None and found.grade is not Grade.NOT_COMPARABLE


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
class Limits:
    """What a service allows: cells an answer, and calls in a window of seconds; 0 is no limit."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    cells: int = 0
    calls: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Source:
    """A web service or a kind of file that tables are read from.

    `geo_codes` are the source's codes of geos that are not the register's. `symbols` say what its
    marks in place of a value mean: a status of the vocabulary, or ``zero``. `base` is the address of
    a service; a source without one is files. `limits` hold where the service does not tell its own.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    protocol: str
    status: str
    geo_codes: Mapping[str, str] = field(default_factory=dict)
    symbols: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    language: str = ""
    provider: str = ""
    licence: str = ""
    limits: Limits = Limits()

    @property
    def is_starter(self) -> bool:
        """Whether it is files that come with the repository: neither asked for nor downloaded."""
        return not self.base and self.protocol != "download"

    @property
    def is_live(self) -> bool:
        """Whether it is a service that can be asked."""
        return bool(self.base)


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
class Weighing:
    """A table of residents on former codes, by which figures of merged municipalities are weighed.

    `edition` is the year that its codes are of; `names` say to a reader what the weights are.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    table: str
    edition: int
    names: Mapping[str, str]


@dataclass(frozen=True)
class Country:
    """A country: its languages, its frameworks' default, its sources and how it is drawn.

    `conditions` are the indicators that its municipalities are put in order by when inequality
    across them is told, such as their mean income. `not_computed` are derived indicators that its
    age bands cannot give. `unbound` are indicators that no table of a service feeds, each with why.
    `regions` is the country's own word for a region, by language of the reader: county, län.
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
    weighing: Weighing | None = None
    not_computed: tuple[str, ...] = ()
    unbound: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Feed:
    """Which cells of a table are which indicator.

    `topic` is the code of the topic dimension, or several joined by ``/``. `ages` are the ages, as
    our words, that the indicator is about; all of them where none is named. `factor` brings a value
    to the indicator's unit. `reason` says why its rows have no interval, `missing` why a value is
    missing. `total` names how the figure of both sexes is made where only women and men have one.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    indicator: str
    topic: str
    measure: str
    reason: str
    missing: str = "not-published"
    ages: tuple[str, ...] = ()
    factor: float = 1.0
    total: str = ""


@dataclass(frozen=True)
class Dimension:
    """What a dimension of a service's table means here, and which of its codes are asked for.

    `role` is geo, period, sex, age, stratum, topic, measure or single (one code, which says nothing
    more). `select` are selection expressions in the service's own language, `filter` and `codelist`
    what goes with them there. `pattern` is a regular expression whose first group is the part of a
    code that counts; a code that it does not fit is left out. `words` turn codes into ours, and into
    nothing what is known and not wanted; with words, an unknown code is refused.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    code: str
    role: str
    select: tuple[str, ...] = ("*",)
    filter: str = ""
    codelist: str = ""
    pattern: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """One table of a source: its feeds, and of which year its municipal codes are.

    `codes_of` is set where the codes are those of one year whatever the period, because a provider
    has recast older figures or published them late; without it a code must be valid in the period of
    the figure. `words` turn codes of a column of the plain layout (sex, age, stratum) into ours, and
    into nothing what is not wanted. `fixed` are the columns that the table has no dimension for.

    The rest is of tables of services: `code` is the service's own name of the table, `dimensions` what
    to ask for, and `unverified` says why the binding could not be held against recorded metadata. Of
    files that a user downloaded, `code` is the form of the file and `layout` what is known of it
    beyond that, as `protocols.download` tells.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: str
    source: str
    basis: str
    feeds: tuple[Feed, ...] = ()
    codes_of: int | None = None
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    title: str = ""
    unit: str = ""
    dimensions: tuple[Dimension, ...] = ()
    unverified: str = ""
    layout: Mapping[str, str] = field(default_factory=dict)


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
