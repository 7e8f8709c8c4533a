"""What a profile is made of: frozen, and with all that is needed to read a number honestly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

from healthindicators.geography.peers import OfficialPeers
from healthindicators.model import (
    Comparability,
    Country,
    Framework,
    Geo,
    Indicator,
    Period,
    Service,
    Sidecar,
    StrategicArea,
)

T = TypeVar("T")


class Same(Generic[T]):
    """A key for what is made of one unchanging thing: equal only where the thing is the very same.

    It holds the thing, so that no other can come to lie in its place.
    """

    __slots__ = ("of",)

    def __init__(self, of: T) -> None:
        self.of = of

    def __hash__(self) -> int:
        return id(self.of)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.of is other.of


@dataclass(frozen=True)
class Value:
    """One number with all that is needed to read it honestly. `value` is None where there is none."""

    period: Period
    value: float | None
    lower: float | None
    upper: float | None
    interval: str
    status: str
    reason: str

    @property
    def has_interval(self) -> bool:
        """Whether both limits are known."""
        return self.lower is not None and self.upper is not None


@dataclass(frozen=True)
class Benchmark:
    """What a municipality is held against, in the same period.

    `published` is false where the value was computed here from the municipalities. `verdict` is
    better, similar, worse, higher, lower or cannot-say.
    """

    geo: Geo
    value: Value
    published: bool
    verdict: str


@dataclass(frozen=True)
class Position:
    """Where a municipality stands among those with a value; 1 is best (highest where neutral).

    `first` and `last` differ where rounding ties or intervals leave the position open. `fifth` is
    1 to 5, or None where the position spans more than one fifth.
    """

    first: int
    last: int
    count: int
    fifth: int | None


@dataclass(frozen=True)
class Change:
    """The difference to an earlier period that shares no year with the latest."""

    since: Period
    difference: float


@dataclass(frozen=True)
class Spread:
    """How the municipalities lie in the same period."""

    minimum: float
    lower_quartile: float
    median: float
    upper_quartile: float
    maximum: float


@dataclass(frozen=True)
class Trend:
    """The change a year over periods that share no year, with limits and an adjusted p-value.

    `points` values from `period` are in it; `country` is the country's own change a year, None where
    its series is too short.
    """

    period: Period
    points: int
    slope: Inequality
    p_value: float
    country: Inequality | None


@dataclass(frozen=True)
class Rank:
    """How sure a municipality's place is, by simulation from the intervals of all.

    `first` to `last` hold its place with the level of the intervals; 1 is best. `best_fifth` and
    `worst_fifth` are probabilities. Municipalities of one `group`, from 1 (best) to `groups`, can
    hardly be told apart.
    """

    first: int
    last: int
    count: int
    best_fifth: float
    worst_fifth: float
    group: int
    groups: int


@dataclass(frozen=True)
class Neighbourhood:
    """Whether places near each other have like figures.

    `index` is Moran's I of all municipalities and `p_value` that of no pattern. `own` is how this
    municipality and its neighbours lie (``high-high``, ``low-low``, ``high-low``, ``low-high``),
    empty where that may be chance.
    """

    index: float
    p_value: float
    own: str


@dataclass(frozen=True)
class PeerSpread:
    """How the nearest statistical neighbours lie in an indicator: least, middle, greatest, number."""

    minimum: float
    median: float
    maximum: float
    count: int


@dataclass(frozen=True)
class Sexes:
    """Men less women (`difference`) and men over women (`ratio`) in one period, with limits.

    `ratio` is None where the indicator's zero is arbitrary.
    """

    difference: Inequality
    ratio: Inequality | None


@dataclass(frozen=True)
class Inside:
    """An indicator by the strata of a social dimension, inside one municipality.

    `strata` are in order, from least to most advantaged where the dimension has an order. `difference`
    is the more advantaged end less the other, `ratio` the one over the other; both are None where an
    end has no value. `country` is the same difference in the whole country.
    """

    indicator: Indicator
    stratifier: str
    strata: tuple[tuple[str, Value], ...]
    difference: Inequality | None
    ratio: Inequality | None
    country: Inequality | None

    @property
    def period(self) -> Period:
        """The years that the figures cover."""
        return self.strata[0][1].period


@dataclass(frozen=True)
class Inequality:
    """One measure of inequality; `lower` and `upper` are None where `method` is ``none``."""

    value: float
    lower: float | None
    upper: float | None
    method: str


@dataclass(frozen=True)
class Gradient:
    """How an indicator changes across municipalities from the least to the most of a condition.

    Municipalities are in order of the condition and count by their residents. `least` and `most` are
    means over the fifth of residents who live where there is least and most of it. `slope` is the
    slope index (in the indicator's unit), `relative` the relative index (fitted most over fitted
    least), `concentration` the relative concentration index. `curve` is the concentration curve:
    cumulative shares of residents and of the indicator's total, from (0, 0) to (1, 1). `relative` and
    `concentration` are None and `curve` is empty where the indicator's zero is arbitrary.
    """

    indicator: Indicator
    condition: Indicator
    period: Period
    condition_period: Period
    municipalities: int
    least: float
    most: float
    slope: Inequality
    relative: Inequality | None
    concentration: Inequality | None
    curve: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Recast:
    """How some indicators came to a municipality whose code or borders have changed.

    `kind` is ``renumbered``, ``merged``, ``split`` (counts were apportioned) or ``refused``; `parts`
    are the former municipalities. `weights` say what they were weighed by: the id of the country's
    table of residents, or a text of its changes; empty where counts were added up.
    """

    kind: str
    parts: tuple[Geo, ...]
    weights: tuple[str, ...]
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True)
class Abroad:
    """A country's figure of an indicator, beside that of another that it may be compared with.

    Both are of the same period, or of the nearest that the two have. `credits` are providers and
    tables that the other figure comes from. `graded` says how far the two may be compared.
    """

    indicator: Indicator
    own: Value
    country: Country
    value: Value
    credits: tuple[tuple[str, str], ...]
    graded: Comparability


@dataclass(frozen=True)
class Across:
    """Inequality across the municipalities of a country by one condition.

    `line` is the municipality's own figure of the condition and `below` the share (0 to 1) of the
    country's residents who live where there is less of it; None where it has no figure.
    """

    condition: Indicator
    line: Line | None
    below: float | None
    gradients: tuple[Gradient, ...]


@dataclass(frozen=True)
class FunnelPoint:
    """One municipality in a funnel: events observed and expected, and their ratio with limits.

    `shrunk` is the ratio drawn towards the mean of all by empirical Bayes. `place` is -2, -1, 0, 1
    or 2: below the outer limit, below the inner, inside, above the inner, above the outer.
    """

    geo: Geo
    observed: float
    expected: float
    ratio: float
    lower: float
    upper: float
    shrunk: float
    place: int


@dataclass(frozen=True)
class Funnel:
    """Indirectly standardised ratios of all municipalities against what chance alone would give.

    `inner` (95 %) and `outer` (99.8 %) are curves of (expected, lower limit, upper limit), in order
    of expected. `dispersion` is how much wider the municipalities scatter than chance (1: as
    chance). `own` is None where the municipality has too few events.
    """

    indicator: Indicator
    period: Period
    points: tuple[FunnelPoint, ...]
    own: FunnelPoint | None
    inner: tuple[tuple[float, float, float], ...]
    outer: tuple[tuple[float, float, float], ...]
    dispersion: float


@dataclass(frozen=True)
class Peer:
    """A nearest statistical neighbour.

    `distance` is 1 for the municipality that is farthest of all. `stability` is the share of
    resamples of the features in which it stays among the nearest. `alike` and `unlike` are the
    features that make it near, and the one that sets it most apart.
    """

    geo: Geo
    distance: float
    stability: float
    same_group: bool
    alike: tuple[Indicator, ...]
    unlike: Indicator


@dataclass(frozen=True)
class Peers:
    """The nearest statistical neighbours over declared features, nearest first."""

    features: tuple[Indicator, ...]
    members: tuple[Peer, ...]


@dataclass(frozen=True)
class Line:
    """All that is said of one indicator in one municipality.

    `benchmarks` is keyed country, region, group; a benchmark without a value is left out. `series`
    and `benchmark_series` run from the first to the latest period. `by_sex` is keyed female, male.
    `basis` says survey, register and so on. `trend` is known where there are periods
    enough, `rank` where the values have intervals, `sexes` where those of women and men have, `peers`
    where there are nearest statistical neighbours.
    """

    indicator: Indicator
    basis: str
    value: Value
    benchmarks: Mapping[str, Benchmark] = field(default_factory=dict)
    position: Position | None = None
    spread: Spread | None = None
    previous: Change | None = None
    first: Change | None = None
    series: tuple[Value, ...] = ()
    benchmark_series: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    by_sex: Mapping[str, Value] = field(default_factory=dict)
    trend: Trend | None = None
    sexes: Sexes | None = None
    rank: Rank | None = None
    neighbourhood: Neighbourhood | None = None
    peers: PeerSpread | None = None


@dataclass(frozen=True)
class Section:
    """One strategic area with the lines that serve it, in the framework's order."""

    area: StrategicArea
    lines: tuple[tuple[Service, Line], ...]


@dataclass(frozen=True)
class SourceLine:
    """A snapshot that figures of this profile came from, with the indicators it feeds."""

    sidecar: Sidecar
    indicators: tuple[Indicator, ...]
    first_year: int
    last_year: int


@dataclass(frozen=True)
class KeyFact:
    """A plain fact for the heading: what, the value, its unit and its year."""

    name: str
    value: float
    unit: str
    decimals: int
    period: Period


@dataclass(frozen=True)
class Profile:
    """All that is said of one municipality under one framework.

    `region` and `group` are where it belongs; each is a benchmark only where it has other members.
    """

    geo: Geo
    region: Geo
    group: Geo
    country: Country
    framework: Framework
    edition: str
    facts: tuple[KeyFact, ...]
    sections: tuple[Section, ...]
    others: tuple[Line, ...]
    sources: tuple[SourceLine, ...]
    inside: tuple[Inside, ...] = ()
    across: tuple[Across, ...] = ()
    funnels: tuple[Funnel, ...] = ()
    peers: Peers | None = None
    abroad: tuple[Abroad, ...] = ()
    recast: tuple[Recast, ...] = ()
    official: tuple[OfficialPeers, ...] = ()
    alone_in: tuple[Geo, ...] = ()

    @cached_property
    def benchmarks(self) -> Mapping[str, Geo]:
        """Region and group by kind, without those that have no other municipality."""
        both = {"region": self.region, "group": self.group}
        return {kind: geo for kind, geo in both.items() if geo not in self.alone_in}

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every indicator once, in the framework's order, the others last."""
        seen: dict[str, Line] = {}
        for section in self.sections:
            for _, line in section.lines:
                seen.setdefault(line.indicator.id, line)
        for line in self.others:
            seen.setdefault(line.indicator.id, line)
        return tuple(seen.values())
