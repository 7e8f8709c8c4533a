"""PxWeb API version 1: Folkhälsodata, and the elder interfaces of Statistics Norway and Sweden.

The conversation: the service's limits, the table's metadata, then the cells in parts. Read in the
server's source and recorded replies, 2026-11:

- The language is in the address. Ids of tables are paths and may have letters beyond ASCII; those of
  Folkhälsodata end in ``.px``.
- An omitted mandatory variable means all its values, the opposite of version 2; an omitted eliminable
  one is summed away. So every mandatory variable must be declared.
- `values` are left out of metadata where a variable has more than the server's `maxValues`. Such a
  variable, and one with a filter ``vs:ID`` or ``agg:ID``, has codes that nothing here can be held
  against: they are sent as the table file names them.
- Filters are item, all (patterns with one ``*``), top (newest on time), ``vs:``, ``agg:``. Codes that
  are known are sent by name, as items.
- One unknown item is 400. Too many cells is 403 "Too many values selected"; `maxCells` is the limit.
- The recorded reply of Statistics Sweden (2024-01) has blanks in `updated`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from healthindicators.errors import (
    CatalogError,
    DataError,
    Problem,
    SourceChanged,
    SourceUnavailable,
)
from healthindicators.formats import Cube, jsonstat, pxjson
from healthindicators.formats.axes import mapping, texts
from healthindicators.formats.jsontext import parse
from healthindicators.model import Dimension, Limits
from healthindicators.protocols import Answered, Ask, Request
from healthindicators.protocols._pxweb import (
    address,
    asked,
    check,
    complete,
    limits_told,
    select,
    spelled,
    together,
)
from healthindicators.protocols._selection import Selection, expand

FILTERS = ("", "item", "all", "top", "vs", "agg", "agg_single", "agg_all")

Variables = Mapping[str, Mapping[str, object]]


def requests(ask: Ask, answered: Answered) -> tuple[Request, ...]:
    """Return limits and metadata, then the cells in parts.

    Raises
    ------
    SourceUnavailable
        If a web page came instead of an answer.
    SourceChanged
        If the table, a variable or a code is not there, or a mandatory variable is not declared.
    CatalogError
        If a filter or a selection is written as none can be.
    """
    first = [_config(ask), _metadata(ask)]
    if not all(request in answered for request in first):
        return tuple(first)
    refused, parts = _parts(ask, answered)
    return tuple(dict.fromkeys([*first, *refused, *(request for _, request in parts)]))


def limits(ask: Ask, answered: Answered) -> Limits:
    """Return the limits in the service's configuration, else those of the source."""
    reply = answered.get(_config(ask))
    return limits_told(reply, "maxCells", "maxCalls", ask.source.limits)


def selected(ask: Ask, answered: Answered) -> dict[str, dict[str, str]]:
    """Return the codes that are asked for, with the service's labels, by declared dimension.

    Raises
    ------
    SourceChanged
        As `requests` does.
    """
    variables, own = _variables(ask, answered)
    found = {}
    for name, codes in _chosen(ask, variables, own).items():
        variable = variables[own[name]]
        labels = dict(
            zip(texts(variable.get("values")), texts(variable.get("valueTexts")), strict=False)
        )
        found[name] = {code: labels.get(code, code) for code in codes}
    return found | {d.code: {} for d in ask.table.dimensions if _is_open(d)}


def read(ask: Ask, answered: Answered, *, where: str) -> Cube:
    """Return the cells of all parts, whole and from one state of the table.

    JSON-stat is asked for; PxWeb's own ``json`` is read as well.

    Raises
    ------
    DataError
        If a part cannot be read, or has no answer.
    SourceChanged
        If the parts are not what was asked for, or the table changed between them.
    """
    complete(requests(ask, answered), answered, where)
    _, parts = _parts(ask, answered)
    cubes = [
        _cube(answered[request].body, f"{where}, part {number} of {len(parts)}")
        for number, (_, request) in enumerate(parts, start=1)
    ]
    unknown = {d.code for d in ask.table.dimensions if _is_open(d)}
    wanted = [{n: () if n in unknown else c for n, c in part.items()} for part, _ in parts]
    return together(cubes, wanted, where)


def _cube(body: bytes, where: str) -> Cube:
    if b'"columns"' in body and pxjson.is_pxjson(parse(body, where=where)):
        return pxjson.read(body, where=where)
    return jsonstat.read(body, where=where)


def _config(ask: Ask) -> Request:
    return Request(f"{ask.source.base.rstrip('/')}?config")


def _metadata(ask: Ask) -> Request:
    return Request(address(ask.source.base, ask.table.code))


def _variables(ask: Ask, answered: Answered) -> tuple[Variables, Mapping[str, str]]:
    """Return the variables of a table by their codes, and those codes by the ones declared."""
    where = f"metadata of {ask.table.code}"
    reply = check(answered[_metadata(ask)], where)
    try:
        listed = mapping(parse(reply.body, where=where)).get("variables")
    except DataError as error:
        raise SourceUnavailable(error.problems) from error
    found = (
        {str(mapping(v).get("code")): mapping(v) for v in listed}
        if isinstance(listed, list)
        else {}
    )
    if not found:
        hint = "its address may be that of a folder"
        raise SourceChanged([Problem("no variables in the metadata", where, None, hint)])
    optional = {code: variable.get("elimination") is True for code, variable in found.items()}
    hint = "what is not asked for comes with all its values"
    return found, spelled(ask.table.dimensions, optional, hint, where)


def _filter(dimension: Dimension) -> str:
    """Return a filter as it is sent; `codelist` may stand apart from it."""
    wanted = dimension.filter
    if dimension.codelist and ":" not in wanted:
        wanted = f"{wanted or 'vs'}:{dimension.codelist}"
    kind, _, name = wanted.partition(":")
    if kind not in FILTERS or (kind in FILTERS[4:]) != bool(name):
        hint = "item, all, top, vs:ID, agg:ID, agg_single:ID or agg_all:ID"
        where = f"dimension {dimension.code}"
        raise CatalogError([Problem(f"{wanted!r} is no filter", where, None, hint)])
    return wanted


def _is_open(dimension: Dimension) -> bool:
    """Return whether only the service knows which codes are selected."""
    return any("*" in text for text in dimension.select) and ":" in _filter(dimension)


def _selected(dimension: Dimension, variable: Mapping[str, object]) -> tuple[str, ...]:
    """Return codes; or the texts of the table file, where there is nothing to hold them against."""
    codes = texts(variable.get("values"))
    chosen = dimension.select
    if _filter(dimension) == "top":
        chosen = tuple(f"top({count})" for count in chosen)
    where = f"dimension {dimension.code}"
    if ":" not in _filter(dimension) and codes:
        is_time = variable.get("time") is True or dimension.role == "period"
        return expand(chosen, codes, is_time=is_time, where=where)
    if not chosen:
        raise CatalogError([Problem("nothing is selected", where)])
    if ":" not in _filter(dimension) and (
        _filter(dimension) == "top" or any("*" in c for c in chosen)
    ):
        hint = "it has too many values for metadata: name the codes in the table file"
        raise SourceChanged([Problem("its codes are not told", where, None, hint)])
    return chosen


def _chosen(ask: Ask, variables: Variables, own: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return select(ask.table.dimensions, lambda d: _selected(d, variables[own[d.code]]))


def _parts(ask: Ask, answered: Answered) -> tuple[list[Request], list[tuple[Selection, Request]]]:
    variables, own = _variables(ask, answered)
    selection = _chosen(ask, variables, own)
    filters = {d.code: f if ":" in (f := _filter(d)) else "item" for d in ask.table.dimensions}

    def data(part: Selection) -> Request:
        query = [
            {"code": own[code], "selection": {"filter": filters[code], "values": list(codes)}}
            for code, codes in part.items()
        ]
        body = {"query": query, "response": {"format": "json-stat2"}}
        return Request(_metadata(ask).url, "POST", json.dumps(body, ensure_ascii=False))

    return asked(
        selection,
        limits(ask, answered).cells,
        data,
        answered,
        last=[code for code in selection if own[code].casefold() == "contentscode"],
        where=f"table {ask.table.code}",
    )
