"""How sure it is, as a reader gets it told."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from healthindicators.charts.funnel import funnel
from healthindicators.profile import Neighbourhood, make
from healthindicators.report import certainty, fragments, peers
from healthindicators.text import language
from tests.charts.sample import PROFILE, SMOKING
from tests.charts.uncertain import (
    EXPECTANCY_RANKED,
    FUNNEL,
    OTHERS,
    OWN,
    RANK,
    SMOKING_BESIDE,
    SURE,
)

EN, DA = language("en"), language("da")


def told(profile=SURE, of=EN):
    return BeautifulSoup(certainty.part(profile, of), "html.parser")


def text(profile=SURE, of=EN):
    return told(profile, of).get_text(" ", strip=True)


def ranked(rank):
    line = replace(EXPECTANCY_RANKED, rank=rank)
    return [td.get_text() for td in told(replace(SURE, others=(line,))).select("tbody td")]


def test_a_place_is_a_range_with_its_chances_and_its_group():
    assert ranked(RANK) == [
        "82.4", "82.1 to 82.7", "between 12 and 25 of 94", "unlikely: about 3 of 10",
        "hardly: under 1 of 20", "2 of 5",
    ]  # fmt: skip


def test_a_place_that_is_certain_is_told_as_one():
    assert ranked(replace(RANK, first=94, last=94))[2] == "94 of 94"


def test_the_head_of_a_row_names_unit_and_years():
    row = told().select_one("tr[data-indicator=life-expectancy] th")
    assert row.get_text(" ", strip=True) == "Life expectancy years, 2021–2025"


def test_only_lines_with_a_rank_stand_in_the_table():
    assert [row["data-indicator"] for row in told().select("tbody tr")] == ["life-expectancy"]


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.0, "hardly: under 1 of 20"),
        (0.05, "unlikely: about 1 of 10"),
        (0.349, "unlikely: about 3 of 10"),
        (0.35, "possible: about 4 of 10"),
        (0.64, "possible: about 6 of 10"),
        (0.65, "likely: about 7 of 10"),
        (0.95, "likely: about 9 of 10"),
        (0.951, "almost certain: over 19 of 20"),
        (1.0, "almost certain: over 19 of 20"),
    ],
)
def test_a_probability_is_told_in_words_and_as_a_frequency(probability, said):
    assert certainty.likely(probability, EN) == said


def test_what_has_no_interval_is_counted():
    # Smoking has none; loans have no figure; commuting and life expectancy have both.
    assert "1 of the 3 indicators with a figure have no interval here" in text()
    sure = text(replace(SURE, others=(EXPECTANCY_RANKED,)))
    assert "no interval here" not in sure


def test_likeness_of_neighbours_is_told_where_it_is_beyond_chance():
    said = text()
    assert "more alike than by chance in 1 of 2 indicators." in said
    assert "Most so: Daily smoking (0.62)." in said
    assert "High figures among high ones nearby: Daily smoking." in said


def test_only_the_most_alike_indicators_are_named():
    many = tuple(
        replace(
            SMOKING,
            indicator=replace(SMOKING.indicator, id=f"i{n}"),
            neighbourhood=Neighbourhood(0.1 + n / 100, 0.01, ""),
        )
        for n in range(9)
    )
    said = text(replace(SURE, others=many))
    assert "in 9 of 9 indicators" in said
    assert said.count("Daily smoking (") == certainty.MOST_NAMED
    assert "(0.18)" in said
    assert "(0.13)" not in said


def test_unlikeness_beyond_chance_is_no_likeness():
    line = replace(SMOKING_BESIDE, neighbourhood=Neighbourhood(-0.3, 0.001, ""))
    said = text(replace(SURE, others=(line,)))
    assert "in 0 of 1 indicators" in said
    assert "Most so" not in said
    assert "stand out in none of them" in said


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("low-low", "Low figures among low ones"),
        ("high-low", "High figures among low ones"),
        ("low-high", "Low figures among high ones"),
    ],
)
def test_every_cluster_has_words(own, said):
    line = replace(SMOKING_BESIDE, neighbourhood=Neighbourhood(0.5, 0.001, own))
    assert f"{said} nearby: Daily smoking." in text(replace(SURE, others=(line,)))


def test_a_funnel_is_told_in_numbers_and_what_they_mean():
    said = text()
    assert (
        "Aarhus had 480 deaths where 400 were expected, 20% more: a ratio of 1.20 (95% interval "
        "1.15 to 1.25), and 1.16 when drawn towards the mean. That is above the outer limits"
    ) in said
    assert "3 of 93 municipalities lie outside the inner limits (2 outside the outer ones)" in said
    assert "against about 5 by chance alone. They scatter 3.2 times as much (in variance)." in said


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (replace(OWN, ratio=0.9, place=-2), "10% fewer: a ratio of 0.90"),
        (replace(OWN, ratio=0.9, place=-2), "hardly give so few"),
        (replace(OWN, ratio=1.004, place=0), "as many as expected"),
        (replace(OWN, place=0), "as chance alone may give"),
        (replace(OWN, place=1), "above the inner limits but not the outer ones"),
        (replace(OWN, place=-1), "below the inner limits but not the outer ones"),
        (None, "Aarhus is not among the points: it has too few deaths, or its counts"),
    ],
)
def test_every_place_in_a_funnel_has_words(own, said):
    assert said in text(replace(SURE, funnels=(replace(FUNNEL, own=own),)))


def test_scatter_as_by_chance_is_told_so():
    calm = replace(FUNNEL, points=OTHERS, dispersion=1.2)
    assert "They scatter about as much as by chance." in text(replace(SURE, funnels=(calm,)))


def test_what_is_not_known_is_not_told():
    bare = told(PROFILE)
    assert not bare.select("table, h3")
    assert bare.h2.get_text() == "How sure is it?"


def test_places_and_names_are_escaped_and_two_runs_are_the_same():
    geo = replace(PROFILE.geo, names={"da": "A<script>"})
    html = certainty.part(replace(SURE, geo=geo), EN)
    assert "<script>" not in html
    assert certainty.part(SURE, DA) == certainty.part(SURE, DA)


def test_nothing_is_said_in_english_to_a_danish_reader():
    said = text(of=DA)
    for english in (" the ", " of ", "chance", "deaths", "municipalities"):
        assert english not in said


@pytest.mark.parametrize("id", ["DK-101", "DK-360", "DK-825", "DK-563"])
def test_real_municipalities_are_told_and_the_page_stays_small(processed, declared, register, id):
    framework = declared.frameworks["denmark-2021-2030"]
    profile = make(processed, declared, register, register[id], framework, "2026")
    whole = certainty.part(profile, DA) + peers.part(profile, DA)
    for drawn in profile.funnels:
        made = funnel(drawn, DA, {"municipality": profile.geo.name("da")})
        whole += fragments.plot(made._repr_mimebundle_(), "figure-1")
    assert len(profile.funnels) == 2
    assert len(whole.encode()) < 23_000
