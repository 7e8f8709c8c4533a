"""Funnels: observed against expected deaths, from the counts themselves."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammainc, gammaincc

from healthindicators.assess.funnels import funnels


@pytest.fixture(scope="module")
def ratios(processed):
    return pd.read_parquet(processed.workspace.processed("DK") / "funnels.parquet")


@pytest.fixture(scope="module")
def limits(processed):
    return pd.read_parquet(processed.workspace.processed("DK") / "limits.parquet")


def counts(processed, indicator, geo=None):
    frame = processed.observations
    rows = frame[(frame["indicator"] == indicator) & (frame["sex"] != "total")]
    return rows if geo is None else rows[rows["geo"] == geo]


def test_expected_deaths_are_those_of_the_countrys_rates(processed, ratios):
    """Lolland, all ages, by hand: person-years as means of two New Years, by sex and age."""
    deaths, people = counts(processed, "deaths"), counts(processed, "population")
    inside = deaths["geo"].str.match(r"DK-\d{3}$")
    events = deaths[inside].groupby(["sex", "age"])["value"].sum()
    cells = people.pivot(index=["geo", "sex", "age"], columns="last_year", values="value")
    years = cells[2018] / 2 + cells[2019] + cells[2020] / 2
    known = years[years.index.get_level_values("geo").str.match(r"DK-\d{3}$")]
    rates = events / known.groupby(["sex", "age"]).sum()
    expected = (rates * years.loc["DK-360"]).sum()
    row = ratios.set_index(["indicator", "geo"]).loc[("mortality-all-ages", "DK-360")]
    assert row["observed"] == counts(processed, "deaths", "DK-360")["value"].sum()
    assert row["expected"] == pytest.approx(expected, rel=1e-9)
    assert row["ratio"] == pytest.approx(row["observed"] / expected, rel=1e-9)


def test_municipalities_with_few_deaths_are_left_out(processed, ratios, declared):
    for id in ("mortality-all-ages", "mortality-below-75"):
        told = ratios[ratios["indicator"] == id]
        assert (told["observed"] >= declared.indicators[id].small_numbers.events).all()
    below = ratios[ratios["indicator"] == "mortality-below-75"]
    assert "DK-825" not in set(below["geo"]), "Læsø had fewer than ten deaths before the age of 75"


def test_the_place_of_a_point_is_that_of_exact_poisson_limits(ratios):
    events, expected = ratios["observed"].to_numpy(), ratios["expected"].to_numpy()
    at_most, at_least = gammaincc(events + 1, expected), gammainc(events, expected)
    for tail, outside in ((0.025, 1), (0.001, 2)):
        assert ((at_least < tail) == (ratios["place"] >= outside)).all()
        assert ((at_most < tail) == (ratios["place"] <= -outside)).all()


def test_limits_narrow_as_more_is_expected(limits):
    for _, curve in limits.groupby(["indicator", "limit"]):
        assert (curve["expected"].diff().dropna() > 0).all()
        assert (curve["lower"].diff().dropna() >= 0).all()
        assert (curve["upper"].diff().dropna() <= 0).all()
        assert ((curve["lower"] < 1) & (curve["upper"] > 1)).all()


def test_ratios_are_drawn_towards_the_mean_and_small_places_most(ratios):
    for _, rows in ratios.groupby("indicator"):
        mean = rows["observed"].sum() / rows["expected"].sum()
        away = np.abs(rows["ratio"] - mean)
        drawn = np.abs(rows["shrunk"] - mean)
        assert (drawn <= away + 1e-12).all()
        kept = (drawn / away)[away > 0.01]
        order = rows["expected"].loc[kept.index].rank()
        assert order.corr(kept.rank()) > 0.95


def test_municipalities_scatter_more_than_chance(ratios):
    """Denmark's do: places differ in earnest, so more than 5 % lie outside the inner limits."""
    for _, rows in ratios.groupby("indicator"):
        assert rows["dispersion"].iloc[0] > 2
        assert (rows["place"] != 0).mean() > 0.2


def test_deaths_and_person_years_without_a_common_period_give_no_funnel(
    processed, declared, register
):
    rows = processed.observations
    deaths = rows[(rows["indicator"] == "deaths") & (rows["last_year"] == 2018)]
    residents = rows[(rows["indicator"] == "population") & (rows["last_year"] == 2020)]
    frame = pd.concat([deaths, residents.assign(indicator="person-years")])
    found, curves = funnels(frame, [declared.indicator("mortality-below-75")], register)
    assert found.empty
    assert curves.empty
