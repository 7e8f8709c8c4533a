"""Rows of StatBank Denmark's BULK, put in their places among all combinations asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from healthindicators.errors import DataError, Problem
from healthindicators.formats import cells, delimited
from healthindicators.protocols import _codes, _selection
from healthindicators.protocols._selection import Selection

VALUE = "INDHOLD"
NO_ROWS = "no-rows"
"""The mark of cells that could be zero or could not exist: their code has no row in the period."""
MISSING = ".."
DECIMAL = {"da": ",", "en": "."}


class Filled:
    """The product of the codes asked for, filled row by row."""

    def __init__(self, chosen: Selection) -> None:
        self.chosen = chosen
        self.shape = tuple(len(codes) for codes in chosen.values())
        size = _selection.cells(chosen)
        self.values = np.full(size, np.nan)
        self.missing = np.zeros(size, dtype=bool)
        self.seen = np.zeros(size, dtype=bool)

    def add(self, body: bytes, part: Selection, language: str, where: str) -> None:
        """Add the rows of one answer.

        Raises
        ------
        DataError
            With every row that was not asked for, stands twice or has no number.
        """
        table = _rows(body, tuple(self.chosen), language, where)
        columns = {_codes.folded(name): name for name in table.column_names}
        flat = np.zeros(table.num_rows, dtype="int64")
        problems = []
        for (name, codes), size in zip(self.chosen.items(), self.shape, strict=True):
            found, spelled = delimited.codes_of(table.column(columns[_codes.folded(name)]))
            asked = set(part[name])
            place = {code: i for i, code in enumerate(codes) if code in asked}
            problems += [
                Problem(f"'{name}' has code '{code}', which was not asked for", where)
                for code in spelled
                if code not in place
            ]
            where_to = np.array([place.get(code, 0) for code in spelled], dtype="int64")
            flat = flat * size + (where_to[found] if len(spelled) else 0)
        if problems:
            raise DataError(problems)
        self._put(flat, table.column(VALUE), language, where)

    def _put(self, flat: np.ndarray, column: pa.ChunkedArray, language: str, where: str) -> None:
        known = self.seen[flat]
        count = int(self.seen.sum())
        self.seen[flat] = True
        if int(self.seen.sum()) - count < len(flat):
            lines = np.flatnonzero(known | pd.Series(flat).duplicated().to_numpy()) + 2
            what = "a second row of the same codes"
            raise DataError([Problem(what, where, int(line)) for line in lines])
        values, symbols = delimited.numbers(column, where=where, decimal=DECIMAL.get(language, ""))
        self.values[flat] = values
        self.missing[flat] = symbols.codes != 0

    def complete(
        self, time: str, suppressed: str | int | float | None
    ) -> tuple[np.ndarray, pd.Categorical]:
        """Return values and marks of all cells, also of those that have no row."""
        number, mark = _suppressed(suppressed)
        symbols = ["", MISSING, NO_ROWS, *([mark] if mark not in ("", MISSING, NO_ROWS) else [])]
        in_use = self._in_use(time)
        codes = np.where(in_use, symbols.index(mark), symbols.index(NO_ROWS)).astype("int8")
        codes[self.seen] = 0
        codes[self.missing] = symbols.index(MISSING)
        values = np.where(self.seen, self.values, np.where(in_use, number, np.nan))
        return values, cells.categorical(codes, symbols)

    def _in_use(self, time: str) -> np.ndarray:
        """Return for each cell whether every code of it has a row in its period.

        Of a table that names no variable of time this is not known of any cell.
        """
        names = list(self.chosen)
        if not time:
            return np.zeros(len(self.seen), dtype=bool)
        seen = self.seen.reshape(self.shape)
        found = np.ones(self.shape, dtype=bool)
        for axis in range(len(names)):
            if names[axis] != time:
                keep = {axis, names.index(time)}
                others = tuple(i for i in range(len(names)) if i not in keep)
                found &= seen.any(axis=others, keepdims=True)
        return found.reshape(-1)


def _suppressed(said: str | int | float | None) -> tuple[float, str]:
    """Return value and mark of a combination without a row.

    Only zero is taken for a number; a table that says nothing leaves it open.
    """
    text = "" if said is None else str(said).strip()
    if not text:
        return np.nan, NO_ROWS
    try:
        return (0.0, "") if float(text.replace(",", ".")) == 0 else (np.nan, text)
    except ValueError:
        return np.nan, text


def _rows(body: bytes, names: tuple[str, ...], language: str, where: str) -> pa.Table:
    layout = delimited.Layout("utf-8", ";", DECIMAL.get(language, ""), closed=True)
    table = delimited.text_columns(body, where=where, layout=layout, plain=(VALUE,))
    header = sorted(map(_codes.folded, table.column_names))
    if header != sorted(map(_codes.folded, (*names, VALUE))):
        hint = f"expected {', '.join((*names, VALUE))}"
        what = f"the columns are {', '.join(table.column_names)}"
        raise DataError([Problem(what, where, 1, hint)])
    if VALUE not in table.column_names:
        raise DataError([Problem(f"there is no column {VALUE}", where, 1)])
    return table
