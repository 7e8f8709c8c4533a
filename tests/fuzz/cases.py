"""How many cases the fuzzing runs, and how a case is judged.

A case is a body with something wrong in it. A reader may give figures, and then a slow and obvious
reader must give the same of the same bytes; or it may raise one of our errors. Anything else is a
mistake: another exception, a warning (they are errors here), or another figure.

Cases are drawn with fixed seeds, so that a run is the same everywhere. With HEALTHINDICATORS_FUZZ=20
there are twenty times as many, and the later ones are new.
"""

import math
import os
import random
from collections import Counter

from healthindicators.errors import HealthIndicatorsError

TIMES = int(os.environ.get("HEALTHINDICATORS_FUZZ") or 1)

CASES = {
    "json-stat": 3_000,
    "json-stat, members": 2_500,
    "json-stat, drawn": 500,
    "json-stat, many cells": 1_000,
    "json-stat, long members": 1_000,
    "delimited": 3_500,
    "delimited, drawn": 500,
    "figures": 600,
    "px": 3_000,
    "px with keys": 1_500,
    "pxweb json": 2_000,
    "kolada": 1_500,
    "sdmx": 1_000,
    "tsv": 1_000,
    "statbank, figures": 700,
    "statbank, the rest": 300,
    "fhi, figures": 500,
    "fhi, the rest": 250,
    "kolada, figures": 300,
    "kolada, the rest": 200,
    "eurostat, figures": 500,
    "eurostat, the rest": 200,
    "pxwebapi2, figures": 500,
    "pxwebapi2, the rest": 250,
    "pxweb1, figures": 400,
    "pxweb1, the rest": 200,
}
"""Cases of each run of fuzzing; those of published bytes, which may be absent, come on top."""


def count(name):
    return CASES[name] * TIMES


def draws(name):
    """Yield a source of chance for each case of a run, the same ones every time."""
    yield from chances(name, count(name))


def chances(name, cases):
    """Yield a source of chance for each case; they hang on the name and on nothing else."""
    for number in range(cases):
        yield random.Random(f"{name}/{number}")


class Tally:
    """What became of cases, each judged by `judge`."""

    def __init__(self, read, slowly):
        self.read = read
        self.slowly = slowly
        self.outcomes = Counter()

    def judge(self, given):
        """Read and compare one case; what it was is told with whatever goes wrong."""
        try:
            self.outcomes[self.outcome(given)] += 1
        except Exception as error:
            error.add_note(f"the case: {given!r}"[:20_000])
            raise

    def outcome(self, given):
        try:
            found = self.read(given)
        except HealthIndicatorsError:
            return "refused"
        assert found == self.slowly(given)
        return "read"

    def close(self, cases, least=0.02):
        """Require that all cases ran, and that neither all were refused nor all were read."""
        assert self.outcomes.total() == cases
        assert self.outcomes["read"] >= least * cases, self.outcomes
        assert self.outcomes["refused"] >= least * cases, self.outcomes


def told(cube):
    """Return {codes in the cube's order: (number, or None where there is none; mark)}."""
    frame = cube.cells
    names = list(cube.dimensions)
    assert list(frame.columns) == [*names, "value", "symbol"]
    columns = [texts(frame[name]) for name in names]
    values = [None if math.isnan(value) else value for value in frame["value"].tolist()]
    cells = zip(values, texts(frame["symbol"]), strict=True)
    keys = list(zip(*columns, strict=True)) if names else [()] * len(frame)
    found = dict(zip(keys, cells, strict=True))
    assert len(found) == len(frame), "a combination stands twice"
    assert all(value is None or math.isfinite(value) for value in values)
    return found


def unmarked(body):
    """Return text in UTF-8 where a byte-order mark says that it is in UTF-16."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return b"\xef\xbb\xbf" + body.decode("utf-16").encode()
    return body


def texts(column):
    words = list(column.cat.categories)
    assert all(type(word) is str for word in words)
    codes = column.cat.codes.tolist()
    assert not codes or min(codes) >= 0
    return [words[code] for code in codes]
