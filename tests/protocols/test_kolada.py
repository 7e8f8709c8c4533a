"""Kolada: 25 ids, pages, deleted figures, and nothing lost without a word."""

import csv
import json
from dataclasses import replace

import pytest

from healthindicators.errors import CatalogError, DataError, SourceChanged, SourceUnavailable
from healthindicators.formats import kolada as layout
from healthindicators.protocols import Reply, Request, kolada
from tests.formats import slowly_kolada
from tests.formats.spoiling import spoiled
from tests.real_files import real_file
from tests.services.asking import ask, told
from tests.services.kolada import Kolada, ids
from tests.services.opened import lead

PLACES = {"0000": "L", "0001": "L", "0114": "K", "0180": "K", "1480": "K"}
KPIS = {"N00945": True, "N01951": False}
YEARS = ("2021", "2022", "2023")
EVERYTHING = {
    "kpi": ["N00945", "N01951"],
    "municipality": ["*"],
    "year": ["2021", "2022", "2023"],
    "gender": ["*"],
}


def figures():
    return {
        (kpi, place, year, gender): float(f"{kpi[-2:]}.{place}{year[-1]}{ord(gender)}")
        for kpi, divided in KPIS.items()
        for place in PLACES
        for year in YEARS
        for gender in ("TKM" if divided else "T")
    }


@pytest.fixture
def service():
    with Kolada(KPIS, PLACES, figures(), groups=["G124026", "G35888"]) as running:
        yield running


def asked(service, **dimensions):
    return ask("kolada", service.base, "", EVERYTHING | dimensions)


def fetch(service, **dimensions):
    question = asked(service, **dimensions)
    return kolada.read(question, lead(kolada, question), where="x")


def test_all_that_was_asked_for_comes(service):
    cube = fetch(service)
    assert told(cube) == {key: (value, "") for key, value in service.cells.items()}
    assert cube.dimensions == ("kpi", "municipality", "year", "gender")
    assert cube.labels["municipality"]["0114"] == "Place 0114"
    assert cube.labels["kpi"]["N00945"] == "Figure N00945"
    assert cube.roles == {"time": ("year",), "geo": ("municipality",)}
    assert cube.updated == "2026-02-24"


def test_cards_and_lists_are_asked_for_first(service):
    fetch(service)
    paths = [path.split("?")[0] for _, path, _ in service.asked]
    assert paths[:2] == ["/v3/kpi/N00945,N01951", "/v3/municipality"]
    assert paths[2:] == [
        "/v3/data/kpi/N00945,N01951/municipality/0000,0001,0114,0180,1480/year/2021,2022,2023"
    ]


@pytest.mark.parametrize(
    ("select", "places"),
    [
        ((["*"], "K"), ["0114", "0180", "1480"]),
        ((["*", "0000"], "K"), ["0000", "0114", "0180", "1480"]),
        ((["*"], "L"), ["0000", "0001"]),
        (["01*"], ["0114", "0180"]),
        (["0180", "G124026"], ["0180", "G124026"]),
        (["*", "G124026"], [*PLACES, "G124026"]),
    ],
)
def test_places_are_chosen_by_id_pattern_and_type(service, select, places):
    service.cells["N00945", "G124026", "2021", "T"] = 5.5
    cube = fetch(service, municipality=select)
    assert list(cube.cells["municipality"].cat.categories) == places
    assert ("G124026" in places) == (("N00945", "G124026", "2021", "T") in told(cube))


@pytest.mark.parametrize(
    ("select", "years"),
    [
        (["2022"], ["2022"]),
        (["*"], ["2021", "2022", "2023"]),
        ([">=2022"], ["2022", "2023"]),
        (["<=2022"], ["2021", "2022"]),
        ([">=2022<=2022", "2021"], ["2021", "2022"]),
        (["2022", "2030"], ["2022", "2030"]),
    ],
)
def test_years_are_chosen_by_number_and_bounds(service, select, years):
    assert list(fetch(service, year=select).cells["year"].cat.categories) == years


def test_not_more_than_25_ids_stand_in_a_part_of_an_address():
    kpis = dict.fromkeys(ids("N", 30, 5), False)
    places = dict.fromkeys(ids("", 27), "K")
    years = [str(year) for year in range(1990, 2016)]
    cells = {(k, p, y, "T"): 1.0 for k in list(kpis)[::9] for p in places for y in years}
    with Kolada(kpis, places, cells) as service:
        cube = fetch(service, kpi=list(kpis), year=years)
        assert len(cube.cells) == 30 * 27 * 26
        assert {key: value for key, (value, _) in told(cube).items() if value} == cells
        data = [path for _, path, _ in service.asked if path.startswith("/v3/data")]
        assert len(data) == 2 * 2 * 2
        too_many = "/v3/data/kpi/N00001/municipality/" + ",".join(ids("", 26))
        assert service.ask("GET", too_many + "/year/2000")[0] == 400


def test_pages_are_followed_and_their_count_is_their_own(service):
    service.largest = 4
    assert told(fetch(service)) == {key: (value, "") for key, value in service.cells.items()}
    assert len([1 for _, path, _ in service.asked if path.startswith("/v3/data")]) == 8


def test_a_full_page_without_a_next_one_has_lost_the_rest(service, monkeypatch):
    monkeypatch.setattr(kolada, "PER_PAGE", 10)
    service.forget_next = True
    with pytest.raises(SourceChanged, match="a full page of 10 without a next one"):
        fetch(service)


def test_the_next_page_is_on_the_same_host(service):
    service.largest, service.next_host = 4, "http://127.0.0.1:1"
    with pytest.raises(SourceChanged, match="the next page is elsewhere"):
        fetch(service)


def asked_after(next):
    """Return what is asked once the first page has told the address of the next."""
    question = ask("kolada", "https://api.kolada.se/v3", "", EVERYTHING)
    first = kolada.requests(question, {})[0]
    return kolada.requests(question, {first: Reply(page([], next))})


@pytest.mark.parametrize(
    "next",
    [
        "/v3/data?page=2",
        "//api.kolada.se/v3/data?page=2",
        "http://api.kolada.se/v3/data?page=2",
        "http://api.kolada.se:80/v3/data?page=2",
        "https://API.kolada.se:443/v3/data?page=2",
    ],
)
def test_the_next_page_is_asked_for_at_the_same_door(next):
    assert asked_after(next)[1] == Request("https://api.kolada.se/v3/data?page=2")


@pytest.mark.parametrize(
    "next",
    [
        "https://api.kolada.se:8443/v3/data",
        "https://api.kolada.se@elsewhere.example/v3/data",
        "https://someone@api.kolada.se/v3/data",
        "ftp://api.kolada.se/v3/data",
        "https://[api/v3/data",
        "https://api.kolada.se:port/v3/data",
    ],
)
def test_the_next_page_is_never_asked_for_at_another_door(next):
    with pytest.raises(SourceChanged, match="the next page"):
        asked_after(next)


class Nameless(Kolada):
    def paged(self, path, query, items):
        empty = {"title": None, "is_divided_by_gender": None, "publication_date": None}
        return super().paged(path, query, [i | empty if "id" in i else i for i in items])


def test_cards_and_places_may_lack_all_but_their_ids():
    cells = {key: value for key, value in figures().items() if key[0] == "N00945"}
    with Nameless(KPIS, PLACES, cells) as service:
        cube = fetch(service, kpi=["N00945"])
    assert told(cube) == {key: (value, "") for key, value in cells.items()}
    assert (cube.labels, cube.title) == ({"kpi": {}, "municipality": {}}, "N00945")


def test_a_deleted_figure_gives_way_to_a_living_one():
    figures = [{"gender": "T", "value": 1, "isdeleted": True}, {"gender": "T", "value": 2}]
    cells = layout.read([page([item(values=figures)])], where="x").cells
    assert cells["value"].tolist() == [2]
    twice = layout.read([page([item(values=figures[:1]), item(values=figures[:1])])], where="x")
    assert twice.cells["symbol"].tolist() == ["deleted"]


def test_pages_that_go_in_a_circle_end(service):
    question = asked(service)
    about = kolada.requests(question, {})
    answered = {about[0]: Reply(page([], about[0].url))}
    with pytest.raises(SourceChanged, match="pages go in a circle"):
        kolada.requests(question, answered)


def test_the_published_key_figures_on_public_health_can_be_asked_for():
    with real_file("se/kolada_public_health_kpis.csv").open(encoding="utf-8", newline="") as text:
        divided = {row["id"]: row["is_divided_by_gender"] == "True" for row in csv.DictReader(text)}
    with Kolada(divided, PLACES, {}) as service:
        cube = fetch(service, kpi=list(divided), municipality=["0180"], year=["2023"])
        cards = [path for _, path, _ in service.asked if path.startswith("/v3/kpi/")]
    assert len(cards) == 5
    assert set(cube.cells["kpi"]) == set(divided)
    assert len(cube.cells) == sum(3 if both else 1 for both in divided.values())


def page(items, following=None, **other):
    said = {"values": items, "count": len(items), "next_url": following, "previous_url": None}
    return json.dumps(said | other).encode()


@pytest.mark.parametrize(
    ("figure", "cell"),
    [
        ({"isdeleted": True, "value": None}, (None, "deleted")),
        ({"isdeleted": True, "value": 7.5}, (None, "deleted")),
        ({"value": None}, (None, "..")),
        ({"value": None, "status": "Missing"}, (None, "Missing")),
        ({"value": 3, "status": "Preliminary"}, (3.0, "Preliminary")),
        ({"value": 0}, (0.0, "")),
        ({"value": None, "status": None}, (None, "..")),
    ],
)
def test_what_a_figure_says_of_itself_is_kept(service, figure, cell):
    service.cells["N00945", "0180", "2022", "K"] = figure
    assert told(fetch(service))["N00945", "0180", "2022", "K"] == cell


def test_figures_that_never_were_are_told_as_missing(service):
    for gender in "TKM":
        del service.cells["N00945", "0180", "2022", gender]
    del service.cells["N01951", "1480", "2021", "T"]
    found = told(fetch(service))
    assert {found["N00945", "0180", "2022", gender] for gender in "TKM"} == {(None, "..")}
    assert found["N01951", "1480", "2021", "T"] == (None, "..")
    assert len(found) == 5 * 3 * 4


def test_a_figure_that_is_not_divided_has_no_women_and_men_made_up(service):
    found = fetch(service, kpi=["N01951"])
    assert set(found.cells["gender"]) == {"T"}
    with pytest.raises(SourceChanged, match="'N01951' is not divided by gender"):
        fetch(service, gender=["K", "M"])
    assert set(fetch(service, kpi=["N00945"], gender=["K", "M"]).cells["gender"]) == {"K", "M"}


def test_unknown_ids_are_told_before_figures_are_asked_for(service):
    with pytest.raises(SourceChanged) as caught:
        fetch(service, kpi=["N00945", "N00946"], municipality=["0181", "99*"])
    text = str(caught.value)
    assert "'kpi' has no code 'N00946' (nearest: N00945)" in text
    assert "'municipality' has no code '0181' (nearest: 0180" in text
    assert "'municipality' has no code '99*'" in text
    assert not any("/data/" in path for _, path, _ in service.asked)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kpi": ["*"]},
        {"kpi": []},
        {"year": ["(1)"]},
        {"year": ["20"]},
        {"gender": ["F"]},
        {"gender": []},
        {"sex": ["*"]},
    ],
)
def test_selections_that_cannot_be_understood_are_the_declarations_fault(service, wrong):
    with pytest.raises(CatalogError):
        lead(kolada, asked(service, **wrong))


def test_version_2_is_gone(service):
    question = asked(service)
    old = replace(question, source=replace(question.source, base=service.host + "/v2"))
    with pytest.raises(SourceChanged, match=r"this version is gone .*v3"):
        lead(kolada, old)


@pytest.mark.parametrize(("status", "message"), [(404, "an id may be gone"), (422, "status 422")])
def test_refusals_are_told(service, status, message):
    question = asked(service)
    about = kolada.requests(question, {})
    with pytest.raises(SourceChanged, match=message):
        kolada.requests(question, {about[0]: Reply(b'{"detail": "no"}', status)})


def test_a_web_page_with_status_200_is_no_answer(service):
    service.fail("html")
    with pytest.raises(SourceUnavailable, match="a web page came"):
        lead(kolada, asked(service))


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b'{"values": {}, "count": 0}',
        b'{"values": [], "count": 1, "next_url": null}',
        b'{"values": [], "next_url": null}',
        b'{"values": [1], "count": 1}',
        b'{"values": [], "count": 0, "next_url": 5}',
        b'{"values": [], "count": 0, "next_page": "http://127.0.0.1/"}',
        b'{"values": [], "count": 0, "count": 0}',
        b'{"values": [',
    ],
)
def test_what_is_no_page_is_refused(service, body):
    with pytest.raises(DataError):
        layout.page(body, where="x")
    question = asked(service)
    about = kolada.requests(question, {})
    with pytest.raises(SourceChanged):
        kolada.requests(question, {about[0]: Reply(body)})


def item(**other):
    return {"kpi": "N00945", "municipality": "0180", "period": 2022, "values": []} | other


@pytest.mark.parametrize(
    "items",
    [
        [item(kpi=945)],
        [item(municipality=180)],
        [item(period="2022")],
        [item(period=True)],
        [item(period=22)],
        [item(values=None)],
        [item(values=[5])],
        [item(values=[{"gender": "T", "value": "5"}])],
        [item(values=[{"gender": "T", "value": True}])],
        [item(values=[{"gender": "X", "value": 5}])],
        [item(values=[{"value": 5}])],
        [item(values=[{"gender": "T", "value": 5, "isdeleted": 0}])],
        [item(values=[{"gender": "T", "value": 5, "isdeleted": "false"}])],
        [item(values=[{"gender": "T", "value": 5, "status": 3}])],
        [item(values=[{"gender": "T", "value": 5}, {"gender": "T", "value": 5}])],
        [item(values=[{"gender": "T", "value": 5}])] * 2,
    ],
)
def test_figures_that_cannot_be_read_are_refused(items):
    with pytest.raises(DataError):
        layout.read([page(items)], where="x")


@pytest.mark.parametrize(
    "other", [{"kpi": "N00001"}, {"municipality": "0181"}, {"period": 2019}], ids=str
)
def test_figures_that_were_not_asked_for_are_refused(service, other):
    question = asked(service)
    answered = lead(kolada, question)
    body = page([item(values=[{"gender": "T", "value": 5}], **other)])
    with pytest.raises(SourceChanged, match="came and was not asked for"):
        kolada.read(question, {**answered, list(answered)[-1]: Reply(body)}, where="x")


def test_a_conversation_that_is_not_at_its_end_is_not_read(service):
    service.largest = 4
    question = asked(service)
    answered = lead(kolada, question)
    for lost in list(answered)[1:]:
        short = {request: reply for request, reply in answered.items() if request != lost}
        with pytest.raises(DataError, match="not all"):
            kolada.read(question, short, where="x")


def test_no_figures_at_all_are_all_told(service):
    service.cells.clear()
    cube = fetch(service)
    assert len(cube.cells) == 60
    assert set(cube.cells["symbol"]) == {".."}


def test_spoiled_pages_are_read_right_or_refused(service):
    service.cells["N00945", "0180", "2022", "K"] = {"isdeleted": True, "value": 5}
    service.cells["N00945", "0180", "2022", "M"] = {"value": None, "status": "Missing"}
    question = asked(service, municipality=["0180"], year=["2022", "2023"])
    pages = list(lead(kolada, question).items())
    body = pages[-1][1].body

    def judge(bytes):
        try:
            cube = layout.read([bytes], where="x")
        except DataError:
            return False
        assert told(cube) == slowly_kolada.read([bytes])
        return True

    assert judge(body)
    letters = b'0123456789-+.eE"{}[]:, \\tfn\xc3'
    outcomes = [judge(spoiled(body, seed, letters)) for seed in range(300)]
    assert 30 < sum(outcomes) < 270
