"""The trend: what is drawn, what is left out, and in what words."""

import json
from dataclasses import replace

import plotly.graph_objects as go
import pytest

from healthindicators.charts import scale, trend
from healthindicators.charts.trend import windows
from healthindicators.model import Period
from healthindicators.text import language
from tests.charts.sample import EXPECTANCY, NAMES, SMOKING, indicator, value

EN = language("en")


def trace(figure, key):
    return next(t for t in figure.data["data"] if t.get("meta") == key)


@pytest.mark.parametrize("line", [SMOKING, EXPECTANCY])
def test_plotly_takes_the_figure_and_it_is_small(line):
    figure = trend(line, EN, NAMES)
    go.Figure(figure.data)
    text = json.dumps(figure.data)
    assert len(text) < 5000
    assert "bdata" not in text
    assert "template" not in figure.data["layout"]


def test_a_missing_year_leaves_a_gap():
    figure = trend(SMOKING, EN, NAMES)
    own = trace(figure, "municipality")
    assert own["x"] == [2010, 2013, 2017, 2021, 2025]
    assert own["y"] == [17.2, 14.7, None, 11.1, 8.3]
    assert "connectgaps" not in own


def test_numbers_are_rounded_as_they_are_printed():
    line = replace(SMOKING, series=(value(17.2345678, 2010), value(8.3456, 2025)))
    assert trace(trend(line, EN, NAMES), "municipality")["y"] == [17.2, 8.3]


def test_pooled_periods_are_spans_that_share_no_year():
    own = trace(trend(EXPECTANCY, EN, NAMES), "municipality")
    spans = list(dict.fromkeys(own["text"]))
    assert spans == ["2001–2005", "2006–2010", "2011–2015", "2016–2020", "2021–2025"]
    assert own["x"][:4] == [2000.6, 2003.0, 2005.4, None]
    assert own["y"][0] == own["y"][2]


def test_windows_are_chosen_backwards_from_the_latest():
    rolling = [Period(y, y + 4) for y in range(2000, 2022)]
    assert [p.last for p in windows(rolling)] == [2005, 2010, 2015, 2020, 2025]


def test_a_line_that_ends_early_says_so():
    figure = trend(EXPECTANCY, EN, NAMES)
    assert "Denmark (to 2011–2015)" in [a["text"] for a in figure.data["layout"]["annotations"]]


def test_a_school_year_is_a_year_and_no_span():
    line = replace(
        SMOKING,
        indicator=indicator(school_year=True),
        series=(value(5.0, 2023, 2024), value(6.0, 2024, 2025)),
        benchmark_series={},
    )
    figure = trend(line, EN, NAMES)
    assert trace(figure, "municipality")["x"] == [2023, 2024]
    assert figure.data["layout"]["xaxis"]["ticktext"] == ["2023/24", "2024/25"]


def test_intervals_are_drawn_only_where_there_is_one():
    whiskers = [t for t in trend(EXPECTANCY, EN, NAMES).data["data"] if "error_y" in t]
    assert len(whiskers) == 1
    assert whiskers[0]["error_y"]["array"] == [0.3] * 5
    assert not [t for t in trend(SMOKING, EN, NAMES).data["data"] if "error_y" in t]


@pytest.mark.parametrize("series", [(), (value(8.3),), (value(None, 2021), value(8.3))])
def test_fewer_than_two_points_are_no_trend(series):
    assert trend(replace(SMOKING, series=series), EN, NAMES) is None


def test_the_axis_starts_at_zero_or_says_that_it_does_not():
    assert trend(SMOKING, EN, NAMES).data["layout"]["yaxis"]["range"][0] == 0
    layout = trend(EXPECTANCY, EN, NAMES).data["layout"]
    assert layout["yaxis"]["range"][0] > 0
    assert "does not start at zero" in layout["annotations"][0]["text"]


def test_labels_at_the_ends_do_not_lie_on_each_other():
    placed = scale.spaced([10, 11, 12, 80], 15, 0, 150)
    assert all(abs(a - b) >= 15 for i, a in enumerate(placed) for b in placed[i + 1 :])
    assert all(0 <= p <= 150 for p in scale.spaced([-5, 149, 150], 15, 0, 150))


def test_words_and_table_say_what_the_picture_shows():
    figure = trend(SMOKING, EN, NAMES)
    assert repr(figure) == figure.alt
    assert "Aarhus went from 17.2 in 2010 to 8.3 in 2025" in figure.alt
    assert ("2017", "–", "16.9") in figure.table.rows
    bundle = figure._repr_mimebundle_()
    layout = bundle["application/vnd.plotly.v1+json"]["layout"]
    assert layout["meta"]["alt"] == bundle["text/plain"] == figure.alt
    assert layout["meta"]["table"]["columns"] == ["Period", "Aarhus", "Denmark"]


def test_two_runs_give_the_same_bytes():
    first, second = (json.dumps(trend(EXPECTANCY, EN, NAMES)._repr_mimebundle_()) for _ in "ab")
    assert first == second


def test_names_are_escaped():
    figure = trend(SMOKING, EN, {**NAMES, "municipality": "A<script>"})
    assert "<script>" not in json.dumps(figure.data)
