"""A slow, obvious reader of JSON-stat, to judge the quick one by. It shares no code with it.

It reads one data set cell by cell with the standard library, and says no to any contradiction.
"""

import itertools
import json
import math


class NoError(Exception):
    """These bytes cannot be read without a guess."""


def read(body):
    """Return {tuple of codes: (number or None, mark)} of the one data set in `body`."""
    return cells(dataset(tree(body)))


def tree(body):
    def pairs(items):
        if len({key for key, _ in items}) < len(items):
            raise NoError("equal keys")
        return dict(items)

    def constant(name):
        raise NoError(name)

    try:
        return json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=pairs, parse_constant=constant
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise NoError(str(error)) from error


def dataset(found):
    if not isinstance(found, dict) or found.get("error") or found.get("warning"):
        raise NoError("no object, or an error")
    link = found.get("link") if isinstance(found.get("link"), dict) else {}
    if found.get("class") == "dimension":
        raise NoError("one dimension")
    if found.get("class") == "collection":
        items = link.get("item")
        items = items if isinstance(items, list) else []
    elif "dimension" in found:
        items = [found]
    elif "item" in link:
        items = link["item"] if isinstance(link["item"], list) else []
    else:
        items = list(found.values())
    items = [item for item in items if isinstance(item, dict) and "dimension" in item]
    if len(items) != 1:
        raise NoError("not one data set")
    return items[0]


def cells(said):
    dimension = said["dimension"]
    if not isinstance(dimension, dict):
        raise NoError("dimension")
    inside = [
        n
        for n in ("id", "size", "role")
        if n in dimension and not (isinstance(dimension[n], dict) and "category" in dimension[n])
    ]
    names, sizes = (one_of(said, dimension, n, n in inside) for n in ("id", "size"))
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise NoError("id")
    if not isinstance(sizes, list) or len(sizes) != len(names) or len(set(names)) < len(names):
        raise NoError("size")
    described = [n for n in dimension if n not in inside]
    if set(described) != set(names) or {"value", "symbol"} & set(names):
        raise NoError("dimensions")
    codes = [categories(dimension[name]) for name in names]
    if [len(c) for c in codes] != [number(size) for size in sizes]:
        raise NoError("sizes")
    keys = list(itertools.product(*codes))
    values = placed(said.get("value"), len(keys))
    marks = placed(statuses(said.get("status"), len(keys)), len(keys))
    return {key: cell(values.get(at), marks.get(at)) for at, key in enumerate(keys)}


def one_of(said, dimension, name, inside):
    found = [said[name]] if said.get(name) is not None else []
    found += [dimension[name]] if inside else []
    if not found or found[0] != found[-1]:
        raise NoError(name)
    return found[0]


def number(text):
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    if isinstance(text, float) and text == int(text) >= 0:
        return int(text)
    if isinstance(text, int) and not isinstance(text, bool) and text >= 0:
        return text
    raise NoError("no whole number")


def categories(said):
    category = said.get("category") if isinstance(said, dict) else None
    if not isinstance(category, dict):
        raise NoError("category")
    index, label = category.get("index"), category.get("label")
    if label is not None and not isinstance(label, dict):
        raise NoError("label")
    if index is None:
        if not isinstance(label, dict) or len(label) != 1:
            raise NoError("no index")
        return list(label)
    if isinstance(index, dict):
        order = {number(at): code for code, at in index.items()}
        if sorted(order) != list(range(len(index))):
            raise NoError("positions")
        return [order[at] for at in range(len(index))]
    if not isinstance(index, list) or not all(isinstance(code, str) for code in index):
        raise NoError("index")
    if len(set(index)) < len(index):
        raise NoError("equal codes")
    return index


def statuses(status, count):
    if isinstance(status, dict) and not isinstance(status.get("value"), (str, type(None))):
        status = status["value"]
    if status is None or status == []:
        return {}
    if isinstance(status, str):
        status = [status]
    if isinstance(status, list) and len(status) == 1:
        status = status * count
    for mark in (
        status.values() if isinstance(status, dict) else status if isinstance(status, list) else []
    ):
        if mark is not None and not isinstance(mark, str):
            raise NoError("status")
    return status


def placed(said, count):
    if isinstance(said, list):
        if len(said) != count:
            raise NoError("length")
        return dict(enumerate(said))
    if not isinstance(said, dict):
        raise NoError("neither list nor object")
    found = {}
    for key, what in said.items():
        if str(number(key)) != key or int(key) >= count:
            raise NoError("position")
        found[int(key)] = what
    return found


def cell(value, mark):
    if isinstance(value, (bool, dict, list)):
        raise NoError("value")
    if isinstance(value, str):
        if mark and value and mark != value:
            raise NoError("two marks")
        return None, value or mark or ""
    if value is not None and not math.isfinite(value):
        raise NoError("endless")
    return (None if value is None else float(value)), mark or ""


def same(slow, cells):
    """Return whether a cube's frame says cell by cell what `read` said."""
    names = [name for name in cells.columns if name not in ("value", "symbol")]
    if len(cells) != len(slow):
        return False
    for row in cells.astype(dict.fromkeys([*names, "symbol"], "str")).to_dict("records"):
        value, mark = slow[tuple(row[name] for name in names)]
        equal = math.isnan(row["value"]) if value is None else row["value"] == value
        if not equal or row["symbol"] != mark:
            return False
    return True
