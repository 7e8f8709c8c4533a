"""The funnel: every municipality, the limits of chance, and this one marked."""

import json
import math
from dataclasses import replace

import plotly.graph_objects as go
import pytest

from healthindicators.charts.funnel import funnel
from healthindicators.charts.ranks import places
from healthindicators.profile import Rank
from healthindicators.text import language
from tests.charts.sample import NAMES
from tests.charts.uncertain import FUNNEL, OTHERS, OWN, place, point

EN = language("en")


def drawn(of=FUNNEL, names=NAMES):
    return funnel(of, EN, names)


def dots(figure):
    return [trace for trace in figure.data["data"] if "text" in trace]


def test_plotly_takes_the_figure_and_it_is_small():
    figure = drawn()
    go.Figure(figure.data)
    assert len(json.dumps(figure.data, separators=(",", ":"))) < 6000
    assert "bdata" not in json.dumps(figure.data)


def test_every_municipality_is_drawn_once_and_tells_its_name():
    within, beyond = dots(drawn())
    assert len(within["x"]) == len(within["y"]) == len(within["text"]) == len(OTHERS) + 1
    assert sorted(beyond["text"]) == ["Aarhus", "Sted 90"]
    assert sorted(within["text"] + beyond["text"]) == sorted(
        p.geo.name("en") for p in FUNNEL.points
    )


def test_those_outside_differ_in_shape_and_not_in_colour_alone():
    within, beyond = dots(drawn())
    assert within["marker"]["symbol"] != beyond["marker"]["symbol"]


def test_numbers_are_rounded_as_they_are_printed():
    within, _ = dots(drawn())
    far = within["text"].index("Sted 91")
    assert (within["x"][far], within["y"][far]) == (60.4, 1.3)
    assert all(number == round(number) for number in within["x"] if number >= 100)


def test_the_municipality_is_marked_and_named_at_its_point():
    figure = drawn()
    own = figure.data["data"][-1]
    assert (own["x"], own["y"]) == ([400], [1.2])
    label = figure.data["layout"]["annotations"][-1]
    assert "Aarhus" in label["text"]
    assert label["x"] == pytest.approx(math.log10(400), abs=0.001)


@pytest.mark.parametrize(("expected", "side"), [(45.0, "left"), (4000.0, "right")])
def test_the_name_stands_on_the_side_with_more_room(expected, side):
    own = replace(OWN, expected=expected)
    made = drawn(replace(FUNNEL, own=own, points=(own, *FUNNEL.points[1:])))
    assert made.data["layout"]["annotations"][-1]["xanchor"] == side


def test_without_a_point_of_its_own_nothing_is_marked():
    whole, without = drawn(), drawn(replace(FUNNEL, own=None))
    assert len(without.data["data"]) == len(whole.data["data"]) - 1
    assert "Aarhus" not in json.dumps(without.data["layout"])
    assert [row[0] for row in without.table.rows] == ["Aarhus", "Sted 90"]


def test_the_curves_keep_their_ends_and_their_shape():
    outer, inner = drawn().data["data"][:2]
    for trace, curve in ((outer, FUNNEL.outer), (inner, FUNNEL.inner)):
        half = trace["x"].index(None)
        assert trace["x"][0] == round(curve[0][0], 1)
        assert trace["x"][half - 1] == round(curve[-1][0])
        assert trace["x"][:half] == trace["x"][half + 1 :]
        given = {round(low, 3) for _, low, _ in curve}
        assert set(trace["y"][:half]) <= given
        assert trace["y"][:half] == sorted(trace["y"][:half])
        assert 5 < half < len(curve) / 2
    assert outer["line"].get("dash") != inner["line"].get("dash")


def test_few_points_of_a_curve_are_all_kept():
    short = replace(FUNNEL, inner=((40.0, 0.7, 1.3),), outer=((40.0, 0.5, 1.5), (4000.0, 0.9, 1.1)))
    outer, inner = drawn(short).data["data"][:2]
    assert outer["x"] == [40.0, 4000, None, 40.0, 4000]
    assert inner["y"] == [0.7, None, 1.3]


def test_all_that_is_drawn_lies_inside_the_axes():
    layout = drawn().data["layout"]
    left, right = layout["xaxis"]["range"]
    low, high = layout["yaxis"]["range"]
    for trace in drawn().data["data"]:
        assert all(left <= math.log10(x) <= right for x in trace["x"] if x is not None)
        assert all(low <= y <= high for y in trace["y"] if y is not None)
    assert 2 <= len(layout["xaxis"]["tickvals"]) <= 6
    assert low < 1 < high


def test_the_table_holds_this_one_and_those_outside_and_no_order_of_merit():
    table = drawn().table
    assert table.rows == (("Aarhus", "400", "1.20"), ("Sted 90", "900", "0.80"))
    inside = replace(FUNNEL, own=OTHERS[0])
    assert [row[0] for row in drawn(inside).table.rows] == ["Sted 00", "Aarhus", "Sted 90"]


def test_the_words_say_what_the_picture_shows():
    figure = drawn()
    assert "93 municipalities, 90 inside the limits, 1 between" in figure.alt
    assert "2 outside." in figure.alt
    assert "Aarhus: ratio 1.20, above the outer limits." in figure.alt
    assert repr(figure) == figure.alt


@pytest.mark.parametrize(
    ("where", "said"),
    [(-2, "below the outer"), (-1, "outer limits, below"), (0, "inside"), (1, "limits, above")],
)
def test_every_place_has_words(where, said):
    own = replace(OWN, place=where)
    assert said in drawn(replace(FUNNEL, own=own)).alt


def test_one_municipality_alone_can_be_drawn():
    own = point(place(7), 5.0, 0.5, 0)
    go.Figure(drawn(replace(FUNNEL, points=(own,), own=own)).data)


def test_names_are_escaped():
    figure = drawn(names={**NAMES, "municipality": "A<script>"})
    assert "<script>" not in json.dumps(figure.data)


def test_two_runs_give_the_same_bytes_and_no_figure_changes_another():
    first = json.dumps(drawn()._repr_mimebundle_())
    spoilt = drawn()
    spoilt.data["layout"]["xaxis"]["range"] = [0, 1]
    spoilt.data["data"][2]["x"].clear()
    assert json.dumps(drawn()._repr_mimebundle_()) == first


def test_the_bar_of_places_has_the_best_to_the_right():
    best, worst = places(Rank(1, 10, 100, 1, 0, 1, 2)), places(Rank(91, 100, 100, 0, 1, 2, 2))
    assert "M90 0H100v" in best
    assert "M0 0H10v" in worst
    assert 'aria-hidden="true"' in best
