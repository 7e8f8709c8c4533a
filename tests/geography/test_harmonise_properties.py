"""What holds of any country, any changes and any figures."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from healthindicators.geography.changes import carried
from healthindicators.geography.harmonise import Weights, harmonise
from tests.geography.making import norway, register_of, rows

WAVES = (2018, 2020, 2024)
YEARS = st.sampled_from((2013, 2017, 2018, 2019, 2020, 2023, 2024, 2026))
NORWAY = norway()
WORDS = ("missing", "suppressed", "not-applicable")
SEEDS = st.integers(0, 2**32 - 1)
QUICK = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def countries(draw):
    """Return a country whose codes were renumbered, merged and split at random, three times."""
    begun = {f"{n}": 2013 for n in range(draw(st.integers(2, 7)))}
    ended, changes = {}, []
    for year in WAVES:
        codes = sorted(set(begun) - set(ended))
        fates = draw(st.lists(st.sampled_from(["keep", "renumber", "merge", "split"]),
                              min_size=len(codes), max_size=len(codes)))  # fmt: skip
        doing = dict(zip(codes, fates, strict=True))
        kept = [c for c in codes if doing[c] == "keep"]
        merging = [c for c in codes if doing[c] == "merge"]
        common = draw(st.sampled_from([*kept, f"M{year}"])) if len(merging) > 1 else ""
        new = {}
        for code in codes:
            if doing[code] == "renumber" or (doing[code] == "merge" and not common):
                new[code] = [(f"R{year}{code}", "renumber", 1)]
            elif doing[code] == "merge":
                new[code] = [(common, "merge", 1)]
            elif doing[code] == "split":
                cuts = draw(st.sampled_from([(50, 50), (1, 99), (30, 30, 40), (14, 86)]))
                places = [f"S{year}{code}{n}" for n in range(len(cuts))]
                into = [*kept, common] if common else kept
                if into and draw(st.booleans()):
                    places[0] = draw(st.sampled_from(into))
                new[code] = [(p, "split", w / 100) for p, w in zip(places, cuts, strict=True)]
        for code, found in new.items():
            ended[code] = year - 1
            for place, kind, weight in found:
                begun.setdefault(place, year)
                changes.append((code, place, year, kind, weight))
    towns = [(code, first, ended.get(code, "")) for code, first in begun.items()]
    return register_of(towns, changes)


def figures(register, year, seed, words=False):
    """Return ten tables of random figures, each told apart by age; zeros are many."""
    rng = np.random.default_rng(seed)
    codes = [g.code for g in register.edition(year)]
    one = rows(dict.fromkeys(codes, 0))
    frame = pd.concat([one.assign(age=str(age)) for age in range(10)], ignore_index=True)
    frame["value"] = rng.choice([0, 1, 1000], len(frame)) * rng.random(len(frame))
    if words:
        frame["status"] = rng.choice(["observed", "observed", *WORDS], len(frame))
        frame["value"] = frame["value"].where(frame["status"] == "observed")
    return frame


@QUICK
@given(countries(), YEARS, YEARS, SEEDS)
def test_totals_of_counts_are_conserved(register, one, other, seed):
    since, to = sorted((one, other))
    frame = figures(register, since, seed)
    found = harmonise(frame, register, since=since, to=to)
    assert found.rows["value"].sum() == pytest.approx(frame["value"].sum())
    assert set(found.rows["geo"]) == {g.id for g in register.edition(to)}
    assert not found.rows.duplicated(["geo", "age"]).any()
    assert found.refused == ()


@QUICK
@given(countries(), YEARS, YEARS)
def test_the_weights_of_each_municipality_sum_to_one(register, one, other):
    since, to = sorted((one, other))
    shares = carried(register.changes, [g.id for g in register.edition(since)], since, to)
    assert all(sum(parts.values()) == pytest.approx(1) for parts in shares.values())


@QUICK
@given(countries(), YEARS, st.sampled_from(["count", "value"]), SEEDS)
def test_to_the_own_edition_nothing_moves(register, year, measure, seed):
    frame = figures(register, year, seed, words=True).assign(measure=measure)
    found = harmonise(frame, register, since=year, to=year)
    pd.testing.assert_frame_equal(found.rows, frame)
    assert found.recasting.empty
    assert found.refused == ()


def compared(frame):
    told = frame[["geo", "age", "value", "status"]].sort_values(["geo", "age"], ignore_index=True)
    return told.assign(status=told["status"].replace({"derived": "observed"}))


@QUICK
@given(countries(), st.tuples(YEARS, YEARS, YEARS), SEEDS)
def test_by_way_of_an_edition_is_the_same_as_directly(register, years, seed):
    since, way, to = sorted(years)
    frame = figures(register, since, seed, words=True)
    directly = harmonise(frame, register, since=since, to=to).rows
    first = harmonise(frame, register, since=since, to=way).rows
    then = harmonise(first, register, since=way, to=to).rows
    pd.testing.assert_frame_equal(compared(then), compared(directly))


@QUICK
@given(countries(), st.tuples(YEARS, YEARS, YEARS), SEEDS)
def test_values_by_way_of_an_edition_are_those_found_directly(register, years, seed):
    """Directly, more is found: a split whose parts come together again is whole."""
    since, way, to = sorted(years)
    frame = figures(register, since, seed).assign(measure="value")
    people = figures(register, since, seed + 1).rename(columns={"value": "weight"})
    weights = Weights(people[["geo", "age", "weight"]], since, "residents")
    directly = harmonise(frame, register, since=since, to=to, weights=weights).rows
    first = harmonise(frame, register, since=since, to=way, weights=weights).rows
    then = harmonise(first, register, since=way, to=to, weights=weights).rows
    both = then.merge(directly, on=["geo", "age"], suffixes=("", "_directly"))
    assert len(both) == len(then) == len(directly)
    both = both[both["value"].notna()]
    np.testing.assert_allclose(both["value"], both["value_directly"], rtol=1e-9)


@QUICK
@given(countries(), YEARS, SEEDS)
def test_a_merged_rate_lies_between_its_parts(register, since, seed):
    frame = figures(register, since, seed).assign(measure="value")
    people = figures(register, since, seed + 1).rename(columns={"value": "weight"})
    weights = Weights(people[["geo", "age", "weight"]], since, "residents")
    found = harmonise(frame, register, since=since, weights=weights)
    value = frame.pivot_table(index="age", columns="geo", values="value")
    told = found.rows.pivot(index="age", columns="geo", values="value")
    refused = {(p.what.rpartition(" ")[2], p.where.split()[4]) for p in found.refused}
    for row in found.recasting.itertuples():
        parts = value[row.parts.split(" + ")]
        here = told[row.geo]
        within = (parts.min(axis=1) <= here) & (here <= parts.max(axis=1))
        lost = pd.Series([(row.geo, age) in refused for age in here.index], index=here.index)
        assert (within != lost).all()
        assert (here.isna() == lost).all()
        assert lost.any() if row.kind == "refused" else not lost.all()


@QUICK
@given(countries(), SEEDS)
def test_a_sum_is_there_only_if_every_part_is(register, seed):
    frame = figures(register, 2013, seed, words=True)
    frame = frame[np.random.default_rng(seed).random(len(frame)) < 0.8]
    found = harmonise(frame, register, since=2013)
    value = frame.pivot(index="age", columns="geo", values="value")
    told = found.rows.pivot(index="age", columns="geo", values="value")
    for row in found.recasting.itertuples():
        parts = value.reindex(columns=row.parts.split(" + "))
        whole = parts.notna().all(axis=1).reindex(told.index, fill_value=False)
        assert (told[row.geo].notna() == whole).all()


@QUICK
@given(YEARS, YEARS, SEEDS)
def test_norwegian_counts_keep_their_total_between_any_two_editions(one, other, seed):
    since, to = sorted((one, other))
    codes = [g.code for g in NORWAY.edition(since)]
    counts = np.random.default_rng(seed).integers(0, 10_000, len(codes))
    frame = rows(dict(zip(codes, counts, strict=True))).assign(geo=[f"NO-{c}" for c in codes])
    found = harmonise(frame, NORWAY, since=since, to=to).rows
    assert found["value"].sum() == pytest.approx(counts.sum())
    assert set(found["geo"]) == {g.id for g in NORWAY.edition(to)}
