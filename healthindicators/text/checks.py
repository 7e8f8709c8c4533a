"""What is missing or doubtful in the files of texts, found without a look at the code.

Every file is held against all the others: what one language says, all must say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO

from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po

from healthindicators.errors import Problem
from healthindicators.text.sorting import ALPHABETS

_FIELD = re.compile(r"\{[^}]*\}")
_ENTRY = re.compile(rb'^msgid (?=".|"$)', re.MULTILINE)


@dataclass(frozen=True)
class Written:
    """The messages of one file by their English text, and what is wrong with the file itself."""

    name: str
    messages: Mapping[str, Message]
    problems: tuple[Problem, ...]


def text_problems(folder: Traversable | None = None, also: Iterable[str] = ()) -> list[Problem]:
    """Return everything that is wrong with the files of texts of all languages.

    Parameters
    ----------
    folder : Traversable, optional
        Where the `.po` files lie; those of reports if left out.
    also : iterable of str
        English texts from elsewhere, such as titles of tables, that every language must have.

    Returns
    -------
    list of Problem
        Messages that one language has and another lacks, empty or doubtful translations, fields
        that differ from the English, and languages whose alphabet is not known.
    """
    folder = folder or files("healthindicators.text")
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".po")), key=lambda f: f.name)
    written = [_read(file) for file in found]
    problems = [problem for each in written for problem in each.problems]
    for each in written:
        problems += _alphabet(each.name)
        # A file that cannot be read lacks everything: that it cannot be read is told already.
        if each.messages:
            problems += [p for m in each.messages.values() for p in _doubts(m, each.name)]
            problems += _missing(each, written, also)
    return problems


def _read(file: Traversable) -> Written:
    code = file.name.removesuffix(".po")
    body = file.read_bytes()
    try:
        body.decode("utf-8")
        catalog = read_po(BytesIO(body), abort_invalid=True)
    except (PoFileError, ValueError) as error:
        return Written(file.name, {}, (Problem(f"cannot be read: {error}", file.name),))
    messages = {str(m.id): m for m in catalog if m.id}
    problems = []
    if str(catalog.locale_identifier) != code:
        problems.append(
            Problem(f"says it is in '{catalog.locale_identifier}'", file.name, None, f"'{code}'")
        )
    twice = len(_ENTRY.findall(body)) - 1 - len(messages)
    if twice > 0:
        problems.append(Problem(f"{twice} messages stand twice", file.name))
    return Written(file.name, messages, tuple(problems))


def _alphabet(name: str) -> Iterator[Problem]:
    if name.removesuffix(".po") not in ALPHABETS:
        yield Problem(
            "the order of its letters is not known", name, None, "add it to text/sorting.py"
        )


def _doubts(message: Message, name: str) -> Iterator[Problem]:
    id, text = str(message.id), str(message.string or "")
    line = message.lineno
    if not text.strip():
        yield Problem(f"no translation of '{id}'", name, line)
        return
    if message.fuzzy:
        yield Problem(f"a doubtful translation of '{id}'", name, line, "remove the fuzzy mark")
    if sorted(_FIELD.findall(text)) != sorted(_FIELD.findall(id)):
        fields = ", ".join(sorted(set(_FIELD.findall(id)))) or "none"
        yield Problem(f"other fields than the English of '{id}'", name, line, f"fields: {fields}")


def _missing(one: Written, all: Iterable[Written], also: Iterable[str]) -> Iterator[Problem]:
    said = {id: each.name for each in all for id in each.messages}
    said |= {id: "" for id in also if id not in said}
    for id, elsewhere in said.items():
        if id not in one.messages:
            hint = f"{elsewhere} has it" if elsewhere else "a table says it"
            yield Problem(f"no translation of '{id}'", one.name, None, hint)
