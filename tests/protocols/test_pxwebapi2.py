"""Conversations with a PxWebApi 2 that executes selections, limits and errors."""

import itertools
import json
from dataclasses import replace

import pytest

from healthindicators.errors import CatalogError, DataError, SourceChanged, SourceUnavailable
from healthindicators.model import Dimension, Limits
from healthindicators.protocols import Reply, Request, protocol, pxwebapi2
from tests.protocols.asking import ask, cells
from tests.services.cubes import population
from tests.services.driver import converse, send
from tests.services.loopback import WEB_PAGE, Answer, Rate, as_json
from tests.services.pxwebapi2 import PxWebApi2

ALL = (("Region", "*"), ("Kjonn", "*"), ("ContentsCode", "*"), ("Tid", "*"))
FEW = (("Region", "0301", "1103"), ("Kjonn", "1"), ("ContentsCode", "Personer1"), ("Tid", "top(2)"))


@pytest.fixture
def service():
    return PxWebApi2()


def fetched(service, *dimensions, **options):
    """Return the cube that a conversation ends with."""
    with service.running() as base:
        asked = ask("pxwebapi2", base, options.pop("code", "07459"), *dimensions, **options)
        answered = converse(pxwebapi2, asked)
        return pxwebapi2.read(asked, answered, where="here")


def data(service):
    return [q for q in service.log if q.path.endswith("/data")]


def refused(error, service, *dimensions, **options):
    with pytest.raises(error) as caught:
        fetched(service, *dimensions, **options)
    return str(caught.value)


def expected(cube, **chosen):
    """Cells of the table's own codes, by hand from the definition of the service's table."""
    keys = itertools.product(*(chosen.get(v.code, list(v.values)) for v in cube.variables))
    return {key: cube.cell(key) for key in keys}


def test_protocol_is_found_by_its_name():
    assert protocol("pxwebapi2") is pxwebapi2


def test_whole_table_comes_as_it_is(service):
    cube = fetched(service, *ALL)
    assert cells(cube) == expected(population())
    assert cube.dimensions == ("Region", "Kjonn", "ContentsCode", "Tid")
    assert cube.labels["Region"]["1514"] == cube.labels["Region"]["1818"] == "Herøy"
    assert cube.units["Personer1"] == {"base": "number", "decimals": 0}
    assert cube.roles == {"time": ("Tid",), "metric": ("ContentsCode",)}
    assert cube.notes == ("Statistikken er fiktiv.",)


@pytest.mark.parametrize("most", [1, 7, 100, 251, 252])
def test_parts_are_the_whole_whatever_the_limit(service, most):
    service.most_cells = most
    dimensions = (("Region", "????"), ("Kjonn", "*"), ("ContentsCode", "*"), ("Tid", "from(2023)"))
    codes = [c for c in population().variable("Region").values if len(c) == 4]
    cube = fetched(service, *dimensions)
    assert cells(cube) == expected(population(), Region=codes, Tid=["2023", "2024"])


def test_configuration_then_metadata_then_data_with_language_and_format(service):
    fetched(service, *FEW)
    assert [(q.method, q.path) for q in service.log] == [
        ("GET", "/config"),
        ("GET", "/tables/07459/metadata"),
        ("POST", "/tables/07459/data"),
    ]
    assert service.log[2].query == [("lang", "no"), ("outputFormat", "json-stat2")]
    assert json.loads(service.log[2].body) == {
        "selection": [
            {"variableCode": "Region", "valueCodes": ["0301", "1103"]},
            {"variableCode": "Kjonn", "valueCodes": ["1"]},
            {"variableCode": "ContentsCode", "valueCodes": ["Personer1"]},
            {"variableCode": "Tid", "valueCodes": ["2023", "2024"]},
        ]
    }


def test_dimensions_are_named_as_the_table_file_names_them(service):
    cube = fetched(
        service, ("region", "0301"), ("kjonn", "1"), ("CONTENTSCODE", "andel"), ("tid", "2024")
    )
    assert cube.dimensions == ("region", "kjonn", "CONTENTSCODE", "tid")
    assert set(cube.labels) == set(cube.dimensions)


def test_eliminable_dimension_may_be_left_out_and_is_summed(service):
    cube = fetched(service, ("Region", "0301"), ("ContentsCode", "Andel"), ("Tid", "2024"))
    table = population()
    both = sum(table.number(("0301", sex, "Andel", "2024")) for sex in "12")
    assert cells(cube) == {("0301", "Andel", "2024"): (both, "")}


def test_mandatory_dimension_must_be_declared(service):
    text = refused(SourceChanged, service, ("Region", "0301"), ("Tid", "2024"))
    assert "mandatory dimension 'ContentsCode' is not declared" in text
    assert not data(service)


def test_unknown_dimension_and_codes_are_told_and_never_sent(service):
    text = refused(SourceChanged, service, ("Regions", "0301"), *ALL[1:])
    assert "'Regions' (nearest: Region" in text
    text = refused(
        SourceChanged, service, ("Region", "0301", "0302"), *ALL[1:3], ("Tid", "2025", "2024")
    )
    assert "'0302'" in text
    assert "'2025'" in text
    assert not data(service)


def test_malformed_selection_is_a_mistake_of_ours(service):
    refused(CatalogError, service, ("Region", "0*1"), *ALL[1:])


def test_code_list_gives_its_own_codes_and_keeps_marks_of_sums(service):
    region = Dimension("Region", "geo", ("*",), codelist="agg_KommSummer")
    cube = fetched(service, region, *FEW[1:3], ("Tid", "2019", "2024"))
    table = population()
    moss = [table.number((c, "1", "Personer1", "2019")) for c in ("0104", "0136")]
    assert cells(cube) == {
        ("K-0301", "1", "Personer1", "2019"): table.cell(("0301", "1", "Personer1", "2019")),
        ("K-0301", "1", "Personer1", "2024"): (4711, "*"),
        ("K-3103", "1", "Personer1", "2019"): (sum(moss), "."),
        ("K-3103", "1", "Personer1", "2024"): (
            table.number(("3103", "1", "Personer1", "2024")),
            ".",
        ),
    }


def test_code_list_with_letters_beyond_ascii_and_codes_like_numbers(service):
    region = Dimension("Region", "geo", ("-9",), codelist="agg_Ålder")
    cube = fetched(service, region, *FEW[1:])
    assert {key[0] for key in cells(cube)} == {"-9"}
    assert service.log[2].path == "/codelists/agg_Ålder"


def test_code_list_that_is_not_offered_is_told(service):
    region = Dimension("Region", "geo", ("*",), codelist="agg_KommSumer")
    text = refused(SourceChanged, service, region, *ALL[1:])
    assert "agg_KommSummer" in text


@pytest.mark.parametrize("status", [400, 403])
def test_parts_become_smaller_where_the_service_allows_less_than_it_says(service, status):
    service.most_cells, service.told_cells, service.too_many = 30, 100, status
    cube = fetched(service, *ALL)
    assert cells(cube) == expected(population())
    refusals = [q for q in data(service) if size(q) > 30]
    assert len(refusals) == 1, "parts of 84 cells were refused once, then all had at most 42"


@pytest.mark.parametrize(
    "refusal",
    [
        Answer(403, b"<html><title>403</title><p>Too many cells selected</html>", "text/html"),
        Answer(400, b'{"error":"Too many values selected"}', "text/html"),
        Answer(413, b"", "text/plain"),
    ],
)
def test_too_large_is_told_by_the_text_or_by_413(service, refusal):
    service.instead = [("/data", refusal)]
    assert cells(fetched(service, *FEW)) == cells(fetched(PxWebApi2(), *FEW))
    assert len(data(service)) == 3, "refused once, then asked for in two halves"


def size(question):
    count = 1
    for said in json.loads(question.body)["selection"]:
        count *= len(said["valueCodes"])
    return count


def test_one_cell_that_is_too_many_ends_it(service):
    service.most_cells, service.told_cells = 0, 4
    assert "with one cell" in refused(SourceChanged, service, *FEW)


@pytest.mark.parametrize(
    ("instead", "error", "expected"),
    [
        (WEB_PAGE, SourceUnavailable, "Maintenance"),
        (Answer(403, b"<html>Forbidden by firewall</html>", "text/html"), SourceChanged, "firewall"),
        (Answer(400, b"plain words", "text/plain"), SourceChanged, "plain words"),
        (as_json({"title": "Non-existent value", "detail": "Region"}, 400), SourceChanged,
         "Non-existent value: Region"),
        (as_json({"title": "Non-existent table", "status": 404}, 400), SourceChanged,
         "no longer there"),
        (Answer(410, b"", "text/plain"), SourceChanged, "no longer there"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/metadata", "/data"])
def test_refusals_of_every_shape_are_told(service, instead, error, expected, path):
    service.instead = [(path, instead)]
    assert expected in refused(error, service, *FEW)


def test_unknown_table_is_told(service):
    assert "no longer there" in refused(SourceChanged, service, *FEW, code="99999")


def test_metadata_that_are_no_json_are_no_answer(service):
    service.instead = [("/metadata", Answer(200, b'{"id": ["Reg'))]
    assert "cut off" in refused(SourceUnavailable, service, *FEW)


def test_data_cut_off_are_refused(service):
    service.instead = [("/data", Answer(200, b'{"id": ["Region"], "size": [2'))]
    assert "cut off" in refused(DataError, service, *FEW)


def test_limits_come_from_the_service_else_from_the_source(service):
    service.most_cells, service.rate = 150_000, Rate(3, 1)
    with service.running() as base:
        asked = ask("pxwebapi2", base, "07459", *FEW, limits=Limits(7, 8, 9))
        answered = {r: Reply(send(r)[2]) for r in pxwebapi2.requests(asked, {})}
    assert pxwebapi2.limits(asked, answered) == Limits(150_000, 3, 1.0)
    assert pxwebapi2.limits(asked, {}) == Limits(7, 8, 9)
    config = next(iter(answered))
    assert pxwebapi2.limits(asked, {config: Reply(b"<html>")}) == Limits(7, 8, 9)
    assert pxwebapi2.limits(asked, {config: Reply(b"{}", 404)}) == Limits(7, 8, 9)
    assert pxwebapi2.limits(asked, {config: Reply(b'{"maxDataCells": 0}')}) == Limits(0, 8, 9)
    untold = ask("pxwebapi2", base, "07459", *FEW)
    assert pxwebapi2.limits(untold, {config: Reply(b"{}")}).cells == 10_000


def test_change_of_the_table_is_told_by_its_metadata(service):
    with service.running() as base:
        asked = ask("pxwebapi2", base, "07459", *FEW)
        answered = converse(pxwebapi2, asked)
    assert pxwebapi2.updated(asked, answered) == "2026-06-08T06:00:00Z"
    assert pxwebapi2.updated(asked, {}) == ""


def test_part_with_other_codes_than_asked_for_is_refused(service):
    with service.running() as base:
        asked = ask("pxwebapi2", base, "07459", *FEW)
        answered = converse(pxwebapi2, asked)
    last = list(answered)[-1]
    for old, new, expected in (
        (b"0301", b"0302", "1 codes did not come, 1 came"),
        (b'"Tid"', b'"Aar"', "'Tid' was asked for and did not come"),
    ):
        body = answered[last].body.replace(old, new)
        with pytest.raises(SourceChanged, match=expected):
            pxwebapi2.read(
                asked, {**answered, last: replace(answered[last], body=body)}, where="here"
            )


def test_table_that_changes_between_parts_is_refused(service):
    service.most_cells = 60

    def later(answered):
        last = list(answered)[-1]
        body = answered[last].body.replace(b"2026-06-08T06", b"2026-06-09T06")
        return {**answered, last: replace(answered[last], body=body)}

    with service.running() as base:
        asked = ask("pxwebapi2", base, "07459", *ALL)
        answered = converse(pxwebapi2, asked)
    assert len(answered) > 4
    with pytest.raises(SourceChanged, match="changed while it was fetched"):
        pxwebapi2.read(asked, later(answered), where="here")


def test_answers_kept_are_not_asked_again(service):
    service.most_cells = 60
    with service.running() as base:
        asked = ask("pxwebapi2", base, "07459", *ALL)
        whole = converse(pxwebapi2, asked)
        kept = dict(list(whole.items())[:4])
        service.log.clear()
        again = converse(pxwebapi2, asked, answered=kept)
        assert len(service.log) == len(whole) - 4
    assert list(again) == list(whole)
    with pytest.raises(DataError, match="have no answer"):
        pxwebapi2.read(asked, kept, where="here")


@pytest.mark.parametrize("as_date", [False, True])
def test_service_that_is_asked_too_often_says_when_to_come_back(service, as_date):
    now = [1_000_000.0]
    service.rate = Rate(2, 10, as_date, clock=lambda: now[0])
    waited = []

    def wait(until):
        waited.append(until)
        now[0] += 11

    with service.running() as base:
        asked = ask("pxwebapi2", base, "07459", *FEW)
        cube = pxwebapi2.read(asked, converse(pxwebapi2, asked, wait=wait), where="here")
    assert len(cube.cells) == 4
    assert len(waited) == 1
    if as_date:
        assert 1_000_000 < waited[0].timestamp() <= 1_000_012
    else:
        assert 0 < waited[0] <= 11


# The service itself does what PxWebApi 2 does, so that agreement with it means something.


def told(service, query, code="07459"):
    with service.running() as base:
        status, _, body = send(Request(f"{base}/tables/{code}/data{query}"))
    return status, json.loads(body) if body.startswith(b"{") else body


def test_service_gives_a_slice_where_nothing_is_selected(service):
    status, body = told(service, "")
    assert status == 200
    assert body["size"] == [3, 1, 1, 1]


def test_service_passes_over_a_code_list_without_values_on_get(service):
    query = "?codelist%5BRegion%5D=agg_KommSummer&valuecodes%5BContentsCode%5D=*"
    query += "&valuecodes%5BTid%5D=top(1)"
    _, body = told(service, query)
    assert body["id"] == ["ContentsCode", "Tid"]


@pytest.mark.parametrize(
    ("query", "status", "title"),
    [
        ("?lang=sv", 400, "Unsupported language"),
        ("?outputFormat=xml", 400, "Unsupported output format"),
        ("?valuecodes=1", 400, "Missing variable"),
        ("?valuecodes%5BTid%5D=2024", 400, "Missing selection for mandantory variable"),
        ("?valuecodes%5BTid%5D=1700&valuecodes%5BContentsCode%5D=*", 400, "Non-existent value"),
        (
            "?valuecodes%5BTid%5D=a*b&valuecodes%5BContentsCode%5D=*",
            400,
            "Illegal selection expression",
        ),
    ],
)
def test_service_refuses_as_the_server_does(service, query, status, title):
    found, body = told(service, query)
    assert (found, body["title"]) == (status, title)


def test_service_says_404_in_the_body_of_a_400(service):
    status, body = told(service, "", code="nothing")
    assert (status, body["status"]) == (400, 404)


def test_service_refuses_addresses_that_are_too_long(service):
    query = "?valuecodes%5BRegion%5D=" + "0301," * 500
    assert told(service, query)[0] == 404


def test_service_has_pages_and_refuses_the_one_beyond(service):
    with service.running() as base:
        assert send(Request(f"{base}/tables?pageNumber=1"))[0] == 200
        assert send(Request(f"{base}/tables?pageNumber=2"))[0] == 404
