"""Nearest statistical neighbours, and who lies beside whom."""

import numpy as np
import pandas as pd
import pytest

from healthindicators.assess.derive import density, residents, share_of_residents
from healthindicators.assess.peers import peers
from healthindicators.geography.adjacency import adjacency


@pytest.fixture(scope="module")
def found(processed):
    return pd.read_parquet(processed.workspace.processed("DK") / "peers.parquet")


def test_every_municipality_has_its_neighbours_in_order(found, register, denmark):
    likeness = denmark.country.likeness
    assert found.groupby("geo").size().tolist() == [likeness.neighbours] * 98
    for geo, rows in found.groupby("geo"):
        assert rows["order"].tolist() == list(range(1, likeness.neighbours + 1))
        assert rows["distance"].is_monotonic_increasing
        assert rows["peer"].is_unique
        assert geo not in set(rows["peer"])
    assert found["distance"].between(0, 1).all()
    assert found["stability"].between(0, 1).all()


def test_large_towns_are_like_large_towns(found):
    of = found.groupby("geo")["peer"].agg(set)
    assert {"DK-461", "DK-851"} <= of["DK-751"], "Odense and Aalborg are near Aarhus"
    assert "DK-376" in of["DK-360"], "Guldborgsund is near Lolland"


def test_no_health_outcome_makes_municipalities_alike(denmark, declared):
    conditions = {f.indicator for f in denmark.country.likeness.features}
    for id in conditions:
        assert declared.indicators[id].polarity == "neutral" or id == "employment-rate"


def test_features_of_residents_are_those_of_the_counts(processed, register, declared):
    frame = processed.observations
    ids = ("residents", "share-aged-65-and-over", "population-density")
    here = [
        method(frame, declared.indicators[id], register).query("last_year == 2020").set_index("geo")
        for id, method in zip(ids, (residents, share_of_residents, density), strict=True)
    ]
    rows = frame.query("indicator == 'population' and last_year == 2020 and geo == 'DK-825'")
    total = rows["value"].sum()
    bands = ["65-69", "70-74", "75-79", "80-84", "85-89", "90+"]
    old = rows[rows["age"].isin(bands)]["value"].sum()
    area = frame.query("indicator == 'area' and geo == 'DK-825'")["value"].iloc[0]
    assert here[0].loc["DK-825", "value"] == total
    assert here[1].loc["DK-825", "value"] == pytest.approx(100 * old / total)
    assert here[2].loc["DK-825", "value"] == pytest.approx(total / area)


def test_a_country_that_declares_no_likeness_has_no_peers(processed, register):
    assert peers(processed.observations, None, register).empty


def test_neighbours_on_the_map(processed, register):
    near = adjacency(processed.boundaries, register)
    number = {m.id: n for n, m in enumerate(register.municipalities)}
    assert (near == near.T).all()
    assert not near.diagonal().any()
    assert near.any(axis=1).all(), "every island has a nearest municipality"
    assert near[number["DK-360"], number["DK-376"]], "Lolland lies beside Guldborgsund"
    assert not near[number["DK-360"], number["DK-851"]], "and far from Aalborg"
    assert near[number["DK-101"], number["DK-147"]], "Frederiksberg lies inside København"
    assert np.median(near.sum(axis=1)) >= 3
