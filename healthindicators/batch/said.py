"""All that a profile says in one language, as bytes to take a digest of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import orjson

from healthindicators.model import Country, Framework, Geo, Indicator
from healthindicators.profile import Profile

DECLARED = (Country, Framework, Geo, Indicator)
"""What has texts in several languages and is the same in many profiles."""


@dataclass
class Said:
    """Serialises profiles; declarations that many of them share are looked at once."""

    _seen: dict[tuple[int, str], tuple[object, str]] = field(default_factory=dict)

    def profile(self, profile: Profile, language: str) -> bytes:
        """Return all that a profile says in one language."""
        quoted = profile.framework.original_language

        def brief(thing: Any) -> Any:
            """Return a digest in place of a declaration."""
            if isinstance(thing, DECLARED):
                return self._digest(thing, language, quoted)
            return thing

        def parts(thing: Any, *but: str) -> dict[str, Any]:
            named = [f.name for f in fields(thing) if f.name not in but]
            return {name: brief(getattr(thing, name)) for name in named}

        # Areas, services and their order stand in the framework: of sections, the lines are left.
        said = {
            **parts(profile, "sections", "others", "sources"),
            "lines": [parts(line) for line in profile.lines],
            "sources": [
                {**parts(source), "indicators": [brief(i) for i in source.indicators]}
                for source in profile.sources
            ],
        }
        return orjson.dumps(said)

    def _digest(self, thing: object, language: str, quoted: str) -> str:
        key = (id(thing), language)
        seen, digest = self._seen.get(key, (None, ""))
        if seen is not thing:
            body = orjson.dumps(in_language(thing, language, quoted))
            digest = hashlib.sha256(body).hexdigest()
            self._seen[key] = thing, digest
        return digest


def in_language(thing: Any, language: str, quoted: str = "") -> Any:
    """Return dataclasses as mappings, and every text in `language` and perhaps as `quoted`.

    A text that is not in `language` is kept whole, since it is shown in another.

    Examples
    --------
    >>> in_language({"name": {"en": "Copenhagen", "da": "København"}}, "da")
    {'name': {'da': 'København'}}
    >>> in_language({"nb": "Oslo"}, "da")
    {'nb': 'Oslo'}
    """
    if is_dataclass(thing):
        thing = {field.name: getattr(thing, field.name) for field in fields(thing)}
    if isinstance(thing, Mapping):
        kept = {language, quoted} if language in thing else thing
        return {k: in_language(part, language, quoted) for k, part in thing.items() if k in kept}
    if isinstance(thing, list | tuple):
        return [in_language(part, language, quoted) for part in thing]
    return thing
