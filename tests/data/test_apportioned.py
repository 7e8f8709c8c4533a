"""Ålesund was split in 2024: its counts are apportioned, and told as a rate of neither part."""

from dataclasses import replace

import pytest

from healthindicators import countries, geography, plan, snapshots
from healthindicators.assess import derive, weighted_benchmarks
from healthindicators.assess.benchmarks import without_shares
from healthindicators.ingest import ingest
from healthindicators.profile.beside import recast

TABLES = {"offences-alesund", "population-alesund", "residents-2019"}
PARTS = ["NO-1508", "NO-1580"]


@pytest.fixture
def norway(workspace, declared):
    """Norway's plan of one rate of the former Ålesund, and what is read for it."""
    whole = plan.make(declared, countries.home("NO"), snapshots.read_lock(workspace))
    some = replace(
        whole,
        readings=tuple(r for r in whole.readings if r.table.id in TABLES),
        computations=(declared.indicator("reported-offences"),),
    )
    return some, ingest(some, workspace, geography.load("NO"), declared.indicators)


def test_both_parts_would_have_the_rate_of_the_whole_and_have_none(norway, declared):
    made, ingested = norway
    rate, register = declared.indicator("reported-offences"), geography.load("NO")
    rows = derive(ingested.observations, made.computations, register)
    means = weighted_benchmarks(rows, [rate], register).query("geo == 'NO-15'")
    rates = rows[rows["indicator"] == rate.id]
    first, second = (rates.loc[rates["geo"] == geo, "value"].tolist() for geo in PARTS)
    assert first == pytest.approx(second)
    assert means["value"].tolist() == pytest.approx(first)
    told = without_shares(rows, declared.indicators)
    rates = told[told["indicator"] == rate.id]
    assert set(rates["geo"]) == set(PARTS)
    assert rates["value"].isna().all()
    assert set(rates["status"] + " " + rates["reason"]) == {"missing no-weight"}
    counts = told[told["indicator"] == "reported-offences-count"]
    assert set(counts["status"] + " " + counts["reason"]) == {"derived apportioned"}
    assert counts["value"].notna().all()


def test_the_report_says_that_the_rate_was_not_carried(norway, declared):
    """Only shown indicators were told of, and no count is: nothing was said of how a rate came."""
    made, ingested = norway
    rows = ingested.recasting.query("geo == 'NO-1580'").to_dict("records")
    assert {row["kind"] for row in rows} == {"split"}
    register = geography.load("NO")
    (told,) = recast(rows, made.computations, declared, register)
    assert told.kind == "refused"
    assert [geo.id for geo in told.parts] == ["NO-1507"]
    assert [indicator.id for indicator in told.indicators] == ["reported-offences"]
