"""TOML files into frozen dataclasses: every problem at once, each with its file and line.

`tomllib` keeps no positions, so the lines of keys are found again by a scan of the text. The scan
knows tables, arrays of tables and one key a line, which is how declarations are written here.
"""

from __future__ import annotations

import json
import re
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from healthindicators.errors import Problem, nearest

T = TypeVar("T")
Location = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*")(?:\s*\.\s*(?:[\w-]+|"[^"]*"))*)\s*=""")
_PART = re.compile(r'"([^"]*)"|([\w-]+)')
_ADAPTERS: dict[type, TypeAdapter[Any]] = {}
_SYNTAX_LINE = re.compile(r"\(at line (\d+)")


def read(
    file: Traversable, into: type[T], given: Mapping[str, Any] | None = None
) -> tuple[T | None, list[Problem]]:
    """Read one TOML file into the dataclass `into`.

    Parameters
    ----------
    file : Traversable
        The file; its name is used in messages.
    into : type
        A dataclass of `model`; unknown keys, wrong types and missing keys are problems.
    given : mapping, optional
        Fields that the file's place says, such as its id.

    Returns
    -------
    tuple of object and list of Problem
        The object, or None with the problems.
    """
    try:
        text = file.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return None, [Problem("not UTF-8", file.name, line, "save it as UTF-8")]
    except tomllib.TOMLDecodeError as error:
        found = _SYNTAX_LINE.search(str(error))
        line = int(found[1]) if found else len(text.splitlines())
        return None, [Problem(f"not valid TOML: {error}", file.name, line)]
    lines = _lines(text)
    clash = [
        Problem(f"'{key}' is said by the file's place", file.name, lines.get((key,)), "remove it")
        for key in given or {}
        if key in data
    ]
    try:
        body = json.dumps({**data, **(given or {})}, default=str)
        return _adapter(into).validate_json(body, strict=True), clash
    except ValidationError as error:
        return None, clash + [_problem(e, into, file.name, lines) for e in error.errors()]


def line_of(file: Traversable, location: Location) -> int | None:
    """Return the line of a key, or of the nearest heading above it."""
    return _nearest_line(_lines(file.read_text(encoding="utf-8")), location)


def _adapter(into: type[T]) -> TypeAdapter[T]:
    if into not in _ADAPTERS:
        _ADAPTERS[into] = TypeAdapter(into)
    return _ADAPTERS[into]


def _lines(text: str) -> dict[Location, int]:
    lines: dict[Location, int] = {(): 1}
    counts: dict[Location, int] = {}
    table: Location = ()
    in_string = False
    for number, row in enumerate(text.splitlines(), start=1):
        if in_string or row.count('"""') % 2:
            in_string = in_string != bool(row.count('"""') % 2)
        elif header := _HEADER.match(row):
            table = _indexed(_parts(header[2]), counts, opens=header[1] == "[[")
            lines.setdefault(table, number)
        elif key := _KEY.match(row):
            lines.setdefault((*table, *_parts(key[1])), number)
    return lines


def _parts(dotted: str) -> Location:
    return tuple(quoted or bare for quoted, bare in _PART.findall(dotted))


def _indexed(parts: Location, counts: dict[Location, int], *, opens: bool) -> Location:
    """Put the index of the current element behind every array of tables on the way."""
    path: Location = ()
    for position, part in enumerate(parts):
        path = (*path, part)
        if opens and position == len(parts) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _nearest_line(lines: Mapping[Location, int], location: Location) -> int | None:
    for length in range(len(location), -1, -1):
        if location[:length] in lines:
            return lines[location[:length]]
    return None


def _problem(error: ErrorDetails, into: type, where: str, lines: Mapping[Location, int]) -> Problem:
    location = error["loc"]
    key = ".".join(str(part) for part in location)
    line = _nearest_line(lines, location)
    if error["type"] in ("missing", "missing_argument"):
        return Problem(f"'{key}' is missing", where, line, "add it")
    if error["type"] == "unexpected_keyword_argument":
        near = nearest(str(location[-1]), _field_names(into, location[:-1]))
        hint = f"did you mean {' or '.join(near)}?" if near else "remove it"
        return Problem(f"'{key}' is not a known key", where, line, hint)
    return Problem(f"'{key}' is {error['input']!r}", where, line, error["msg"])


def _field_names(into: Any, location: Location) -> Iterable[str]:
    """Return the keys that are known where `location` points to."""
    current = into
    for part in location:
        if is_dataclass(current):
            current = typing.get_type_hints(current).get(str(part))
        elif arguments := typing.get_args(current):
            current = arguments[1] if typing.get_origin(current) is not tuple else arguments[0]
        if isinstance(current, types.UnionType):
            current = next(a for a in typing.get_args(current) if a is not type(None))
    return [f.name for f in fields(current)] if is_dataclass(current) else []
