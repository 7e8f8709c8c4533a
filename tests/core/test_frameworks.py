"""The strategies of the networks: quoted as they stand, measured honestly, of use in every country."""

from importlib.resources import files

import pytest

from healthindicators import catalog, countries, plan, snapshots
from healthindicators.charts.figure import Drawing
from healthindicators.errors import CatalogError
from healthindicators.model import Role
from healthindicators.report.page import Page
from healthindicators.report.parameters import resolve
from healthindicators.workspace import Workspace

FRAMEWORKS = sorted(
    file.name.removesuffix(".toml")
    for file in (files("healthindicators.catalog") / "frameworks").iterdir()
    if file.name.endswith(".toml")
)

SIX_PS = [
    "People: Investere i menneskene som utgjør lokalsamfunnene våre",
    "Places: Skape nærmiljø som fremmer god helse og livskvalitet",
    "Participation: Styrke medvirkning og samskaping for økt helse og trivsel",
    "Prosperity: Skape fremgangsrike og fruktbare lokalsamfunn",
    "Peace: Fremme demokrati og sikkerhet gjennom inkluderende samfunn",
    "Planet: Sikre vår felles fremtid gjennom bærekraftig forbruk og produksjon",
]

SHIFTS = [
    "Bidragit till att beslut som fattas och åtgärder som vidtas på olika nivåer i högre grad vilar "
    "på kunskap",
    "Utvecklat nätverkets arbetsformer",
    "Ökat antalet medlemmar och i högre grad varit aktiva på nationell och internationell nivå",
]
CONTRIBUTIONS = [
    "Öka genomslaget för folkhälsofrågorna",
    "Stärka demokratin",
    "Leda, styra, genomföra och följa upp arbetet på ett systematiskt sätt",
    "Tillgodose mänskliga rättigheter, främja jämställdhet och jämlikhet",
    "Öka kunskapen om barns och ungas hälsa och livsvillkor",
    "Öka förståelsen, synliggöra och utveckla platsens betydelse för en god och jämlik hälsa",
    "Förbättra möjligheterna att påverka riksdag, regering och statliga myndigheter",
]

GOALS = {
    "en": [
        "Goal 1: No poverty", "Goal 3: Good health and well-being", "Goal 4: Quality education",
        "Goal 8: Decent work and economic growth", "Goal 10: Reduced inequalities",
        "Goal 11: Sustainable cities and communities",
        "Goal 16: Peace, justice and strong institutions",
    ],
    "da": [
        "Mål 1: Afskaf fattigdom", "Mål 3: Sundhed og trivsel", "Mål 4: Kvalitetsuddannelse",
        "Mål 8: Anstændige jobs og økonomisk vækst", "Mål 10: Mindre ulighed",
        "Mål 11: Bæredygtige byer og lokalsamfund",
        "Mål 16: Fred, retfærdighed og stærke institutioner",
    ],
    "nb": [
        "Mål 1: Utrydde fattigdom", "Mål 3: God helse og livskvalitet", "Mål 4: God utdanning",
        "Mål 8: Anstendig arbeid og økonomisk vekst", "Mål 10: Mindre ulikhet",
        "Mål 11: Bærekraftige byer og lokalsamfunn",
        "Mål 16: Fred, rettferdighet og velfungerende institusjoner",
    ],
    "sv": [
        "Mål 1: Ingen fattigdom", "Mål 3: God hälsa och välbefinnande",
        "Mål 4: God utbildning för alla", "Mål 8: Anständiga arbetsvillkor och ekonomisk tillväxt",
        "Mål 10: Minskad ojämlikhet", "Mål 11: Hållbara städer och samhällen",
        "Mål 16: Fredliga och inkluderande samhällen",
    ],
}  # fmt: skip


def names(framework, language):
    return [area.text[language].name for area in framework.areas]


def test_the_six_ps_stand_as_norways_network_states_them(declared):
    framework = declared.framework("who-six-ps")
    assert (framework.original_language, framework.first_year, framework.last_year) == (
        "nb", 2019, 2024,
    )  # fmt: skip
    assert names(framework, "nb") == SIX_PS


def test_a_p_keeps_its_word_in_every_language(declared):
    for area in declared.framework("who-six-ps").areas:
        first = area.text["nb"].name.partition(":")[0]
        assert {text.name.partition(":")[0] for text in area.text.values()} == {first}


def test_the_swedish_strategy_has_three_shifts_and_then_seven_contributions(declared):
    framework = declared.framework("sweden-2019-2025")
    assert (framework.original_language, framework.first_year, framework.last_year) == (
        "sv", 2019, 2025,
    )  # fmt: skip
    assert names(framework, "sv") == SHIFTS + CONTRIBUTIONS


def test_what_the_swedish_network_does_itself_has_no_measure(declared):
    areas = declared.framework("sweden-2019-2025").areas
    unmeasured = [area.text["sv"].name for area in areas if not area.indicators]
    assert unmeasured == [SHIFTS[1], SHIFTS[2], CONTRIBUTIONS[-1]]
    knowledge = areas[0]
    assert {service.role for service in knowledge.indicators} == {Role.CONTEXT}


@pytest.mark.parametrize("language", GOALS)
def test_the_goals_have_their_official_names(declared, language):
    assert names(declared.framework("agenda-2030"), language) == GOALS[language]


@pytest.mark.parametrize("id", ["agenda-2030", "sweden-2019-2025", "who-six-ps"])
def test_an_area_has_few_indicators(declared, id):
    assert all(len(area.indicators) <= 14 for area in declared.framework(id).areas)


@pytest.mark.parametrize("id", FRAMEWORKS)
def test_an_area_with_indicators_has_one_map_or_two(declared, id):
    for area in declared.framework(id).areas:
        assert len(area.maps) in ((1, 2) if area.indicators else (0,)), area.id


@pytest.fixture(scope="module")
def published(repository, declared):
    """What each country has, by its plan."""
    lock = snapshots.read_lock(Workspace(repository))
    homes = countries.load().values()
    return {home.country.id: plan.make(declared, home, lock).available for home in homes}


@pytest.mark.parametrize("id", FRAMEWORKS)
def test_a_framework_measures_something_in_every_country(declared, published, id):
    """Any municipality can be reported under any framework, and finds figures there."""
    services = [s for area in declared.framework(id).areas for s in area.indicators]
    for country, has in published.items():
        measured = {s.indicator for s in services if s.role is not Role.CONTEXT} & has
        assert len(measured) >= 5, country


@pytest.mark.parametrize("id", FRAMEWORKS)
def test_every_text_of_an_area_is_one_of_its_own(declared, id):
    """A promise is told in our words: it is not the name again, nor the gap."""
    for area in declared.framework(id).areas:
        for language, text in area.text.items():
            parts = [text.name, text.promise, text.gap]
            assert len(set(parts)) == len(parts), (area.id, language)
            assert text.promise.endswith("."), (area.id, language)
            assert text.gap.endswith("."), (area.id, language)
            assert text.name not in text.promise, (area.id, language)


@pytest.mark.parametrize("id", FRAMEWORKS)
def test_a_rationale_is_one_or_two_whole_sentences_in_a_language_of_its_own(declared, id):
    for area in declared.framework(id).areas:
        for service in area.indicators:
            said = service.rationale
            place = (area.id, service.indicator)
            assert len(set(said.values())) == len(said), place
            assert all(text.endswith(".") and text.count(". ") <= 1 for text in said.values()), (
                place
            )
            assert all(20 <= len(text) <= 230 for text in said.values()), place


def test_an_area_refuses_a_map_of_what_does_not_serve_it(tmp_path):
    folder = files("healthindicators.catalog")
    for kind in ("indicators", "frameworks"):
        (tmp_path / kind).mkdir()
        for file in (folder / kind).iterdir():
            (tmp_path / kind / file.name).write_bytes(file.read_bytes())
    path = tmp_path / "frameworks" / "who-six-ps.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('"overcrowding", "reported', '"gini", "reported'), encoding="utf-8"
    )
    with pytest.raises(CatalogError) as refused:
        catalog.load_folder(tmp_path)
    problem = str(refused.value.problems[0])
    assert "'gini' does not serve the area" in problem
    assert problem.startswith("who-six-ps.toml:")


@pytest.mark.parametrize(("area", "maps"), [("places", 0), ("planet", 1)])
def test_a_map_of_what_a_country_does_not_publish_is_left_out(repository, processed, area, maps):
    """Denmark has neither crowding nor driving; it has commuting, the second map of the last P."""
    request = resolve(Workspace(repository), "101", "da", "who-six-ps")
    parts = Page(processed, request).area(area)
    assert sum(isinstance(part, Drawing) for part in parts) == maps
