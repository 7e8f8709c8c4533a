"""Numbers as people's programs write them: decimal marks and thousands marks told, or found out.

``6.421`` is six thousand in one file and six and a half in another. Which it is, is told by who knows
it or by the other cells of the same file, and else the file is refused. What counts as evidence:

- a mark is decimal if a number has one, two or four and more digits behind it, more than three or a
  leading zero before it, or an exponent; in a column of one kind also if it stands among whole numbers
  that would have it too if it grouped digits;
- a mark separates thousands if a number has it twice or before another mark;
- where a column is of one kind, a mark separates thousands too if some of its numbers end in a zero
  behind the mark and others have no mark: decimals that keep their zeros keep their mark.

Blanks between groups of three separate thousands, and a ``%`` behind a number is its unit. What is
no number is a mark in place of one, and is kept as it stands; but what begins as a number must be one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isinf

import numpy as np
import pandas as pd

from healthindicators.errors import DataError, Problem

MARKS = (".", ",")
_BLANKS = r" \xa0\u2007\u2009\u202f"
_SIGN = r"[+\-\N{MINUS SIGN}]?"
_BEGINS = re.compile(rf"{_SIGN}[.,]?[0-9]")
_ONE = re.compile(rf"{_SIGN}([0-9]*)([.,])([0-9]+)")
_TWICE = re.compile(rf"{_SIGN}[0-9]{{1,3}}([.,])[0-9]{{3}}(?:\1[0-9]{{3}})+")
_BOTH = re.compile(
    rf"{_SIGN}[0-9]{{1,3}}(?:([.,{_BLANKS}])[0-9]{{3}})(?:\1[0-9]{{3}})*([.,])[0-9]+"
)
_WHOLE = re.compile(rf"{_SIGN}[0-9]+")
_POWER = re.compile(rf"{_SIGN}[0-9]([.,])[0-9]+[eE][+-]?[0-9]+")
_PER_CENT = re.compile(r"(?<=[0-9])\s*%$")
_SHOWN = 40
_THREE = 3
"""Digits between thousands marks."""
_FOUR = 4


@dataclass(frozen=True)
class Style:
    """How a file writes numbers: the decimal mark and the thousands mark, each empty where none."""

    decimal: str = ""
    thousands: str = ""


@dataclass(frozen=True)
class Column:
    """The cells of a column of values and where each of them stands.

    `cells` are texts, or numbers where the file says that they are. `alike` says that all of them
    are of one kind, as the figures under one heading are. `place` tells where the cell of a row is.
    """

    name: str
    cells: Sequence[str | float | None]
    place: Callable[[int], tuple[str, int | None]]
    alike: bool = False


def read(
    columns: Sequence[Column], told: Style | None = None
) -> list[tuple[np.ndarray, pd.Categorical]]:
    r"""Return of each column the values (NaN where there is no number) and the marks in their place.

    Parameters
    ----------
    columns : sequence of Column
        All columns of values of one file: they are written by one program.
    told : Style, optional
        What is known of the marks; the rest is found out.

    Raises
    ------
    DataError
        With the place of every text that begins as a number and is none, or if the marks are unclear
        or contradict each other.

    Examples
    --------
    >>> cells = [" 1.250", "   694", "<5", ""]
    >>> ((values, marks),) = read([Column("n", cells, lambda row: ("x", row + 2), alike=True)])
    >>> values.tolist(), list(marks)
    ([1250.0, 694.0, nan, nan], ['', '', '<5', ''])
    """
    texts = [_Texts.of(column) for column in columns]
    style = _style(texts, told or Style())
    pattern = _pattern(style)
    problems: list[Problem] = []
    found = [_values(text, pattern, style, problems) for text in texts]
    if problems:
        raise DataError(problems)
    return found


@dataclass(frozen=True)
class _Texts:
    """A column with its numbers apart, and the different texts of the rest."""

    column: Column
    numbers: np.ndarray
    which: np.ndarray
    words: tuple[str, ...]

    @classmethod
    def of(cls, column: Column) -> _Texts:
        given = [isinstance(cell, (int, float)) for cell in column.cells]
        numbers = np.array(
            [cell if known else np.nan for cell, known in zip(column.cells, given, strict=True)],
            dtype="float64",
        )
        spoken = [
            "" if known or cell is None else _PER_CENT.sub("", str(cell).strip())
            for cell, known in zip(column.cells, given, strict=True)
        ]
        which, words = pd.factorize(np.array(spoken, dtype=object))
        return cls(column, numbers, which, tuple(words))

    def place(self, word: str) -> tuple[str, int | None]:
        return self.column.place(int(np.flatnonzero(self.which == self.words.index(word))[0]))


def _style(texts: Sequence[_Texts], told: Style) -> Style:
    """Return the marks, told or proved by the cells."""
    used = [m for m in MARKS if any(_has(m, word) for text in texts for word in text.words)]
    proof = {
        m: {kind: _proof(m, kind, texts, told) for kind in ("decimal", "thousands")} for m in used
    }
    for mark, kinds in proof.items():
        if kinds["decimal"] and kinds["thousands"]:
            raise DataError([_contradiction(mark, *kinds.values())])
    role = {m: next((kind for kind, seen in proof[m].items() if seen), "") for m in used}
    if sorted(role.values()) == ["", "decimal"]:
        role = {m: kind or "thousands" for m, kind in role.items()}
    elif sorted(role.values()) == ["", "thousands"] and len(role) == 2:
        role = {m: kind or "decimal" for m, kind in role.items()}
    unclear = [m for m in used if not role[m]]
    if unclear:
        raise DataError([_unclear(mark, texts) for mark in unclear])
    for kind in ("decimal", "thousands"):
        both = [m for m in used if role[m] == kind]
        if len(both) > 1:
            first, second = (proof[m][kind] for m in both)
            raise DataError([_contradiction(f"{kind} mark", first, second)])
    by_kind = {kind: mark for mark, kind in role.items()}
    return Style(by_kind.get("decimal", told.decimal), by_kind.get("thousands", told.thousands))


_Proof = tuple[str, str, int | None] | None


def _proof(mark: str, kind: str, texts: Sequence[_Texts], told: Style) -> _Proof:
    """Return a cell, with its place, that shows that a mark is of a kind; None where none does."""
    if declared := _declared(mark, told):  # cells that it does not fit are told one by one
        return ("as declared", "", None) if declared == kind else None
    shows = _shows_decimal if kind == "decimal" else _shows_thousands
    for text in texts:
        word = shows(mark, text)
        if word is not None:
            return (word, *text.place(word))
    return None


def _declared(mark: str, told: Style) -> str:
    """Return the kind that a mark is declared to be: beside the one mark, the other is the other."""
    if mark == told.decimal or (told.thousands and mark != told.thousands):
        return "decimal"
    return "thousands" if told.decimal or told.thousands else ""


def _has(mark: str, word: str) -> bool:
    return mark in word and _BEGINS.match(word) is not None


def _shows_decimal(mark: str, text: _Texts) -> str | None:
    triples = []
    for word in text.words:
        one, both, power = (p.fullmatch(word) for p in (_ONE, _BOTH, _POWER))
        if (both and both[2] == mark != both[1]) or (power and power[1] == mark):
            return word
        if one and one[2] == mark:
            before, after = one[1], one[3]
            if len(after) != _THREE or not 1 <= len(before) <= _THREE or before.startswith("0"):
                return word
            triples.append(one)
    return _ungrouped(text, triples) if text.column.alike else None


def _ungrouped(text: _Texts, triples: Sequence[re.Match[str]]) -> str | None:
    """Return a number with three digits behind its mark beside whole ones that have no groups.

    Many write 9999 without a mark and 10.000 with one: four digits prove something only beside a
    marked number of four digits.
    """
    digits = [len(re.sub(r"[^0-9]", "", w)) for w in text.words if _WHOLE.fullmatch(w)]
    longest = max(digits, default=0)
    shown = [t[0] for t in triples if longest > _FOUR or (longest == _FOUR and len(t[1]) == 1)]
    return next(iter(shown), None)


def _shows_thousands(mark: str, text: _Texts) -> str | None:
    for word in text.words:
        twice, both = _TWICE.fullmatch(word), _BOTH.fullmatch(word)
        if (twice and twice[1] == mark) or (both and both[1] == mark and both[2] != mark):
            return word
    if not text.column.alike:
        return None
    ones = [one for word in text.words if (one := _ONE.fullmatch(word)) and one[2] == mark]
    if any(len(one[3]) != _THREE for one in ones):
        return None
    bare = any(_WHOLE.fullmatch(word) and word.strip("+-0") for word in text.words)
    return next((one[0] for one in ones if one[0].endswith("0")), None) if bare else None


def _contradiction(what: str, first: _Proof, second: _Proof) -> Problem:
    assert first is not None
    assert second is not None
    said = " and ".join(f"'{word}' ({where}:{line})" for word, where, line in (first, second))
    hint = "declare the decimal mark and the thousands mark, or look at the file"
    return Problem(
        f"the numbers contradict each other about '{what}': {said}", first[1], first[2], hint
    )


def _unclear(mark: str, texts: Sequence[_Texts]) -> Problem:
    text = next(t for t in texts if any(_has(mark, w) for w in t.words))
    word = next(w for w in text.words if _has(mark, w))
    where, line = text.place(word)
    what = f"'{word}' could be a decimal number or thousands, and no other cell tells"
    return Problem(what, where, line, "declare the decimal mark, or the thousands mark")


def _pattern(style: Style) -> re.Pattern[str]:
    between = _BLANKS + re.escape(style.thousands)
    digits = rf"(?:[0-9]+|[0-9]{{1,3}}(?:([{between}])[0-9]{{3}})(?:\1[0-9]{{3}})*)"
    point = rf"(?:{re.escape(style.decimal)}[0-9]+)?" if style.decimal else ""
    whole = rf"{digits}{point}(?:[eE][+-]?[0-9]+)?"
    bare = rf"|{re.escape(style.decimal)}[0-9]+" if style.decimal else ""
    return re.compile(rf"{_SIGN}(?:{whole}{bare})")


def _values(
    text: _Texts, pattern: re.Pattern[str], style: Style, problems: list[Problem]
) -> tuple[np.ndarray, pd.Categorical]:
    known: dict[str, float] = {}
    for word in text.words:
        if _BEGINS.match(word):
            number = _number(word, style) if pattern.fullmatch(word) else None
            if number is None:
                where, line = text.place(word)
                what = f"'{word[:_SHOWN]}' begins as a number and is none"
                hint = "declare the decimal mark, the thousands mark, or leave the column out"
                problems.append(Problem(what, where, line, hint))
            else:
                known[word] = number
    values = np.array([known.get(word, np.nan) for word in text.words], dtype="float64")[text.which]
    values = np.where(np.isnan(text.numbers), values, text.numbers)
    if np.isinf(values).any():
        where, line = text.column.place(int(np.flatnonzero(np.isinf(values))[0]))
        problems.append(Problem("a number too large to be one", where, line))
    marks = ["" if word in known else word for word in text.words]
    symbols = list(dict.fromkeys(["", *marks]))
    codes = np.array([symbols.index(mark) for mark in marks], dtype="int32")[text.which]
    return values, pd.Categorical.from_codes(codes, categories=pd.Index(symbols, dtype="str"))


def _number(word: str, style: Style) -> float | None:
    plain = re.sub(rf"[{_BLANKS}]", "", word).replace("\N{MINUS SIGN}", "-")
    if style.thousands:
        plain = plain.replace(style.thousands, "")
    if style.decimal:
        plain = plain.replace(style.decimal, ".")
    number = float(plain)
    return None if isinf(number) else number


def style_of(layout: Mapping[str, str], where: str = "") -> Style:
    """Return what a table's layout says of the marks.

    Raises
    ------
    DataError
        If a mark is none that numbers are written with, or one is both.
    """
    decimal, thousands = layout.get("decimal", ""), layout.get("thousands", "")
    problems = [
        Problem(f"'{mark}' is no mark of numbers", where, None, " ".join(MARKS))
        for mark in (decimal, thousands)
        if mark not in ("", *MARKS)
    ]
    if decimal and decimal == thousands:
        problems.append(Problem(f"'{decimal}' cannot be both marks", where))
    if problems:
        raise DataError(problems)
    return Style(decimal, thousands)
