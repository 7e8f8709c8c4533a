"""The keywords of a PX file, decoded and parted; the cells are left as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from healthindicators.errors import DataError, Problem
from healthindicators.formats.encoding import MARKS, decoded

_HEAD = 20_000
"""The encoding is named near the top; so many bytes are searched for it."""

_CODEPAGE = re.compile(rb'CODEPAGE\s*=\s*"?([^";\s]+)', re.IGNORECASE)
_CHARSET = re.compile(rb'CHARSET\s*=\s*"?([^";\s]+)', re.IGNORECASE)
_KEYWORD = re.compile(
    r"""\s*(?P<name>[A-Za-z][A-Za-z0-9_-]*)\s*
    (?:\[\s*"?(?P<language>[^\]"]*)"?\s*\])?\s*
    (?:\((?P<keys>(?:"[^"]*"|[^")])*)\))?\s*=""",
    re.VERBOSE,
)
_VALUE = re.compile(r'(?:"[^"]*"|[^";])*;')
_PIECE = re.compile(r'"([^"]*)"|([^\s",]+)|(,)')
_TIMES = re.compile(
    r'''TLIST\(\s*(?P<scale>[AHTQM])1?\s*(?:,\s*(?P<span>"\d+"\s*-\s*"\d+")\s*)?\)|"(?P<one>\d+)"''',
    re.IGNORECASE,
)
_TOKEN = re.compile(r'"[^"]*"|[^\s,;"]+|"')  # a mark without its other half is a cell, and refused
_AFTER = " \t\r\n\x1a"
"""What may stand behind the last statement: programs of DOS ended files with the last of these."""
_SEPARATORS = str.maketrans(",;", "  ")
_PER_YEAR = {"A": 1, "H": 2, "T": 3, "Q": 4, "M": 12}

Key = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Header:
    """Keywords in the main language: their texts by keyword and what stands in its parentheses."""

    said: Mapping[Key, tuple[str, ...]]
    raw: Mapping[Key, str]

    def texts(self, name: str, *keys: str) -> tuple[str, ...]:
        """Return the texts of a keyword."""
        return self.said.get((name, keys), ())

    def text(self, name: str, *keys: str) -> str:
        """Return the first text of a keyword, or an empty one."""
        return (self.texts(name, *keys) or ("",))[0]

    def has(self, name: str, *keys: str) -> bool:
        """Return whether a keyword stands in the file."""
        return (name, keys) in self.said

    def of(self, name: str) -> dict[tuple[str, ...], tuple[str, ...]]:
        """Return the texts of a keyword by what stands in its parentheses."""
        return {keys: texts for (own, keys), texts in self.said.items() if own == name}

    def every(self, name: str) -> list[str]:
        """Return the first texts of a keyword, whatever stands in its parentheses."""
        return [texts[0] for texts in self.of(name).values() if texts]

    def code(self, label: str) -> str:
        """Return the code of a variable: VARIABLECODE, or its label where there is none."""
        return self.text("VARIABLECODE", label) or label

    def symbols(self) -> dict[str, str]:
        """Return, for each mark that stands in DATA, the one that is shown in its place."""
        shown = {"-": self.text("DATASYMBOLNIL") or "-"}
        for dots in range(1, 7):
            shown["." * dots] = self.text(f"DATASYMBOL{dots}") or "." * dots
        shown["." * 7] = self.text("DATASYMBOLSUM") or "." * 7
        return shown

    def listed(self, name: str, label: str, where: str) -> tuple[tuple[str, ...], list[Problem]]:
        """Return the texts of a keyword of a variable, or the periods that TLIST names there."""
        raw = self.raw.get((name, (label,)), "")
        if raw[:5].upper() != "TLIST":
            return self.texts(name, label), []
        found: list[str] = []
        scale = ""
        for match in _TIMES.finditer(raw):
            scale = (match["scale"] or scale).upper()
            if match["one"]:
                found.append(_written(scale, match["one"]))
            elif match["span"]:
                first, last = re.findall(r"\d+", match["span"])
                found += _between(scale, first, last)
        if "" in found or _TIMES.sub("", raw).strip(", \t\r\n"):
            return (), [Problem(f"{name} {raw[:80]!r}", where)]
        return tuple(found), []


def _written(scale: str, digits: str) -> str:
    """Return a period as other formats write it; an empty text where it is none.

    Examples
    --------
    >>> _written("Q", "20241"), _written("A", "2024"), _written("M", "202413")
    ('2024Q1', '2024', '')
    """
    year, part = digits[:4], digits[4:]
    if scale == "A":
        return year if len(digits) == 4 else ""
    width = 2 if scale == "M" else 1
    if scale not in _PER_YEAR or len(part) != width or not 1 <= int(part) <= _PER_YEAR[scale]:
        return ""
    return f"{year}{scale}{part}"


def _between(scale: str, first: str, last: str) -> list[str]:
    if not _written(scale, first) or not _written(scale, last):
        return [""]
    steps = _PER_YEAR[scale]
    width = 2 if scale == "M" else 1
    start, end = (int(p[:4]) * steps + int(p[4:] or 1) - 1 for p in (first, last))
    if scale == "A":
        return [str(step) for step in range(start, end + 1)]
    return [f"{s // steps}{scale}{s % steps + 1:0{width}d}" for s in range(start, end + 1)]


def parse(body: bytes, where: str) -> tuple[Header, str]:
    """Return the keywords of a PX file, and the text of its cells.

    Raises
    ------
    DataError
        If the encoding is unclear, a statement cannot be read, or the file is cut off.
    """
    text = _decoded(body, where)
    statements: dict[Key, str] = {}
    languages: dict[tuple[str, str, tuple[str, ...]], str] = {}
    for name, language, keys, value in _statements(text, where):
        if name == "DATA":
            main = (_listed(statements.get(("LANGUAGE", ()), "")) or ("",))[0]
            for (own, tongue, among), raw in languages.items():
                if tongue == main:
                    statements.setdefault((own, among), raw)
            return Header({key: _listed(raw) for key, raw in statements.items()}, statements), value
        if language:
            languages[name, language, keys] = value
        elif (name, keys) not in statements:
            statements[name, keys] = value
        elif name in ("NOTE", "NOTEX"):
            statements[name, keys] += f",{value}"
        else:
            raise DataError([Problem(f"{name} {', '.join(keys)} stands twice", where)])
    raise DataError([Problem("no DATA", where, None, "no PX file, or one that is cut off")])


def _statements(text: str, where: str) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    at, end = 0, len(text.rstrip(_AFTER))
    while at < end:
        keyword = _KEYWORD.match(text, at)
        line = text.count("\n", 0, at) + 1
        if keyword is None:
            hint = "no PX file, or a text without its quotation mark"
            raise DataError([Problem("no keyword where one must stand", where, line, hint)])
        name = keyword["name"].upper()
        if name == "DATA":
            if text[end - 1] != ";":
                raise DataError([Problem("DATA does not end with ;", where, None, "it is cut off")])
            yield name, "", (), text[keyword.end() : end - 1]
            return
        value = _VALUE.match(text, keyword.end())
        if value is None:
            raise DataError([Problem(f"{name} does not end with ;", where, line)])
        yield name, keyword["language"] or "", _listed(keyword["keys"] or ""), value[0][:-1].strip()
        at = value.end()


def _decoded(body: bytes, where: str) -> str:
    """Return the text; a byte-order mark says more than keywords that were written before it."""
    page, charset = _CODEPAGE.search(body[:_HEAD]), _CHARSET.search(body[:_HEAD])
    told = page[1].decode("latin-1") if page is not None else "utf-8"
    if page is None and charset is not None and charset[1].upper() == b"ANSI":
        told = "cp1252"
    return decoded(body, where=where, encoding="" if body.startswith(MARKS) else told)


def _listed(raw: str) -> tuple[str, ...]:
    """Return the texts of a list; adjacent quoted pieces are one text.

    Examples
    --------
    >>> _listed('"a long " "text","b"'), _listed("YES")
    (('a long text', 'b'), ('YES',))
    """
    found: list[str] = []
    open_ = False
    for text, bare, comma in _PIECE.findall(raw):
        if comma:
            open_ = False
        elif open_:
            found[-1] += text or bare
        else:
            found.append(text or bare)
            open_ = True
    return tuple(found)


def tokens(data: str) -> list[str]:
    """Return the cells of DATA, marks and keys with their quotation marks."""
    if '"' not in data:
        return data.translate(_SEPARATORS).split()
    return _TOKEN.findall(data)


def quoted(word: str) -> str | None:
    """Return what stands in quotation marks, or nothing where there are none."""
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] == '"' else None
