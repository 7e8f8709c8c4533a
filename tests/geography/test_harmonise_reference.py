"""`harmonise` held against the rules of its docstring, followed one municipality at a time."""

from collections import defaultdict
from math import nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.geography.harmonise import Weights, harmonise
from tests.geography.making import norway, rows
from tests.geography.test_harmonise_properties import QUICK, SEEDS, YEARS, countries

CELL = ["measure", "age"]
STATUSES = (
    *["observed"] * 6,
    "provisional",
    "unreliable",
    "missing",
    "suppressed",
    "not-applicable",
)


def shares_of(register, code, since, to):
    """Return where a municipality goes, wave by wave, and with which share."""
    held = {code: 1.0}
    for year in range(since + 1, to + 1):
        step = defaultdict(dict)
        for change in register.changes:
            if change.year == year:
                step[change.old][change.new] = change.weight
        moved = defaultdict(float)
        for now, share in held.items():
            for new, weight in step.get(now, {now: 1.0}).items():
                moved[new] += share * weight
        held = moved
    return {id: 1.0 if share == pytest.approx(1, abs=1e-9) else share for id, share in held.items()}


def borders(register, since, to):
    """Return where each municipality of an edition goes, and what each later one is made of."""
    goes = {g.id: shares_of(register, g.id, since, to) for g in register.edition(since)}
    made = defaultdict(list)
    for old, parts in goes.items():
        for new in parts:
            made[new].append(old)
    return goes, made


def weights_on(register, known, edition, since):
    """Return the weights of an edition on the codes of another, as far as nobody has to guess."""
    if edition >= since:
        goes, made = borders(register, since, edition)
        alone = {old: new for old, (new, *more) in goes.items() if not more and len(made[new]) == 1}
        return {(o, age): w for o, n in alone.items() for (id, age), w in known.items() if id == n}
    goes, made = borders(register, edition, since)
    return {
        (new, str(age)): sum(known[old, str(age)] for old in olds)
        for new, olds in made.items()
        for age in range(3)
        if all(goes[old][new] == 1 and (old, str(age)) in known for old in olds)
    }


def joined(parts, share, weight, measure):
    """Return value and status of what several rows make; a row that is absent is None."""
    found = {None if part is None else part.status for part in parts}
    if "suppressed" in found:
        return nan, "suppressed"
    if found & {"missing", None}:
        return nan, "missing"
    if "not-applicable" in found:
        return nan, "not-applicable" if len(found) == 1 else "missing"
    status = next((s for s in ("unreliable", "provisional") if s in found), "derived")
    if measure == "count":
        return sum(s * p.value for s, p in zip(share, parts, strict=True)), status
    if None in weight or not sum(weight) or set(share) != {1.0}:
        return nan, "missing"
    return sum(w * p.value for w, p in zip(weight, parts, strict=True)) / sum(weight), status


def expected(frame, register, since, to, known, edition):
    goes, made = borders(register, since, to)
    weights = weights_on(register, known, edition, since)
    found = {}
    for (measure, age), cells in frame.groupby(CELL):
        here = {row.geo: row for row in cells.itertuples()}
        for new, olds in made.items():
            parts = [here.get(old) for old in olds]
            if parts == [None] * len(olds):
                continue
            if len(olds) == len(goes[olds[0]]) == 1:
                found[measure, age, new] = parts[0].value, parts[0].status
                continue
            share = [goes[old][new] for old in olds]
            weight = [weights.get((old, age)) for old in olds]
            found[measure, age, new] = joined(parts, share, weight, measure)
    return found


def figures(register, year, rng):
    """Return counts and values at three ages, of every status and with some rows left out."""
    ids = [g.id for g in register.edition(year)]
    one = rows(dict.fromkeys(ids, 0)).assign(geo=ids)
    cells = [one.assign(measure=m, age=str(a)) for m in ("count", "value") for a in range(3)]
    frame = pd.concat(cells, ignore_index=True)
    status = rng.choice(STATUSES, len(frame))
    value = rng.choice([0, 1, 1000], len(frame)) * rng.random(len(frame))
    has_value = np.isin(status, ["observed", "provisional", "unreliable"])
    frame = frame.assign(status=status, value=np.where(has_value, value, nan))
    return frame[rng.random(len(frame)) < 0.93].reset_index(drop=True)


@pytest.mark.parametrize("made", [countries(), st.just(norway())], ids=["made-up", "Norway"])
def test_every_row_is_what_the_rules_say(made):
    @QUICK
    @given(made, YEARS, YEARS, YEARS, SEEDS)
    def holds(register, one, other, edition, seed):
        rng, (since, to) = np.random.default_rng(seed), sorted((one, other))
        frame = figures(register, since, rng)
        ids = [g.id for g in register.edition(edition)]
        known = {(id, str(a)): rng.choice([0, 5]) * rng.random() for id in ids for a in range(3)}
        known = {key: weight for key, weight in known.items() if rng.random() < 0.8}
        table = pd.DataFrame(
            [(*key, w) for key, w in known.items()], columns=["geo", "age", "weight"]
        )
        weights = Weights(table, edition, "residents")
        found = harmonise(frame, register, since=since, to=to, weights=weights)
        wanted = expected(frame, register, since, to, known, edition)
        told = found.rows.set_index([*CELL, "geo"])[["value", "status"]]
        assert told.index.is_unique
        assert set(told.index) == set(wanted)
        wanted = pd.DataFrame.from_dict(wanted, "index", columns=["value", "status"])
        wanted = wanted.reindex(told.index.to_flat_index())
        assert told["status"].tolist() == wanted["status"].tolist()
        np.testing.assert_allclose(told["value"], wanted["value"].astype(float), rtol=1e-9)
        lost = found.rows[found.rows["reason"] == "no-weight"]
        assert len(lost) == len(found.refused)

    holds()
