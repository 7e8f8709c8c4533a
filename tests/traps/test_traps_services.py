"""Traps that the services of StatBank, FHI, Kolada and Eurostat set, one test each.

The numbers are those of the list of thirty that the project keeps.
"""

import json

import pytest

from healthindicators.errors import DataError, SourceChanged
from healthindicators.formats import delimited, encoding
from healthindicators.formats.delimited import Layout
from healthindicators.formats.instants import instant
from healthindicators.protocols import Reply, eurostat, fhi, kolada, statbank
from tests.real_files import real_file
from tests.services.asking import ask, told
from tests.services.eurostat import Eurostat
from tests.services.fhi import Fhi
from tests.services.fhi import Table as FhiTable
from tests.services.kolada import Kolada
from tests.services.loopback import Answer
from tests.services.opened import lead
from tests.services.statbank import StatBank, Table, variable

ALL = ["*"]
PERIODS = ["2022K4", "2023K1", "2023K2"]


def bank(**changed):
    cells = {
        (area, sex, period): 100.5 + place
        for place, (area, sex, period) in enumerate(
            (a, s, p) for a in ("000", "0301", "101") for s in ("1", "2") for p in PERIODS
        )
    }
    variables = [
        variable("OMRÅDE", ["000", "0301", "101"]),
        variable("KØN", ["1", "2"], elimination=True),
        variable("Tid", PERIODS, time=True),
    ]
    return StatBank(Table("FOLK", variables, cells | changed))


def read(protocol, service, code, dimensions, **options):
    question = ask(protocol.__name__.rpartition(".")[2], service.base, code, dimensions, **options)
    return protocol.read(question, lead(protocol, question), where="x")


EVERYTHING = {"OMRÅDE": ALL, "KØN": ALL, "Tid": ALL}


def test_trap_02_an_absent_row_of_bulk_is_what_the_table_says_and_two_dots_are_missing():
    with bank() as service:
        cells = service.tables["folk"].cells
        cells["101", "1", "2023K1"] = 0
        cells["101", "2", "2023K1"] = None
        del cells["000", "1", "2023K1"]
        found = told(read(statbank, service, "FOLK", EVERYTHING))
        sent = service.ask("POST", "/v1/data", service.asked[-1][2])[1].decode()
        assert "101;1;2023K1" not in sent
        assert "101;2;2023K1;.." in sent
        assert found["101", "1", "2023K1"] == found["000", "1", "2023K1"] == (0, "")
        assert found["101", "2", "2023K1"] == (None, "..")


def test_trap_04_time_is_always_chosen_because_statbank_gives_the_newest_only():
    with bank() as service:
        body = {"table": "FOLK", "format": "CSV", "variables": [{"code": "OMRÅDE", "values": ALL}]}
        _, without = service.ask("POST", "/v1/data", json.dumps(body))
        assert b"2023K2" in without
        assert b"2022K4" not in without
        with pytest.raises(SourceChanged, match="dimension 'Tid' is not declared"):
            read(statbank, service, "FOLK", {"OMRÅDE": ALL, "KØN": ALL})
        cube = read(statbank, service, "FOLK", EVERYTHING)
        assert list(cube.cells["Tid"].cat.categories) == PERIODS


FHI = {
    "GEO": ["0", "03", "0301"],
    "AAR": ["2020_2020", "2021_2021", "2022_2022"],
    "MEASURE_TYPE": ["RATE"],
}


def health(value=1.5, **options):
    cells = {(g, y, "RATE"): value for g in FHI["GEO"] for y in FHI["AAR"]}
    return Fhi({"nokkel/1": FhiTable(FHI, cells)}, **options)


def test_trap_06_top_is_first_at_fhi_and_not_newest():
    with health() as service:
        asked = {"GEO": ALL, "AAR": ["top(1)"], "MEASURE_TYPE": ALL}
        first = read(fhi, service, "nokkel/1", asked)
        last = read(fhi, service, "nokkel/1", asked | {"AAR": ["bottom(1)"]})
        assert set(first.cells["AAR"]) == {"2020_2020"}
        assert set(last.cells["AAR"]) == {"2022_2022"}


GEOS = {"freq": ["A"], "geo": ["DK", "NO"], "time": ["2020", "2021"]}


def europe(**options):
    cells = {("A", "DK", "2020"): (1.5, ""), ("A", "NO", "2021"): (2.5, "bp")}
    return Eurostat("t", GEOS, cells, **options)


def test_trap_10_a_warning_inside_a_200_is_no_figure():
    with europe(at_once=2) as service:
        status, body = service.ask("GET", f"{service.root}/statistics/1.0/data/t")
        assert status == 200
        assert "warning" in json.loads(body)
        found = told(read(eurostat, service, "t", dict.fromkeys(GEOS, ALL)))
        assert found["A", "DK", "2020"] == (1.5, "")
        assert found["A", "NO", "2021"] == (2.5, "bp")
        assert found["A", "DK", "2021"] == (None, ":")


@pytest.mark.parametrize("bom", [True, False])
def test_trap_12_flags_among_values_a_byte_order_mark_and_an_empty_status(bom):
    with health(bom=bom) as service:
        cells = service.tables["nokkel/1"].cells
        cells["0301", "2021_2021", "RATE"] = "k"
        cells["03", "2021_2021", "RATE"] = None
        found = told(read(fhi, service, "nokkel/1", dict.fromkeys(FHI, ALL)))
        assert (
            service.ask("GET", f"{service.root}/nokkel/table/1")[1].startswith(b"\xef\xbb\xbf")
            == bom
        )
        assert found["0301", "2021_2021", "RATE"] == (None, "k")
        assert found["03", "2021_2021", "RATE"] == (None, "")
        assert found["0", "2021_2021", "RATE"] == (1.5, "")


@pytest.mark.parametrize(("language", "written"), [("da", b";100,5\r\n"), ("en", b";100.5\r\n")])
def test_trap_17_the_decimal_mark_follows_the_language(language, written):
    with bank() as service:
        found = told(read(statbank, service, "FOLK", EVERYTHING, language=language))
        assert written in service.ask("POST", "/v1/data", service.asked[-1][2])[1]
        assert found["000", "1", "2022K4"] == (100.5, "")


def test_trap_17_a_mark_that_is_not_the_languages_is_refused():
    with bank() as service:
        question = ask("statbank", service.base, "FOLK", EVERYTHING, language="da")
        answered = lead(statbank, question)
        figures = list(answered)[-1]
        english = Reply(answered[figures].body.replace(b",", b"."))
        with pytest.raises(DataError, match="is no number"):
            statbank.read(question, {**answered, figures: english}, where="x")


def test_trap_18_old_encodings_are_found_out_or_refused():
    for name in ("cp1252", "mac_roman", "cp850"):
        text = "AREA;V\nTårnby;1\nÄlvdalen;2\nÖrebro;3\n"
        cube = delimited.read(text.encode(name), where="x", value="V")
        assert cube.cells["AREA"].tolist() == ["Tårnby", "Älvdalen", "Örebro"]
    with pytest.raises(DataError, match="not UTF-8, and"):
        delimited.read(b"AREA;V\n\x81\x9d\xd0;1\n", where="x", value="V")
    told_so = delimited.read(b"AREA;V\n\xd0;1\n", where="x", value="V", layout=Layout("cp1252"))
    assert told_so.cells["AREA"].tolist() == ["Ð"]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("se/encoding_macroman.csv", "Göteborg"),
        ("se/encoding_latin1_leading_space.csv", "Göteborg"),
        ("dk/register_latin1_97_rows.csv", "København"),
        ("no/ssb_07459_csv2_2021.csv", "Gáivuotna"),
        ("no/ssb_klass_kommuneinndeling_2026.csv", "Tromsø"),
        ("no/kommuner_med_endringer_fra2019_til2020.csv", "Kárášjohka"),
    ],
)
def test_trap_18_published_files_in_old_encodings(name, word):
    assert word in encoding.as_utf8(real_file(name).read_bytes(), name).decode()


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2025-03-25T07:00:00Z", "2025-03-25T07:00:00Z"),
        ("2026-02-06T23:00:00+0100", "2026-02-06T22:00:00Z"),
        ("2022-12-20T11:44:58.7706326+00:00", "2022-12-20T11:44:58.770632Z"),
    ],
)
def test_trap_19_moments_with_a_zone_are_told_in_utc(written, utc):
    assert instant(written) == utc


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2025-03-25T08:00:00", "2025-03-25T07:00:00Z"),
        ("2025-07-25T08:00:00", "2025-07-25T06:00:00Z"),
    ],
)
def test_trap_19_statbank_tells_copenhagens_time_without_saying_so(local, utc):
    with bank() as service:
        service.tables["folk"].updated = local
        assert read(statbank, service, "FOLK", EVERYTHING).updated == utc


SWEDEN = {"kpi": ["N00945"], "municipality": ALL, "year": ["2022", "2023"], "gender": ["T"]}


def sweden(**options):
    places = {f"{number:04d}": "K" for number in range(1, 31)}
    cells = {("N00945", p, y, "T"): float(p) for p in places for y in ("2022", "2023")}
    return Kolada({"N00945": True}, places, cells, **options)


def test_trap_20_pages_are_followed_and_deleted_figures_have_no_value():
    with sweden(largest=7) as service:
        service.cells["N00945", "0003", "2023", "T"] = {"value": 9.5, "isdeleted": True}
        cube = read(kolada, service, "", SWEDEN)
        found = told(cube)
        assert len(found) == 60
        assert found["N00945", "0003", "2023", "T"] == (None, "deleted")
        assert found["N00945", "0030", "2022", "T"] == (30, "")


def test_trap_20_a_full_page_without_next_is_an_error(monkeypatch):
    monkeypatch.setattr(kolada, "PER_PAGE", 30)
    with sweden() as service:
        service.forget_next = True
        with pytest.raises(SourceChanged, match="without a next one"):
            read(kolada, service, "", SWEDEN)


CASES = {
    "statbank": (bank, statbank, "FOLK", EVERYTHING, {"cells": 4}),
    "fhi": (health, fhi, "nokkel/1", dict.fromkeys(FHI, ALL), {"cells": 2}),
    "kolada": (lambda: sweden(largest=7), kolada, "", SWEDEN, {}),
}


@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize("name", CASES)
def test_trap_21_one_part_that_fails_fails_the_whole(name, status):
    make, protocol, code, dimensions, options = CASES[name]
    with make() as service:
        whole = read(protocol, service, code, dimensions, **options)
        count = len(service.log)
        assert len(whole.cells)
        assert count > 4
        question = ask(name, service.base, code, dimensions, **options)
        answered = lead(protocol, question)
        last = list(answered)[-1]
        with pytest.raises(SourceChanged):
            protocol.requests(question, {**answered, last: Reply(b"no", status)})
        del answered[last]
        with pytest.raises(DataError, match=r"not (there|all)"):
            protocol.read(question, answered, where="x")


def test_trap_21_a_refusal_in_the_middle_of_a_conversation_ends_it():
    with bank() as service:
        refusal = Answer(400, b'{"errorTypeCode": "EXTRACT-NOTFOUND", "message": "gone"}')
        answer = service.answer
        service.answer = lambda q: refusal if len(service.log) == 4 else answer(q)
        with pytest.raises(SourceChanged, match="EXTRACT-NOTFOUND: gone"):
            read(statbank, service, "FOLK", EVERYTHING, cells=4)


def test_trap_22_codes_with_leading_zeros_stay_text():
    with bank() as service:
        cube = read(statbank, service, "FOLK", EVERYTHING)
        assert list(cube.cells["OMRÅDE"].cat.categories) == ["000", "0301", "101"]
    with health() as service:
        cube = read(fhi, service, "nokkel/1", dict.fromkeys(FHI, ALL))
        assert list(cube.cells["GEO"].cat.categories) == ["0", "03", "0301"]
    with sweden() as service:
        cube = read(kolada, service, "", SWEDEN)
        assert set(cube.cells["municipality"]) == {f"{n:04d}" for n in range(1, 31)}
    text = delimited.read(
        b"AREA;V\n01;1\n1;2\n0301;3\n1e3;4\nNO;5\nnan;6\n;7\n", where="x", value="V"
    )
    assert text.cells["AREA"].tolist() == ["01", "1", "0301", "1e3", "NO", "nan", ""]


def test_trap_28_names_of_variables_are_found_whatever_their_case():
    with bank() as service:
        cube = read(statbank, service, "folk", {"område": ALL, "KØN": ALL, "TID": ALL})
        sent = service.ask("POST", "/v1/data", service.asked[-1][2])[1].decode("utf-8-sig")
        assert sent.startswith("OMRÅDE;KØN;TID;INDHOLD\r\n")
        assert cube.dimensions == ("område", "KØN", "TID")
        assert len(cube.cells) == 18
