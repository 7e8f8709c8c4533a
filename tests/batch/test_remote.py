"""Folders at addresses: a file is whole or absent, and inputs are the bytes that were surveyed."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.spec import AbstractFileSystem

from healthindicators.batch import claim, remote
from healthindicators.batch.claim import Claim, ClaimError
from healthindicators.batch.remote import Place, RemoteError
from tests.batch.shelf import Shelf, digests


@pytest.fixture(params=["memory", "file"])
def place(request, tmp_path):
    if request.param == "file":
        return Place(f"file://{tmp_path}/out")
    return Place(f"memory://{tmp_path}/out")


class Brittle(LocalFileSystem):
    """A disk that is full after some bytes, or a service that cannot be reached."""

    protocol = "brittle"
    cachable = False
    room = 5
    reached = True

    def _open(self, path, mode="rb", **options):
        if not self.reached:
            raise ConnectionResetError("the service hung up")
        file = super()._open(path, mode, **options)
        if mode != "rb":
            write, room = file.f.write, self.room

            class Full:
                def __getattr__(self, name):
                    return getattr(raw, name)

                def write(self, body):
                    write(body[:room])
                    if len(body) > room:
                        raise OSError(28, "No space left on device")

            raw = file.f
            file.f = Full()
        return file


@pytest.fixture
def brittle(tmp_path, monkeypatch):
    fsspec.register_implementation("brittle", Brittle, clobber=True)
    monkeypatch.setattr(Brittle, "room", 5)
    monkeypatch.setattr(Brittle, "reached", True)
    return Place(f"brittle://{tmp_path}/out")


def test_what_is_put_is_read_and_what_is_absent_is_left_out(place):
    place.put({"2026/a.html": b"a", "2026/DK/b.html": b"bb"})
    assert place.read(["2026/a.html", "2026/none", "2026/DK/b.html"]) == {
        "2026/a.html": b"a",
        "2026/DK/b.html": b"bb",
    }
    assert place.sizes("2026") == {"2026/DK/b.html": 2, "2026/a.html": 1}
    assert place.sizes("1999") == {}


def test_a_file_is_replaced_and_nothing_lies_beside_it(place):
    for body in (b"one", b"another"):
        place.put({"a.html": body})
    assert place.read(["a.html"]) == {"a.html": b"another"}
    assert place.sizes("") == {"a.html": 7}


def test_what_is_removed_is_gone_and_may_be_removed_again(place):
    place.put({"a.html": b"a"})
    place.remove("a.html")
    place.remove("a.html")
    assert place.read(["a.html"]) == {}


def test_a_put_that_breaks_off_leaves_nothing_half(brittle, tmp_path):
    brittle.put({"a.html": b"whole"})
    with pytest.raises(RemoteError, match="No space left on device"):
        brittle.put({"a.html": b"longer than there is room"})
    assert brittle.read(["a.html"]) == {"a.html": b"whole"}
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.html"]


def test_a_service_that_does_not_answer_is_no_absent_file(brittle):
    brittle.put({"a.html": b"whole"})
    Brittle.reached = False
    with pytest.raises(RemoteError, match="hung up"):
        brittle.read(["a.html"])


class Piecemeal(AbstractFileSystem):
    protocol = "piecemeal"


def test_a_service_that_can_neither_put_nor_rename_is_refused():
    fsspec.register_implementation("piecemeal", Piecemeal, clobber=True)
    with pytest.raises(RemoteError, match="could see half a report"):
        Place("piecemeal://shelf").put({"a.html": b"a"})


def test_an_unknown_protocol_is_told():
    with pytest.raises(RemoteError, match="nosuch"):
        Place("nosuch://shelf").read(["a"])


def test_a_password_in_an_address_is_refused_and_not_repeated():
    with pytest.raises(RemoteError, match="has a password") as refused:
        Place("sftp://user:secret@host/reports")
    assert "secret" not in str(refused.value)


def test_only_one_of_many_creates_a_file(tmp_path):
    place = Place(str(tmp_path))
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: place.create("lock", f"{n}".encode()), range(8)))
    assert sum(won) == 1
    assert place.read(["lock"])["lock"] == f"{won.index(True)}".encode()


def test_a_second_run_in_an_edition_is_refused_with_who_holds_it(place):
    with Claim(place, "2026"):
        with pytest.raises(ClaimError, match=r"last sign of life \d+ seconds ago") as refused:
            Claim(place, "2026").__enter__()
        assert "--take-over" not in str(refused.value), "it lives"
        with Claim(place, "2027"):
            pass
    with Claim(place, "2026"):
        pass


def test_a_run_that_has_gone_silent_is_taken_over_only_when_told_to(place):
    silent = datetime.now(UTC) - timedelta(seconds=claim.SILENT + 1)
    held = {"token": "t", "host": "node7", "user": "ada", "alive": silent.isoformat()}
    place.put({f"2026/{claim.NAME}": json.dumps(held).encode()})
    with pytest.raises(ClaimError, match="--take-over") as refused:
        Claim(place, "2026").__enter__()
    assert "ada on node7" in str(refused.value)
    with Claim(place, "2026", take_over=True) as taken:
        assert claim.holder(place, "2026")["token"] == taken.token
    assert place.sizes("2026") == {}


def test_a_run_whose_edition_was_taken_over_stops_and_leaves_the_claim(place):
    first = Claim(place, "2026", renewed=0.01).__enter__()
    with Claim(place, "2026", take_over=True) as second:
        first._beating.join(timeout=10)
        with pytest.raises(ClaimError, match="taken over"):
            first.check()
        second.check()
        first.__exit__(None, None, None)
        assert claim.holder(place, "2026")["token"] == second.token


def test_a_claim_shows_signs_of_life(place, monkeypatch):
    said = iter(f"2026-01-01T00:00:{second:02}+00:00" for second in range(60))
    monkeypatch.setattr(claim, "_now", lambda: next(said, "2026-01-01T00:01:00+00:00"))
    with Claim(place, "2026", renewed=0.001):
        first = claim.holder(place, "2026")["alive"]
        for _ in range(10_000):
            if claim.holder(place, "2026").get("alive", first) != first:
                break
        else:
            pytest.fail("the claim was never renewed")


def test_inputs_are_staged_whole_and_once(tmp_path):
    shelf = Shelf(tmp_path)
    prepared = []
    inputs = remote.survey(str(shelf.inputs))
    folders = [remote.stage(inputs, tmp_path / "s", prepared.append) for _ in range(2)]
    assert folders[0] == folders[1]
    assert len(prepared) == 1
    assert digests(folders[0]) == digests(shelf.inputs)


def test_inputs_come_from_an_object_store_as_well(tmp_path):
    shelf = Shelf(tmp_path)
    there = Place(f"memory://{tmp_path}/inputs")
    there.put({name: (shelf.inputs / name).read_bytes() for name in digests(shelf.inputs)})
    inputs = remote.survey(there.address)
    assert inputs.digest == remote.survey(str(shelf.inputs)).digest
    assert digests(remote.stage(inputs, tmp_path / "s", lambda _: None)) == digests(shelf.inputs)


def test_inputs_that_change_under_a_run_are_refused_and_leave_nothing(tmp_path):
    shelf = Shelf(tmp_path)
    inputs = remote.survey(str(shelf.inputs))
    (shelf.inputs / "notebooks/n.ipynb").write_bytes(b"edited meanwhile")
    with pytest.raises(RemoteError, match=r"n\.ipynb has changed since the run began"):
        remote.stage(inputs, tmp_path / "s", lambda _: None)
    assert not list((tmp_path / "s").glob("inputs-*[0-9a-f]"))


def test_inputs_that_cannot_be_made_ready_are_not_taken_for_ready(tmp_path):
    inputs = remote.survey(str(Shelf(tmp_path).inputs))

    def break_off(folder):
        raise RemoteError("no build")

    with pytest.raises(RemoteError, match="no build"):
        remote.stage(inputs, tmp_path / "s", break_off)
    prepared = []
    remote.stage(inputs, tmp_path / "s", prepared.append)
    assert len(prepared) == 1


STAGE = """
import pathlib, sys
from healthindicators.batch import remote
scratch = pathlib.Path(sys.argv[2])
def once(folder):
    (scratch / "prepared.txt").open("a").write("x")
print(remote.stage(remote.survey(sys.argv[1]), scratch, once))
"""


def test_of_several_processes_one_copies(tmp_path):
    shelf = Shelf(tmp_path)
    (tmp_path / "s").mkdir()
    asked = [
        subprocess.Popen(
            [sys.executable, "-c", STAGE, f"file://{shelf.inputs}", str(tmp_path / "s")],
            stdout=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    told = {process.communicate(timeout=60)[0] for process in asked}
    assert all(process.returncode == 0 for process in asked)
    assert len(told) == 1
    assert (tmp_path / "s" / "prepared.txt").read_text() == "x"


def test_an_address_without_a_workspace_is_told(tmp_path):
    with pytest.raises(RemoteError, match=r"no data/raw/lock\.toml"):
        remote.survey(str(tmp_path))


def test_notebooks_of_an_editor_are_no_inputs(tmp_path):
    shelf = Shelf(tmp_path)
    copies = shelf.inputs / "notebooks/.ipynb_checkpoints/n.ipynb"
    copies.parent.mkdir()
    copies.write_bytes(b"a copy")
    assert not any("checkpoints" in name for name, _ in remote.survey(str(shelf.inputs)).files)


def test_a_scratch_folder_of_another_user_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(remote.os, "getuid", lambda: 4711)
    with pytest.raises(RemoteError, match="belongs to another user"):
        remote.scratch_folder(str(tmp_path))


def test_the_scratch_folder_is_closed_to_others(tmp_path):
    assert remote.scratch_folder(str(tmp_path / "s")).stat().st_mode & 0o077 == 0


def test_a_missing_library_is_told_with_what_to_install():
    code = (
        "import sys; sys.modules['fsspec'] = None\n"
        "from healthindicators.errors import UserError\n"
        "try:\n    import healthindicators.batch.remote\n"
        "except UserError as error:\n    print(error)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pip install "healthindicators[cluster]"' in told.stdout
