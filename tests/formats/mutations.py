"""Bytes with one thing wrong, for readers that must refuse what they cannot read rightly."""


def mutated(body, draw):
    """Return bytes with one thing changed: a byte, a piece lost, doubled or moved, a word replaced."""
    at, width = draw.randrange(len(body)), draw.randrange(1, 12)
    piece = body[at : at + width]
    word = draw.choice(
        [b"null", b"true", b'"0"', b"-1", b"{}", b"[]", b"1e5", b'"\\u0000"', b"0.0", b":", b","]
    )
    ways = [
        lambda: body[:at] + bytes([draw.randrange(256)]) + body[at + 1 :],
        lambda: body[:at] + body[at + width :],
        lambda: body[:at] + piece + body[at:],
        lambda: body[:at] + word + body[at + width :],
        lambda: body[:at],
        lambda: body[:at] + word + body[at:],
    ]
    return draw.choice(ways)()
