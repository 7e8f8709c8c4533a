"""StatBank's BULK read slowly and obviously: what the conversation's reader is held against."""

from itertools import product

from tests.formats import slowly_delimited
from tests.formats.slowly_delimited import Unreadable


def read(body, *, asked, time, decimal, suppressed="0"):
    """Return {codes: (number or None, mark)} of the product of `asked`, {variable: codes}."""
    if not body.endswith(b"\n"):
        raise Unreadable
    rows = {}
    lines = slowly_delimited.read(body, value="INDHOLD", delimiter=";", decimal=decimal)
    for told, cell in lines.items():
        named = {name.casefold(): code for name, code in told}
        if len(named) < len(told) or set(named) != {name.casefold() for name in asked}:
            raise Unreadable
        key = tuple(named[name.casefold()] for name in asked)
        if any(code not in codes for code, codes in zip(key, asked.values(), strict=True)):
            raise Unreadable
        rows[key] = cell
    if not rows:
        raise Unreadable
    at = list(asked).index(time)
    return {
        key: rows.get(key) or absent(key, rows, at, suppressed) for key in product(*asked.values())
    }


def absent(key, rows, at, suppressed):
    """A row that is not there is known only if each of its codes has another row in its period."""
    for place, code in enumerate(key):
        here = [row for row in rows if row[at] == key[at] and row[place] == code]
        if place != at and not here:
            return None, "no-rows"
    return (0.0, "") if suppressed == "0" else (None, suppressed)
