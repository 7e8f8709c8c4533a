"""Plan and snapshots into observations: codes become geos, topics become indicators."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from healthindicators import observations, protocols, snapshots
from healthindicators.errors import DataError, Problem
from healthindicators.geography import Register
from healthindicators.model import Indicator, Source, Table
from healthindicators.plan import Plan
from healthindicators.snapshots import Snapshot
from healthindicators.vocabulary import TOTAL
from healthindicators.workspace import Workspace

NO_VALUE_REASON = {
    "suppressed": "suppressed-by-provider",
    "not-applicable": "not-applicable",
}


def ingest(
    plan: Plan, workspace: Workspace, register: Register, indicators: Mapping[str, Indicator]
) -> pd.DataFrame:
    """Return all published figures of a country as one validated observation table.

    Raises
    ------
    SnapshotError
        If a snapshot is absent or its bytes have changed.
    DataError
        With every problem of every table that could be read that far.
    """
    frames: list[pd.DataFrame] = []
    problems: list[Problem] = []
    for reading in plan.readings:
        snapshot = snapshots.open_pinned(workspace, reading.pin)
        if not reading.table.feeds:
            continue
        source = plan.country.sources[reading.table.source]
        try:
            cube = protocols.protocol(source.protocol).read(
                protocols.Ask(source, reading.table), snapshot.answered, where=snapshot.id
            )
            whole(len(cube.cells), snapshot)
            cells = cube.cells.rename(columns={"symbol": "status"})
            frames.append(_observations(cells, reading.table, source, register, snapshot.id))
        except DataError as error:
            problems.extend(error.problems)
    if problems:
        raise DataError(problems)
    rows = observations.table(pd.concat(frames, ignore_index=True))
    return observations.validate(rows, indicators, register.known)


def whole(count: int, snapshot: Snapshot) -> None:
    """Refuse a snapshot that holds another number of cells than its sidecar says."""
    if count != snapshot.sidecar.rows:
        hint = "the file is cut off, or its sidecar is not its own"
        what = f"{count} rows instead of {snapshot.sidecar.rows}"
        raise DataError([Problem(what, snapshot.id, None, hint)])


def _observations(
    cells: pd.DataFrame, table: Table, source: Source, register: Register, snapshot: str
) -> pd.DataFrame:
    feeds = {(feed.topic, feed.measure): feed for feed in table.feeds}
    keys = pd.Series(list(zip(cells["topic"], cells["measure"], strict=True)), index=cells.index)
    geo = cells["geo"].map(lambda code: source.geo_codes.get(code, f"{register.country}-{code}"))
    years = cells["last_year"] if table.codes_of is None else geo.map(lambda _: table.codes_of)
    known = register.known(geo)
    _refuse(
        cells,
        snapshot,
        {
            "no feed says which indicator this is": ~keys.isin(list(feeds)),
            "unknown geo code": ~known,
            "the geo code is not valid in this year": known & ~register.valid(geo, years),
        },
    )
    no_interval = keys.map({key: feed.reason for key, feed in feeds.items()})
    no_value = keys.map({key: feed.missing for key, feed in feeds.items()})
    reason = no_interval.where(cells["status"] != "missing", no_value)
    return pd.DataFrame(
        {
            "indicator": keys.map({key: feed.indicator for key, feed in feeds.items()}),
            "geo": geo,
            "first_year": cells["first_year"],
            "last_year": cells["last_year"],
            "sex": cells["sex"],
            "age": cells["age"],
            "stratifier": TOTAL,
            "stratum": cells["stratum"].replace("", TOTAL),
            "value": cells["value"],
            "interval": "none",
            "status": cells["status"],
            "reason": cells["status"].map(NO_VALUE_REASON).fillna(reason),
            "snapshot": snapshot,
        }
    )


def _refuse(cells: pd.DataFrame, where: str, rules: Mapping[str, pd.Series]) -> None:
    problems = [
        Problem(what, where, int(line), f"{cells.loc[line, 'geo']} {cells.loc[line, 'topic']}")
        for what, broken in rules.items()
        for line in cells.index[broken]
    ]
    if problems:
        raise DataError(problems)
