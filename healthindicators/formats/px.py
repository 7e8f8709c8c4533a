"""PX files (PC-Axis), whole tables in one text.

From the specification of Statistics Sweden (2013) and its pages, read 2026-11:

- `KEYWORD[language]("variable","value")=...;`; long texts are written as adjacent quoted pieces.
- CODEPAGE names the encoding; without it CHARSET "ANSI" is Windows-1252. A byte-order mark may stand
  first. Files saved anew as UTF-8 still name the old one: that is refused, not read as wrong letters.
- STUB and HEADING list labels of variables; VARIABLECODE has their codes. CODES may be absent, the
  labels of VALUES are the codes then. A time variable may have TIMEVAL only, and TLIST in any of them.
- In DATA the last variable of HEADING varies fastest; blank, comma, semicolon, tab and line end part
  the cells in any mixture. ``"-"`` is exactly zero and one to six dots are missing for a reason; what
  is shown in their place is DATASYMBOLNIL and DATASYMBOL1 to 6. Before 2005 a dash was stored as 0.
- With KEYS every row begins with the quoted keys of the stub, and rows that are zero all along are left
  out: an absent row is zero and not missing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import prod

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from healthindicators.errors import DataError, Problem
from healthindicators.formats.axes import COLUMNS
from healthindicators.formats.cells import Marks, frame, too_many
from healthindicators.formats.cube import Cube
from healthindicators.formats.instants import instant
from healthindicators.formats.pxheader import Header, parse, quoted, tokens

_NUMBER = r"^-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"

_NO_CATEGORIES = "neither CODES nor VALUES nor TIMEVAL"
_DIGITS = re.compile(r"[0-9]{1,2}")


def read(body: bytes, *, where: str) -> Cube:
    r"""Return the cells of a PX file, in the language that it names first.

    Raises
    ------
    DataError
        With everything that contradicts itself, is cut off, or cannot be told.

    Examples
    --------
    >>> body = b'''CHARSET="ANSI"; STUB="region"; HEADING="year"; VALUES("region")="Oslo","Bergen";
    ... CODES("region")="0301","4601"; VALUES("year")="2024"; DATA= 12.5 "..";'''
    >>> read(body, where="a file").cells[["region", "value", "symbol"]].to_dict("list")
    {'region': ['0301', '4601'], 'value': [12.5, nan], 'symbol': ['', '..']}
    """
    header, data = parse(body, where)
    variables, problems = _variables(header, where)
    shape = [len(codes) for codes, _ in variables.values()]
    problems += too_many(prod(shape), where)
    if problems:
        raise DataError(problems)
    if header.of("KEYS"):
        words, rows = _keyed(header, variables, data, where)
    else:
        words, rows = tokens(data), None
    values, symbol = _cells(header, words, rows, prod(shape), where)
    names = {header.code(label): label for label in variables}
    contents = header.text("CONTVARIABLE")
    return Cube(
        cells=frame({header.code(v): codes for v, (codes, _) in variables.items()}, values, symbol),
        labels={header.code(v): labels for v, (_, labels) in variables.items()},
        names=names,
        units=_units(header, *variables[contents]) if contents in variables else {},
        roles=_roles(header, variables),
        title=header.text("TITLE") or header.text("DESCRIPTION"),
        updated=max((instant(text) for text in header.every("LAST-UPDATED")), default=""),
        notes=tuple(dict.fromkeys([*header.texts("NOTEX"), *header.texts("NOTE")])),
    )


Variables = Mapping[str, tuple[Sequence[str], Mapping[str, str]]]
"""Of each variable, by its label: its codes, and their labels."""


def _variables(header: Header, where: str) -> tuple[Variables, list[Problem]]:
    named = [*header.texts("STUB"), *header.texts("HEADING")]
    codes = [header.code(label) for label in named]
    problems = [] if named else [Problem("neither STUB nor HEADING", where)]
    problems += [
        Problem(f"variable {code!r} stands twice, or is a column of ours", where)
        for code, count in Counter(codes).items()
        if count > 1 or code in COLUMNS
    ]
    found = {}
    for label in named:
        place = f"{where}, variable {label}"
        (texts, wrong), (own, also) = (
            header.listed(name, label, place) for name in ("VALUES", "CODES")
        )
        problems += wrong + also
        if not texts and not own:
            own, wrong = header.listed("TIMEVAL", label, place)
            problems += wrong or ([] if own else [Problem(_NO_CATEGORIES, place)])
        elif own and texts and len(own) != len(texts):
            problems.append(Problem(f"{len(own)} codes for {len(texts)} values", place))
        chosen = own or texts
        twice = [code for code, count in Counter(chosen).items() if count > 1]
        hint = "" if own else "its labels are its codes, for it has none"
        problems += [Problem(f"code {code!r} stands twice", place, None, hint) for code in twice]
        labels = dict(zip(own, texts, strict=False)) if own and texts else {}
        found[label] = (chosen, labels)
    return found, problems


def _keyed(
    header: Header, variables: Variables, data: str, where: str
) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Return the cells of rows that begin with keys, and which rows of the whole they are."""
    stub = header.texts("STUB")
    wide = prod(len(variables[label][0]) for label in header.texts("HEADING"))
    words = tokens(data)
    if len(words) % (len(stub) + wide):
        what = f"rows are not {len(stub)} keys and {wide} cells"
        raise DataError([Problem(what, f"{where}, DATA", None, "the file may be cut off")])
    table = np.array(words, dtype=object).reshape(-1, len(stub) + wide)
    rows = np.zeros(len(table), dtype=np.int64)
    problems: list[Problem] = []
    for number, label in enumerate(stub):
        codes, labels = variables[label]
        kind = (header.texts("KEYS", label) or ("",))[0].upper()
        known = list(labels.values()) if kind == "VALUES" and labels else list(codes)
        place = {word: at for at, word in enumerate(known)}
        keys = [quoted(word) for word in table[:, number]]
        unknown = sorted({key or "(not quoted)" for key in keys if key not in place})
        problems += [Problem(f"key {key!r} is not in {label}", f"{where}, DATA") for key in unknown]
        if kind not in ("CODES", "VALUES") or len(place) < len(known):
            problems.append(Problem(f"KEYS of {label} do not tell its categories apart", where))
        at = [place.get(key or "", 0) for key in keys]
        rows = rows * len(codes) + np.array(at, dtype=np.int64)
    if not problems and len(np.unique(rows)) < len(rows):
        problems.append(Problem("a row stands twice", f"{where}, DATA"))
    if problems:
        raise DataError(problems)
    return table[:, len(stub) :].ravel().tolist(), (rows[:, None] * wide + np.arange(wide)).ravel()


def _cells(
    header: Header,
    words: Sequence[str],
    places: npt.NDArray[np.int64] | None,
    count: int,
    where: str,
) -> tuple[npt.NDArray[np.float64], pd.Categorical]:
    """Return values and marks; cells of rows that are absent are zero."""
    if places is None and len(words) != count:
        hint = "the file may be cut off"
        raise DataError([Problem(f"{len(words)} cells instead of {count}", where, None, hint)])
    written = pa.array(words, type=pa.string())
    is_number = pc.match_substring_regex(written, _NUMBER)
    numbers = pc.if_else(is_number, written, None).cast(pa.float64())
    shown = header.symbols()
    said = pc.filter(written, pc.invert(is_number))
    distinct = said.unique().to_pylist()
    unknown = [word for word in distinct if (quoted(word) or word) not in shown]
    if unknown:
        what = (
            f"{len(unknown)} kinds of cells are neither numbers nor marks: {', '.join(unknown[:8])}"
        )
        raise DataError([Problem(what, f"{where}, DATA")])
    at = np.flatnonzero(~is_number.to_numpy(zero_copy_only=False))
    marks = Marks(count)
    means = {word: shown[quoted(word) or word] for word in distinct}
    texts = pa.array([means[word] for word in said.to_pylist()], type=pa.string())
    marks.put(at if places is None else places[at], texts)
    values = numbers.to_numpy(zero_copy_only=False)
    if np.isinf(values).any():
        raise DataError([Problem("a value is larger than any number", f"{where}, DATA")])
    if places is None:
        return values, marks.categorical()
    every = np.zeros(count)
    every[places] = values
    return every, marks.categorical()


def _roles(header: Header, variables: Variables) -> dict[str, tuple[str, ...]]:
    metric = header.text("CONTVARIABLE")
    roles = {
        "time": tuple(header.code(v) for v in variables if header.has("TIMEVAL", v)),
        "geo": tuple(header.code(v) for v in variables if header.has("MAP", v)),
        "metric": (header.code(metric),) if metric in variables else (),
    }
    return {role: names for role, names in roles.items() if names}


def _units(
    header: Header, codes: Sequence[str], labels: Mapping[str, str]
) -> dict[str, dict[str, object]]:
    """Return base and decimals of contents, which PX names by their labels."""
    units: dict[str, dict[str, object]] = {}
    general = header.text("SHOWDECIMALS") or header.text("DECIMALS")
    for code in codes:
        label = labels.get(code, code)
        digits = header.text("PRECISION", header.text("CONTVARIABLE"), label) or general
        base = header.text("UNITS", label)
        units[code] = {"base": base} if base else {}
        if _DIGITS.fullmatch(digits):
            units[code]["decimals"] = int(digits)
    return {code: unit for code, unit in units.items() if unit}
