"""Traps of JSON-stat, PX files and both generations of PxWeb, a named test for each.

Numbers are those of the list that the project's notes on these services keep.
"""

import json
import math

import pytest

from healthindicators.errors import DataError, SourceChanged
from healthindicators.formats import jsonstat, px
from healthindicators.formats.periods import period
from healthindicators.model import Dimension
from healthindicators.protocols import pxweb1, pxwebapi2
from tests.protocols.asking import ask, cells
from tests.real_files import real_file
from tests.services.cubes import population
from tests.services.driver import converse
from tests.services.loopback import Rate
from tests.services.pxweb1 import PxWeb1
from tests.services.pxwebapi2 import PxWebApi2

V1 = "B_HLV/befolkning på region.px"
FEW = (("Region", "0301", "1103"), ("Kjonn", "1"), ("ContentsCode", "Personer1"), ("Tid", "2024"))


def version_2(service, *dimensions):
    with service.running() as base:
        asked = ask("pxwebapi2", base, "07459", *dimensions)
        return pxwebapi2.read(asked, converse(pxwebapi2, asked), where="here")


def version_1(service, *dimensions):
    with service.running() as base:
        asked = ask("pxweb1", base, V1, *dimensions)
        return pxweb1.read(asked, converse(pxweb1, asked), where="here")


def small(**changed):
    said = {
        "id": ["Region", "Tid"],
        "size": [2, 2],
        "dimension": {
            "Region": {"label": "region", "category": {"index": {"01": 1, "0301": 0}}},
            "Tid": {"label": "år", "category": {"index": ["2023", "2024"]}},
        },
        "value": [1, 2, 3, 4],
    }
    return json.dumps({**said, **changed}).encode()


def read(body):
    return jsonstat.read(body, where="a reply")


def test_trap_01_dash_with_null_is_told_from_missing_and_from_a_stored_zero():
    cube = read(small(value=[None, None, 0, 4], status={"0": "-", "1": ".."}))
    assert cells(cube) == {
        ("0301", "2023"): (None, "-"),
        ("0301", "2024"): (None, ".."),
        ("01", "2023"): (0, ""),
        ("01", "2024"): (4, ""),
    }


def test_trap_03_row_absent_from_a_px_file_with_keys_is_zero():
    file = b"""CHARSET="ANSI";STUB="a";HEADING="b";VALUES("a")="x","y","z";VALUES("b")="1","2";
    KEYS("a")=VALUES;DATA="z",1 ".." "x",0 3;"""
    assert list(cells(px.read(file, where="a file")).values()) == [
        (0, ""), (3, ""), (0, ""), (0, ""), (1, ""), (None, ".."),
    ]  # fmt: skip


def test_trap_04_table_without_a_selection_is_asked_for_whole_in_version_2():
    service = PxWebApi2()
    whole = [Dimension(v.code, "single") for v in population().variables]
    cube = version_2(service, *whole)
    assert len(cube.cells) == math.prod(len(v.values) for v in population().variables)
    assert all(json.loads(q.body)["selection"] for q in service.log if q.method == "POST")


def test_trap_04_version_1_is_never_asked_without_a_selection():
    service = PxWeb1()
    version_1(service, *FEW)
    (posted,) = [json.loads(q.body) for q in service.log if q.method == "POST"]
    assert [len(q["selection"]["values"]) for q in posted["query"]] == [2, 1, 1, 1]


BOTH = pytest.mark.parametrize(("fetch", "made"), [(version_1, PxWeb1), (version_2, PxWebApi2)])


@BOTH
def test_trap_05_mandatory_variable_left_out_is_refused_before_it_is_asked(fetch, made):
    service = made()
    with pytest.raises(SourceChanged, match="'Tid' is not declared"):
        fetch(service, *FEW[:3])
    assert not [q for q in service.log if q.method == "POST"]


@BOTH
def test_trap_06_top_is_the_newest_on_time_and_the_first_elsewhere(fetch, made):
    cube = fetch(made(), ("Region", "top(2)"), *FEW[1:3], ("Tid", "top(2)"))
    assert list(cells(cube)) == [
        ("0", "1", "Personer1", "2023"),
        ("0", "1", "Personer1", "2024"),
        ("0301", "1", "Personer1", "2023"),
        ("0301", "1", "Personer1", "2024"),
    ]


@BOTH
def test_trap_07_unknown_code_is_found_before_it_kills_the_request(fetch, made):
    service = made()
    with pytest.raises(SourceChanged, match="there is no code '0302'") as caught:
        fetch(service, ("Region", "0301", "0302"), *FEW[1:])
    assert "0301" in caught.value.problems[0].hint
    assert not [q for q in service.log if q.method == "POST"]


@pytest.mark.parametrize("status", [400, 403])
def test_trap_08_too_many_cells_is_met_whichever_status_tells_it(status):
    service = PxWebApi2(most_cells=20, told_cells=1000, too_many=status)
    cube = version_2(service, ("Region", "*"), *FEW[1:3], ("Tid", "*"))
    assert len(cells(cube)) == 9 * 7


def test_trap_08_version_1_says_403():
    service = PxWeb1(most_cells=20, told_cells=1000)
    assert len(cells(version_1(service, ("Region", "*"), *FEW[1:3], ("Tid", "*")))) == 9 * 7


def test_trap_09_table_is_gone_where_a_400_hides_a_404():
    service = PxWebApi2()
    with service.running() as base:
        asked = ask("pxwebapi2", base, "07459", *FEW)
        answered = {}
        while len(answered) < 2:
            answered = converse_once(asked, answered)
        service.tables.clear()
        with pytest.raises(SourceChanged, match="no longer there: Non-existent table"):
            converse(pxwebapi2, asked, answered=answered)
    assert service.log[-1].path.endswith("/data")


def converse_once(asked, answered):
    from healthindicators.protocols import Reply
    from tests.services.driver import send

    request = next(r for r in pxwebapi2.requests(asked, answered) if r not in answered)
    status, _, body = send(request)
    return {**answered, request: Reply(body, status)}


def test_trap_13_keys_of_an_index_object_have_no_order():
    assert cells(read(small()))["0301", "2024"] == (2, "")
    listed = json.loads(small())
    listed["dimension"]["Region"]["category"]["index"] = ["0301", "01"]
    assert cells(read(json.dumps(listed).encode())) == cells(read(small()))


def test_trap_14_one_category_without_index_has_its_label_for_a_code():
    said = json.loads(small(size=[1, 2], value=[1, 2]))
    said["dimension"]["Region"]["category"] = {"label": {"0301": "Oslo"}}
    assert list(cells(read(json.dumps(said).encode()))) == [("0301", "2023"), ("0301", "2024")]


def test_trap_15_sparse_values_leave_the_rest_missing():
    assert cells(read(small(value={"3": 4})))["01", "2024"] == (4, "")
    assert cells(read(small(value={"3": 4})))["01", "2023"] == (None, "")
    assert set(cells(read(small(value={}))).values()) == {(None, "")}


def test_trap_16_equal_labels_are_kept_apart_by_their_codes():
    cube = version_2(PxWebApi2(), ("Region", "1514", "1818"), *FEW[1:])
    assert cube.labels["Region"] == {"1514": "Herøy", "1818": "Herøy"}
    assert len({value for value, _ in cells(cube).values()}) == 2
    said = json.loads(small())
    said["dimension"]["Tid"]["label"] = "region"
    assert read(json.dumps(said).encode()).names == {"Region": "region", "Tid": "region"}


def test_trap_18_px_file_is_read_in_its_own_encoding():
    text = 'CHARSET="ANSI";STUB="a";VALUES("a")="Ærø","Malmö – stad";CODES("a")="1","2";DATA=1 2;'
    for body in (
        text.encode("cp1252"),
        text.replace('"ANSI"', '"ANSI";CODEPAGE="utf-8"').encode(),
        text.encode("utf-8-sig"),
    ):
        assert px.read(body, where="a file").labels["a"] == {"1": "Ærø", "2": "Malmö – stad"}


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2025-03-25T07:00:00Z", "2025-03-25T07:00:00Z"),
        ("2025-03-25T08:00:00", "2025-03-25T08:00:00"),
        ("2025-03-25T08:00:00+0100", "2025-03-25T07:00:00Z"),
        ("2025-03-25T08:00:00.1234567+01:00", "2025-03-25T07:00:00.123456Z"),
    ],
)
def test_trap_19_moment_is_in_utc_only_where_its_zone_is_told(written, read_as):
    assert read(small(updated=written)).updated == read_as


def test_trap_22_leading_zeros_stay():
    cube = read(small())
    assert list(cube.cells["Region"].cat.categories) == ["0301", "01"]
    said = json.loads(small())
    said["dimension"]["Region"]["category"]["index"] = [301, 1]
    with pytest.raises(DataError, match="lost leading zeros"):
        read(json.dumps(said).encode())


def test_trap_23_todays_code_is_summed_and_a_code_out_of_its_life_is_marked():
    region = Dimension("Region", "geo", ("K-3103",), codelist="agg_KommSummer")
    summed = cells(version_2(PxWebApi2(), region, *FEW[1:3], ("Tid", "2018", "2022", "2024")))
    table = population()
    for year, parts in (("2018", ("0104", "0136")), ("2022", ("3002",)), ("2024", ("3103",))):
        value = sum(table.number((part, "1", "Personer1", year)) for part in parts)
        assert summed["K-3103", "1", "Personer1", year] == (value, ".")
    plain = cells(version_2(PxWebApi2(), ("Region", "3103"), *FEW[1:3], ("Tid", "2018", "2024")))
    assert plain["3103", "1", "Personer1", "2018"] == (None, ".")
    assert plain["3103", "1", "Personer1", "2024"][1] == ""


def test_trap_24_mark_beside_a_value_loses_neither():
    assert cells(version_2(PxWebApi2(), *FEW))["0301", "1", "Personer1", "2024"] == (4711, "*")


def test_trap_25_values_are_kept_as_rounded_with_the_decimals_told():
    said = json.loads(small(value=[1.25, 2.0, 1e-3, 4]))
    said["dimension"]["Region"]["category"]["unit"] = {"0301": {"base": "%", "decimals": 2}}
    cube = read(json.dumps(said).encode())
    assert [value for value, _ in cells(cube).values()] == [1.25, 2.0, 0.001, 4.0]
    assert cube.units == {"0301": {"base": "%", "decimals": 2}}


def test_trap_26_parts_that_do_not_add_to_their_total_are_no_error():
    cube = jsonstat.read(real_file("se/TAB6471_data.json").read_bytes(), where="TAB6471")
    kept = cube.cells.set_index(["Region", "Alder", "Kon", "Tid"])["value"].unstack("Kon")
    total = next(code for code in kept.columns if code.casefold().startswith("tot"))
    noise = kept[total] - kept.drop(columns=total).sum(axis=1)
    assert (noise != 0).any(), "the published parts differ from their totals by the noise"
    assert any("Cell Key Method" in note for note in cube.notes)


@pytest.mark.parametrize("key", ["4", "-1", "1.0", "01", "x", "", "1e0", "99999999999999999999"])
@pytest.mark.parametrize("what", ["status", "value"])
def test_trap_27_position_that_is_none_of_the_cells_is_refused(key, what):
    with pytest.raises(DataError, match="positions"):
        read(small(**{what: {key: ".." if what == "status" else 1}}))
    assert cells(read(small(status={"3": "p"})))["01", "2024"] == (4, "p")


def test_trap_29_metadata_without_values_are_no_obstacle_to_named_codes():
    assert len(cells(version_1(PxWeb1(most_values=8), *FEW))) == 2
    with pytest.raises(SourceChanged, match="not told"):
        version_1(PxWeb1(most_values=8), ("Region", "*"), *FEW[1:])


def test_trap_30_ids_beyond_ascii_are_written_per_cent():
    service = PxWebApi2()
    region = Dimension("Region", "geo", ("*",), codelist="agg_Ålder")
    with service.running() as base:
        asked = ask("pxwebapi2", base, "07459", region, *FEW[1:])
        answered = converse(pxwebapi2, asked)
    assert f"{base}/codelists/agg_%C3%85lder?lang=no" in [r.url for r in answered]
    assert all(r.url.isascii() for r in answered)
    with PxWeb1().running() as base:
        asked = ask("pxweb1", base, V1, *FEW)
        urls = [r.url for r in converse(pxweb1, asked)]
    assert urls[1] == f"{base}/B_HLV/befolkning%20p%C3%A5%20region.px"


def test_rate_of_a_service_is_told_in_seconds_or_as_a_date():
    """Of trap 11 the service's part; the transport's is tested where the transport is."""
    now = [0.0]
    for as_date, kind in ((False, str.isdigit), (True, lambda text: text.endswith("GMT"))):
        rate = Rate(1, 5, as_date, clock=lambda: now[0])
        assert rate.refused() is None
        assert kind(rate.refused())
        now[0] += 6
        assert rate.refused() is None


def test_periods_of_these_services_are_years():
    assert {
        code: period(code).last for code in ("2024", "2024K3", "2024M11", "2024V40")
    } == dict.fromkeys(("2024", "2024K3", "2024M11", "2024V40"), 2024)
