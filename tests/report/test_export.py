"""A page made from the outputs of a notebook: what drawings share is written once."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from healthindicators.charts import MapShapes, barometer, choropleth, palette
from healthindicators.report import export, fragments
from healthindicators.text import language
from tests.charts.sample import HERE, PROFILE, indicator, value

EN = language("en")
SHAPES = MapShapes(
    100,
    100,
    {"DK-411": "M50 50l5 0 0 5z", "DK-751": "M10 10l5 0 0 5z", "DK-999": "M1 1l2 0 0 2z"},
)
LIGHTEST, MIDDLE, DARKEST = palette.CLASSES[0], palette.CLASSES[2], palette.CLASSES[-1]
NAMES = {"DK-411": "Sea", "DK-751": "Aarhus"}
LINKS = export.Links("plotly.js", "index.html", "report.ipynb", "figures.csv")
REQUEST = SimpleNamespace(
    geo=HERE, language=EN, framework=PROFILE.framework, edition=PROFILE.edition
)


def drawing(id="daily-smoking", shapes=SHAPES):
    values = {"DK-751": value(8.3), "DK-411": value(None)}
    return choropleth(indicator(id=id), values, "DK-751", NAMES, shapes, EN)


def cell(*pieces):
    return {"outputs": [{"data": piece._repr_mimebundle_()} for piece in pieces]}


def page(*pieces):
    notebook = {"cells": [{"cell_type": "markdown"}, cell(*pieces)]}
    return export.document(notebook, REQUEST, LINKS)


def classes(html):
    """Return the classes of every municipality of the one country that a page draws, in order."""
    paths = BeautifulSoup(html, "html.parser").select("svg.shared #land path")
    return {path["d"][:6]: path["class"] for path in paths}


def test_the_country_is_drawn_once_and_all_maps_refer_to_it():
    html = page(drawing(), drawing("other"))
    assert [html.count(d) for d in SHAPES.paths.values()] == [1, 3, 1]  # Aarhus is outlined as well
    soup = BeautifulSoup(html, "html.parser")
    used = [[use["href"] for use in one.select("use")] for one in soup.select("svg.map")]
    assert used == [["#land", "#here"]] * 2
    assert soup.select_one("svg.shared #here text").get_text() == "Aarhus"
    assert [one["style"] for one in soup.select("svg.map")] == ["--A: ;", "--B: ;"]
    assert {len(names) for names in classes(html).values()} == {2}


def test_a_municipality_has_the_colour_of_its_class_in_each_map():
    one = choropleth(indicator(), {"DK-751": value(8.3)}, "DK-751", NAMES, SHAPES, EN)
    two = {"DK-751": value(2.0), "DK-411": value(1.0)}
    html = page(one, choropleth(indicator(id="other"), two, "DK-751", NAMES, SHAPES, EN))
    rules = dict(re.findall(r"\.(\w\d)\{--\w:var\(--\w\)([^}]+)\}", html))
    found = {d: [rules[name] for name in names] for d, names in classes(html).items()}
    assert found["M10 10"] == [MIDDLE, DARKEST]
    assert found["M50 50"] == ["url(#hatch)", LIGHTEST]
    assert found["M1 1l2"] == ["#fff", "#fff"]
    assert "fill:var(--a,var(--b))" in html
    assert html.count('id="hatch"') == 1
    assert "hatch-" not in html


def test_one_table_stands_behind_all_maps():
    soup = BeautifulSoup(page(drawing(), drawing("other")), "html.parser")
    (table,) = soup.select("#map-figures table")
    assert len(table.select("thead th")) == 3
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in table.select("tbody tr")]
    assert [(row[0], row[1], row[1] == row[2]) for row in rows] == [
        ("Aarhus", "8.3", True), ("Sea", "\N{EN DASH}", True),
    ]  # fmt: skip
    links = soup.select("figure.drawing p.data a")
    assert [link["href"] for link in links] == ["#map-figures"] * 2
    assert [one["data-column"] for one in soup.select("svg.map")] == ["1", "2"]


def test_a_map_that_is_shown_again_has_no_column_of_its_own():
    soup = BeautifulSoup(page(drawing(), drawing()), "html.parser")
    assert [one["data-column"] for one in soup.select("svg.map")] == ["1", "1"]
    assert len(soup.select("#map-figures thead th")) == 2


def test_the_row_behind_a_path_is_told_after_a_gap():
    shapes = replace(SHAPES, inset_paths={"DK-411": "M70 70l9 0 0 9z"})
    html = page(drawing(shapes=shapes))
    inset = html.partition("M50 50l")[2].partition("</g>")[2]
    assert re.search(r'<path data-row="1" class="a1" d="M70 70l', inset), "Sea is the second row"
    assert html.count("data-row") == 1
    assert 'data-known="{name}: {value}%" data-none="{name}: no value"' in html
    assert "<title>" not in html.partition("<body>")[2]


def test_a_map_of_another_country_stays_whole():
    other = MapShapes(100, 100, {"DK-751": "M70 70l9 0 0 9z", "DK-411": "M60 60l9 0 0 9z"})
    html = page(drawing(), drawing("other", other))
    assert '<path data-p="p0" d="M70 70l9 0 0 9z">' in html
    assert "M70 70l9" not in html.partition("</svg>")[0]
    assert len(BeautifulSoup(html, "html.parser").select("#map-figures thead th")) == 2


def test_each_kind_of_mark_is_drawn_once_and_only_if_there_is_one():
    html = page(barometer(PROFILE, EN))
    soup = BeautifulSoup(html, "html.parser")
    symbols = {symbol["id"] for symbol in soup.select("svg.shared symbol")}
    used = {use["href"].removeprefix("#") for use in soup.select("svg.mark use")}
    assert symbols == used
    assert "better" in used
    assert not soup.select("svg.mark path")
    assert 'class="shared"' not in page()


@pytest.mark.parametrize("lines", [False, True], ids=["as text", "as lines"])
def test_a_stored_notebook_may_hold_texts_as_lines(lines):
    html = "<p>one</p>\n<p>two</p>"
    stored = html.splitlines(keepends=True) if lines else html
    out = {"outputs": [{"data": {"text/html": stored}}, {"name": "stdout", "text": ["a\n\n<b>"]}]}
    made = export.document({"cells": [out]}, REQUEST, LINKS)
    assert html in made
    assert "<pre>a\n\n&lt;b&gt;</pre>" in made


def test_the_name_of_the_script_carries_its_version():
    assert re.fullmatch(r"plotly-\d+\.\d+\.\d+\.min\.js", export.plotly_name())


def test_a_style_sheet_loses_nothing_but_space():
    css = str(fragments._asset("report.css"))
    source = (fragments.TEMPLATES / "report.css").read_text()
    source = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    assert re.sub(r"[\s;]", "", css) == re.sub(r"[\s;]", "", source)
    assert len(css) < 0.9 * len(source)
