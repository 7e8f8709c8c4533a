"""The encoding of a text: told, or found out from its bytes where they leave one possibility.

Nothing is taken because it raises no error: every byte is some letter in most old encodings. A
byte-order mark says what a text is, and text that is UTF-8 is UTF-8. Of the old encodings one is
taken only if it alone makes words of Nordic names out of the bytes: no letter that these languages
do not have, no capital within a word, no sign that is nothing. Known names decide where two do.

Seen (2026-11-22): Norwegian and Danish files in Windows-1252 with no-break spaces, a Swedish one
saved on an old Macintosh.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from contextlib import suppress

from healthindicators.errors import DataError, Problem

OLD_ENCODINGS = ("cp1252", "iso8859_15", "mac_roman", "cp850")
"""What Nordic offices' programs write when they do not write UTF-8."""
LETTERS = frozenset("æøåäöéüôèáïšžđŋŧčñÆØÅÄÖÉÜÁÏŠŽĐŊŦČ")
"""Letters beyond ASCII in Nordic and Sámi names."""
SIGNS = frozenset("\xa0–—§°«»‘’“”…½²³€·´")
"""Signs beyond ASCII that texts of offices have between words."""
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
MARKS = tuple(_BOMS)
_SHOWN = 30
_FOREIGN = re.compile(rb"[\x80-\xff]")
_SNIPPET = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
_WITHIN = re.compile(r"[^\W\d_](?:[^\w\s\x00-\x7f–—’´·][^\W\d_]|°)")


def as_utf8(body: bytes, where: str, encoding: str = "") -> bytes:
    """Return a text in UTF-8 without byte-order mark, its encoding told or found out.

    Raises
    ------
    DataError
        As `decoded`.

    Examples
    --------
    >>> as_utf8("Tårnby".encode("mac_roman"), "x").decode()
    'Tårnby'
    """
    text = body.removeprefix(b"\xef\xbb\xbf")
    if encoding in ("", "utf-8"):
        with suppress(UnicodeDecodeError):
            _ = text.isascii() or text.decode()
            return text  # as it is: it may be large
    return decoded(body, where=where, encoding=encoding).encode()


def decoded(body: bytes, *, where: str, encoding: str = "", names: Collection[str] = ()) -> str:
    r"""Return the text that bytes are.

    Parameters
    ----------
    body : bytes
        The file as it was saved.
    where : str
        Its name, for problems.
    encoding : str, optional
        Its encoding, where it is known; a byte-order mark that says another is a problem.
    names : collection of str, optional
        Names that may stand in it, such as those of a register: they decide between encodings.

    Raises
    ------
    DataError
        If the bytes are not in the encoding declared, or are UTF-8 although another was declared; or
        if they could be in none or several of those that are known: with each of them, the bytes and
        the line where they differ.

    Examples
    --------
    >>> decoded("Alingsås".encode("mac_roman"), where="x")
    'Alingsås'
    >>> decoded("Malmö".encode("mac_roman"), where="x", names=["Malmö"])
    'Malmö'
    """
    marked = next((name for mark, name in _BOMS.items() if body.startswith(mark)), "")
    told = encoding or marked
    if told:
        text = _as_told(body, told, where)
        if "\0" not in text:
            return text
    elif b"\0" not in body:
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError as error:
            return _old(body, where, names, error.start)
    hint = "if it is UTF-16, save it with its mark, or declare its encoding"
    raise DataError([Problem("it holds a zero byte, so it is no text", where, None, hint)])


def _as_told(body: bytes, told: str, where: str) -> str:
    if not told.lower().startswith("utf") and _is_utf8(body):
        hint = "letters of an old encoding are never UTF-8 by chance: one of the two is wrong"
        raise DataError([Problem(f"it is called {told}, but is UTF-8", where, None, hint)])
    try:
        text = body.decode(told)
    except UnicodeDecodeError as error:
        what = f"the bytes {_hex(body, error.start)} are not {told}"
        raise DataError([Problem(what, where, _line(body, error.start))]) from error
    except (ValueError, LookupError) as error:
        raise DataError([Problem(f"it cannot be read as {told}: {error}", where)]) from error
    if not isinstance(text, str):
        raise DataError([Problem(f"'{told}' is no encoding of text", where)])
    return text.removeprefix("\ufeff")


def _is_utf8(body: bytes) -> bool:
    """Return whether bytes can only be UTF-8: letters beyond ASCII, and each of them whole."""
    with suppress(UnicodeDecodeError):
        return not body.isascii() and bool(body.decode())
    return False


def _old(body: bytes, where: str, names: Collection[str], first: int) -> str:
    """Return the text in the one old encoding that makes words of names out of its bytes."""
    foreign = b"\n".join(sorted(set(_SNIPPET.findall(body))))
    texts: dict[str, str] = {}
    for name in OLD_ENCODINGS:
        try:
            texts[name] = foreign.decode(name)
        except UnicodeDecodeError:
            continue
    fitting = {name: text for name, text in texts.items() if not _is_odd(text)}
    readings = set(fitting.values())
    if len(readings) > 1 and names:
        known = frozenset(word for name in names for word in _foreign(name))
        readings = {text for text in readings if known & set(_foreign(text))} or readings
    if len(readings) == 1:
        return body.decode(next(n for n, text in fitting.items() if text in readings))
    raise DataError([_unclear(body, fitting or texts, where, first, bool(fitting))])


def _unclear(body: bytes, texts: dict[str, str], where: str, first: int, fits: bool) -> Problem:
    """Return which encodings are possible, and the first bytes that they differ about."""
    at = first
    if fits:
        differ = (
            m.start()
            for m in _FOREIGN.finditer(body)
            if len({body[m.start() : m.end()].decode(name, "replace") for name in texts}) > 1
        )
        at = next(differ, first)
    begin = body.rfind(b"\n", 0, at) + 1
    begin = max(begin, at - _SHOWN)
    end = min(at + _SHOWN, (body + b"\n").index(b"\n", at))
    read = "; ".join(f"{n}: '{body[begin:end].decode(n, 'replace').strip()}'" for n in texts)
    verdict = (
        f"it could be {' or '.join(texts)}" if fits else "and no old encoding makes names of it"
    )
    what = f"the text is not UTF-8, {verdict}: the bytes {_hex(body, at)} are {read}"
    return Problem(what, where, _line(body, at), "declare its encoding in the table's layout")


def _hex(body: bytes, at: int) -> str:
    return body[at : at + 2].hex(" ")


def _line(body: bytes, at: int) -> int:
    return body.count(b"\n", 0, at) + 1


def _foreign(text: str) -> Iterable[str]:
    """Return the words of a text that have letters beyond ASCII."""
    return {word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()}


def _is_odd(text: str) -> bool:
    """Return whether a text has what no Nordic text has: other letters, capitals or signs in words."""
    if {c for c in set(text) if c > "\x7f"} - LETTERS - SIGNS:
        return True
    threes = ((w, w[1:], w[2:] + " ") for w in _foreign(text))
    within = (around for three in threes for around in zip(*three, strict=False))
    if any(b.isupper() and not b.isascii() and not (a + c).isupper() for a, b, c in within):
        return True
    return _WITHIN.search(text) is not None
