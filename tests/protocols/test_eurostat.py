"""Eurostat: answers that come later, errors inside a 200, flags, and two kinds of text."""

import json
from itertools import product

import pytest

from healthindicators.errors import CatalogError, DataError, SourceChanged, SourceUnavailable
from healthindicators.protocols import Reply, Request, _eurostat_text, eurostat
from tests.formats import slowly, slowly_eurostat
from tests.formats.spoiling import spoiled
from tests.services.asking import ask, told
from tests.services.eurostat import ID, Eurostat
from tests.services.opened import lead

DIMENSIONS = {
    "freq": ["A"],
    "unit": ["NR", "RT"],
    "geo": ["DK", "NO", "SE", "DK01"],
    "time": ["2019", "2020", "2021", "2022"],
}
EVERYTHING = {name: ["*"] for name in DIMENSIONS}
LEVELS = {"DK": "country", "NO": "country", "SE": "country", "DK01": "nuts2"}


def cells():
    found = {key: (place + 0.5, "") for place, key in enumerate(product(*DIMENSIONS.values()))}
    found["A", "NR", "DK", "2020"] = (628.0, "e")
    found["A", "NR", "DK", "2021"] = (0, "bp")
    found["A", "NR", "NO", "2019"] = (None, "m")
    found["A", "NR", "NO", "2020"] = (None, "")
    return found


@pytest.fixture
def service():
    with Eurostat("hlth_x", DIMENSIONS, cells(), levels=LEVELS) as running:
        yield running


def asked(service, dimensions=None):
    return ask("eurostat", service.base, "hlth_x", dimensions or EVERYTHING)


def fetch(service, dimensions=None):
    question = asked(service, dimensions)
    return eurostat.read(question, lead(eurostat, question), where="x")


def expected(**chosen):
    return {
        key: (value, ":" if value is None and not flag else flag)
        for key, (value, flag) in cells().items()
        if all(code in chosen.get(name, [code]) for name, code in zip(DIMENSIONS, key, strict=True))
    }


def test_all_that_was_asked_for_comes_with_flags_and_a_mark_where_nothing_is(service):
    cube = fetch(service)
    assert told(cube) == expected()
    assert cube.roles == {"time": ("time",), "geo": ("geo",)}
    assert cube.updated == "2026-02-06T22:00:00Z"
    assert cube.labels["geo"]["NO"] == "Label NO"


@pytest.mark.parametrize(
    ("dimensions", "chosen", "query"),
    [
        ({"geo": ["SE", "DK"]}, {"geo": ["DK", "SE"]}, "geo=DK&geo=SE"),
        ({"time": [">=2021"]}, {"time": ["2021", "2022"]}, "sinceTimePeriod=2021"),
        ({"time": ["<=2020"]}, {"time": ["2019", "2020"]}, "untilTimePeriod=2020"),
        (
            {"time": [">=2020<=2021"]},
            {"time": ["2020", "2021"]},
            "sinceTimePeriod=2020&untilTimePeriod=2021",
        ),
        ({"time": ["last(1)"]}, {"time": ["2022"]}, "lastTimePeriod=1"),
        ({"time": ["2020"]}, {"time": ["2020"]}, "time=2020"),
        ({"geo": (["nuts2"], "geoLevel")}, {"geo": ["DK01"]}, "geoLevel=nuts2"),
    ],
)
def test_selections_are_keys_of_the_address(service, dimensions, chosen, query):
    assert told(fetch(service, EVERYTHING | dimensions)) == expected(**chosen)
    (_, address, _) = service.asked[0]
    assert address.endswith(f"/statistics/1.0/data/hlth_x?format=JSON&lang=EN&{query}")


def test_the_service_never_gets_geos_by_code_and_by_level(service):
    path = f"{service.root}/statistics/1.0/data/hlth_x?geo=DK&geoLevel=nuts2"
    assert service.ask("GET", path)[0] == 400
    with pytest.raises(CatalogError, match="geoLevel"):
        lead(eurostat, asked(service, EVERYTHING | {"geoLevel": ["nuts2"]}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"geo": []},
        {"geo": ["D K"]},
        {"unit": (["NR"], "geoLevel")},
        {"time": [">=2015", "<=2020"]},
        {"time": ["last(x)"]},
    ],
)
def test_selections_that_cannot_be_understood_are_the_declarations_fault(service, wrong):
    with pytest.raises(CatalogError):
        lead(eurostat, asked(service, EVERYTHING | wrong))


def test_an_answer_that_comes_later_is_waited_for(service):
    service.at_once = 10
    service.states = ["SUBMITTED", "PROCESSING", "PROCESSING"]
    question = asked(service)
    answered = lead(eurostat, question)
    assert told(eurostat.read(question, answered, where="x")) == expected()
    looks = [request for request in answered if "/status/" in request.url]
    assert [look.attempt for look in looks] == [0, 1, 2, 3]
    assert [look.wait for look in looks] == sorted(look.wait for look in looks)
    assert all(look.wait > 0 for look in looks)
    assert list(answered)[-1].url == f"{service.base}/1.0/async/data/{ID.format(0)}"


def test_an_answer_that_comes_later_without_an_id_is_asked_for_again(service):
    service.at_once, service.with_id = 10, False
    question = asked(service)
    answered = lead(eurostat, question)
    assert told(eurostat.read(question, answered, where="x")) == expected()
    assert [request.wait > 0 for request in answered] == [False, True]


@pytest.mark.parametrize("state", ["EXPIRED", "UNKNOWN_REQUEST"])
def test_an_answer_that_has_expired_is_asked_for_anew(service, state):
    service.at_once = 10
    service.states = ["PROCESSING", state, "AVAILABLE"]
    question = asked(service)
    answered = lead(eurostat, question)
    assert told(eurostat.read(question, answered, where="x")) == expected()
    assert len(service.delayed) == 2
    service.states = [state] * 9
    with pytest.raises(SourceUnavailable, match="again and again"):
        lead(eurostat, question)


@pytest.mark.parametrize("with_id", [True, False])
def test_waiting_has_an_end(service, with_id):
    service.at_once, service.with_id = 10, with_id
    service.states = ["PROCESSING"] * 100
    service.sized = lambda chosen, sized=service.sized: service.delayed.clear() or sized(chosen)
    with pytest.raises(SourceUnavailable, match="not ready after"):
        lead(eurostat, asked(service))
    assert len(service.asked) <= len(eurostat.WAITS) + 1


def test_too_many_cells_are_told(service):
    service.at_all = 31
    with pytest.raises(SourceChanged, match="too large for Eurostat"):
        lead(eurostat, asked(service))


def test_errors_are_told_in_eurostats_words(service):
    with pytest.raises(SourceChanged, match=r"error 150 \(400\): ERR_BAD_PARAMETER: geo \['XX'\]"):
        lead(eurostat, asked(service, EVERYTHING | {"geo": ["DK", "XX"]}))
    with pytest.raises(SourceChanged, match=r"error 100 \(404\)"):
        lead(eurostat, ask("eurostat", service.base, "other", EVERYTHING))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"error": [{"status": 500, "id": 1, "label": "x"}]}', SourceUnavailable),
        (b'{"error": {"status": 404, "id": 1, "label": "x"}}', SourceChanged),
        (b'{"warning": {"status": 200, "label": "Something else"}}', SourceChanged),
        (b'{"warning": "ASYNCHRONOUS"}{', SourceChanged),
        (f'{{"warning": "ASYNCHRONOUS {ID.format(1)} {ID.format(2)}"}}'.encode(), SourceChanged),
        (b"", SourceUnavailable),
        (b"<html>", SourceUnavailable),
        (b'{"error": [{"status": "503", "id": 1, "label": "x"}]}', SourceUnavailable),
        (b"<S:Fault><faultcode>100</faultcode><faultstring>No results</S:Fault>", SourceChanged),
    ],
)
def test_a_200_is_looked_at_before_it_is_taken_for_figures(service, body, error):
    question = asked(service)
    (first,) = eurostat.requests(question, {})
    with pytest.raises(error):
        eurostat.requests(question, {first: Reply(body)})


@pytest.mark.parametrize("body", [b"<status>READY</status>", b"PROCESSING or AVAILABLE", b"{}"])
def test_a_state_that_is_not_known_is_told(service, body):
    service.at_once = 10
    question = asked(service)
    answered = lead(eurostat, question)
    look = next(request for request in answered if "/status/" in request.url)
    with pytest.raises(SourceChanged, match="no state that is known"):
        eurostat.requests(question, {**answered, look: Reply(body)})


def test_codes_that_do_not_come_are_told(service):
    question = asked(service, EVERYTHING | {"geo": ["DK", "NO"]})
    answered = lead(eurostat, question)
    (first,) = answered
    tree = json.loads(answered[first].body)
    labels = {"DK": "x", "FI": "y"}
    tree["dimension"]["geo"]["category"] = {"index": ["DK", "FI"], "label": labels}
    with pytest.raises(SourceChanged) as caught:
        eurostat.read(question, {first: Reply(json.dumps(tree).encode())}, where="x")
    assert "'geo' has no code 'NO'" in str(caught.value)
    assert "'geo' has FI, which was not asked for" in str(caught.value)


def test_dimensions_that_are_not_declared_are_told(service):
    with pytest.raises(SourceChanged, match="dimension 'unit' is not declared"):
        fetch(service, {name: ["*"] for name in DIMENSIONS if name != "unit"})


def test_a_conversation_without_figures_is_not_read(service):
    with pytest.raises(DataError, match="the figures are not among the answers"):
        eurostat.read(asked(service), {}, where="x")


SDMX = (
    b"DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\r\n"
    b"ESTAT:HLTH_X(1.0),06/02/26 23:00:00,A,NR,DK,2020,628,e,\r\n"
    b"ESTAT:HLTH_X(1.0),06/02/26 23:00:00,A,NR,DK,2021,0.5,bp,\r\n"
    b"ESTAT:HLTH_X(1.0),06/02/26 23:00:00,A,NR,NO,2020,,,C\r\n"
    b"ESTAT:HLTH_X(1.0),06/02/26 23:00:00,A,NR,NO,2021,,m,\r\n"
    b"ESTAT:HLTH_X(1.0),06/02/26 23:00:00,A,NR,SE,2021,1.5e3,,\r\n"
)
TSV = (
    b"freq,unit,geo\\TIME_PERIOD\t2020 \t2021 \r\n"
    b"A,NR,DK\t628 e\t0.5 bp\r\n"
    b"A,NR,NO\t: c\t: \r\n"
    b"A,NR,SE\t0n\t1500 \r\n"
)


def read_text(service, body):
    question = asked(service)
    (first,) = eurostat.requests(question, {})
    return told(eurostat.read(question, {first: Reply(body)}, where="x"))


def test_sdmx_csv_is_read_with_flags_and_confidentiality(service):
    assert read_text(service, SDMX) == {
        ("A", "NR", "DK", "2020"): (628, "e"),
        ("A", "NR", "DK", "2021"): (0.5, "bp"),
        ("A", "NR", "NO", "2020"): (None, "C"),
        ("A", "NR", "NO", "2021"): (None, "m"),
        ("A", "NR", "SE", "2021"): (1500, ""),
    }


def test_tsv_is_read_with_flags(service):
    assert read_text(service, TSV) == {
        ("A", "NR", "DK", "2020"): (628, "e"),
        ("A", "NR", "DK", "2021"): (0.5, "bp"),
        ("A", "NR", "NO", "2020"): (None, "c"),
        ("A", "NR", "NO", "2021"): (None, ":"),
        ("A", "NR", "SE", "2020"): (0, "n"),
        ("A", "NR", "SE", "2021"): (1500, ""),
    }


@pytest.mark.parametrize(
    "body",
    [
        SDMX[:-3],
        SDMX.replace(b"628", b"6 28"),
        SDMX.replace(b"OBS_VALUE", b"VALUE"),
        SDMX + SDMX.split(b"\r\n")[1] + b"\r\n",
        TSV[:-2],
        TSV.replace(b"628 e", b"628 e 1"),
        TSV.replace(b"628 e", b""),
        TSV.replace(b"A,NR,NO", b"A,NR"),
        TSV.replace(b"A,NR,NO", b"A,NR,DK"),
        TSV.replace(b"\\TIME_PERIOD", b""),
        TSV.replace(b"\t2021 ", b"\t2020 "),
    ],
)
def test_text_that_cannot_be_read_is_refused(service, body):
    with pytest.raises(DataError):
        read_text(service, body)


def test_the_slow_readers_of_the_tests_agree_on_the_examples():
    assert len(slowly_eurostat.sdmx(SDMX)) == 5
    assert slowly_eurostat.tsv(TSV)[
        (("freq", "A"), ("geo", "SE"), ("time", "2020"), ("unit", "NR"))
    ] == (0, "n")


def test_delayed_answers_of_the_other_address_are_known_by_their_tag(service):
    question = asked(service)
    (first,) = eurostat.requests(question, {})
    queued = f"<env:Envelope><queued><id>{ID.format(7)}</id></queued></env:Envelope>".encode()
    asked_next = eurostat.requests(question, {first: Reply(queued)})
    assert asked_next[-1] == Request(
        f"{service.base}/1.0/async/status/{ID.format(7)}", wait=eurostat.WAITS[0]
    )


@pytest.mark.parametrize(
    ("body", "slow"), [(SDMX, slowly_eurostat.sdmx), (TSV, slowly_eurostat.tsv)]
)
def test_spoiled_text_is_read_right_or_refused(body, slow):
    def judge(bytes):
        try:
            cube = _eurostat_text.read(bytes, where="x")
        except DataError:
            return False
        found = {
            tuple(sorted(zip(cube.dimensions, key, strict=True))): cell
            for key, cell in told(cube).items()
        }
        assert found == slow(bytes)
        return True

    assert judge(body)
    letters = b"0123456789-+.eE:, \t\r\nabcx\xc3"
    outcomes = [judge(spoiled(body, seed, letters)) for seed in range(200)]
    assert 10 < sum(outcomes) < 190


def test_spoiled_figures_are_read_right_or_refused(service):
    question = asked(service, EVERYTHING | {"geo": ["DK", "NO"]})
    answered = lead(eurostat, question)
    (first,) = answered

    def judge(body):
        try:
            cube = eurostat.read(question, {first: Reply(body)}, where="x")
        except (DataError, SourceChanged, SourceUnavailable):
            return False
        cells = slowly.read(body)
        assert told(cube) == {
            key: (None, ":") if c == (None, "") else c for key, c in cells.items()
        }
        return True

    body = answered[first].body
    assert judge(body)
    letters = b'0123456789-+.eE"{}[]:, \\tfn\xc3'
    outcomes = [judge(spoiled(body, seed, letters, start=200)) for seed in range(200)]
    assert 10 < sum(outcomes) < 190
