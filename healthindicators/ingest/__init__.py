"""Plan and snapshots into observations: codes become geos, topics become indicators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from healthindicators import observations, protocols, snapshots
from healthindicators.errors import DataError, Problem
from healthindicators.geography import Register
from healthindicators.geography.harmonise import RECASTING, Harmonised, editions, harmonise
from healthindicators.geography.recast import Weights
from healthindicators.ingest.cells import cells_of
from healthindicators.ingest.names import joined
from healthindicators.model import Indicator, Source, Table
from healthindicators.plan import Plan, Reading
from healthindicators.snapshots import Snapshot
from healthindicators.vocabulary import STATUSES_WITH_VALUE, TOTAL
from healthindicators.workspace import Workspace

NO_VALUE_REASON = {
    "suppressed": "suppressed-by-provider",
    "not-applicable": "not-applicable",
}
MEAN_OF_SEXES = "mean-of-sexes"
DIGITS = 10
"""A value that a factor has brought to another unit is rounded to so many: no tail of 0.1 x 3."""


@dataclass(frozen=True)
class Ingested:
    """The published figures of a country, and how older ones came to today's municipalities.

    `observations` is a validated observation table. `recasting` has a row for each indicator and
    municipality whose code or borders have changed since: columns indicator, geo, kind, parts,
    weight_source, as `geography.harmonise` gives them.
    """

    observations: pd.DataFrame
    recasting: pd.DataFrame


def ingest(
    plan: Plan, workspace: Workspace, register: Register, indicators: Mapping[str, Indicator]
) -> Ingested:
    """Return all published figures of a country on today's municipalities.

    Raises
    ------
    SnapshotError
        If a snapshot is absent or its bytes have changed.
    DataError
        With every problem of every table that could be read that far.
    """
    frames: list[pd.DataFrame] = []
    told: list[pd.DataFrame] = []
    problems: list[Problem] = []
    weigh = _weights(plan, workspace, register)
    for reading in plan.readings:
        snapshot = snapshots.open_pinned(workspace, reading.pin)
        if not reading.feeding:
            continue
        source = plan.country.sources[reading.table.source]
        try:
            cells = read_cells(snapshot, reading.table, source, register)
            _refuse_broken(cells, reading.table, indicators, snapshot.id)
            found = _observations(cells, reading, source, register, snapshot.id)
            brought = _today(found, register, weigh)
            frames.append(brought.rows.drop(columns=["measure", "edition"]))
            told.append(brought.recasting)
        except DataError as error:
            problems.extend(error.problems)
    if problems:
        raise DataError(problems)
    rows = observations.table(pd.concat(frames, ignore_index=True))
    recasting = pd.concat([t for t in told if len(t)] or told[:1], ignore_index=True)
    return Ingested(
        observations.validate(rows, indicators, register.known), recasting.drop_duplicates()
    )


def read_cells(
    snapshot: Snapshot, table: Table, source: Source, register: Register
) -> pd.DataFrame:
    """Return the wanted cells of a snapshot, in our words and with the provider's codes of geos.

    Raises
    ------
    DataError
        With everything in the bytes, the codes or the symbols that is not as declared.
    """
    ask = protocols.Ask(source, table, register.names)
    protocol = protocols.protocol(source.protocol)
    cube = protocol.read(ask, snapshot.answered, where=snapshot.id)
    count = len(cube.cells)
    if count != snapshot.sidecar.rows:
        hint = "the file is cut off, or its sidecar is not its own"
        what = f"{count} rows instead of {snapshot.sidecar.rows}"
        raise DataError([Problem(what, snapshot.id, None, hint)])
    cube, table = joined(cube, table, source, register, snapshot.id)
    return cells_of(cube, table, source, snapshot.id)


def _observations(
    cells: pd.DataFrame, reading: Reading, source: Source, register: Register, snapshot: str
) -> pd.DataFrame:
    table = reading.table
    feed = _feeding(cells, table, snapshot)
    wanted = feed.isin([n for n, f in enumerate(table.feeds) if f.indicator in reading.feeding])
    cells, feed = cells[wanted], feed[wanted].astype("int64")
    geo = cells["geo"].map(lambda code: source.geo_codes.get(code, f"{register.country}-{code}"))
    years = editions(register, geo, cells["last_year"], table.codes_of)
    known = register.known(geo)
    _refuse(
        cells,
        snapshot,
        {
            "unknown geo code": ~known,
            "the geo code is not valid in this year": known & ~register.valid(geo, years),
        },
    )

    def of_feed(name: str) -> pd.Series:
        return feed.map({n: getattr(f, name) for n, f in enumerate(table.feeds)})

    social = cells["stratum"].str.partition("/")
    split = cells["stratum"] != TOTAL
    value = cells["value"] * of_feed("factor")
    reason = of_feed("reason").where(cells["status"] != "missing", of_feed("missing"))
    rows = pd.DataFrame(
        {
            "indicator": of_feed("indicator"),
            "geo": geo,
            "first_year": cells["first_year"],
            "last_year": cells["last_year"],
            "sex": cells["sex"],
            "age": cells["age"],
            "stratifier": social[0].where(split, TOTAL),
            "stratum": social[2].where(split, TOTAL),
            "value": value.where(of_feed("factor") == 1.0, value.round(DIGITS)),
            "interval": "none",
            "status": cells["status"],
            "reason": cells["status"].map(NO_VALUE_REASON).fillna(reason),
            "snapshot": snapshot,
            "measure": of_feed("measure"),
            "edition": years,
        }
    )
    return pd.concat([rows, *_means_of_sexes(rows, table)], ignore_index=True)


Weigh = Callable[[Iterable[str]], Weights | None]
"""Gives the weights of the ages in some rows."""


def _weights(plan: Plan, workspace: Workspace, register: Register) -> Weigh:
    """Return what gives the residents on former codes that values are weighed by.

    Of an age that the table does not tell apart, all residents are the weights.
    """
    weighing = plan.country.weighing
    if weighing is None:
        return lambda ages: None
    reading = next(r for r in plan.readings if r.table.id == weighing.table)
    snapshot = snapshots.open_pinned(workspace, reading.pin)
    source = plan.country.sources[reading.table.source]
    cells = read_cells(snapshot, reading.table, source, register)
    residents = pd.DataFrame(
        {
            "geo": f"{register.country}-" + cells["geo"],
            "age": cells["age"],
            "weight": cells["value"],
        }
    )
    known = set(residents["age"])

    def weigh(ages: Iterable[str]) -> Weights:
        parts = [
            residents[residents["age"] == (age if age in known else TOTAL)].assign(age=age)
            for age in sorted(set(ages))
        ]
        return Weights(pd.concat(parts), weighing.edition, weighing.table, snapshot.id)

    return weigh


def _today(rows: pd.DataFrame, register: Register, weigh: Weigh) -> Harmonised:
    """Return figures on today's municipalities, by way of every change since their codes held."""
    if not register.changes:
        return Harmonised(rows, pd.DataFrame(columns=RECASTING, dtype="str"), ())
    return harmonise(rows, register, since=rows["edition"], weights=weigh(rows["age"].unique()))


def _feeding(cells: pd.DataFrame, table: Table, where: str) -> pd.Series:
    """Return for each cell the number of its feed; -1 where only its age is not wanted.

    Raises
    ------
    DataError
        With every cell whose topic no feed tells of.
    """
    number = pd.Series(-1, index=cells.index)
    told = pd.Series(data=False, index=cells.index)
    for n, feed in enumerate(table.feeds):
        here = (cells["topic"] == feed.topic) & (cells["measure"] == feed.measure)
        told |= here
        number = number.mask(here & (cells["age"].isin(feed.ages) if feed.ages else True), n)
    _refuse(cells, where, {"no feed says which indicator this is": ~told})
    return number


def _means_of_sexes(rows: pd.DataFrame, table: Table) -> Iterator[pd.DataFrame]:
    """Yield the figures of both sexes where a feed says that only women and men have one.

    Where one of the two is not there, neither is the mean, for the same reason.
    """
    feeds = {f.indicator for f in table.feeds if f.total == MEAN_OF_SEXES}
    here = rows[rows["indicator"].isin(feeds) & (rows["sex"] != TOTAL)]
    if here.empty:
        return
    by = [name for name in observations.KEY if name != "sex"]
    # The one without a value comes last, and so gives its status and reason.
    ordered = here.sort_values("value", na_position="last", kind="stable").groupby(by, sort=False)
    both = ordered.last(skipna=False).assign(value=ordered["value"].sum(min_count=2) / 2)
    both = both[ordered.size() == 2].reset_index()
    known = both["status"].isin(STATUSES_WITH_VALUE)
    yield both.assign(
        sex=TOTAL,
        status=both["status"].mask(known, "derived"),
        reason=both["reason"].mask(known, MEAN_OF_SEXES),
    )


def _refuse_broken(
    cells: pd.DataFrame, table: Table, indicators: Mapping[str, Indicator], where: str
) -> None:
    """Refuse counts of persons that are not whole: what is bound as a count may be a rate.

    Estimates that their provider marks as unreliable may be halves.
    """
    persons = {f.topic for f in table.feeds if indicators[f.indicator].unit == "persons"}
    counted = cells["topic"].isin(persons) & (cells["measure"] == "count")
    firm = counted & (cells["status"] == "observed")
    _refuse(
        cells, where, {"a count of persons that is not whole": firm & (cells["value"] % 1 != 0)}
    )


def _refuse(cells: pd.DataFrame, where: str, rules: Mapping[str, pd.Series]) -> None:
    problems = [
        Problem(what, where, int(line), f"{cells.loc[line, 'geo']} {cells.loc[line, 'topic']}")
        for what, broken in rules.items()
        for line in cells.index[broken]
    ]
    if problems:
        raise DataError(problems)
