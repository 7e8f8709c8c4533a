"""Cells of a cube in our words: which geo, period, sex, age, stratum, topic and measure each is of.

A table in the plain layout has these columns already. Of a service's table its `dimensions` say what
each means. Codes that are known and not wanted are left out; what is not known is refused, never
passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from healthindicators.errors import DataError, Problem, nearest
from healthindicators.formats import Cube, periods
from healthindicators.model import Dimension, Source, Table
from healthindicators.vocabulary import STATUSES_WITH_VALUE, STATUSES_WITHOUT_VALUE, TOTAL

ZERO = "zero"
"""What a symbol means that stands for an exact zero."""

COLUMNS = (
    "geo", "first_year", "last_year", "sex", "age", "topic", "stratum", "measure", "value", "status",
)  # fmt: skip
KEY = tuple(name for name in COLUMNS if name not in ("value", "status"))
WORST_LAST = (
    "observed", "derived", "corrected", "provisional", "unreliable", "not-applicable", "missing",
    "suppressed",
)  # fmt: skip
"""A sum has the status of its worst part."""
DEFAULTS = {"sex": TOTAL, "age": TOTAL, "topic": "", "stratum": TOTAL, "measure": "value"}


def cells_of(cube: Cube, table: Table, source: Source, where: str) -> pd.DataFrame:
    """Return the wanted cells of a cube with the columns of the plain layout.

    Parameters
    ----------
    cube : Cube
        As a protocol read it.
    table : Table
        What its dimensions or columns mean.
    source : Source
        What its symbols mean.
    where : str
        Name of the snapshot, for problems.

    Returns
    -------
    pandas.DataFrame
        Columns geo (the source's code), first_year, last_year, sex, age, topic, stratum, measure,
        value, status; indexed as the cube's cells are.

    Raises
    ------
    DataError
        With every code and every symbol that is not known.
    """
    if not table.dimensions:
        plain = cube.cells.rename(columns={"symbol": "status"})
        _refuse_twice(plain, where)
        return _joined(_reworded(plain, table.words, where))
    problems = list(_absent(cube, table, where))
    if problems:
        raise DataError(problems)
    cells = pd.DataFrame(index=cube.cells.index)
    wanted = pd.Series(data=True, index=cells.index)
    topics: list[pd.Series] = []
    for dimension in table.dimensions:
        codes = cube.cells[dimension.code].astype("category")
        words, found = meaning(codes.cat.categories, dimension, where)
        problems += found
        column = codes.map(words)
        wanted &= column.notna()
        if dimension.role == "topic":
            topics.append(column)
        elif dimension.role != "single":
            cells[dimension.role] = column
        if dimension.role in ("geo", "period"):
            problems += _one_of_several(words, codes[column.notna()], dimension, where)
    if problems:
        raise DataError(problems)
    if topics:
        cells["topic"] = topics[0].astype("str")
        for more in topics[1:]:
            cells["topic"] += "/" + more.astype("str")
    given = {**DEFAULTS, **table.fixed}
    cells = cells.assign(**{name: word for name, word in given.items() if name not in cells})
    spoken = _spoken(cube.cells[wanted], source, where)
    cells = cells[wanted].assign(value=spoken["value"], status=spoken["status"])
    first, last = _years(cells.pop("period"), where)
    return _joined(cells.assign(first_year=first, last_year=last)[list(COLUMNS)])


def _absent(cube: Cube, table: Table, where: str) -> Iterator[Problem]:
    """Yield the dimensions that the table speaks of and the cube has not, and the other way round."""
    told = {dimension.code for dimension in table.dimensions}
    for code in told - set(cube.dimensions):
        near = ", ".join(nearest(code, cube.dimensions) or cube.dimensions)
        yield Problem(f"there is no dimension '{code}'", where, None, near)
    for code in set(cube.dimensions) - told:
        if len(cube.cells[code].unique()) > 1:
            hint = f"{table.id}.toml does not say what it means"
            yield Problem(f"dimension '{code}' has several codes", where, None, hint)


def meaning(
    codes: Iterable[str], dimension: Dimension, where: str
) -> tuple[dict[str, str], list[Problem]]:
    """Return what each code means; a code that is left out has no entry."""
    words: dict[str, str] = {}
    problems: list[Problem] = []
    pattern = re.compile(dimension.pattern) if dimension.pattern else None
    for code in map(str, codes):
        found = pattern.fullmatch(code) if pattern else None
        if pattern and not found:
            continue
        part = found[1] if found else code
        if not dimension.words:
            words[code] = part
        elif part not in dimension.words:
            near = ", ".join(nearest(part, dimension.words))
            problems.append(
                Problem(f"unknown code '{code}' of {dimension.code}", where, None, near)
            )
        elif dimension.words[part]:
            words[code] = dimension.words[part]
    return words, problems


def _one_of_several(
    meaning: Mapping[str, str], codes: pd.Series, dimension: Dimension, where: str
) -> Iterator[Problem]:
    """Yield what several codes would be one of: quarters that are a year, spellings of one geo.

    Figures of a stock must not be added up over them; words may say that two codes are one.
    """
    if dimension.words:
        return
    ends: dict[object, list[str]] = {}
    for code in codes.unique():
        part = meaning[str(code)]
        same = periods.period(part) or part if dimension.role == "period" else part
        ends.setdefault(same, []).append(str(code))
    for several in (found for found in ends.values() if len(found) > 1):
        what = f"codes {', '.join(several)} of {dimension.code} would be one {dimension.role}"
        yield Problem(what, where, None, "select one of them, or give them words")


def _spoken(cells: pd.DataFrame, source: Source, where: str) -> pd.DataFrame:
    """Return value and status of each cell, from the number and the symbol that stand there."""
    value = cells["value"].astype("float64")
    symbol = cells["symbol"].astype("str")
    known = {"": "", **source.symbols}
    strange = sorted(set(symbol.unique()) - set(known))
    if strange:
        hint = f"the source knows {', '.join(sorted(source.symbols)) or 'none'}"
        raise DataError([Problem(f"unknown symbol '{s}'", where, None, hint) for s in strange])
    word = symbol.map(known)
    value = value.mask((word == ZERO) & value.isna(), 0.0)
    status = word.mask(word.isin(["", ZERO]) & value.notna(), "observed")
    status = status.mask((status == "") & value.isna(), "missing")
    wrong = (value.notna() & ~status.isin(STATUSES_WITH_VALUE)) | (
        value.isna() & ~status.isin(STATUSES_WITHOUT_VALUE)
    )
    wrong |= (word == ZERO) & (value != 0)
    if wrong.any():
        raise DataError(
            [
                Problem(f"symbol '{s}' with{'' if n else 'out'} a number", where)
                for s, n in sorted(
                    {(symbol[i], bool(value.notna()[i])) for i in wrong.index[wrong]}
                )
            ]
        )
    return pd.DataFrame({"value": value, "status": status})


def _years(period: pd.Series, where: str) -> tuple[pd.Series, pd.Series]:
    codes = period.astype("category")
    ends = periods.years(codes.cat.categories, where=where)
    first, last = (codes.map(ends[name]).astype("int64") for name in ends.columns)
    return first, last


def _refuse_twice(cells: pd.DataFrame, where: str) -> None:
    """Refuse cells that stand twice by the provider's own codes: joined, they would be a sum."""
    twice = cells.index[cells.duplicated(list(KEY))]
    if len(twice):
        raise DataError([Problem("the same cell stands twice", where, int(line)) for line in twice])


def _joined(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with counts added up where several codes have one word: 90-94 and 95+ as 90+.

    A sum with a part that has no value has none, and the status of its worst part. Values that are no
    counts are left as they are, and are refused when the table is checked: they stand twice.
    """
    together = cells.duplicated(list(KEY), keep=False) & (cells["measure"] == "count")
    if not together.any():
        return cells
    worst = cells["status"].map(WORST_LAST.index)
    parts = cells[together].assign(rank=worst[together])
    groups = parts.groupby(list(KEY), sort=False)
    sums = groups["value"].sum().where(groups["value"].count() == groups.size())
    first = ~cells[together].duplicated(list(KEY))
    joined = cells[together][first]
    at = pd.MultiIndex.from_frame(joined[list(KEY)])
    joined = joined.assign(
        value=sums.reindex(at).to_numpy(),
        status=groups["rank"].max().map(WORST_LAST.__getitem__).reindex(at).to_numpy(),
    )
    # Where a question arises for some parts and not for others, the sum is neither.
    some = (groups["value"].count() > 0).reindex(at).to_numpy()
    unclear = some & (joined["status"] == "not-applicable")
    joined["status"] = joined["status"].mask(unclear, "missing")
    return pd.concat([cells[~together], joined]).sort_index()


def _reworded(
    cells: pd.DataFrame, words: Mapping[str, Mapping[str, str]], where: str
) -> pd.DataFrame:
    """Return the cells of a table in the plain layout, its codes in our words."""
    cells = cells.assign(stratum=cells["stratum"].replace("", TOTAL))
    wanted = np.ones(len(cells), dtype=bool)
    for column, known in words.items():
        strange = sorted(set(cells[column].unique()) - set(known) - {TOTAL})
        if strange:
            hint = ", ".join(known)
            what = f"unknown {column}"
            raise DataError([Problem(f"{what} '{code}'", where, None, hint) for code in strange])
        cells[column] = cells[column].map({TOTAL: TOTAL, **known})
        wanted &= (cells[column] != "").to_numpy()
    return cells[wanted]
