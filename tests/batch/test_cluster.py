"""Many machines: every report is accounted for, whatever becomes of a worker."""

import os
import signal

import psutil
import pytest

from healthindicators.batch import chunk, cluster
from healthindicators.batch.claim import Claim, ClaimError
from healthindicators.batch.remote import Place, RemoteError
from tests.batch.shelf import Shelf, digests

distributed = pytest.importorskip("distributed")


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


@pytest.fixture(scope="module")
def client():
    """Two workers, each a process with a nanny that starts it again."""
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
        ) as machines,
        distributed.Client(machines, set_as_default=False) as client,
    ):
        yield client


def ids(count):
    return [f"DK-{n:03}" for n in range(1, count + 1)]


def run(client, work, planned, **options):
    """Run to the end and return the last that was told of each: records, and failures."""
    told = {ended.municipality: ended for ended in cluster.run(client, work, planned, **options)}
    made = {id: ended.record for id, ended in told.items() if ended.record}
    return made, {id: ended for id, ended in told.items() if not ended.record}


@pytest.fixture(autouse=True)
def looks_often(monkeypatch):
    monkeypatch.setattr(cluster, "LOOKED", 0.1)


def serial(tmp_path, count):
    """The digests of the same plan made one after another in this process."""
    other = Shelf(tmp_path / "serial")
    chunk.make_chunk(other.work(), other.planned(count))
    return digests(tmp_path / "serial" / "outputs")


@pytest.fixture
def expected(tmp_path):
    (tmp_path / "serial").mkdir()
    return serial(tmp_path, 12)


def test_all_are_made_once_and_are_those_of_a_serial_run(shelf, client, expected):
    told = list(cluster.run(client, shelf.work(), shelf.planned(12), size=3))
    assert sorted(ended.municipality for ended in told) == ids(12)
    assert all(ended.record and ended.seconds == 0.5 for ended in told)
    assert digests(shelf.folder / "outputs") == expected
    assert sorted(shelf.made()) == ids(12), "each was made by one command only"


def test_without_a_scheduler_the_same_is_made_on_this_machine(shelf, expected):
    made, failed = run(None, shelf.work(), shelf.planned(12), size=5)
    assert sorted(made) == ids(12)
    assert failed == {}
    assert digests(shelf.folder / "outputs") == expected


def test_what_is_whole_is_known_and_not_made_again(shelf, client):
    run(client, shelf.work(), shelf.planned(4), size=2)
    assert sorted(cluster.whole(Place(shelf.outputs), shelf.planned(5))) == ids(4)
    run(client, shelf.work(), shelf.planned(4), size=2)
    assert sorted(shelf.made()) == ids(4)
    run(client, shelf.work(again=True), shelf.planned(4), size=2)
    assert sorted(shelf.made()) == sorted(ids(4) * 2)


def test_a_file_that_was_damaged_at_its_address_is_made_again(shelf, client):
    run(client, shelf.work(), shelf.planned(4), size=2)
    page = shelf.folder / "outputs/2026/DK/DK-002/page.html"
    right = page.read_bytes()
    page.write_bytes(right[:-7])
    assert "DK-002" not in cluster.whole(Place(shelf.outputs), shelf.planned(4))
    run(client, shelf.work(), shelf.planned(4), size=2)
    assert page.read_bytes() == right
    assert shelf.made().count("DK-002") == 2
    assert shelf.made().count("DK-001") == 1


def test_what_vanished_after_it_was_told_is_told_again_as_failed(shelf):
    told = cluster.run(None, shelf.work(), shelf.planned(2), size=1)
    assert next(told).record
    (shelf.folder / "outputs/2026/DK/DK-001/page.html").unlink()
    *_, last = told
    assert (last.municipality, last.record) == ("DK-001", None)
    assert "not at their address" in last.message


def test_a_worker_that_is_killed_loses_no_report(shelf, client, expected):
    shelf.let("hangs", "DK-006")
    killed = []

    def kill_the_worker_once():
        if shelf.hung() and not killed:
            command, tether = shelf.hung()
            killed.extend([psutil.Process(command), psutil.Process(psutil.Process(tether).ppid())])
            shelf.let_no_more("hangs", "DK-006")
            killed[1].kill()

    made, failed = run(client, shelf.work(), shelf.planned(12), size=4, check=kill_the_worker_once)
    assert killed, "the command never hung: nothing was tested"
    assert sorted(made) == ids(12)
    assert failed == {}
    assert digests(shelf.folder / "outputs") == expected
    _, alive = psutil.wait_procs(killed, timeout=20)
    assert alive == [], "a command outlived its worker"


def test_a_report_that_always_takes_its_process_along_fails_alone(shelf, client):
    shelf.let("dies", "DK-005")
    made, failed = run(client, shelf.work(), shelf.planned(8), size=4)
    assert sorted(made) == [id for id in ids(8) if id != "DK-005"]
    assert failed.keys() == {"DK-005"}
    assert "code 9" in failed["DK-005"].message
    assert "out of memory" in failed["DK-005"].message


def test_a_failing_report_is_told_with_its_cell_and_is_not_tried_again(shelf, client):
    shelf.let("fails", "DK-003")
    made, failed = run(client, shelf.work(), shelf.planned(4), size=2)
    assert sorted(made) == ["DK-001", "DK-002", "DK-004"]
    assert (failed["DK-003"].cell, failed["DK-003"].message) == ("Cell 3", "no figures")
    assert shelf.made().count("DK-003") == 1


def test_workers_with_other_inputs_than_planned_are_refused(shelf, client):
    planned = [chunk.Planned(p.municipality, p.record, "0" * 64) for p in shelf.planned(2)]
    made, failed = run(client, shelf.work(), planned, size=2)
    assert made == {}
    assert "made from other inputs than planned" in failed["DK-001"].message
    assert not (shelf.folder / "outputs/2026/DK").exists(), "nothing wrong was published"
    assert len(shelf.made()) == 2 * (1 + cluster.RETRIES), "another round would end alike"


def test_a_stop_by_the_user_is_raised_and_leaves_what_was_finished_whole(shelf, client):
    shelf.let("hangs", "DK-003")

    def stop():
        if shelf.hung() and (shelf.folder / "outputs/2026/DK/DK-002").exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(client, shelf.work(), shelf.planned(3), size=1, check=stop)
    assert "DK-003" not in cluster.whole(Place(shelf.outputs), shelf.planned(3))
    os.kill(shelf.hung()[0], signal.SIGKILL)


def test_a_run_that_has_lost_its_claim_stops_its_commands(shelf, monkeypatch):
    monkeypatch.setattr(chunk, "CLAIM_LOOKED", 0.0)
    shelf.let("hangs", "DK-001")
    with pytest.raises(ClaimError, match="taken over"):
        chunk.make_chunk(shelf.work(token="of a run that has ended"), shelf.planned(1))


def test_what_a_worker_that_died_has_left_is_removed(shelf):
    scratch = shelf.folder / "scratch"
    (scratch / "runs" / "dead").mkdir(parents=True)
    (scratch / "runs" / "dead.lock").touch()
    part = shelf.folder / "outputs/2026/DK/DK-001/.page.html.0a.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    chunk.make_chunk(shelf.work(), shelf.planned(1))
    assert list((scratch / "runs").iterdir()) == []
    assert not part.exists()


def test_the_claim_ends_with_the_run(shelf):
    place = Place(shelf.outputs)
    with Claim(place, "2026") as claim:
        chunk.make_chunk(shelf.work(token=claim.token), shelf.planned(1))
        claim.check()
    assert "2026/.claim.json" not in place.sizes("2026")


def test_a_scheduler_that_does_not_answer_is_told():
    with (
        pytest.raises(RemoteError, match=r"No scheduler answers at tcp://127\.0\.0\.1"),
        cluster.connected("tcp://127.0.0.1:1", seconds=0.5),
    ):
        pass
