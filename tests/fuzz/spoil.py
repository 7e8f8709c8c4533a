"""Ways to spoil a body: bytes and lines, numbers and encodings, members of JSON."""

import copy
import json
import re

BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf\xef\xbb\xbf")
ENCODINGS = ("utf-16", "utf-16-le", "utf-8-sig", "cp1252", "mac_roman", "cp850", "utf-7", "cp037")
LETTERS = b";,.:\"'\\\r\n\t |/-+eE0159[]{}()=_%\0\x0b\x1a\x7f\x80\x85\xa0\xb2\xc3\xe5\xf8\xff"
NUMBERS = (
    b"1e999", b"-1e999", b"9" * 30, b"9" * 400, b"1e-400", b"-0", b"00", b"01", b"0x10", b"1_000",
    b"1 000", b"1.", b".5", b"+1", b"1e5", b"NaN", b"nan", b"inf", b"Infinity", b"-", b"..", b":",
    b"", b"true", b"null", b'"1"', b"1,5", b"1.5", b"1.234,5", b"\xd9\xa1", b"\xef\xbc\x91", b"\xb2",
    b"0.1000000000000000055511151231257827", b"9007199254740993", b"123456789.123456789", b"5e-324",
    b"18446744073709551616", b"-9223372036854775809", b"4294967296", b"65536", b"255", b"128",
)  # fmt: skip
PAGES = (
    b"<!DOCTYPE html><html><title>Busy</title></html>", b"<html>", b"", b" \n", b"null", b"[]",
    b"{}", b"{" * 3_000, b"[" * 3_000, b"[" * 200 + b"]" * 200, b'"text"', b"0", b"\0\0\0\0",
    b'{"error":' + b"[" * 900 + b"]" * 900 + b"}", b'{"message":' * 150 + b"1" + b"}" * 150,
)  # fmt: skip
_NUMBER = re.compile(rb"[0-9]+(?:[.,][0-9]+)?")
_WORD = re.compile(rb"[A-Za-z0-9\xc0-\xff]+")
_QUOTED = re.compile(rb'"[^"\n]*"')
_PAIR = re.compile(rb'"[^"\n]*"\s*:\s*(?:"[^"]*"|[\w.+-]+)')


def spoiled(body, chance):
    """Return bytes spoiled in one to three ways."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        body = chance.choice(WAYS)(body, chance)
    return body


def flip(body, chance):
    at = chance.randrange(len(body) + 1)
    return (
        body[:at]
        + bytes(b ^ (1 << chance.randrange(8)) for b in body[at : at + 1])
        + body[at + 1 :]
    )


def letter(body, chance):
    at = chance.randrange(len(body) + 1)
    return body[:at] + bytes([chance.choice(LETTERS)]) + body[at + chance.randrange(2) :]


def cut(body, chance):
    at = chance.randrange(len(body) + 1)
    return body[at:] if chance.random() < 0.2 else body[:at]


def leave_out(body, chance):
    at = chance.randrange(len(body) + 1)
    return body[:at] + body[at + chance.randint(1, 12) :]


def double(body, chance):
    at = chance.randrange(len(body) + 1)
    piece = body[at : at + chance.randint(1, 40)]
    to = chance.choice((at, chance.randrange(len(body) + 1)))
    return body[:to] + piece + body[to:]


def lines(body, chance):
    """Drop, double, swap or empty lines."""
    found = body.split(b"\n")
    one, other = chance.randrange(len(found)), chance.randrange(len(found))
    way = chance.randrange(5)
    if way == 0:
        del found[one]
    elif way == 1:
        found.insert(other, found[one])
    elif way == 2:
        found[one], found[other] = found[other], found[one]
    elif way == 3:
        found.insert(one, b"")
    else:
        found[one] += chance.choice((b"\r", b" ", b";", b",", b"\t"))
    return b"\n".join(found)


def digit(body, chance):
    """Change a digit: another figure, which must be read as it stands."""
    return among(body, chance, _NUMBER, lambda found: found[:-1] + b"%d" % chance.randrange(10))


def number(body, chance):
    return among(body, chance, _NUMBER, lambda found: chance.choice(NUMBERS))


def decimal(body, chance):
    """Give a number another decimal mark, or marks of thousands."""
    written = chance.choice((b"%d,%03d", b"%d.%03d", b"%d.%d", b"%d,%d", b"%d %03d", b"%d.%03d,5"))
    values = chance.randrange(1_000), chance.randrange(1_000)
    return among(body, chance, _NUMBER, lambda found: written % values)


def swap(body, chance):
    """Let two words change places."""
    pattern = chance.choice((_WORD, _QUOTED, _NUMBER))
    found = list(pattern.finditer(body))
    if len(found) < 2:
        return body
    one, other = sorted(chance.sample(found, 2), key=lambda match: match.start())
    between = body[one.end() : other.start()]
    return body[: one.start()] + other[0] + between + one[0] + body[other.end() :]


def again(body, chance):
    """Let one word stand where another stood."""
    found = _WORD.findall(body)
    return among(body, chance, _WORD, lambda _: chance.choice(found))


def pair_again(body, chance):
    """Let a key stand twice."""
    return among(body, chance, _PAIR, lambda pair: pair + b"," + pair)


def separators(body, chance):
    one, other = chance.sample([b";", b",", b"\t", b"|", b".", b" ", b"\n", b"\r\n", b":"], 2)
    return body.replace(one, other, chance.choice((-1, 1, 2)))


def encoding(body, chance):
    text = body.decode("utf-8", "replace")
    return text.encode(chance.choice(ENCODINGS), "replace")


def mark(body, chance):
    return chance.choice(BOMS) + body


def page(body, chance):
    return chance.choice(PAGES) if chance.random() < 0.2 else cut(body, chance)


def nest(body, chance):
    deep = chance.choice((3, 90, 150, 1_500))
    return among(body, chance, _NUMBER, lambda found: b"[" * deep + found + b"]" * deep)


def among(body, chance, pattern, change):
    """Return the body with one place that fits a pattern changed."""
    found = list(pattern.finditer(body))
    if not found:
        return body
    one = chance.choice(found)
    return body[: one.start()] + change(one[0]) + body[one.end() :]


WAYS = (
    flip, flip, letter, letter, cut, leave_out, double, lines, lines, digit, digit, number, number,
    decimal, swap, swap, again, pair_again, separators, encoding, mark, page, nest,
)  # fmt: skip

ODD = (
    None, True, False, 0, 1, -1, 2, 0.5, 2.0, 1e300, 10**20, 10**400, "", "..", ":", "0", "1", "01",
    "-1", "x", " ", "value", "symbol", "id", "a\0b", "é", [], {}, [None], [[]], {"0": None},
    {"value": None}, ["0", "1"], [0, 1], "9" * 30,
)  # fmt: skip
"""What may stand in place of a member."""


def members_spoiled(tree, chance):
    """Return JSON whose members were changed in one to three places."""
    tree = copy.deepcopy(tree)
    for _ in range(chance.choice((1, 1, 2, 3))):
        places = list(inside(tree))
        if places:
            chance.choice(CHANGES)(*chance.choice(places), chance)
    separated = chance.choice(((",", ":"), (", ", ": "), (" , ", " : "), (",\n", ":\t")))
    text = json.dumps(tree, separators=separated, ensure_ascii=chance.random() < 0.5)
    return text.encode("utf-8", "surrogatepass")


def inside(tree):
    """Yield all containers with each of their keys or places."""
    for key, member in list(tree.items() if isinstance(tree, dict) else enumerate(tree)):
        yield tree, key
        if isinstance(member, (dict, list)):
            yield from inside(member)


def replace(container, key, chance):
    container[key] = copy.deepcopy(chance.choice(ODD))


def remove(container, key, chance):
    del container[key]


def exchange(container, key, chance):
    """Let two members change places: in a list their order, in an object what the keys mean."""
    other = chance.choice(list(container) if isinstance(container, dict) else range(len(container)))
    container[key], container[other] = container[other], container[key]


def rename(container, key, chance):
    if isinstance(container, dict):
        container[str(chance.choice(ODD))] = container.pop(key)
    else:
        container.insert(key, copy.deepcopy(chance.choice(container)))


def as_other(container, key, chance):
    """Write a number as text, a text as number, a list as an object by place, and back."""
    member = container[key]
    if isinstance(member, list):
        container[key] = {str(place): one for place, one in enumerate(member)}
    elif isinstance(member, dict):
        container[key] = list(chance.choice((member.keys(), member.values())))
    elif isinstance(member, str):
        container[key] = int(member) if member.isascii() and member.isdigit() else [member]
    else:
        container[key] = str(member)


CHANGES = (replace, replace, remove, exchange, exchange, rename, as_other)
