"""A conversation in one file: the same bytes each time, and no other bytes taken for it."""

import contextlib
import hashlib
import io
import json
import warnings
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.errors import SnapshotError
from healthindicators.protocols import Reply, Request
from healthindicators.snapshots import archive
from healthindicators.snapshots.archive import LIST, Arrival, pack, unpack

ASKED = Request("https://data.example/tables/IFOR41/data", "POST", '{"område": ["0301"]}', 2.0, 1)
TALK = {
    Request("https://data.example/config"): Arrival(
        Reply(b'{"maxDataCells": 800000}', 200, "application/json; charset=utf-8"),
        "2026-11-22T12:00:00Z",
    ),
    ASKED: Arrival(Reply(b"\xef\xbb\xbfTID;INDHOLD\r\n", 200, "text/csv"), "2026-11-22T12:00:01Z"),
    Request("https://data.example/old"): Arrival(Reply(b"", 404), "2026-11-22T12:00:02Z"),
}


def members(body):
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        return {info.filename: file.read(info) for info in file.infolist()}


def zipped(members, **options):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **options) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice: that is what is wanted
        for name, body in members:
            made.writestr(name, body)
    return file.getvalue()


def refused(body):
    with pytest.raises(SnapshotError) as error:
        unpack(body, "here.zip")
    assert "here.zip" in str(error.value)
    return str(error.value)


def test_a_conversation_comes_back_as_it_was():
    assert unpack(pack(TALK), "here") == TALK
    assert list(unpack(pack(TALK), "here")) == list(TALK)


def test_the_same_conversation_gives_the_same_bytes():
    assert pack(TALK) == pack(dict(TALK))
    with zipfile.ZipFile(io.BytesIO(pack(TALK))) as file:
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_every_reply_is_a_member_byte_for_byte():
    kept = members(pack(TALK))
    assert list(kept) == [LIST, "0001.json", "0002.csv", "0003.bin"]
    assert kept["0002.csv"] == b"\xef\xbb\xbfTID;INDHOLD\r\n"


def test_the_list_holds_each_question_in_full():
    about = json.loads(members(pack(TALK))[LIST])[1]
    assert about == {
        "url": ASKED.url, "method": "POST", "body": '{"område": ["0301"]}', "wait": 2.0,
        "attempt": 1, "status": 200, "media": "text/csv", "received": "2026-11-22T12:00:01Z",
        "sha256": hashlib.sha256(b"\xef\xbb\xbfTID;INDHOLD\r\n").hexdigest(),
        "member": "0002.csv",
    }  # fmt: skip


def other(**changed):
    """Return the members of a good file with some of them changed, or gone where None."""
    return [(n, b) for n, b in {**members(pack(TALK)), **changed}.items() if b is not None]


def listed(change):
    """Return the members of a good file with its list changed."""
    entries = json.loads(members(pack(TALK))[LIST])
    change(entries)
    return other(**{LIST: json.dumps(entries).encode()})


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (other(**{"0001.json": b'{"maxDataCells": 1}'}), "the bytes of '0001.json' have changed"),
        (other(**{"0001.json": None}), "member '0001.json' is absent"),
        (other(**{"0004.json": b"{}"}), "member '0004.json' is not in its list"),
        (other(**{LIST: None}), f"it has no {LIST}"),
        (other(**{LIST: b"{"}), "does not hold"),
        (other(**{LIST: b"[]"}), "the conversation is empty"),
        (other(**{LIST: b'[{"url": 1}]'}), "does not hold"),
        (other(**{"../../etc/passwd": b"x"}), "member '../../etc/passwd' has no place in it"),
        (other(**{"/0001.json": b"x"}), "member '/0001.json' has no place in it"),
        (other(**{"0009.JSON": b"x"}), "member '0009.JSON' has no place in it"),
        ([*other(), ("0001.json", b"twice")], "member '0001.json' is there twice"),
        (listed(lambda entries: entries.append(entries[0])), "listed twice"),
        (listed(lambda entries: entries[0].update(member="0002.csv")), "listed twice"),
        (listed(lambda entries: entries[0].update(status="200")), "status"),
        (listed(lambda entries: entries[0].update(more=1)), "more"),
        (listed(lambda entries: entries[0].pop("media")), "media"),
    ],
)  # fmt: skip
def test_a_file_that_was_tampered_with_is_refused(made, words):
    assert words in refused(zipped(made))


def test_an_encrypted_member_is_refused():
    body = bytearray(zipped(other()))
    at = body.index(b"PK\x01\x02")
    body[at + 8] |= 1
    assert "is encrypted" in refused(bytes(body))


def test_a_member_that_is_packed_oddly_is_refused():
    assert "is packed oddly" in refused(zipped(other(), compression=zipfile.ZIP_LZMA))


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(archive, "LARGEST", 10_000)
    bomb = zipped(other(**{"0001.json": bytes(20_000)}), compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 2_000
    assert "larger than any table" in refused(bomb)


@pytest.mark.parametrize("left", [0, 1, 100, -1, -30])
def test_a_file_that_was_cut_off_is_refused(left):
    assert "not a whole zip" in refused(pack(TALK)[:left])


@given(st.data())
def test_any_change_of_any_byte_is_refused_or_harmless(data):
    good = pack(TALK)
    at = data.draw(st.integers(0, len(good) - 1))
    changed = bytearray(good)
    changed[at] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(SnapshotError):
        assert unpack(bytes(changed), "here") == TALK
