"""The parts of a page as a reader gets them."""

import json
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from healthindicators.charts import MapShapes, sexes, trend
from healthindicators.charts.layout import compact, merged, shared
from healthindicators.report import fragments
from healthindicators.text import language
from tests.charts.sample import (
    COMMUNITY,
    COUNTRY,
    EXPECTANCY,
    HERE,
    INEQUALITY,
    NAMES,
    PROFILE,
    SMOKING,
)

EN = language("en")


def parsed(html):
    return BeautifulSoup(html, "html.parser")


@pytest.fixture(scope="module")
def section():
    return parsed(fragments.section(PROFILE, INEQUALITY, EN))


def cell(section, id, column):
    return section.select_one(f"tr[data-indicator={id}] td[data-col={column}]")


def test_the_heading_says_whose_report_it_is():
    heading = parsed(fragments.heading(PROFILE, EN))
    assert heading.h1.get_text() == "Aarhus"
    assert "A network: A strategy" in heading.get_text()
    assert "349,983 2020" in heading.dl.get_text(" ", strip=True)


@pytest.mark.parametrize(
    ("status", "about"),
    [
        ("observed", "survey"),
        ("provisional", "survey, provisional figure"),
        ("unreliable", "survey, uncertain, says its provider"),
    ],
)
def test_a_warning_of_the_provider_stands_below_the_name(status, about):
    line = replace(SMOKING, value=replace(SMOKING.value, status=status))
    warned = replace(INEQUALITY, lines=((INEQUALITY.lines[0][0], line),))
    row = parsed(fragments.section(PROFILE, warned, EN)).select_one("tr[data-indicator] th small")
    assert row.get_text().endswith(about)


def test_in_brief_names_an_indicator_once():
    brief = parsed(fragments.in_brief(PROFILE, EN))
    links = [a["href"] for a in brief.select("li a")]
    assert links == [
        "#indicator-life-expectancy",
        "#indicator-child-poverty",
        "#indicator-daily-smoking",
    ]
    assert "4 of 5 indicators have a figure for Aarhus." in brief.get_text()


def test_a_long_list_in_brief_is_cut_and_counted():
    many = tuple(
        replace(SMOKING, indicator=replace(SMOKING.indicator, id=f"i{n}")) for n in range(11)
    )
    html = fragments.in_brief(replace(PROFILE, sections=(), others=many), EN)
    assert len(parsed(html).select("li")) == fragments.MOST_NAMED
    assert "And 5 more" in html


def test_the_key_table_carries_unrounded_numbers(section):
    assert cell(section, "daily-smoking", "value")["data-value"] == "8.3"
    assert cell(section, "daily-smoking", "country")["data-value"] == "10.512345678"
    assert cell(section, "daily-smoking", "country").get_text() == "10.5†"
    assert cell(section, "daily-smoking", "region").get_text() == "9.9"
    place = cell(section, "daily-smoking", "position")
    assert (place["data-first"], place["data-last"], place["data-count"]) == ("13", "14", "98")
    assert cell(section, "daily-smoking", "previous")["data-value"] == "-2.8"


def test_an_interval_is_shown_or_its_absence_explained(section):
    assert cell(section, "life-expectancy", "interval").get_text() == "82.1 to 82.7"
    assert cell(section, "daily-smoking", "interval").get_text() == "survey, not published"


def test_a_missing_value_stays_in_the_table_and_says_why(section):
    assert cell(section, "library-loans", "value")["data-value"] == ""
    assert "withholds" in cell(section, "library-loans", "interval").get_text()


def test_the_area_is_quoted_in_its_own_language_and_translated(section):
    quoted = section.select_one("h2 span[lang=da]")
    assert quoted.get_text() == "Stigende ulighed"
    assert section.select_one(".translation").get_text() == "Growing inequality"
    assert "A gap." in section.get_text()


def test_an_area_that_nothing_measures_says_so():
    html = fragments.section(PROFILE, COMMUNITY, EN)
    assert "No open figure measures this area" in html
    assert "<table" not in html


def test_both_measures_of_a_difference_stand_side_by_side():
    row = parsed(fragments.for_whom(PROFILE, EN)).select_one("tr[data-indicator=life-expectancy]")
    assert float(row.select_one("[data-col=difference]")["data-value"]) == pytest.approx(-3.3)
    assert row.select_one("[data-col=ratio]").get_text() == "0.96"
    alone = fragments.for_whom(replace(PROFILE, sections=(), others=(SMOKING,)), EN)
    assert "No open figure for Aarhus is split by sex." in alone


def test_every_indicator_is_defined_and_can_be_linked_to():
    page = parsed(fragments.definitions(PROFILE, EN))
    assert len(page.select("article[id]")) == 5
    assert "Beware of it." in page.select_one("#indicator-daily-smoking").get_text()


def test_sources_are_named_to_the_digest():
    text = parsed(fragments.sources(PROFILE, EN)).get_text(" ", strip=True)
    for part in (
        "Health Authority",
        "SIF1",
        "2010–2025",
        "CC BY 4.0",
        "22 November 2026",
        "9f2c4be1a07d",
    ):
        assert part in text
    assert "9f2c4be1a07d5" not in text


def whole(held):
    """What the page's script draws of a figure that a page holds."""
    base = shared()
    layout = merged(base["layout"], held["layout"])
    layout["annotations"] = [
        merged(base["label"] if i else base["title"], a)
        for i, a in enumerate(held["layout"]["annotations"])
    ]
    data = []
    for trace in held["data"]:
        look = dict(base["traces"].get(trace.get("meta"), {}))
        if data and trace.get("meta") in base["lines"]:
            look |= {key: data[0][key] for key in base["alike"] if key in data[0]}
        data.append(merged(look, trace))
    return {"data": data, "layout": layout}


@pytest.mark.parametrize(
    "figure",
    [trend(EXPECTANCY, EN, NAMES), trend(SMOKING, EN, NAMES), sexes([EXPECTANCY], EN)],
    ids=["pooled", "yearly", "sexes"],
)
def test_a_plot_can_be_put_together_again(figure):
    html = parsed(fragments.plot(figure._repr_mimebundle_(), "plot-1"))
    held = json.loads(html.find("script").string)
    assert whole(held) == figure.data
    assert html.select_one("#plot-1")["aria-label"] == figure.alt
    assert html.select("details table tbody tr")
    assert len(json.dumps(held)) < 0.7 * len(json.dumps(figure.data))


def test_what_the_lines_of_a_figure_share_is_written_once():
    figure = trend(EXPECTANCY, EN, NAMES).data
    assert len({trace["mode"] for trace in figure["data"][:2]}) == 1
    for trace, held in zip(figure["data"][1:], compact(figure)["data"][1:], strict=True):
        for key in shared()["alike"]:
            same = trace.get(key) == figure["data"][0].get(key)
            assert trace["meta"] == "interval" or (key in held) == (not same)


def test_what_a_page_holds_once_is_not_in_its_figures():
    held = compact(sexes([EXPECTANCY], EN).data)
    assert "font" not in held["layout"]
    assert "showarrow" not in held["layout"]["annotations"][0]


def test_data_cannot_end_the_script_element():
    names = {**NAMES, "municipality": "</script><script>alert(1)"}
    html = fragments.plot(trend(SMOKING, EN, names)._repr_mimebundle_(), "plot-1")
    assert "<script>alert" not in html
    assert html.count("</script>") == 1


def test_the_page_is_a_whole_document():
    html = fragments.page(
        ["<p>body</p>"], title="A <title>", edition="2026", language=EN, plotly="../plotly.js"
    )
    page = parsed(html)
    assert html.startswith("<!DOCTYPE html>")
    assert page.html["lang"] == "en"
    assert page.title.get_text() == "A <title>"
    assert [s["src"] for s in page.select("script[src]")] == ["../plotly.js"]
    assert page.select_one("a.skip")["href"] == "#content"
    assert page.select_one("main#content p").get_text() == "body"


def test_a_page_without_plotly_has_no_script():
    html = fragments.page(["<p></p>"], title="T", edition="2026", language=EN)
    assert "<script" not in html


def test_the_index_lists_and_draws_the_municipalities():
    shapes = MapShapes(10, 10, {"DK-751": "M1 1l2 0 0 2z", "DK-411": "M5 5l2 0 0 2z"})
    html = fragments.index(COUNTRY, [fragments.Entry(HERE, "a/b.html")], shapes, "2026", EN)
    page = parsed(html)
    assert [a["href"] for a in page.select("ul.places a")] == ["a/b.html"]
    assert page.select_one("svg a[data-geo=DK-751] title").get_text() == "Aarhus"
    assert len(page.select("svg path.unlinked")) == 1
    assert page.select_one("[aria-live=polite]")


def test_two_runs_give_the_same_bytes():
    makers = (fragments.heading, fragments.in_brief, fragments.for_whom, fragments.definitions)
    for make in makers:
        assert make(PROFILE, EN) == make(PROFILE, EN)
