"""PxWebApi 2, as Statistics Norway and Statistics Sweden run it.

The conversation: the service's limits, the table's metadata, the code lists that the table file names,
then the cells in parts. Read in the server's source, its guide and recorded replies, 2026-11:

- Without a selection the service gives a small default slice, not the table; an omitted dimension that
  may be eliminated is summed away, an omitted mandatory one is 400. So every mandatory dimension must
  be declared, and every code is sent by name.
- One unknown code kills the whole request (400), so selections are expanded here, against metadata or
  the code list; case does not matter there, and the service's own spelling is sent.
- A GET longer than about 2100 characters is 404, so the body goes by POST, with language and format in
  the address. `outputValues` is obsolete and not sent.
- Cells are counted with the empty ones. Too many is 403 in the specification and 400 in the server.
- An unknown table is HTTP 400 on ``/data``, with 404 in the body.
- ``top`` on time is the newest, given in ascending order.
- ``-`` with null is a true zero, ``.`` a code that did not exist then; a mark may stand beside a value;
  values are rounded to the decimals shown. All marks are kept, none is read here.
- Statistics Sweden adds noise from 2025 on: parts do not add to totals, and nothing says they must.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from healthindicators.errors import DataError, Problem, SourceChanged, SourceUnavailable
from healthindicators.formats import Cube, jsonstat
from healthindicators.formats.axes import Axis, mapping, texts
from healthindicators.formats.instants import instant
from healthindicators.formats.jsontext import parse
from healthindicators.model import Dimension, Limits
from healthindicators.protocols import Answered, Ask, Reply, Request
from healthindicators.protocols._codes import near
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


@dataclass(frozen=True)
class _Metadata:
    """The dimensions of a table by their own codes, and which of them are time and contents.

    `own` are those codes by the ones that the table file has.
    """

    axes: Mapping[str, Axis]
    own: Mapping[str, str]
    time: tuple[str, ...]
    metric: tuple[str, ...]


def requests(ask: Ask, answered: Answered) -> tuple[Request, ...]:
    """Return limits and metadata, then code lists, then the cells in parts.

    Raises
    ------
    SourceUnavailable
        If a web page came instead of an answer.
    SourceChanged
        If the table, a dimension or a code is not there, or a mandatory dimension is not declared.
    CatalogError
        If a selection is written as none can be.
    """
    first = [_config(ask), _metadata_request(ask)]
    if not all(request in answered for request in first):
        return tuple(first)
    metadata = _metadata(ask, answered)
    lists = [_codelist(ask, d) for d in ask.table.dimensions if d.codelist]
    if not all(request in answered for request in lists):
        return (*first, *dict.fromkeys(lists))
    refused, parts = _parts(ask, answered, metadata)
    return tuple(dict.fromkeys([*first, *lists, *refused, *(request for _, request in parts)]))


def limits(ask: Ask, answered: Answered) -> Limits:
    """Return the limits in the service's configuration, else those of the source."""
    reply = answered.get(_config(ask))
    return limits_told(reply, "maxDataCells", "maxCallsPerTimeWindow", ask.source.limits)


def updated(ask: Ask, answered: Answered) -> str:
    """Return when the table was last changed, as its metadata tell; empty where they do not.

    Raises
    ------
    SourceUnavailable, SourceChanged
        If the metadata are no answer.
    """
    reply = answered.get(_metadata_request(ask))
    if reply is None:
        return ""
    where = f"metadata of {ask.table.code}"
    return instant(_structure(check(reply, where), where)[1].get("updated"))


def selected(ask: Ask, answered: Answered) -> dict[str, dict[str, str]]:
    """Return the codes that are asked for, with the service's labels, by declared dimension.

    Raises
    ------
    SourceChanged
        As `requests` does.
    """
    metadata = _metadata(ask, answered)
    found = {}
    for name, codes in _chosen(ask, answered, metadata).items():
        labels = metadata.axes[metadata.own[name]].labels
        found[name] = {code: labels.get(code, code) for code in codes}
    return found


def read(ask: Ask, answered: Answered, *, where: str) -> Cube:
    """Return the cells of all parts, whole and from one state of the table.

    Raises
    ------
    DataError
        If a part cannot be read, or has no answer.
    SourceChanged
        If the parts are not what was asked for, or the table changed between them.
    """
    complete(requests(ask, answered), answered, where)
    _, parts = _parts(ask, answered, _metadata(ask, answered))
    cubes = [
        jsonstat.read(answered[request].body, where=f"{where}, part {number} of {len(parts)}")
        for number, (_, request) in enumerate(parts, start=1)
    ]
    return together(cubes, [part for part, _ in parts], where)


def _query(ask: Ask, **more: str) -> str:
    language = {"lang": ask.source.language} if ask.source.language else {}
    query = urlencode({**language, **more})
    return f"?{query}" if query else ""


def _config(ask: Ask) -> Request:
    return Request(address(ask.source.base, "config"))


def _metadata_request(ask: Ask) -> Request:
    return Request(address(ask.source.base, "tables", ask.table.code, "metadata") + _query(ask))


def _codelist(ask: Ask, dimension: Dimension) -> Request:
    url = address(ask.source.base, "codelists", dimension.codelist) + _query(ask)
    return Request(url, about=True)


def _metadata(ask: Ask, answered: Answered) -> _Metadata:
    where = f"metadata of {ask.table.code}"
    axes, tree = _structure(check(answered[_metadata_request(ask)], where), where)
    role = mapping(tree.get("role"))
    optional = {code: axis.extension.get("elimination") is True for code, axis in axes.items()}
    hint = "what is not asked for is refused, or summed where it may be"
    own = spelled(ask.table.dimensions, optional, hint, where)
    return _Metadata(axes, own, texts(role.get("time")), texts(role.get("metric")))


def _structure(reply: Reply, where: str) -> tuple[dict[str, Axis], Mapping[str, object]]:
    try:
        return jsonstat.structure(reply.body, where=where)
    except DataError as error:
        raise SourceUnavailable(error.problems) from error


def _parts(
    ask: Ask, answered: Answered, metadata: _Metadata
) -> tuple[list[Request], list[tuple[Selection, Request]]]:
    return asked(
        _chosen(ask, answered, metadata),
        limits(ask, answered).cells,
        lambda part: _data(ask, metadata, part),
        answered,
        last=[d.code for d in ask.table.dimensions if metadata.own[d.code] in metadata.metric],
        where=f"table {ask.table.code}",
    )


def _chosen(ask: Ask, answered: Answered, metadata: _Metadata) -> dict[str, tuple[str, ...]]:
    return select(ask.table.dimensions, lambda d: _selected(ask, answered, metadata, d))


def _selected(
    ask: Ask, answered: Answered, metadata: _Metadata, dimension: Dimension
) -> tuple[str, ...]:
    own = metadata.own[dimension.code]
    where = f"table {ask.table.code}, dimension {own}"
    codes = metadata.axes[own].codes
    if dimension.codelist:
        codes = _listed(ask, answered, metadata.axes[own], dimension, where)
    is_time = own in metadata.time or dimension.role == "period"
    return expand(dimension.select, codes, is_time=is_time, where=where)


def _listed(
    ask: Ask, answered: Answered, axis: Axis, dimension: Dimension, where: str
) -> tuple[str, ...]:
    """Return the codes of a code list; it must be one that the dimension offers."""
    offers = axis.extension.get("codelists")
    offered = [str(mapping(o).get("id")) for o in offers] if isinstance(offers, list) else []
    if offered and dimension.codelist.casefold() not in {name.casefold() for name in offered}:
        hint = near(dimension.codelist, offered)
        raise SourceChanged([Problem(f"no code list {dimension.codelist!r}", where, None, hint)])
    where = f"{where}, code list {dimension.codelist}"
    reply = check(answered[_codelist(ask, dimension)], where)
    try:
        values = mapping(parse(reply.body, where=where)).get("values")
    except DataError as error:
        raise SourceUnavailable(error.problems) from error
    codes = [mapping(v).get("code") for v in values] if isinstance(values, list) else []
    known = tuple(code for code in codes if isinstance(code, str))
    if not known or len(known) != len(codes) or len(set(known)) != len(known):
        raise SourceChanged([Problem("it has no codes, or codes twice", where)])
    return known


def _data(ask: Ask, metadata: _Metadata, part: Selection) -> Request:
    lists = {d.code: d.codelist for d in ask.table.dimensions}
    chosen = []
    for code, codes in part.items():
        wanted: dict[str, object] = {"variableCode": metadata.own[code]}
        if lists[code]:
            wanted["codelist"] = lists[code]
        chosen.append({**wanted, "valueCodes": list(codes)})
    url = address(ask.source.base, "tables", ask.table.code, "data")
    body = json.dumps({"selection": chosen}, ensure_ascii=False)
    return Request(url + _query(ask, outputFormat="json-stat2"), "POST", body)
