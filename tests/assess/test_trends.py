"""The change a year of each indicator, from periods that share no year."""

import numpy as np
import pandas as pd
import pytest

from healthindicators.assess.trends import apart, trends
from healthindicators.model import Period


@pytest.fixture(scope="module")
def found(processed):
    return pd.read_parquet(processed.workspace.processed("DK") / "trends.parquet")


def test_windows_that_share_years_are_not_counted_twice():
    windows = [Period(year, year + 4) for year in range(2000, 2022)]
    kept = apart(windows)
    assert [(p.first, p.last) for p in kept] == [
        (2001, 2005), (2006, 2010), (2011, 2015), (2016, 2020), (2021, 2025),
    ]  # fmt: skip
    assert apart(reversed(windows)) == kept


def test_life_expectancy_rises_by_about_a_fifth_of_a_year(found):
    """From 2001-2005 to 2021-2025, in five windows that share no year."""
    row = found.set_index(["indicator", "geo"]).loc[("life-expectancy", "DK")]
    assert row["points"] == 5
    assert (row["first_year"], row["last_year"]) == (2001, 2025)
    assert 0.15 < row["slope"] < 0.3
    assert row["lower"] > 0


def test_the_slope_is_that_of_a_plain_line_where_years_are_single(processed, found):
    rows = processed.estimates.query("indicator == 'gini' and geo == 'DK-360'")
    slope = np.polyfit(rows["last_year"], rows["value"], 1)[0]
    row = found.set_index(["indicator", "geo"]).loc[("gini", "DK-360")]
    assert row["slope"] == pytest.approx(slope)
    assert row["method"] == "gls-residual"


def test_intervals_and_p_values_agree_before_adjustment_only_widens_doubt(found):
    sure = found["p_value"] <= 0.05
    outside = (found["lower"] > 0) | (found["upper"] < 0)
    assert (outside | ~sure).all(), "an adjusted p-value is never the smaller one"
    assert (sure & outside).any()
    assert (outside & ~sure).any()


def test_values_with_intervals_are_weighed_by_them(processed, register, declared):
    """Five single years, the last one very unsure: it hardly moves the line."""
    base = processed.estimates.query(
        "indicator == 'mortality-all-ages' and geo == 'DK-101' and sex == 'total'"
    ).iloc[[0]]
    rows = pd.concat([base] * 5, ignore_index=True)
    years = [2015, 2016, 2017, 2018, 2019]
    value = np.array([1000.0, 990.0, 980.0, 970.0, 1400.0])
    width = np.array([5.0, 5.0, 5.0, 5.0, 900.0])
    rows = rows.assign(
        first_year=years, last_year=years, value=value, lower=value - width, upper=value + width
    )
    found = trends(rows, [declared.indicators["mortality-all-ages"]], register)
    assert found["method"].tolist() == ["gls"]
    assert found["slope"][0] == pytest.approx(-10, abs=0.5)


def test_a_short_series_has_no_trend(found, processed, register, declared):
    assert "loneliness" not in set(found["indicator"]), "two periods"
    rows = processed.estimates.query("indicator == 'loneliness'")
    assert trends(rows, [declared.indicators["loneliness"]], register).empty
