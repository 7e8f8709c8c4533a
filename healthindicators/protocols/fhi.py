"""Norwegian Institute of Public Health (FHI), Statistikk open API v1.

What is asked: the table's card, its codes and its flags, then the figures. A table's code is
``source/number``, such as ``nokkel/507``. Quirks, from the provider's own text, users' reports and
recorded questions (read 2026-11-22):

- Every dimension must stand in the question exactly once, with one filter; else status 400. What is
  measured is the dimension ``MEASURE_TYPE``; if the service does not list its codes they are sent as
  they are declared.
- FHI's ``top`` means the first n codes of the list, not the newest; ``bottom`` the last n. Here both
  are expanded against the list, with FHI's meaning, and only codes are sent.
- Codes are a tree; a code's children are codes like any other.
- More rows than `maxRowCount` is an error. It is always set, and the question is split below it.
- Codes are text: years ``2020_2020`` and ``2015_2019``, ages ``0_120``, places ``0``, ``03``, ``0301``.
- JSON-stat comes with flags as text among the values, status as an empty text, null roles and perhaps
  a byte-order mark. `updated` there is the day of publication; `modifiedAt` of the card is any change.
- csv3 (codes) is separated by ``;`` or ``,``, nobody says when: read here if it comes, by its header.
- The shape of `flag` is in no document: a list of objects is assumed, and its texts go to the notes. A
  table may have none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field, TypeAdapter

from healthindicators.errors import CatalogError, DataError, Problem, SourceChanged
from healthindicators.formats import Cube, jsonstat
from healthindicators.formats.instants import instant
from healthindicators.model import Dimension, Limits
from healthindicators.protocols import (
    Answered,
    Ask,
    Reply,
    Request,
    _answers,
    _codes,
    _fhi_text,
    _pxweb,
    _selection,
)
from healthindicators.protocols._selection import Selection

MOST_ROWS = 50_000
"""Rows asked for at once where the source sets no limit of cells: the number in FHI's example."""
FILTERS = ("", "item", "all", "top", "bottom")
_END = re.compile(r"(top|bottom)\((\d+)\)")
_FLAG_KEYS = ("value", "symbol", "flag", "code")
_TEXT_KEYS = ("label", "description", "text", "title")


@dataclass(frozen=True)
class _Card:
    title: str | None = None
    modified: Annotated[str | None, Field(alias="modifiedAt")] = None


@dataclass(frozen=True)
class _Category:
    value: str
    label: str | None = None
    children: tuple[_Category, ...] | None = None


@dataclass(frozen=True)
class _Dimension:
    code: str
    categories: tuple[_Category, ...]
    label: str | None = None


@dataclass(frozen=True)
class _Dimensions:
    dimensions: tuple[_Dimension, ...]


_CARD = TypeAdapter(_Card)
_DIMENSIONS = TypeAdapter(_Dimensions)


def requests(ask: Ask, answered: Answered) -> tuple[Request, ...]:
    """Return the questions for card, codes and flags, and then those for the figures.

    Raises
    ------
    CatalogError
        If the table's code or a selection cannot be understood.
    SourceChanged
        If a dimension or a code is not there (or a dimension is not declared), or FHI refuses.
    SourceUnavailable
        If a web page came instead of an answer.
    """
    about = _about(ask)
    for question in about:
        if question in answered and not (question is about[-1] and _is_nothing(answered[question])):
            _refuse(answered[question], question.url)
    if any(question not in answered for question in about):
        return about
    figures = tuple(_questions(ask, _chosen(ask, answered)))
    for question in figures:
        if question in answered:
            _refuse(answered[question], question.url)
    return (*about, *figures)


def limits(ask: Ask, answered: Answered) -> Limits:
    """Return the source's limits: the service tells none."""
    return ask.source.limits


def updated(ask: Ask, answered: Answered) -> str:
    """Return when the table was last changed, in UTC; empty as long as its card is not there."""
    question = _about(ask)[0]
    return instant(_card(answered[question], question.url).modified) if question in answered else ""


def selected(ask: Ask, answered: Answered) -> dict[str, dict[str, str]]:
    """Return the codes that are asked for, with the service's labels, by declared dimension.

    Raises
    ------
    SourceChanged
        As `requests` does.
    """
    labels = {
        _codes.folded(name): {category.value: category.label for category in categories}
        for name, categories in _listed(ask, answered).items()
    }
    return {
        name: {code: labels.get(_codes.folded(name), {}).get(code) or code for code in codes}
        for name, codes in _chosen(ask, answered).items()
    }


def read(ask: Ask, answered: Answered, *, where: str) -> Cube:
    """Return all cells that were asked for, with flags as symbols and what they mean in the notes.

    Raises
    ------
    DataError
        With everything that cannot be read.
    SourceChanged
        If an answer has other dimensions or codes than were asked for, or the table was published
        anew between two answers.
    """
    questions = _questions(ask, _chosen(ask, answered))
    cubes = []
    problems: list[Problem] = []
    for number, (question, part) in enumerate(questions.items(), start=1):
        name = where if len(questions) == 1 else f"{where}, part {number}"
        try:
            reply = _answers.reply_to(question, answered)
            _refuse(reply, name)
            cubes.append(_cells(reply.body, part, name))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    cube = _pxweb.together(cubes, list(questions.values()), where)
    if len(cubes) > 1:  # parts of an inner dimension lie one behind the other
        ordered = cube.cells.sort_values(list(cube.dimensions), ignore_index=True)
        cube = replace(cube, cells=ordered)
    return _described(ask, answered, cube)


def _about(ask: Ask) -> tuple[Request, Request, Request]:
    source, _, number = ask.table.code.partition("/")
    if not (source and number.isdecimal()):
        hint = "such as nokkel/507"
        raise CatalogError([Problem(f"'{ask.table.code}' is no code of a table", "", None, hint)])
    base = f"{ask.source.base.rstrip('/')}/{source}"
    return (
        Request(f"{base}/table/{number}"),
        Request(f"{base}/Table/{number}/dimension"),
        Request(f"{base}/Table/{number}/flag"),
    )


def _questions(ask: Ask, chosen: Selection) -> dict[Request, Selection]:
    """Return the questions for the figures, each with the codes that it asks for."""
    source, _, number = ask.table.code.partition("/")
    url = f"{ask.source.base.rstrip('/')}/{source}/Table/{number}/data"
    most = ask.source.limits.cells or MOST_ROWS
    found = {}
    for part in _selection.parts(chosen, most):
        body = {
            "dimensions": [
                {"code": code, "filter": "item", "values": list(values)}
                for code, values in part.items()
            ],
            "response": {"format": "json-stat2", "maxRowCount": most},
        }
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        found[Request(url, "POST", text)] = part
    return found


def _listed(ask: Ask, answered: Answered) -> dict[str, list[_Category]]:
    """Return the codes of each dimension, parents before their children, each code once."""
    question = _about(ask)[1]
    reply = _answers.reply_to(question, answered)
    told = _answers.shaped(reply, _DIMENSIONS, question.url)
    listed: dict[str, list[_Category]] = {}
    for dimension in told.dimensions:
        once: dict[str, _Category] = {}
        for category in _flat(dimension.categories):
            once.setdefault(category.value, category)
        if dimension.code in listed:
            raise SourceChanged([Problem(f"'{dimension.code}' is listed twice", question.url)])
        listed[dimension.code] = list(once.values())
    return listed


def _flat(categories: Sequence[_Category]) -> Iterator[_Category]:
    for category in categories:
        yield category
        yield from _flat(category.children or ())


def _chosen(ask: Ask, answered: Answered) -> Selection:
    """Return the codes asked for, by the declared names, all in the service's order."""
    where = f"table {ask.table.code}"
    listed = _listed(ask, answered)
    declared = {dimension.code: dimension for dimension in ask.table.dimensions}
    unlisted = [code for code in declared if code == _fhi_text.MEASURES and code not in listed]
    own = _codes.same([c for c in declared if c not in unlisted], list(listed), where)
    chosen, problems = {}, []
    for name in sorted(own, key=lambda n: list(listed).index(own[n])):
        codes = [category.value for category in listed[own[name]]]
        chosen[name], found = _expanded(declared[name], codes, where)
        problems += found
    for name in unlisted:
        chosen[name] = tuple(declared[name].select)
        if any("*" in code or _END.fullmatch(code) for code in chosen[name]):
            problems.append(Problem(f"the codes of '{name}' are not listed: name them", where))
    if problems:
        raise SourceChanged(problems)
    return chosen


def _expanded(
    dimension: Dimension, codes: Sequence[str], where: str
) -> tuple[tuple[str, ...], list[Problem]]:
    if dimension.filter not in FILTERS:
        what = f"'{dimension.filter}' is no filter of '{dimension.code}'"
        raise CatalogError([Problem(what, where, None, ", ".join(FILTERS[1:]))])
    chosen: set[str] = set()
    problems = []
    for written in dimension.select:
        ended = dimension.filter in ("top", "bottom") and written.isdecimal()
        found = _one(f"{dimension.filter}({written})" if ended else written, codes)
        chosen.update(found)
        if not found:
            problems.append(_codes.unknown(written, codes, dimension.code, where))
    if not dimension.select:
        problems.append(Problem(f"nothing is selected of '{dimension.code}'", where))
    return _codes.in_order(chosen, codes), problems


def _one(expression: str, codes: Sequence[str]) -> Sequence[str]:
    own = _codes.known(expression, codes)
    if own is not None:
        return (own,)
    end = _END.fullmatch(expression)
    if end is not None:
        count = int(end[2])
        return codes[:count] if end[1] == "top" else codes[max(0, len(codes) - count) :]
    return _codes.like(expression, codes) if "*" in expression else ()


def _refuse(reply: Reply, where: str) -> None:
    """Raise what the service says is wrong, if it does: in its words, whatever their shape."""
    _answers.refuse_page(reply, where)
    if reply.status == 200:
        return
    try:
        said = _answers.told(reply, where)
    except SourceChanged:
        said = None
    texts = said if isinstance(said, Mapping) else {}
    words = [str(texts[key]) for key in ("title", "detail", "message") if texts.get(key)]
    hint = "every dimension once, codes of the table, fewer rows" if reply.status == 400 else ""
    what = f"status {reply.status}: {'; '.join(words) or _answers.excerpt(reply)}"
    raise SourceChanged([Problem(what, where, None, hint)])


def _cells(body: bytes, part: Selection, where: str) -> Cube:
    """Return the cells of one answer."""
    if body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return jsonstat.read(body, where=where)
    return _fhi_text.read(body, part, where)


def _described(ask: Ask, answered: Answered, cube: Cube) -> Cube:
    """Return a cube with what card, codes and flags say of it."""
    card_question, _, flag_question = _about(ask)
    card = _card(_answers.reply_to(card_question, answered), card_question.url)
    listed = {_codes.folded(name): list_ for name, list_ in _listed(ask, answered).items()}
    labels = {
        name: {c.value: c.label for c in listed.get(_codes.folded(name), ()) if c.label}
        for name in cube.dimensions
    }
    return replace(
        cube,
        labels=labels,
        title=card.title or "",
        updated=instant(card.modified or cube.updated),
        notes=tuple(_flags(_answers.reply_to(flag_question, answered), flag_question.url)),
    )


def _card(reply: Reply, where: str) -> _Card:
    return _answers.shaped(reply, _CARD, where)


def _is_nothing(reply: Reply) -> bool:
    """Return whether an answer says that there is nothing of the kind, or says nothing."""
    return reply.status in (204, 404) or not reply.body.strip()


def _flags(reply: Reply, where: str) -> Iterator[str]:
    """Yield what each flag means, as far as the answer can be understood."""
    told = [] if _is_nothing(reply) else _answers.told(reply, where)
    items = told.get("flags") if isinstance(told, dict) else told
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict):
            flag = next((str(item[k]) for k in _FLAG_KEYS if item.get(k) not in (None, "")), "")
            text = next((str(item[k]) for k in _TEXT_KEYS if item.get(k)), "")
            if flag and text:
                yield f"{flag}: {text}"
