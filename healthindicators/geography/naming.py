"""Names of municipalities in downloaded files: held against codes beside them, or used to join.

A file whose codes stand beside the wrong names holds figures that belong to somebody, and nobody can
tell by looking at the codes: so a name that is another municipality's is refused. Spellings differ
between offices and years; a name that is nobody's says nothing against a code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from healthindicators.errors import DataError, Problem, nearest
from healthindicators.geography.register import Register, spellings
from healthindicators.model import Geo, Level

_QUALIFIED = re.compile(r"(.+?) \((.+)\)")
Whose = Mapping[frozenset[str], set[Geo]]
"""Geos by the words of their names."""
_COUNTY = 2
"""Digits of a municipal code that are the county's, in Norway and Sweden."""


def refuse_misaligned(labels: Mapping[str, str], register: Register, where: str) -> None:
    """Refuse codes that stand beside the name of another geo.

    Parameters
    ----------
    labels : mapping
        Of each code the name beside it.
    register : Register
        The country's geos, former ones too.
    where : str
        Name of the file, for problems.

    Raises
    ------
    DataError
        With every code that is called by another geo's name, and how many they are.
    """
    whose = _whose(register.geos)
    by_code: dict[str, set[str]] = {}
    for geo in register.geos:
        by_code.setdefault(geo.code, set()).add(geo.id)
    known = {
        code: name for code, name in labels.items() if code in by_code and spelled(name, whose)
    }
    wrong = {
        code: name
        for code, name in known.items()
        if not by_code[code] & {geo.id for geo in spelled(name, whose)}
    }
    if not wrong:
        return
    what = f"{len(wrong)} of {len(known)} codes stand beside another geo's name"
    hint = "if the names are right, declare join = 'name' in the table's layout; else download it again"
    problems = [Problem(what, where, None, hint)]
    for code, name in wrong.items():
        own = ", ".join(register.by_id[id].name("") for id in sorted(by_code[code]))
        problems.append(Problem(f"'{code}' is {own}, and '{name}' stands beside it", where))
    raise DataError(problems)


def by_name(
    names: Sequence[str],
    register: Register,
    *,
    where: str,
    edition: int,
    told: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the id of the municipality that each name of a list means.

    A name that two municipalities have must say its county in brackets, as ``Våler (Hedmark)``, and
    the list must have the county's name above its municipalities: which county that is, is seen from
    the first municipality below it that has its name for itself.

    Parameters
    ----------
    names : sequence of str
        The names, in the order of the file.
    register : Register
        The country's geos.
    where : str
        Name of the file, for problems.
    edition : int
        The year whose municipalities the file lists.
    told : mapping, optional
        The id that a name is known to mean, or nothing where it is no municipality.

    Raises
    ------
    DataError
        With every name that is no municipality's of that year, or several's, and if two names are
        the same municipality.
    """
    towns = register.edition(edition)
    whose = _whose((*towns, register.nation))
    given = told or {}
    counties = _counties(names, whose)
    found: dict[str, str] = {}
    problems = []
    for name in dict.fromkeys(names):
        if name in given:
            found |= {name: given[name]} if given[name] else {}
            continue
        fitting = called(name, whose)
        fitting = fitting if len(fitting) == 1 else _of_county(name, whose, counties) or fitting
        if len(fitting) == 1:
            found[name] = next(iter(fitting)).id
            continue
        which = ", ".join(sorted(geo.id for geo in fitting))
        near = ", ".join(nearest(name, [g.name("") for g in towns]))
        what = f"could be {which}" if which else f"is no municipality of {edition}"
        hint = "say which in geo_codes" if which or not near else f"nearest: {near}"
        problems.append(Problem(f"'{name}' {what}", where, None, hint))
    problems += _doubles(found, where)
    if problems:
        raise DataError(problems)
    return found


def _doubles(found: Mapping[str, str], where: str) -> list[Problem]:
    names: dict[str, list[str]] = {}
    for name, id in found.items():
        names.setdefault(id, []).append(name)
    return [
        Problem(f"{' and '.join(repr(n) for n in several)} are both {id}", where)
        for id, several in names.items()
        if len(several) > 1
    ]


def _whose(geos: Iterable[Geo]) -> dict[frozenset[str], set[Geo]]:
    """Return the geos that go by the words of a name, in any order, as double names are written."""
    found: dict[frozenset[str], set[Geo]] = {}
    for geo in geos:
        if geo.level is not Level.GROUP:
            for name in (*geo.names.values(), *geo.aliases):
                for form in spellings(name):
                    found.setdefault(_words(form), set()).add(geo)
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


def spelled(name: str, whose: Whose) -> set[Geo]:
    """Return the geos that a name is one of, also without its Nordic letters."""
    return {geo for form in spellings(name) for geo in whose.get(_words(form), ())}


def called(name: str, whose: Whose) -> set[Geo]:
    """Return the geos that have a name as it is written; if none has, those that it is one of.

    Habo and Håbo are two municipalities.
    """
    fitting = spelled(name, whose)
    wanted = _written(name)
    exact = {g for g in fitting if wanted in {_written(n) for n in (*g.names.values(), *g.aliases)}}
    return exact or fitting


def _written(name: str) -> frozenset[str]:
    return _words(unicodedata.normalize("NFC", name).casefold())


def _counties(names: Sequence[str], whose: Whose) -> dict[str, str]:
    """Return the first digits of codes below each line of a list that is no municipality."""
    found: dict[str, str] = {}
    above = ""
    for name in names:
        fitting = [g for g in called(name, whose) if g.level is Level.MUNICIPALITY]
        if not fitting and not _QUALIFIED.fullmatch(name):
            above = name
        elif len(fitting) == 1 and above:
            found.setdefault(above, fitting[0].code[:_COUNTY])
            above = ""
    return found


def _of_county(name: str, whose: Whose, counties: Mapping[str, str]) -> set[Geo]:
    parts = _QUALIFIED.fullmatch(name)
    if parts is None or parts[2] not in counties:
        return set()
    return {g for g in called(parts[1], whose) if g.code[:_COUNTY] == counties[parts[2]]}
