"""Across borders: only what the catalogue grades, and like periods side by side."""

import re

import pytest

from healthindicators import profile
from healthindicators.assess.abroad import national
from healthindicators.model import Grade, Period
from healthindicators.report import abroad
from healthindicators.text import language


@pytest.fixture(scope="module")
def told(processed, declared, register):
    framework = declared.framework("denmark-2021-2030")
    return profile.make(processed, declared, register, register["DK-101"], framework, "2026")


def test_figures_of_the_same_or_the_nearest_period_stand_side_by_side(told):
    """Danish life expectancy is ahead of both neighbours': it was told five years after Sweden's."""
    found = {(x.indicator.id, x.country.id): (x.own.period, x.value.period) for x in told.abroad}
    assert found == {
        ("gini", "SE"): (Period(2024, 2024), Period(2023, 2025)),
        ("life-expectancy", "NO"): (Period(2019, 2023), Period(2018, 2024)),
        ("life-expectancy", "SE"): (Period(2016, 2020), Period(2016, 2020)),
        ("life-expectancy-computed", "SE"): (Period(2018, 2019), Period(2015, 2019)),
        ("mortality-all-ages", "SE"): (Period(2018, 2019), Period(2015, 2019)),
        ("mortality-below-75", "SE"): (Period(2018, 2019), Period(2015, 2019)),
        ("turnout-national", "SE"): (Period(2026, 2026), Period(2026, 2026)),
    }
    for at in told.abroad:
        assert at.graded.grade is not Grade.NOT_COMPARABLE
        assert {"DK", at.country.id} <= set(at.graded.countries)


def test_each_country_stands_below_the_own_figure_that_it_is_held_against(told):
    text = abroad.part(told, language("en"))
    rows = re.findall(r"<tr>.*?</tr>", text)
    start = next(n for n, row in enumerate(rows) if ">Life expectancy at birth<" in row)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows[start : start + 4]]
    assert 'rowspan="4"' in rows[start]
    assert [(row[0], row[2]) for row in cells] == [
        ("Denmark", "2019–2023"), ("Norway", "2018–2024"),
        ("Denmark", "2016–2020"), ("Sweden", "2016–2020"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("latest", "chosen"),
    [
        (Period(2010, 2014), Period(2010, 2014)),
        (Period(2009, 2015), Period(2010, 2014)),
        (Period(2030, 2034), Period(2021, 2025)),
    ],
)
def test_of_a_country_that_is_ahead_the_nearest_period_is_told(
    processed, declared, register, latest, chosen
):
    observed, wanted = processed.observations, [declared.indicator("life-expectancy")]
    found = national(observed, processed.plan, register, wanted, {"life-expectancy": latest})
    assert [Period(*p) for p in found[["first_year", "last_year"]].to_numpy().tolist()] == [chosen]
    assert set(found["geo"]) == {"DK"}
    assert national(observed, processed.plan, register, wanted, {}).empty
