"""Life expectancy computed here against the one that is published: near, and not the same."""

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def both(processed, register):
    """Computed 2018-2019 with its limits, and published 2015-2019, by geo."""
    rows = processed.estimates
    rows = rows[rows["sex"] == "total"]
    computed = rows[rows["indicator"] == "life-expectancy-computed"].set_index("geo")
    five = (rows["first_year"] == 2015) & (rows["last_year"] == 2019)
    published = rows[(rows["indicator"] == "life-expectancy") & five].set_index("geo")
    frame = computed[["value", "lower", "upper", "denominator"]].assign(
        published=published["value"], status=published["status"]
    )
    return frame.assign(difference=frame["value"] - frame["published"])


@pytest.fixture(scope="module")
def municipal(both, register):
    """The municipalities that have both."""
    return both.loc[[m.id for m in register.municipalities]].dropna(subset="difference")


def test_the_country(both):
    """Computed 81.19 (81.12-81.27) for 2018-2019, published 80.9 for 2015-2019: 0.29 years more.

    Why they differ:
    - two years against five, and the two are the last of the five in a rising trend: the published
      means rise by 0.1 to 0.3 a year (79.8, 80.1, 80.4, 80.6, 80.8, 80.9 up to 2015-2019);
    - an abridged table (Chiang II, bands of five years, closed at 90+) against single years of age;
    - person-years here are the mean of the residents on 1 January at both ends of a year;
    - the published figure is rounded to one decimal.
    """
    denmark = both.loc["DK"]
    assert denmark["status"] == "observed"
    assert denmark["published"] == 80.9
    assert denmark["value"] == pytest.approx(81.194, abs=0.001)
    assert 0.2 < denmark["difference"] < 0.4
    assert denmark["upper"] - denmark["lower"] < 0.15


def test_the_published_trend_explains_most_of_the_difference_of_the_country(processed):
    """The middle of 2018-2019 lies 1.5 years after that of 2015-2019.

    The published means rose from 80.1 (2011-2015) to 80.9 (2015-2019): 0.2 a year, or 0.3 in the
    1.5 years. The difference measured is 0.29.
    """
    rows = processed.estimates
    rows = rows[(rows["indicator"] == "life-expectancy") & (rows["geo"] == "DK")]
    published = rows[rows["status"] == "observed"].set_index("last_year")["value"]
    a_year = (published[2019] - published[2015]) / 4
    assert a_year == pytest.approx(0.2)
    assert 1.5 * a_year == pytest.approx(0.294, abs=0.05)


def test_the_municipalities(municipal):
    """94 municipalities: mean difference +0.25 years, standard deviation 0.37, greatest 1.54.

    The mean differs for the reasons of the country. The scatter around it is chance: the computed
    intervals reach 0.84 years to each side on average, and the figures share two of their years.
    The greatest is Lemvig (DK-665, about 20,000 residents), the most negative Solrød (-0.49).
    """
    difference = municipal["difference"]
    assert len(difference) == 94
    assert 0.2 < difference.mean() < 0.3
    assert 0.3 < difference.std() < 0.45
    assert difference.idxmax() == "DK-665"
    assert 1.5 < difference.max() < 1.6
    assert -0.5 < difference.min() < -0.45
    assert difference.abs().median() < 0.35


def test_both_order_the_municipalities_alike(municipal):
    assert municipal["value"].corr(municipal["published"]) > 0.9
    assert municipal["value"].corr(municipal["published"], method="spearman") > 0.9


@pytest.mark.parametrize(("wider", "least", "most"), [(0.0, 83, 83), (0.2, 90, 90), (0.5, 94, 94)])
def test_published_values_inside_the_computed_intervals(municipal, wider, least, most):
    """83 of 94 (88 %) lie inside, 90 (96 %) within 0.2 years of it, all within half a year.

    95 % is not to be expected of the interval as it stands: it says where the life expectancy of
    2018-2019 lies, and the published figure is about 0.3 years earlier in the trend.
    """
    inside = municipal["published"].between(municipal["lower"] - wider, municipal["upper"] + wider)
    assert least <= inside.sum() <= most


def test_without_the_difference_of_the_country_nearly_all_lie_inside(municipal, both):
    """Once the trend is taken off, the intervals hold what they promise.

    The published figure shares 2018 and 2019 with the computed one, so more than 95 % is expected.
    """
    shifted = municipal["published"] + both.loc["DK", "difference"]
    inside = shifted.between(municipal["lower"], municipal["upper"])
    assert inside.mean() >= 0.95


def test_who_is_not_compared(both, register):
    lacking = both.loc[[m.id for m in register.municipalities]]
    lacking = lacking[lacking["difference"].isna()]
    assert set(lacking.index) == {"DK-492", "DK-563", "DK-741", "DK-825"}
    assert pd.isna(both.loc["DK-825", "value"]), "Læsø has neither"
    assert pd.isna(both.loc["DK-411", "value"]), "Christiansø has neither"
    assert both.loc["DK-563", "value"] == pytest.approx(84.3, abs=0.05)
    assert both.loc["DK-563", "upper"] - both.loc["DK-563", "lower"] > 4


def test_they_are_two_indicators_and_never_one_series(declared):
    published, computed = (
        declared.indicator(id) for id in ("life-expectancy", "life-expectancy-computed")
    )
    assert published.derivation is None
    assert computed.derivation.years == 2
    assert published.text["en"].name != computed.text["en"].name
