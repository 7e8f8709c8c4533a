"""StatBank Denmark: what is asked, what absent rows mean, and what is refused."""

import json
from dataclasses import replace

import pytest

from healthindicators.errors import CatalogError, DataError, SourceChanged, SourceUnavailable
from healthindicators.protocols import Reply, Request, statbank
from healthindicators.protocols._statbank_codes import expanded
from tests.formats import slowly_statbank
from tests.formats.spoiling import spoiled
from tests.services.asking import ask, told
from tests.services.opened import lead
from tests.services.statbank import StatBank, Table, variable

AREAS = {"000": "Hele landet", "101": "København", "147": "Frederiksberg", "084": "Hovedstaden"}
PERIODS = [f"{year}K{quarter}" for year in (2022, 2023, 2024) for quarter in (1, 2, 3, 4)]
EVERYTHING = {"OMRÅDE": ["*"], "KØN": ["*"], "Tid": ["*"]}


def number(*key):
    return 1000 + sum(sum(map(ord, code)) * (3**place) for place, code in enumerate(key)) / 4


def table(**options):
    variables = [
        variable("OMRÅDE", AREAS, text="område", map="denmark_municipality_07"),
        variable("KØN", {"TOT": "I alt", "1": "Mænd", "2": "Kvinder"}, elimination=True),
        variable("Tid", PERIODS, time=True),
    ]
    cells = {
        (area, sex, period): number(area, sex, period)
        for area in AREAS
        for sex in ("TOT", "1", "2")
        for period in PERIODS
    }
    return Table("FOLK", variables, cells, **options)


@pytest.fixture
def service():
    with StatBank(table()) as running:
        yield running


def asked(service, dimensions=None, **options):
    return ask("statbank", service.base, "FOLK", dimensions or EVERYTHING, **options)


def fetch(service, dimensions=None, **options):
    question = asked(service, dimensions, **options)
    return statbank.read(question, lead(statbank, question), where="x")


@pytest.mark.parametrize("language", ["da", "en"])
def test_all_that_was_asked_for_comes_with_its_codes(service, language):
    cube = fetch(service, language=language)
    assert told(cube) == {key: (v, "") for key, v in service.tables["folk"].cells.items()}
    assert cube.dimensions == ("OMRÅDE", "KØN", "Tid")
    assert cube.labels["OMRÅDE"]["147"] == "Frederiksberg"
    assert cube.roles == {"time": ("Tid",), "geo": ("OMRÅDE",)}
    assert cube.updated == "2025-03-25T07:00:00Z"
    assert list(cube.cells["Tid"].cat.categories) == PERIODS


def test_the_question_names_every_variable_as_the_table_does_with_sorted_codes_and_asks_for_codes(
    service,
):
    fetch(service, {"område": ["147", "000"], "køn": ["TOT"], "tid": [">=2024"]})
    (_, _, about), (_, _, figures) = service.asked
    assert json.loads(about) == {"table": "FOLK", "lang": "en"}
    assert json.loads(figures) == {
        "table": "FOLK",
        "lang": "en",
        "format": "BULK",
        "valuePresentation": "Code",
        "variables": [
            {"code": "OMRÅDE", "values": ["000", "147"]},
            {"code": "KØN", "values": ["TOT"]},
            {"code": "Tid", "values": ["2024K1", "2024K2", "2024K3", "2024K4"]},
        ],
    }


@pytest.mark.parametrize(
    ("select", "periods"),
    [
        ([">=2023K3<=2024K1"], ["2023K3", "2023K4", "2024K1"]),
        ([">=2023<=2023"], ["2023K1", "2023K2", "2023K3", "2023K4"]),
        (["<2022K2"], ["2022K1"]),
        ([">2024K3", "2022k1"], ["2022K1", "2024K4"]),
        (["*K1"], ["2022K1", "2023K1", "2024K1"]),
        (["(1)"], ["2024K4"]),
        (["(-n+3)"], ["2024K2", "2024K3", "2024K4"]),
        (["-(2)"], ["2022K2"]),
        (["-(-n+2)"], ["2022K1", "2022K2"]),
        (["(4n+1)"], ["2022K4", "2023K4", "2024K4"]),
    ],
)
def test_selections_mean_what_the_documentation_says(service, select, periods):
    cube = fetch(service, {**EVERYTHING, "Tid": select})
    assert list(cube.cells["Tid"].cat.categories) == periods


def test_a_comparison_of_other_codes_follows_their_order():
    assert expanded([">=9"], ["1", "9", "10"], "ALDER", False, "x")[0] == ("9", "10")
    with pytest.raises(CatalogError, match="cannot be compared"):
        expanded([">=8"], ["1", "9", "10"], "ALDER", False, "x")


@pytest.mark.parametrize("wrong", ["sum(1;2)", "(n", ">=K1", "multiply(1;2)", ">=2020K1D01"])
def test_selections_that_cannot_be_understood_are_the_declarations_fault(service, wrong):
    with pytest.raises(CatalogError, match="no selection that is known"):
        lead(statbank, asked(service, {**EVERYTHING, "Tid": [wrong]}))


def test_no_unknown_code_is_sent_and_all_are_told_with_the_nearest(service):
    with pytest.raises(SourceChanged) as caught:
        fetch(service, {"OMRÅDE": ["147", "1O1"], "KØN": ["TOT"], "Tid": ["2025K1"]})
    assert "'OMRÅDE' has no code '1O1' (nearest: 101)" in str(caught.value)
    assert "'Tid' has no code '2025K1'" in str(caught.value)
    assert len(service.asked) == 1


def test_variables_are_all_declared_or_told(service):
    with pytest.raises(SourceChanged) as caught:
        fetch(service, {"OMRADE": ["*"], "Tid": ["*"]})
    assert "no dimension 'OMRADE' (nearest: OMRÅDE)" in str(caught.value)
    assert "'KØN' is not declared" in str(caught.value)


def test_a_large_choice_is_asked_for_in_parts_that_say_the_same(service):
    whole = told(fetch(service))
    service.log.clear()
    assert told(fetch(service, cells=20)) == whole
    assert len(service.asked) == 1 + 12


def test_a_row_that_is_absent_is_zero_and_two_dots_are_missing(service):
    cells = service.tables["folk"].cells
    cells["101", "1", "2023K1"] = 0
    cells["101", "2", "2023K1"] = None
    del cells["147", "1", "2024K4"]
    found = told(fetch(service))
    assert found["101", "1", "2023K1"] == (0, "")
    assert found["101", "2", "2023K1"] == (None, "..")
    assert found["147", "1", "2024K4"] == (0, "")


def test_a_table_that_hides_absent_rows_gives_its_mark():
    with StatBank(table(suppressed="..")) as service:
        del service.tables["folk"].cells["147", "1", "2024K4"]
        assert told(fetch(service))["147", "1", "2024K4"] == (None, "..")


@pytest.mark.parametrize("said", [None, ""])
def test_a_table_that_says_nothing_of_absent_rows_leaves_them_open(service, said):
    service.tables["folk"].suppressed = said
    del service.tables["folk"].cells["147", "1", "2024K4"]
    assert told(fetch(service))["147", "1", "2024K4"] == (None, "no-rows")


def test_a_code_without_any_row_in_a_period_is_not_zero_there(service):
    """A municipality that was not yet there reads as zero at the service; nothing shows that it is."""
    cells = service.tables["folk"].cells
    for sex in ("TOT", "1", "2"):
        for period in PERIODS[:4]:
            del cells["147", sex, period]
    found = told(fetch(service))
    assert {found["147", sex, "2022K2"] for sex in ("TOT", "1", "2")} == {(None, "no-rows")}
    assert found["147", "TOT", "2023K1"][0] == number("147", "TOT", "2023K1")
    assert found["101", "TOT", "2022K2"][0] == number("101", "TOT", "2022K2")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda b: b.replace(b"\r\n101;", b"\r\n999;", 1), "code '999', which was not asked for"),
        (lambda b: b + b.split(b"\r\n")[1] + b"\r\n", "a second row of the same codes"),
        (lambda b: b[:-9], "the last line is cut off|fields instead of"),
        (lambda b: b.replace(b"INDHOLD", b"VALUE", 1), "the columns are"),
        (lambda b: b.replace(b";TID", b"", 1), "the columns are|fields instead of"),
        (lambda b: b.replace(b".25", b",25"), "is no number"),
        (lambda b: b.split(b"\n")[0] + b"\n", "no row at all"),
        (lambda b: b.replace(b";TOT;", b";I alt;"), "code 'I alt', which was not asked for"),
        (lambda b: b.replace(b"2022K1", b"2022K1;1", 1), "5 fields instead of 4"),
        (
            lambda b: b.replace(b";2022K1;", b';"2022K1;', 1),
            "not a table|fields instead|line break",
        ),
        (lambda b: b.replace(b"101", b"1\xff1", 1), "are not utf-8"),
    ],
)
def test_rows_that_are_not_as_asked_are_refused(service, spoil, message):
    question = asked(service)
    answered = lead(statbank, question)
    figures = next(r for r in answered if r.url.endswith("/data"))
    body = spoil(answered[figures].body)
    assert body != answered[figures].body
    with pytest.raises(DataError, match=message):
        statbank.read(question, {**answered, figures: Reply(body)}, where="x")


def test_a_part_without_rows_is_open_and_a_table_without_any_is_refused(service):
    cells = service.tables["folk"].cells
    for key in list(cells):
        if key[2] == PERIODS[0]:
            del cells[key]
    found = told(fetch(service, cells=20))
    assert {cell for key, cell in found.items() if key[2] == PERIODS[0]} == {(None, "no-rows")}
    cells.clear()
    with pytest.raises(DataError, match="there is no row at all"):
        fetch(service, cells=20)


def test_an_answer_that_is_not_there_is_told(service):
    question = asked(service, cells=20)
    answered = dict(lead(statbank, question))
    answered.pop(list(answered)[-1])
    with pytest.raises(DataError, match="an answer is not there"):
        statbank.read(question, answered, where="x")


def test_errors_of_the_service_are_told_in_its_words(service):
    question = asked(service)
    wrong = replace(question, table=replace(question.table, code="FOLKX"))
    with pytest.raises(SourceChanged, match="EXTRACT-NOTFOUND: Tabellen blev ikke fundet: FOLKX"):
        lead(statbank, wrong)
    lost = replace(question, source=replace(question.source, base=service.host + "/v9"))
    with pytest.raises(SourceChanged, match="REQUEST-NOTFOUND"):
        lead(statbank, lost)


@pytest.mark.parametrize(
    ("status", "media", "before", "charset"),
    [
        (400, "text/json", "", "utf-8"),
        (400, "text/json; charset=iso-8859-1", "", "latin-1"),
        (200, "text/json", "", "utf-8-sig"),
        (200, "text/csv", "\r\n ", "utf-8"),
    ],
)
def test_an_error_is_told_whatever_it_comes_as(service, status, media, before, charset):
    question = asked(service)
    answered = lead(statbank, question)
    said = before + '{"errorTypeCode":"EXTRACT-NOTALLOWED","message":"Der skal vælges værdier"}'
    reply = Reply(said.encode(charset), status, media)
    with pytest.raises(SourceChanged, match="EXTRACT-NOTALLOWED: Der skal vælges værdier"):
        statbank.requests(question, {**answered, list(answered)[-1]: reply})


def test_a_web_page_with_status_200_is_no_answer(service):
    service.fail("html")
    with pytest.raises(SourceUnavailable, match="a web page came"):
        lead(statbank, asked(service))


@pytest.mark.parametrize("fault", ["429-seconds", "429-date"])
def test_the_service_has_faults_that_pass(service, fault):
    service.fail(fault)
    assert len(fetch(service).cells) == len(AREAS) * 3 * len(PERIODS)
    assert not service.instead


@pytest.mark.parametrize(
    "info",
    [
        b"[]",
        b"{}",
        b'{"id": "FOLK"}',
        b'{"id": "FOLK", "variables": [{"id": "Tid", "values": [{"id": 2020}]}]}',
        b'{"id": "OTHER", "variables": []}',
        b'{"id": "FOLK", "variables": [{"id": "T", "values": [{"id": "1"}, {"id": "1"}]}]}',
        b"not JSON",
        b'{"id": "FOLK", "id": "FOLK", "variables": []}',
    ],
)
def test_a_description_of_another_shape_is_refused(service, info):
    question = asked(service)
    (about,) = statbank.requests(question, {})
    with pytest.raises(SourceChanged):
        statbank.requests(question, {about: Reply(info)})


def test_limits_of_other_formats_are_counted_as_rows_times_columns():
    """The service of the tests itself: 4 x 3 x 12 combinations in 4 columns."""
    for limit, status in ((575, 400), (576, 200)):
        with StatBank(table(), limit=limit) as service:
            body = {"table": "folk", "format": "CSV", "variables": [
                {"code": code, "values": ["*"]} for code in ("område", "KØN", "tid")
            ]}  # fmt: skip
            found = service.ask("POST", "/v1/data", json.dumps(body))
            assert found[0] == status
            assert (b"REQUEST-LIMIT" in found[1]) == (status == 400)


@pytest.mark.parametrize("kind", ["CSV", "JSONSTAT"])
def test_an_answer_in_another_format_is_read_as_it_is(service, kind):
    body = {"table": "FOLK", "format": kind, "lang": "en", "valuePresentation": "Code", "variables": [
        {"code": "OMRÅDE", "values": ["101"]}, {"code": "Tid", "values": ["(-n+2)"]}
    ]}  # fmt: skip
    status, content = service.ask("POST", "/v1/data", json.dumps(body))
    assert status == 200
    alone = {Request("https://x/data", "POST", json.dumps(body)): Reply(content)}
    cube = statbank.read(asked(service), alone, where="x")
    expected = [number("101", "TOT", period) for period in ("2024K3", "2024K4")]
    assert cube.cells["value"].tolist() == expected
    with pytest.raises(DataError, match="description is not among the answers"):
        statbank.read(asked(service), {**alone, Request("y"): Reply(content)}, where="x")


@pytest.mark.parametrize("language", ["da", "en"])
def test_spoiled_answers_are_read_right_or_refused(service, language):
    dimensions = {"OMRÅDE": ["084", "147", "000"], "KØN": ["1", "TOT"], "Tid": ["2023K4", "2024K1"]}
    cells = service.tables["folk"].cells
    cells["147", "1", "2023K4"] = 0
    cells["000", "1", "2024K1"] = None
    for sex in ("1", "TOT"):
        cells["084", sex, "2024K1"] = 0
    question = asked(service, dimensions, language=language)
    answered = lead(statbank, question)
    figures = list(answered)[-1]
    order = dimensions | {"OMRÅDE": ["000", "147", "084"], "KØN": ["TOT", "1"]}
    decimal = {"da": ",", "en": "."}[language]

    def judge(body):
        try:
            cube = statbank.read(question, {**answered, figures: Reply(body)}, where="x")
        except (DataError, SourceChanged, SourceUnavailable):
            return False
        slowly = slowly_statbank.read(body, asked=order, time="Tid", decimal=decimal)
        assert told(cube) == slowly
        return True

    body = answered[figures].body
    assert judge(body)
    outcomes = [judge(spoiled(body, seed, start=30)) for seed in range(200)]
    assert 10 < sum(outcomes) < 190


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"variables": [{"code": "Tid", "values": ["*"]}]}, "EXTRACT-NOTALLOWED"),
        ({"timeOrder": "descending"}, "EXTRACT-STREAMINGTIMESORT"),
        (
            {
                "variables": [
                    {"code": "OMRÅDE", "values": ["*"]},
                    {"code": "KØN", "values": ["*"]},
                    {"code": "TID", "values": ["2031K1"]},
                ]
            },
            "EXTRACT-NOTFOUND",
        ),
        ({"variables": [{"code": "ALDER", "values": ["*"]}]}, "EXTRACT-NOTFOUND"),
        ({"table": "X"}, "EXTRACT-NOTFOUND"),
    ],
)
def test_the_service_refuses_what_bulk_cannot_do_and_we_tell_it(service, change, code):
    question = asked(service)
    answered = lead(statbank, question)
    figures = list(answered)[-1]
    body = json.loads(figures.body) | change
    status, content = service.ask("POST", "/v1/data", json.dumps(body))
    assert status == 400
    with pytest.raises(SourceChanged, match=code):
        statbank.requests(question, {**answered, figures: Reply(content, status)})
