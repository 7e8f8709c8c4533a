"""A conversation that is cut off goes on where it was; one about a table that changed begins again."""

import errno
import json
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from healthindicators.errors import (
    SourceChanged,
    SourceOffline,
    SourceUnavailable,
    WorkspaceError,
)
from healthindicators.protocols import Ask, Request
from healthindicators.snapshots import dialogue as dialogues
from healthindicators.snapshots.dialogue import Dialogue, Told
from healthindicators.snapshots.parts import ARRIVING, Parts, alone
from healthindicators.snapshots.transport import Patience
from tests.services import made_up
from tests.services.faulty import answer, too_many
from tests.snapshots.calm import transport

KEY = "XX/service/gini"
PARTS = {"a": {"0301": 1.0}, "b": {"0302": 2.0}, "c": {"0303": 3.0}}


@pytest.fixture
def ask(nowhere):
    return Ask(nowhere.home.country.sources["service"], nowhere.home.tables[0])


@pytest.fixture
def kept(bare):
    return Parts(bare, KEY)


@pytest.fixture
def folder(bare):
    return bare.raw / ARRIVING / KEY


def talk(ask, time, kept=None, said=None, **options):
    """Lead a whole conversation and return what was answered."""
    told = Told(say=said.append) if said is not None else Told()
    sender = transport(time, patience=Patience(tries=2))
    return Dialogue(KEY, ask, made_up, sender, kept, told=told, **options).whole()


def paths(service):
    return [call.path.removeprefix("/tables/GINI") for call in service.calls]


def broken(service, part, *acts):
    service.on(f"/tables/GINI/data/{part}", *(acts or [answer(b"", 500)]))


def stop(ask, time, kept, service, part="c"):
    """Begin a conversation that fails at a part."""
    broken(service, part)
    with pytest.raises(SourceUnavailable):
        talk(ask, time, kept)
    service.calls.clear()


def test_all_requests_are_answered_in_order(nowhere, ask, time, service):
    nowhere.serve("gini", PARTS)
    answered = talk(ask, time)
    assert tuple(answered) == made_up.requests(ask, {r: a.reply for r, a in answered.items()})
    assert paths(service) == ["/config", "/metadata", "/data/a", "/data/b", "/data/c"]
    assert service.most_at_once == 1


def test_the_pace_is_that_of_the_services_own_configuration(nowhere, ask, time):
    nowhere.serve("gini", PARTS, config={"calls": 1, "seconds": 60})
    talk(ask, time)
    assert time.slept == [60, 60, 60, 60], "from the second call on"


def test_how_far_it_is_is_told(nowhere, ask, time):
    nowhere.serve("gini", PARTS)
    seen = []
    told = Told(lambda done, known: seen.append((done, known)))
    Dialogue(KEY, ask, made_up, transport(time), told=told).whole()
    assert seen == [(0, 2), (1, 2), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_trap_21_one_failing_part_fails_the_whole(nowhere, ask, time, service, kept):
    nowhere.serve("gini", PARTS)
    broken(service, "b")
    with pytest.raises(SourceUnavailable) as error:
        talk(ask, time, kept)
    (problem,) = error.value.problems
    url = service.url("/tables/GINI/data/b")
    assert problem.where == f"{KEY}, request 4 of 5: {url}"
    assert "it answers 500" in problem.what
    assert "what arrived is kept" in problem.hint
    assert "/data/c" not in paths(service)


def test_resumed_after_a_failure_only_what_is_missing_is_asked(nowhere, ask, time, service, kept):
    nowhere.serve("gini", PARTS)
    whole = talk(ask, time)
    stop(ask, time, kept, service)
    nowhere.serve("gini", PARTS)
    resumed = talk(ask, time, kept)
    assert paths(service) == ["/data/c"]
    assert {r: a.reply for r, a in resumed.items()} == {r: a.reply for r, a in whole.items()}


def test_a_429_in_the_middle_of_a_large_fetch_is_waited_for(nowhere, ask, time, service, kept):
    nowhere.serve("gini", PARTS)
    broken(service, "b", too_many("5"), answer({"cells": PARTS["b"]}))
    talk(ask, time, kept)
    assert paths(service)[-3:] == ["/data/b", "/data/b", "/data/c"]


def test_a_stop_by_the_user_keeps_what_arrived(nowhere, ask, time, service, kept):
    nowhere.serve("gini", PARTS)

    def stopped(done, known):
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Dialogue(KEY, ask, made_up, transport(time), kept, told=Told(stopped)).whole()
    service.calls.clear()
    talk(ask, time, kept)
    assert paths(service) == ["/data/c"]


def test_metadata_are_used_for_an_hour_and_parts_for_a_day(nowhere, ask, time, service, kept):
    nowhere.serve("gini", PARTS)
    stop(ask, time, kept, service)
    time.seconds += timedelta(hours=2).total_seconds()
    stop(ask, time, kept, service)
    time.seconds += timedelta(hours=23).total_seconds()
    nowhere.serve("gini", PARTS)
    talk(ask, time, kept)
    assert paths(service) == ["/config", "/metadata", "/data/a", "/data/b", "/data/c"]


def test_metadata_are_asked_again_after_an_hour_and_no_more(nowhere, ask, time, service, kept):
    nowhere.serve("gini", PARTS)
    stop(ask, time, kept, service)
    time.seconds += timedelta(hours=2).total_seconds()
    nowhere.serve("gini", PARTS)
    said = []
    talk(ask, time, kept, said)
    assert paths(service) == ["/config", "/metadata", "/data/c"]
    assert said == []


def test_changed_metadata_drop_the_parts_and_it_is_said(nowhere, ask, time, service, kept):
    nowhere.serve("gini", PARTS)
    stop(ask, time, kept, service)
    time.seconds += timedelta(hours=2).total_seconds()
    nowhere.serve("gini", {**PARTS, "a": {"0301": 9.0}}, updated="2026-11-22T14:00:00Z")
    said = []
    answered = talk(ask, time, kept, said)
    assert said == [
        f"{KEY}: the table has changed at its provider; 2 kept answers are asked for again."
    ]
    assert paths(service) == ["/config", "/metadata", "/data/a", "/data/b", "/data/c"]
    assert b"9.0" in next(a.reply.body for r, a in answered.items() if r.url.endswith("/data/a"))


def test_without_a_date_changed_metadata_are_known_by_their_bytes(
    nowhere, ask, time, service, kept, monkeypatch
):
    monkeypatch.delattr(made_up, "updated")
    nowhere.serve("gini", PARTS)
    stop(ask, time, kept, service)
    time.seconds += timedelta(hours=2).total_seconds()
    nowhere.serve("gini", PARTS, config={"calls": 99, "seconds": 1})
    talk(ask, time, kept)
    assert paths(service)[-3:] == ["/data/a", "/data/b", "/data/c"]


def test_a_stop_while_changed_metadata_arrive_saves_no_part_of_before(
    nowhere, ask, time, service, kept
):
    nowhere.serve("gini", PARTS)
    stop(ask, time, kept, service)
    time.seconds += timedelta(hours=2).total_seconds()
    nowhere.serve("gini", PARTS, updated="2026-11-22T14:00:00Z")

    def stopped(done, known):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Dialogue(KEY, ask, made_up, transport(time), kept, told=Told(stopped)).whole()
    service.calls.clear()
    talk(ask, time, kept)
    assert paths(service) == ["/data/a", "/data/b", "/data/c"]


def test_a_part_that_was_tampered_with_is_asked_again(nowhere, ask, time, service, kept, folder):
    nowhere.serve("gini", PARTS)
    stop(ask, time, kept, service)
    for body in folder.rglob("*.body"):
        if b'"0301"' in body.read_bytes():
            body.write_bytes(body.read_bytes().replace(b"1.0", b"7.0"))
    nowhere.serve("gini", PARTS)
    answered = talk(ask, time, kept)
    assert paths(service) == ["/data/a", "/data/c"]
    assert not any(b"7.0" in arrival.reply.body for arrival in answered.values())


@pytest.mark.parametrize("spoilt", [b"", b"\xff", b"status = ", b"url = 1\n"])
def test_a_list_entry_that_does_not_hold_is_as_if_absent(
    nowhere, ask, time, service, kept, folder, spoilt
):
    nowhere.serve("gini", PARTS)
    stop(ask, time, kept, service)
    for about in folder.rglob("*.toml"):
        about.write_bytes(spoilt)
    nowhere.serve("gini", PARTS)
    talk(ask, time, kept)
    assert len(service.calls) == 5


@pytest.mark.parametrize("received", ["2026-11-22T13:00:00Z", "some day", "2026-11-20T12:00:00"])
def test_a_part_of_another_clock_is_not_used(nowhere, ask, time, service, kept, folder, received):
    nowhere.serve("gini", PARTS)
    stop(ask, time, kept, service)
    for about in folder.rglob("*.toml"):
        lines = about.read_text().splitlines()
        changed = [f'received = "{received}"' if x.startswith("received") else x for x in lines]
        about.write_text("\n".join(changed))
    nowhere.serve("gini", PARTS)
    talk(ask, time, kept)
    assert len(service.calls) == 5


def test_a_part_under_the_name_of_another_is_not_used(nowhere, ask, time, service, kept, folder):
    nowhere.serve("gini", PARTS)
    stop(ask, time, kept, service)
    mine, other = (
        next(p for p in folder.rglob("*.toml") if f"/data/{part}" in p.read_text())
        for part in ("a", "b")
    )
    for ending in (".toml", ".body"):
        mine.with_suffix(ending).write_bytes(other.with_suffix(ending).read_bytes())
    nowhere.serve("gini", PARTS)
    answered = talk(ask, time, kept)
    assert paths(service) == ["/data/a", "/data/c"]
    assert b"0301" in next(a.reply.body for r, a in answered.items() if r.url.endswith("/data/a"))


def test_half_a_body_beside_no_entry_is_not_used(nowhere, ask, time, service, kept, folder):
    nowhere.serve("gini", PARTS)
    stop(ask, time, kept, service)
    for about in folder.rglob("*.toml"):
        about.unlink()
    nowhere.serve("gini", PARTS)
    talk(ask, time, kept)
    assert len(service.calls) == 5


def test_an_interrupted_write_leaves_no_part(
    nowhere, ask, time, service, kept, folder, monkeypatch
):
    nowhere.serve("gini", PARTS)
    write = Path.write_bytes

    def full(self, body):
        if b"/data/b" in body:
            write(self, body[:20])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(self, body)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(WorkspaceError, match="No space left"):
        talk(ask, time, kept)
    monkeypatch.undo()
    assert len(list(folder.rglob("*.body"))) == len(list(folder.rglob("*.toml"))) == 3
    assert len(list(folder.rglob("*.*"))) == 6
    service.calls.clear()
    talk(ask, time, kept)
    assert paths(service) == ["/data/b", "/data/c"]


def test_a_disk_that_cannot_be_written_is_told(nowhere, ask, time, bare):
    nowhere.serve("gini", PARTS)
    (bare.raw / ARRIVING).write_text("a file where a folder should be")
    with pytest.raises(WorkspaceError, match="Cannot write"):
        talk(ask, time, Parts(bare, KEY))
    with pytest.raises(WorkspaceError, match="Cannot write"), alone(bare):
        pass


def test_a_refusal_ends_the_conversation_and_is_not_kept(nowhere, ask, time, service, kept):
    nowhere.serve("gini", PARTS)
    broken(service, "b", answer({"title": "Non-existent value"}, 400))
    with pytest.raises(SourceChanged) as error:
        talk(ask, time, kept)
    assert f"{KEY}: " in str(error.value)
    assert "it refuses (400): Non-existent value" in str(error.value)
    assert "/data/c" not in paths(service), "no more is asked once one part is refused"
    service.calls.clear()
    nowhere.serve("gini", PARTS)
    talk(ask, time, kept)
    assert paths(service) == ["/data/b", "/data/c"]


def test_an_answer_that_ends_the_conversation_with_status_200_is_not_kept(
    nowhere, ask, time, service, kept, monkeypatch
):
    """As Eurostat does it: an error inside an answer that says it is well."""
    nowhere.serve("gini", PARTS)
    broken(service, "b", answer({"error": "try later"}), answer({"cells": PARTS["b"]}))
    real = made_up.requests

    def strict(ask, answered):
        if any(b"try later" in reply.body for reply in answered.values()):
            raise SourceUnavailable([made_up.Problem("it says: try later", "data")])
        return real(ask, answered)

    monkeypatch.setattr(made_up, "requests", strict)
    with pytest.raises(SourceUnavailable, match="it says: try later"):
        talk(ask, time, kept)
    assert paths(service)[-1] == "/data/c"
    service.calls.clear()
    talk(ask, time, kept)
    assert paths(service) == ["/data/b"]


def test_a_refusal_that_a_protocol_takes_as_an_answer_is_in_the_conversation_and_not_kept(
    nowhere, ask, time, service, kept, folder, monkeypatch
):
    """As PxWeb does it: too many cells, so the part is asked for in halves."""
    nowhere.serve("gini", {"a": {"0301": 1.0}})
    broken(service, "a", answer({"title": "Too many cells selected"}, 403))
    half = Request(service.on("/half", answer({"cells": {"0301": 1.0}}), answer(b"", 500)))
    rest = Request(service.on("/rest", answer(b"", 500), answer(b"", 500), answer({"cells": {}})))
    whole = Request(service.url("/tables/GINI/data/a"), "POST", '{"part": "a"}')

    def halved(ask, answered):
        return (whole, half, rest) if whole in answered else (whole,)

    monkeypatch.setattr(made_up, "requests", halved)
    with pytest.raises(SourceUnavailable):
        talk(ask, time, kept)
    assert [p for p in folder.rglob("*.toml") if "/data/a" in p.read_text()] == []
    answered = talk(ask, time, kept)
    assert [arrival.reply.status for arrival in answered.values()] == [403, 200, 200]
    assert service.asked("/half") == 1


def test_kept_answers_that_end_a_conversation_do_not_end_the_next(
    nowhere, ask, time, service, kept, monkeypatch
):
    """Someone corrects the country's folder and tries again: the same answers are not in the way."""
    nowhere.serve("gini", PARTS)
    stop(ask, time, kept, service)

    def changed(ask, answered):
        if len(answered) >= 2:
            raise SourceChanged([made_up.Problem("the table is gone", "metadata")])
        return real(ask, answered)

    real = made_up.requests
    monkeypatch.setattr(made_up, "requests", changed)
    with pytest.raises(SourceChanged, match="the table is gone"):
        talk(ask, time, kept)
    monkeypatch.undo()
    service.calls.clear()
    nowhere.serve("gini", PARTS)
    talk(ask, time, kept)
    assert paths(service) == ["/config", "/metadata", "/data/c"]


def test_a_conversation_without_end_ends(nowhere, ask, time, monkeypatch):
    monkeypatch.setattr(dialogues, "MOST", 4)
    nowhere.serve("gini", PARTS)
    with pytest.raises(SourceChanged, match="does not end: more than 4 requests"):
        talk(ask, time)


def test_an_answer_that_is_not_ready_is_asked_for_later(nowhere, ask, time, service, monkeypatch):
    """As Eurostat does it: the same address again after a while, told apart by its attempt."""
    url = service.on("/slow", answer({"status": "PROCESSING"}), answer({"status": "AVAILABLE"}))

    def requests(ask, answered):
        asked = [Request(url)]
        while asked[-1] in answered and b"AVAILABLE" not in answered[asked[-1]].body:
            asked.append(Request(url, wait=30.0, attempt=len(asked)))
        return tuple(asked)

    monkeypatch.setattr(made_up, "requests", requests)
    answered = talk(ask, time)
    assert [request.attempt for request in answered] == [0, 1]
    assert time.slept == [30.0]


def test_tables_of_one_service_share_its_configuration(nowhere, ask, time, service, bare):
    nowhere.serve("gini", PARTS)
    shared = {}
    for key in ("XX/service/gini", "XX/service/twin"):
        Dialogue(key, ask, made_up, transport(time), Parts(bare, key), shared).whole()
    assert service.asked("/config") == 1


def test_a_host_that_is_gone_is_told_with_its_table(nowhere, ask, time, monkeypatch):
    def gone(*arguments, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", gone)
    with pytest.raises(SourceOffline, match=f"{KEY}, request 1 of 2: .*Name or service not known"):
        talk(ask, time)
    monkeypatch.undo()


def test_what_is_kept_says_what_was_asked(nowhere, ask, time, service, kept, folder):
    nowhere.serve("gini", PARTS)
    stop(ask, time, kept, service)
    texts = [about.read_text() for about in folder.rglob("*.toml")]
    (part,) = [text for text in texts if "/data/a" in text]
    assert 'method = "POST"' in part
    assert json.dumps({"part": "a"}) in part.replace('\\"', '"')


HOLDER = """
import sys
from pathlib import Path
from healthindicators.snapshots.parts import alone
from healthindicators.workspace import Workspace
with alone(Workspace(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_of_two_processes_the_second_is_refused(bare):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(bare.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(WorkspaceError, match="Another fetch or lock is at work"), alone(bare):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with alone(bare):  # a process that is gone holds nothing
        pass
    assert not (bare.raw / ARRIVING).exists(), "nothing is left when nothing is kept"
