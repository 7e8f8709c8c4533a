"""FHI: every dimension once, first and last by place in the list, flags among the values."""

import json
from dataclasses import replace
from itertools import product

import pytest

from healthindicators.errors import CatalogError, DataError, SourceChanged, SourceUnavailable
from healthindicators.model import Dimension
from healthindicators.protocols import Reply, fhi
from tests.formats import slowly
from tests.formats.spoiling import spoiled
from tests.real_files import real_file
from tests.services.asking import ask, told
from tests.services.fhi import Fhi, Table
from tests.services.opened import lead

GEO = [("0", [("03", ["0301"]), ("11", ["1101", "1103"])])]
DIMENSIONS = {
    "GEO": GEO,
    "AAR": ["2020_2020", "2021_2021", "2022_2022", "2018_2022"],
    "ALDER": ["0_120", "0_17"],
    "MEASURE_TYPE": ["TELLER", "RATE"],
}
EVERYTHING = {name: ["*"] for name in DIMENSIONS}


def table():
    empty = Table(DIMENSIONS, {}, flags=[("k", "Hidden for privacy"), (":", "Not there")])
    keys = list(product(*(empty.codes(name) for name in DIMENSIONS)))
    empty.cells = {key: 0.5 + place for place, key in enumerate(keys)}
    empty.cells["0301", "2020_2020", "0_17", "RATE"] = "k"
    empty.cells["0301", "2020_2020", "0_17", "TELLER"] = ":"
    empty.cells["11", "2018_2022", "0_17", "RATE"] = None
    empty.cells["1101", "2018_2022", "0_17", "RATE"] = 0
    return empty


@pytest.fixture
def service():
    with Fhi({"nokkel/507": table()}) as running:
        yield running


def asked(service, dimensions=None, *, code="nokkel/507", cells=0):
    return ask("fhi", service.base, code, dimensions or EVERYTHING, cells=cells)


def fetch(service, dimensions=None, **options):
    question = asked(service, dimensions, **options)
    return fhi.read(question, lead(fhi, question), where="x")


def expected(service):
    cells = service.tables["nokkel/507"].cells
    return {
        key: (None, value) if isinstance(value, str) else (value, "")
        for key, value in cells.items()
    }


@pytest.mark.parametrize("bom", [True, False])
def test_all_that_was_asked_for_comes_with_flags_as_marks(service, bom):
    service.bom = bom
    cube = fetch(service)
    assert told(cube) == expected(service)
    assert cube.dimensions == tuple(DIMENSIONS)
    assert cube.labels["GEO"]["1103"] == "Label 1103"
    assert cube.notes == ("k: Hidden for privacy", ":: Not there")
    assert cube.title == "A table"
    assert cube.updated == "2026-03-02T08:30:00.123456Z"


def test_codes_of_the_tree_come_parents_first(service):
    geo = fetch(service).cells["GEO"].cat.categories
    assert list(geo) == ["0", "03", "0301", "11", "1101", "1103"]


def test_the_question_has_every_dimension_once_and_only_codes(service):
    fetch(service, {**EVERYTHING, "GEO": ["11*"], "AAR": ["top(2)"], "MEASURE_TYPE": ["RATE"]})
    body = json.loads(service.asked[-1][2])
    assert body == {
        "dimensions": [
            {"code": "GEO", "filter": "item", "values": ["11", "1101", "1103"]},
            {"code": "AAR", "filter": "item", "values": ["2020_2020", "2021_2021"]},
            {"code": "ALDER", "filter": "item", "values": ["0_120", "0_17"]},
            {"code": "MEASURE_TYPE", "filter": "item", "values": ["RATE"]},
        ],
        "response": {"format": "json-stat2", "maxRowCount": 50000},
    }


@pytest.mark.parametrize(
    ("select", "years"),
    [
        (["top(2)"], ["2020_2020", "2021_2021"]),
        (["bottom(2)"], ["2022_2022", "2018_2022"]),
        ((["2"], "bottom"), ["2022_2022", "2018_2022"]),
        ((["1"], "top"), ["2020_2020"]),
        (["bottom(9)"], DIMENSIONS["AAR"]),
        (["*_2022", "2020_2020"], ["2020_2020", "2022_2022", "2018_2022"]),
    ],
)
def test_first_and_last_are_places_in_the_list_as_the_service_has_them(service, select, years):
    cube = fetch(service, {**EVERYTHING, "AAR": select})
    assert list(cube.cells["AAR"].cat.categories) == years


@pytest.mark.parametrize(
    ("filter", "values"), [("top", ["2"]), ("bottom", ["3"]), ("all", ["1*", "0"])]
)
def test_our_expansion_is_what_the_service_would_have_chosen(service, filter, values):
    body = {
        "dimensions": [
            {"code": name, "filter": "all", "values": ["*"]} if name != "GEO"
            else {"code": "GEO", "filter": filter, "values": values}
            for name in DIMENSIONS
        ],
        "response": {"format": "json-stat2"},
    }  # fmt: skip
    _, content = service.ask("POST", "/api/open/v1/nokkel/Table/507/data", json.dumps(body))
    theirs = json.loads(content.decode("utf-8-sig"))["dimension"]["GEO"]["category"]["index"]
    ours = fetch(service, {**EVERYTHING, "GEO": (values, filter)})
    assert list(ours.cells["GEO"].cat.categories) == theirs


@pytest.mark.parametrize("geo", [["*"], ["0", "03"]])
def test_a_large_choice_is_asked_for_in_parts_that_say_the_same(service, geo):
    """Whichever dimension is cut, the cells come in the order of the table."""
    whole = fetch(service, {**EVERYTHING, "GEO": geo})
    service.log.clear()
    parts = fetch(service, {**EVERYTHING, "GEO": geo}, cells=10)
    assert len([1 for method, _, _ in service.asked if method == "POST"]) > 3
    assert told(parts) == told(whole)
    for name in DIMENSIONS:
        assert parts.cells[name].tolist() == whole.cells[name].tolist()


def test_a_table_published_anew_between_two_parts_is_not_put_together(service):
    service.published = iter(["2022-12-20T11:44:58+00:00", "2023-12-20T11:44:58+00:00"])
    with pytest.raises(SourceChanged, match="it changed while it was fetched"):
        fetch(service, cells=48)


def test_unknown_codes_and_dimensions_are_not_sent_but_told(service):
    with pytest.raises(SourceChanged) as caught:
        fetch(service, {**EVERYTHING, "GEO": ["0302"], "ALDER": ["99_*"]})
    assert "'GEO' has no code '0302' (nearest: 0301" in str(caught.value)
    assert "'ALDER' has no code '99_*'" in str(caught.value)
    with pytest.raises(SourceChanged) as caught:
        fetch(service, {"GEO": ["*"], "AR": ["*"], "ALDER": ["*"], "MEASURE_TYPE": ["*"]})
    assert "no dimension 'AR' (nearest: AAR" in str(caught.value)
    assert "'AAR' is not declared" in str(caught.value)
    assert all(method == "GET" for method, _, _ in service.asked)


def test_measures_that_are_not_listed_are_sent_as_they_were_declared(service):
    question = asked(service, {**EVERYTHING, "MEASURE_TYPE": ["RATE"]})
    about = fhi.requests(question, {})
    answered = lead(fhi, question)
    listing = json.loads(answered[about[1]].body.decode("utf-8-sig"))
    listing["dimensions"] = [d for d in listing["dimensions"] if d["code"] != "MEASURE_TYPE"]
    answered[about[1]] = Reply(json.dumps(listing).encode())
    assert fhi.requests(question, answered) == tuple(answered)
    assert len(fhi.read(question, answered, where="x").cells) == 6 * 4 * 2
    star = asked(service)
    with pytest.raises(SourceChanged, match="codes of 'MEASURE_TYPE' are not listed"):
        fhi.requests(star, answered)


@pytest.mark.parametrize(
    ("flags", "notes"),
    [
        (Reply(b"", 204), ()),
        (Reply(b'{"title": "Not Found"}', 404), ()),
        (Reply(b"[]"), ()),
        (Reply(b""), ()),
        (
            Reply(b'{"flags": [{"symbol": "k", "description": "hidden"}, {"symbol": "x"}, 5]}'),
            ("k: hidden",),
        ),
    ],
)
def test_flags_are_told_as_far_as_they_can_be_understood(service, flags, notes):
    question = asked(service)
    answered = lead(fhi, question)
    changed = {**answered, fhi.requests(question, {})[2]: flags}
    assert set(fhi.requests(question, changed)) == set(changed)
    assert fhi.read(question, changed, where="x").notes == notes


def test_a_card_may_have_no_title(service):
    question = asked(service)
    answered = lead(fhi, question)
    changed = {**answered, fhi.requests(question, {})[0]: Reply(b'{"title": null}')}
    assert fhi.read(question, changed, where="x").title == ""


def test_a_card_or_codes_that_are_not_there_end_it(service):
    question = asked(service)
    about = fhi.requests(question, {})
    for missing in about[:2]:
        with pytest.raises(SourceChanged, match="status 404"):
            fhi.requests(question, {missing: Reply(b'{"title": "Not Found"}', 404)})


@pytest.mark.parametrize("code", ["507", "nokkel/", "nokkel/x1"])
def test_a_table_code_is_a_source_and_a_number(service, code):
    with pytest.raises(CatalogError, match="is no code of a table"):
        fhi.requests(asked(service, code=code), {})


def test_a_filter_that_is_unknown_is_the_declarations_fault(service):
    with pytest.raises(CatalogError, match="'newest' is no filter of 'AAR'"):
        lead(fhi, asked(service, {**EVERYTHING, "AAR": (["1"], "newest")}))


def test_refusals_are_told_in_the_services_words(service):
    with pytest.raises(SourceChanged, match="status 404: Not Found"):
        lead(fhi, asked(service, code="nokkel/508"))
    question = asked(service)
    body = json.dumps({"dimensions": [], "response": {"format": "json-stat2"}})
    status, content = service.ask("POST", "/api/open/v1/nokkel/Table/507/data", body)
    assert status == 400
    answered = lead(fhi, question)
    spoiled = {**answered, list(answered)[-1]: Reply(content, status)}
    with pytest.raises(SourceChanged, match="every dimension must be there exactly once"):
        fhi.requests(question, spoiled)


def test_more_rows_than_were_allowed_is_refused_by_the_service(service):
    body = {
        "dimensions": [{"code": n, "filter": "all", "values": ["*"]} for n in DIMENSIONS],
        "response": {"format": "json-stat2", "maxRowCount": 95},
    }
    path = "/api/open/v1/nokkel/Table/507/data"
    assert service.ask("POST", path, json.dumps(body))[0] == 400
    body["response"]["maxRowCount"] = 96
    assert service.ask("POST", path, json.dumps(body))[0] == 200


def test_a_web_page_with_status_200_is_no_answer(service):
    service.fail("html")
    with pytest.raises(SourceUnavailable, match="a web page came"):
        lead(fhi, asked(service))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda t: t["dimension"]["GEO"]["category"]["index"].__setitem__(0, "9"),
            r"1 codes did not come, 1 came and were not asked for \(0, 9\)",
        ),
        (lambda t: t["value"].pop(), "95 for 96 cells"),
        (lambda t: t["value"].__setitem__(0, True), "value"),
        (lambda t: t.update(id=["GEO", "AAR", "ALDER"]), "dimension"),
        (lambda t: t.update(size=[6, 4, 2, 1]), "size|categories|codes"),
    ],
)
def test_figures_that_are_not_as_asked_are_refused(service, spoil, message):
    question = asked(service)
    answered = lead(fhi, question)
    figures = list(answered)[-1]
    tree = json.loads(answered[figures].body.decode("utf-8-sig"))
    tree["dimension"]["GEO"]["category"].pop("label")
    spoil(tree)
    with pytest.raises((DataError, SourceChanged), match=message):
        fhi.read(question, {**answered, figures: Reply(json.dumps(tree).encode())}, where="x")


@pytest.mark.parametrize(("delimiter", "decimal"), [(";", ","), (";", "."), (",", ".")])
def test_csv3_is_read_by_its_header(service, delimiter, decimal):
    service.delimiter, service.decimal = delimiter, decimal
    answered = lead(fhi, asked(service))
    figures = list(answered)[-1]
    body = json.loads(figures.body)
    body["response"]["format"] = "csv3"
    _, content = service.ask("POST", "/api/open/v1/nokkel/Table/507/data", json.dumps(body))
    cube = fhi.read(asked(service), {**answered, figures: Reply(content)}, where="x")
    assert told(cube) == expected(service)


def test_csv3_with_a_column_for_each_measure_is_the_same(service):
    question = asked(service, {**EVERYTHING, "GEO": ["0301"], "AAR": ["2020_2020"]})
    answered = lead(fhi, question)
    text = (
        b"AAR;GEO;RATE;TELLER;ALDER\r\n2020_2020;0301;1,25;3;0_120\r\n2020_2020;0301;k;:;0_17\r\n"
    )
    cube = fhi.read(question, {**answered, list(answered)[-1]: Reply(text)}, where="x")
    geo, year = "0301", "2020_2020"
    assert told(cube) == {
        (geo, year, "0_120", "RATE"): (1.25, ""),
        (geo, year, "0_120", "TELLER"): (3, ""),
        (geo, year, "0_17", "RATE"): (None, "k"),
        (geo, year, "0_17", "TELLER"): (None, ":"),
    }


@pytest.mark.parametrize(
    "header", [b"GEO;AAR;RATE", b"GEO;AAR;ALDER;RATE", b"GEO,AAR;ALDER,RATE;TELLER", b"A;B;C;D;E"]
)
def test_csv3_of_other_columns_is_refused(service, header):
    question = asked(service)
    answered = lead(fhi, question)
    text = header + b"\r\n1;2;3;4\r\n"
    with pytest.raises(DataError, match="columns are not those asked for"):
        fhi.read(question, {**answered, list(answered)[-1]: Reply(text)}, where="x")


@pytest.mark.parametrize("name", ["Helsetilstand__Selvmord, femårig", "Miljø__Drikkevann"])
def test_recorded_questions_are_ours_when_their_codes_are_declared(name):
    """What users of the service sent, word for word but for its order and the row limit."""
    address, body = real_file(f"no/fhi_queries/{name}.txt").read_text("utf-8").split("\n", 1)
    recorded = json.loads(body)
    base, _, rest = address.partition("/nokkel/")
    dimensions = {d["code"]: (d["values"], d["filter"]) for d in recorded["dimensions"]}
    years = [f"{year}_{year}" for year in range(2000, 2025)]
    said = {
        code: years if filter == "bottom" else values
        for code, (values, filter) in dimensions.items()
    }
    question = ask("fhi", base, f"nokkel/{rest.split('/')[1]}", dimensions)
    listing = {
        "dimensions": [
            {"code": code, "categories": [{"value": v, "label": v, "children": []} for v in values]}
            for code, values in said.items()
        ]
    }
    card, codes, flags = fhi.requests(question, {})
    answered = {
        card: Reply(b'{"title": "x"}'),
        codes: Reply(json.dumps(listing).encode()),
        flags: Reply(b"[]"),
    }
    *_, figures = fhi.requests(question, answered)
    assert figures.url == address
    sent = {d["code"]: d["values"] for d in json.loads(figures.body)["dimensions"]}
    count = {c: int(v[0]) for c, (v, filter) in dimensions.items() if filter == "bottom"}
    assert sent == {c: values[-count[c] :] if c in count else values for c, values in said.items()}


def test_a_dimension_declared_twice_is_told(service):
    question = asked(service)
    table = question.table
    twice = replace(table, dimensions=(*table.dimensions, Dimension("geo", "single")))
    with pytest.raises(SourceChanged, match="declared twice"):
        lead(fhi, replace(question, table=twice))


def test_spoiled_figures_are_read_right_or_refused(service):
    question = asked(service, {**EVERYTHING, "GEO": ["0301", "11"], "AAR": ["*_2022", "2020_2020"]})
    answered = lead(fhi, question)
    figures = list(answered)[-1]

    def judge(body):
        try:
            cube = fhi.read(question, {**answered, figures: Reply(body)}, where="x")
        except (DataError, SourceChanged, SourceUnavailable):
            return False
        assert told(cube) == slowly.read(body)
        return True

    body = answered[figures].body
    assert judge(body)
    letters = b'0123456789-+.eE"{}[]:, \\tfn\xc3'
    outcomes = [judge(spoiled(body, seed, letters, start=200)) for seed in range(200)]
    assert 10 < sum(outcomes) < 190
