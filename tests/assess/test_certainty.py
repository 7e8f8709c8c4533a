"""Places by simulation, verdicts over a whole report, and clusters on the map."""

import numpy as np
import pytest

from healthindicators.assess.compare import KINDS

COMPUTED = ("life-expectancy-computed", "mortality-all-ages", "mortality-below-75")


@pytest.fixture(scope="module")
def compared(processed):
    return processed.comparisons


def test_only_figures_with_an_interval_have_probabilities(compared):
    known = compared["interval"] != "none"
    assert set(compared.loc[known, "indicator"]) == set(COMPUTED)
    for column in ("best_fifth", "worst_fifth", "rank_group", "rank_groups"):
        assert (compared[column].notna() == known).all()


def test_fifths_hold_a_fifth_of_the_municipalities(compared):
    for id in COMPUTED:
        rows = compared[(compared["indicator"] == id) & (compared["interval"] != "none")]
        places = len(rows)
        assert rows["best_fifth"].sum() == pytest.approx(places // 5, abs=1e-6)
        # The last fifth is what lies beyond four fifths, whole places only.
        assert rows["worst_fifth"].sum() == pytest.approx(places - 4 * places // 5, abs=1e-6)


def test_places_are_ranges_that_hold_the_place_of_the_value(compared):
    for id in COMPUTED:
        rows = compared[(compared["indicator"] == id) & (compared["interval"] != "none")]
        ascending = id != "life-expectancy-computed"
        at = rows["value"].rank(ascending=ascending)
        assert (rows["position_first"] <= rows["position_last"]).all()
        inside = (rows["position_first"] <= at) & (at <= rows["position_last"])
        assert inside.mean() > 0.95
        assert rows["position_last"].max() <= len(rows)


def test_groups_follow_the_places(compared):
    for id in COMPUTED:
        rows = compared[(compared["indicator"] == id) & (compared["interval"] != "none")]
        middle = (rows["position_first"] + rows["position_last"]).groupby(rows["rank_group"]).mean()
        assert middle.is_monotonic_increasing
        assert set(rows["rank_group"]) == set(range(1, int(rows["rank_groups"].iloc[0]) + 1))


def test_a_verdict_needs_the_interval_and_the_report_as_a_whole(compared):
    for kind in KINDS:
        told = compared[compared[f"{kind}_verdict"].isin(["better", "worse"])]
        value, lower, upper = (told[name] for name in (f"{kind}_value", "lower", "upper"))
        assert ((value < lower) | (value > upper)).all()
        assert (told[f"{kind}_p"] <= 0.05).all()
        tested = compared[f"{kind}_p"].notna()
        assert (compared.loc[~tested, f"{kind}_verdict"].isin(["", "cannot-say"])).all()


def test_some_differences_are_no_longer_told(compared):
    """Adjusting costs something, or it would not be there: intervals alone would say more."""
    value = compared["country_value"]
    outside = (value < compared["lower"]) | (value > compared["upper"])
    told = compared["country_verdict"].isin(["better", "worse"])
    assert told.sum() < outside.sum()
    assert not (told & ~outside).any()


def test_clusters_lie_where_the_country_has_a_pattern(compared):
    found = compared[compared["cluster"] != ""]
    assert len(found)
    assert (found["moran_p"] <= 0.05).all()
    income = found[found["indicator"] == "disposable-income"].set_index("geo")["cluster"]
    assert "high-high" in set(income)
    by_indicator = compared.groupby("indicator")["moran"].nunique()
    assert (by_indicator == 1).all()
    assert np.isfinite(compared["moran"]).all()
