"""Similar municipalities, as a reader gets them told."""

from dataclasses import replace

from bs4 import BeautifulSoup

from healthindicators.report import peers
from healthindicators.text import language
from tests.charts.sample import PROFILE
from tests.charts.uncertain import LOANS_BESIDE, PEERS, SURE

EN, DA = language("en"), language("da")


def told(profile=SURE, of=EN):
    return BeautifulSoup(peers.part(profile, of), "html.parser")


def text(profile=SURE, of=EN):
    return told(profile, of).get_text(" ", strip=True)


def rows(profile=SURE, table="table.peers"):
    return [
        [cell.get_text() for cell in row.select("th, td")]
        for row in told(profile).select(f"{table} tbody tr")
    ]


def test_each_neighbour_stands_with_distance_stability_and_reason():
    assert rows() == [
        ["Sted 01", "0.12", "92%", "yes", "Commuting", "Child poverty"],
        ["Sted 02", "0.20", "50%", "no", "Child poverty", "Commuting"],
    ]


def test_the_conditions_and_the_official_group_are_named():
    said = text()
    assert "nearest to those of Aarhus: Commuting; Child poverty." in said
    assert "The official group of Aarhus is Storbykommuner; 1 of the 2 belong to it." in said


def test_what_lies_beyond_all_neighbours_is_named():
    said = text()
    # Smoking 8.3 is below 9 to 11, life expectancy 82.4 above 80 to 82, commuting 22.2 within
    # 20 to 23; loans have no figure and are not compared.
    assert "In 1 of 3 indicators Aarhus lies within the range" in said
    assert "Higher than all of them: Life expectancy." in said
    assert "Lower than all of them: Daily smoking." in said


def test_at_the_edge_of_the_range_is_within_it():
    edge = replace(SURE.others[0], peers=replace(SURE.others[0].peers, minimum=8.3))
    said = text(replace(SURE, others=(edge,)))
    assert "In 1 of 1 indicators" in said
    assert "Lower than all" not in said
    assert "Higher than all" not in said


def beside(id):
    table = told().select_one("details table")
    by_name = {}
    for row in table.select("tbody tr"):
        head = row.th.find(string=True)
        by_name[head] = [cell.find(string=True) for cell in row.find_all("td")]
    return by_name[id]


def test_every_indicator_stands_beside_the_neighbours_and_the_country():
    assert beside("Daily smoking, percent, 2025") == ["8.3", "9.0", "10.0", "11.0", "10.5"]
    assert beside("Life expectancy, years, 2021–2025")[:2] == ["82.4", "80.0"]


def test_a_missing_figure_keeps_its_place():
    assert beside("Loans <b>&, percent, 2025") == ["–", "1.00", "2.00", "3.00", "4.16"]


def test_an_indicator_that_no_neighbour_has_is_left_out():
    none = replace(LOANS_BESIDE, peers=None)
    said = text(replace(SURE, others=(SURE.others[0], none)))
    assert "Loans" not in said


def test_a_municipality_without_neighbours_is_told_why():
    for without in (PROFILE, replace(SURE, peers=replace(PEERS, members=()))):
        said = text(without)
        assert "No similar municipalities can be named: Aarhus lacks a figure" in said
        assert "The official group of Aarhus is Storbykommuner." in said
        assert not told(without).select("table")


def test_names_are_escaped_and_two_runs_are_the_same():
    geo = replace(PROFILE.geo, names={"da": "A<script>"})
    assert "<script>" not in peers.part(replace(SURE, geo=geo), EN)
    assert peers.part(SURE, DA) == peers.part(SURE, DA)


def test_nothing_is_said_in_english_to_a_danish_reader():
    said = text(of=DA)
    for english in (" the ", " of ", "municipalities", "Higher", "Least"):
        assert english not in said
