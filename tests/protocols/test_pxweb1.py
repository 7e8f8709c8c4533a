"""Conversations with a PxWeb API of version 1 that executes filters, limits and errors."""

import itertools
import json

import pytest

from healthindicators.errors import CatalogError, DataError, SourceChanged, SourceUnavailable
from healthindicators.model import Dimension, Limits
from healthindicators.protocols import Reply, Request, px, pxweb1
from tests.protocols.asking import ask, cells
from tests.services.cubes import population
from tests.services.driver import converse, send
from tests.services.loopback import WEB_PAGE, Answer, as_json
from tests.services.pxweb1 import WRITERS, PxWeb1

TABLE = "B_HLV/befolkning på region.px"
ALL = (("Region", "*"), ("Kjonn", "*"), ("ContentsCode", "*"), ("Tid", "*"))
FEW = (("Region", "0301", "1103"), ("Kjonn", "1"), ("ContentsCode", "Personer1"), ("Tid", "top(2)"))


@pytest.fixture
def service():
    return PxWeb1()


def fetched(service, *dimensions, code=TABLE, **options):
    with service.running() as base:
        asked = ask("pxweb1", f"{base}/", code, *dimensions, **options)
        return pxweb1.read(asked, converse(pxweb1, asked), where="here")


def refused(error, service, *dimensions, **options):
    with pytest.raises(error) as caught:
        fetched(service, *dimensions, **options)
    return str(caught.value)


def expected(cube, **chosen):
    keys = itertools.product(*(chosen.get(v.code, list(v.values)) for v in cube.variables))
    return {key: cube.cell(key) for key in keys}


def posted(service):
    return [json.loads(q.body) for q in service.log if q.method == "POST"]


@pytest.mark.parametrize("most", [100_000, 100, 9, 1])
def test_whole_table_comes_as_it_is_whatever_the_limit(service, most):
    service.most_cells = most
    dimensions = ALL if most > 1 else FEW
    chosen = {} if most > 1 else {"Region": ["0301", "1103"], "Kjonn": ["1"],
                                  "ContentsCode": ["Personer1"], "Tid": ["2023", "2024"]}  # fmt: skip
    assert cells(fetched(service, *dimensions)) == expected(population(), **chosen)


def test_letters_beyond_ascii_reach_the_service(service):
    fetched(service, *FEW)
    assert [(q.method, q.path) for q in service.log] == [
        ("GET", "/"),
        ("GET", f"/{TABLE}"),
        ("POST", f"/{TABLE}"),
    ]
    assert posted(service)[0]["response"] == {"format": "json-stat2"}
    assert posted(service)[0]["query"][3] == {
        "code": "Tid",
        "selection": {"filter": "item", "values": ["2023", "2024"]},
    }


def dimension(code, filter, *select, codelist=""):
    return Dimension(code, "geo", select, filter=filter, codelist=codelist)


@pytest.mark.parametrize(
    ("region", "codes"),
    [
        (dimension("Region", "item", "1103"), ["1103"]),
        (dimension("Region", "all", "1*"), ["1103", "1514", "1818"]),
        (dimension("Region", "all", "*03"), ["1103", "3103"]),
        (dimension("Region", "top", "2"), ["0", "0301"]),
        (dimension("Region", "vs:Kommun", "0301", "1103"), ["0301", "1103"]),
        (dimension("Region", "", "0301", codelist="Kommun"), ["0301"]),
    ],
)
def test_filters_pick_what_they_say(service, region, codes):
    cube = fetched(service, region, *FEW[1:])
    assert cells(cube) == expected(
        population(), Region=codes, Kjonn=["1"], ContentsCode=["Personer1"], Tid=["2023", "2024"]
    )


def test_top_is_the_newest_on_time(service):
    tid = Dimension("Tid", "period", ("3",), filter="top")
    cube = fetched(service, *FEW[:3], tid)
    assert {key[3] for key in cells(cube)} == {"2022", "2023", "2024"}


@pytest.mark.parametrize(
    "region",
    [
        dimension("Region", "agg:KommSummer", "K-3103"),
        dimension("Region", "agg", "K-3103", codelist="KommSummer"),
    ],
)
def test_groupings_are_summed_by_the_service_with_their_marks(service, region):
    cube = fetched(service, region, *FEW[1:3], ("Tid", "2019"))
    table = population()
    moss = sum(table.number((c, "1", "Personer1", "2019")) for c in ("0104", "0136"))
    assert cells(cube) == {("K-3103", "1", "Personer1", "2019"): (moss, ".")}


@pytest.mark.parametrize("wanted", ["some", "vs:", "item:x", "agg"])
def test_filter_that_cannot_be_is_a_mistake_of_ours(service, wanted):
    refused(CatalogError, service, dimension("Region", wanted, "0301"), *FEW[1:])


def test_mandatory_variable_must_be_declared_for_all_of_it_would_come(service):
    text = refused(SourceChanged, service, *FEW[:3])
    assert "mandatory dimension 'Tid' is not declared" in text
    assert not posted(service)


def test_eliminable_variable_may_be_left_out(service):
    table = population()
    both = sum(table.number(("0301", sex, "Andel", "2024")) for sex in "12")
    cube = fetched(service, ("Region", "0301"), ("ContentsCode", "Andel"), ("Tid", "2024"))
    assert cells(cube) == {("0301", "Andel", "2024"): (both, "")}


def test_unknown_code_is_told_and_never_sent(service):
    text = refused(SourceChanged, service, ("Region", "0302"), *ALL[1:])
    assert "'0302'" in text
    assert not posted(service)


def test_values_left_out_of_metadata_are_sent_as_they_are_named(service):
    service.most_values = 8
    assert cells(fetched(service, *FEW)) == expected(
        population(),
        Region=["0301", "1103"],
        Kjonn=["1"],
        ContentsCode=["Personer1"],
        Tid=["2023", "2024"],
    )
    assert "its codes are not told" in refused(SourceChanged, service, *ALL)
    text = refused(SourceChanged, service, ("Region", "9999"), *FEW[1:])
    assert "The request for variable 'Region' has an error." in text


def test_parts_become_smaller_where_the_service_allows_less_than_it_says(service):
    service.most_cells, service.told_cells = 30, 100
    assert cells(fetched(service, *ALL)) == expected(population())


@pytest.mark.parametrize(
    ("instead", "error", "expected"),
    [
        (WEB_PAGE, SourceUnavailable, "Maintenance"),
        (as_json({"error": "Parameter error"}, 400), SourceChanged, "Parameter error"),
        (as_json({"error": "gone"}, 404), SourceChanged, "no longer there: gone"),
        (
            Answer(400, b"<html><h1>Bad Request</h1></html>", "text/html"),
            SourceChanged,
            "Bad Request",
        ),
        (as_json([{"id": "a", "type": "l"}]), SourceChanged, "folder"),
    ],
)
def test_refusals_of_every_shape_are_told(service, instead, error, expected):
    service.instead = [("befolkning", instead)]
    assert expected in refused(error, service, *FEW)


def test_limits_come_from_the_service_else_from_the_source(service):
    with service.running() as base:
        asked = ask("pxweb1", base, TABLE, *FEW, limits=Limits(7, 8, 9))
        answered = {r: Reply(send(r)[2]) for r in pxweb1.requests(asked, {})}
    assert pxweb1.limits(asked, answered) == Limits(100_000, 30, 10.0)
    assert pxweb1.limits(asked, {}) == Limits(7, 8, 9)


@pytest.mark.parametrize("form", WRITERS)
def test_replies_of_every_form_read_the_same(service, form, monkeypatch):
    # An installation that answers in its own form, whatever was asked for.
    monkeypatch.setitem(WRITERS, "json-stat2", WRITERS[form])
    cube = fetched(service, *ALL)
    order = [cube.dimensions.index(v.code) for v in population().variables]
    found = {tuple(key[n] for n in order): said for key, said in cells(cube).items()}
    marked = expected(population())
    if form == "json":  # which has no room for a mark beside a value
        marked["0301", "1", "Personer1", "2024"] = (4711, "")
    assert found == marked
    assert cube.updated == "2026-06-08T06:00:00Z"


def test_json_is_known_wherever_its_columns_stand_and_its_comments_are_kept(service, monkeypatch):
    def turned(said):
        tree = json.loads(WRITERS["json"](said).body)
        tree["comments"] = [
            {"variable": "Region", "value": "3103", "comment": "Ny kommune."},
            {"comment": "Les dette."},
        ]
        return as_json({key: tree[key] for key in ("data", "metadata", "comments", "columns")})

    monkeypatch.setitem(WRITERS, "json-stat2", turned)
    cube = fetched(service, *FEW)
    assert len(cube.cells) == 4
    assert cube.notes == ("Region: 3103: Ny kommune.", "Les dette.")


PX = """CHARSET="ANSI";STUB="Region";HEADING="Tid";VALUES("Region")="Oslo","Moss","Herøy";
CODES("Region")="0301","3103","1514";VALUES("Tid")="2022","2023","2024";TIMEVAL("Tid")=TLIST(A1,"2022"-"2024");
DATA=1 2 3 4 ".." 6 7 8 "-";"""


class Shelf(PxWeb1):
    def route(self, question):
        return Answer(200, PX.encode("cp1252"), "application/octet-stream")


def test_a_px_file_that_did_not_come_is_told():
    with pytest.raises(DataError, match="0 answers, where one file is read"):
        px.read(ask("px", "", "f.px", ("Tid", "*")), {}, where="here")


def test_px_file_is_fetched_whole_and_the_selection_picked():
    with Shelf().running() as base:
        asked = ask("px", base, "hylle/få.px", ("tid", "top(2)"), ("Region", "0301", "1514"))
        cube = px.read(asked, converse(px, asked), where="here")
    assert cube.dimensions == ("Region", "tid")
    assert cells(cube) == {
        ("0301", "2023"): (2, ""),
        ("0301", "2024"): (3, ""),
        ("1514", "2023"): (8, ""),
        ("1514", "2024"): (None, "-"),
    }


def test_px_file_by_hand_asks_nothing():
    asked = ask("px", "", "fil", ("Tid", "*"), ("Region", "03*"))
    assert px.requests(asked, {}) == ()
    file = {Request("a file"): Reply(PX.encode("cp1252"))}
    assert len(px.read(asked, file, where="here").cells) == 3


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        ((("Region", "*"),), "'Tid' came and was not asked for"),
        ((("Region", "9*"), ("Tid", "*")), "no code fits '9*'"),
        ((("Regio", "*"), ("Tid", "*")), "no dimension 'Regio'"),
    ],
)
def test_px_file_that_is_not_as_declared_is_refused(dimensions, expected):
    asked = ask("px", "", "fil", *dimensions)
    with pytest.raises(SourceChanged, match=expected.replace("*", r"\*")):
        px.read(asked, {Request("a file"): Reply(PX.encode("cp1252"))}, where="here")


def test_web_page_instead_of_a_px_file_is_no_answer():
    shelf = Shelf(instead=[("", WEB_PAGE)])
    with shelf.running() as base, pytest.raises(SourceUnavailable, match="Maintenance"):
        converse(px, ask("px", base, "a.px"))
