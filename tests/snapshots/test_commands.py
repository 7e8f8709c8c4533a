"""The commands fetch, lock and status, from the words of the user to the files on disk."""

import json
import sys
import tomllib
from dataclasses import replace

import pytest

from healthindicators import cli, countries, fetching, snapshots
from healthindicators.errors import (
    CatalogError,
    DataError,
    Problem,
    SnapshotError,
    SourceChanged,
    SourceError,
    SourceOffline,
    SourceUnavailable,
)
from healthindicators.fetching import arrive, locking, standing
from healthindicators.fetching.arrive import Fetched, raise_worst
from healthindicators.protocols import Reply, Request
from healthindicators.snapshots import archive, parts
from healthindicators.snapshots.parts import ARRIVING
from healthindicators.snapshots.transport import Patience
from tests.services import made_up
from tests.services.faulty import answer
from tests.snapshots.calm import transport

GINI = {"a": {"0301": 25.5, "0302": 26.5}, "b": {"0303": 27.5}}
AREA = {"a": {"0301": 1.5}}


@pytest.fixture
def run(bare, time, monkeypatch, capsys):
    """A function that runs the command in a workspace and returns code, words and complaints."""
    monkeypatch.chdir(bare.root)
    for room in (arrive, standing):
        monkeypatch.setattr(room, "Transport", lambda: transport(time, Patience(tries=2)))

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["healthindicators", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()  # ends the process, well or not
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return command


@pytest.fixture
def both(nowhere):
    nowhere.serve("gini", GINI)
    nowhere.serve("area", AREA)
    return nowhere


def files(workspace):
    return sorted(
        p.relative_to(workspace.raw).as_posix() for p in workspace.raw.rglob("*") if p.is_file()
    )


def lock_of(workspace):
    return snapshots.read_lock(workspace).pins


# fetch


def test_fetch_takes_each_table_as_one_snapshot_and_moves_no_pin(run, both, bare):
    code, out, err = run("fetch")
    assert code == 0
    assert "2 of 2 tables arrived. No pin has moved: `healthindicators lock` pins" in out
    assert "XX/service/gini: 3 cells of 4 answers, kept as XX/service/gini/2026" in err
    area, gini = (snapshots.found(bare, f"XX/service/{table}") for table in ("area", "gini"))
    assert [len(area), len(gini)] == [1, 1]
    assert lock_of(bare) == {}
    assert not (bare.raw / ARRIVING).exists()


def test_a_snapshot_says_all_that_is_known_of_it(run, both, bare, service):
    run("fetch", "--table", "gini")
    (path,) = snapshots.found(bare, "XX/service/gini")
    snapshot = snapshots.open_pinned(bare, snapshots.pin_of(bare, path))
    about = snapshot.sidecar
    assert (about.country, about.source, about.table) == ("XX", "service", "gini")
    assert (about.title, about.provider, about.provider_table) == ("All of gini", "Nowhere", "GINI")
    assert (about.unit, about.licence, about.rows) == ("index", "CC0", 3)
    assert about.quality == "as received from the service"
    assert about.status == "as received"
    assert about.citation == "Nowhere, GINI: All of gini."
    assert about.request == f"4 requests, the last one POST {service.url('/tables/GINI/data/b')}"
    assert about.taken == "2026-11-22T12:00:00Z"
    assert path.name == f"20261122T120000Z-{about.sha256[:12]}.zip"
    last = Request(service.url("/tables/GINI/data/b"), "POST", '{"part": "b"}')
    assert snapshot.answered[last] == Reply(
        json.dumps({"cells": GINI["b"]}).encode(), 200, "application/json; charset=utf-8"
    )
    assert len(snapshot.answered) == 4


def test_fetch_asks_for_one_table_or_for_what_feeds_an_indicator(run, both, bare):
    for option, named in (("--table", "area"), ("--indicator", "population-density")):
        both.service.calls.clear()
        code, out, _ = run("fetch", option, named, "--country", "XX")
        assert code == 0
        assert "1 of 1 table arrived" in out
        assert "healthindicators lock --country XX" in out
        assert not any("GINI" in call.path for call in both.service.calls)


def test_an_indicator_brings_what_it_is_computed_from(declared):
    wanted = declared.needed("mortality-below-75")
    assert {"mortality-below-75", "deaths", "person-years", "population"} <= wanted


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--country", "YY"), 15, "There is no country 'YY'"),
        (("--table", "gin"), 10, "There is no table 'gin'. Nearest: gini"),
        (("--indicator", "ginny"), 12, "There is no indicator 'ginny'"),
        (("--table", "plain"), 2, "No service is asked for 'plain'"),
        (
            ("--indicator", "obesity", "--country", "XX"),
            2,
            "No service is asked for 'obesity of XX'",
        ),
    ],
)
def test_what_cannot_be_fetched_is_told_before_anything_is_asked(run, both, arguments, code, words):
    got, _, err = run("fetch", *arguments)
    assert got == code
    assert words in err
    assert both.service.calls == []


def test_a_country_without_services_is_told(run, nowhere, monkeypatch):
    home = replace(nowhere.home, tables=nowhere.home.tables[2:])
    monkeypatch.setattr(countries, "load", lambda: {"XX": home})
    code, out, _ = run("fetch", "--country", "XX")
    assert code == 0
    assert "No table of XX is read from a service: the figures come from starter snapshots." in out


def test_a_table_that_fails_stops_no_other_and_pins_nothing(run, both, bare, service):
    service.on("/tables/GINI/data/b", answer(b"", 500))
    code, out, err = run("fetch")
    assert code == 71
    assert "1 of 2 tables arrived" in out
    assert "XX/service/gini: not taken." in err
    assert "XX/service/gini, request 4 of 4: http" in err
    assert "it answers 500" in err
    assert snapshots.found(bare, "XX/service/gini") == []
    assert len(snapshots.found(bare, "XX/service/area")) == 1
    assert lock_of(bare) == {}
    service.calls.clear()
    both.serve("gini", GINI)
    assert run("fetch", "--table", "gini")[0] == 0
    assert [c.path for c in service.calls] == ["/tables/GINI/data/b"]


@pytest.mark.parametrize(
    ("cells", "code", "words"),
    [
        (answer({"cells": {}}), 72, "there is not one value in it"),
        (answer({"cells": {"0301": None}}), 72, "there is not one value in it"),
        (answer(b'{"cells": {"0301": 1.'), 30, "\n  XX/service/area: not JSON"),
    ],
)
def test_what_cannot_be_read_or_is_empty_is_not_taken(run, both, bare, service, cells, code, words):
    service.on("/tables/AREA/data/a", cells)
    got, out, err = run("fetch", "--table", "area")
    assert got == code
    assert words in err
    assert "0 of 1 table arrived. Nothing has changed." in out
    assert files(bare) == ["lock.toml"]


def test_a_declaration_that_does_not_hold_stops_no_other_table(run, both, bare, monkeypatch):
    def wrong(ask, answered):
        if ask.table.id == "gini":
            raise CatalogError([Problem("a selection cannot be understood", ask.table.id)])
        return real(ask, answered)

    real = made_up.requests
    monkeypatch.setattr(made_up, "requests", wrong)
    code, out, err = run("fetch")
    assert code == 20
    assert "1 of 2 tables arrived" in out
    assert "XX/service/gini: gini: a selection cannot be understood" in err


def test_a_service_that_is_gone_is_not_waited_for_by_every_table(run, both, time):
    both.service.on("/config", answer(b"Closed for repair", 503, "text/plain"))
    code, _, err = run("fetch")
    assert code == 71
    assert both.service.asked("/config") == 2, "two tries, for the first table only"
    assert err.count("“Closed for repair”") == 2


def test_a_disk_that_cannot_be_written_is_told(run, both, bare):
    (bare.raw / "XX").write_text("a file where a folder should be")
    code, _, err = run("fetch", "--table", "gini")
    assert code == 4
    assert "Cannot write" in err
    assert sum(f.endswith(".body") for f in files(bare)) == 4, "what arrived is kept"


def test_of_two_at_once_the_second_is_refused(run, both, bare):
    with parts.alone(bare):
        for arguments in (("fetch",), ("lock",), ("status", "--live")):
            code, _, err = run(*arguments)
            assert code == 4
            assert "Another fetch or lock is at work" in err
        assert run("status")[0] == 0
    assert both.service.calls == []


def test_a_binding_that_was_never_verified_is_told(run, both, monkeypatch):
    gini, *others = both.home.tables
    tables = (replace(gini, unverified="the code is a guess"), *others)
    monkeypatch.setattr(countries, "load", lambda: {"XX": replace(both.home, tables=tables)})
    _, _, err = run("fetch")
    assert "XX/service/gini: how it is bound was never verified: the code is a guess" in err
    assert err.count("never verified") == 1


def test_a_stop_by_the_user_is_told(run, both, bare, monkeypatch):
    def stopped(*arguments, where):
        raise KeyboardInterrupt

    monkeypatch.setattr(made_up, "read", stopped)
    code, _, err = run("fetch", "--table", "gini")
    assert code == 130
    assert "Stopped. What arrived is kept; run the same command again." in err
    assert len([f for f in files(bare) if f.endswith(".body")]) == 4
    monkeypatch.undo()


KINDS = [SourceOffline, SourceUnavailable, SourceChanged, DataError]


@pytest.mark.parametrize("number", range(1, len(KINDS)))
def test_the_exit_code_is_that_of_the_worst_failure(number):
    failed = [Fetched(k.__name__, error=k([Problem(k.__name__)])) for k in KINDS[: number + 1]]
    for order in (failed, failed[::-1]):
        with pytest.raises(KINDS[number]) as error:
            raise_worst([Fetched("fine", 1, 1, "x"), *order])
        assert len(error.value.problems) == number + 1
    raise_worst([Fetched("fine", 1, 1, "x")])


# lock


def test_lock_pins_what_was_fetched_and_it_opens_as_it_was(run, both, bare):
    run("fetch")
    code, out, _ = run("lock")
    assert code == 0
    assert "XX/service/gini: not pinned -> XX/service/gini/2026" in out
    assert "2 pins moved." in out
    pins = lock_of(bare)
    assert sorted(pins) == ["XX/service/area", "XX/service/gini"]
    assert snapshots.verify(bare, snapshots.read_lock(bare)) == []
    code, out, _ = run("lock")
    assert (code, out) == (0, "0 pins moved.\n")


def test_lock_moves_to_the_newest(run, both, bare, time):
    run("fetch", "--table", "gini")
    run("lock")
    before = lock_of(bare)["XX/service/gini"].file
    time.seconds += 86400
    both.serve("gini", {"a": {"0301": 1.0}}, updated="2026-11-23T08:00:00Z")
    run("fetch", "--table", "gini")
    assert lock_of(bare)["XX/service/gini"].file == before
    code, out, _ = run("lock", "--dry-run")
    assert "1 pin would move." in out
    assert lock_of(bare)["XX/service/gini"].file == before
    run("lock", "--country", "XX", "--table", "gini")
    after = lock_of(bare)["XX/service/gini"].file
    assert after.startswith("XX/service/gini/20261123")
    code, out, _ = run("lock", "--file", str(bare.raw / before))
    assert (code, out) == (0, f"XX/service/gini: {after} -> {before}\n1 pin moved.\n")


def test_lock_sets_the_edition(run, both, bare):
    run("fetch")
    assert run("lock", "--edition", "2027", "--dry-run")[0] == 0
    assert snapshots.read_lock(bare).edition == "2026"
    run("lock", "--edition", "2027")
    assert tomllib.loads(bare.lock.read_text())["edition"] == "2027"


def test_lock_refuses_what_was_tampered_with_and_moves_no_pin(run, both, bare):
    run("fetch")
    (path,) = snapshots.found(bare, "XX/service/gini")
    body = bytearray(path.read_bytes())
    body[60] ^= 1
    path.write_bytes(body)
    code, _, err = run("lock")
    assert code == 31
    assert f"{path}: its bytes are not those of its name" in err
    assert lock_of(bare) == {}, "the other table's pin stays as well"


def test_lock_refuses_a_sidecar_that_is_absent_or_of_other_bytes(run, both, bare):
    run("fetch", "--table", "gini")
    (path,) = snapshots.found(bare, "XX/service/gini")
    beside = path.with_name(path.name + ".toml")
    text = beside.read_text()
    beside.unlink()
    assert f"{beside}: the file is absent" in run("lock")[2]
    sha = tomllib.loads(text)["sha256"]
    beside.write_text(text.replace(sha, "0" * 64))
    assert "the sidecar is of other bytes" in run("lock")[2]
    beside.write_text(text.replace("rows = 3", "rows = 4"))
    assert "3 cells, and its sidecar says 4" in run("lock")[2]
    beside.write_text(text.replace('table = "gini"', 'table = "area"'))
    assert "its sidecar is of XX/service/area" in run("lock")[2]
    beside.write_text(text)
    assert run("lock")[0] == 0


def test_lock_refuses_what_cannot_be_read(run, both, bare, monkeypatch):
    run("fetch", "--table", "gini")

    def unreadable(ask, answered, *, where):
        raise DataError([Problem("a code is not known", where)])

    monkeypatch.setattr(made_up, "read", unreadable)
    code, _, err = run("lock")
    assert code == 31
    assert "a code is not known" in err
    assert lock_of(bare) == {}


@pytest.mark.parametrize("named", ["lock.toml", "absent.zip", "../elsewhere.zip"])
def test_lock_refuses_a_file_that_is_no_snapshot(run, both, bare, named):
    code, _, err = run("lock", "--file", str(bare.raw / named))
    assert code == 2
    assert "is no snapshot of these tables" in err


def test_the_starter_snapshots_are_locked_already(workspace):
    """The real workspace: the newest snapshot of every table is the one that is pinned."""
    assert fetching.move(workspace, fetching.bound("DK"), dry_run=True) == []


def test_lock_reads_what_it_pins_of_files_as_well(workspace, repin):
    """A compiled table that lies unpinned is held against its sidecar before it is pinned."""
    before = snapshots.read_lock(workspace)
    pin = repin(
        "gini", lambda body: body + body.splitlines(keepends=True)[1], taken="2027-01-01T00Z"
    )
    snapshots.write_lock(workspace, before)
    with pytest.raises(SnapshotError, match="1471 cells, and its sidecar says 1470"):
        fetching.move(workspace, fetching.bound("DK", "gini"))
    assert pin.file not in workspace.lock.read_text()


# status


def rows(out):
    return {line.split()[0]: line.rstrip() for line in out.splitlines()[1:]}


def test_status_tells_what_is_pinned_how_old_and_what_is_newer(run, both, bare, time):
    assert "XX/service/gini" in (lines := rows(run("status")[1]))
    assert "not pinned" in lines["XX/service/gini"]
    run("fetch", "--table", "gini")
    assert "  20261122T120000Z-" in rows(run("status")[1])["XX/service/gini"]
    run("lock")
    time.seconds += 40 * 86400
    line = rows(run("status")[1])["XX/service/gini"]
    assert "2026-11-22T12:00:00Z" in line
    assert line.split()[2:] == ["40", "-"]
    both.serve("gini", GINI, updated="2026-12-24T08:00:00Z")
    run("fetch", "--table", "gini")
    assert "  20270101T120000Z-" in rows(run("status")[1])["XX/service/gini"]
    assert "at the provider" not in run("status")[1]


def test_status_live_tells_what_has_changed_at_the_provider(run, both, bare):
    run("fetch")
    run("lock")
    both.serve("gini", GINI, updated="2026-11-20T08:00:00Z")
    both.service.calls.clear()
    code, out, _ = run("status", "--live", "--country", "XX")
    lines = rows(out)
    assert code == 0
    assert (
        "changed 2026-11-20T08:00:00Z, pinned as of 2026-11-01T08:00:00Z"
        in lines["XX/service/gini"]
    )
    assert lines["XX/service/area"].endswith("unchanged")
    assert lines["XX/compiled/plain"].endswith("from files, cannot be asked")
    assert not any("/data/" in call.path for call in both.service.calls), "metadata only"


def test_status_live_without_a_date_compares_the_metadata(run, both, monkeypatch):
    monkeypatch.delattr(made_up, "updated")
    run("fetch")
    run("lock")
    both.serve("gini", GINI, updated="2026-11-20T08:00:00Z")
    lines = rows(run("status", "--live")[1])
    assert lines["XX/service/gini"].endswith("its metadata have changed")
    assert lines["XX/service/area"].endswith("unchanged")


def test_status_live_tells_of_tables_that_are_not_pinned(run, both):
    lines = rows(run("status", "--live")[1])
    assert "not pinned" in lines["XX/service/gini"]
    assert lines["XX/service/gini"].endswith("2026-11-01T08:00:00Z")


def test_status_live_goes_on_where_a_service_fails(run, both):
    run("fetch")
    run("lock")
    both.service.on("/tables/AREA/metadata", answer(b"", 500))
    code, out, err = run("status", "--live")
    assert code == 71
    assert rows(out)["XX/service/area"].endswith("not available")
    assert rows(out)["XX/service/gini"].endswith("unchanged")
    assert "XX/service/area, request 2 of 2" in err


def test_every_source_error_has_its_place_among_the_worst():
    for kind in (SourceError, *SourceError.__subclasses__()):
        assert kind in arrive.WORST_LAST


def test_a_zip_is_read_as_a_conversation_by_every_reader(run, both, bare):
    run("fetch", "--table", "gini")
    (path,) = snapshots.found(bare, "XX/service/gini")
    talk = archive.unpack(path.read_bytes(), str(path))
    bound = next(b for b in fetching.bound("XX") if b.table.id == "gini")
    cells = bound.read({request: arrival.reply for request, arrival in talk.items()}).cells
    assert dict(zip(cells["geo"], cells["value"], strict=True)) == GINI["a"] | GINI["b"]
    snapshot = snapshots.open_pinned(bare, snapshots.pin_of(bare, path))
    locking.readable(bound, snapshot)
