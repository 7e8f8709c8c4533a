"""The barometer: better to the right, and never more said than the interval allows."""

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from healthindicators.charts import barometer, marks
from healthindicators.charts.barometer import decimal, groups
from healthindicators.charts.strip import MIDDLE_X, scale_of, strip
from healthindicators.model import Polarity
from healthindicators.profile import Spread
from healthindicators.text import Language, language
from tests.charts.sample import (
    COMMUTING,
    EXPECTANCY,
    LOANS,
    POVERTY,
    PROFILE,
    SMOKING,
    indicator,
)

EN = language("en")


@pytest.fixture(scope="module")
def table():
    return BeautifulSoup(barometer(PROFILE, EN).html, "html.parser")


def row(table, id):
    return table.select_one(f"tr[data-line={id}]").get_text(" ", strip=True)


def test_every_indicator_stands_once_under_its_first_area(table):
    ids = [r["data-line"] for r in table.select("tr[data-line]")]
    assert ids == [
        "daily-smoking",
        "life-expectancy",
        "library-loans",
        "child-poverty",
        "commuting",
    ]
    assert [name for name, _ in groups(PROFILE, EN)] == [
        "Growing inequality", "Goals", "Other indicators",
    ]  # fmt: skip


def test_better_lies_to_the_right_whatever_the_unit():
    assert scale_of(SMOKING).x(8.3) > MIDDLE_X, "fewer smokers"
    assert scale_of(EXPECTANCY).x(82.4) > MIDDLE_X, "longer lives"
    assert scale_of(POVERTY).x(5.0) < MIDDLE_X, "more poor children"
    assert scale_of(COMMUTING).x(22.2) < MIDDLE_X, "neutral: lower lies to the left"


def test_the_country_is_in_the_middle_and_the_median_where_it_has_no_value():
    assert scale_of(SMOKING).x(10.512345678) == MIDDLE_X
    alone = replace(SMOKING, benchmarks={})
    assert scale_of(alone).x(10.9) == MIDDLE_X
    assert 'class="c none"' in strip(alone)


def test_a_range_beyond_the_picture_ends_in_an_arrow():
    far = replace(SMOKING, spread=Spread(5.1, 9.1, 10.9, 12.6, 90.0))
    assert strip(far).count('class="e"') == 1
    assert max(map(float, re.findall(r"M([\d.]+)", strip(far)))) <= 2 * MIDDLE_X


def test_a_verdict_needs_an_interval(table):
    assert "Better than Denmark" in row(table, "life-expectancy")
    assert "Worse than Denmark" in row(table, "child-poverty")
    smoking = row(table, "daily-smoking")
    assert "In the best fifth place 13–14 of 98" in smoking
    assert "than Denmark" not in smoking


def test_neutral_is_neither_better_nor_worse(table):
    text = row(table, "commuting")
    assert "Lower than Denmark" in text
    assert "neutral" in text
    assert marks.kind(COMMUTING) == "lower"
    without = replace(COMMUTING, value=replace(COMMUTING.value, lower=None, upper=None))
    assert marks.kind(without) == "neutral"


def test_a_missing_value_keeps_its_row_and_says_why(table):
    text = row(table, "library-loans")
    assert "–" in text
    assert "withholds the figure to protect persons" in text
    assert "4 .16" in text, "the country's figure is known"
    assert 'class="o"' not in strip(LOANS)


def test_shapes_differ_as_well_as_colours():
    outlines = {
        re.sub(r'(fill|stroke)="[^"]*"', "", marks.mark(k, 8, 8))
        for k in ("better", "worse", "similar", "place")
    }
    assert len(outlines) == 4


def test_a_line_without_others_has_no_strip():
    assert strip(replace(SMOKING, spread=None)) == ""
    assert strip(replace(SMOKING, spread=Spread(1, 1, 1, 1, 1), benchmarks={}))


def test_computed_benchmarks_are_marked_and_explained(table):
    assert "10.5†" in table.select_one("tr[data-line=daily-smoking]").get_text()
    assert "† Computed here" in table.get_text()


def test_words_are_escaped(table):
    assert "<b>&" not in barometer(PROFILE, EN).html
    assert "Loans <b>&" in table.get_text()


def test_it_is_said_in_one_sentence_and_in_the_same_bytes():
    first, second = barometer(PROFILE, EN), barometer(PROFILE, EN)
    assert first == second
    assert repr(first) == first.alt == first._repr_mimebundle_()["text/plain"]
    assert "Indicators: 5, with a value: 4." in first.alt
    assert "better 1, worse 1, similar 0" in first.alt


@pytest.mark.parametrize(
    ("code", "text", "html"),
    [
        ("en", "10.6", "10<span>.6</span>"),
        ("en", "281,588", "281,588<span></span>"),
        ("da", "281.588", "281.588<span></span>"),
        ("da", "1.234,5", "1.234<span>,5</span>"),
        ("en", "–", "–<span></span>"),
    ],
)
def test_decimals_stand_in_a_place_of_their_own(code, text, html):
    assert decimal(text, Language(code)) == html


def test_polarity_flips_the_same_numbers():
    up = replace(SMOKING, indicator=indicator(polarity=Polarity.HIGHER_IS_BETTER))
    assert scale_of(up).x(8.3) + scale_of(SMOKING).x(8.3) == pytest.approx(2 * MIDDLE_X)
