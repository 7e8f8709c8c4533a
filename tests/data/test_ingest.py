"""Bad bytes on their way in: told with file and line, and nothing is half-written."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from healthindicators import build, plan, snapshots
from healthindicators.errors import DataError, SnapshotError
from healthindicators.ingest import ingest


def swap(before, after):
    """Return a change that puts `after` in the place of the first `before`."""
    return lambda body: body.replace(before.encode(), after.encode(), 1)


@pytest.fixture
def ingested(workspace, declared, denmark, register):
    """A function that reads one table of the workspace into observations."""

    def read(*tables):
        made = plan.make(declared, denmark, snapshots.read_lock(workspace))
        some = tuple(r for r in made.readings if r.table.id in tables)
        assert len(some) == len(tables)
        made_so = replace(made, readings=some)
        return ingest(made_so, workspace, register, declared.indicators).observations

    return read


def told(ingested, *tables):
    with pytest.raises(DataError) as raised:
        ingested(*tables)
    assert raised.value.exit_code == 30
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("\n147,2010", "\n999,2010", "unknown geo code (999 gini)"),
        ("\n147,2010", "\n147,2010,2010,total", "fields instead of 10"),
        ("\n147,2010,2010", "\n147,2006,2006", "the geo code is not valid in this year (147 gini)"),
        ("\n147,2010,2010,total,total,gini", "\n147,2010,2010,total,total,ginny",
         "no feed says which indicator this is (147 ginny)"),
        ("\n147,2010,2010,total,total,gini,,value", "\n147,2010,2010,total,total,gini,,count",
         "no feed says which indicator this is (147 gini)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_the_line_of_the_file(
    ingested, repin, before, after, expected
):
    pin = repin("gini", swap(before, after))
    lines = told(ingested, "gini")
    assert lines[0].startswith(f"{pin.file}:17: ")
    assert expected in lines[0]


def test_a_count_of_persons_that_is_not_whole_is_refused(ingested, repin):
    # A published description calls one table's recipients a number per 1,000 residents: 27.1.
    pin = repin("deaths", lambda body: re.sub(rb"(?m)^(101,2018,.*,count,)(\d+),", rb"\g<1>27.1,", body, count=1))
    (line,) = told(ingested, "deaths")
    assert line.startswith(pin.file)
    assert "a count of persons that is not whole (101 deaths)" in line


def test_a_municipality_before_the_reform_is_fine_where_the_provider_recast_its_figures(ingested):
    assert ingested("life-expectancy")["first_year"].min() == 2000


def test_a_proportion_of_104_is_told(ingested, repin):
    pin = repin("health-profile", swap("daily-smoking,,value,20.0", "daily-smoking,,value,104"))
    assert told(ingested, "health-profile") == [
        "daily-smoking DK-101 2010-2010 total 16+ total: "
        f"a proportion outside 0 to 100 ({pin.file})"
    ]


def test_a_row_that_stands_twice_is_told(ingested, repin):
    pin = repin("gini", lambda body: body + body.splitlines(keepends=True)[1], rows=1471)
    assert told(ingested, "gini") == [
        f"{pin.file}:{line}: the same cell stands twice" for line in (1472,)
    ]


def test_a_value_that_two_tables_give_is_told(ingested, repin):
    repin("population-2020", lambda body: body.replace(b",2020,2020,", b",2019,2019,"))
    assert "the same row stands twice" in told(ingested, "population", "population-2020")[0]


def test_an_infinite_value_is_told(ingested, repin):
    pin = repin("gini", swap("31.44", "inf"))
    assert any(
        line.startswith(f"{pin.file}:2: the value is not a number") for line in told(ingested, "gini")
    )


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("31.44,gone", "unknown status"),
        ("31.44,missing", "a value, and a status that says there is none"),
        (",", "no value, and no status that says why"),
    ],
)
def test_status_and_value_must_agree(ingested, repin, after, expected):
    pin = repin("gini", swap("31.44,", after))
    assert any(x.startswith(f"{pin.file}:2: {expected}") for x in told(ingested, "gini"))


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        (lambda body: body[:-9], ":1471: the last line is cut off"),
        (lambda body: body[: body.rstrip().rfind(b"\n") + 1], "1469 rows instead of 1470"),
    ],
    ids=["mid-line", "at-a-line-end"],
)
def test_a_table_that_was_cut_off_is_told(ingested, repin, cut, expected):
    pin = repin("gini", cut)
    lines = told(ingested, "gini")
    assert all(pin.file in line for line in lines)
    assert any(expected in line for line in lines)


def test_problems_of_several_tables_come_in_one_error(ingested, repin):
    one = repin("gini", swap("\n147,2010", "\n999,2010"))
    other = repin("child-poverty", swap("5.2,", "5.2,gone"))
    lines = "\n".join(told(ingested, "gini", "child-poverty"))
    assert f"{one.file}:17: unknown geo code" in lines
    assert f"{other.file}:2: unknown status" in lines


def test_an_age_that_is_none_does_not_vanish_from_the_population(ingested, repin):
    """Taken in, it would cost the municipality its rates, as if they were not published."""
    repin("population", swap("female,0,population", "female,banana,population"))
    assert told(ingested, "population")


@pytest.mark.parametrize("status", ["missing", "suppressed", "not-applicable"])
def test_an_expected_absence_is_a_status_and_no_error(ingested, repin, status):
    repin("gini", swap("31.44,", f",{status}"))
    row = ingested("gini").iloc[0]
    assert pd.isna(row["value"])
    assert row["status"] == status
    assert row["reason"] == {
        "missing": "not-published", "suppressed": "suppressed-by-provider",
        "not-applicable": "not-applicable",
    }[status]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "change", "error"),
    [
        ("gini", swap("31.44", "3144"), DataError),
        ("boundaries", swap('"code":"101"', '"code":"999"'), DataError),
    ],
    ids=["a-figure", "a-boundary"],
)
def test_a_build_that_fails_leaves_what_there_was(workspace, repin, table, change, error):
    build.build(workspace, "DK")
    folder = workspace.processed("DK")
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    repin(table, change)
    with pytest.raises(error) as raised:
        build.build(workspace, "DK")
    assert "DK-101" in str(raised.value)
    now = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert now == before
    with pytest.raises(error):
        build.build(workspace, "DK")  # nothing was stamped as done


def test_a_changed_byte_stops_the_build_before_anything_is_written(workspace):
    pin = snapshots.read_lock(workspace).pins["DK/compiled/gini"]
    path = workspace.raw / pin.file
    body = bytearray(path.read_bytes())
    body[500] ^= 1
    path.write_bytes(body)
    with pytest.raises(SnapshotError) as raised:
        build.build(workspace, "DK")
    assert raised.value.exit_code == 31
    assert str(path) in str(raised.value)
    assert not workspace.processed("DK").exists()


def test_a_changed_byte_is_noticed_even_when_nothing_else_has_to_be_done(workspace):
    build.build(workspace, "DK")
    path = workspace.raw / snapshots.read_lock(workspace).pins["DK/compiled/register"].file
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SnapshotError, match="register"):
        build.build(workspace, "DK")
