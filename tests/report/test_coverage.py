"""`coverage` tells which promises have a direct measure, a proxy or no open measure in a country."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from healthindicators import catalog, countries, plan
from healthindicators.catalog import Catalog
from healthindicators.model import AreaText, Framework, FrameworkText, Role, Service, StrategicArea
from healthindicators.report import coverage
from healthindicators.text import language
from healthindicators.workspace import Workspace
from tests.conftest import command

REASON = {"en": "Because.", "da": "Fordi."}


def area(id, **services):
    text = {code: AreaText(f"{id} in {code}", "A promise.", "A gap.") for code in ("en", "da")}
    roles = [(Role(role), ids) for role, ids in services.items()]
    return StrategicArea(id, text, tuple(Service(i, r, REASON) for r, ids in roles for i in ids))


AREAS = (
    area("work", proxy=["employment-rate"]),
    area("lives", context=["gini"], proxy=["life-expectancy"], direct=["mortality-below-75"]),
    area("habits", direct=["daily-smoking", "obesity"], proxy=["loneliness"]),
    area("income", context=["gini", "disposable-income"]),
)


@pytest.fixture
def small(monkeypatch, declared, denmark):
    """A catalogue with one framework of four areas, under the name that Denmark reports by."""
    id, text = denmark.country.framework, FrameworkText("A title", "A network", "About it.")
    only = Framework(id, 2020, 2030, "en", "Cited.", {"en": text, "da": text}, AREAS)
    monkeypatch.setattr(catalog, "load", lambda: Catalog(declared.indicators, {id: only}))
    return only


@pytest.fixture
def two_countries(monkeypatch, denmark):
    """Denmark, and a country that publishes little."""
    names = {"en": "Elsewhere", "da": "Andetsteds"}
    other = replace(denmark, country=replace(denmark.country, id="XX", names=names))
    has = {
        "DK": {"employment-rate", "life-expectancy", "gini", "daily-smoking", "loneliness"},
        "XX": {"mortality-below-75", "loneliness"},
    }
    monkeypatch.setattr(countries, "load", lambda: {"DK": denmark, "XX": other})

    def made(declared, home, lock):
        available = frozenset(has[home.country.id])
        return SimpleNamespace(country=home.country, available=available)

    monkeypatch.setattr(plan, "make", made)


def test_the_best_role_that_a_country_has_counts(repository, small, two_countries):
    found = coverage.covered(Workspace(repository))
    assert [(c.area.id, c.country.id, c.best) for c in found] == [
        ("work", "DK", Role.PROXY),
        ("work", "XX", None),
        ("lives", "DK", Role.PROXY),
        ("lives", "XX", Role.DIRECT),
        ("habits", "DK", Role.DIRECT),
        ("habits", "XX", Role.PROXY),
        ("income", "DK", None),
        ("income", "XX", None),
    ]


def test_the_table_names_an_area_once_and_the_ids_of_its_best_role(
    repository, small, two_countries
):
    found = coverage.covered(Workspace(repository))
    assert coverage.table(found, language("en")) == (
        ("Strategic area", "Country", "Best measure", "Indicators"),
        [
            ("work in en", "Denmark", "proxy", "employment-rate"),
            ("", "Elsewhere", "no open measure", ""),
            ("lives in en", "Denmark", "proxy", "life-expectancy"),
            ("", "Elsewhere", "direct measure", "mortality-below-75"),
            ("habits in en", "Denmark", "direct measure", "daily-smoking"),
            ("", "Elsewhere", "proxy", "loneliness"),
            ("income in en", "Denmark", "no open measure", "context only: gini"),
            ("", "Elsewhere", "no open measure", ""),
        ],
    )


def test_totals_count_every_area_once_in_each_country(repository, small, two_countries):
    found = coverage.covered(Workspace(repository))
    columns, rows = coverage.totals(found, language("da"))
    assert columns == (
        "Strategi", "Land", "Strategiske områder", "direkte mål", "indirekte mål",
        "intet åbent mål",
    )  # fmt: skip
    assert rows == [
        (small.id, "Danmark", "4", "1", "2", "1"),
        (small.id, "Andetsteds", "4", "1", "1", "2"),
    ]


def test_what_a_country_has_is_what_its_plan_has(repository, monkeypatch, small, denmark):
    """Mortality is computed from deaths: without their table nothing measures lives but a proxy."""
    workspace = Workspace(repository)
    monkeypatch.setattr(countries, "load", lambda: {"DK": denmark})
    before = {c.area.id: c.indicators[Role.DIRECT] for c in coverage.covered(workspace)}
    assert before["lives"] == ("mortality-below-75",)
    without = replace(denmark, tables=tuple(t for t in denmark.tables if t.id != "deaths"))
    monkeypatch.setattr(countries, "load", lambda: {"DK": without})
    after = {c.area.id: c for c in coverage.covered(workspace)}
    assert after["lives"].best is Role.PROXY
    assert after["lives"].indicators[Role.PROXY] == ("life-expectancy",)
    assert after["habits"].indicators[Role.DIRECT] == ("daily-smoking", "obesity")


def test_the_command_tells_one_framework_of_one_country_in_a_language(workspace):
    said = command(
        workspace, "coverage", "--framework", "denmark-2017-2020", "--country", "DK",
        "--language", "da",
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    lines = [line.rstrip() for line in said.stdout.splitlines()]
    assert lines[0] == "Sund By Netværkets strategi 2017-2020 (denmark-2017-2020)"
    generous = next(line for line in lines if line.startswith("Styrket faglighed"))
    assert generous.split("  ")[-1].strip() == "intet åbent mål"
    choice = next(line for line in lines if line.startswith("Strukturel forebyggelse"))
    assert "direkte mål" in choice
    assert "daily-smoking, alcohol-above-10-units, unhealthy-diet" in choice
    assert lines[-1].split() == ["denmark-2017-2020", "Danmark", "4", "1", "2", "1"]
    assert not (workspace.root / "data" / "processed").exists(), "nothing is built to tell it"


def test_the_command_tells_of_every_framework_and_country(workspace):
    said = command(workspace, "coverage")
    assert said.returncode == 0, said.stderr
    total = said.stdout.split("Strategic areas")[1]
    for framework in catalog.load().frameworks:
        assert f"({framework})" in said.stdout
        assert total.count(framework) == len(countries.load())


@pytest.mark.parametrize(
    ("arguments", "code", "offer"),
    [
        (["--framework", "denmark-2021-203"], 13, "denmark-2021-2030"),
        (["--country", "DKK"], 15, "DK"),
        (["--language", "dk"], 14, "da"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(workspace, arguments, code, offer):
    said = command(workspace, "coverage", *arguments)
    assert said.returncode == code
    assert offer in said.stderr
    assert said.stdout == ""
