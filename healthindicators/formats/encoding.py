"""The encoding of a text: told, or found out from its bytes where they leave one possibility."""

from __future__ import annotations

from healthindicators.errors import DataError, Problem

ENCODINGS = ("cp1252", "mac_roman", "cp850")
"""What Nordic offices' programs write when they do not write UTF-8."""
LETTERS = frozenset("æøåäöéüÆØÅÄÖÉÜáïšžÁÏŠŽ–°§\xa0")
"""Letters beyond ASCII in Nordic and Sámi names: what tells one old encoding from another."""
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def as_utf8(body: bytes, where: str, encoding: str = "") -> bytes:
    """Return a text in UTF-8 without byte-order mark, its encoding told or found out.

    A byte-order mark says what it is. Bytes that are UTF-8 are UTF-8. Others are in the one old
    encoding in which every byte beyond ASCII is a letter of Nordic statistics, if there is just one.

    Raises
    ------
    DataError
        If the bytes are not in the encoding that was told, or could be in none or several.

    Examples
    --------
    >>> as_utf8("Tårnby".encode("mac_roman"), "x").decode()
    'Tårnby'
    """
    told = next((name for mark, name in _BOMS.items() if body.startswith(mark)), encoding)
    if told in ("", "utf-8", "utf-8-sig"):
        text = body.removeprefix(b"\xef\xbb\xbf")
        problem = _utf8_problem(text)
        if problem is None:
            return text
        if told:
            raise DataError([Problem(f"not UTF-8: {problem}", where)])
        told = _old_encoding(body, where)
    try:
        return body.decode(told).encode()
    except UnicodeError as error:
        raise DataError([Problem(f"not {told}: {error}", where)]) from error


def _utf8_problem(text: bytes) -> str | None:
    if text.isascii():
        return None
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return f"{error.reason} at byte {error.start}"
    return None


def _old_encoding(body: bytes, where: str) -> str:
    high = bytes(sorted(byte for byte in set(body) if byte > 0x7F))
    fitting = [e for e in ENCODINGS if set(high.decode(e, "replace")) <= LETTERS]
    if len(fitting) == 1:
        return fitting[0]
    found = f"it could be {' or '.join(fitting)}" if fitting else "it is none that we know"
    hint = "say its encoding"
    raise DataError([Problem(f"not UTF-8, and {found}", where, None, hint)])
