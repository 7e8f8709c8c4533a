"""The plain figures layout read slowly and obviously, one line after the other."""

from decimal import Decimal, InvalidOperation

from tests.formats.slowly_delimited import Unreadable, fields

HEADER = "geo,first_year,last_year,sex,age,topic,stratum,measure,value,status"
WITH_VALUE = {"": "observed", "uncertain": "unreliable"}
WITHOUT = {
    "missing": "missing",
    "suppressed": "suppressed",
    "not-applicable": "not-applicable",
}


def read(body):
    """Return rows as tuples: years are whole, a value is a number or None."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Unreadable from error
    if not text.endswith("\n"):
        raise Unreadable
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    if fields(lines[0], ",") != HEADER.split(","):
        raise Unreadable
    return [row(fields(line, ",")) for line in lines[1:]]


def row(told):
    if len(told) != 10:
        raise Unreadable
    geo, first, last, *codes, value, status = told
    known = WITH_VALUE if value else WITHOUT
    if status not in known:
        raise Unreadable
    return (geo, year(first), year(last), *codes, number(value) if value else None, known[status])


def year(text):
    if len(text) != 4 or not set(text) <= set("0123456789"):
        raise Unreadable
    return int(text)


def number(text):
    if not set(text) <= set("0123456789.+-eE"):
        raise Unreadable
    try:
        return float(Decimal(text))
    except InvalidOperation as error:
        raise Unreadable from error
