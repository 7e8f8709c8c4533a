"""Answers of Kolada's API v3: pages of objects, and the figures among them.

Recorded and reported until 2026-11-22: `count` is the number on the page, not in all; the next page is
`next_url`; a figure has its number, a status text without a published vocabulary and `isdeleted`.
Other fields come and go between versions and are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan, nan
from types import NoneType

import pandas as pd

from healthindicators.errors import DataError, Problem
from healthindicators.formats import jsontext
from healthindicators.formats.cells import refuse_twice
from healthindicators.formats.cube import Cube

DIMENSIONS = ("kpi", "municipality", "year", "gender")
GENDERS = ("T", "K", "M")
"""Total, women and men, in Kolada's letters."""
DELETED = "deleted"
MISSING = ".."


@dataclass(frozen=True)
class Page:
    """The objects of one page, and the address of the next; empty on the last."""

    items: tuple[Mapping[str, object], ...]
    next: str = ""


def page(body: bytes, *, where: str) -> Page:
    """Return what stands on a page.

    Raises
    ------
    DataError
        If it is no page, or its count is not that of its objects.

    Examples
    --------
    >>> page(b'{"values": [{"id": "0180"}], "count": 1, "next_url": null}', where="x")
    Page(items=({'id': '0180'},), next='')
    """
    told = jsontext.parse(body, where=where)
    if not isinstance(told, dict) or not isinstance(told.get("values"), list):
        raise DataError([Problem("this is no page: it has no list of values", where)])
    items = told["values"]
    problems = [
        Problem(f"value {number} is no object", where)
        for number, item in enumerate(items)
        if not isinstance(item, dict)
    ]
    count, following = told.get("count"), told.get("next_url")
    if type(count) is not int or count != len(items):
        hint = "the page is not whole"
        problems.append(
            Problem(f"{len(items)} values, and its count is {count}", where, None, hint)
        )
    if following is not None and not isinstance(following, str):
        problems.append(Problem("the address of the next page is no text", where))
    if told.get("next_page") and not following:
        problems.append(Problem("'next_page' is a name of version 2", where))
    if problems:
        raise DataError(problems)
    return Page(tuple(items), following or "")


def read(bodies: Sequence[bytes], *, where: str) -> Cube:
    """Return the figures on pages of data, one row a figure.

    A deleted figure has no value and the mark ``deleted``, whatever stands in its place, and gives way
    to one that is not deleted; a figure without number and status has the mark ``..``.

    Parameters
    ----------
    bodies : sequence of bytes
        The pages.
    where : str
        What they are called in problems; their number is added.

    Raises
    ------
    DataError
        With every figure that cannot be read or stands twice.

    Examples
    --------
    >>> body = b'''{"count": 1, "values": [{"kpi": "N00945", "municipality": "0180",
    ...   "period": 2023, "values": [{"gender": "T", "value": 1.2, "isdeleted": true}]}]}'''
    >>> read([body], where="x").cells
          kpi municipality  year gender  value   symbol
    0  N00945         0180  2023      T    NaN  deleted
    """
    rows: list[tuple[str, str, str, str, float, str]] = []
    problems: list[Problem] = []
    for number, body in enumerate(bodies, start=1):
        name = where if len(bodies) == 1 else f"{where}, page {number}"
        for place, item in enumerate(page(body, where=name).items):
            for row in _rows(item, f"{name}, value {place}"):
                (problems if isinstance(row, Problem) else rows).append(row)  # type: ignore[arg-type]
    if problems:
        raise DataError(problems)
    cells = pd.DataFrame(rows, columns=[*DIMENSIONS, "value", "symbol"])
    for column in (*DIMENSIONS, "symbol"):
        codes, found = pd.factorize(cells[column])
        categories = pd.Index(found, dtype="str")
        cells[column] = pd.Categorical.from_codes(codes, categories=categories)
    cells = _living(cells.astype({"value": "float64"}))
    refuse_twice(cells, where, first_line=0)
    return Cube(cells)


def _living(cells: pd.DataFrame) -> pd.DataFrame:
    """Return figures without deleted ones that another has taken the place of."""
    deleted = (cells["symbol"] == DELETED).sort_values(kind="stable")
    replaced = deleted & cells.loc[deleted.index].duplicated(list(DIMENSIONS))
    return cells.drop(index=replaced.index[replaced]).reset_index(drop=True)


def _rows(
    item: Mapping[str, object], where: str
) -> Iterator[tuple[str, str, str, str, float, str] | Problem]:
    kpi, municipality, year = item.get("kpi"), item.get("municipality"), item.get("period")
    figures = item.get("values")
    if not (isinstance(kpi, str) and isinstance(municipality, str) and isinstance(figures, list)):
        yield Problem("no key figure, municipality or values", where)
        return
    if type(year) is not int or not 1000 <= year <= 9999:
        yield Problem(f"its period is no year: {year!r}", where)
        return
    for figure in figures:
        told = _figure(figure) if isinstance(figure, dict) else "a figure is no object"
        if isinstance(told, str):
            yield Problem(told, where, None, f"{kpi} {municipality} {year}")
        else:
            gender, value, symbol = told
            yield kpi, municipality, str(year), gender, value, symbol


def _figure(figure: Mapping[str, object]) -> tuple[str, float, str] | str:
    """Return gender, value and mark of a figure, or what is wrong with it."""
    gender, value = figure.get("gender"), figure.get("value")
    status, deleted = figure.get("status"), figure.get("isdeleted")
    if gender not in GENDERS or not isinstance(status, (str, NoneType)):
        return f"unknown gender or status: {gender!r}, {status!r}"
    if deleted is not None and not isinstance(deleted, bool):
        return f"isdeleted is neither true nor false: {deleted!r}"
    number = _number(value)
    if number is None:
        return f"its value is no number: {value!r}"
    if deleted:
        return str(gender), nan, DELETED
    missing = MISSING if isnan(number) else ""
    return str(gender), number, (status or "").strip() or missing


def _number(value: object) -> float | None:
    """Return a figure, not a number for none, and nothing for what is no figure."""
    if value is None:
        return nan
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if isfinite(value) else None
