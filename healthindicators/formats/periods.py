"""Period codes of official statistics: which calendar years they cover.

Forms seen until 2026-11: ``2020``; spans ``2020-2024``, ``2015_2019``, ``2019:2020``, ``2020/2021`` and
``2020/21``; quarters ``2020K1`` (Scandinavian) and ``2020Q1``; half-years ``2020H1``; thirds
``2020T1``; months ``2020M01``; weeks ``2020U27`` (Danish, Norwegian), ``2020V27`` (Swedish) and
``2020W27``; days ``2020M12D09`` and ``2020-12-09``. A school year ``2020/2021`` is two years:
nobody here knows which of them a figure is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from healthindicators.errors import DataError, Problem
from healthindicators.model import Period

_PARTS = "|".join(
    (
        r"[KQ][1-4]",
        r"H[12]",
        r"T[1-3]",
        r"M(?:0[1-9]|1[0-2])(?:D(?:0[1-9]|[12]\d|3[01]))?",
        r"[UVW](?:0[1-9]|[1-4]\d|5[0-3])",
        r"-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])",
    )
)
_YEAR = r"[12]\d{3}"
_CODE = re.compile(
    rf"(?P<first>{_YEAR})(?P<part>{_PARTS})?(?:[-_:/](?P<last>{_YEAR})(?P<end>{_PARTS})?"
    r"|[/](?P<short>\d\d))?",
    re.ASCII,
)


def period(code: str) -> Period | None:
    """Return the calendar years that a code covers, or nothing where it is no period.

    Examples
    --------
    >>> period("2015_2019"), period("2020K1"), period("2019/20"), period("1.kvartal")
    (Period(first=2015, last=2019), Period(first=2020, last=2020), Period(first=2019, last=2020), None)
    """
    match = _CODE.fullmatch(code)
    if match is None or (match["short"] is not None and match["part"] is not None):
        return None
    first = int(match["first"])
    if match["short"] is not None:
        last = first - first % 100 + int(match["short"])
        last += 100 if last < first else 0
        return Period(first, last) if last - first == 1 else None
    last = int(match["last"] or first)
    return Period(first, last) if last >= first else None


def years(codes: Iterable[str], *, where: str) -> pd.DataFrame:
    """Return the first and the last year of each code, indexed by code.

    A column of a million cells has a few periods: map its categories with the frame that this gives.

    Raises
    ------
    DataError
        With every code that is no period.

    Examples
    --------
    >>> years(["2024", "2020-2024"], where="a table").loc["2020-2024"].tolist()
    [2020, 2024]
    """
    found = {code: period(code) for code in codes}
    unknown = [code for code, covered in found.items() if covered is None]
    if unknown:
        raise DataError([Problem(f"{code!r} is no period", where) for code in unknown])
    return pd.DataFrame(
        [(covered.first, covered.last) for covered in found.values() if covered is not None],
        index=pd.Index(list(found), dtype="str"),
        columns=["first_year", "last_year"],
        dtype="int64",
    )
