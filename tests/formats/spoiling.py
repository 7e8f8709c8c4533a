"""Bytes with a few of them changed, for readers that must notice or be right."""

import random

LETTERS = b';,."\r\n 0123456789-+eE\0\xc3\xe5x'
DIGITS = b"0123456789"


def spoiled(body, seed, letters=LETTERS, start=0):
    """Return bytes changed in one to three places, none of them before `start`."""
    chance = random.Random(seed)
    text = bytearray(body)
    for _ in range(chance.randint(1, 3)):
        if len(text) > start + 1:
            chance.choice(WAYS)(text, chance.randrange(start, len(text)), chance, letters)
    return bytes(text)


def change(text, at, chance, letters):
    text[at] = chance.choice(letters)


def leave_out(text, at, chance, letters):
    del text[at : at + chance.randint(1, 6)]


def double(text, at, chance, letters):
    text[at:at] = text[at : at + chance.randint(1, 25)]


def put_in(text, at, chance, letters):
    text[at:at] = bytes([chance.choice(letters)])


def swap(text, at, chance, letters):
    other = chance.randrange(at, len(text))
    text[at], text[other] = text[other], text[at]


def another_digit(text, at, chance, letters):
    digits = [place for place in range(at, len(text)) if text[place] in DIGITS]
    if digits:
        text[chance.choice(digits)] = chance.choice(DIGITS)


def cut_off(text, at, chance, letters):
    if chance.random() < 0.2:
        del text[at:]


WAYS = (change, leave_out, double, put_in, swap, another_digit, cut_off)
