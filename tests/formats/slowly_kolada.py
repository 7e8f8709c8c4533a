"""Pages of Kolada's figures read slowly and obviously: what the reader is held against."""

import json
from decimal import Decimal

GONE = None, "deleted"


class Unreadable(Exception):
    pass


def once(pairs):
    if len({key for key, _ in pairs}) < len(pairs):
        raise Unreadable
    return dict(pairs)


def read(bodies):
    """Return {(kpi, municipality, year, gender): (number or None, mark)}."""
    found = {}
    for body in bodies:
        try:
            page = json.loads(body.decode("utf-8-sig"), object_pairs_hook=once, parse_float=Decimal)
        except ValueError as error:
            raise Unreadable from error
        need(page["count"] == len(page["values"]) and type(page["count"]) is int)
        for item in page["values"]:
            for figure in item["values"]:
                key = (
                    text(item["kpi"]),
                    text(item["municipality"]),
                    year(item),
                    text(figure["gender"]),
                )
                need(key[3] in ("T", "K", "M"))
                told = cell(figure)
                if key in found:
                    need(found[key] == GONE or told == GONE)
                    told = found[key] if told == GONE else told
                found[key] = told
    return found


def cell(figure):
    value, status = figure.get("value"), figure.get("status") or ""
    need(value is None or type(value) in (int, Decimal))
    deleted = figure.get("isdeleted")
    need(deleted in (None, True, False) and type(deleted) is not int)
    if deleted:
        return GONE
    if value is None:
        return None, text(status).strip() or ".."
    return float(value), text(status).strip()


def year(item):
    need(type(item["period"]) is int)
    return str(item["period"])


def text(value):
    need(isinstance(value, str))
    return value


def need(holds):
    if not holds:
        raise Unreadable
