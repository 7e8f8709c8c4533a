"""Disclosure on the observation table: which rows lose what, and with which reason."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from healthindicators.disclosure import Limits, attack, disclose
from healthindicators.errors import DataError
from healthindicators.model import Measure, SmallNumbers
from healthindicators.observations import table as observation_table
from healthindicators.statistics import wilson

PARENTS = {f"DK-{n}": ("DK-081", "DK") for n in ("a", "b", "c", "d")}
NUMBERS = ["value", "lower", "upper", "numerator", "denominator"]


@pytest.fixture
def smokers(declared):
    """An indicator whose counts we would know, with a limit of five."""
    plain = declared.indicators["daily-smoking"]
    return {"smokers": replace(plain, id="smokers", small_numbers=SmallNumbers(events=5))}


def rows(counts, people=200.0, year=2020, indicator="smokers", sex="total"):
    """Return rows of single geos and of the region and country they add up to."""
    geos = pd.DataFrame({"geo": [f"DK-{n}" for n in "abcd"], "numerator": counts})
    geos["denominator"] = people
    sums = [geos[["numerator", "denominator"]].sum().rename(g) for g in ("DK-081", "DK")]
    every = pd.concat([geos, pd.DataFrame(sums).rename_axis("geo").reset_index()])
    estimate = wilson(every["numerator"], every["denominator"])
    return observation_table(
        every.assign(
            indicator=indicator, first_year=year, last_year=year, sex=sex, age="16+",
            stratifier="total", stratum="total", value=100 * estimate.value,
            lower=100 * estimate.lower, upper=100 * estimate.upper, interval="wilson",
            status="derived", reason="", snapshot="s",
        )
    )  # fmt: skip


def reasons(frame):
    return dict(zip(frame["geo"], frame["reason"], strict=True))


def test_a_small_count_is_withheld_with_all_that_tells_it(smokers):
    shown = disclose(rows([3, 40, 50, 60]), smokers, PARENTS)

    small = shown[shown["reason"] == "small-count"]
    assert small["geo"].tolist() == ["DK-a"]
    away = shown[shown["status"] == "suppressed"]
    assert len(away) == 2, "one more, or the region less the others would tell it"
    assert set(away["reason"]) == {"small-count", "secondary"}
    # 3 of 200 is 1.5 %, and Wilson's limits belong to one count: each of them would tell.
    assert away[NUMBERS].isna().all(axis=None)
    assert set(away["interval"]) == {"none"}


def test_without_secondary_suppression_the_same_table_is_read(smokers):
    frame = rows([3, 40, 50, 60])
    small = frame["geo"] == "DK-a"
    frame.loc[small, NUMBERS] = np.nan
    frame.loc[small, ["interval", "status", "reason"]] = ["none", "suppressed", "small-count"]

    found = attack(frame, smokers, PARENTS)

    told = found[found["column"] == "numerator"].iloc[0]
    assert (told["geo"], told["lower"], told["upper"]) == ("DK-a", 3, 3)
    assert told["recovered"]


def test_disclosing_twice_changes_nothing(smokers):
    shown = disclose(rows([3, 40, 50, 60]), smokers, PARENTS)

    pd.testing.assert_frame_equal(disclose(shown, smokers, PARENTS), shown)
    assert not attack(shown, smokers, PARENTS)["recovered"].any()


def test_order_and_index_are_kept(smokers):
    frame = rows([3, 40, 50, 60]).sample(frac=1, random_state=3)

    shown = disclose(frame, smokers, PARENTS)

    assert shown.index.equals(frame.index)
    assert shown["geo"].equals(frame["geo"])
    assert shown.columns.equals(frame.columns)


def test_nothing_small_changes_nothing(smokers):
    frame = rows([0, 40, 50, 60])

    pd.testing.assert_frame_equal(disclose(frame, smokers, PARENTS), frame)


def test_few_without_the_condition_are_as_few_as_few_with_it(smokers):
    shown = disclose(rows([198, 40, 50, 60]), smokers, PARENTS)

    assert reasons(shown)["DK-a"] == "small-complement"


def test_a_rate_per_person_years_has_no_complement(smokers):
    rate = {"smokers": replace(smokers["smokers"], measure=Measure.RATE)}

    assert set(disclose(rows([198, 40, 50, 60]), rate, PARENTS)["reason"]) == {""}


def test_few_persons_behind_a_figure(smokers):
    limits = {"smokers": Limits(events=5, population=150)}
    frame = rows([30, 40, 50, 60], people=[90.0, 200.0, 200.0, 200.0])

    shown = disclose(frame, smokers, PARENTS, limits=limits)

    assert reasons(shown)["DK-a"] == "small-denominator"
    found = attack(shown, smokers, PARENTS)
    assert set(found["column"]) == {"numerator", "denominator"}
    assert not found["recovered"].any()


def test_women_and_men_and_both(smokers):
    women, men = rows([3, 40, 50, 60], sex="female"), rows([9, 40, 50, 60], sex="male")
    both = rows([12, 80, 100, 120], people=400.0, sex="total")
    frame = pd.concat([women, men, both], ignore_index=True)

    shown = disclose(frame, smokers, PARENTS)

    assert (shown["status"] == "suppressed").sum() >= 4, "a square of two geos and two sexes"
    assert not attack(shown, smokers, PARENTS)["recovered"].any()


def test_a_weak_series_is_withheld_whole(smokers):
    years = zip(
        (2018, 2019, 2020), ([3, 40, 50, 60], [2, 40, 50, 60], [9, 40, 50, 60]), strict=True
    )
    frame = pd.concat([rows(c, year=y) for y, c in years], ignore_index=True)

    shown = disclose(frame, smokers, PARENTS)

    mine = shown[shown["geo"] == "DK-a"].sort_values("first_year")
    assert mine["reason"].tolist() == ["small-count", "small-count", "weak-series"]


def test_a_count_that_two_indicators_tell_is_withheld_in_both(smokers):
    counted = replace(smokers["smokers"], id="count", measure=Measure.COUNT, unit="persons")
    derived = declared_pair(smokers["smokers"])
    frame = pd.concat(
        [rows([7, 40, 50, 60], indicator=i) for i in ("strict", "lenient")], ignore_index=True
    )

    shown = disclose(frame, derived | {"count": counted}, PARENTS)

    assert set(shown[shown["geo"] == "DK-a"]["reason"]) == {"small-count"}
    assert not attack(shown, derived, PARENTS)["recovered"].any()


def declared_pair(plain):
    """Return two indicators computed from the same counts, under different limits."""
    from healthindicators.model import Derivation

    derivation = Derivation("crude", "deaths", "person-years", ages="16+")
    each = {"strict": 10, "lenient": 5}
    return {
        id: replace(plain, id=id, derivation=derivation, small_numbers=SmallNumbers(events=limit))
        for id, limit in each.items()
    }


def test_a_count_told_by_another_row_is_found_by_the_attack(smokers):
    pair = declared_pair(smokers["smokers"])
    frame = pd.concat(
        [rows([3, 4, 50, 60], indicator=i) for i in ("strict", "lenient")], ignore_index=True
    )
    half = frame["geo"].isin(["DK-a", "DK-b"]) & (frame["indicator"] == "strict")
    frame.loc[half, NUMBERS] = np.nan
    frame.loc[half, ["interval", "status", "reason"]] = ["none", "suppressed", "small-count"]

    found = attack(frame, pair, PARENTS)

    assert found.loc[found["recovered"], "lower"].tolist() == [3, 4]


def test_counts_themselves_are_a_table_too(smokers):
    counted = {"smokers": replace(smokers["smokers"], measure=Measure.COUNT, unit="persons")}
    frame = rows([3, 40, 50, 60]).assign(lower=np.nan, upper=np.nan, interval="none")
    frame = frame.assign(value=frame["numerator"], numerator=np.nan, denominator=np.nan)

    shown = disclose(frame, counted, PARENTS)

    assert shown.loc[shown["geo"] == "DK-a", "value"].isna().all()
    assert shown["value"].isna().sum() == 2
    assert shown["numerator"].isna().all()


def test_what_the_provider_hid_is_not_given_away_and_keeps_its_reason(smokers):
    frame = rows([3, 40, 50, 60])
    theirs = frame["geo"] == "DK-a"
    frame.loc[theirs, NUMBERS] = np.nan
    said = ["none", "suppressed", "suppressed-by-provider"]
    frame.loc[theirs, ["interval", "status", "reason"]] = said

    shown = disclose(frame, smokers, PARENTS)

    assert reasons(shown)["DK-a"] == "suppressed-by-provider"
    assert (shown["reason"] == "secondary").sum() == 1


def test_figures_without_counts_are_left_as_they_are(smokers):
    frame = rows([3, 40, 50, 60]).assign(numerator=np.nan, denominator=np.nan)

    pd.testing.assert_frame_equal(disclose(frame, smokers, PARENTS), frame)


def test_two_editions_of_the_same_table(smokers):
    # A year ago b was dear and c was taken; today it would be the other way round.
    frame = rows([3, 40, 50, 60])
    old = disclose(rows([3, 70, 50, 60]), smokers, PARENTS)
    assert reasons(old)["DK-c"] == "secondary"
    old.loc[old["numerator"].notna(), NUMBERS] = frame.loc[old["numerator"].notna(), NUMBERS]

    alone = disclose(frame, smokers, PARENTS)
    assert attack(alone, smokers, PARENTS, earlier=[old])["recovered"].any()

    together = disclose(frame, smokers, PARENTS, earlier=[old])
    assert not attack(together, smokers, PARENTS, earlier=[old])["recovered"].any()


def test_a_hidden_period_that_has_left_the_table_is_still_protected(smokers):
    # 2019-2020 was published, 2019 was hidden and is gone, and now 2020 comes as it is.
    pooled = rows([12, 80, 90, 99], people=400.0, year=2020).assign(first_year=2019)
    old = disclose(pd.concat([pooled, rows([3, 40, 50, 60], year=2019)]), smokers, PARENTS)
    new = rows([9, 40, 40, 39], year=2020)
    mine = (old["geo"] == "DK-a") & (old["last_year"] == 2020)
    assert old.loc[mine, "status"].item() == "derived"

    alone = disclose(new, smokers, PARENTS)
    assert attack(alone, smokers, PARENTS, earlier=[old])["recovered"].any()

    shown = disclose(new, smokers, PARENTS, earlier=[old])
    assert not attack(shown, smokers, PARENTS, earlier=[old])["recovered"].any()
    assert reasons(shown)["DK-a"] == "secondary"


def test_what_an_earlier_edition_told_is_said_and_not_hushed_up(smokers):
    frame = rows([3, 40, 50, 60])

    with pytest.raises(DataError, match="published"):
        disclose(frame, smokers, PARENTS, earlier=[frame])
