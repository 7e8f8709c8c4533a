"""JSON-stat of every version and shape, read; and what contradicts itself, refused."""

import json
import math
import random

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.errors import DataError
from healthindicators.formats import bulk, jsonstat, jsontext
from tests.formats import slowly
from tests.formats.mutations import mutated
from tests.real_files import real_file


def dataset(**changed):
    """Two regions and two years, in the order of neither key: 0301/2023 is 1, 1103/2024 is 4."""
    said = {
        "version": "2.0",
        "class": "dataset",
        "label": "Persons",
        "source": "An office",
        "updated": "2026-06-08T06:00:00Z",
        "id": ["Region", "Tid"],
        "size": [2, 2],
        "role": {"time": ["Tid"], "geo": ["Region"]},
        "dimension": {
            "Region": {
                "label": "region",
                "category": {
                    "index": {"1103": 1, "0301": 0},
                    "label": {"0301": "Oslo", "1103": "Stavanger"},
                },
            },
            "Tid": {"label": "year", "category": {"index": ["2023", "2024"]}},
        },
        "value": [1, 2, None, 4],
        "status": {"2": ".."},
    }
    return {**said, **changed}


def read(said, **options):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return jsonstat.read(body, where="a reply", **options)


def rows(cube):
    table = cube.cells.astype(dict.fromkeys([*cube.dimensions, "symbol"], "str"))
    return [
        tuple(None if isinstance(v, float) and math.isnan(v) else v for v in row)
        for row in table.itertuples(index=False, name=None)
    ]


PLAIN = [
    ("0301", "2023", 1.0, ""),
    ("0301", "2024", 2.0, ""),
    ("1103", "2023", None, ".."),
    ("1103", "2024", 4.0, ""),
]


def problems(said, **options):
    with pytest.raises(DataError) as caught:
        read(said, **options)
    return " | ".join(str(problem) for problem in caught.value.problems)


def version_1(**more):
    """The same cells as a bundle of version 1."""
    said = dataset()
    inside = {key: said.pop(key) for key in ("id", "size", "role")}
    del said["version"], said["class"]
    said["dimension"] = {**said["dimension"], **inside}
    return {"dataset": {**said, **more}}


def without_index():
    said = dataset(size=[1, 2], value=[1, 2], status=None)
    said["dimension"]["Region"]["category"] = {"label": {"0301": "Oslo"}}
    return said


def test_dataset_is_read_with_all_that_is_said_of_it():
    cube = read(dataset(note=["Read this."]))
    assert rows(cube) == PLAIN
    assert cube.dimensions == ("Region", "Tid")
    assert cube.labels["Region"] == {"0301": "Oslo", "1103": "Stavanger"}
    assert cube.names == {"Region": "region", "Tid": "year"}
    assert cube.roles == {"time": ("Tid",), "geo": ("Region",)}
    assert (cube.title, cube.updated, cube.notes) == (
        "Persons",
        "2026-06-08T06:00:00Z",
        ("Read this.",),
    )
    assert list(cube.cells["Region"].cat.categories) == ["0301", "1103"]
    assert not cube.cells["Region"].cat.ordered


SAME = {
    "version 1": version_1(),
    "version 1, sizes as text": {
        "dataset": {
            **version_1()["dataset"],
            "dimension": {**version_1()["dataset"]["dimension"], "size": ["2", "2"]},
        }
    },
    "version 1, and id and size where version 2 has them": {
        "dataset": {**version_1()["dataset"], "id": ["Region", "Tid"], "size": [2, 2]}
    },
    "version 1, with id alone where version 2 has it": {
        "dataset": {
            **version_1()["dataset"],
            "id": ["Region", "Tid"],
            "dimension": {
                k: v for k, v in version_1()["dataset"]["dimension"].items() if k != "id"
            },
        }
    },
    "sizes as decimals": dataset(size=[2.0, 2.0]),
    "an empty object written as a list": dataset(value=[1, 2, "..", 4], status=[]),
    "sizes as text": dataset(size=["2", "2"]),
    "sparse values": dataset(value={"0": 1, "1": 2, "3": 4}),
    "sparse values, out of order, null told": dataset(value={"3": 4, "2": None, "1": 2, "0": 1}),
    "status as a list": dataset(status=[None, "", "..", None]),
    "status nested as Eurostat once had it": dataset(
        status={"label": {"..": "missing"}, "value": {"2": ".."}}
    ),
    "status nested as a list": dataset(status={"label": {}, "value": ["", "", "..", ""]}),
    "a mark among the values": dataset(value=[1, 2, "..", 4], status=None),
    "the same mark twice": dataset(value=[1, 2, "..", 4]),
    "null metadata": dataset(
        href=None,
        source=None,
        role=None,
        label=None,
        updated=None,
        note=None,
        extension=None,
        error=None,
    ),
    "null roles": dataset(role={"time": None, "geo": None, "metric": None}),
    "collection with one data set": {
        "version": "2.0",
        "class": "collection",
        "link": {"item": [dataset(), {"class": "dataset", "href": "https://example.org/other"}]},
    },
    "positions as text": dataset(
        dimension={
            **dataset()["dimension"],
            "Region": {"category": {"index": {"1103": "1", "0301": "0"}}},
        }
    ),
}


@pytest.mark.parametrize("form", SAME)
def test_every_form_of_the_same_cells_reads_the_same(form):
    assert rows(read(SAME[form])) == PLAIN


def test_byte_order_mark_is_no_part_of_the_text():
    assert rows(read(b"\xef\xbb\xbf" + json.dumps(dataset()).encode())) == PLAIN


def test_one_category_without_index_takes_its_code_from_the_label():
    assert rows(read(without_index())) == [("0301", "2023", 1.0, ""), ("0301", "2024", 2.0, "")]


@pytest.mark.parametrize("status", ["", None, {}, [""]])
def test_no_status_in_any_form_is_no_mark(status):
    marks = read(dataset(status=status)).cells["symbol"]
    assert marks.tolist() == [""] * 4


@pytest.mark.parametrize("status", ["p", ["p"]])
def test_one_status_is_that_of_all_cells(status):
    cube = read(dataset(status=status))
    assert cube.cells["symbol"].tolist() == ["p"] * 4
    assert cube.cells["value"].tolist()[:2] == [1, 2]


def test_empty_sparse_values_are_all_missing():
    assert read(dataset(value={}, status=None)).cells["value"].isna().all()


def test_labels_may_be_equal_and_absent():
    said = dataset()
    said["dimension"]["Region"]["category"]["label"] = {"0301": "Herøy", "1103": "Herøy"}
    said["dimension"]["Tid"]["label"] = "region"
    cube = read(said)
    assert cube.labels["Region"] == {"0301": "Herøy", "1103": "Herøy"}
    assert cube.labels["Tid"] == {}
    assert cube.names == {"Region": "region", "Tid": "region"}
    assert rows(cube) == PLAIN


@pytest.mark.parametrize(
    "unit",
    [
        {"base": "persons", "decimals": 0},
        {"label": "per cent", "decimals": None},
        {"decimals": 1, "symbol": "%", "position": "end"},
    ],
)
def test_units_are_kept_as_they_are_told(unit):
    said = dataset(id=["Region", "C"], role={"metric": ["C"]}, size=[2, 2])
    said["dimension"]["C"] = {"category": {"index": ["N", "P"], "unit": {"P": unit, "X": {"a": 1}}}}
    del said["dimension"]["Tid"]
    assert read(said).units == {"P": unit}


def test_notes_that_must_be_read_come_first():
    said = dataset(note=["a", "b"], extension={"noteMandatory": {"1": True}})
    said["dimension"]["Tid"]["note"] = ["c"]
    assert read(said).notes == ("b", "a", "c")


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-02-06T23:00:00+0100", "2026-02-06T22:00:00Z"),
        ("2022-12-20T11:44:58.7706326+00:00", "2022-12-20T11:44:58.770632Z"),
        ("2024-01-12T05: 52: 00Z", "2024-01-12T05:52:00Z"),
        ("2025-03-25T08:00:00", "2025-03-25T08:00:00"),
        ("2025-03-25", "2025-03-25"),
        ("2025-03-25T23:30:00-01:30", "2025-03-26T01:00:00Z"),
        ("in spring", "in spring"),
        ("2025-13-25T08:00:00Z", "2025-13-25T08:00:00Z"),
        (None, ""),
    ],
)
def test_updated_is_told_in_utc_where_its_zone_is(written, utc):
    assert read(dataset(updated=written)).updated == utc


def test_several_data_sets_are_chosen_by_name():
    body = {"oecd": dataset(), "canada": dataset(value=[5, 6, 7, 8], status=None), "note": "x"}
    assert jsonstat.datasets(json.dumps(body).encode(), where="a reply") == ("oecd", "canada")
    assert read(body, dataset="canada").cells["value"].tolist() == [5, 6, 7, 8]
    assert "oecd, canada" in problems(body)
    assert "no data set 'canad'" in problems(body, dataset="canad")


def test_collection_names_its_data_sets_by_label_or_number():
    items = [dataset(label="A"), dataset(label="A", value=[9, 9, 9, 9], status=None)]
    body = {"class": "collection", "link": {"item": items}}
    assert jsonstat.datasets(json.dumps(body).encode(), where="a reply") == ("A", "1")
    assert read(body, dataset="1").cells["value"].tolist() == [9, 9, 9, 9]


def changed_index(index, **more):
    said = dataset(**more)
    said["dimension"]["Region"]["category"] = {"index": index}
    return said


def moved(name, what):
    said = dataset()
    said["dimension"][name] = what
    return said


REFUSED = {
    "equal ids": (dataset(id=["Region", "Region"]), "stands twice"),
    "equal codes": (changed_index(["0301", "0301"]), "'0301' stands twice"),
    "a position twice": (changed_index({"0301": 0, "1103": 0}), "position 0 is given to 2 codes"),
    "a position too far": (changed_index({"0301": 0, "1103": 2}), "at position 2 of 2"),
    "a position below zero": (changed_index({"0301": 0, "1103": -1}), "no whole number"),
    "a position between": (changed_index({"0301": 0, "1103": 0.5}), "no whole number"),
    "a position that is true": (changed_index({"0301": 0, "1103": True}), "no whole number"),
    "codes as numbers": (changed_index([301, 1103]), "lost leading zeros"),
    "index as a text": (changed_index("0301"), "neither a list nor an object"),
    "no index with two labels": (
        moved("Region", {"category": {"label": {"0301": "a", "1103": "b"}}}),
        "no index",
    ),
    "labels as a list": (moved("Tid", {"category": {"index": ["2023", "2024"], "label": ["a", "b"]}}),
                         "labels are not"),
    "size against categories": (dataset(size=[2, 3]), "2 categories, but the size is 3"),
    "sizes swapped against ids": (dataset(size=[4]), "size has 1 numbers for 2 dimensions"),
    "two orders of dimensions": (
        {"dataset": {**version_1()["dataset"], "id": ["Tid", "Region"]}}, "id is said twice",
    ),
    "size as a fraction": (dataset(size=[2, 2.5]), "not a list of whole numbers"),
    "too few values": (dataset(value=[1, 2, 3]), "3 for 4 cells"),
    "too many values": (dataset(value=[1, 2, 3, 4, 5]), "5 for 4 cells"),
    "no values": (dataset(value=None), "neither a list nor an object"),
    "value key too far": (dataset(value={"4": 1}), "not within 4 cells"),
    "value key with a zero": (dataset(value={"01": 1}), "'01'"),
    "value key below zero": (dataset(value={"-1": 1}), "not within"),
    "value key a word": (dataset(value={"x": 1}), "'x'"),
    "status key too far": (dataset(status={"4": "p"}), "not within 4 cells"),
    "status key a fraction": (dataset(status={"1.0": "p"}), "'1.0'"),
    "status of a wrong length": (dataset(status=["a", "b"]), "2 for 4 cells"),
    "status as numbers": (dataset(status=[1, 2, 3, 4]), "cells are numbers"),
    "true as a value": (dataset(value=[1, True, 3, 4]), "1 cells are true or false"),
    "an object as a value": (dataset(value=[1, {"v": 2}, 3, 4]), "1 cells are objects"),
    "a list as a value": (dataset(value={"0": [1]}), "1 cells are lists"),
    "two marks for a cell": (dataset(value=[1, 2, ":", 4]), "another as status"),
    "dimension not described": (dataset(id=["Region", "Year"]), "'Year' of id is not described"),
    "dimension not in id": (dataset(id=["Region"], size=[2], value=[1, 2], status=None),
                            "described but not in id"),
    "dimension by link only": (
        moved("Region", {"class": "dimension", "href": "https://x"}),
        "only as a link",
    ),
    "one dimension": ({"class": "dimension", "category": {"index": ["a"]}}, "one dimension"),
    "a collection of links": (
        {"class": "collection", "link": {"item": [{"class": "dataset", "href": "https://x"}]}},
        "https://x",
    ),
    "no id": ({k: v for k, v in dataset().items() if k != "id"}, "id is not a list"),
    "an error": ({"error": [{"status": 404, "label": "not there"}]}, "not there"),
    "a warning": ({"warning": {"status": 413, "label": "ASYNCHRONOUS_RESPONSE"}}, "ASYNCHRONOUS"),
    "a refusal": ({"type": "Parameter error", "title": "Too many", "status": 400}, "type, title"),
    "a list": ([1], "not an object"),
    "a web page": (b"<!DOCTYPE html><html>", "web page"),
    "nothing": (b" ", "empty"),
    "not a number": (b'{"value": [NaN]}', "not JSON"),
    "endless": (json.dumps(dataset()).replace("[1, 2,", "[1e999, 2,").encode(), "JSON"),
    "cut off": (json.dumps(dataset()).encode()[:-9], "cut off"),
    "equal keys": (b'{"a": {"0301": 1, "0301": 2}}', "'0301' stands twice"),
    "equal keys, spaced": (b'{"a": {"0301" : 1, "0301":2}}', "'0301' stands twice"),
    "nested without end": (b'{"a":' * 2000, "JSON"),
    "our column": (
        dataset(id=["value"], size=[1], dimension={"value": {"category": {"index": ["a"]}}}, value=[1]),
        "column of ours",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_contradiction_is_refused_and_named(case):
    said, expected = REFUSED[case]
    assert expected in problems(said)


def test_all_problems_are_told_at_once():
    text = problems(dataset(value=[1, True, 3], status={"9": "p"}))
    assert "3 for 4 cells" in text
    assert "true or false" in text
    assert "not within 4 cells" in text


def test_shape_beyond_all_measure_is_refused_before_memory_is_taken():
    names = [f"d{n}" for n in range(12)]
    codes = {"category": {"index": [str(n) for n in range(10)]}}
    said = {"id": names, "size": [10] * 12, "dimension": dict.fromkeys(names, codes), "value": {}}
    assert "1000000000000 cells" in problems(said)


# Long runs take another way through the reader; they must say the same, or leave the run alone.


def long(values, **more):
    count = 2000
    said = dataset(size=[count, 4], value=values, status=None, **more)
    said["dimension"]["Region"]["category"] = {"index": [f"{n:04d}" for n in range(count)]}
    said["dimension"]["Tid"]["category"] = {"index": ["1", "2", "3", "4"]}
    return said


def some(seed=1, count=8000):
    draw = random.Random(seed)
    kinds = [None, 0, -1, 0.1, -12.25, 100000, 1e-7, 123456789012]
    return [
        draw.choice(kinds) if draw.random() < 0.3 else draw.randint(0, 10**6) for _ in range(count)
    ]


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" , ", " : ")])
@pytest.mark.parametrize("sparse", [False, True])
def test_long_runs_say_the_same_as_the_slow_reader(separators, sparse):
    values = some()
    said = long({str(n): v for n, v in enumerate(values) if n % 3} if sparse else values)
    body = json.dumps(said, separators=separators).encode()
    assert slowly.same(slowly.read(body), read(body).cells)


def test_long_runs_are_lifted_out():
    values = [v for v in some() if v is None or isinstance(v, int)]
    dense = json.dumps({"value": values}).encode()
    sparse = json.dumps({"value": {str(n): v for n, v in enumerate(values)}}).encode()
    for body in (dense, sparse):
        rest, runs = bulk.lift(body)
        assert len(rest) < 100
        (run,) = runs.values()
        expected = [math.nan if v is None else float(v) for v in values]
        np.testing.assert_array_equal(run.said, expected)


ODD = [
    "01",
    "+1",
    ".5",
    "1.",
    "-",
    "--1",
    "1 2",
    "",
    "nul",
    "1e999",
    "-01",
    "0x1",
    "NaN",
    "1,",
    "1.2.3",
    '"1"',
]


def judged_as_by_the_slow_reader(body):
    try:
        slow = slowly.read(body)
    except slowly.NoError:
        with pytest.raises(DataError):
            read(body)
    else:
        assert slowly.same(slow, read(body).cells)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("sparse", [False, True])
def test_long_run_with_an_odd_number_is_judged_by_the_parser(odd, sparse):
    values = [str(n) for n in range(7999)]
    run = [*values[:4000], odd, *values[4000:]]
    text = (
        "{" + ",".join(f'"{n}":{v}' for n, v in enumerate(run)) + "}"
        if sparse
        else "[" + ",".join(run) + "]"
    )
    body = json.dumps(long("HERE")).replace('"HERE"', text).encode()
    judged_as_by_the_slow_reader(body)


def test_long_run_elsewhere_is_not_taken_for_cells():
    other = long([1] * 8000)
    other["status"] = {"value": list(range(8000))}
    assert "cells are numbers" in problems(other)
    told = dataset(extension={"value": list(range(9000))}, label='"value": [' + "1," * 9000 + "1]")
    assert rows(read(told)) == PLAIN


def test_marks_beside_many_cells():
    said = long([1] * 8000)
    said["status"] = {str(n): "*" if n % 2 else ".." for n in range(0, 8000, 3)}
    body = json.dumps(said).encode()
    assert slowly.same(slowly.read(body), read(body).cells)


def marked(marks, separators=(",", ":"), values=None):
    """Return a long data set with these marks by position; those given as text are written so."""
    comma, colon = separators
    members = marks if isinstance(marks, list) else [f'"{k}"{colon}"{v}"' for k, v in marks.items()]
    said = long(values or [123] * 8000)
    said["status"] = "HERE"
    body = json.dumps(said, separators=separators)
    return body.replace('"HERE"', "{" + comma.join(members) + "}").encode()


def lifted(body):
    return [type(run.said) for run in bulk.lift(body)[1].values()]


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (",", ": "), (", ", ":")])
@pytest.mark.parametrize("marks", [["..", "-"], [":"], ["", " ", ","], ['a":b'], ["b}", "{"]])
def test_long_marks_say_the_same_as_the_slow_reader(separators, marks):
    escaped = [json.dumps(mark)[1:-1] for mark in marks]
    body = marked({n: escaped[n % len(marks)] for n in range(0, 8000, 2)}, separators)
    plain = not set('"}') & set("".join(marks))
    assert lifted(body) == [np.ndarray, pa.StringArray][: 1 + plain]
    assert slowly.same(slowly.read(body), read(body).cells)


def test_long_marks_and_sparse_values_in_any_order_of_their_keys():
    order = list(range(8000))
    random.Random(3).shuffle(order)
    values = {str(n): n for n in order if n % 3}
    body = marked(dict.fromkeys([n for n in order if n % 3 == 0], ".."), values=values)
    assert lifted(body) == [np.ndarray, pa.StringArray]
    assert slowly.same(slowly.read(body), read(body).cells)


ODD_MARKS = [
    '"7":".."',
    '"07":".."',
    '"02":".."',
    '"-1":".."',
    '"-0":".."',
    '"+1":".."',
    '"0x1":".."',
    '"0xFFFFFFFF":".."',
    '"1.0":".."',
    '"":".."',
    '" 1":".."',
    '"99999999999999999999":".."',
    '"8000":".."',
    '"x":".."',
    '"value":".."',
    '"label":".."',
    '"1":null',
    '"1":5',
    '"1":true',
    '"1":[]',
    '"1":"\\u002e."',
    '"1":"é"',
    '"1":"\t"',
    '"1":"\x7f"',
    '"1":".."" "',
    '"1":"..","',
    '"1": ".."',
    '"1" :".."',
    '"1":".." ',
    ' "1":".."',
    '"1"".."',
    '"1"::".."',
    '"1",".."',
    '"1":"a":"b"',
    '"1":"a","b"',
    "",
]


@pytest.mark.parametrize("odd", ODD_MARKS)
@pytest.mark.parametrize("at", [0, 2000, 4000])
def test_long_marks_with_an_odd_one_are_judged_by_the_parser(odd, at):
    members = [f'"{n}":".."' for n in range(3, 8000, 2)]
    body = marked([*members[:at], odd, *members[at:]])
    lone = odd == '"8000":".."'
    assert lifted(body) == [np.ndarray, pa.StringArray][: 1 + lone]
    judged_as_by_the_slow_reader(body)


@pytest.mark.parametrize("key", ["7", "07", "02", "-1", "0x1", "1.0", "", "8000", "9" * 20])
@pytest.mark.parametrize("order", [1, -1])
def test_long_sparse_values_with_an_odd_key_are_refused(key, order):
    members = [f'"{n}":{n % 10}' for n in range(3, 8000, 2)] + [f'"{key}":1']
    run = "{" + ",".join(members[::order]) + "}"
    body = json.dumps(long("HERE")).replace('"HERE"', run).encode()
    assert bool(lifted(body)) == (key == "8000")
    with pytest.raises(slowly.NoError):
        slowly.read(body)
    with pytest.raises(DataError, match=r"twice|are no positions|not within 8000 cells"):
        read(body)


def test_a_mark_that_stands_twice_is_found_where_only_the_structure_is_read():
    body = marked({f"{n}": ".." for n in range(8000)}).replace(b'"7":', b'"6":', 1)
    with pytest.raises(DataError, match="'6' stands twice"):
        jsonstat.structure(body, where="x")


def test_a_long_mark_clashes_with_a_text_among_the_values():
    body = marked(dict.fromkeys(range(8000), ".."), values=["x"] + [123] * 7999)
    with pytest.raises(DataError, match="another as status"):
        read(body)


def test_long_runs_elsewhere_are_as_the_parser_has_them():
    marks = {str(n): ".." for n in range(4000)}
    numbers = {str(n): n for n in range(4000)}
    inside = {"status": marks, "value": numbers, "dimension": {"status": marks}}
    told = {"dimension": {}, "extension": inside, "units": [inside, {"value": list(range(9000))}]}
    body = json.dumps(told).encode()
    assert len(bulk.lift(body)[1]) == 7
    assert jsontext.parse(body, where="x") == told
    for key in ("value", "status"):
        said = long([1] * 8000)
        said[key] = inside
        assert "keys are no positions" in problems(said) or key == "status"


# Published bytes.


def test_statistics_sweden_version_2():
    cube = jsonstat.read(real_file("se/TAB6471_data.json").read_bytes(), where="TAB6471")
    assert cube.dimensions == ("Region", "Alder", "Kon", "ContentsCode", "Tid")
    assert len(cube.cells) == 21 * 11 * 3 * 1 * 4
    assert cube.roles == {"time": ("Tid",), "metric": ("ContentsCode",)}
    assert cube.units == {"000007SF": {"base": "antal", "decimals": 0}}
    assert cube.cells["value"].iloc[-1] == 54
    assert "Cell Key Method" in cube.notes[0]


def test_metadata_of_statistics_sweden_have_dimensions_and_no_cells():
    body = real_file("se/TAB6471_metadata.json").read_bytes()
    axes, _ = jsonstat.structure(body, where="TAB6471")
    assert {code: len(axis.codes) for code, axis in axes.items()} == {
        "Region": 312, "Alder": 134, "Kon": 3, "ContentsCode": 1, "Tid": 16,
    }  # fmt: skip
    with pytest.raises(DataError, match=r"0 for \d+ cells"):
        jsonstat.read(body, where="TAB6471")


def test_statistics_sweden_version_1_with_blanks_in_its_time():
    cube = jsonstat.read(real_file("se/v1_response_se.json").read_bytes(), where="TAB3554")
    assert cube.updated == "2024-01-12T05:52:00Z"
    picked = cube.cells.set_index(["Kon", "Tid"])["value"]
    assert picked["1+2", "2022"] == 316.6
    assert picked["2", "2020"] == 254.6


def test_statistics_norway_sums_by_todays_municipalities():
    body = real_file("no/07459_jsonstat2_KommSummer_2022.json").read_bytes()
    cube = jsonstat.read(body, where="07459")
    assert len(cube.cells) == 359
    assert cube.cells["Region"].iloc[51] == "K-0301"
    raw = json.loads(body)
    by_code = dict(zip(cube.cells["Region"].astype("str"), cube.cells["value"], strict=True))
    assert (
        by_code["K-0301"] == raw["value"][raw["dimension"]["Region"]["category"]["index"]["K-0301"]]
    )


def test_statbank_version_1_bundle():
    cube = jsonstat.read(real_file("dk/statbank_data_jsonstat1.json").read_bytes(), where="STRAF42")
    assert rows(cube) == [("00", "STRAF42", "2023", 233454.0, "")]
    assert cube.roles["metric"] == ("ContentsCode",)


# Anything at all: correct cells, or an error of ours.

code = st.text("0K-å", min_size=1, max_size=3)
number = st.none() | st.integers(-9, 99) | st.floats(allow_nan=False, allow_infinity=False)
mark = st.sampled_from(["", "..", ".", "-", "*"])


@st.composite
def datasets(draw):
    names = draw(
        st.lists(st.text("abc", min_size=1, max_size=2), min_size=1, max_size=3, unique=True)
    )
    codes = [draw(st.lists(code, min_size=1, max_size=4, unique=True)) for _ in names]
    count = math.prod(map(len, codes))
    values = draw(st.lists(number, min_size=count, max_size=count))
    marks = draw(st.lists(mark, min_size=count, max_size=count))
    form = draw(st.sampled_from(["list", "object", "none"]))
    said = {"id": names, "size": list(map(len, codes)), "dimension": {}, "value": values}
    for name, own in zip(names, codes, strict=True):
        index = {c: n for n, c in enumerate(own)}
        shuffled = dict(draw(st.permutations(list(index.items()))))
        said["dimension"][name] = {"category": {"index": draw(st.sampled_from([own, shuffled]))}}
    if draw(st.booleans()):
        said["value"] = {str(n): v for n, v in enumerate(values) if v is not None}
    if form != "none":
        said["status"] = marks if form == "list" else {str(n): m for n, m in enumerate(marks) if m}
    return said


@settings(max_examples=150)
@given(datasets())
def test_whatever_is_written_is_read_as_the_slow_reader_reads_it(said):
    body = json.dumps(said).encode()
    assert slowly.same(slowly.read(body), read(body).cells)


SEEDS = [dataset(), version_1(), SAME["sparse values"], SAME["status as a list"], without_index(),
         dataset(value=[1, 2, ":", 4.5], status=""), SAME["collection with one data set"]]  # fmt: skip


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_mutated_bytes_are_read_rightly_or_refused(number):
    draw = random.Random(number)
    seed = json.dumps(SEEDS[number]).encode()
    read_ = 0
    for _ in range(300):
        body = mutated(seed, draw)
        try:
            cube = read(body)
        except DataError:
            continue
        read_ += 1
        assert slowly.same(slowly.read(body), cube.cells), body
    assert read_, "no mutation was harmless, so nothing was compared"


def test_large_cube_keeps_its_order():
    sizes = (7, 11, 13, 17)
    count = math.prod(sizes)
    names = ["a", "b", "c", "d"]
    said = {
        "id": names,
        "size": list(sizes),
        "dimension": {
            n: {"category": {"index": [f"{n}{i}" for i in range(s)]}}
            for n, s in zip(names, sizes, strict=True)
        },
        "value": list(range(count)),
    }
    cells = read(said).cells
    grid = np.unravel_index(np.arange(count), sizes)
    for name, places in zip(names, grid, strict=True):
        assert cells[name].tolist() == [f"{name}{p}" for p in places]
    assert cells["value"].tolist() == list(range(count))
    assert isinstance(cells["symbol"].dtype, pd.CategoricalDtype)
