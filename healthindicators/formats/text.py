r"""Text that people download and save again: encoding, delimiter and title lines found out.

Nothing is taken because it raises no error: every byte is some letter in most old encodings. A
byte-order mark says what a text is, and text that is UTF-8 is UTF-8. Of the old encodings one is
taken only if it alone makes words of Nordic names out of the bytes: no letter that these languages
do not have, no capital within a word, no sign that is nothing. Known names decide where two do.

Seen (2026-11-22): Norwegian and Danish files in Windows-1252 with no-break spaces, a Swedish one
saved on an old Macintosh, titles with an empty line above the header, notes below the figures.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable
from itertools import pairwise

from healthindicators.errors import DataError, Problem
from healthindicators.formats.grid import Grid

OLD_ENCODINGS = ("cp1252", "iso8859_15", "mac_roman", "cp850")
"""What Nordic offices' programs write when they do not write UTF-8."""
DELIMITERS = (";", ",", "\t", "|")
LETTERS = frozenset("æøåäöéüôèáïšžđŋŧčñÆØÅÄÖÉÜÁÏŠŽĐŊŦČ")
"""Letters beyond ASCII in Nordic and Sámi names."""
SIGNS = frozenset("\xa0–—§°«»‘’“”…½²³€·´")
"""Signs beyond ASCII that texts of offices have between words."""
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SHOWN = 30
_FOREIGN = re.compile(rb"[\x80-\xff]")
_SNIPPET = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
_WITHIN = re.compile(r"[^\W\d_][^\w\s\x00-\x7f–—’´·][^\W\d_]")


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
        If the bytes are not in the encoding declared, or could be in none or several of those that
        are known: with each of them, the bytes and the line where they differ.

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
        return _as_told(body, told, where)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        return _old(body, where, names, error.start)


def _as_told(body: bytes, told: str, where: str) -> str:
    try:
        text = body.decode(told)
    except UnicodeDecodeError as error:
        what = f"the bytes {_hex(body, error.start)} are not {told}"
        raise DataError([Problem(what, where, _line(body, error.start))]) from error
    except (UnicodeError, LookupError) as error:
        raise DataError([Problem(f"it cannot be read as {told}: {error}", where)]) from error
    if not isinstance(text, str):
        raise DataError([Problem(f"'{told}' is no encoding of text", where)])
    return text.removeprefix("\ufeff")


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
    pairs = ((a, b) for word in _foreign(text) for a, b in pairwise(word))
    if any(a.islower() and b.isupper() and not b.isascii() for a, b in pairs):
        return True
    return _WITHIN.search(text) is not None


def grid(
    body: bytes,
    *,
    where: str,
    encoding: str = "",
    delimiter: str = "",
    names: Collection[str] = (),
    unended: bool = False,
    short: bool = False,
) -> Grid:
    r"""Return the header and the rows of a delimited text, title and notes apart.

    Parameters
    ----------
    body : bytes
        The file as it was saved.
    where : str
        Its name, for problems.
    encoding, delimiter : str, optional
        What is known of it; the rest is found out.
    names : collection of str, optional
        As for `decoded`.
    unended : bool, optional
        Whether it is known that the last line is whole though it has no line break.
    short : bool, optional
        Whether lines may leave out their last fields where those are empty.

    Raises
    ------
    DataError
        As `decoded`; if none or several delimiters make a table of it; with every line that has more
        or fewer fields than the header; if the last line is cut off.

    Examples
    --------
    >>> found = grid(b'"Population"\n\n"region";"2021"\n"0301";7\n', where="x")
    >>> found.title, found.header, found.rows, found.lines
    ('Population', ('region', '2021'), [['0301', '7']], [4])
    """
    text = decoded(body, where=where, encoding=encoding, names=names)
    text = unicodedata.normalize("NFC", text)
    _refuse_shape(text, where, unended)
    tried = (delimiter,) if delimiter else tuple(d for d in DELIMITERS if d in text)
    tables = [t for d in tried for t in [_table(text, d, where, short)] if isinstance(t, Grid)]
    plain = [t for t in tables if not t.title] or tables
    if len(plain) == 1:
        return plain[0]
    if not plain and len(tried) == 1:
        raise DataError(list(_lengths(text, tried[0], where)))
    shown = " or ".join(repr(d) for d in tried) or "none of the usual ones stands in it"
    what = f"it is unclear what separates the columns: {shown}"
    raise DataError([Problem(what, where, None, "declare the delimiter in the table's layout")])


def _refuse_shape(text: str, where: str, unended: bool) -> None:
    problems = []
    if not text.strip():
        problems.append(Problem("there is no text", where))
    elif not unended and not text.endswith(("\n", "\r", '"')):
        hint = "download it again; or, if it is whole, declare lines = 'unended' in the layout"
        problems.append(Problem("the last line has no end: it may be cut off", where, None, hint))
    if "\0" in text:
        problems.append(Problem("it holds a zero byte, so it is no text", where))
    if problems:
        raise DataError(problems)


def _records(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return each record with the line that it begins on.

    Raises
    ------
    csv.Error
        If quotation marks do not close, or text stands behind one that closes.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found, line = [], 1
    for record in reader:
        found.append((line, [field.strip() for field in record]))
        line = reader.line_num + 1
    return found


def _table(text: str, delimiter: str, where: str, short: bool) -> Grid | Problem:
    """Return the table that a delimiter makes of a text, or why it makes none."""
    try:
        records = _records(text, delimiter)
    except csv.Error as error:
        return Problem(f"not a table: {error}", where)
    wide = [n for n, (_, fields) in enumerate(records) if len(fields) > 1]
    if not wide:
        return Problem("it has one column only", where)
    top, last = wide[0], wide[-1]
    width = len(records[top][1])
    if short:
        last = max(n for n, (_, fields) in enumerate(records) if fields)
        records = [(line, _filled(fields, width)) for line, fields in records[: last + 1]]
    wrong = [n for n in range(top, last + 1) if len(records[n][1]) != width]
    if wrong:
        what = f"{len(records[wrong[0]][1])} fields instead of {width}"
        return Problem(what, where, records[wrong[0]][0])
    below = [" ".join(fields) for _, fields in records[last + 1 :]]
    if below and below[0]:  # a note stands apart, by an empty line; else it is a broken row
        return Problem(f"1 field instead of {width}", where, records[last + 1][0])
    above = [" ".join(fields) for _, fields in records[:top]]
    body = records[top + 1 : last + 1]
    return Grid(
        header=tuple(records[top][1]),
        rows=[fields for _, fields in body],
        lines=[line for line, _ in body],
        title=" ".join(filter(None, above)),
        notes=tuple(filter(None, below)),
    )


def _filled(fields: list[str], width: int) -> list[str]:
    """Return a record with its last fields; an empty line and one with a single field stay short."""
    return [*fields, *[""] * (width - len(fields))] if len(fields) > 1 else fields


def _lengths(text: str, delimiter: str, where: str) -> Iterable[Problem]:
    """Yield every line with another number of fields than the header."""
    try:
        records = _records(text, delimiter)
    except csv.Error as error:
        yield Problem(f"not a table: {error}", where)
        return
    top = next((n for n, (_, fields) in enumerate(records) if len(fields) > 1), None)
    if top is None:
        yield Problem(f"it has one column only, split at {delimiter!r}", where)
        return
    width = len(records[top][1])
    for line, fields in records[top:]:
        if len(fields) != width:
            yield Problem(f"{len(fields)} fields instead of {width}", where, line)
