"""How services and files are spoken to, one module a protocol: pure functions, no network.

A conversation with a service is a function of what has been answered so far: `requests` returns all
that can be asked knowing those answers, in order, and the conversation is over when each of them is
answered. So metadata comes first, then the parts that metadata make possible; a page names the next;
and whoever resumes needs nothing but the answers that were kept. `read` turns the answers into a cube.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol

from healthindicators.errors import UnknownName
from healthindicators.formats import Cube
from healthindicators.model import Limits, Source, Table


@dataclass(frozen=True)
class Request:
    """One question to a service.

    `body` is text, sent as UTF-8 JSON with POST. `wait` are seconds to let pass before it is sent, and
    `attempt` tells one asking of the same address from another: both are for answers not yet ready.
    `about` is said of a later question about the table, such as for a code list, that is none for
    figures; it makes no other question of it.
    """

    url: str
    method: str = "GET"
    body: str = ""
    wait: float = 0.0
    attempt: int = 0
    about: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Reply:
    """What came back: the status, the media type with its character set, and the bytes as received.

    Too many calls, a fault of the server and a broken connection never get here: the transport asks
    again, and gives up with `SourceUnavailable`. Refusals (400, 403, 404, 410, 413 ...) do.
    """

    body: bytes
    status: int = 200
    media: str = ""


Answered = Mapping[Request, Reply]


@dataclass(frozen=True)
class Ask:
    """What is wanted: a table of a source; `names` of geos may stand in it."""

    source: Source
    table: Table
    names: frozenset[str] = frozenset()


class Conversation(Protocol):
    """What every protocol module offers."""

    def requests(self, ask: Ask, answered: Answered) -> tuple[Request, ...]:
        """Return all requests that can be made knowing `answered`, in order.

        Raises
        ------
        SourceUnavailable, SourceChanged
            If an answer says that the rest is not to be had now, or not as declared.
        """

    def limits(self, ask: Ask, answered: Answered) -> Limits:
        """Return what the service allows, as far as its answers tell; else what the source says."""

    def read(self, ask: Ask, answered: Answered, *, where: str) -> Cube:
        """Return the cells of all answers; `where` names them in problems.

        Raises
        ------
        DataError
            With everything in them that cannot be read without a guess.
        SourceChanged
            If they are not what was asked for.
        """


def names() -> tuple[str, ...]:
    """Return the protocols there are; a module with an underscore is shared by several."""
    return tuple(m.name for m in iter_modules(__path__) if not m.name.startswith("_"))


def protocol(name: str) -> Conversation:
    """Return the module of a protocol.

    Raises
    ------
    UnknownName
        If there is none of that name.
    """
    if name not in names():
        raise UnknownName(name, names())
    module: Conversation = import_module(f"{__name__}.{name}")
    return module
