"""Danish files as offices and their users published them, held against published totals."""

import pytest

from healthindicators.errors import DataError
from healthindicators.formats import jsonstat, text
from healthindicators.geography import load
from healthindicators.geography.naming import by_name, refuse_misaligned
from tests.real.reading import body_of, cube_of, picked, value

POPULATION_2020Q1 = 5_822_763
DEATHS = {"2018": 55_232, "2019": 53_958}
SEXES = {"1": "Men", "2": "Women"}


def test_folk1a_as_the_service_sends_it_with_a_mark_and_texts():
    cube = cube_of("dk/FOLK1A_api_text_bom.csv", "statbank-csv")
    assert cube.dimensions == ("OMRÅDE", "CIVILSTAND", "TID")
    assert len(cube.cells) == 52
    assert value(cube, OMRÅDE="Hele landet", TID="2020K1") == POPULATION_2020Q1


def test_folk1a_saved_again_ends_in_the_middle_of_a_line_and_must_be_declared():
    name = "dk/FOLK1A_all_areas_2020K1.csv"
    with pytest.raises(DataError) as caught:
        cube_of(name, "statbank-csv")
    (problem,) = caught.value.problems
    assert "may be cut off" in problem.what


def all_areas():
    return cube_of("dk/FOLK1A_all_areas_2020K1.csv", "statbank-csv", lines="unended")


def test_folk1a_of_all_areas_adds_up_to_the_published_total():
    cube = all_areas()
    assert cube.dimensions == ("CIVILSTAND", "OMRÅDE", "TID")
    total = picked(cube, CIVILSTAND="I alt").set_index("OMRÅDE")["value"]
    assert total["Hele landet"] == POPULATION_2020Q1
    regions = [name for name in total.index if name.startswith("Region ")]
    assert len(regions) == 5
    assert total[regions].sum() == POPULATION_2020Q1
    towns = total.drop([*regions, "Hele landet"])
    assert len(towns) == 99
    assert towns.sum() == POPULATION_2020Q1
    parts = picked(cube, OMRÅDE="Hele landet")
    assert parts["value"].sum() == 2 * POPULATION_2020Q1


def test_folk1a_by_codes_keeps_their_zeros_and_agrees_with_the_workbook():
    cube = cube_of("dk/FOLK1A_api_codes_head.csv", "statbank-csv")
    assert len(cube.cells) == 3999
    assert list(cube.cells["OMRÅDE"].cat.categories) == ["000", "084"]
    here = picked(cube, TID="2020K1").assign(KØN=lambda rows: rows["KØN"].map(SEXES))
    book = picked(cube_of("dk/FOLK1A-20q1.xlsx", "statbank-xlsx"))
    there = book.set_index(["region", "age", "sex"])["value"]
    same = there[list(zip(here["OMRÅDE"], here["ALDER"], here["KØN"], strict=True))]
    assert len(same) > 60
    assert same.tolist() == here["value"].tolist()


def test_the_population_workbook_adds_up_to_the_published_total():
    cube = cube_of("dk/FOLK1A-20q1.xlsx", "statbank-xlsx")
    assert cube.dimensions == ("time", "region", "age", "sex")
    assert cube.labels["region"]["101"] == "Copenhagen"
    refuse_misaligned(cube.labels["region"], load("DK"), "FOLK1A")
    by_region = picked(cube).groupby("region")["value"].sum()
    assert by_region["000"] == POPULATION_2020Q1
    towns = by_region[[code for code in by_region.index if not code.startswith("0")]]
    assert towns.sum() == POPULATION_2020Q1
    regions = by_region[[c for c in by_region.index if c.startswith("08")]]
    assert (len(regions), regions.sum()) == (5, POPULATION_2020Q1)
    assert value(cube, region="000", age="0", sex="Men") == 31_649


def test_the_workbook_of_deaths_adds_up_to_the_published_totals():
    cube = cube_of("dk/FOD207-1819.xlsx", "statbank-xlsx")
    assert cube.dimensions == ("sex", "age", "region", "time")
    refuse_misaligned(cube.labels["region"], load("DK"), "FOD207")
    for year, deaths in DEATHS.items():
        assert picked(cube, region="000", age="TOT", time=year)["value"].sum() == deaths
        ages = set(cube.labels["age"]) - {"TOT"}
        assert picked(cube, region="000", age=ages, time=year)["value"].sum() == deaths
        towns = {code for code in cube.labels["region"] if not code.startswith("0")}
        assert picked(cube, region=towns, age="TOT", time=year)["value"].sum() == deaths


def test_codes_beside_the_wrong_names_are_refused_and_names_join_them():
    cube = cube_of("dk/HISBK_misaligned_codes.xlsx", "statbank-xlsx")
    denmark = load("DK")
    with pytest.raises(DataError) as caught:
        refuse_misaligned(cube.labels["region"], denmark, "HISBK")
    first = caught.value.problems[0]
    assert first.what == "97 of 98 codes stand beside another geo's name"
    assert "join = 'name'" in first.hint
    named = cube_of(
        "dk/HISBK_misaligned_codes.xlsx", "statbank-xlsx", ("region", "geo"), join="name"
    )
    names = list(named.cells["region"].cat.categories)
    found = by_name(
        names, denmark, where="HISBK", edition=2020, told={"Christiansø": "", "All Denmark": "DK"}
    )
    assert len(found) == 99  # 98 municipalities and the country
    assert found["Copenhagen"] == "DK-101"
    assert value(named, region="Copenhagen", time="2000:2004") == 74.7
    unknown = picked(named, region=["Fanø", "Læsø", "Samsø", "Ærø"])["symbol"]
    assert set(unknown) == {".."}


def test_blanks_and_points_of_thousands_give_the_published_population():
    cube = cube_of(
        "dk/ssi_municipality_test_pos.csv",
        "columns",
        ("Kommune_(id)", "geo"),
        label="Kommune_(navn)",
    )
    refuse_misaligned(cube.labels["Kommune_(id)"], load("DK"), "SSI")
    assert (
        value(cube, **{"Kommune_(id)": "101", "column": "Kumulativ_incidens_(per_100000)"}) == 6421
    )
    own = picked(cube, column="Befolkningstal").set_index("Kommune_(id)")["value"]
    theirs = picked(all_areas(), CIVILSTAND="I alt").set_index("OMRÅDE")["value"]
    names = cube.labels["Kommune_(id)"]
    told = {"Høje Taastrup": "Høje-Taastrup"}
    same = [own[code] == theirs[told.get(name, name)] for code, name in names.items()]
    assert len(same) == 99
    assert sum(same) == 99


def test_latin_1_with_one_municipality_missing_and_an_old_spelling():
    grid = text.grid(body_of("dk/register_latin1_97_rows.csv"), where="register")
    assert len(grid.rows) == 97
    found = by_name(grid.column("Kommune"), load("DK"), where="register", edition=2020)
    assert len(set(found.values())) == 97
    assert found["København"] == "DK-101"


def test_small_answers_of_statbank_say_the_same():
    cube = cube_of("dk/statbank_data_csv.csv", "statbank-csv")
    assert value(cube, HERKOMST1="Total", TID="2023") == 233_454
    other = jsonstat.read(body_of("dk/statbank_data_jsonstat1.json"), where="STRAF42")
    assert other.cells["value"].tolist() == [233_454]


@pytest.mark.parametrize("read", [jsonstat.read, text.grid])
def test_a_list_of_subjects_is_no_table(read):
    with pytest.raises(DataError):
        read(body_of("dk/statbank_subjects_da.json"), where="subjects")
