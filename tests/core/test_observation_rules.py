"""The rules of the one table: every broken one is told, with the row that breaks it."""

import pandas as pd
import pytest

from healthindicators import observations
from healthindicators.errors import DataError
from healthindicators.vocabulary import REASONS, STATUSES, STATUSES_WITH_VALUE

ROW = {
    "indicator": "daily-smoking", "geo": "DK-101", "first_year": 2025, "last_year": 2025,
    "sex": "total", "age": "16+", "stratifier": "total", "stratum": "total", "value": 10.6,
    "interval": "none", "status": "observed", "reason": "survey-interval-not-published",
    "snapshot": "a/b/c",
}  # fmt: skip
INTERVAL = {"interval": "wilson", "lower": 9.0, "upper": 12.0, "reason": ""}


def table(*changes):
    return observations.table(pd.DataFrame([ROW | change for change in changes]))


def told(declared, register, *changes):
    with pytest.raises(DataError) as raised:
        observations.validate(table(*changes), declared.indicators, register.known)
    assert {problem.hint for problem in raised.value.problems} == {ROW["snapshot"]}
    return [f"{problem.where}: {problem.what}" for problem in raised.value.problems]


@pytest.mark.parametrize(
    "change",
    [
        {},
        INTERVAL,
        INTERVAL | {"lower": 10.6},
        INTERVAL | {"upper": 10.6},
        INTERVAL | {"numerator": 106.0, "denominator": 1000.0},
        {"value": None, "status": "missing", "reason": "not-published"},
        {"value": None, "status": "suppressed", "reason": "too-few-events"},
        {"status": "unreliable"},
    ],
)
def test_what_holds_is_returned_unchanged(declared, register, change):
    frame = table(change)
    assert observations.validate(frame, declared.indicators, register.known) is frame


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"value": 104.0}, "a proportion outside 0 to 100"),
        ({"value": -1.0}, "a proportion outside 0 to 100"),
        ({"value": 99.0}, "a value outside what its indicator expects"),
        ({"value": float("inf")}, "a value that is infinite"),
        ({"value": None}, "the status says that there is a value, and there is none"),
        ({"status": "missing"}, "the status says that there is no value, and there is one"),
        ({"status": "gone"}, "unknown status"),
        ({"sex": "women"}, "unknown sex"),
        ({"stratifier": "religion"}, "unknown stratifier"),
        ({"stratum": "low"}, "unknown stratum"),
        ({"interval": "guess"}, "unknown interval"),
        ({"reason": "because"}, "unknown reason"),
        ({"reason": ""}, "no interval and no reason why"),
        ({"indicator": "smoking"}, "the indicator is not in the catalogue"),
        ({"geo": "DK-999"}, "the geo is in no register"),
        ({"first_year": 2026}, "the period ends before it begins"),
        ({"interval": "wilson"}, "an interval without both its limits"),
        ({"lower": 1.0}, "limits without an interval method"),
        (INTERVAL | {"upper": 10.0}, "the interval does not contain the value"),
        (INTERVAL | {"lower": 11.0}, "the interval does not contain the value"),
        ({"numerator": 5.0, "denominator": 4.0}, "the numerator is above the denominator"),
    ],
)
def test_a_broken_rule_is_told_with_its_row(declared, register, change, rule):
    lines = told(declared, register, change)
    assert any(line.endswith(rule) for line in lines)
    row = ROW | change
    assert lines[0].startswith(f"{row['indicator']} {row['geo']} {row['first_year']}-2025")


def test_a_row_that_stands_twice_is_told(declared, register):
    assert told(declared, register, {}, {"value": 11.0}) == [
        "daily-smoking DK-101 2025-2025 total 16+ total: the same row stands twice"
    ]


def test_rows_that_differ_in_any_part_of_the_key_are_two(declared, register):
    frame = table({}, {"sex": "female"}, {"geo": "DK-147"}, {"last_year": 2026}, {"age": "16-24"})
    assert len(observations.validate(frame, declared.indicators, register.known)) == 5


def test_everything_wrong_is_told_at_once(declared, register):
    lines = told(declared, register, {"value": 104.0}, {"geo": "DK-999"}, {"sex": "women"})
    assert len(lines) == 3


def test_an_age_that_is_none_is_told(declared, register):
    assert told(declared, register, {"age": "banana"})


def test_the_table_has_its_columns_in_order_and_is_sorted():
    frame = table({"geo": "DK-147"}, {"geo": "DK-101"})
    assert list(frame.columns) == observations.COLUMNS
    assert frame["geo"].tolist() == ["DK-101", "DK-147"]


def test_what_is_written_reads_back_and_twice_gives_the_same_bytes(tmp_path):
    frame = table({}, {"geo": "DK-147", "value": None, "status": "missing"})
    body = observations.encode(frame)
    assert body == observations.encode(frame.copy())
    (tmp_path / "t.parquet").write_bytes(body)
    pd.testing.assert_frame_equal(observations.read(tmp_path / "t.parquet"), frame)


def test_every_status_and_reason_of_the_real_figures_is_a_word_we_know(processed):
    for frame in (processed.observations, processed.estimates):
        assert set(frame["status"]) <= set(STATUSES)
        assert set(frame["reason"]) <= set(REASONS)
        assert (frame["status"].isin(STATUSES_WITH_VALUE) == frame["value"].notna()).all()
        assert not frame.duplicated(observations.KEY).any()


def test_every_row_of_the_real_figures_names_a_pinned_snapshot(processed):
    pinned = {pin.file for pin in processed.lock.pins.values()}
    for frame in (processed.observations, processed.estimates):
        for joined in frame["snapshot"].unique():
            assert set(joined.split(" + ")) <= pinned
