"""Computed rates and life expectancies, computed once more from the bytes with plain loops."""

import csv
import gzip
import io
from statistics import NormalDist

import pandas as pd
import pytest

from healthindicators.assess import derive

Z = NormalDist().inv_cdf(0.975)
STANDARD = dict(
    zip(
        ["0-4", *(f"{a}-{a + 4}" for a in range(5, 90, 5)), "90+"],
        [5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000,
         4000, 2500, 1500, 1000],
        strict=True,
    )
)  # fmt: skip
"""European Standard Population 2013, written down here a second time on purpose."""
SEXES = {"total": ("female", "male"), "female": ("female",), "male": ("male",)}
MINUTE = {"rel": 1e-9, "abs": 0}


@pytest.fixture(scope="module")
def counts(processed):
    """(topic, code, year, sex, age) -> persons, read with csv and nothing of the package."""
    found = {}
    for table in ("deaths", "population", "population-2020"):
        pin = processed.lock.pins[f"DK/compiled/{table}"]
        body = gzip.decompress((processed.workspace.raw / pin.file).read_bytes())
        for row in csv.DictReader(io.StringIO(body.decode("utf-8"))):
            key = (row["topic"], row["geo"], int(row["first_year"]), row["sex"], row["age"])
            found[key] = float(row["value"])
    return found


def two_years(counts, code, sexes, age):
    """Return deaths and person-years of 2018 and 2019: residents at both ends of a year, halved."""
    deaths = sum(counts["deaths", code, y, s, age] for y in (2018, 2019) for s in sexes)
    lived = 0.0
    for year in (2018, 2019):
        ends = [sum(counts["population", code, y, s, age] for s in sexes) for y in (year, year + 1)]
        lived += sum(ends) / 2
    return deaths, lived


def rate_by_hand(counts, code, sexes, last_age):
    """Return rate, Dobson limits, deaths and person-years."""
    deaths = lived = rate = variance = weights = 0.0
    for band, weight in STANDARD.items():
        if int(band.strip("+").split("-")[0]) > last_age:
            continue
        parts = ["0", "1-4"] if band == "0-4" else [band]
        died = sum(two_years(counts, code, sexes, p)[0] for p in parts)
        years = sum(two_years(counts, code, sexes, p)[1] for p in parts)
        deaths, lived, weights = deaths + died, lived + years, weights + weight
        rate += weight * died / years
        variance += weight**2 * died / years**2
    rate, variance = rate / weights, variance / weights**2
    assert deaths >= 10, "Byar's limits; below ten they are exact ones"
    low = deaths * (1 - 1 / (9 * deaths) - Z / (3 * deaths**0.5)) ** 3
    more = deaths + 1
    high = more * (1 - 1 / (9 * more) + Z / (3 * more**0.5)) ** 3
    scale = (variance / deaths) ** 0.5
    return (
        1e5 * rate, 1e5 * (rate + scale * (low - deaths)), 1e5 * (rate + scale * (high - deaths)),
        deaths, lived,
    )  # fmt: skip


def estimate(processed, indicator, geo, sex):
    rows = processed.estimates
    rows = rows[(rows["indicator"] == indicator) & (rows["geo"] == geo) & (rows["sex"] == sex)]
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.mark.parametrize("code", ["101", "360", "741"], ids=["København", "Lolland", "Samsø"])
@pytest.mark.parametrize("sex", ["total", "male"])
@pytest.mark.parametrize(
    ("indicator", "last_age"), [("mortality-below-75", 74), ("mortality-all-ages", 200)]
)
def test_the_rate_and_its_limits(processed, counts, code, sex, indicator, last_age):
    row = estimate(processed, indicator, f"DK-{code}", sex)
    value, lower, upper, deaths, lived = rate_by_hand(counts, code, SEXES[sex], last_age)
    assert row["value"] == pytest.approx(value, **MINUTE)
    assert row["lower"] == pytest.approx(lower, **MINUTE)
    assert row["upper"] == pytest.approx(upper, **MINUTE)
    assert row["numerator"] == deaths
    assert row["denominator"] == lived
    assert (row["interval"], row["status"], row["reason"]) == ("dobson", "derived", "")
    assert (row["first_year"], row["last_year"]) == (2018, 2019)


def life_by_hand(counts, codes):
    """Return life expectancy at birth of several geos together, by Chiang's second method."""
    alive, years = 1.0, 0.0
    for age in ["0", "1-4", *list(STANDARD)[1:]]:
        both = [two_years(counts, code, ("female", "male"), age) for code in codes]
        mortality = sum(died for died, _ in both) / sum(lived for _, lived in both)
        if age == "90+":
            return years + alive / mortality
        width = {"0": 1, "1-4": 4}.get(age, 5)
        lived = 0.1 if age == "0" else 0.5
        dying = width * mortality / (1 + (1 - lived) * width * mortality)
        years += alive * width * (1 - dying + lived * dying)
        alive *= 1 - dying
    raise AssertionError("the last band is open")


def test_the_life_expectancy_of_a_municipality_and_of_the_country(processed, counts):
    here = estimate(processed, "life-expectancy-computed", "DK-101", "total")
    assert here["value"] == pytest.approx(life_by_hand(counts, ["101"]), **MINUTE)
    codes = {code for topic, code, *_ in counts if topic == "deaths" and code != "000"}
    assert len(codes) == 99
    nation = estimate(processed, "life-expectancy-computed", "DK", "total")
    assert nation["value"] == pytest.approx(life_by_hand(counts, codes), **MINUTE)


def test_regions_groups_and_country_are_sums_of_counts_and_not_means_of_rates(
    processed, counts, register
):
    rural = register["DK-oplandskommuner"]
    row = estimate(processed, "mortality-below-75", rural.id, "total")
    deaths = sum(
        rate_by_hand(counts, m.code, ("female", "male"), 74)[3] for m in register.members(rural)
    )
    assert row["numerator"] == deaths
    nation = estimate(processed, "mortality-all-ages", "DK", "total")
    assert nation["numerator"] == 55_232 + 53_958, "Christiansø is in it"


def test_a_computed_rate_names_all_the_bytes_behind_it(processed):
    row = estimate(processed, "mortality-below-75", "DK-101", "total")
    tables = [part.split("/")[2] for part in row["snapshot"].split(" + ")]
    assert sorted(tables) == ["deaths", "population", "population-2020"]


def test_withheld_rows_keep_their_place_and_say_why(processed):
    rows = processed.estimates
    withheld = rows[rows["status"] == "suppressed"]
    assert len(withheld) == 21
    assert withheld[["value", "lower", "upper", "numerator", "denominator"]].isna().all().all()
    assert set(withheld["interval"]) == {"none"}
    reasons = withheld.groupby("reason").size().to_dict()
    assert set(reasons) == {"too-few-events", "population-too-small", "secondary"}
    assert reasons["secondary"] == 1, "men on Fanø below 75 would tell the women's deaths"
    assert set(withheld["geo"]) == {"DK-411", "DK-563", "DK-741", "DK-825"}


@pytest.mark.parametrize(
    ("indicator", "last"), [("mortality-below-75", 74), ("mortality-all-ages", 200)]
)
def test_fewer_than_ten_deaths_give_no_rate(processed, counts, register, indicator, last):
    """For every municipality and sex, against deaths counted here."""
    older = [b for b in STANDARD if 5 <= int(b.strip("+").split("-")[0]) <= last]
    fewest = 10**9
    for geo in [*register.municipalities, register["DK-411"]]:
        for sex, sexes in SEXES.items():
            infants = [two_years(counts, geo.code, sexes, band) for band in ("0", "1-4")]
            both = [two_years(counts, geo.code, sexes, band) for band in older]
            both.append(tuple(map(sum, zip(*infants, strict=True))))
            deaths = sum(d for d, _ in both)
            row = estimate(processed, indicator, geo.id, sex)
            if min(lived for _, lived in both) == 0:
                assert row["reason"] == "population-too-small", "a band is empty"
            elif deaths < 10:
                assert row["reason"] == "too-few-events"
            elif row["reason"] in ("secondary", "counts-withheld"):
                assert pd.isna(row["numerator"]), "another count could be computed from it"
            else:
                assert row["status"] == "derived"
                assert row["numerator"] == deaths
                fewest = min(fewest, deaths)
    assert 10 <= fewest < 25, "the limit is put to the test"


def test_life_expectancy_is_withheld_up_to_five_thousand_person_years(processed, counts, register):
    """Toson & Baker (2003) count person-years at risk, over the years that are pooled.

    So Fanø (6,849 person-years, about 3,400 residents) has a value for both sexes together and none
    for women or men, and Læsø (3,601) and Christiansø (174) have none.
    """
    bands = ["0", "1-4", *list(STANDARD)[1:]]
    shown = {}
    for geo in [*register.municipalities, register["DK-411"]]:
        for sex, sexes in SEXES.items():
            lived = sum(two_years(counts, geo.code, sexes, band)[1] for band in bands)
            row = estimate(processed, "life-expectancy-computed", geo.id, sex)
            assert (row["status"] == "derived") == (lived > 5000), (geo.id, sex, lived)
            assert lived > 5000 or row["reason"] == "population-too-small"
            shown[geo.id, sex] = pd.notna(row["value"])
    hidden = {geo for (geo, sex), here in shown.items() if sex == "total" and not here}
    assert hidden == {"DK-411", "DK-825"}
    assert {geo for (geo, sex), here in shown.items() if sex == "male" and not here} == hidden | {
        "DK-563", "DK-741",
    }  # fmt: skip


def test_the_text_says_that_person_years_are_meant(declared):
    caveats = declared.indicator("life-expectancy-computed").text
    assert "person-years" in caveats["en"].caveat
    assert "personår" in caveats["da"].caveat


@pytest.mark.parametrize(("indicator", "last_year"), [("deaths", 2018), ("population", 2019)])
def test_too_few_years_for_a_rate_give_no_rows(processed, register, indicator, last_year):
    rows = processed.observations
    one_year = rows[(rows["indicator"] != indicator) | (rows["last_year"] == last_year)]
    derived = derive(one_year, processed.plan.computations, register)
    assert "mortality-below-75" not in set(derived["indicator"])


def test_where_everyone_is_too_few_every_row_is_withheld(processed, register):
    rows = processed.observations
    shrunk = rows.assign(value=rows["value"].where(rows["indicator"] != "deaths", 0.0))
    derived = derive(shrunk, processed.plan.computations, register)
    rates = derived[derived["indicator"] == "mortality-below-75"]
    assert set(rates["status"]) == {"suppressed"}
