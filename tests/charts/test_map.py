"""The map: classes, what is missing, and shapes short enough to send."""

import re

import geopandas
import pytest
import shapely
from shapely.geometry import box

from healthindicators.charts import choropleth
from healthindicators.charts.map import HERE, LAND, box_of, classify
from healthindicators.charts.shapes import shapes
from healthindicators.model import Inset
from healthindicators.text import language
from tests.charts.sample import indicator, value

EN = language("en")


@pytest.fixture(scope="module")
def drawn():
    """Twelve squares in two rows, the last of which is far away and drawn in a frame."""
    squares = [
        box(i % 6 * 1000, i // 6 * 1000, i % 6 * 1000 + 1000, i // 6 * 1000 + 1000)
        for i in range(11)
    ]
    squares.append(box(90_000, 0, 91_000, 1000))
    frame = geopandas.GeoDataFrame(
        {"geo": [f"X-{i:02d}" for i in range(12)]}, geometry=squares, crs=25832
    )
    return shapes(
        frame, (Inset(("X-11",), 0.8, 0.1, 0.1, keep=False), Inset(("X-00",), 0.1, 0.1, 0.3))
    )


NAMES = {f"X-{i:02d}": f"Place {i}" for i in range(12)}


def made(drawn, numbers, geo="X-03", **changes):
    values = {f"X-{i:02d}": value(n) for i, n in enumerate(numbers)}
    return choropleth(indicator(**changes), values, geo, NAMES, drawn, EN)


def test_classes_are_of_about_equal_number():
    classes = classify({f"g{i}": float(i) for i in range(98)})
    assert [len(c.geos) for c in classes] == [20, 19, 20, 19, 20]
    assert classes[0].lowest == 0.0
    assert classes[-1].highest == 97.0


def test_equal_values_share_a_class():
    values = {f"g{i}": 0.0 if i < 60 else float(i) for i in range(98)}
    classes = classify(values)
    assert len({c.colour for c in classes}) == len(classes)
    assert sum(0.0 in (c.lowest, c.highest) for c in classes) == 1
    assert len(classify({"a": 1.0, "b": 1.0})) == 1
    assert classify({}) == ()


def test_what_is_missing_is_hatched_and_named_in_the_legend(drawn):
    picture = made(drawn, [1, 2, 3, 4, 5, 6, 7, 8, 9, None, None, 12])
    assert 'fill="url(#hatch-daily-smoking)"' in picture.svg
    assert "no value</" not in picture.legend
    assert re.search(r"no value <small>\(2\)", picture.legend)
    assert "Place 9: no value" in picture.svg
    assert "Without a value: 2." in picture.alt


def test_the_legend_counts_every_municipality_once(drawn):
    picture = made(drawn, range(12))
    assert sum(map(int, re.findall(r"\((\d+)\)", picture.legend))) == 12


def test_moved_and_enlarged_municipalities_are_drawn_in_their_frames(drawn):
    assert "X-11" not in drawn.paths
    assert "X-00" in drawn.paths
    assert set(drawn.inset_paths) == {"X-11", "X-00"}
    left, top, width, height, caption, x, y = drawn.insets[1]
    x0, y0, x1, y1 = box_of(drawn.inset_paths["X-00"])
    assert left <= x0 < x1 <= left + width
    assert top <= y0 < y1 <= top + height
    assert caption.endswith("×")
    assert left < x < left + width
    assert top < y < top + height


def test_the_caption_of_an_inset_covers_no_land():
    def captioned(*corners):
        land = [box(x, y, x + 100, y + 100) for x, y in corners]
        frame = {"A": shapely.union_all(land), "B": box(0, -9000, 9000, -8000)}
        return shapes(frame, (Inset(("A",), 0.5, 0.1, 0.3),)).insets[0]

    upper_left, upper_right = (0, 900), (900, 900)
    lower_left, lower_right = (0, 0), (900, 0)
    free = captioned(upper_right, lower_left)
    assert (free.x - free.left, free.y - free.top) == (7, 19)
    moved = captioned(upper_left, lower_left, lower_right)
    assert moved.x > moved.left + moved.width / 2
    assert moved.y == free.y
    below = captioned(upper_left, upper_right, lower_left, lower_right)
    assert below.height == moved.height + 15
    assert below.y - 15 >= moved.top + moved.height - 6 - 1  # under the land, above the frame's end


def test_the_municipality_is_outlined_and_named(drawn):
    picture = made(drawn, range(12))
    here = picture.svg.partition('class="here"')[2]
    assert drawn.paths["X-03"] in here
    assert ">Place 3</text>" in here


def test_paths_are_whole_numbers_and_the_same_in_every_run(drawn):
    assert all(re.fullmatch(r"[Mlhvz0-9 -]+", path) for path in drawn.paths.values())
    assert made(drawn, range(12)) == made(drawn, range(12))


def test_the_table_holds_every_municipality_in_order(drawn):
    rows = made(drawn, range(12)).table.rows
    assert [name for name, _ in rows] == sorted(NAMES.values(), key=EN.sort_key)
    html = made(drawn, range(12))._repr_mimebundle_()["text/html"]
    assert html.count("<tr>") == 13
    assert html.count("<td>") == 12


def test_names_are_escaped(drawn):
    names = {**NAMES, "X-03": "A<b>"}
    values = {geo: value(1.0) for geo in names}
    picture = choropleth(indicator(), values, "X-03", names, drawn, EN)
    assert "A<b>" not in picture._repr_mimebundle_()["text/html"]


def test_what_is_kept_of_a_map_never_outlives_its_figures(drawn):
    values = {geo: value(float(i)) for i, geo in enumerate(NAMES)}
    before = choropleth(indicator(), values, "X-03", NAMES, drawn, EN)
    values["X-00"] = value(99.0)
    after = choropleth(indicator(), values, "X-03", NAMES, drawn, EN)
    assert "Place 0: 0" in before.svg
    assert "Place 0: 99" in after.svg
    assert before.table != after.table
    renamed = choropleth(indicator(), values, "X-03", {**NAMES, "X-00": "New"}, drawn, EN)
    assert "New: 99" in renamed.svg


def test_two_reports_differ_in_the_municipality_only(drawn):
    here, there = made(drawn, range(12), "X-03"), made(drawn, range(12), "X-04")
    assert here.alt != there.alt
    assert here.table is there.table
    assert (
        here.svg.partition(HERE)[0].partition(LAND)[2]
        == (there.svg.partition(HERE)[0].partition(LAND)[2])
    )


def test_each_path_names_its_row_in_the_table(drawn):
    picture = made(drawn, range(12))
    named = re.findall(r'<path data-p="[pi](\d+)" d="[^"]+"><title>([^:]+):', picture.svg)
    assert len(named) == 13  # one of the twelve is drawn twice
    for row, name in named:
        assert picture.table.rows[int(row)][0] == name


def test_a_map_of_no_values_is_a_map_still(drawn):
    assert "no municipality has a value" in made(drawn, [None] * 12).alt


def test_the_map_of_denmark_is_small_and_every_island_is_on_it(processed, denmark, register):
    frame = processed.boundaries
    country = shapes(frame, denmark.country.insets)
    names = {m.id: m.name("da") for m in register.municipalities}
    values = {geo: value(float(i % 40)) for i, geo in enumerate(names)}
    picture = choropleth(indicator(), values, "DK-751", names, country, EN)
    assert len(picture.svg.encode()) <= 35_000
    assert set(names) <= {*country.paths, *country.inset_paths}
    for island in ("DK-825", "DK-741", "DK-563", "DK-492"):
        left, top, right, bottom = box_of(country.paths[island])
        assert (right - left) * (bottom - top) > 40
