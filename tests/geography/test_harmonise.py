"""Figures are brought to the codes of another edition, or refused; nothing is made up."""

import numpy as np
import pandas as pd
import pytest

from healthindicators import observations
from healthindicators.errors import DataError
from healthindicators.geography.harmonise import Weights, editions, harmonise
from healthindicators.vocabulary import REASONS
from tests.geography.making import made, norway, residents, rows

MADE = made()
FIVE = {"A": 10, "B": 30, "C": 5, "D": 8, "E": 100, "F": 1}
RESIDENTS = {"A": 1000, "B": 3000, "C": 500, "D": 800, "E": 9000, "F": 1000}


def harmonised(values, measure="count", since=2013, to=None, weights=None, **columns):
    """Return value, status and reason by code."""
    frame = rows(values, measure, **columns)
    if isinstance(weights, dict):
        weights = Weights(residents(weights), since, "residents")
    found = harmonise(frame, MADE, since=since, to=to, weights=weights)
    told = found.rows.set_index(found.rows["geo"].str.removeprefix("X-"))
    return found, {
        code: row.value if row.value == row.value else f"{row.status}: {row.reason}"
        for code, row in told.iterrows()
    }


def test_counts_are_added_up_and_apportioned():
    found, values = harmonised(FIVE)
    assert values == {"Z": 40, "CD": 7, "N": 6, "E": 101}
    assert set(found.rows["status"]) == {"derived"}
    reasons = dict(zip(found.rows["geo"], found.rows["reason"], strict=True))
    assert reasons == {
        "X-Z": "recast", "X-E": "recast", "X-CD": "apportioned", "X-N": "apportioned",
    }  # fmt: skip
    assert set(reasons.values()) <= set(REASONS)
    assert found.refused == ()
    assert found.recasting.to_dict("split")["data"] == [
        ["i", "X-CD", "split", "X-C + X-D", "stated"],
        ["i", "X-E", "merged", "X-E + X-F", ""],
        ["i", "X-N", "split", "X-D", "stated"],
        ["i", "X-Z", "merged", "X-A + X-B", ""],
    ]


def test_values_are_weighed_by_their_denominators_and_never_split():
    found, values = harmonised(FIVE, "value", weights=RESIDENTS)
    assert values == {
        "Z": 25, "E": 90.1, "CD": "missing: no-weight", "N": "missing: no-weight",
    }  # fmt: skip
    assert [str(p) for p in found.refused] == [
        "i X-CD 2013-2013 total total total: no weight is known to bring X-C + X-D to X-CD (s)",
        "i X-N 2013-2013 total total total: no weight is known to bring X-D to X-N (s)",
    ]
    assert found.recasting.to_dict("split")["data"] == [
        ["i", "X-CD", "refused", "X-C + X-D", ""],
        ["i", "X-E", "merged", "X-E + X-F", "residents"],
        ["i", "X-N", "refused", "X-D", ""],
        ["i", "X-Z", "merged", "X-A + X-B", "residents"],
    ]


def test_values_without_weights_are_refused_with_their_rows_listed():
    found, values = harmonised(FIVE, "value")
    assert set(values.values()) == {"missing: no-weight"}
    assert len(found.refused) == 4
    assert set(found.recasting["kind"]) == {"refused"}


def test_a_weight_that_one_part_lacks_is_no_weight():
    _, values = harmonised({"A": 10, "B": 30}, "value", weights={"A": 1000})
    assert values == {"Z": "missing: no-weight"}
    _, values = harmonised({"A": 10, "B": 30}, "value", weights={"A": 0, "B": 0})
    assert values == {"Z": "missing: no-weight"}
    _, values = harmonised({"A": 10, "B": 30}, "value", weights={"A": 0, "B": 5})
    assert values == {"Z": 30}


def test_a_renumbering_carries_everything():
    frame = rows({"AB": 12.5}, "value", lower=11.0, upper=14.0, interval="published")
    frame = pd.concat([frame, rows({"AB": "suppressed"}, sex="female")], ignore_index=True)
    found = harmonise(frame, MADE, since=2019)
    expected = frame.assign(geo="X-Z")
    pd.testing.assert_frame_equal(found.rows, expected, check_dtype=False)
    assert found.recasting.to_dict("split")["data"] == [["i", "X-Z", "renumbered", "X-AB", ""]]


def test_what_is_recast_has_no_interval():
    given = {"interval": "published", "lower": 1.0, "upper": 200.0, "numerator": 3.0, "note": "x"}
    found, _ = harmonised({"A": 10, "B": 30}, **given)
    (row,) = found.rows.to_dict("records")
    assert row["interval"] == "none"
    assert row["note"] == ""
    assert all(np.isnan(row[c]) for c in ("lower", "upper", "numerator"))
    assert list(found.rows) == list(rows({"A": 1}, **given))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (0, 0, 0),
        (0, 7, 7),
        ("suppressed", 7, "suppressed: suppressed A"),
        ("suppressed", 0, "suppressed: suppressed A"),
        ("missing", 7, "missing: missing A"),
        (7, "missing", "missing: missing B"),
        (None, 7, "missing: not-covered"),
        ("suppressed", "missing", "suppressed: suppressed A"),
        ("missing", "suppressed", "suppressed: suppressed B"),
        ("suppressed", None, "suppressed: suppressed A"),
        ("missing", None, "missing: missing A"),
        ("suppressed", "not-applicable", "suppressed: suppressed A"),
        ("missing", "not-applicable", "missing: missing A"),
        ("not-applicable", "not-applicable", "not-applicable: not-applicable A"),
        ("not-applicable", 7, "missing: no-usable-figure"),
        ("not-applicable", None, "missing: not-covered"),
    ],
)
@pytest.mark.parametrize("measure", ["count", "value"])
def test_a_part_without_value_leaves_none_and_says_why(first, second, expected, measure):
    given = {c: v for c, v in (("A", first), ("B", second)) if v is not None}
    weights = {"A": 0, "B": 1} if measure == "value" else None
    found, values = harmonised(given, measure, weights=weights)
    assert values == {"Z": expected}
    assert found.refused == ()
    assert found.rows["value"].notna().tolist() == [not isinstance(expected, str)]


def test_a_value_that_is_missing_anyway_is_not_refused_for_want_of_a_weight():
    found, values = harmonised({"A": "suppressed", "B": 30}, "value")
    assert values == {"Z": "suppressed: suppressed A"}
    assert found.refused == ()


def test_the_hidden_part_of_a_split_stays_hidden():
    _, values = harmonised({"C": 5, "D": "suppressed"})
    assert values == {"CD": "suppressed: suppressed D", "N": "suppressed: suppressed D"}


def test_a_part_with_a_warning_leaves_the_warning():
    frame = rows({"A": 1, "B": 2}).assign(status=["unreliable", "observed"])
    found = harmonise(frame, MADE, since=2013).rows
    assert found[["value", "status", "reason"]].to_dict("split")["data"] == [
        [3, "unreliable", "recast"]
    ]


def test_what_is_no_municipality_stays_as_it_is():
    frame = pd.concat([rows({"X": 144, "R": 1}), rows(FIVE)], ignore_index=True)
    found = harmonise(frame, MADE, since=2013).rows
    pd.testing.assert_frame_equal(found[found["geo"].isin(["X", "X-R"])], frame.head(2))


def test_groups_are_kept_apart():
    """Each indicator, period, sex, age and stratum, counts and values, are merged on their own."""
    change = {
        "indicator": "j", "first_year": 2012, "last_year": 2014, "sex": "female", "age": "5-9",
        "stratifier": "origin", "stratum": "immigrants", "measure": "value",
    }  # fmt: skip
    frames = [rows({"A": 1, "B": 2})]
    frames += [rows({"A": 1, "B": 2}).assign(**{k: v}) for k, v in change.items()]
    found = harmonise(pd.concat(frames, ignore_index=True), MADE, since=2013).rows
    assert len(found) == len(frames)
    assert found["value"].dropna().tolist() == [3] * (len(frames) - 1), "the value has no weight"


def test_the_snapshots_of_all_parts_and_of_the_weights_are_cited():
    frame = rows({"A": 10, "B": 30, "E": 1, "F": 3}, "value").assign(snapshot=["b", "a", "c", "c"])
    weights = Weights(residents(RESIDENTS), 2013, "residents", "w")
    found = harmonise(frame, MADE, since=2013, weights=weights).rows
    assert dict(zip(found["geo"], found["snapshot"], strict=True)) == {
        "X-Z": "a + b + w", "X-E": "c + w",
    }  # fmt: skip
    counted = harmonise(frame.assign(measure="count"), MADE, since=2013, weights=weights).rows
    assert sorted(counted["snapshot"]) == ["a + b", "c"]


def test_weights_may_differ_by_sex_and_age():
    ages = pd.concat([residents({"A": 1, "B": 3}, age="2"), residents({"A": 3, "B": 1}, age="9")])
    weights = Weights(ages, 2013, "residents")
    frame = pd.concat([rows({"A": 0, "B": 100}, "value", age=age) for age in ("2", "9", "16")])
    found = harmonise(frame, MADE, since=2013, weights=weights).rows
    values = dict(zip(found["age"], found["value"].fillna(-1), strict=True))
    assert values == {"2": 75, "9": 25, "16": -1}, "no weight is known at 16"


def test_weights_of_all_residents_do_not_weigh_a_stratum():
    frame = rows({"A": 0, "B": 100}, "value", stratifier="origin", stratum="immigrants")
    weights = residents({"A": 1, "B": 3})
    found = harmonise(frame, MADE, since=2013, weights=Weights(weights, 2013, "residents"))
    assert found.rows["reason"].tolist() == ["no-weight"]
    own = Weights(weights.assign(stratum="immigrants"), 2013, "immigrants")
    assert harmonise(frame, MADE, since=2013, weights=own).rows["value"].tolist() == [75]


def test_later_weights_hold_for_merges_after_them():
    """E and F merged in 2020, of which residents of 2019 know; A and B were one in 2018 already."""
    weights = Weights(residents({"AB": 4000, "C": 5, "D": 8, "E": 9000, "F": 1000}), 2019, "2019")
    _, values = harmonised(FIVE, "value", weights=weights)
    assert values["E"] == 90.1
    assert values["Z"] == "missing: no-weight"


def test_earlier_weights_are_added_up_to_the_codes_of_the_figures():
    """Residents of 2013 weigh figures of 2018; what was split since, or lacks a part, does not."""
    country = made_again()
    weights = Weights(residents({"A": 1000, "B": 3000, "C": 6000, "D": 1}), 2013, "2013")
    frame = rows({"AB": 10, "C": 30}, "value")
    assert harmonise(frame, country, since=2018, weights=weights).rows["value"].tolist() == [22]
    short = Weights(residents({"A": 1000, "C": 6000}), 2013, "2013")
    assert harmonise(frame, country, since=2018, weights=short).rows["reason"].tolist() == [
        "no-weight"
    ]


def made_again():
    from tests.geography.making import register_of

    return register_of(
        [("A", 2013, 2017), ("B", 2013, 2017), ("AB", 2018, 2019), ("C", 2013, 2019),
         ("D", 2013, ""), ("Y", 2020, "")],
        [("A", "AB", 2018, "merge", 1), ("B", "AB", 2018, "merge", 1),
         ("AB", "Y", 2020, "merge", 1), ("C", "Y", 2020, "merge", 1)],
    )  # fmt: skip


def test_a_split_whose_parts_come_together_again_keeps_the_rate():
    from tests.geography.making import register_of

    country = register_of(
        [("A", 2013, 2017), ("B", 2018, 2019), ("C", 2018, 2019), ("D", 2020, "")],
        [("A", "B", 2018, "split", 0.3), ("A", "C", 2018, "split", 0.7),
         ("B", "D", 2020, "merge", 1), ("C", "D", 2020, "merge", 1)],
    )  # fmt: skip
    found = harmonise(rows({"A": 12.5}, "value"), country, since=2013)
    assert found.rows[["geo", "value", "status"]].to_dict("split")["data"] == [
        ["X-D", 12.5, "observed"]
    ]
    assert found.recasting["kind"].tolist() == ["renumbered"]


def test_another_edition_than_todays_may_be_asked_for():
    _, values = harmonised(FIVE, to=2019)
    assert values == {"AB": 40, "C": 5, "D": 8, "E": 100, "F": 1}


def test_rows_of_several_editions_are_brought_to_one():
    frame = pd.concat([rows({"A": 1, "B": 2}, last_year=2017), rows({"AB": 5}, last_year=2018)])
    found = harmonise(frame.reset_index(drop=True), MADE, since=pd.Series([2017, 2017, 2018]))
    assert found.rows.set_index("last_year")["value"].to_dict() == {2017: 3, 2018: 5}
    assert set(found.rows["geo"]) == {"X-Z"}


def test_the_edition_of_a_row():
    ids = pd.Series(["X-Z", "X-AB", "X-AB", "X-A", "X", "X-Q"])
    last = pd.Series([2015, 2023, 2016, 2016, 2016, 2016])
    assert editions(MADE, ids, last, 2024).tolist() == [2024, 2023, 2024, 2016, 2024, 2024]
    assert editions(MADE, ids, last, None).tolist() == last.tolist()


def test_no_rows_and_nothing_to_do():
    empty = rows({"A": 1}).head(0)
    assert harmonise(empty, MADE, since=2013).rows.empty
    frame = rows({"A": 1, "E": 2})
    found = harmonise(frame, MADE, since=2013, to=2013)
    pd.testing.assert_frame_equal(found.rows, frame)
    assert found.recasting.empty


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"since": 2018}, "'X-A' is no code of 2018: it holds from 2013 to 2017"),
        ({"since": 2013, "to": 2012}, "figures of 2013 cannot be brought back to 2012"),
        ({"weights": Weights(residents({"A": -1, "B": 1}), 2013, "w")}, "w: a weight is no number"),
        ({"weights": Weights(residents({"A": np.nan}), 2013, "w")}, "w: a weight is no number"),
        ({"weights": Weights(residents({"A": np.inf}), 2013, "w")}, "w: a weight is no number"),
        ({"weights": Weights(residents({"A": 1}), 2019, "w")}, "w: no municipality of 2019 (X-A)"),
        (
            {"weights": Weights(pd.concat([residents({"A": 1})] * 2), 2013, "w")},
            "w: a weight stands twice (X-A)",
        ),
    ],
)
def test_what_cannot_be_done_is_told(given, problem):
    with pytest.raises(DataError) as raised:
        harmonise(rows({"A": 1, "B": 2}), MADE, **{"since": 2013, **given})
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("frame", "problem"),
    [
        (rows({"A": 1, "Q": 2}), "unknown geo 'X-Q'"),
        (rows({"A": 1}, "share"), "unknown measure 'share' (count, value)"),
        (rows({"A": 1}).drop(columns=["measure", "sex"]), "no column sex, measure"),
        (
            pd.concat([rows({"A": 1}), rows({"A": 2})], ignore_index=True),
            "i X-A 2013-2013 total total total: the same row stands twice (s)",
        ),
    ],
)
def test_rows_that_are_not_as_they_should_be(frame, problem):
    with pytest.raises(DataError) as raised:
        harmonise(frame, MADE, since=2013)
    assert problem in str(raised.value)


def test_the_result_fits_the_observation_table():
    found, _ = harmonised({**FIVE, "C": "suppressed"}, interval="none")
    table = observations.table(found.rows)
    assert list(table) == observations.COLUMNS
    assert table["value"].isna().tolist() == [s == "suppressed" for s in table["status"]]


def test_norwegian_vaccination_on_the_codes_of_2018_arrives_today():
    """Every municipality of today has a row; the seven through the three splits have no value."""
    register = norway()
    codes = [g.code for g in register.edition(2018)]
    frame = rows(dict.fromkeys(codes, 90.0), "value").assign(geo=[f"NO-{c}" for c in codes])
    weight = pd.DataFrame({"geo": [g.id for g in register.edition(2019)], "weight": 1.0})
    found = harmonise(frame, register, since=2018, weights=Weights(weight, 2019, "residents"))
    assert set(found.rows["geo"]) == {m.id for m in register.municipalities}
    refused = set(found.rows.loc[found.rows["value"].isna(), "geo"])
    expected = "1508 1580 1806 1875 5055 5056 5059"
    assert refused == {f"NO-{code}" for code in expected.split()}
    assert len(found.refused) == 7
    assert found.rows["value"].dropna().unique().tolist() == [90.0]


def test_norwegian_counts_on_the_codes_of_2013_keep_their_total():
    register = norway()
    codes = [g.code for g in register.edition(2013)]
    frame = rows({c: int(c) for c in codes}).assign(geo=[f"NO-{c}" for c in codes])
    found = harmonise(frame, register, since=2013)
    assert found.rows["value"].sum() == pytest.approx(frame["value"].sum())
    assert set(found.rows["geo"]) == {m.id for m in register.municipalities}
    by_geo = found.rows.set_index("geo")["value"]
    assert by_geo["NO-3907"] == 706 + 719 + 720
    assert by_geo["NO-1580"] == pytest.approx(0.1379 * (1504 + 1523 + 1529 + 1534 + 1546))
