"""Kolada (RKA, Sweden), API v3.

What is asked: the cards of the key figures, the list of municipalities (and of groups, if one is
wanted), then the figures, page by page. Quirks, from clients and users (read 2026-11-22):

- Version 2 answers 410 since 2026-03-31.
- At most 25 ids stand in one part of an address.
- A page has 5,000 objects at most; `count` is of the page. The next page is `next_url`, and a full page
  without one has lost the rest: that is an error here. Services of this make, when they stand behind
  another server, write that address without encryption or without a host: it is asked for at the same
  door as the page before.
- A deleted figure stays, with `isdeleted`; figures that never were are simply absent. Both are told
  here: as ``deleted`` and as ``..``.
- `status` is a text whose words are nowhere published; it is kept as the mark.
- 312 ids: 290 municipalities (K), 21 regions (L, ``00NN``) and ``0000`` the country; groups begin with
  ``G``, and their number is an unweighted mean of their members.
- ``gender`` is T, K (women) and M. A key figure that is not divided by gender has T only; its other
  cells do not exist and are not made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import SplitResult, urljoin, urlsplit

import numpy as np
import pandas as pd
from pydantic import Field, TypeAdapter

from healthindicators.errors import CatalogError, DataError, Problem, SourceChanged
from healthindicators.formats import Cube, cells, kolada
from healthindicators.formats.instants import instant
from healthindicators.model import Limits
from healthindicators.protocols import Answered, Ask, Reply, Request, _answers, _codes

IDS = 25
PER_PAGE = 5000
MOST_PAGES = 1000
_PORTS = {"http": 80, "https": 443}
_YEARS = re.compile(r"(>=\d{4})?(<=\d{4})?")
_GROUP = "G"


@dataclass(frozen=True)
class _Kpi:
    id: str
    title: str | None = None
    description: str | None = None
    divided: Annotated[bool | int | None, Field(alias="is_divided_by_gender")] = None
    published: Annotated[str | None, Field(alias="publication_date")] = None

    @property
    def has_genders(self) -> bool:
        """Whether it is divided by gender, as far as the card tells."""
        return self.divided is None or bool(self.divided)


@dataclass(frozen=True)
class _Place:
    id: str
    title: str | None = None
    type: str | None = None


@dataclass(frozen=True)
class _Choice:
    """What is wanted; no years are all those that come and fit the bounds."""

    kpis: tuple[_Kpi, ...]
    places: tuple[_Place, ...]
    years: tuple[str, ...]
    bounds: tuple[tuple[int, int], ...]
    genders: tuple[str, ...]


_KPIS = TypeAdapter(tuple[_Kpi, ...])
_PLACES = TypeAdapter(tuple[_Place, ...])


def requests(ask: Ask, answered: Answered) -> tuple[Request, ...]:
    """Return the questions for cards and lists, then those for figures; a page asks for the next.

    Raises
    ------
    CatalogError
        If a selection cannot be understood.
    SourceChanged
        If a key figure or a municipality is not there, pages do not follow as they should, or Kolada
        refuses.
    SourceUnavailable
        If a web page came instead of an answer.
    """
    about, complete = _followed(_about(ask), answered)
    if not complete:
        return about
    figures, _ = _followed(_questions(ask, _choice(ask, answered)), answered)
    return (*about, *figures)


def limits(ask: Ask, answered: Answered) -> Limits:
    """Return the source's limits: the service tells none."""
    return ask.source.limits


def updated(ask: Ask, answered: Answered) -> str:
    """Return the day of the newest publication; empty as long as the cards are not all there."""
    pages, complete = _followed([q for q in _about(ask) if _is_card(q)], answered)
    if not complete:
        return ""
    items = [item for question in pages for item in _page(question, answered[question]).items]
    return _published(_answers.fitted(items, _KPIS, f"table {ask.table.id}"))


def selected(ask: Ask, answered: Answered) -> dict[str, dict[str, str]]:
    """Return what is asked for, with Kolada's titles, by dimension; open years are not known yet.

    Raises
    ------
    SourceChanged
        As `requests` does.
    """
    choice = _choice(ask, answered)
    return {
        "kpi": {kpi.id: kpi.title or kpi.id for kpi in choice.kpis},
        "municipality": {place.id: place.title or place.id for place in choice.places},
        "year": {year: year for year in choice.years},
        "gender": {gender: gender for gender in choice.genders},
    }


def read(ask: Ask, answered: Answered, *, where: str) -> Cube:
    """Return every figure that was asked for, with those that are deleted and those never there.

    Raises
    ------
    DataError
        With every figure that cannot be read or stands twice.
    SourceChanged
        If figures came that were not asked for.
    """
    choice = _choice(ask, answered)
    figures, complete = _followed(_questions(ask, choice), answered)
    if not complete:
        raise DataError([Problem("not all pages are there", where, None, "fetch the table again")])
    cube = kolada.read([answered[question].body for question in figures], where=where)
    frame = _wanted(cube.cells, choice)
    axes = {
        "kpi": tuple(kpi.id for kpi in choice.kpis),
        "municipality": tuple(place.id for place in choice.places),
        "year": choice.years or tuple(sorted(set(frame["year"].astype("str")))),
        "gender": choice.genders,
    }
    _refuse_others(frame, axes, where)
    return Cube(
        _filled(frame, axes, choice),
        labels={
            "kpi": {kpi.id: kpi.title for kpi in choice.kpis if kpi.title},
            "municipality": {place.id: place.title for place in choice.places if place.title},
        },
        roles={"time": ("year",), "geo": ("municipality",)},
        title="; ".join(kpi.title or kpi.id for kpi in choice.kpis),
        updated=_published(choice.kpis),
        notes=tuple(f"{kpi.id}: {kpi.description}" for kpi in choice.kpis if kpi.description),
    )


def _published(kpis: tuple[_Kpi, ...]) -> str:
    return max((instant(kpi.published) for kpi in kpis if kpi.published), default="")


def _is_card(question: Request) -> bool:
    return "/kpi/" in urlsplit(question.url).path


def _select(ask: Ask, name: str) -> tuple[tuple[str, ...], str]:
    """Return what is selected of a dimension, and its filter."""
    found = [d for d in ask.table.dimensions if d.code == name]
    names = [d.code for d in ask.table.dimensions]
    if len(found) != 1 or sorted(names) != sorted(kolada.DIMENSIONS):
        hint = f"they are {', '.join(kolada.DIMENSIONS)}, once each"
        raise CatalogError(
            [Problem(f"the dimensions are {', '.join(names)}", ask.table.id, None, hint)]
        )
    return found[0].select, found[0].filter


def _about(ask: Ask) -> tuple[Request, ...]:
    """Return the first pages of what must be known before figures are asked for."""
    base = ask.source.base.rstrip("/")
    kpis, _ = _select(ask, "kpi")
    places, _ = _select(ask, "municipality")
    strange = [kpi for kpi in kpis if not re.fullmatch(r"[A-Z]\d+", kpi)]
    if strange or not kpis:
        hint = "name key figures, such as N00945"
        what = f"no ids of key figures: {', '.join(strange) or 'none'}"
        raise CatalogError([Problem(what, ask.table.id, None, hint)])
    lists = ["municipality"]
    lists += ["municipality_groups"] if any(p.startswith(_GROUP) for p in places) else []
    return (
        *(Request(f"{base}/kpi/{','.join(ids)}?per_page={PER_PAGE}") for ids in _batches(kpis)),
        *(Request(f"{base}/{name}?per_page={PER_PAGE}") for name in lists),
    )


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), IDS):
        yield ids[start : start + IDS]


def _questions(ask: Ask, choice: _Choice) -> tuple[Request, ...]:
    """Return the first page of each question for figures."""
    base = f"{ask.source.base.rstrip('/')}/data"
    years = [f"/year/{','.join(y)}" for y in _batches(choice.years)] or [""]
    return tuple(
        Request(
            f"{base}/kpi/{','.join(kpis)}/municipality/{','.join(places)}{part}?per_page={PER_PAGE}"
        )
        for kpis in _batches([kpi.id for kpi in choice.kpis])
        for places in _batches([place.id for place in choice.places])
        for part in years
    )


def _followed(first: Sequence[Request], answered: Answered) -> tuple[tuple[Request, ...], bool]:
    """Return first pages with the pages that follow each, and whether all of them are answered."""
    found: dict[Request, None] = {}
    complete = True
    for start in first:
        question: Request | None = start
        seen: set[str] = set()
        while question is not None:
            found[question] = None
            seen.add(question.url)
            if question not in answered:
                complete = False
                break
            question = _next(question, answered[question], seen)
    return tuple(found), complete


def _next(question: Request, reply: Reply, seen: set[str]) -> Request | None:
    """Return the question for the next page, or nothing if this was the last."""
    page = _page(question, reply)
    if not page.next:
        if len(page.items) >= PER_PAGE:
            what = f"a full page of {len(page.items)} without a next one: the rest would be lost"
            raise SourceChanged([Problem(what, question.url)])
        return None
    following = _address(page.next, question.url)
    if following in seen or len(seen) >= MOST_PAGES:
        raise SourceChanged([Problem(f"pages go in a circle: {page.next}", question.url)])
    return Request(following)


def _address(told: str, url: str) -> str:
    """Return the address of the next page, at the door that `url` was asked at."""
    here = urlsplit(url)
    try:
        there = urlsplit(urljoin(url, told))
        same = _door(here) == _door(there) and there.scheme in _PORTS and "@" not in there.netloc
    except ValueError as error:
        raise SourceChanged([Problem(f"the next page has no address: {error}", url)]) from error
    if not same:
        hint = f"it should be on {here.scheme}://{here.netloc}"
        raise SourceChanged([Problem(f"the next page is elsewhere: {told}", url, None, hint)])
    return there._replace(scheme=here.scheme, netloc=here.netloc).geturl()


def _door(address: SplitResult) -> tuple[str | None, int | None]:
    """Return host and port of an address; the usual ports of both schemes are one."""
    return address.hostname, None if address.port == _PORTS.get(address.scheme) else address.port


def _page(question: Request, reply: Reply) -> kolada.Page:
    where = question.url
    _answers.refuse_page(reply, where)
    if reply.status == 410:
        hint = "the address of the source should end in /v3; version 2 is gone since 2026-03-31"
        raise SourceChanged([Problem("status 410: this version is gone", where, None, hint)])
    if reply.status != 200:
        hint = "an id may be gone" if reply.status == 404 else ""
        what = f"status {reply.status}: {_answers.excerpt(reply)}"
        raise SourceChanged([Problem(what, where, None, hint)])
    try:
        return kolada.page(reply.body, where=where)
    except DataError as error:
        raise SourceChanged(error.problems) from error


def _choice(ask: Ask, answered: Answered) -> _Choice:
    """Return what is wanted, held against what there is."""
    listed: dict[str, list[Mapping[str, object]]] = {"kpi": [], "municipality": []}
    pages, complete = _followed(_about(ask), answered)
    if not complete:
        hint = "fetch the table again"
        raise DataError([Problem("cards and lists are not all there", ask.table.id, None, hint)])
    for question in pages:
        kind = "kpi" if _is_card(question) else "municipality"
        listed[kind] += _page(question, answered[question]).items
    where = f"table {ask.table.id}"
    kpis = {kpi.id: kpi for kpi in _answers.fitted(listed["kpi"], _KPIS, where)}
    places = {place.id: place for place in _answers.fitted(listed["municipality"], _PLACES, where)}
    chosen, problems = _places(ask, places, where)
    wanted = dict.fromkeys(_select(ask, "kpi")[0])
    problems += [_codes.unknown(id, list(kpis), "kpi", where) for id in wanted if id not in kpis]
    years, bounds = _years(ask)
    choice = _Choice(
        tuple(kpis[id] for id in wanted if id in kpis), chosen, years, bounds, _genders(ask)
    )
    problems += [
        Problem(f"'{kpi.id}' is not divided by gender", where, None, "select T")
        for kpi in choice.kpis
        if not kpi.has_genders and "T" not in choice.genders
    ]
    if problems:
        raise SourceChanged(problems)
    return choice


def _places(
    ask: Ask, places: Mapping[str, _Place], where: str
) -> tuple[tuple[_Place, ...], list[Problem]]:
    """Return the places selected: those named, and of a pattern those of the type that is wanted."""
    select, type = _select(ask, "municipality")
    chosen: set[str] = set()
    problems = []
    for written in select:
        fitting = [p for p in _codes.like(written, list(places)) if _fits(places[p], type)]
        found = [written] if written in places else fitting if "*" in written else []
        if not found:
            problems.append(_codes.unknown(written, list(places), "municipality", where))
        chosen.update(found)
    return tuple(places[id] for id in _codes.in_order(chosen, list(places))), problems


def _fits(place: _Place, type: str) -> bool:
    """Return whether a pattern means a place: groups are never meant, they are named."""
    return not place.id.startswith(_GROUP) and type in ("", place.type)


def _years(ask: Ask) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """Return the years selected, or none and the bounds of those that are wanted."""
    named: set[str] = set()
    bounds = []
    for written in _select(ask, "year")[0]:
        parts = _YEARS.fullmatch(written)
        if re.fullmatch(r"\d{4}", written):
            named.add(written)
        elif written == "*":
            bounds.append((0, 9999))
        elif parts is not None and written:
            first, last = int((parts[1] or ">=0")[2:]), int((parts[2] or "<=9999")[2:])
            bounds.append((first, last))
        else:
            hint = "such as 2023, *, >=2015, >=2015<=2023"
            raise CatalogError(
                [Problem(f"'{written}' is no selection of years", ask.table.id, None, hint)]
            )
    if not bounds:
        return tuple(sorted(named)), ()
    return (), (*bounds, *((int(year), int(year)) for year in sorted(named)))


def _genders(ask: Ask) -> tuple[str, ...]:
    select = _select(ask, "gender")[0]
    strange = [g for g in select if g not in (*kolada.GENDERS, "*")]
    if strange or not select:
        hint = f"one of {', '.join(kolada.GENDERS)}, or *"
        raise CatalogError([Problem(f"no genders: {', '.join(strange)}", ask.table.id, None, hint)])
    return tuple(g for g in kolada.GENDERS if g in select or "*" in select)


def _wanted(frame: pd.DataFrame, choice: _Choice) -> pd.DataFrame:
    """Return the figures of the genders and years that are wanted, of all that came."""
    keep = frame["gender"].isin(choice.genders)
    if choice.bounds:
        year = frame["year"].astype("str").astype("int64")
        keep &= np.logical_or.reduce([year.between(*bound) for bound in choice.bounds])
    return frame[keep]


def _refuse_others(frame: pd.DataFrame, axes: Mapping[str, Iterable[str]], where: str) -> None:
    problems = [
        Problem(f"{name} '{code}' came and was not asked for", where)
        for name, codes in axes.items()
        for code in frame[name].astype("str").unique()
        if code not in set(codes)
    ]
    if problems:
        raise SourceChanged(problems)


def _filled(
    frame: pd.DataFrame, axes: Mapping[str, tuple[str, ...]], choice: _Choice
) -> pd.DataFrame:
    """Return all figures in order, and ``..`` for those that did not come and could have."""
    shape = tuple(len(codes) for codes in axes.values())
    flat = np.zeros(len(frame), dtype="int64")
    for name, codes in axes.items():
        flat = flat * len(codes) + frame[name].cat.set_categories(list(codes)).cat.codes.to_numpy()
    marks = ["", kolada.MISSING]
    marks += [m for m in frame["symbol"].cat.categories if m not in marks]
    size = int(np.prod(shape))
    values, symbols = np.full(size, np.nan), np.full(size, 1, dtype="int32")
    values[flat] = frame["value"].to_numpy()
    symbols[flat] = frame["symbol"].cat.set_categories(marks).cat.codes.to_numpy()
    can_be = np.zeros(shape, dtype=bool)
    for place, kpi in enumerate(choice.kpis):
        can_be[place] = [kpi.has_genders or gender == "T" for gender in axes["gender"]]
    keep = can_be.reshape(-1)
    keep[flat] = True
    whole = cells.frame(axes, values, cells.categorical(symbols, marks))
    return whole[keep].reset_index(drop=True)
