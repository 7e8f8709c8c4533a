"""Inequality across municipalities, against the definition worked out again in another way."""

import numpy as np
import pandas as pd
import pytest

from healthindicators.assess.inequality import Ordered, inequality, mean_of_part, ordered
from healthindicators.assess.latest import Latest
from healthindicators.model import Period

CONDITIONS = ["disposable-income", "exam-grade"]
YEAR = Period(2024, 2024)


@pytest.fixture(scope="module")
def measured(processed):
    return pd.read_parquet(processed.workspace.processed("DK") / "inequality.parquet")


@pytest.fixture(scope="module")
def points(processed):
    return pd.read_parquet(processed.workspace.processed("DK") / "curves.parquet")


def test_every_indicator_is_told_by_every_condition(processed, measured, declared):
    shown = [id for id in processed.plan.available if declared.indicators[id].shown]
    told = set(zip(measured["indicator"], measured["condition"], strict=True))
    assert told == {(i, c) for i in shown for c in CONDITIONS if i != c}


def test_slope_and_ratio_are_those_of_a_weighted_line(processed, measured):
    """Smoking by income, from the published figures alone, by numpy's own least squares."""
    latest = processed.comparisons.set_index(["indicator", "geo"])["value"]
    counts = processed.observations.query("indicator == 'population' and last_year == 2020")
    bands = ["15-19", *(f"{age}-{age + 4}" for age in range(20, 90, 5)), "90+"]
    adults = counts[counts["age"].isin(bands) & (counts["sex"] != "total")]
    people = adults.groupby("geo")["value"].sum()
    frame = pd.DataFrame(
        {"smoking": latest["daily-smoking"], "income": latest["disposable-income"]}
    ).sort_values("income")
    weight = people.reindex(frame.index).to_numpy()
    share = weight / weight.sum()
    ridit = np.cumsum(share) - share / 2
    assert frame["income"].is_unique
    slope, start = np.polyfit(ridit, frame["smoking"], 1, w=np.sqrt(weight))
    row = measured.query("indicator == 'daily-smoking' and condition == 'disposable-income'")
    found = row.set_index("measure")["value"]
    assert found["slope-index"] == pytest.approx(slope, rel=1e-9)
    assert found["relative-index"] == pytest.approx((start + slope) / start, rel=1e-9)


def test_less_smoking_and_overweight_where_incomes_are_higher(measured):
    slopes = measured[measured["measure"] == "slope-index"].set_index(["indicator", "condition"])
    for id in ("daily-smoking", "obesity", "unhealthy-diet", "child-poverty"):
        assert slopes.loc[(id, "disposable-income"), "upper"] < 0


def test_intervals_contain_their_values_and_say_their_method(measured):
    known = measured[measured["method"] != "none"]
    assert ((known["lower"] < known["value"]) & (known["value"] < known["upper"])).all()
    slopes = measured["measure"].isin(["slope-index", "relative-index"])
    assert (measured.loc[slopes, "method"] != "none").all()
    without = measured[measured["method"] == "none"]
    assert without[["lower", "upper"]].isna().all(axis=None)


def test_a_scale_of_grades_has_no_ratios(measured, points):
    grades = measured[measured["indicator"] == "exam-grade"]
    assert set(grades["measure"]) == {"slope-index", "least-fifth", "most-fifth"}
    assert "exam-grade" not in set(points["indicator"])


def test_curves_run_from_nothing_to_everything(points):
    for _, curve in points.groupby(["indicator", "condition"]):
        for column in ("residents", "total"):
            assert curve[column].iloc[0] == 0
            assert curve[column].iloc[-1] == pytest.approx(1)
            assert (curve[column].diff().dropna() >= 0).all()


def test_municipalities_with_the_same_condition_have_no_order():
    values = Latest(pd.Series({"a": 1.0, "b": 3.0, "c": 5.0}), YEAR)
    order = Latest(pd.Series({"b": 7.0, "a": 7.0, "c": 9.0}), YEAR)
    groups = ordered(values, order, {"a": 1.0, "b": 3.0, "c": 4.0})
    assert groups.means.tolist() == [2.5, 5.0]
    assert groups.population.tolist() == [4.0, 4.0]
    assert groups.municipalities == 3


def test_a_place_without_residents_or_figures_takes_no_part():
    values = Latest(pd.Series({"a": 1.0, "b": 3.0}), YEAR)
    order = Latest(pd.Series({"a": 7.0, "b": 8.0, "c": 9.0}), YEAR)
    assert ordered(values, order, {"a": 1.0, "c": 1.0}).municipalities == 1


def test_a_fifth_takes_its_part_of_a_place_that_lies_across_its_end():
    groups = Ordered(np.array([1.0, 2.0]), np.array([1.0, 9.0]), 2)
    assert mean_of_part(groups, 0, 0.2) == pytest.approx(1.5)
    assert mean_of_part(groups, 0.8, 1) == 2.0
    assert mean_of_part(groups, 0, 1) == pytest.approx(1.9)


def test_a_country_of_few_municipalities_has_no_gradient(processed, register, declared):
    few = [m.id for m in register.municipalities[:10]]
    frame = processed.estimates
    frame = pd.concat([frame, processed.observations.query("indicator == 'population'")])
    found = inequality(
        frame[frame["geo"].isin(few)], [declared.indicators["gini"]], CONDITIONS, register
    )
    assert all(table.empty for table in found)
