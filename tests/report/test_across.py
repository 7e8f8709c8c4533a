"""Inequality across municipalities: every sentence holds by the table below it."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from healthindicators.charts.concentration import concentration
from healthindicators.profile import Across, Inequality
from healthindicators.report import across
from healthindicators.text import language
from tests.charts.gradients import ACROSS, GRADES, INCOME, around, country, gradient, without_ratio
from tests.charts.sample import EXPECTANCY, HERE, LOANS, PROFILE, SMOKING, indicator, value

EN, DA = language("en"), language("da")
KILOBYTES = 30

STANDING = replace(SMOKING, indicator=INCOME, value=value(235450.4, 2024))


def parsed(html):
    return BeautifulSoup(html, "html.parser")


def part(*found, **changes):
    return parsed(across.part(replace(PROFILE, across=found, **changes), EN))


def by(*gradients, **fields):
    return Across(
        **{"condition": INCOME, "line": None, "below": None, **fields}, gradients=gradients
    )


def of(name, relative):
    return gradient(indicator(name.lower(), name), relative=relative)


def said(*gradients):
    return across.told(gradients, EN)


def test_there_is_no_part_without_gradients():
    assert across.part(PROFILE, EN) == ""
    assert across.part(replace(PROFILE, across=(by(),)), EN) == ""


def test_each_condition_has_a_table_of_its_own():
    page = part(*ACROSS)
    assert [h.get_text() for h in page.select("h3")] == ["Income, 2024", "Grades, 2024/25"]
    names = [t["aria-label"] for t in page.select(".scroll")]
    assert names == ["Table: Income, 2024", "Table: Grades, 2024/25"]
    assert [len(t.select("tbody tr")) for t in page.select("table")] == [2, 1]
    assert len(part(ACROSS[0], by()).select("table")) == 1


def test_absolute_and_relative_stand_side_by_side():
    row = part(by(gradient())).select_one("tr[data-indicator=daily-smoking]")
    assert row.th.get_text(" ") == "Daily smoking percent, 2025"
    assert [cell.get_text(" ") for cell in row.select("td")] == [
        "14 .2",
        "10 .0",
        "−4 .6 −5.8 to −3.4",
        "0.70 0.60 to 0.80",
        "−0.080",
    ]
    heads = [h.get_text() for h in part(by(gradient())).select("thead th")]
    assert heads[3:5] == [
        "Difference (slope index), 95% interval",
        "Ratio (relative index), 95% interval",
    ]


def test_without_an_interval_the_value_stands_alone():
    bare = gradient(relative=around(0.7, None), slope=around(-4.6, None))
    cells = part(by(bare)).select("tbody td")
    assert [cell.get_text() for cell in cells[2:4]] == ["−4.6", "0.70"]


def test_where_zero_is_arbitrary_nothing_relative_is_told_and_a_note_says_why():
    note = "A dash: on a scale without a natural zero"
    page = part(by(without_ratio(), gradient()))
    cells = page.select_one("tr[data-indicator=exam-grade]").select("td")
    assert [cell.get_text() for cell in cells[3:]] == ["–", "–"]
    assert note in page.get_text()
    assert note not in part(by(gradient())).get_text()


def test_rows_run_from_what_falls_most_to_what_rises_most():
    rows = part(by(of("A", 1.4), without_ratio(), of("B", 0.6), of("C", 1.0))).select("tbody tr")
    assert [row["data-indicator"] for row in rows] == ["b", "c", "a", "exam-grade"]


def test_the_steepest_are_named_in_both_directions():
    text = said(of("A", 1.3), of("B", 0.6), of("C", 1.5), of("D", 0.5))
    assert text == (
        "From the lowest end to the highest, these rise beyond chance: "
        "C to 1.50 times and A to 1.30 times. "
        "From the lowest end to the highest, these fall beyond chance: "
        "D to 0.50 times and B to 0.60 times."
    )


def test_at_most_three_are_named_and_the_rest_counted():
    rising = [of(name, 1.2 + n / 10) for n, name in enumerate("ABCDE")]
    text = said(*rising, of("F", 0.4))
    assert "rise beyond chance: E to 1.60 times, D to 1.50 times and C to 1.40 times." in text
    assert "fall beyond chance: F to 0.40 times." in text
    assert text.endswith("These are the steepest by ratio; 2 more rise or fall beyond chance.")
    assert "more rise or fall" not in said(*rising[:3])


def test_twice_as_much_is_as_steep_as_half_as_much():
    found = [of("A", 2.0), of("B", 2.5)]
    assert [g.indicator.id for g in across.steepest(found, 1)] == ["b", "a"]
    falling = [of("A", 0.5), of("B", 0.4)]
    assert [g.indicator.id for g in across.steepest(falling, -1)] == ["b", "a"]


@pytest.mark.parametrize(
    ("lower", "upper", "way"),
    [
        (1.006, 1.5, 1),  # printed as 1.01
        (1.004, 1.5, 0),  # printed as 1.00, so a reader would not see what the sentence says
        (0.9, 1.2, 0),
        (0.5, 0.996, 0),
        (0.5, 0.994, -1),
        (None, None, 0),
    ],
)
def test_a_gradient_is_beyond_chance_where_the_printed_interval_leaves_out_1(lower, upper, way):
    relative = Inequality(1.1, lower, upper, "hc3")
    assert across.direction(gradient(relative=relative)) == way


def test_a_line_that_ends_below_zero_has_no_direction_by_ratio():
    assert across.direction(gradient(relative=Inequality(-0.2, -0.5, -0.1, "hc3"))) == 0
    assert across.direction(without_ratio()) == 0


def test_nothing_is_named_where_nothing_is_beyond_chance():
    assert said(of("A", 1.05), of("B", 0.95), without_ratio()) == (
        "No indicator rises or falls with it beyond chance; 2 could be judged."
    )
    assert said(without_ratio(), of("A", around(3.0, None))) == (
        "For no indicator can be said whether it rises or falls beyond chance."
    )


@pytest.mark.parametrize(
    ("below", "told"),
    [
        (0.0, "No municipality of Denmark has a lower figure."),
        (0.004, "Less than 1% of the residents of Denmark live in municipalities where"),
        (0.006, "1% of the residents"),
        (0.314, "31% of the residents"),
        (0.994, "99% of the residents"),
        (0.997, "More than 99% of the residents"),
    ],
)
def test_where_a_municipality_stands(below, told):
    text = across.standing(by(line=STANDING, below=below), "Aarhus", "Denmark", EN)
    assert text.startswith(f"Aarhus: DKK 235,450 in 2024. {told}")


@pytest.mark.parametrize(
    ("line", "below"),
    [(None, None), (STANDING, None), (replace(STANDING, value=value(None)), 0.3)],
)
def test_a_municipality_without_a_figure_says_so(line, below):
    text = across.standing(by(line=line, below=below), "Aarhus", "Denmark", EN)
    assert text == "Aarhus has no figure for it."


def test_what_the_grades_stand_for_is_said_under_them_only():
    only = "the only figure on education used here"
    assert only in part(by(gradient(by=GRADES), condition=GRADES)).get_text()
    assert only not in part(by(gradient())).get_text()


def test_the_part_says_that_it_tells_of_places_and_not_of_causes():
    text = part(*ACROSS).get_text()
    assert "Differences between places, not between persons." in text
    assert "nor what causes what" in text


def test_how_many_municipalities_rows_rest_on_is_told():
    page = part(by(gradient(), gradient(EXPECTANCY.indicator, municipalities=94)))
    assert "94 to 98 of them" in page.get_text()


def test_only_the_sentences_on_a_municipality_are_its_own():
    here = [replace(a, line=STANDING, below=0.314) for a in ACROSS]
    there = [replace(a, line=None) for a in ACROSS]
    elsewhere = replace(HERE, id="DK-360", names={"en": "Lolland"})
    one, other = (str(part(*a, geo=geo)) for a, geo in ((here, HERE), (there, elsewhere)))
    own = across.standing(here[0], "Aarhus", "Denmark", EN)
    assert one.count(own) == len(ACROSS)
    assert one.replace(own, "Lolland has no figure for it.").replace("Aarhus", "Lolland") == other


def test_tables_are_written_once_for_a_country():
    across._same.cache_clear()
    for geo in (HERE, replace(HERE, id="DK-360")):
        part(*(replace(a, below=0.2) for a in ACROSS), geo=geo)
    kept = across._same.cache_info()
    assert (kept.misses, kept.hits) == (len(ACROSS), len(ACROSS))


def test_what_comes_from_data_is_escaped():
    html = across.part(replace(PROFILE, across=(by(gradient(LOANS.indicator)),)), EN)
    assert "Loans &lt;b&gt;&amp;" in html
    assert "Loans <b>" not in html


@pytest.mark.parametrize("words", [EN, DA])
def test_a_whole_country_weighs_little(declared, words):
    found = tuple(replace(a, line=STANDING, below=0.314) for a in country(declared))
    html = across.part(replace(PROFILE, across=found), words)
    drawing = concentration(found, words)._repr_mimebundle_()["text/html"]
    assert html.count("<tr data-indicator") > 50
    assert len((html + drawing).encode()) < KILOBYTES * 1000


def test_no_english_is_left_in_danish(declared):
    found = tuple(replace(a, line=STANDING, below=0.314) for a in country(declared))
    text = parsed(across.part(replace(PROFILE, across=found), DA)).get_text(" ")
    text += concentration(found, DA).alt
    for word in (" the ", " and ", " municipalities", " times", " percent", "Income,"):
        assert word not in text, word
