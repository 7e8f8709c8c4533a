"""Eurostat's two kinds of text read slowly and obviously: what the reader is held against."""

from decimal import Decimal, InvalidOperation


class Unreadable(Exception):
    pass


def lines_of(body):
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable from error
    if "\0" in text or "\r" in text.replace("\r\n", "") or not text.endswith("\n"):
        raise Unreadable
    return text.replace("\r\n", "\n").split("\n")[:-1]


def put(found, key, cell):
    if key in found:
        raise Unreadable
    found[key] = cell


def number(text):
    if not text or not set(text) <= set("0123456789.+-eE"):
        raise Unreadable
    try:
        return float(Decimal(text))
    except InvalidOperation as error:
        raise Unreadable from error


def sdmx(body):
    """Return {sorted (dimension, code) pairs: (number or None, flags)}, with no quotation marks."""
    header, *rows = [line.split(",") for line in lines_of(body)]
    if len(set(header)) < len(header):
        raise Unreadable
    found = {}
    for row in rows:
        if len(row) != len(header):
            raise Unreadable
        told = dict(zip(header, row, strict=True))
        value = told.pop("OBS_VALUE")
        flags = " ".join(filter(None, (told.pop("OBS_FLAG", ""), told.pop("CONF_STATUS", ""))))
        for beside in ("DATAFLOW", "LAST UPDATE"):
            told.pop(beside, None)
        told["time"] = told.pop("TIME_PERIOD")
        put(
            found,
            tuple(sorted(told.items())),
            (None if value in ("", ":") else number(value), flags),
        )
    return found


def tsv(body):
    """Return {sorted (dimension, code) pairs: (number or None, flags)}."""
    header, *rows = [line.split("\t") for line in lines_of(body)]
    names = header[0].split("\\")[0].split(",")
    found = {}
    for row in rows:
        codes = row[0].split(",")
        if len(row) != len(header) or len(codes) != len(names):
            raise Unreadable
        for period, cell in zip(header[1:], row[1:], strict=True):
            written = cell.strip()
            digits = written.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
            flags, value = written[len(digits) :], digits.strip()
            key = tuple(sorted([*zip(names, codes, strict=True), ("time", period.strip())]))
            put(found, key, (None if value == ":" else number(value), flags))
    return found
