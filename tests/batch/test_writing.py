"""Files that belong together are written together or not at all."""

import os

import pytest

from healthindicators.errors import WorkspaceError
from healthindicators.workspace import PART, sweep, write_changed, write_together


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_files_are_written_together(tmp_path):
    write_together({tmp_path / "new" / "a": b"1", tmp_path / "new" / "b": b"2"})
    assert names(tmp_path / "new") == ["a", "b"]
    assert (tmp_path / "new" / "b").read_bytes() == b"2"


def test_where_one_cannot_be_written_none_is(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(WorkspaceError, match=r"Cannot write .*file/b"):
        write_together({tmp_path / "a": b"new", tmp_path / "file" / "b": b"new"})
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a", "file"]


def test_all_are_whole_before_the_first_gets_its_name(tmp_path, monkeypatch):
    class Stopped(KeyboardInterrupt):
        pass

    seen = []

    def stop(part, target):
        seen.extend(names(tmp_path))
        raise Stopped

    monkeypatch.setattr(type(tmp_path), "replace", stop)
    with pytest.raises(Stopped):
        write_together({tmp_path / "a": b"1", tmp_path / "b": b"2"})
    assert seen == [f".a.{os.getpid()}{PART}", f".b.{os.getpid()}{PART}"]
    assert names(tmp_path) == []


def test_what_is_the_same_is_not_written(tmp_path):
    path = tmp_path / "index.html"
    assert write_changed(path, b"one")
    before = path.stat()
    assert not write_changed(path, b"one")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino
    assert write_changed(path, b"two")
    assert path.read_bytes() == b"two"


def test_sweeping_removes_what_dead_processes_left_and_nothing_else(tmp_path):
    dead = tmp_path / "deep" / f".page.html.{2**22 + 1}{PART}"  # no such number on Linux
    kept = [f".page.html.{os.getpid()}{PART}", f".page.html.x{PART}", f"page.4194305{PART}"]
    dead.parent.mkdir()
    for path in (dead, *(tmp_path / name for name in kept)):
        path.write_bytes(b"half")
    assert sweep(tmp_path) == [dead]
    assert names(tmp_path) == sorted([*kept, "deep"])
    assert sweep(tmp_path / "absent") == []
