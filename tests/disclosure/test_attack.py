"""The attack on everything we publish: no hidden count is recovered.

Every table of this country is attacked as it is shown, random tables of many shapes are, and two
editions of the same table together. Each attack is also made on the same tables with the primary
rules alone, where it succeeds: a test that could not fail would prove nothing.
"""

import numpy as np
import pandas as pd
import pytest

from healthindicators.disclosure import (
    Publication,
    attack,
    audit,
    disclose,
    parents_of,
    protect,
    table,
)
from healthindicators.disclosure.primary import COUNTS_WITHHELD
from tests.disclosure.random_tables import protected, random_table

SEEDS = range(24)


@pytest.fixture(scope="module")
def shown(processed, declared, register):
    """The estimates as readers get them: pages and figures.csv take every number from here."""
    return disclose(processed.estimates, declared.indicators, parents_of(register.geos))


def test_no_hidden_count_of_the_country_is_recovered(shown, declared, register):
    found = attack(shown, declared.indicators, parents_of(register.geos), full=False)

    assert {"numerator", "denominator"} <= set(found["column"])
    assert not found["recovered"].any(), found[found["recovered"]]
    assert not found["narrow"].any(), found[found["narrow"]]


def test_what_was_computed_is_disclosed(processed, shown):
    pd.testing.assert_frame_equal(processed.estimates, shown)


def test_every_withheld_figure_was_attacked(shown, declared, register):
    found = attack(shown, declared.indicators, parents_of(register.geos), full=False)
    counted = shown[shown["numerator"].notna()]["indicator"].unique()
    ours = shown["indicator"].isin(counted) & (shown["status"] == "suppressed")

    withheld = shown[ours & shown["reason"].isin(["too-few-events", "small-count", "secondary"])]

    attacked = set(zip(found["geo"], found["sex"], found["first_year"], strict=True))
    assert len(withheld)
    assert (
        set(zip(withheld["geo"], withheld["sex"], withheld["first_year"], strict=True)) <= attacked
    )


def test_large_figures_lose_their_counts_and_stay_rounded(shown, declared):
    rounded = shown[shown["reason"] == COUNTS_WITHHELD]

    assert len(rounded)
    assert rounded[["numerator", "denominator"]].isna().all(axis=None)
    for row in rounded.itertuples():
        decimals = declared.indicators[row.indicator].decimals
        assert row.value == round(row.value, decimals)
        assert row.lower <= row.value <= row.upper


def test_without_disclosure_the_country_would_give_counts_away(shown, declared, register):
    bare = undisclosed(shown)

    found = attack(bare, declared.indicators, parents_of(register.geos), full=False)

    assert found.loc[found["column"] == "numerator", "recovered"].any()


def undisclosed(shown):
    """Return a made table in which one small count is withheld, and nothing else."""
    rows = shown[(shown["indicator"] == "mortality-below-75") & (shown["sex"] == "total")]
    national = rows[rows["geo"] == "DK"]
    rows = rows[rows["geo"].isin(["DK-101", "DK-147", "DK-151"])]
    rows = rows.assign(numerator=[3.0, 40.0, 50.0])
    small = rows.index[:1]
    told = national.assign(numerator=rows["numerator"].sum())
    numbers = ["numerator", "value", "lower", "upper", "denominator"]
    rows.loc[small, numbers] = np.nan
    rows.loc[small, ["status", "reason", "interval"]] = ["suppressed", "small-count", "none"]
    return pd.concat([rows, told])


@pytest.mark.parametrize("seed", SEEDS)
def test_no_hidden_cell_of_a_random_table_is_recovered(seed):
    made = random_table(seed)

    hidden = protect(made)

    report = audit(made, hidden, full=False)
    assert hidden[made.hidden].all()
    assert not hidden[made.must].any()
    assert not (hidden & (made.values == 0)).any()  # noqa: PD011 - no frame
    assert not report.recovered.any()
    assert not report.narrow.any()


def test_primary_rules_alone_are_beaten():
    recovered = [audit(t, t.hidden, full=False).recovered for t in map(random_table, SEEDS)]

    tables = [found for found in recovered if len(found)]
    assert np.mean([found.any() for found in tables]) > 0.5
    assert np.concatenate(tables).mean() > 0.5


def next_edition(first, hidden, seed):
    """Return the same table a year later, when other cells would be hidden than last year."""
    rng = np.random.default_rng(seed)
    return table(
        first.matrix,
        first.values,
        hidden,
        must=first.must,
        cost=rng.uniform(1, 9, len(first.must)),
        rules=first.rules,
        width=np.where(first.hidden, first.width, 0),
    )


EDITIONS = [seed for seed in range(16) if len(random_table(seed).must) < 60]


@pytest.mark.parametrize("seed", EDITIONS)
def test_no_cell_that_either_edition_hides_is_recovered_from_both(seed):
    first = random_table(seed)
    then = protect(first)
    before = Publication(first.matrix, np.where(then, np.nan, first.values))
    # What was hidden last year stays hidden.
    second = next_edition(first, then, seed)

    now = protect(second, [before])

    report = audit(second, now, [before], full=False)
    assert not report.recovered.any()
    assert not report.narrow.any()


def test_two_editions_protected_one_by_one_are_beaten():
    beaten = 0
    for seed in EDITIONS[:5]:
        first = random_table(seed)
        before = Publication(first.matrix, np.where(protect(first), np.nan, first.values))
        second = next_edition(first, first.hidden, seed)
        alone = protect(second)
        beaten += audit(second, alone, [before], full=False).recovered.any()
    assert beaten


def test_a_small_published_example_of_statistics_norway():
    # `example1`, 2014, of the R package SSBtools, as printed in the vignette "Small count frequency
    # table suppression" of GaussSuppression: young and old in Spain, Iceland and Portugal.
    inner = np.array([5, 2, 0, 6, 3, 4], dtype=float)
    ages = [[1, 0], [0, 1], [1, 1]]
    places = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1]]
    rows = np.array([np.kron(a, p) for a in ages for p in places])
    made = protected(rows, inner, limit=4)

    assert sum(inner) == 20
    assert audit(made, made.hidden).recovered.any()
    report = audit(made, protect(made))
    assert report.passed


def test_a_table_of_thousands_of_cells():
    rng = np.random.default_rng(4)
    places, sexes = 300, 2
    region, group = rng.integers(12, size=places), rng.integers(8, size=places)
    place = np.vstack(
        [np.eye(places), *([region == r] for r in range(12)), *([group == g] for g in range(8)),
         np.ones((1, places))]
    )  # fmt: skip
    sex = np.vstack([np.eye(sexes), np.ones((1, sexes))])
    rows = np.vstack([np.kron(place, s) for s in sex])
    inner = rng.integers(3, 60, rows.shape[1]).astype(float)
    made = protected(rows, inner)

    hidden = protect(made)

    assert len(hidden) == 963
    assert made.hidden.sum() >= 5
    assert audit(made, hidden, full=False).passed
