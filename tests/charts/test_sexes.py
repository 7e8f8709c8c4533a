"""Women and men side by side."""

import plotly.graph_objects as go

from healthindicators.charts import sexes
from healthindicators.text import language
from tests.charts.sample import EXPECTANCY, PROFILE, SMOKING

EN = language("en")


def test_only_indicators_known_for_both_are_drawn():
    figure = sexes(PROFILE.lines, EN)
    go.Figure(figure.data)
    assert [t["x"] for t in figure.data["data"]] == [[84.0], [80.7]]
    assert sexes([SMOKING], EN) is None


def test_shape_tells_the_sexes_apart_as_well_as_colour():
    marks = [t["marker"] for t in sexes([EXPECTANCY], EN).data["data"]]
    assert len({m["symbol"] for m in marks}) == len({m["color"] for m in marks}) == 2


def test_a_whisker_stands_only_where_there_is_an_interval():
    women, men = sexes([EXPECTANCY], EN).data["data"]
    assert women["error_x"]["array"] == [0.4]
    assert "error_x" not in men


def test_each_indicator_has_an_axis_of_its_own():
    layout = sexes([EXPECTANCY, EXPECTANCY], EN).data["layout"]
    assert {"xaxis", "xaxis2", "yaxis", "yaxis2"} <= set(layout)
    assert layout["yaxis"]["domain"][0] > layout["yaxis2"]["domain"][1]


def test_the_sentence_names_both():
    assert "women 84.0, men 80.7" in sexes([EXPECTANCY], EN).alt
