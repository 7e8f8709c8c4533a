"""From labels of the observation table to inner cells."""

import numpy as np
import pandas as pd

from healthindicators.disclosure import parents_of
from healthindicators.disclosure.sums import inner_cells
from healthindicators.vocabulary import TOTAL

PARENTS = {"a": ("north", "land"), "b": ("north", "coast", "land"), "c": ("coast", "land")}


def cells(*rows):
    """Return cells from geo and what differs from a plain total."""
    plain = {
        "first_year": 2020, "last_year": 2020, "sex": TOTAL, "ages": TOTAL,
        "stratifier": TOTAL, "stratum": TOTAL,
    }  # fmt: skip
    return pd.DataFrame([plain | {"geo": geo} | about for geo, about in rows])


def spans(frame, weights):
    """Return whether the cells with these weights cancel out, as sums do."""
    return not (inner_cells(frame, PARENTS).T @ np.array(weights, dtype=float)).any()


def test_parents_that_overlap_are_sums_of_their_members():
    frame = cells(*((geo, {}) for geo in ("a", "b", "c", "north", "coast", "land")))

    assert spans(frame, [1, 1, 0, -1, 0, 0])
    assert spans(frame, [0, 1, 1, 0, -1, 0])
    assert spans(frame, [1, 1, 1, 0, 0, -1])
    assert not spans(frame, [0, 0, 0, 1, 1, -1]), "b would count twice"


def test_sexes_add_up():
    frame = cells(("a", {"sex": "female"}), ("a", {"sex": "male"}), ("a", {}))

    assert spans(frame, [1, 1, -1])


def test_ages_add_up_wherever_they_are_cut():
    ages = ["0-74", "75+", "65-74", "65+", "0+", TOTAL]
    frame = cells(*(("a", {"ages": age}) for age in ages))

    assert spans(frame, [1, 1, 0, 0, -1, 0])
    assert spans(frame, [0, 1, 1, -1, 0, 0])
    assert spans(frame, [0, 0, 0, 0, 1, -1])


def test_pooled_periods_share_the_years_that_both_cover():
    years = [(2015, 2019), (2016, 2020), (2015, 2015), (2020, 2020)]
    frame = cells(*(("a", {"first_year": f, "last_year": t}) for f, t in years))

    assert spans(frame, [1, -1, -1, 1])


def test_strata_of_each_dimension_add_up_to_the_total():
    schooling = [("education", s) for s in ("short", "long")]
    income = [("income", s) for s in ("low", "middle", "high")]
    frame = cells(
        ("a", {}),
        *(("a", {"stratifier": d, "stratum": s}) for d, s in schooling + income),
    )

    assert spans(frame, [1, -1, -1, 0, 0, 0])
    assert spans(frame, [1, 0, 0, -1, -1, -1])
    assert not spans(frame, [0, 1, 0, -1, 0, 0])


def test_a_geo_without_rows_in_a_year_has_no_share_in_its_sums():
    frame = cells(
        ("a", {}), ("land", {}),
        ("a", {"first_year": 2021, "last_year": 2021}),
        ("b", {"first_year": 2021, "last_year": 2021}),
        ("land", {"first_year": 2021, "last_year": 2021}),
    )  # fmt: skip

    assert spans(frame, [1, -1, 0, 0, 0])
    assert spans(frame, [0, 0, 1, 1, -1])


def test_a_register_says_who_is_part_of_what(register):
    parents = parents_of(register.geos)

    assert "DK" in parents["DK-411"], "Christiansø is in no region, and in the country"
    assert set(parents["DK-101"]) == {"DK", "DK-084", register["DK-101"].group}
    assert "DK-084" not in parents
