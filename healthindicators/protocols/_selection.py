"""Selections held against the codes there are, and parted so that every part is small enough.

The expressions are those of PxWebApi 2 (read 2026-11): a code; ``*``; a text with ``*`` at its ends; a
text with ``?`` for exactly one character each; ``top(n)``, ``top(n,offset)``, ``bottom(...)``,
``from(a)``, ``to(a)``, ``range(a,b)``. Case does not matter, and a text that is a code is that code
before it is anything else. One unknown code makes a service refuse the whole request, so nothing is
sent that is not known; and nothing that was named is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import ceil, prod

from healthindicators.errors import CatalogError, Problem, SourceChanged
from healthindicators.protocols._codes import near

Selection = Mapping[str, tuple[str, ...]]

_CALL = re.compile(r"(?P<name>top|bottom|from|to|range)\((?P<arguments>[^()]*)\)", re.IGNORECASE)
_COUNT = re.compile(r"[0-9]{1,9}")


def expand(
    expressions: Iterable[str], codes: Sequence[str], *, is_time: bool, where: str
) -> tuple[str, ...]:
    """Return the codes that expressions select, each once, in the order of `codes`.

    Raises
    ------
    SourceChanged
        With every code that is not there and every pattern that nothing fits, and the nearest codes.
    CatalogError
        If an expression is written as none can be, or all of them select nothing.

    Examples
    --------
    >>> expand(["top(2)", "2019"], ["2019", "2020", "2021", "2022"], is_time=True, where="Tid")
    ('2019', '2021', '2022')
    """
    known = {code.casefold(): code for code in reversed(codes)}
    chosen: set[str] = set()
    problems: list[Problem] = []
    for expression in expressions:
        if expression in codes:
            chosen.add(expression)
        elif expression.casefold() in known:
            chosen.add(known[expression.casefold()])
        elif (call := _CALL.fullmatch(expression)) is not None:
            found, wrong = _called(call, codes, known, is_time=is_time, where=where)
            chosen.update(found)
            problems += wrong
        else:
            fits = _fitting(expression, codes, where)
            chosen.update(fits)
            problems += [] if fits else [_absent(expression, codes, where)]
    if problems:
        raise SourceChanged(problems)
    if not chosen:
        raise CatalogError([Problem("nothing is selected", where)])
    return tuple(code for code in codes if code in chosen)


def _absent(code: str, codes: Sequence[str], where: str) -> Problem:
    what = f"no code fits {code!r}" if "*" in code or "?" in code else f"there is no code {code!r}"
    return Problem(what, where, None, near(code, codes))


def _malformed(expression: str, where: str, hint: str) -> CatalogError:
    return CatalogError([Problem(f"{expression!r} is no selection", where, None, hint)])


def _fitting(expression: str, codes: Sequence[str], where: str) -> list[str]:
    middle = expression.removeprefix("*")
    middle = middle.removesuffix("*") if expression != "*" else ""
    if "*" in middle or ("*" in expression and "?" in expression):
        raise _malformed(expression, where, "at most two *, at the ends, and no ? with them")
    pattern = re.escape(expression).replace(r"\*", ".*").replace(r"\?", ".")
    fit = re.compile(pattern, re.IGNORECASE | re.DOTALL).fullmatch
    return [code for code in codes if fit(code)] if "*" in expression or "?" in expression else []


def _called(
    call: re.Match[str],
    codes: Sequence[str],
    known: Mapping[str, str],
    *,
    is_time: bool,
    where: str,
) -> tuple[Sequence[str], list[Problem]]:
    name, arguments = call["name"].casefold(), [a.strip() for a in call["arguments"].split(",")]
    if name in ("top", "bottom"):
        if len(arguments) > 2 or not all(_COUNT.fullmatch(a) for a in arguments):
            raise _malformed(call[0], where, "top(n) or top(n,offset), with whole numbers")
        return _end(name, [int(a) for a in arguments], codes, is_time=is_time), []
    if len(arguments) != (2 if name == "range" else 1):
        raise _malformed(call[0], where, "from(a), to(a) or range(a,b)")
    problems = [_absent(a, codes, where) for a in arguments if a.casefold() not in known]
    if problems:
        return [], problems
    places = sorted(list(codes).index(known[a.casefold()]) for a in arguments)
    if name == "from":
        return codes[places[0] :], []
    return codes[(places[0] if name == "range" else 0) : places[-1] + 1], []


def _end(
    name: str, numbers: Sequence[int], codes: Sequence[str], *, is_time: bool
) -> Sequence[str]:
    """Return `top` or `bottom`: the newest or the oldest periods, else the first or the last codes."""
    order = sorted(codes, reverse=True) if is_time else list(codes)
    if name == "bottom":
        order.reverse()
    offset = numbers[1] if len(numbers) > 1 else 0
    return order[offset : offset + numbers[0]]


def cells(selection: Selection) -> int:
    """Return how many cells a selection has; empty ones count."""
    return prod(len(codes) for codes in selection.values())


def parts(selection: Selection, most: int, *, last: Iterable[str] = ()) -> list[Selection]:
    """Return selections of at most `most` cells that are the whole together, in its order.

    The dimension with most codes is parted first; those in `last` only where nothing else is left.
    0 is no limit.

    Examples
    --------
    >>> for part in parts({"Region": ("0301", "1103", "1108"), "Tid": ("2023", "2024")}, 4):
    ...     print(part)
    {'Region': ('0301', '1103'), 'Tid': ('2023', '2024')}
    {'Region': ('1108',), 'Tid': ('2023', '2024')}
    """
    if most <= 0 or cells(selection) <= most:
        return [selection]
    late = set(last)
    order = sorted(selection, key=lambda name: (name in late, -len(selection[name])))
    pieces: dict[str, list[tuple[str, ...]]] = {name: [codes] for name, codes in selection.items()}
    left = cells(selection)
    for name in order:
        codes = selection[name]
        left //= len(codes)
        size = max(1, most // left) if left <= most else 1
        number = ceil(len(codes) / min(size, len(codes)))
        pieces[name] = _even(codes, number)
        if left <= most:
            break
    found: list[Selection] = [{}]
    for name, chunks in pieces.items():
        found = [{**part, name: chunk} for part in found for chunk in chunks]
    return found


def _even(codes: tuple[str, ...], number: int) -> list[tuple[str, ...]]:
    """Return codes in so many runs, none more than one longer than another."""
    short, longer = divmod(len(codes), number)
    ends = [run * short + min(run, longer) for run in range(number + 1)]
    return [codes[a:b] for a, b in pairwise(ends)]
