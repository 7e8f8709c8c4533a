"""Concentration curves: what they show, how they are told apart, and how little they weigh."""

import math
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.charts.concentration import LINES, SIDE, STYLE, concentration, simplified
from healthindicators.text import language
from tests.charts.gradients import (
    ACROSS,
    BENT,
    around,
    country,
    gradient,
    without_ratio,
)
from tests.charts.sample import EXPECTANCY, LOANS, SMOKING

EN = language("en")
KILOBYTES = 12


def parsed(drawing):
    return BeautifulSoup(drawing._repr_mimebundle_()["text/html"], "html.parser")


def across(*gradients):
    return (replace(ACROSS[0], gradients=gradients),)


def points(path):
    """Return the points of a path of relative steps."""
    start, steps = re.fullmatch(r"M([\d ]+)l([-\d ]+)", path).groups()
    x, y = map(int, start.split())
    found = [(x, y)]
    numbers = list(map(int, re.findall(r"-?\d+", steps)))
    for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + dx, y + dy
        found.append((x, y))
    return found


def off(point, start, end):
    """Return how far a point lies from a stretch of line, by walking along it."""
    (x0, y0), (x1, y1) = start, end
    length = (x1 - x0) ** 2 + (y1 - y0) ** 2
    along = ((point[0] - x0) * (x1 - x0) + (point[1] - y0) * (y1 - y0)) / length if length else 0
    along = min(1, max(0, along))
    return math.hypot(point[0] - x0 - along * (x1 - x0), point[1] - y0 - along * (y1 - y0))


def test_nothing_is_drawn_where_there_is_no_curve():
    assert concentration((), EN) is None
    assert concentration(across(without_ratio()), EN) is None


def test_an_indicator_has_one_square_and_a_curve_for_each_condition():
    squares = parsed(concentration(ACROSS, EN)).select(".curves > div")
    drawn = {
        square.get_text(): [path.get("d") for path in square.select("path")] for square in squares
    }
    assert list(drawn) == ["Daily smoking", "Life expectancy"]
    assert all(curves[0] == f"M0 {SIDE} {SIDE} 0" for curves in drawn.values()), "the diagonal"
    assert [curve is not None for curve in drawn["Daily smoking"]] == [True, True, True]
    # The place of the second curve stays empty, for the look of a curve is known by its place.
    assert [curve is not None for curve in drawn["Life expectancy"]] == [True, True, False]


def test_a_curve_runs_from_corner_to_corner_through_its_points():
    square = parsed(concentration(across(gradient()), EN)).select_one(".curves > div")
    drawn = points(square.select("path")[1]["d"])
    assert drawn == [(round(SIDE * x), round(SIDE * (1 - y))) for x, y in BENT]
    assert (drawn[0], drawn[-1]) == ((0, SIDE), (SIDE, 0))


def test_squares_run_from_most_at_the_low_end_to_most_at_the_high_end():
    found = across(
        gradient(EXPECTANCY.indicator, concentration=0.05),
        gradient(LOANS.indicator, concentration=0.2),
        gradient(SMOKING.indicator, concentration=-0.1),
    )
    page = parsed(concentration(found, EN))
    wanted = ["Daily smoking", "Life expectancy", "Loans <b>&"]
    assert [square.get_text() for square in page.select(".curves > div")] == wanted
    assert [row.th.next_element for row in page.select("tbody tr")] == wanted


def test_curves_are_told_apart_by_more_than_colour():
    dashes = [re.search(r"dasharray:([\d ]+)", line) for line in LINES]
    assert len({dash and dash[1] for dash in dashes}) == len(LINES)
    assert all(line in STYLE for line in LINES)


def test_the_legend_says_in_words_what_each_line_is():
    legend = BeautifulSoup(concentration(ACROSS, EN).legend, "html.parser")
    said = [(item.path["class"], item.get_text().strip()) for item in legend.select("li")]
    assert said == [
        (["curve2"], "In order of: Income"),
        (["curve3"], "In order of: Grades"),
        (["curve1"], "Diagonal: spread as evenly as the residents"),
    ]
    assert "From left to right: residents" in legend.p.get_text()


def test_the_words_tell_the_sides_of_the_diagonal():
    found = across(
        gradient(concentration=-0.08),
        gradient(EXPECTANCY.indicator, concentration=0.004),
        gradient(LOANS.indicator, concentration=-0.1234),
    )
    assert concentration(found, EN).alt == (
        "Concentration curves. Indicators: 3. "
        "Income: 2 have more where it is low, most so Loans <b>& (concentration index −0.123). "
        "Income: 1 have more where it is high, most so Life expectancy (concentration index 0.004)."
    )
    even = across(gradient(concentration=0.0))
    assert concentration(even, EN).alt == "Concentration curves. Indicators: 1."


def test_the_table_has_the_indices_with_their_intervals():
    table = concentration(ACROSS, EN).table
    assert table.columns == ("Indicator", "By Income, 95% interval", "By Grades, 95% interval")
    assert table.rows == (
        ("Daily smoking", "−0.080 (−0.100 to −0.060)", "−0.057 (−0.077 to −0.037)"),
        ("Life expectancy", "0.004 (−0.016 to 0.024)", "–"),
    )
    bare = replace(gradient(), concentration=around(0.5, None))
    assert concentration(across(bare), EN).table.rows == (("Daily smoking", "0.500"),)


def test_no_more_conditions_are_drawn_than_can_be_told_apart():
    found = tuple(replace(ACROSS[0], gradients=(gradient(),)) for _ in range(len(LINES) + 2))
    page = parsed(concentration(found, EN))
    assert len(page.select(".curves path")) == 1 + len(LINES)


def test_what_comes_from_data_is_escaped():
    html = concentration(across(gradient(LOANS.indicator)), EN)._repr_mimebundle_()["text/html"]
    assert "Loans &lt;b&gt;&amp;" in html
    assert "Loans <b>" not in html


def test_it_is_drawn_once_for_a_country():
    one = concentration(ACROSS, EN)
    other = tuple(replace(a, below=0.3) for a in ACROSS)  # another municipality, the same country
    assert concentration(other, EN) is one


@pytest.mark.parametrize("code", ["da", "en"])
def test_a_whole_country_weighs_little(declared, code):
    drawing = concentration(country(declared), language(code))
    html = drawing._repr_mimebundle_()["text/html"]
    assert html.count("<svg viewBox") > 25
    assert len(html.encode()) < KILOBYTES * 1000


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=40),
    st.floats(0.001, 0.5),
)
def test_a_simplified_line_keeps_its_ends_and_stays_near(line, tolerance):
    # Shares add up: a concentration curve never turns back.
    line = list(zip(*map(sorted, zip(*line, strict=True)), strict=True))
    kept = simplified(line, tolerance)
    assert (kept[0], kept[-1]) == (line[0], line[-1])
    rest = iter(line)
    assert all(point in rest for point in kept), "in order, and no point is new"
    pieces = list(pairwise(kept))
    for point in line:
        assert min(off(point, *piece) for piece in pieces) <= tolerance + 1e-9
