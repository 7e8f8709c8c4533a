"""Words, numbers, periods, lists and sort order in the language of the reader.

English is written in the code; every other language is a `.po` file beside this module, read with
Babel. `checks` tells what is missing or doubtful in any language; a test extracts the messages from
the code and fails when one has not been translated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from importlib.resources import files

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.pofile import read_po

from healthindicators.errors import UnknownLanguage
from healthindicators.model import Period
from healthindicators.text.sorting import sort_key

SOURCE_LANGUAGE = "en"
NO_BREAK = "\N{NO-BREAK SPACE}"
EN_DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


def languages() -> tuple[str, ...]:
    """Return the languages that reports are written in, English first."""
    found = (
        p.name.removesuffix(".po") for p in files(__name__).iterdir() if p.name.endswith(".po")
    )
    return (SOURCE_LANGUAGE, *sorted(found))


def message(text: str) -> str:
    """Mark a text that is said elsewhere, so that translators find it; returns it unchanged."""
    return text


@cache
def language(code: str) -> Language:
    """Return the language `code`.

    Raises
    ------
    UnknownLanguage
        If no texts are written in it.
    """
    if code not in languages():
        raise UnknownLanguage(str(code), languages())
    return Language(code)


@lru_cache(maxsize=1 << 14)
def _written(value: float, decimals: int, signed: bool, group: str, point: str) -> str:
    """Return a number with the marks given; a country's figures stand in all its reports."""
    rounded = round(float(value), decimals) + 0.0
    # By way of its shortest text: a large float has digits that nobody wrote.
    text = f"{Decimal(repr(rounded)):,.{decimals}f}"
    text = text.translate({ord(","): group, ord("."): point, ord("-"): MINUS})
    return f"+{text}" if signed and rounded > 0 else text


@dataclass(frozen=True)
class Language:
    """How one language says things.

    Examples
    --------
    >>> da = language("da")
    >>> da.number(-1234.5, 1), da.period(Period(2015, 2019)), da.say("Sources")
    ('−1.234,5', '2015–2019', 'Kilder')
    """

    code: str

    @cached_property
    def locale(self) -> Locale:
        """The locale that numbers and lists are formatted by."""
        return Locale.parse("en_GB" if self.code == "en" else self.code)

    @cached_property
    def _messages(self) -> dict[str, str]:
        """What is said for each message that has a translation."""
        if self.code == SOURCE_LANGUAGE:
            return {}
        with files(__name__).joinpath(f"{self.code}.po").open("rb") as stream:
            found = read_po(stream, locale=self.code)
        return {str(m.id): str(m.string) for m in found if m.id and m.string}

    @cached_property
    def decimal_mark(self) -> str:
        """The mark before decimals."""
        return str(self.locale.number_symbols["latn"]["decimal"])

    @cached_property
    def group_mark(self) -> str:
        """The mark between thousands."""
        return str(self.locale.number_symbols["latn"]["group"])

    def say(self, message: str, /, **fields: object) -> str:
        """Return `message` in this language, with its fields filled in."""
        text = self._messages.get(message, message)
        return text.format(**fields) if fields else text

    def number(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        """Return `value` with exactly `decimals` decimals, grouped, with a true minus sign."""
        return _written(value, decimals, signed, self.group_mark, self.decimal_mark)

    def period(self, period: Period, *, school_year: bool = False) -> str:
        """Return the years covered: ``2019``, ``2015–2019`` or the school year ``2024/25``."""
        if school_year and period.years == 2:
            return f"{period.first}/{period.last % 100:02d}"
        if period.first == period.last:
            return str(period.first)
        return f"{period.first}{EN_DASH}{period.last}"

    def date(self, moment: str) -> str:
        """Return the day of an ISO date or time in words: ``22. november 2026``."""
        return _dated(moment[:10], self)

    def listing(self, items: Iterable[str]) -> str:
        """Return the items as one phrase: ``a, b and c``."""
        return format_list(list(items), locale=self.locale)

    def sort_key(self, text: str) -> tuple[tuple[int, ...], str]:
        """Return a key that sorts names as this language's dictionaries do.

        Examples
        --------
        >>> sorted(["Aabenraa", "Ærø", "Odense", "Øby"], key=language("da").sort_key)
        ['Odense', 'Ærø', 'Øby', 'Aabenraa']
        >>> sorted(["Örebro", "Åmål", "Ängelholm", "Ystad"], key=language("sv").sort_key)
        ['Ystad', 'Åmål', 'Ängelholm', 'Örebro']
        """
        return sort_key(self.code, text)


@lru_cache(maxsize=1 << 10)
def _dated(day: str, language: Language) -> str:
    return format_date(date.fromisoformat(day), "long", locale=language.locale)
