"""Which changes are told as more than chance, and in which words."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from healthindicators import profile as profiles
from healthindicators.model import Period, Polarity
from healthindicators.profile import Inequality, Trend
from healthindicators.report import trends
from healthindicators.text import language

FRAMEWORK = "denmark-2021-2030"


@pytest.fixture(scope="module")
def profile(processed, declared, register):
    return profiles.make(
        processed, declared, register, register["DK-360"], declared.frameworks[FRAMEWORK], "2026"
    )


def changed(line, value, lower, upper, p_value, polarity=Polarity.HIGHER_IS_BETTER):
    slope = Inequality(value, lower, upper, "gls-residual")
    trend = Trend(Period(2010, 2025), 5, slope, p_value, None)
    return replace(line, trend=trend, indicator=replace(line.indicator, polarity=polarity))


@pytest.mark.parametrize(
    ("numbers", "polarity", "expected"),
    [
        ((1, 0.5, 1.5, 0.01), Polarity.HIGHER_IS_BETTER, "better"),
        ((1, 0.5, 1.5, 0.01), Polarity.LOWER_IS_BETTER, "worse"),
        ((-1, -1.5, -0.5, 0.01), Polarity.LOWER_IS_BETTER, "better"),
        ((-1, -1.5, -0.5, 0.01), Polarity.NEUTRAL, "down"),
        ((1, 0.5, 1.5, 0.01), Polarity.NEUTRAL, "up"),
        ((1, 0.5, 1.5, 0.06), Polarity.HIGHER_IS_BETTER, ""),
        ((1, -0.5, 2.5, 0.01), Polarity.HIGHER_IS_BETTER, ""),
    ],
)
def test_a_change_is_told_only_beyond_chance(profile, numbers, polarity, expected):
    assert trends.way(changed(profile.lines[0], *numbers, polarity)) == expected


def test_a_line_without_a_trend_tells_none(profile):
    assert trends.way(replace(profile.lines[0], trend=None)) == ""
    bare = replace(profile, sections=(), others=(replace(profile.lines[0], trend=None),))
    assert trends.part(bare, language("en")) == ""


def test_sentences_and_table_agree_on_real_figures(profile):
    english = language("en")
    page = BeautifulSoup(trends.part(profile, english), "html.parser")
    known = {line.indicator.id: line for line in profile.lines if line.trend}
    rows = page.select("tbody tr")
    assert [row["data-indicator"] for row in rows] == list(known)
    sentence = page.p.get_text()
    for row in rows:
        line = known[row["data-indicator"]]
        said = row.find_all("td")[-1].get_text()
        named = line.indicator.text["en"].short in sentence
        unsaid = said in ("may be chance", "doubtful among so many")
        assert named == (not unsaid) == bool(trends.way(line))


def test_nothing_beyond_chance_is_said_in_words(profile):
    lines = [changed(profile.lines[0], 1, -1, 3, 0.5)]
    assert trends.told(lines, language("en")) == "No indicator has changed steadily beyond chance."


def test_both_languages(profile):
    danish = BeautifulSoup(trends.part(profile, language("da")), "html.parser")
    assert danish.h2.get_text() == "Udviklingen over tid"
    assert len(trends.part(profile, language("da"))) < 8_000


def test_a_change_that_only_the_number_of_indicators_puts_in_doubt_is_doubtful(profile):
    line = changed(profile.lines[0], 1, 0.5, 1.5, 0.06)
    page = trends.part(replace(profile, sections=(), others=(line,)), language("en"))
    assert "doubtful among so many" in page
    assert "may be chance" not in page
