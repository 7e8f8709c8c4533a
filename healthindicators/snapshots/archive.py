"""A conversation as one file: every reply as it came, and a list of what was asked and when.

The file is a zip without times, so the same conversation always gives the same bytes. Its members are
the bodies in order and `conversation.json`. A file that is anything else is refused before a byte of
it is used.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar

from pydantic import TypeAdapter, ValidationError

from healthindicators.errors import Problem, SnapshotError
from healthindicators.protocols import Reply, Request

LIST = "conversation.json"
LARGEST = 1024**3
"""Bytes of all members together; no table of a municipality's figures is near it."""

_LIST_LARGEST = 64 * 1024**2
_MEMBER = re.compile(r"\d{4,6}\.[a-z0-9]{1,8}")
_YEAR_ZERO = (1980, 1, 1, 0, 0, 0)
_HINT = "restore it from version control, or fetch the table again"
_ENDINGS = {"json": "json", "csv": "csv", "xml": "xml", "plain": "txt", "html": "html"}


@dataclass(frozen=True)
class Arrival:
    """An answer and when it came: ISO 8601, in UTC."""

    reply: Reply
    received: str


@dataclass(frozen=True)
class Entry:
    """One question and what is known of its answer, as the list and the kept parts hold it."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    url: str
    method: str
    body: str
    wait: float
    attempt: int
    status: int
    media: str
    received: str
    sha256: str
    member: str

    @property
    def request(self) -> Request:
        """The question."""
        return Request(self.url, self.method, self.body, self.wait, self.attempt)

    def arrival(self, body: bytes) -> Arrival:
        """Return the answer whose bytes are `body`."""
        return Arrival(Reply(body, self.status, self.media), self.received)


_ENTRIES = TypeAdapter(list[Entry])


def entry(request: Request, arrival: Arrival, member: str) -> Entry:
    """Return what is written of a question and its answer."""
    reply = arrival.reply
    digest = hashlib.sha256(reply.body).hexdigest()
    asked = (request.url, request.method, request.body, request.wait, request.attempt)
    return Entry(*asked, reply.status, reply.media, arrival.received, digest, member)


def pack(conversation: Mapping[Request, Arrival]) -> bytes:
    """Return a conversation as the bytes of a zip, replies in the order they were asked for."""
    bodies = {
        f"{number:04}.{_ending(arrival.reply.media)}": (request, arrival)
        for number, (request, arrival) in enumerate(conversation.items(), start=1)
    }
    entries = [asdict(entry(*pair, member)) for member, pair in bodies.items()]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        _add(archive, LIST, json.dumps(entries, ensure_ascii=False, indent=1).encode())
        for member, (_, arrival) in bodies.items():
            _add(archive, member, arrival.reply.body)
    return file.getvalue()


def _add(archive: zipfile.ZipFile, name: str, body: bytes) -> None:
    about = zipfile.ZipInfo(name, _YEAR_ZERO)
    about.compress_type = zipfile.ZIP_DEFLATED
    about.create_system = 3  # the same on every system
    about.external_attr = 0o644 << 16
    archive.writestr(about, body, compresslevel=6)


def _ending(media: str) -> str:
    kind = media.partition(";")[0].strip().lower().rpartition("/")[2].rpartition("+")[2]
    return _ENDINGS.get(kind, "bin")


def unpack(body: bytes, where: str) -> dict[Request, Arrival]:
    """Return the conversation in the bytes of a zip.

    Raises
    ------
    SnapshotError
        If it is not as `pack` writes it: members that are absent, changed, too many, encrypted, named
        oddly or too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            problems = list(_surprises(archive, where))
            if problems:
                raise SnapshotError(problems)
            return _read(archive, where)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError
    ) as error:  # fmt: skip
        raise SnapshotError([Problem(f"not a whole zip: {error}", where, None, _HINT)]) from error


def _surprises(archive: zipfile.ZipFile, where: str) -> Iterator[Problem]:
    members = archive.infolist()
    names = [member.filename for member in members]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem(f"member '{name}' is there twice", where, None, _HINT)
    for member in members:
        if member.filename != LIST and not _MEMBER.fullmatch(member.filename):
            yield Problem(f"member '{member.filename[:80]}' has no place in it", where, None, _HINT)
        if member.flag_bits & 1:
            yield Problem(f"member '{member.filename[:80]}' is encrypted", where, None, _HINT)
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            yield Problem(f"member '{member.filename[:80]}' is packed oddly", where, None, _HINT)
        if member.filename == LIST and member.file_size > _LIST_LARGEST:
            yield Problem(f"its {LIST} is larger than allowed", where, None, _HINT)
    if sum(member.file_size for member in members) > LARGEST:
        yield Problem("unpacked, it is larger than any table", where, None, _HINT)
    if LIST not in names:
        yield Problem(f"it has no {LIST}", where, None, _HINT)


def _read(archive: zipfile.ZipFile, where: str) -> dict[Request, Arrival]:
    try:
        entries = _ENTRIES.validate_json(archive.read(LIST), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        what = f"its {LIST} does not hold: {'.'.join(map(str, first['loc']))} {first['msg']}"
        raise SnapshotError([Problem(what, where, None, _HINT)]) from error
    problems = list(_mismatches(entries, set(archive.namelist()) - {LIST}, where))
    found: dict[Request, Arrival] = {}
    for each in [] if problems else entries:
        body = archive.read(each.member)
        if hashlib.sha256(body).hexdigest() != each.sha256:
            problems.append(
                Problem(f"the bytes of '{each.member}' have changed", where, None, _HINT)
            )
        found[each.request] = each.arrival(body)
    if problems:
        raise SnapshotError(problems)
    return found


def _mismatches(entries: list[Entry], members: set[str], where: str) -> Iterator[Problem]:
    listed = [each.member for each in entries]
    if not listed:
        yield Problem("the conversation is empty", where, None, _HINT)
    for name in sorted(members - set(listed)):
        yield Problem(f"member '{name}' is not in its list", where, None, _HINT)
    for name in sorted(set(listed) - members):
        yield Problem(f"member '{name[:80]}' is absent", where, None, _HINT)
    if len(set(listed)) < len(listed) or len({each.request for each in entries}) < len(entries):
        yield Problem("a question or an answer is listed twice", where, None, _HINT)
