"""What a service says when it does not give figures: JSON in many shapes, plain text, an HTML page.

Seen or documented by 2026-11-22: problem+json with `title` and `detail` (PxWebApi 2),
``{"error": text}`` (PxWeb 1), ``{"errorTypeCode", "message"}`` (StatBank), ``{"error": [{"label"}]}``
and ``{"warning": {"label"}}`` (Eurostat), ``{"detail": [{"msg"}]}`` (Kolada), and HTML pages of servers
in front of all of them, with any status, 200 among them. JSON may be called text/html.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

LONGEST = 300
"""Characters of a message that are told: enough for a sentence, too few for a page."""

_READ = 64 * 1024
_TELLING = ("title", "errorTypeCode", "error", "warning", "label", "message", "detail", "msg")
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)
_OPENING = re.compile(r"<(title|h1)\b[^>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,200}>")
_PAGE = re.compile(rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_ASIDE = {b"<!--": b"-->", b"<?xml": b"?>"}
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def is_page(body: bytes, media: str = "") -> bool:
    """Return whether an answer is an HTML page, by how it begins or else by what it says it is.

    Examples
    --------
    >>> is_page(b"<!DOCTYPE html><title>Down</title>", "application/json"), is_page(b"x", "text/html")
    (True, True)
    >>> is_page(b'{"html": "<html>"}', "application/json"), is_page(b"{}", "text/html")
    (False, False)
    """
    kind = media.partition(";")[0].strip().lower()
    start = body[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    # By hand: an expression that passes over comments can be made to take for ever.
    while aside := next((a for a in _ASIDE if start.startswith(a)), None):
        start = start.partition(_ASIDE[aside])[2].lstrip()
    called = kind in ("text/html", "application/xhtml+xml") and not start.startswith((b"{", b"["))
    return called or bool(_PAGE.match(start))


def said(body: bytes, media: str = "") -> str:
    """Return what an error body says, as one line of at most `LONGEST` characters; empty where nothing.

    Examples
    --------
    >>> said(b'{"type":"Parameter error","title":"Too many cells selected","status":400}')
    'Too many cells selected'
    >>> said(b"<html><head><title>503 Service Unavailable</title></head></html>", "text/html")
    '503 Service Unavailable'
    """
    text = _text(body[:_READ], media)
    try:
        return _line(": ".join(dict.fromkeys(_told(json.loads(text))))) or _line(text)
    except (ValueError, RecursionError):
        if is_page(body, media):
            return _line(_title(text)) or _line(_words(text)) or "an empty page"
        return _line(text)


def _title(page: str) -> str:
    opening = _OPENING.search(page)
    if opening is None:
        return ""
    inner = page[opening.end() : opening.end() + 2000]
    end = inner.lower().find(f"</{opening[1].lower()}")
    return _words(inner[: max(end, 0)])


def _words(page: str) -> str:
    return html.unescape(_TAG.sub(" ", page))


def _text(body: bytes, media: str) -> str:
    named = _CHARSET.search(media)
    for charset in (*([named[1]] if named else []), "utf-8-sig"):
        try:
            return body.decode(charset)
        except (LookupError, ValueError):
            continue
    return body.decode("cp1252", errors="replace")


def _told(data: object) -> Iterator[str]:
    """Yield the texts that tell, outermost first, in the order of `_TELLING`."""
    if isinstance(data, str):
        yield data.strip()
    elif isinstance(data, list):
        for part in data[:3]:
            yield from _told(part)
    elif isinstance(data, dict):
        known = {key.lower(): value for key, value in data.items()}
        for key in _TELLING:
            if key.lower() in known:
                yield from _told(known[key.lower()])


def _line(text: str) -> str:
    """Return the text as one line that cannot change a terminal, cut where it is long."""
    line = " ".join(_UNSEEN.sub(" ", text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 4].rstrip() + " ..."
