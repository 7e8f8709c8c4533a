"""Registers, changes and rows made by hand for the tests of geography through time."""

from importlib.resources import files

import pandas as pd

from healthindicators.geography.register import parse

REGISTER = "code,level,name_nb,aliases,region,group,valid_from,valid_to\n"
CHANGES = "old_code,new_code,year,kind,weight,weight_source,note\n"
NORWAY = files("healthindicators.countries") / "norway"


def norway():
    """Return Norway's register with its changes, from the files themselves."""
    texts = [(NORWAY / name).read_text("utf-8") for name in ("register.csv", "changes.csv")]
    return parse("NO", *texts)


def register_of(towns, changes=()):
    """Return the register of a made-up country: (code, from, to) and (old, new, year, kind, w)."""
    rows = ["X,country,Landet,,,,0,", "R,region,Fylket,,,,0,"]
    rows += [f"{c},municipality,Town {c},,,,{first},{last}" for c, first, last in towns]
    lines = [
        f"{o},{n},{y},{k},{w},{'stated' if k == 'split' else ''}," for o, n, y, k, w in changes
    ]
    return parse("X", REGISTER + "\n".join(rows) + "\n", CHANGES + "".join(f"{x}\n" for x in lines))


TOWNS = [
    ("A", 2013, 2017), ("B", 2013, 2017), ("C", 2013, 2019), ("D", 2013, 2019), ("E", 2013, ""),
    ("F", 2013, 2019), ("AB", 2018, 2023), ("CD", 2020, ""), ("N", 2020, ""), ("Z", 2024, ""),
]  # fmt: skip
WAVES = [
    ("A", "AB", 2018, "merge", 1), ("B", "AB", 2018, "merge", 1),
    ("C", "CD", 2020, "merge", 1), ("D", "CD", 2020, "split", 0.25), ("D", "N", 2020, "split", 0.75),
    ("F", "E", 2020, "merge", 1), ("AB", "Z", 2024, "renumber", 1),
]  # fmt: skip
"""A and B merge and are renumbered, C and a quarter of D merge, N is the rest of D, F joins E."""


def made():
    """Return the made-up country of `TOWNS` and `WAVES`."""
    return register_of(TOWNS, WAVES)


def rows(values, measure="count", **columns):
    """Return rows by code; a value that is a word is the status of a row without a value."""
    found = []
    for code, value in values.items():
        absent = isinstance(value, str)
        found.append(
            {
                "indicator": "i", "geo": f"X-{code}" if code != "X" else "X", "first_year": 2013,
                "last_year": 2013, "sex": "total", "age": "total", "stratifier": "total",
                "stratum": "total", "value": float("nan") if absent else float(value),
                "status": value if absent else "observed",
                "reason": f"{value} {code}" if absent else "complete-register",
                "snapshot": "s", "measure": measure, **columns,
            }
        )  # fmt: skip
    return pd.DataFrame(found)


def residents(values, **columns):
    """Return weights by code."""
    geo = [f"X-{code}" for code in values]
    return pd.DataFrame({"geo": geo, "weight": [float(w) for w in values.values()], **columns})
