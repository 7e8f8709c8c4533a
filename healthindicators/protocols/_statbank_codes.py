"""Selections of StatBank Denmark, expanded against the codes that a table has.

The service knows codes, ``*``, comparisons and rules that count periods (its documentation, read
2026-11-22). They are expanded here, so that no unknown code is sent and the whole product that was
asked for is known. Where the documentation leaves a choice open, this is ours:

- A comparison of periods looks at as many letters as its bound has: ``<=2015`` holds 2015K4.
- A comparison in another variable needs a bound that is one of its codes, and follows their order.
- Periods are counted in the order of their codes, ``(1)`` and ``(-n+3)`` from the newest; a leading
  minus counts from the oldest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from healthindicators.errors import CatalogError, Problem
from healthindicators.protocols import _codes

_COMPARISON = re.compile(r"(>=|<=|>|<)([^<>=]+)(?:(<=|<|>=|>)([^<>=]+))?")
_NTH = re.compile(r"(-?)\(\s*(?:([+-]?\d*)n)?\s*([+-]?\s*\d+)?\s*\)")


def expanded(
    select: Sequence[str], codes: Sequence[str], dimension: str, is_time: bool, where: str
) -> tuple[tuple[str, ...], list[Problem]]:
    """Return the codes that expressions select, in the table's order, and what is not there.

    Parameters
    ----------
    select : sequence of str
        Expressions; what any of them selects is selected.
    codes : sequence of str
        The codes of the variable.
    dimension, where : str
        What it is called, and where, for problems.
    is_time : bool
        Whether the codes are periods.

    Raises
    ------
    CatalogError
        If an expression cannot be understood.

    Examples
    --------
    >>> periods = ["2009K4", "2010K1", "2010K2", "2011K1"]
    >>> expanded([">=2010<=2010"], periods, "Tid", True, "x")
    (('2010K1', '2010K2'), [])
    >>> expanded(["*K1"], periods, "Tid", True, "x")[0]
    ('2010K1', '2011K1')
    >>> expanded(["(-n+2)"], periods, "Tid", True, "x")[0]
    ('2010K2', '2011K1')
    """
    chosen: set[str] = set()
    problems = []
    for expression in select:
        found = _one(expression, codes, dimension, is_time, where)
        if not found:
            problems.append(_codes.unknown(expression, codes, dimension, where))
        chosen.update(found)
    if not select:
        problems.append(Problem(f"nothing is selected of '{dimension}'", where))
    return _codes.in_order(chosen, codes), problems


def _one(
    expression: str, codes: Sequence[str], dimension: str, is_time: bool, where: str
) -> Sequence[str]:
    own = _codes.known(expression, codes)
    if own is not None:
        return (own,)
    if "*" in expression:
        return _codes.like(expression, codes)
    nth = _NTH.fullmatch(expression)
    if nth is not None and (nth[2] is not None or nth[3] is not None):
        if not is_time:
            raise _unreadable(expression, dimension, where, "only periods can be counted")
        return _counted(nth, sorted(codes))
    comparison = _COMPARISON.fullmatch(expression)
    if comparison is not None:
        return _between(comparison, codes, dimension, is_time, where)
    if expression[:1] in "<>" or "(" in expression:
        hint = "such as >=2015, >=2010K1<=2015K4, (1), (-n+3) or -(2); nothing is calculated"
        raise _unreadable(expression, dimension, where, hint)
    return ()


def _unreadable(expression: str, dimension: str, where: str, hint: str) -> CatalogError:
    what = f"'{expression}' of '{dimension}' is no selection that is known"
    return CatalogError([Problem(what, where, None, hint)])


def _counted(nth: re.Match[str], ordered: Sequence[str]) -> Sequence[str]:
    """Return the periods at places a*n + b for n = 0, 1, 2 ..., the newest being place 1."""
    step = 0 if nth[2] is None else int(nth[2] + "1" if nth[2] in ("", "+", "-") else nth[2])
    first = int((nth[3] or "0").replace(" ", ""))
    count = len(ordered)
    places = {first + step * n for n in range(count + abs(first) + 1)}
    line = ordered if nth[1] else ordered[::-1]
    return [code for place, code in enumerate(line, start=1) if place in places]


def _between(
    comparison: re.Match[str], codes: Sequence[str], dimension: str, is_time: bool, where: str
) -> Sequence[str]:
    found = list(codes)
    for sign, bound in ((comparison[1], comparison[2]), (comparison[3], comparison[4])):
        if sign is not None:
            rank = _ranks(bound.strip(), codes, is_time)
            if rank is None:
                raise _unreadable(comparison[0], dimension, where, f"'{bound}' cannot be compared")
            found = [code for code in found if _holds(sign, rank[code])]
    return found


def _ranks(bound: str, codes: Sequence[str], is_time: bool) -> dict[str, int] | None:
    """Return for each code whether it is before (-1), at (0) or after (1) a bound."""
    if is_time:
        if not bound[:4].isdecimal() or any(len(code) < len(bound) for code in codes):
            return None
        cut = {code: code[: len(bound)] for code in codes}
        return {code: (start > bound) - (start < bound) for code, start in cut.items()}
    own = _codes.known(bound, codes)
    if own is None:
        return None
    place = codes.index(own)
    return {code: (i > place) - (i < place) for i, code in enumerate(codes)}


def _holds(sign: str, rank: int) -> bool:
    return rank == 0 if sign.endswith("=") and rank == 0 else rank == (1 if sign[0] == ">" else -1)
