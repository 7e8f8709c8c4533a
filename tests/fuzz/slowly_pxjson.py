"""PxWeb's own JSON read slowly and obviously."""

import json
import math
import re


class Unreadable(Exception):
    pass


def read(body):
    """Return {codes, the contents last: (number or None, mark)}."""
    try:
        said = json.loads(body.decode("utf-8-sig"), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    columns = said["columns"]
    need(all(column["type"] in ("d", "t", "c") for column in columns))
    names = [column["code"] for column in columns]
    need(all(isinstance(name, str) for name in names) and len(set(names)) == len(names))
    need(not {"value", "symbol"} & set(names))
    contents = [column["code"] for column in columns if column["type"] == "c"]
    need(contents)
    found = {}
    for row in said["data"]:
        need(len(row["key"]) == len(columns) - len(contents))
        need(len(row["values"]) == len(contents) and isinstance(row["values"], list))
        need(all(isinstance(code, str) for code in row["key"]) and isinstance(row["key"], list))
        for content, value in zip(contents, row["values"], strict=True):
            key = (*row["key"], content)
            need(key not in found)
            found[key] = cell(value)
    return found


def once(pairs):
    need(len({key for key, _ in pairs}) == len(pairs))
    return dict(pairs)


def cell(value):
    if value is None:
        return None, ""
    need(isinstance(value, str))
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", value):
        return None, value
    need(math.isfinite(float(value)))
    return float(value), ""


def need(holds):
    if not holds:
        raise Unreadable
