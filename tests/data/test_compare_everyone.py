"""One municipality's row neither empties an indicator for the others nor drops out unseen."""

import pandas as pd

from healthindicators.assess import compare


def gini(processed):
    rows = processed.estimates
    return rows[rows["indicator"] == "gini"]


def compared(rows, declared, register):
    made = compare(rows, [declared.indicator("gini")], register)
    return made.set_index("geo")


def test_a_municipality_without_a_row_in_the_latest_period_keeps_its_place(
    processed, declared, register
):
    rows = gini(processed)
    gone = (rows["geo"] == "DK-101") & (rows["last_year"] == 2024)
    made = compared(rows[~gone], declared, register)
    assert len(made) == 98
    here = made.loc["DK-101"]
    assert (here["status"], here["reason"], here["first_year"]) == (
        "missing",
        "not-published",
        2024,
    )
    assert pd.isna(here["value"])
    assert made["position_count"].eq(97).all()


def test_a_municipality_that_is_ahead_of_the_others_does_not_empty_the_comparison(
    processed, declared, register
):
    rows = gini(processed)
    ahead = rows[(rows["geo"] == "DK-101") & (rows["last_year"] == 2024)]
    ahead = ahead.assign(first_year=2025, last_year=2025, value=99.0)
    made = compared(pd.concat([rows, ahead], ignore_index=True), declared, register)
    assert len(made) == 98
    assert made["last_year"].eq(2024).all()
    assert made["position_count"].eq(98).all()


def test_a_national_row_without_a_value_leaves_room_for_the_mean(processed, declared, register):
    from healthindicators.assess import weighted_benchmarks

    rows = processed.observations
    empty = rows[(rows["indicator"] == "gini") & (rows["geo"] == "DK-101")].assign(
        geo="DK", value=None, status="missing", reason="not-published"
    )
    means = weighted_benchmarks(
        pd.concat([rows, empty], ignore_index=True), [declared.indicator("gini")], register
    )
    assert (means["geo"] == "DK").sum() == 15
