"""What a Norwegian, a Swedish and a Danish reader sees: each test is a fault that was once printed."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from healthindicators import catalog, countries, geography
from healthindicators.charts import barometer, words
from healthindicators.model import AreaText, Derivation, Period, Role, Service, StrategicArea
from healthindicators.profile import Inequality, Inside, Recast, Section, Trend
from healthindicators.report import certainty, fragments, inside, listing, peers, recasting, trends
from healthindicators.report.checking import country_problems
from healthindicators.report.site import _label
from healthindicators.text import language, languages
from healthindicators.workspace import Workspace
from tests.charts.sample import (
    COUNTRY,
    EXPECTANCY,
    GROUP,
    PROFILE,
    REGION,
    SMOKING,
    value,
)

EN, NB, SV, DA = (language(code) for code in ("en", "nb", "sv", "da"))

ALONE = replace(PROFILE, alone_in=(REGION, GROUP))


def parsed(html):
    return BeautifulSoup(html, "html.parser")


def heads(html):
    return [th.get_text() for th in parsed(html).select("thead th[scope=col]")]


def test_a_region_of_one_municipality_is_no_benchmark():
    sweden = geography.load("SE")
    alone = [m.id for m in sweden.municipalities if "region" not in sweden.benchmarks(m)]
    assert alone == ["SE-0980"]
    assert "SE-0980" not in sweden.benchmark_ids("region")
    assert sweden.benchmarks(sweden["SE-0980"])["group"].name("sv") == "Mindre stad/tätort"


def test_without_any_figure_nothing_is_said_of_places():
    nothing = replace(SMOKING, value=replace(SMOKING.value, value=None, lower=None, upper=None))
    brief = parsed(fragments.in_brief(replace(PROFILE, sections=(), others=(nothing,)), NB))
    assert [p.get_text() for p in brief.select("p")] == [
        "Ingen av de 1 indikatorene har tall for Aarhus. "
        "Oversikten nedenfor sier hvorfor for hver av dem."
    ]


def test_a_municipality_is_not_shown_beside_itself():
    table = fragments.section(ALONE, ALONE.sections[0], EN)
    assert heads(table)[:5] == ["Indicator", "Aarhus", "95% interval", "Denmark", "Place"]
    cells = parsed(table).select("tr[data-indicator=daily-smoking] td")
    assert [cell["data-col"] for cell in cells] == [
        "value", "interval", "country", "position", "previous", "first",
    ]  # fmt: skip
    picture = barometer(ALONE, EN).html
    assert "Storbykommuner" not in heads(picture)
    assert {len(row.find_all(["th", "td"])) for row in parsed(picture).select("tr[data-line]")} == {
        5
    }
    assert {th["colspan"] for th in parsed(picture).select("th[scope=rowgroup]")} == {"5"}


def test_why_it_has_no_benchmark_is_said_once():
    said = (
        "Not shown beside Aarhus, because no other municipality belongs to it: "
        "Region Midtjylland; Storbykommuner."
    )
    assert parsed(barometer(ALONE, EN).html).get_text().count(said) == 1
    assert "Not shown" not in barometer(PROFILE, EN).html
    assert "which no other municipality belongs to" in peers.part(ALONE, EN)


def test_a_county_named_as_its_municipality_is_told_from_it():
    register, norway = geography.load("NO"), countries.home("NO").country
    oslo, county = register["NO-0301"], register["NO-03"]
    alone = replace(PROFILE, geo=oslo, region=county, country=norway, alone_in=(county,))
    assert words.alone(alone, NB).endswith("ingen andre kommuner hører til: Oslo (fylke).")


@pytest.mark.parametrize(
    ("country", "code", "word"),
    [("NO", "nb", "Fylke"), ("SE", "sv", "Län"), ("DK", "da", "Region")],
)
def test_a_country_brings_its_own_word_for_a_region(country, code, word):
    own = countries.home(country).country
    html = fragments.heading(replace(PROFILE, country=own), language(code))
    assert word in [dt.get_text() for dt in parsed(html).find_all("dt")]
    assert set(own.regions) == set(languages())
    assert listing.listing("municipalities", country, language(code))[0][2] == word.lower()


def test_a_word_for_a_region_that_a_language_lacks_is_told():
    named = replace(COUNTRY, names=dict.fromkeys(languages(), "X"), regions={"da": "Region"})
    told = [problem.what for problem in country_problems(named)]
    assert told == [f"regions: no name in '{code}'" for code in ("en", "nb", "sv")]
    assert not list(country_problems(replace(named, regions={})))


def test_what_serves_no_area_has_no_promise_no_role_and_no_reason():
    area = StrategicArea("other-indicators", {"en": AreaText("Other", "They are open.", "")})
    rest = Section(area, ((Service("daily-smoking", Role.CONTEXT, {}), SMOKING),))
    html = fragments.section(PROFILE, rest, EN)
    assert "They are open." in html
    for absent in ("promise", "Why these indicators", "Context"):
        assert absent not in parsed(html).get_text()
    unmeasured = fragments.section(PROFILE, PROFILE.sections[1], EN)
    assert "What the strategy promises" in unmeasured


def test_a_result_is_no_condition_to_read_results_by():
    context = Service(SMOKING.indicator.id, Role.CONTEXT, {"en": "Why."})
    proxy = Service(SMOKING.indicator.id, Role.PROXY, {"en": "Why."})
    area = StrategicArea("a", {"en": AreaText("A", "P.", "")})
    neither = replace(SMOKING, position=None)

    def told(*services):
        section = Section(area, tuple((service, neither) for service in services))
        return fragments.standing(replace(PROFILE, sections=(section,), others=())).context

    assert told(context) == (neither,)
    assert told(context, proxy) == ()


def test_a_condition_that_stands_out_is_not_named_twice():
    context = Service(EXPECTANCY.indicator.id, Role.CONTEXT, {"en": "Why."})
    section = Section(StrategicArea("a", {"en": AreaText("A", "P.", "")}), ((context, EXPECTANCY),))
    found = fragments.standing(replace(PROFILE, sections=(section,), others=()))
    assert found.better == (EXPECTANCY,)
    assert found.context == ()


def test_methods_say_that_comparisons_are_adjusted_and_nothing_of_what_is_not_there():
    said = parsed(fragments.definitions(PROFILE, EN)).get_text()
    assert "Benjamini and Hochberg" in said
    assert "Mortality" not in said
    derivation = Derivation("life-expectancy", "deaths", "person-years", 2, "0+")
    computed = replace(EXPECTANCY, indicator=replace(EXPECTANCY.indicator, derivation=derivation))
    alone = replace(PROFILE, sections=(), others=(computed,))
    assert "abridged life table" in parsed(fragments.definitions(alone, EN)).get_text()


def test_all_and_none_are_said_as_all_and_none():
    assert "All 3 indicators have a figure" in fragments.in_brief(
        replace(PROFILE, sections=(PROFILE.sections[2],), others=(EXPECTANCY,)), EN
    )
    unsure = replace(PROFILE, sections=(), others=(SMOKING,))
    assert "No indicator with a figure has an interval here" in certainty.part(unsure, EN)


def test_a_table_without_a_figure_is_a_sentence():
    absent = value(None, 2019, reason="no-weight")
    split = Inside(SMOKING.indicator, "education", (("compulsory", absent),), None, None, None)
    profile = replace(PROFILE, inside=(split,))
    html = inside.tables(profile, EN)
    assert not parsed(html).find("table")
    assert "No figure of Aarhus can be shown this way: merged or split since." in html
    assert "that is split by education or origin can be shown" in fragments.for_whom(profile, EN)


@pytest.mark.parametrize(
    ("reader", "said"),
    [(NB, "«Universitet eller høyskole» minus «Grunnskole»"), (SV, "” minus ”"), (DA, "« minus »")],
)
def test_names_of_groups_are_quoted_in_a_sentence(reader, said):
    strata = (("compulsory", value(50.0, 2019)), ("tertiary", value(80.0, 2019)))
    split = Inside(SMOKING.indicator, "education", strata, None, None, None)
    assert said in inside.tables(replace(PROFILE, inside=(split,)), reader)


def test_a_change_of_income_has_no_decimals():
    trend = Trend(Period(2010, 2025), 5, Inequality(6139.3, 5585.7, 6692.9, "x"), 0.01, None)
    paid = replace(SMOKING.indicator, unit="sek", decimals=0)
    line = replace(SMOKING, indicator=paid, trend=trend)
    html = trends.part(replace(PROFILE, sections=(), others=(line,)), EN)
    assert "+6,139<" in html
    assert "+5,586 to +6,693" in html


def test_figures_that_could_not_be_carried_are_not_called_carried():
    former = geography.load("NO")["NO-1504"]
    kept = Recast("refused", (former,), (), (SMOKING.indicator,))
    said = parsed(recasting.part(replace(PROFILE, recast=(kept,)), EN)).get_text()
    assert "are carried to" not in said
    assert "not carried to Aarhus" in said


def test_show_tells_quality_and_citation_in_the_words_of_the_reader(repository):
    told = list(listing.describe(Workspace(repository), "turnout-national", SV))
    names = [name for name, _ in told]
    assert {"namn", "enhet", "kvalitet", "källhänvisning"} <= set(names)
    assert not {"name", "unit", "better when", "serves"} & set(names)
    assert "2026 was summed from districts" in " ".join(text for _, text in told)
    assert any(text.startswith("Valmyndigheten") for name, text in told if name == "SE")


def test_the_parliament_is_that_of_the_country():
    for code, text in catalog.load().indicators["turnout-national"].text.items():
        assert "olketingsvalg" not in text.name + text.definition + text.caveat, code
        assert "folketinget" in text.definition.lower() or code == "en"


def test_the_index_tells_strategies_of_other_networks_by_title():
    own = catalog.load().framework("denmark-2021-2030")
    assert _label("denmark-2017-2020.da.html", own, "da") == "2017–2020"
    assert _label("agenda-2030.da.html", own, "da").startswith("2030-dagsordenen")
