"""Every exception of the package, and the exit code of each.

There is one root. A user's mistake prints its message without a traceback; an error in data carries
every problem found, not only the first. Codes are stable: a script may rely on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar

SHOWN_PROBLEMS = 20
"""A message lists this many problems and counts the rest: more would hide the first ones."""


FEW_NAMES = 8
"""So many valid names are all told; of more, the nearest ones."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where it is, and what to do about it."""

    what: str
    where: str = ""
    line: int | None = None
    hint: str = ""

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        text = f"{place}: {self.what}" if place else self.what
        return f"{text} ({self.hint})" if self.hint else text


class HealthIndicatorsError(Exception):
    """Root of every error this package raises on purpose."""

    exit_code: ClassVar[int] = 1


class UserError(HealthIndicatorsError):
    """Something asked for cannot be done as asked."""

    exit_code = 2


class ParameterError(UserError):
    """A parameter of a report or a command has the wrong name, type or value."""

    exit_code = 3


class Mistakes(UserError):
    """Several things asked for cannot be done as asked; all of them are told."""

    exit_code = 16

    def __init__(self, mistakes: Sequence[UserError]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, mistakes)))


class WorkspaceError(UserError):
    """A folder that is needed is absent or cannot be written."""

    exit_code = 4


class UnknownName(UserError):
    """A name that is not in the register or the catalogue.

    Parameters
    ----------
    name : str
        What was asked for.
    valid : iterable of str
        The names there are; the nearest ones are offered.
    """

    exit_code = 10
    kind: ClassVar[str] = "name"

    def __init__(self, name: str, valid: Iterable[str]) -> None:
        names = list(valid)
        self.name = name
        self.nearest = nearest(name, names)
        offer = f" Nearest: {', '.join(self.nearest)}." if self.nearest else ""
        if len(names) <= FEW_NAMES and len(self.nearest) < len(names):
            offer += f" There are {', '.join(names)}."
        super().__init__(f"There is no {self.kind} '{name}'.{offer}")


class UnknownMunicipality(UnknownName):
    """A municipality that is in no register, or has ended: `became` says what it is now."""

    exit_code = 11
    kind = "municipality"

    def __init__(self, name: str, valid: Iterable[str], became: str = "") -> None:
        super().__init__(name, valid)
        if became:
            self.args = (f"There is no municipality '{name}' today. {became}",)


class UnknownIndicator(UnknownName):
    """An indicator that the catalogue does not hold."""

    exit_code = 12
    kind = "indicator"


class UnknownFramework(UnknownName):
    """A framework that the catalogue does not hold."""

    exit_code = 13
    kind = "framework"


class UnknownLanguage(UnknownName):
    """A language that reports are not written in."""

    exit_code = 14
    kind = "language"


class UnknownCountry(UnknownName):
    """A country that has no folder."""

    exit_code = 15
    kind = "country"


class ProblemsError(HealthIndicatorsError):
    """Several problems, all found before anything was raised."""

    headline: ClassVar[str] = "Problems were found"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = [f"{self.headline} ({count}):", *(f"  {p}" for p in self.problems[:SHOWN_PROBLEMS])]
        if count > SHOWN_PROBLEMS:
            lines.append(f"  ... and {count - SHOWN_PROBLEMS} more")
        super().__init__("\n".join(lines))


class CatalogError(ProblemsError):
    """A declaration (indicator, framework, country, table) is not as it should be."""

    exit_code = 20
    headline = "The declarations do not hold"


class DataError(ProblemsError):
    """Figures that break a rule of the observation table or of their own layout."""

    exit_code = 30
    headline = "The figures do not hold"


class SnapshotError(ProblemsError):
    """Bytes in data/raw that are absent, or not those that were pinned."""

    exit_code = 31
    headline = "The snapshots do not hold"


class SourceError(ProblemsError):
    """A service did not give what was asked for; nothing was pinned."""

    exit_code = 70
    headline = "The source gave no figures"


class SourceUnavailable(SourceError):
    """The service is down, busy or too slow; the same question may be answered later."""

    exit_code = 71
    headline = "The source is not available now, try later"


class SourceChanged(SourceError):
    """The service or its table is not what the country's folder says; someone must look."""

    exit_code = 72
    headline = "The source has changed, someone must look"


class SourceOffline(SourceError):
    """There is no way to the service from here: no network, or its name is not found."""

    exit_code = 73
    headline = "The source cannot be reached from here"


class StatisticsError(HealthIndicatorsError):
    """Input that a statistic cannot take; the message says which element."""

    exit_code = 40


class ReportError(HealthIndicatorsError):
    """A report could not be made; the message says in which cell."""

    exit_code = 50


class BatchError(ProblemsError):
    """Some reports of a batch failed; the others were made."""

    exit_code = 51
    headline = "Some reports were not made"


class EditionBusy(UserError):
    """Another batch is at work in the same edition."""

    exit_code = 52


def nearest(name: str, valid: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Return the valid names most like `name`, best first, ignoring case.

    Examples
    --------
    >>> nearest("daily-smokin", ["daily-smoking", "gini", "obesity"])
    ('daily-smoking',)
    """
    folded: dict[str, str] = {}
    for candidate in valid:
        folded.setdefault(candidate.casefold(), candidate)
    close = get_close_matches(name.casefold(), folded, n=count, cutoff=0.5)
    return tuple(folded[c] for c in close)


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Return what each call returns, or raise the user's mistakes in all of them at once.

    Raises
    ------
    UserError
        The mistake, or `Mistakes` where there are several.

    Examples
    --------
    >>> together(lambda: 1, lambda: "two")
    [1, 'two']
    """
    returned: list[Any] = []
    mistakes: dict[str, UserError] = {}
    for call in calls:
        try:
            returned.append(call())
        except Mistakes as several:
            mistakes |= {str(mistake): mistake for mistake in several.mistakes}
        except UserError as mistake:
            mistakes.setdefault(str(mistake), mistake)
    if len(mistakes) == 1:
        raise next(iter(mistakes.values()))
    if mistakes:
        raise Mistakes(list(mistakes.values()))
    return returned
