"""PX files read slowly and obviously, character by character: what the reader is held against.

It knows one language, and the keywords that decide where a figure belongs.
"""

import itertools
import math
import re
from decimal import Decimal


class Unreadable(Exception):
    pass


def read(body):
    """Return {codes: (number or None, mark)}."""
    said, data = statements(decoded(body))
    stub, heading = said.get(("STUB", ""), []), said.get(("HEADING", ""), [])
    axes = [codes(said, label) for label in [*stub, *heading]]
    names = [first(said, "VARIABLECODE", label, label) for label in [*stub, *heading]]
    need(names and len(set(names)) == len(names) and not {"value", "symbol"} & set(names))
    for axis in axes:
        need(len(set(axis)) == len(axis))
    words = cells(data)
    keys = list(itertools.product(*axes))
    shown = marks(said)
    if any(name == "KEYS" for name, _ in said):
        return keyed(said, words, keys, stub, axes, shown)
    need(len(words) == len(keys))
    return {key: cell(word, shown) for key, word in zip(keys, words, strict=True)}


def keyed(said, words, keys, stub, axes, shown):
    found = dict.fromkeys(keys, (0.0, ""))
    wide = math.prod(len(axis) for axis in axes[len(stub) :])
    need(len(words) % (len(stub) + wide) == 0)
    seen = set()
    for start in range(0, len(words), len(stub) + wide):
        row = words[start : start + len(stub) + wide]
        key = []
        for label, own, word in zip(stub, axes[: len(stub)], row[: len(stub)], strict=True):
            kind = first(said, "KEYS", label, "").upper()
            need(kind in ("CODES", "VALUES") and word[0] == word[-1] == '"' and len(word) > 1)
            values = said.get(("VALUES", label), []) if kind == "VALUES" else []
            known = values or own
            need(known.count(word[1:-1]) == 1)
            key.append(own[known.index(word[1:-1])])
        need(tuple(key) not in seen)
        seen.add(tuple(key))
        for place, word in zip(
            itertools.product(*axes[len(stub) :]), row[len(stub) :], strict=True
        ):
            found[(*key, *place)] = cell(word, shown)
    return found


def decoded(body):
    page = re.search(rb'CODEPAGE\s*=\s*"?([^";\s]+)', body, re.IGNORECASE)
    charset = re.search(rb'CHARSET\s*=\s*"?([^";\s]+)', body, re.IGNORECASE)
    told = [page[1].decode("latin-1")] if page else []
    if not page and charset and charset[1].upper() == b"ANSI":
        told = ["cp1252"]
    if body.startswith(b"\xef\xbb\xbf"):
        return decoded_as(body, "utf-8-sig")
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return decoded_as(body, "utf-16")
    if not body.isascii() and is_utf_8(body):
        need(not told or told[0].lower().startswith("utf"))
    return decoded_as(body, told[0] if told else "utf-8")


def decoded_as(body, encoding):
    try:
        text = body.decode(encoding)
    except (LookupError, ValueError) as error:
        raise Unreadable from error
    need("\0" not in text)
    return text.removeprefix("\ufeff")


def is_utf_8(body):
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def statements(text):
    """Return {(keyword, what stands in its parentheses): texts}, and the text of the cells."""
    said, rest = {}, text.lstrip().rstrip(" \t\r\n\x1a")
    while rest:
        opening = re.match(r"([A-Za-z][A-Za-z0-9_-]*)\s*", rest)
        need(opening)
        name, rest = opening[1].upper(), rest[opening.end() :]
        about, language = "", None
        if rest.startswith("["):
            language, _, rest = rest[1:].partition("]")
        rest = rest.lstrip()
        if rest.startswith("("):
            close = outside(rest, ")")
            about, rest = rest[1:close], rest[close + 1 :]
        rest = rest.lstrip()
        need(rest.startswith("="))
        if name == "DATA":
            need(rest.endswith(";") and len(rest) > 1)
            return said, rest[1:-1]
        close = outside(rest, ";")
        key = name, ",".join(listed(about))
        if language is None:
            need(key not in said or name in ("NOTE", "NOTEX"))
            said[key] = listed(rest[1:close])
            if rest[1:close].strip()[:5].upper() == "TLIST":
                said[key] = years(rest[1:close])
        rest = rest[close + 1 :].lstrip()
    raise Unreadable


def outside(text, mark):
    """Return where a mark stands outside quotation marks."""
    inside = False
    for place, character in enumerate(text):
        if character == '"':
            inside = not inside
        elif character == mark and not inside:
            return place
    raise Unreadable


def listed(text):
    """Return the texts of a list: pieces beside each other are one, a comma parts them."""
    found, piece, begun, inside = [], "", False, False
    for character in text:
        if character == '"':
            inside, begun = not inside, True
        elif inside:
            piece += character
        elif character == ",":
            found += [piece] if begun else []
            piece, begun = "", False
        elif not character.isspace():
            piece, begun = piece + character, True
    return found + ([piece] if begun else [])


def first(said, name, label, otherwise):
    return (said.get((name, label)) or [otherwise])[0] or otherwise


def codes(said, label):
    own, values = said.get(("CODES", label), []), said.get(("VALUES", label), [])
    if own and values:
        need(len(own) == len(values))
    found = own or values or said.get(("TIMEVAL", label), [])
    need(found and UNKNOWN not in found)
    return found


UNKNOWN = "periods that are not read here"


def years(written):
    span = re.fullmatch(r'\s*TLIST\(\s*A1?\s*,\s*"([0-9]{4})"\s*-\s*"([0-9]{4})"\s*\)\s*', written)
    if not span or span[1] > span[2]:
        return [UNKNOWN]
    return [str(year) for year in range(int(span[1]), int(span[2]) + 1)]


def marks(said):
    shown = {"." * dots: first(said, f"DATASYMBOL{dots}", "", "." * dots) for dots in range(1, 7)}
    return {
        **shown,
        "-": first(said, "DATASYMBOLNIL", "", "-"),
        "." * 7: first(said, "DATASYMBOLSUM", "", "." * 7),
    }


def cells(data):
    found, word, inside = [], "", False
    for character in data + " ":
        if character == '"':
            if inside:
                found.append(word + '"')
                word = ""
            elif word:
                found.append(word)
            word, inside = ("" if inside else '"'), not inside
        elif not inside and (character in ",;" or character.isspace()):
            found += [word] if word else []
            word = ""
        else:
            word += character
    need(not inside)
    return found


def cell(word, shown):
    mark = word[1:-1] if word[0] == '"' else word
    if mark in shown:
        return None, shown[mark]
    need(set(word) <= set("0123456789.-+eE") and word[0] != "+")
    try:
        value = float(Decimal(word))
    except ArithmeticError as error:
        raise Unreadable from error
    need(math.isfinite(value))
    return value, ""


def need(holds):
    if not holds:
        raise Unreadable
