"""How a municipality compares: verdicts, positions, fifths and changes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators import catalog, observations
from healthindicators.assess import compare
from healthindicators.geography import Register
from healthindicators.model import Geo, Level, Polarity

NAMES = {"en": "x"}
LOWER, HIGHER = Polarity.LOWER_IS_BETTER, Polarity.HIGHER_IS_BETTER
NEUTRAL = Polarity.NEUTRAL


def land(count):
    """Return a country of `count` municipalities in one region and one group."""
    above = [
        Geo("X", "X", Level.COUNTRY, NAMES),
        Geo("X-r", "r", Level.REGION, NAMES),
        Geo("X-g", "g", Level.GROUP, NAMES),
    ]
    towns = [
        Geo(f"X-{n:03}", f"{n:03}", Level.MUNICIPALITY, NAMES, region="X-r", group="X-g")
        for n in range(count)
    ]
    return Register("X", (*above, *towns))


def row(geo, value, lower=None, upper=None, year=2020, last=None, **more):
    """Return one estimate; without limits it has no interval."""
    plain = {
        "indicator": "gini", "geo": geo, "first_year": year, "last_year": last or year,
        "sex": "total", "age": "total", "stratifier": "total", "stratum": "total", "value": value,
        "lower": lower, "upper": upper, "interval": "none" if lower is None else "wilson",
        "status": "missing" if value is None else "observed", "reason": "x", "snapshot": "a",
    }  # fmt: skip
    return plain | more


def compared(rows, count, polarity=LOWER):
    indicator = replace(catalog.load().indicator("gini"), polarity=polarity)
    frame = observations.table(pd.DataFrame(rows))
    return compare(frame, [indicator], land(count)).set_index("geo")


def positions(values, polarity=LOWER):
    """Return first and last position of each value, in the order given."""
    rows = [row(f"X-{n:03}", *(v if isinstance(v, tuple) else (v,))) for n, v in enumerate(values)]
    found = compared(rows, len(values), polarity)
    return list(zip(found["position_first"], found["position_last"], strict=True))


# Verdicts


@pytest.mark.parametrize(
    ("polarity", "lower", "upper", "verdict"),
    [
        (LOWER, 5.0, 9.0, "better"),
        (LOWER, 11.0, 15.0, "worse"),
        (HIGHER, 5.0, 9.0, "worse"),
        (HIGHER, 11.0, 15.0, "better"),
        (NEUTRAL, 5.0, 9.0, "lower"),
        (NEUTRAL, 11.0, 15.0, "higher"),
        *((p, 8.0, 12.0, "similar") for p in Polarity),
        *((p, 5.0, 10.0, "similar") for p in Polarity),
        *((p, 10.0, 15.0, "similar") for p in Polarity),
        (LOWER, 5.0, 9.999, "better"),
        (LOWER, 10.001, 15.0, "worse"),
    ],
)
def test_a_verdict_asks_whether_the_benchmark_of_10_lies_in_the_interval(
    polarity, lower, upper, verdict
):
    rows = [row("X", 10.0), row("X-000", (lower + upper) / 2, lower, upper)]
    found = compared(rows, 1, polarity).loc["X-000"]
    assert found["country_verdict"] == verdict
    assert found["country_value"] == 10.0
    assert found["country_geo"] == "X"


@pytest.mark.parametrize("polarity", list(Polarity))
def test_without_an_interval_nothing_can_be_said(polarity):
    found = compared([row("X", 10.0), row("X-000", 99.0)], 1, polarity).loc["X-000"]
    assert found["country_verdict"] == "cannot-say"
    assert found["position_first"] == 1, "a position it has all the same"


def test_without_a_benchmark_there_is_no_verdict():
    found = compared([row("X", 10.0), row("X-000", 5.0, 4.0, 6.0)], 1).loc["X-000"]
    assert found["country_verdict"] == "better"
    assert (found["region_verdict"], found["group_verdict"]) == ("", "")
    assert pd.isna(found["region_value"])


def test_without_a_value_there_is_no_verdict_and_no_position():
    found = compared([row("X", 10.0), row("X-000", None), row("X-001", 5.0, 4.0, 6.0)], 2)
    assert found.loc["X-000", "country_verdict"] == ""
    assert pd.isna(found.loc["X-000", "position_first"])
    assert pd.isna(found.loc["X-000", "fifth"])
    assert found.loc["X-001", "position_count"] == 1


def test_a_benchmark_is_of_the_same_period():
    rows = [row("X", 10.0, year=2019), row("X-000", 5.0, 4.0, 6.0, year=2020)]
    assert compared(rows, 1).loc["X-000", "country_verdict"] == ""


def test_a_benchmark_says_whether_it_was_published():
    rows = [row("X", 10.0), row("X-r", 11.0, status="derived"), row("X-000", 5.0)]
    found = compared(rows, 1).loc["X-000"]
    assert bool(found["country_published"]) is True
    assert bool(found["region_published"]) is False


# Positions


def test_the_least_is_first_where_lower_is_better():
    assert positions([3.0, 1.0, 2.0]) == [(3, 3), (1, 1), (2, 2)]


@pytest.mark.parametrize("polarity", [HIGHER, NEUTRAL])
def test_the_greatest_is_first_where_higher_is_better_or_neither_is(polarity):
    assert positions([3.0, 1.0, 2.0], polarity) == [(1, 1), (3, 3), (2, 2)]


def test_ties_give_a_range():
    assert positions([1.0, 2.0, 2.0, 4.0]) == [(1, 1), (2, 3), (2, 3), (4, 4)]


def test_intervals_that_overlap_leave_the_position_open():
    values = [(1.0, 0.0, 2.5), (2.0, 1.5, 2.7), (9.0, 8.0, 10.0)]
    assert positions(values) == [(1, 2), (1, 2), (3, 3)]


def test_limits_that_touch_leave_the_position_open():
    assert positions([(1.0, 0.0, 2.0), (3.0, 2.0, 4.0)]) == [(1, 2), (1, 2)]


def test_missing_values_take_no_position():
    found = positions([2.0, None, 1.0])
    assert found[0] == (2, 2)
    assert all(np.isnan(found[1]))
    assert found[2] == (1, 1)


numbers = st.lists(st.integers(0, 20).map(float), min_size=1, max_size=15)


@settings(max_examples=25)
@given(numbers)
def test_polarity_turns_the_positions_round(values):
    low, high = positions(values, LOWER), positions(values, HIGHER)
    count = len(values)
    assert high == [(count + 1 - last, count + 1 - first) for first, last in low]


@settings(max_examples=25)
@given(numbers)
def test_a_range_of_positions_is_as_wide_as_the_tie(values):
    for value, (first, last) in zip(values, positions(values), strict=True):
        assert first == 1 + sum(other < value for other in values)
        assert last - first + 1 == values.count(value)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), min_size=1, max_size=12))
def test_wider_intervals_never_narrow_a_position(pairs):
    plain = positions([float(v) for v, _ in pairs])
    wide = positions([(float(v), float(v - w), float(v + w)) for v, w in pairs])
    for (first, last), (earliest, latest) in zip(plain, wide, strict=True):
        assert earliest <= first <= last <= latest


# Fifths


def test_fifths_of_ten():
    rows = [row(f"X-{n:03}", float(n)) for n in range(10)]
    assert compared(rows, 10)["fifth"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_a_tie_within_a_fifth_has_it_and_across_two_has_none():
    values = [1.0, 1.0, 3.0, 4.0, 4.0, 6.0, 7.0, 8.0, 9.0, 10.0]
    fifths = compared([row(f"X-{n:03}", v) for n, v in enumerate(values)], 10)["fifth"]
    assert fifths.iloc[:2].tolist() == [1, 1]
    assert fifths.iloc[3:5].isna().all(), "places 4 and 5 are of the second and the third fifth"


# Changes


def test_a_change_is_to_the_latest_and_the_first_period_that_share_no_year():
    rows = [
        row("X-000", v, year=first, last=first + 4)
        for first, v in [(2000, 70.0), (2010, 75.0), (2015, 77.0), (2016, 78.0), (2017, 79.0),
                         (2021, 82.0)]
    ]  # fmt: skip
    found = compared(rows, 1).loc["X-000"]
    assert (found["first_year"], found["last_year"], found["value"]) == (2021, 2025, 82.0)
    assert (found["previous_first_year"], found["previous_last_year"]) == (2016, 2020)
    assert found["previous_difference"] == 4.0
    assert (found["first_first_year"], found["first_last_year"]) == (2000, 2004)
    assert found["first_difference"] == 12.0


def test_a_period_that_overlaps_is_no_earlier_one():
    rows = [row("X-000", v, year=y, last=y + 4) for y, v in [(2018, 1.0), (2021, 2.0)]]
    found = compared(rows, 1).loc["X-000"]
    assert pd.isna(found["previous_difference"])
    assert pd.isna(found["first_difference"])


def test_a_municipality_without_earlier_value_has_no_change():
    rows = [row("X-000", 1.0, year=2019), row("X-000", 2.0), row("X-001", 5.0)]
    found = compared(rows, 2)
    assert found.loc["X-000", "previous_difference"] == 1.0
    assert pd.isna(found.loc["X-001", "previous_difference"])


def test_an_earlier_row_without_value_is_passed_over():
    rows = [
        row("X-000", 1.0, year=2018),
        row("X-000", None, year=2019),
        row("X-000", 5.0, year=2020),
    ]
    found = compared(rows, 1).loc["X-000"]
    assert found["previous_last_year"] == 2018
    assert found["previous_difference"] == 4.0


def test_only_totals_are_compared():
    rows = [row("X-000", 5.0), row("X-000", 1.0, sex="female"), row("X-001", 3.0)]
    found = compared(rows, 2)
    assert found["value"].to_dict() == {"X-000": 5.0, "X-001": 3.0}


# The real figures


def test_life_expectancy_changes_between_periods_that_share_no_year(processed):
    rows = processed.comparisons.query("indicator == 'life-expectancy'")
    told = rows[rows["value"].notna()]
    assert len(told) == 94
    assert set(told["first_year"]) == {2021}
    assert set(told["last_year"]) == {2025}
    assert set(zip(told["previous_first_year"], told["previous_last_year"], strict=True)) == {
        (2016.0, 2020.0)
    }
    assert set(told["first_first_year"]) == {2000.0}
    assert set(told["first_last_year"]) == {2004.0}


def test_all_verdicts_of_the_real_figures_fit_their_numbers(processed, declared):
    rows = processed.comparisons
    words = {
        HIGHER: {"better", "worse"}, LOWER: {"better", "worse"}, NEUTRAL: {"higher", "lower"},
    }  # fmt: skip
    for line in rows.to_dict("records"):
        polarity = declared.indicators[line["indicator"]].polarity
        for kind in ("country", "region", "group"):
            verdict, benchmark = line[f"{kind}_verdict"], line[f"{kind}_value"]
            if verdict == "":
                assert pd.isna(benchmark) or pd.isna(line["value"])
            elif verdict == "cannot-say":
                assert line["interval"] == "none"
            elif verdict == "similar":
                inside = line["lower"] <= benchmark <= line["upper"]
                assert inside or line[f"{kind}_p"] > 0.05, "or the report as a whole leaves doubt"
            else:
                assert verdict in words[polarity]
                above = line["lower"] > benchmark
                assert above != (line["upper"] < benchmark)
                good = polarity is NEUTRAL or (above == (polarity is HIGHER))
                assert verdict == ("higher" if above else "lower") or good == (verdict == "better")


def test_both_verdicts_and_doubt_are_met_in_the_real_figures(processed):
    seen = set(processed.comparisons["country_verdict"])
    assert {"better", "similar", "worse", "cannot-say", ""} <= seen


def test_positions_of_the_real_figures_are_sane(processed):
    rows = processed.comparisons
    told = rows[rows["value"].notna()]
    assert (told["position_first"] >= 1).all()
    assert (told["position_first"] <= told["position_last"]).all()
    assert (told["position_last"] <= told["position_count"]).all()
    silent = rows[rows["value"].isna()]
    assert silent["position_first"].isna().all()
    assert told.groupby("indicator").size().to_dict() == (
        told.groupby("indicator")["position_count"].first().to_dict()
    )
