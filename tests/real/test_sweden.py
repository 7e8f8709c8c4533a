"""Swedish files as offices and their users published them, held against published totals."""

import json
import re

import pytest

from healthindicators.errors import DataError
from healthindicators.formats import jsonstat, text
from healthindicators.geography import load
from healthindicators.geography.naming import by_name
from tests.real.reading import body_of, cube_of, picked, value

KOLADA = "se/kolada_export_290.xlsx"
RESIDENTS = {"1998": 8_854_322, "2019": 10_327_589}
"""Sweden's population at the end of the year, as Statistics Sweden published it."""


def test_kolada_has_290_municipalities_one_of_them_twice_and_adds_up():
    cube = cube_of(KOLADA, "kolada-xlsx")
    assert cube.dimensions == ("kpi", "municipality", "year")
    assert len(cube.cells) == 15 * 290 * 22
    twice, mean = cube.notes
    assert "330 cells stand twice" in twice
    assert "Sollentuna" in twice
    assert "Alla kommuner" in mean
    for year, residents in RESIDENTS.items():
        found = picked(cube, kpi="Invånare  totalt, antal", year=year)["value"]
        assert (len(found), found.sum()) == (290, residents)
    names = list(cube.cells["municipality"].cat.categories)
    assert len(by_name(names, load("SE"), where="Kolada", edition=2019)) == 290


def test_kolada_says_what_the_cells_beside_the_texts_say():
    cube = cube_of(KOLADA, "kolada-xlsx")
    kpi = "Förändring i antal invånare sen föregående år, andel (%)"
    assert value(cube, kpi=kpi, municipality="Ale", year="2000") == 0.36322
    assert set(cube.cells["symbol"]) == {""}


def test_living_conditions_have_todays_codes_with_their_zeros():
    cube = cube_of("se/living_conditions_290_crlf.csv", "columns", ("kommunkod", "geo"))
    assert len(cube.cells) == 290 * 17
    codes = {m.code for m in load("SE").municipalities}
    assert set(cube.cells["kommunkod"]) == codes
    assert value(cube, kommunkod="0114", column="gini") == 0.299
    assert value(cube, kommunkod="0114", column="medianink") == 373_400
    blank = cube.cells["value"].isna()
    assert blank.sum() == body_of("se/living_conditions_290_crlf.csv").decode().replace(
        "\r\n", ",\r\n"
    ).count(",,")
    assert set(cube.cells["symbol"][blank]) <= {""}


def test_a_macintosh_file_is_told_from_windows_by_its_letters():
    cube = cube_of("se/encoding_macroman.csv", "columns", ("municipality", "geo"))
    names = list(cube.cells["municipality"].cat.categories)
    assert "Alingsås" in names
    assert "Älmhult" in names
    assert len(by_name(names, load("SE"), where="x", edition=2019)) == 290
    assert (cube.cells["symbol"] == "NA").sum() == 30
    assert value(cube, municipality="Ale", column="population") == 29_549


def test_latin_1_names_with_a_blank_before_them_are_todays():
    cube = cube_of(
        "se/encoding_latin1_leading_space.csv",
        "columns",
        ("municipality", "geo"),
        ("year", "period"),
    )
    names = list(cube.cells["municipality"].cat.categories)
    assert "Alingsås" in names
    assert len(by_name(names, load("SE"), where="x", edition=2019)) == len(names) == 276
    assert value(cube, municipality="Ale", year="2015", column="care_recievers") == 6.2


def test_the_other_decoder_is_refused_where_it_is_declared_and_found_out_where_not():
    name = "se/encoding_macroman.csv"
    with pytest.raises(DataError, match="not cp1252"):
        text.decoded(body_of(name), where=name, encoding="cp1252")
    wrong = text.decoded(body_of(name), where=name, encoding="latin-1")
    with pytest.raises(DataError):
        by_name([line.split(",")[0] for line in wrong.splitlines()[1:]], load("SE"),
                where="x", edition=2019)  # fmt: skip


def test_a_workbook_without_its_drawing_is_read_whole():
    cube = cube_of("se/workbook_missing_drawing.xlsx", "columns", value="Ohälsotalet")
    assert len(cube.cells) == 12
    assert value(cube, regionkod="00", Kön="Kvinnor och män") == 22.6
    assert value(cube, regionkod="17", Kön="Kvinnor") == 35.2
    assert set(cube.cells["År"]) == {"2024"}


def test_lists_of_key_figures_and_questions_are_read_as_they_are():
    found = text.grid(body_of("se/kolada_public_health_kpis.csv"), where="kpis")
    assert len(found.rows) == 118
    assert all(re.fullmatch(r"[NU]\d{5}", id) for id in found.column("id"))
    assert len(text.grid(body_of("se/place_standard_questions.csv"), where="q").rows) == 14


def test_noise_is_told_and_parts_do_not_add_up_to_totals():
    cube = jsonstat.read(body_of("se/TAB6471_data.json"), where="TAB6471")
    assert len(cube.cells) == 21 * 11 * 3 * 4
    assert "Cell Key Method" in cube.notes[0]


def test_version_1_of_statistics_sweden_is_read():
    cube = jsonstat.read(body_of("se/v1_response_se.json"), where="TAB3554")
    assert cube.dimensions == ("Kon", "Alder", "ContentsCode", "Tid")
    assert len(cube.cells) == 9
    assert cube.updated == "2024-01-12T05:52:00Z"


@pytest.mark.parametrize("name", ["scb_v2_config", "scb_v2_tables", "v1_query_se"])
def test_what_is_json_and_no_table_is_refused(name):
    body = body_of(f"se/{name}.json")
    assert json.loads(body)
    with pytest.raises(DataError):
        jsonstat.read(body, where=name)
    with pytest.raises(DataError, match="JSON"):
        cube_of(f"se/{name}.json", "columns", ("id", "geo"))


def test_metadata_without_figures_is_no_table():
    with pytest.raises(DataError):
        jsonstat.read(body_of("se/TAB6471_metadata.json"), where="TAB6471")
