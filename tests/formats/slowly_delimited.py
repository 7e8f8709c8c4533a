"""Delimited text read slowly and obviously: what a fast reader is held against.

`read` returns {codes: (number or None, mark)} or raises `Unreadable`. It knows the layout that is
told to it, and nothing else.
"""

from decimal import Decimal, InvalidOperation

MARKS = {"..": "..", "": ".."}


class Unreadable(Exception):
    pass


def read(body, *, value, delimiter, decimal):
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable from error
    if "\0" in text or "\r" in text.replace("\r\n", ""):
        raise Unreadable
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    header = fields(lines[0] if lines else "", delimiter)
    if value not in header or len(set(header)) < len(header) or "" in header:
        raise Unreadable
    found = {}
    for line in lines[1:]:
        record = fields(line, delimiter)
        if len(record) != len(header) or not line:
            raise Unreadable
        named = dict(zip(header, record, strict=True))
        told = named.pop(value)
        key = tuple(sorted(named.items()))
        if key in found:
            raise Unreadable
        found[key] = (None, MARKS[told]) if told in MARKS else (number(told, decimal), "")
    return found


def fields(line, delimiter):
    """Split a line; a quotation mark is only at the ends of a field, or doubled inside."""
    found, rest = [], line
    while True:
        if rest.startswith('"'):
            text, end = "", 1
            while True:
                close = rest.find('"', end)
                if close < 0:
                    raise Unreadable
                text += rest[end:close]
                if rest[close + 1 : close + 2] != '"':
                    break
                text, end = text + '"', close + 2
            after = rest[close + 1 :]
        else:
            text, mark, after = rest.partition(delimiter)
            after = mark + after
        found.append(text)
        if not after:
            return found
        if not after.startswith(delimiter):
            raise Unreadable
        rest = after[len(delimiter) :]


def number(text, decimal):
    if decimal == ",":
        if "." in text:
            raise Unreadable
        text = text.replace(",", ".")
    if not set(text) <= set("0123456789.+-eE") or not text:
        raise Unreadable
    try:
        return float(Decimal(text))
    except (InvalidOperation, OverflowError) as error:
        raise Unreadable from error
