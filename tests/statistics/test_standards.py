"""The European Standard Population 2013."""

import re

import numpy as np
import pytest

from healthindicators.errors import StatisticsError
from healthindicators.statistics import ESP2013, standard_weights


def test_the_standard_is_the_one_eurostat_published():
    # Eurostat, Revision of the European Standard Population, 2013.
    assert list(ESP2013)[:2] == ["0-4", "5-9"]
    assert list(ESP2013)[-2:] == ["85-89", "90+"]
    assert list(ESP2013.values()) == [
        *(5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000),
        *(7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000),
    ]
    assert sum(ESP2013.values()) == 100_000


def test_bands_are_5_years_wide_without_a_gap():
    starts = [int(band.removesuffix("+").split("-")[0]) for band in ESP2013]
    ends = [int(band.split("-")[1]) for band in list(ESP2013)[:-1]]

    assert starts == list(range(0, 95, 5))
    assert [end + 1 for end in ends] == starts[1:]


def test_the_standard_cannot_be_changed():
    with pytest.raises(TypeError):
        ESP2013["0-4"] = 1


def test_weights_come_in_the_order_asked_for():
    weights = standard_weights(["90+", "0-4", "45-49"])

    assert weights.dtype == np.float64
    assert weights.tolist() == [1000, 5000, 7000]


def test_weights_given_out_are_the_callers_own():
    standard_weights(["90+"])[0] = 7

    assert standard_weights(["90+"]).tolist() == [1000]


@pytest.mark.parametrize("band", ["0", "1-4", "85+", "90-94", "0–4", ""])
def test_an_unknown_band_is_named_with_the_valid_ones(band):
    with pytest.raises(
        StatisticsError, match=rf"^bands\[1\] is '{re.escape(band)}'; .* 0-4, 5-9, .* 90\+$"
    ):
        standard_weights(["5-9", band])


def test_a_band_given_twice_would_count_twice():
    with pytest.raises(StatisticsError, match=r"^bands\[2\] is '5-9'"):
        standard_weights(["5-9", "0-4", "5-9"])


def test_no_bands_are_refused():
    with pytest.raises(StatisticsError, match=r"^bands is empty"):
        standard_weights([])
