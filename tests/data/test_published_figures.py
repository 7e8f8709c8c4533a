"""The figures that come out are those that went in, and those that anyone can look up."""

import csv
import gzip
import io
from collections import Counter

import pandas as pd
import pytest

from healthindicators import countries

TABLES = [t for t in countries.home("DK").tables if t.feeds and t.source == "compiled"]
ISLANDS = {"Ærø": "DK-492", "Samsø": "DK-741", "Fanø": "DK-563", "Læsø": "DK-825"}


def cells(processed, table):
    """Return the rows of a pinned CSV, read here with nothing of the package."""
    pin = processed.lock.pins[f"DK/compiled/{table}"]
    body = gzip.decompress((processed.workspace.raw / pin.file).read_bytes())
    return list(csv.DictReader(io.StringIO(body.decode("utf-8"))))


def latest(processed, indicator):
    rows = processed.comparisons
    return rows[rows["indicator"] == indicator].set_index("geo")


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.id)
def test_every_cell_of_a_table_is_an_observation_and_no_other(processed, table):
    indicator = {(feed.topic, feed.measure): feed.indicator for feed in table.feeds}
    expected = {}
    for row in cells(processed, table.id):
        geo = "DK" if row["geo"] == "000" else f"DK-{row['geo']}"
        years = (int(row["first_year"]), int(row["last_year"]))
        key = (indicator[row["topic"], row["measure"]], geo, *years, row["sex"], row["age"])
        assert key not in expected
        expected[key] = float(row["value"]) if row["value"] else None
    pin = processed.lock.pins[f"DK/compiled/{table.id}"]
    rows = processed.observations
    rows = rows[rows["snapshot"] == pin.file]
    found = {
        (r.indicator, r.geo, r.first_year, r.last_year, r.sex, r.age):
            None if pd.isna(r.value) else r.value
        for r in rows.itertuples()
    }  # fmt: skip
    assert len(rows) == len(expected)
    assert found == expected


def test_published_values_go_on_unchanged_to_the_estimates(processed, declared):
    """What is shown of a published indicator is what was published, value for value."""
    key = ["indicator", "geo", "first_year", "last_year", "sex", "age"]
    observed = processed.observations.set_index(key)["value"]
    estimates = processed.estimates.set_index(key)
    shown = observed[[declared.indicators[i].shown for i in observed.index.get_level_values(0)]]
    pd.testing.assert_series_equal(estimates["value"].reindex(shown.index), shown, check_exact=True)


def test_daily_smoking_in_copenhagen_and_lolland(processed):
    smoking = latest(processed, "daily-smoking")
    assert (smoking["last_year"] == 2025).all()
    assert smoking.loc["DK-101", "value"] == 10.6
    assert smoking["value"].idxmax() == "DK-360"
    lolland = smoking.loc["DK-360"]
    assert lolland["value"] == 18.3
    assert (lolland["position_first"], lolland["position_last"]) == (98, 98)
    assert lolland["position_count"] == 98
    assert lolland["fifth"] == 5


def test_the_incomes_of_billund_are_an_outlier_and_kept(processed):
    """A few large incomes move the figure of a whole municipality for a year; it was published."""
    rows = processed.estimates
    rows = rows[(rows["indicator"] == "gini") & (rows["geo"] == "DK-530")].set_index("last_year")
    assert rows.loc[2023, "value"] == 48.79
    assert rows.loc[2023, "status"] == "observed"
    assert rows["value"].drop(index=2023).max() < 40


@pytest.mark.parametrize("geo", ISLANDS.values(), ids=ISLANDS)
def test_small_islands_have_no_published_life_expectancy(processed, geo):
    rows = processed.estimates
    rows = rows[(rows["indicator"] == "life-expectancy") & (rows["geo"] == geo)]
    assert len(rows) == 22
    assert rows["value"].isna().all()
    assert set(rows["status"]) == {"missing"}
    assert set(rows["reason"]) == {"not-published"}
    assert pd.isna(latest(processed, "life-expectancy").loc[geo, "position_first"])


def test_no_other_municipality_lacks_its_life_expectancy(processed):
    rows = latest(processed, "life-expectancy")
    assert set(rows.index[rows["value"].isna()]) == set(ISLANDS.values())
    assert rows["position_count"].unique().tolist() == [94]


@pytest.mark.parametrize(("year", "published"), [(2018, 55_232), (2019, 53_958)])
def test_deaths_add_up_to_the_published_total(processed, year, published):
    rows = processed.observations
    rows = rows[(rows["indicator"] == "deaths") & (rows["last_year"] == year)]
    national = rows["geo"] == "DK"
    assert rows.loc[national, "value"].sum() == published
    assert rows.loc[~national, "value"].sum() == published
    assert rows.loc[~national, "geo"].nunique() == 99, "98 municipalities and Christiansø"


def test_deaths_add_up_in_every_age_and_sex(processed):
    rows = processed.observations.query("indicator == 'deaths'")
    cell = ["last_year", "sex", "age"]
    national = rows[rows["geo"] == "DK"].groupby(cell)["value"].sum()
    parts = rows[rows["geo"] != "DK"].groupby(cell)["value"].sum()
    pd.testing.assert_series_equal(national, parts)


@pytest.mark.parametrize(
    ("year", "residents"), [(2018, 5_781_190), (2019, 5_806_081), (2020, 5_822_763)]
)
def test_the_population_adds_up_to_the_published_total(processed, year, residents):
    rows = processed.observations
    rows = rows[(rows["indicator"] == "population") & (rows["last_year"] == year)]
    parts = rows[rows["geo"] != "DK"]
    assert parts["value"].sum() == residents
    assert Counter(parts["geo"]).most_common()[-1][1] == 40, "20 age bands, two sexes"


def test_the_published_population_of_the_country_is_the_sum_too(processed):
    rows = processed.observations
    rows = rows[(rows["indicator"] == "population") & (rows["geo"] == "DK")]
    assert rows.groupby("last_year")["value"].sum().to_dict() == {2020: 5_822_763}


def test_every_value_lies_where_its_indicator_expects_it(processed, declared):
    for id, rows in processed.estimates.groupby("indicator"):
        expect = declared.indicators[id].expect
        assert rows["value"].min() >= expect.minimum
        assert rows["value"].max() <= expect.maximum
