"""Templates filled in: once for what many reports have in common, then for what differs."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from healthindicators.charts import words
from healthindicators.charts.barometer import labels
from healthindicators.text import Language

TEMPLATES = Path(__file__).parent / "templates"

_SLOT = "\N{INTERLINEAR ANNOTATION ANCHOR}"
"""Stands before and after the name of a slot."""


def markup(text: str) -> Markup:
    """Return text that is HTML already: made here or by the charts, where all data is escaped."""
    return Markup(text)


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, language: Language, slots: Mapping[str, str], **said: Hashable) -> str:
    """Return a template with what it says, and with texts in its slots.

    What is `said` is the same in many reports, and a template is filled in once for all of them.
    What differs goes into `slots`: names of the template whose texts it only prints, and not empty
    where they stand on a line of their own.
    """
    pieces = list(_pieces(template, language, tuple(slots), tuple(said.items())))
    pieces[1::2] = (escape(slots[name]) for name in pieces[1::2])
    return "".join(pieces)


@lru_cache(maxsize=1 << 8)
def _pieces(
    template: str, language: Language, slots: tuple[str, ...], said: tuple[tuple[str, object], ...]
) -> Sequence[str]:
    """Return a template in pieces, between every two of them the name of a slot."""
    held = {name: markup(f"{_SLOT}{name}{_SLOT}") for name in slots}
    return filled(template, language, **held, **dict(said)).split(_SLOT)


def filled(template: str, language: Language, **context: object) -> str:
    """Return a template with all that it says; an undefined name in it is an error."""
    names: dict[str, object] = {"language": language, "say": language.say, "words": words}
    names |= {"labels": lambda *names: markup(labels(*names))}
    html = _ENVIRONMENT.get_template(template).render(names | context)
    return "\n".join(line for line in html.splitlines() if line.strip()) + "\n"
