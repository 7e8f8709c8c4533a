"""What answers of several services have in common: web pages, refusals, metadata of a known shape."""

from __future__ import annotations

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from healthindicators.errors import DataError, Problem, SourceChanged, SourceUnavailable
from healthindicators.formats import jsontext, refusals
from healthindicators.protocols import Answered, Reply, Request

_SPACE = 1024
"""An answer that begins with so many blanks is empty."""

T = TypeVar("T")


def told(reply: Reply, where: str) -> object:
    """Return what an answer in JSON says.

    Raises
    ------
    SourceUnavailable
        If a web page came instead, as services send with status 200 when they are overloaded.
    SourceChanged
        If it is no JSON.
    """
    refuse_page(reply, where)
    try:
        return jsontext.parse(reply.body, where=where)
    except DataError as error:
        raise SourceChanged(error.problems) from error


def refuse_page(reply: Reply, where: str) -> None:
    """Raise `SourceUnavailable` if a web page or nothing at all came instead of figures."""
    if refusals.is_page(reply.body, reply.media):
        what = f"a web page came instead of an answer: {excerpt(reply)}"
        raise SourceUnavailable([Problem(what, where)])
    if not reply.body[:_SPACE].removeprefix(jsontext.BOM).strip():
        raise SourceUnavailable([Problem("the answer is empty", where)])


def shaped(reply: Reply, shape: TypeAdapter[T], where: str) -> T:
    """Return metadata in the shape that it is known to have; what else it says is left alone.

    Raises
    ------
    SourceUnavailable
        As `told`.
    SourceChanged
        With everything that is of another shape.
    """
    return fitted(told(reply, where), shape, where)


def fitted(said: object, shape: TypeAdapter[T], where: str) -> T:
    """Return what was said in the shape that it is known to have.

    Raises
    ------
    SourceChanged
        With everything that is of another shape.
    """
    try:
        return shape.validate_python(said)
    except ValidationError as error:
        problems = [
            Problem(f"{'/'.join(map(str, e['loc']))}: {e['msg'].lower()}", where)
            for e in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise SourceChanged(problems) from error


def excerpt(reply: Reply) -> str:
    """Return what an answer says where it is a refusal, in one line, for a message."""
    return refusals.said(reply.body, reply.media) or "it says nothing"


def reply_to(request: Request, answered: Answered) -> Reply:
    """Return the answer to a request.

    Raises
    ------
    DataError
        If there is none: the conversation was not led to its end.
    """
    if request not in answered:
        hint = "fetch the table again"
        raise DataError([Problem("an answer is not there", request.url, None, hint)])
    return answered[request]
