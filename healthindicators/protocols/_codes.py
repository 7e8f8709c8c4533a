"""Codes of a table: found whatever their case, chosen by patterns."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from fnmatch import fnmatchcase

from healthindicators.errors import Problem, SourceChanged, nearest


def folded(text: str) -> str:
    """Return a code in the form that services compare it in: without case, letters composed.

    Examples
    --------
    >>> folded("OMRÅDE") == folded("Område")
    True
    """
    return unicodedata.normalize("NFC", text).casefold()


def same(declared: Sequence[str], offered: Sequence[str], where: str) -> dict[str, str]:
    """Return for each declared dimension the service's own spelling of it.

    Raises
    ------
    SourceChanged
        If the two are not the same dimensions, whatever their case.
    """
    own = {folded(code): code for code in offered}
    wanted = {folded(code) for code in declared}
    problems = [
        Problem(f"the table has no dimension '{code}'", where, None, near(code, offered))
        for code in declared
        if folded(code) not in own
    ]
    problems += [
        Problem(f"the table's dimension '{code}' is not declared", where, None, "declare its codes")
        for code in offered
        if folded(code) not in wanted
    ]
    if len(wanted) < len(declared):
        problems.append(Problem("a dimension is declared twice", where))
    if problems:
        raise SourceChanged(problems)
    return {code: own[folded(code)] for code in declared}


def known(code: str, codes: Sequence[str]) -> str | None:
    """Return a code as the service spells it, or nothing if it has none like it."""
    if code in codes:
        return code
    alike = [own for own in codes if folded(own) == folded(code)]
    return alike[0] if len(alike) == 1 else None


def like(pattern: str, codes: Sequence[str]) -> tuple[str, ...]:
    """Return the codes that a pattern with ``*`` fits, in their order, whatever their case.

    Examples
    --------
    >>> like("*K1", ["2020K1", "2020K2", "2021K1"])
    ('2020K1', '2021K1')
    """
    escaped = folded(pattern).replace("[", "[[]").replace("?", "[?]")
    return tuple(code for code in codes if fnmatchcase(folded(code), escaped))


def unknown(code: str, codes: Sequence[str], dimension: str, where: str) -> Problem:
    """Return the problem that a code is not among those of its dimension."""
    return Problem(f"'{dimension}' has no code '{code}'", where, None, near(code, codes))


def near(code: str, codes: Sequence[str]) -> str:
    """Return the codes most like one that is not there, or some of those that are, as a hint."""
    close = nearest(code, codes)
    return f"nearest: {', '.join(close)}" if close else f"there are {', '.join(codes[:8])}"


def in_order(chosen: set[str], codes: Sequence[str]) -> tuple[str, ...]:
    """Return chosen codes in the order of the service."""
    return tuple(code for code in codes if code in chosen)
