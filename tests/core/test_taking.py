"""A file that was downloaded by hand becomes a snapshot, and figures."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from healthindicators import ingest, snapshots
from healthindicators.errors import DataError, UserError, WorkspaceError
from healthindicators.fetching import Bound, bound
from healthindicators.fetching.taking import take
from healthindicators.model import Dimension, Feed, Source, Table

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = Source(
    protocol="download", status="downloaded", symbols={"..": "missing"}, provider="Statistics Denmark",
    licence="CC BY 4.0", geo_codes={"000": "DK"},
)  # fmt: skip
TABLE = Table(
    id="gini-by-hand", source="by-hand", basis="register", code="statbank-csv", title="Gini",
    feeds=(Feed("gini", "GINI", "value", "interval-not-published"),),
    dimensions=(
        Dimension("OMRÅDE", "geo"), Dimension("INDKN", "topic"), Dimension("TID", "period"),
    ),
)  # fmt: skip
BODY = (
    "OMRÅDE;INDKN;TID;INDHOLD\r\n000;GINI;2023;30,1\r\n101;GINI;2023;35,2\r\n147;GINI;2023;..\r\n"
)


@pytest.fixture
def by_hand(denmark):
    country = replace(denmark.country, sources={**denmark.country.sources, "by-hand": SOURCE})
    return Bound(country, SOURCE, TABLE)


def test_a_downloaded_file_is_kept_and_read(workspace, by_hand, register, tmp_path):
    file = tmp_path / "20261122.csv"
    file.write_text(BODY, encoding="utf-8-sig", newline="")
    path, cells = take(workspace, by_hand, file, NOW)
    assert (path.split("/")[:3], cells) == (["DK", "by-hand", "gini-by-hand"], 3)
    pin = snapshots.pin_of(workspace, workspace.raw / path)
    snapshot = snapshots.open_pinned(workspace, pin)
    assert snapshot.body == file.read_bytes()
    found = ingest.read_cells(snapshot, TABLE, SOURCE, register).set_index("geo")
    nothing = float("nan")
    values = found["value"].to_dict()
    assert values == pytest.approx({"000": 30.1, "101": 35.2, "147": nothing}, nan_ok=True)
    assert found["status"].to_dict() == {"000": "observed", "101": "observed", "147": "missing"}
    assert "downloaded by hand" in snapshot.sidecar.request


def test_a_file_that_cannot_be_read_leaves_nothing(workspace, by_hand, tmp_path):
    file = tmp_path / "half.csv"
    file.write_text(BODY[:-9], encoding="utf-8", newline="")
    with pytest.raises(DataError):
        take(workspace, by_hand, file, NOW)
    assert not (workspace.raw / "DK" / "by-hand").exists()


def test_an_absent_file_is_told(workspace, by_hand, tmp_path):
    with pytest.raises(WorkspaceError, match=r"none\.csv"):
        take(workspace, by_hand, tmp_path / "none.csv", NOW)


def test_a_table_that_is_not_downloaded_is_told(workspace, tmp_path):
    with pytest.raises(UserError, match="not read from downloaded files"):
        take(workspace, bound("DK", "gini")[0], tmp_path / "x.csv", NOW)
