"""Bytes as received: the same bytes give the same file, and any change of them is noticed."""

import gzip
import hashlib
from dataclasses import replace

import pytest

from healthindicators import snapshots
from healthindicators.errors import SnapshotError
from healthindicators.snapshots import Pin

KEY = "DK/compiled/gini"
BODY = b"geo,value\n101,34.98\n"


@pytest.fixture
def pin(workspace):
    return snapshots.read_lock(workspace).pins[KEY]


@pytest.fixture
def path(workspace, pin):
    return workspace.raw / pin.file


@pytest.fixture
def sidecar(workspace, pin):
    return snapshots.open_pinned(workspace, pin).sidecar


def beside(path):
    return path.with_name(path.name + ".toml")


def as_it_is_now(workspace, path):
    """Return the pin of someone who pins what lies there, right or wrong."""
    body, about = path.read_bytes(), beside(path).read_bytes()
    digests = (hashlib.sha256(b).hexdigest() for b in (body, about))
    return Pin(path.relative_to(workspace.raw).as_posix(), *digests)


def refused(workspace, pin):
    with pytest.raises(SnapshotError) as raised:
        snapshots.open_pinned(workspace, pin)
    assert raised.value.exit_code == 31
    return str(raised.value)


def test_a_pinned_snapshot_opens_and_verifies(workspace, pin, path):
    opened = snapshots.open_pinned(workspace, pin)
    assert opened.id == pin.file
    assert opened.body == gzip.decompress(path.read_bytes())
    assert opened.sidecar.table == "gini"
    assert snapshots.verify(workspace, snapshots.read_lock(workspace)) == []


@pytest.mark.parametrize("position", [0, 9, 100, -1])
def test_a_changed_byte_is_noticed_and_the_file_is_named(workspace, pin, path, position):
    body = bytearray(path.read_bytes())
    body[position] ^= 1
    path.write_bytes(body)
    message = refused(workspace, pin)
    assert str(path) in message
    assert "its bytes have changed on disk" in message
    assert "restore it from version control" in message


@pytest.mark.parametrize("left", [0, 1, 200, -1])
def test_a_file_that_was_cut_off_is_noticed(workspace, pin, path, left):
    path.write_bytes(path.read_bytes()[:left])
    assert str(path) in refused(workspace, pin)


@pytest.mark.parametrize("which", ["body", "sidecar"])
def test_an_absent_file_is_named(workspace, pin, path, which):
    gone = path if which == "body" else beside(path)
    gone.unlink()
    message = refused(workspace, pin)
    assert f"{gone}: the file is absent" in message
    assert "restore it" in message


def test_both_absent_are_both_named(workspace, pin, path):
    path.unlink()
    beside(path).unlink()
    assert "(2):" in refused(workspace, pin)


def test_a_sidecar_of_other_bytes_is_noticed(workspace, pin, path):
    text = beside(path).read_text("utf-8")
    beside(path).write_text(text.replace(pin.sha256, "0" * 64), "utf-8")
    message = refused(workspace, as_it_is_now(workspace, path))
    assert f"{beside(path)}: the sidecar is of other bytes" in message


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("rows = 1470", 'rows = "many"', "'rows' is 'many'"),
        ("licence =", "license =", "'license' is not a known key (did you mean licence?)"),
        ("rows = 1470", "rows = ", "not valid TOML"),
    ],
)
def test_a_sidecar_that_does_not_hold_is_told(workspace, path, before, after, expected):
    text = beside(path).read_text("utf-8")
    assert before in text
    beside(path).write_text(text.replace(before, after), "utf-8")
    message = refused(workspace, as_it_is_now(workspace, path))
    assert expected in message
    assert beside(path).name in message


def test_any_change_of_a_sidecar_is_noticed(workspace, pin, path):
    text = beside(path).read_text("utf-8")
    changed = text.replace('licence = "', 'licence = "not ')
    assert changed != text
    beside(path).write_text(changed, "utf-8")
    message = refused(workspace, pin)
    assert str(beside(path)) in message
    assert "its bytes have changed on disk" in message


def spoil_and_pin(workspace, pin, path, body):
    """Put another body in the place of a snapshot, with a sidecar and a pin that believe it."""
    path.write_bytes(body)
    text = beside(path).read_text("utf-8")
    beside(path).write_text(text.replace(pin.sha256, hashlib.sha256(body).hexdigest()), "utf-8")
    return as_it_is_now(workspace, path)


def test_a_compressed_body_that_was_already_cut_off_when_pinned_is_told(workspace, pin, path):
    cut = spoil_and_pin(workspace, pin, path, path.read_bytes()[:-100])
    assert f"{path}: not whole when pinned" in refused(workspace, cut)


def test_a_body_that_is_not_compressed_is_told(workspace, pin, path):
    plain = spoil_and_pin(workspace, pin, path, b"geo,value")
    assert f"{path}: not whole when pinned" in refused(workspace, plain)


def test_a_compressed_body_that_was_damaged_inside_when_pinned_is_told(workspace, pin, path):
    body = bytearray(path.read_bytes())
    body[20:40] = b"\xff" * 20
    damaged = spoil_and_pin(workspace, pin, path, bytes(body))
    assert f"{path}: not whole when pinned" in refused(workspace, damaged)


def test_all_that_is_wrong_is_told_at_once(workspace):
    lock = snapshots.read_lock(workspace)
    first, second, *_ = lock.pins.values()
    (workspace.raw / first.file).unlink()
    (workspace.raw / second.file).write_bytes(b"other")
    problems = snapshots.verify(workspace, lock)
    assert [p.what.split(":")[0] for p in problems] == [
        "the file is absent",
        "its bytes have changed on disk",
    ]


@pytest.mark.parametrize("extension", ["csv", "csv.gz"])
def test_taking_the_same_bytes_gives_the_same_file(workspace, sidecar, extension):
    first = snapshots.take(workspace, BODY, sidecar, extension)
    stored = (workspace.raw / first.file).read_bytes()
    files = sorted(workspace.raw.rglob("*"))
    second = snapshots.take(workspace, BODY, sidecar, extension)
    assert second == first
    assert (workspace.raw / first.file).read_bytes() == stored
    assert sorted(workspace.raw.rglob("*")) == files
    assert snapshots.open_pinned(workspace, first).body == BODY


def test_other_bytes_are_kept_beside_and_not_instead(workspace, sidecar, path):
    before = path.read_bytes()
    pin = snapshots.take(workspace, BODY, sidecar, "csv.gz")
    assert path.read_bytes() == before
    assert snapshots.open_pinned(workspace, pin).sidecar == replace(sidecar, sha256=pin.sha256)
    assert pin.file.startswith(f"{KEY}/20261122T015500Z-{pin.sha256[:12]}")


def test_taking_changes_no_pin(workspace, sidecar):
    before = workspace.lock.read_bytes()
    snapshots.take(workspace, BODY, sidecar, "csv.gz")
    assert workspace.lock.read_bytes() == before


def test_the_committed_body_is_what_take_would_write(workspace, pin, path):
    """The starter snapshots went in by the same door as any later one."""
    opened = snapshots.open_pinned(workspace, pin)
    assert snapshots.take(workspace, opened.body, opened.sidecar, "csv.gz") == pin


def test_a_lock_written_again_is_the_same(workspace):
    lock = snapshots.read_lock(workspace)
    before = workspace.lock.read_bytes()
    snapshots.write_lock(workspace, replace(lock, pins=dict(reversed(lock.pins.items()))))
    assert workspace.lock.read_bytes() == before
    assert snapshots.read_lock(workspace) == lock


@pytest.mark.parametrize(
    "text",
    ["", "edition = \n", 'edition = "2026"\n', '[pins."a"]\nfile = "x"\n',
     'edition = "2026"\n[pins."a"]\nfile = "x"\n', 'edition = "2026"\npins = 3\n',
     'edition = "2026"\n[pins."a"]\nfile = "x"\nsha256 = "y"\nsidecar_sha256 = "z"\nmore = 1\n'],
)  # fmt: skip
def test_a_lock_that_cannot_be_read_is_named(workspace, text):
    workspace.lock.write_text(text)
    with pytest.raises(SnapshotError, match=r"lock\.toml:\d+: "):
        snapshots.read_lock(workspace)
