"""A page made from the outputs of a notebook: what drawings share is written once."""

import re
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from healthindicators.charts import MapShapes, barometer, choropleth
from healthindicators.report import export, fragments
from healthindicators.text import language
from tests.charts.sample import HERE, PROFILE, indicator, value

EN = language("en")
SHAPES = MapShapes(
    100,
    100,
    {"DK-411": "M50 50l5 0 0 5z", "DK-751": "M10 10l5 0 0 5z", "DK-999": "M1 1l2 0 0 2z"},
)
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


def test_every_path_of_the_maps_is_written_once():
    html = page(drawing(), drawing("other"))
    assert [html.count(d) for d in SHAPES.paths.values()] == [1, 1, 1]
    soup = BeautifulSoup(html, "html.parser")
    ids = {path["id"] for path in soup.select("svg.shared path[id]")}
    used = [use["href"].removeprefix("#") for use in soup.select("svg.map use")]
    assert ids == {"p0", "p1", "p2"}
    assert set(used) == ids
    assert len(used) == 2 * (3 + 2)  # each map once, and twice the outline


def test_the_row_behind_a_path_is_that_of_its_table():
    html = page(drawing())
    assert re.search(r'<path id="p0" d="M10 10l', html), "Aarhus is the first row"
    assert re.search(r"<tr><th>Aarhus</th><td>8\.3</td></tr><tr><th>Sea</th><td>", html)
    assert 'data-known="{name}: {value}%" data-none="{name}: no value"' in html
    assert "<title>" not in html.partition("<body>")[2]


def test_a_map_of_another_country_stays_whole():
    other = MapShapes(100, 100, {"DK-751": "M70 70l9 0 0 9z", "DK-411": "M60 60l9 0 0 9z"})
    html = page(drawing(), drawing("other", other))
    assert '<path data-p="p0" d="M70 70l9 0 0 9z">' in html
    assert "M70 70l9" not in html.partition("</defs>")[0]


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
