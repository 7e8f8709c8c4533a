"""Named derivations: indicators that we compute from counts, with their intervals.

Each takes the table so far, the indicator and the register, and returns its new rows for every
municipality, region, group and the country, and for women, men and both. What rests on too little is
withheld here, with the reason; the statistics themselves know no such policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from healthindicators.assess.population import whole
from healthindicators.assess.rows import those
from healthindicators.geography import Register
from healthindicators.geography.recast import APPORTIONED, RECAST
from healthindicators.model import Derivation, Indicator, Level, Measure
from healthindicators.observations import joined
from healthindicators.statistics import (
    Estimate,
    directly_standardised_rate,
    life_expectancy,
    pooled_periods,
    standard_weights,
    wilson,
)
from healthindicators.vocabulary import TOTAL, age_range, bands_within

WIDEST_LIFE_EXPECTANCY = 20.0
"""Years. Toson & Baker (2003): an interval wider than this says nothing of a place."""

INFANT_BANDS = ("0", "1-4")
"""The European Standard Population has one weight for the first five years of life."""

NOTHING = Estimate(np.empty(0), np.empty(0), np.empty(0), 0.95, "none")
"""The estimate of no rows: a statistic refuses to be asked about none."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Counts:
    """Events and person-years by age band of every geo, period and sex: one row of `labels` each."""

    labels: pd.DataFrame
    bands: tuple[str, ...]
    events: Floats
    person_years: Floats
    snapshot: str


def derive(
    observed: pd.DataFrame, computations: Iterable[Indicator], register: Register
) -> pd.DataFrame:
    """Return `observed` with the rows of every computed indicator, in the plan's order."""
    frame = observed
    for indicator in computations:
        assert indicator.derivation is not None  # the plan computes nothing else
        rows = METHODS[indicator.derivation.method](frame, indicator, register)
        frame = pd.concat([frame, rows.assign(indicator=indicator.id)], ignore_index=True)
    return frame


def mean_population(frame: pd.DataFrame, indicator: Indicator, register: Register) -> pd.DataFrame:
    """Person-years of a calendar year: the mean of the populations on 1 January at its two ends."""
    rows = frame[frame["indicator"] == _derivation(indicator).numerator]
    by_year = rows.pivot(index=["geo", "sex", "age"], columns="last_year", values="value")
    snapshots = rows.groupby("last_year")["snapshot"].first()
    parts = []
    for year in sorted(int(y) for y in snapshots.index):
        if year + 1 not in snapshots.index:
            continue
        mean = ((by_year[year] + by_year[year + 1]) / 2).dropna().rename("value")
        part = _rows(mean.reset_index())
        part["first_year"] = part["last_year"] = year
        part["snapshot"] = joined([snapshots[year], snapshots[year + 1]])
        parts.append(part.assign(reason="complete-register"))
    return pd.concat(parts, ignore_index=True) if parts else frame.iloc[:0]


def standardised_rate(
    frame: pd.DataFrame, indicator: Indicator, register: Register
) -> pd.DataFrame:
    """Directly standardised rate on the European Standard Population 2013, with Dobson limits."""
    derivation = _derivation(indicator)
    counts = _merged_infants(pooled_counts(frame, derivation, register))
    total_events = counts.events.sum(axis=1)
    withheld = _withheld(counts, indicator)
    withheld[(withheld == "") & (total_events < indicator.small_numbers.events)] = "too-few-events"
    usable = withheld == ""
    if not usable.any():
        return _estimated(counts, NOTHING, withheld, indicator)
    estimate = directly_standardised_rate(
        counts.events[usable],
        counts.person_years[usable],
        standard_weights(counts.bands),
        per=derivation.per,
    )
    return _estimated(counts, estimate, withheld, indicator)


def expected_life(frame: pd.DataFrame, indicator: Indicator, register: Register) -> pd.DataFrame:
    """Life expectancy at the indicator's age by Chiang's second method, with its interval."""
    counts = pooled_counts(frame, _derivation(indicator), register)
    withheld = _withheld(counts, indicator)
    withheld[(withheld == "") & (counts.events[:, -1] == 0)] = "too-few-events"
    usable = withheld == ""
    if not usable.any():
        return _estimated(counts, NOTHING, withheld, indicator)
    estimate = life_expectancy(
        counts.events[usable],
        counts.person_years[usable],
        [age_range(band)[0] for band in counts.bands],
        at=age_range(indicator.ages)[0],
    )
    wide = estimate.upper - estimate.lower > WIDEST_LIFE_EXPECTANCY
    withheld[np.flatnonzero(usable)[wide]] = "interval-too-wide"
    return _estimated(counts, those(estimate, ~wide), withheld, indicator)


def residents(frame: pd.DataFrame, indicator: Indicator, register: Register) -> pd.DataFrame:
    """Residents of an age range on 1 January, of every geo that has every band of it."""
    derivation = _derivation(indicator)
    total = whole(frame, derivation.numerator, derivation.ages)
    rows = frame[frame["indicator"] == derivation.numerator]
    snapshots = rows.groupby("last_year")["snapshot"].agg(joined)
    found = _rows(total.assign(sex=TOTAL, age=indicator.ages))
    return found.assign(
        reason="complete-register", snapshot=total["last_year"].map(snapshots).astype("str")
    )


def share_of_residents(
    frame: pd.DataFrame, indicator: Indicator, register: Register
) -> pd.DataFrame:
    """Percentage of the residents that is in an age range."""
    part = residents(frame, indicator, register)
    everybody = replace(_derivation(indicator), ages="0+")
    everyone = residents(frame, replace(indicator, derivation=everybody), register)
    by = ["geo", "last_year"]
    total = part[by].merge(everyone[[*by, "value"]], on=by, how="left")["value"].to_numpy()
    return part.assign(value=100 * part["value"] / total)


def per_residents(frame: pd.DataFrame, indicator: Indicator, register: Register) -> pd.DataFrame:
    """A published count over the residents of its ages, times a multiplier.

    The residents are those at the beginning of the last year of the count, which is the middle of a
    mean of two years; between years with a population they are interpolated, beyond them the nearest
    year counts. A count that is withheld or absent keeps its reason, and one that was recast tells it.
    """
    derivation = _derivation(indicator)
    rows = frame[frame["indicator"] == derivation.numerator]
    rows = rows[(rows["sex"] == TOTAL) & (rows["stratum"] == TOTAL)]
    people = whole(frame, derivation.denominator, derivation.ages)
    if rows.empty or people.empty:
        return _rows(rows.iloc[:0])
    at = rows.reset_index(drop=True)
    at = at.assign(people=_between_years(people, at["geo"], at["last_year"]))
    known = at["value"].notna() & (at["people"] > 0)
    unknown = at["value"].notna() & ~known
    recast = at["reason"].isin([RECAST, APPORTIONED])
    least = indicator.small_numbers
    withheld = known & ((at["value"] < least.events) | (at["people"] < least.population))
    few = np.where(at["value"] < least.events, "too-few-events", "population-too-small")
    reason = at["reason"].mask(known & ~recast, "complete-register").mask(unknown, "not-published")
    told = known & ~withheld
    found = at.drop(columns="people").assign(
        value=(derivation.per * at["value"] / at["people"]).where(told),
        age=indicator.ages,
        status=at["status"]
        .mask(told, "derived")
        .mask(unknown, "missing")
        .mask(withheld, "suppressed"),
        reason=reason.mask(withheld, pd.Series(few, at.index)),
    )
    if indicator.measure is Measure.PROPORTION:
        _with_wilson(found, at, told & ~recast & (at["value"] <= at["people"]), derivation.per)
    return found


def _between_years(people: pd.DataFrame, geos: pd.Series, years: pd.Series) -> NDArray[np.float64]:
    """Return the residents of each geo in each year, on a line between the years that are known."""
    wide = people.pivot(index="geo", columns="last_year", values="value")
    wide = wide.reindex(columns=sorted({*wide.columns, *years})).astype("float64")
    filled = wide.interpolate(axis=1, method="index").bfill(axis=1).ffill(axis=1)
    rows = filled.index.get_indexer(pd.Index(geos))
    columns = filled.columns.get_indexer(pd.Index(years))
    found: NDArray[np.float64] = np.where(rows >= 0, filled.to_numpy()[rows, columns], np.nan)
    return found


def _with_wilson(found: pd.DataFrame, at: pd.DataFrame, usable: pd.Series, per: float) -> None:
    """Give the shares of persons their counts and Wilson's limits, in place.

    Events such as offences are no persons, and a mean of two years is no count: rates get none.
    """
    if not usable.any():
        return
    estimate = wilson(at.loc[usable, "value"].to_numpy(), at.loc[usable, "people"].to_numpy())
    found.loc[usable, ["numerator", "denominator"]] = at.loc[usable, ["value", "people"]].to_numpy()
    found.loc[usable, "lower"] = per * estimate.lower
    found.loc[usable, "upper"] = per * estimate.upper
    found.loc[usable, ["interval", "reason"]] = ["wilson", ""]


def density(frame: pd.DataFrame, indicator: Indicator, register: Register) -> pd.DataFrame:
    """Residents over the latest land area."""
    rows = residents(frame, indicator, register)
    areas = frame[frame["indicator"] == _derivation(indicator).denominator]
    latest = areas.sort_values("last_year").groupby("geo")[["value", "snapshot"]].last()
    rows = rows[rows["geo"].isin(latest.index[latest["value"] > 0])]
    there = rows["geo"].map(latest["value"])
    sources = zip(rows["snapshot"], rows["geo"].map(latest["snapshot"]), strict=True)
    return rows.assign(value=rows["value"] / there, snapshot=[joined(pair) for pair in sources])


METHODS: Mapping[str, Callable[[pd.DataFrame, Indicator, Register], pd.DataFrame]] = {
    "mean-population": mean_population,
    "residents": residents,
    "share-of-residents": share_of_residents,
    "density": density,
    "per-residents": per_residents,
    "directly-standardised-rate": standardised_rate,
    "life-expectancy": expected_life,
}


def _derivation(indicator: Indicator) -> Derivation:
    assert indicator.derivation is not None
    return indicator.derivation


def _rows(rows: pd.DataFrame) -> pd.DataFrame:
    plain = {"interval": "none", "status": "derived", "reason": "", "stratifier": TOTAL}
    return rows.assign(stratum=TOTAL, **plain)


def pooled_counts(frame: pd.DataFrame, derivation: Derivation, register: Register) -> Counts:
    """Return pooled counts of single geos and of the geos they add up to, by sex and for both."""
    bands = bands_within(derivation.ages)
    wanted = (derivation.numerator, derivation.denominator)
    rows = frame[frame["indicator"].isin(wanted) & frame["age"].isin(bands)]
    single = [g.id for g in register.geos if g.level in (Level.MUNICIPALITY, Level.SPECIAL)]
    rows = rows[rows["geo"].isin(single) & (rows["sex"] != TOTAL)]
    columns = ["indicator", "first_year", "last_year", "age"]
    wide = rows.pivot(index=["geo", "sex"], columns=columns, values="value")
    wide = _with_both_sexes(_with_sums(wide, register))
    geos = wide.index.to_frame(index=False)
    published = [set(rows.loc[rows["indicator"] == id, ["first_year", "last_year"]].itertuples(
        index=False, name=None)) for id in wanted]  # fmt: skip
    windows = list(_windows(wide, wanted, sorted(set.intersection(*published)), bands, derivation))
    # One period after the other, each with every geo: in the order of the labels.
    labels = [geos.assign(first_year=first, last_year=last) for first, last, _ in windows]
    counts = [cells for *_, cells in windows]
    nothing = geos.iloc[:0].assign(first_year=0, last_year=0)
    together = np.concatenate([np.empty((2, 0, len(bands))), *counts], axis=1)
    return Counts(
        pd.concat([nothing, *labels], ignore_index=True),
        bands,
        together[0],
        together[1],
        joined(rows["snapshot"].unique()),
    )


Window = tuple[int, int, Floats]
"""First and last year, and events and person-years by geo and band: shape (2, geos, bands)."""


def _windows(
    wide: pd.DataFrame,
    wanted: Sequence[str],
    periods: Sequence[tuple[int, int]],
    bands: Sequence[str],
    derivation: Derivation,
) -> Iterator[Window]:
    """Yield what is pooled here from single years, and what its provider has pooled already."""

    def cells(of: Sequence[tuple[int, int]]) -> Floats:
        columns = [(id, *period, band) for id in wanted for period in of for band in bands]
        found = wide.reindex(columns=pd.MultiIndex.from_tuples(columns)).to_numpy()
        return found.reshape(len(wide), 2, len(of), -1)

    if years := [(first, last) for first, last in periods if first == last]:
        by_year = cells(years)
        pooled = [
            pooled_periods(
                by_year[:, which].swapaxes(1, 2), [y for y, _ in years], derivation.years
            )
            for which in (0, 1)
        ]
        ends = zip(pooled[0].first_years.tolist(), pooled[0].last_years.tolist(), strict=True)
        for place, (first, last) in enumerate(ends):
            yield first, last, np.stack([found.counts[..., place] for found in pooled])
    for first, last in periods:
        if first < last and last - first + 1 >= derivation.years:
            yield first, last, cells([(first, last)])[:, :, 0].swapaxes(0, 1)


def _with_sums(wide: pd.DataFrame, register: Register) -> pd.DataFrame:
    """Add region, group and country; a sum with a missing part is missing, not smaller."""
    parts = [wide]
    geos = wide.index.get_level_values("geo")
    parents = {
        "region": {g.id: g.region for g in register.geos},
        "group": {g.id: g.group for g in register.geos},
        "country": {g.id: register.nation.id for g in register.geos},
    }
    for parent in parents.values():
        keys = geos.map(parent)
        inside = keys != ""
        by = [keys[inside], wide.index.get_level_values("sex")[inside]]
        part = wide[inside]
        sums = part.groupby(by).sum().where(~part.isna().groupby(by).any())
        parts.append(sums.rename_axis(index=["geo", "sex"]))
    return pd.concat(parts)


def _with_both_sexes(wide: pd.DataFrame) -> pd.DataFrame:
    both = wide.xs("female", level="sex") + wide.xs("male", level="sex")
    return pd.concat([wide, pd.concat({TOTAL: both}, names=["sex"]).swaplevel()]).sort_index()


def _merged_infants(counts: Counts) -> Counts:
    if counts.bands[:2] != INFANT_BANDS:
        return counts

    def merge(array: Floats) -> Floats:
        return np.column_stack([array[:, 0] + array[:, 1], array[:, 2:]])

    bands = ("0-4", *counts.bands[2:])
    events, person_years = merge(counts.events), merge(counts.person_years)
    return Counts(counts.labels, bands, events, person_years, counts.snapshot)


def _withheld(counts: Counts, indicator: Indicator) -> NDArray[np.object_]:
    """Return for each row why nothing can be computed, or an empty text."""
    reason = np.full(len(counts.labels), "", dtype=object)
    total = counts.person_years.sum(axis=1)
    reason[(counts.person_years <= 0).any(axis=1)] = "population-too-small"
    reason[total < indicator.small_numbers.population] = "population-too-small"
    unknown = np.isnan(counts.events).any(axis=1) | np.isnan(counts.person_years).any(axis=1)
    # Methods of life tables ask for it: more deaths than person-years is a register error or a speck.
    reason[(counts.events > counts.person_years).any(axis=1)] = "population-too-small"
    reason[unknown] = "not-published"
    return reason


def _estimated(
    counts: Counts, estimate: Estimate, withheld: NDArray[np.object_], indicator: Indicator
) -> pd.DataFrame:
    """Return the rows of a statistic; withheld rows keep their place without numbers."""
    rows = _rows(counts.labels).assign(age=indicator.ages, snapshot=counts.snapshot)
    usable = withheld == ""
    numbers = {
        "value": estimate.value,
        "lower": estimate.lower,
        "upper": estimate.upper,
        "numerator": counts.events.sum(axis=1)[usable],
        "denominator": counts.person_years.sum(axis=1)[usable],
    }
    for column, array in numbers.items():
        rows.loc[usable, column] = array
    rows["interval"] = np.where(usable, estimate.method, "none")
    rows["reason"] = withheld.astype("str")
    rows["status"] = np.select(
        [usable, withheld == "not-published"], ["derived", "missing"], default="suppressed"
    )
    return rows
