"""Norwegian files as offices and their users published them, held against published totals."""

import json
import re

import pytest

from healthindicators.errors import DataError
from healthindicators.formats import jsonstat, text
from healthindicators.formats.grid import has_lost_letters
from healthindicators.geography.naming import by_name, refuse_misaligned
from healthindicators.ingest.cells import cells_of
from healthindicators.model import Dimension, Source, Table
from tests.geography.making import norway
from tests.real.reading import body_of, compiled, cube_of, picked, value
from tests.real_files import real_file

NORWAY = norway()
RESIDENTS = {2019: 5_328_212, 2021: 5_391_369, 2022: 5_425_270}
"""Norway's population on 1 January, as Statistics Norway published it."""
VACCINES = "no/fhi_kommunehelsa_childhood.xlsx"
FHI_TOLD = {
    "Oslo": "", "Oslo (2)": "NO-0301", "Hele landet": "", "Fauske Fuosko": "NO-1841",
    **dict.fromkeys(
        (
            "Østfold", "Akershus", "Hedmark", "Oppland", "Buskerud", "Vestfold", "Telemark",
            "Aust-Agder", "Vest-Agder", "Rogaland", "Hordaland", "Sogn og Fjordane",
            "Møre og Romsdal", "Trøndelag", "Nordland", "Troms Romsa", "Finnmark Finnmárku",
        ),
        "",
    ),
}  # fmt: skip
"""Names of the export that are counties, or that the register spells in another way."""


def codes_of(year):
    return {g.code for g in NORWAY.edition(year)}


def ours(cube, *dimensions, symbols=None):
    """Return a cube's cells in our words."""
    table = Table("table", "files", "register", dimensions=dimensions)
    source = Source("download", "as downloaded by hand", symbols=symbols or {})
    return cells_of(cube, table, source, "file")


def test_csv_of_2021_has_its_title_apart_and_adds_up_to_the_published_total():
    dimensions = (("region", "geo"), ("sex", "sex"), ("age", "age"), ("column", "period"))
    cube = cube_of("no/ssb_07459_csv2_2021.csv", "ssb-csv", *dimensions)
    assert cube.title.startswith("07459: Population")
    assert cube.cells["value"].sum() == RESIDENTS[2021]
    cells = ours(
        cube,
        Dimension("region", "geo", pattern=r"K-(\d{4}|21-22|Rest) .*"),
        Dimension("sex", "sex", words={"Males": "male", "Females": "female"}),
        Dimension("age", "age", pattern=r"(\d+)\+? years?(?: or older)?"),
        Dimension("column", "period", pattern=r"Persons (\d{4})"),
    )
    assert cells["value"].sum() == RESIDENTS[2021]
    assert codes_of(2021) <= set(cells["geo"])
    assert set(cells["geo"]) - codes_of(2021) <= {"21-22", "Rest"}


def test_letters_that_were_destroyed_are_told_and_codes_still_join():
    name = "no/ssb_destroyed_letters_2019.csv"
    dimensions = (("region", "geo"), ("age", "age"), ("column", "period"))
    cube = cube_of(name, "ssb-csv", *dimensions)
    (note,) = cube.notes
    assert "only their codes are" in note
    assert cube.cells["value"].sum() == RESIDENTS[2019]
    codes = cube.cells["region"].astype("str").str.extract(r"^(\d{4}) ")[0]
    assert codes.notna().all()
    assert codes_of(2019) <= set(codes)
    assert cube.cells.groupby(codes.to_numpy())["value"].sum()["0301"] == 681_071
    with pytest.raises(DataError, match="join by code"):
        cube_of(name, "ssb-csv", *dimensions, join="name")


def test_summed_codes_of_the_former_service_add_up_to_the_published_total():
    cube = jsonstat.read(body_of("no/07459_jsonstat2_KommSummer_2022.json"), where="07459")
    assert len(cube.cells) == 359
    assert cube.cells["value"].sum() == RESIDENTS[2022]
    codes = set(cube.cells["Region"].str.removeprefix("K-"))
    assert codes_of(2022) <= codes
    assert len(codes - codes_of(2022)) == 3


def test_a_question_is_no_answer():
    body = body_of("no/07459_query-body.json")
    asked = json.loads(body)["queryObj"]["query"]
    assert asked[0]["selection"]["filter"] == "agg:KommSummer"
    with pytest.raises(DataError):
        jsonstat.read(body, where="07459")


def test_every_kept_question_has_an_address_and_codes():
    folder = real_file("no/fhi_queries/Miljø__Drikkevann.txt").parent
    files = sorted(folder.glob("*.txt"))
    assert len(files) == 42
    for file in files:
        address, body = file.read_text("utf-8").strip().split("\n", 1)
        assert re.fullmatch(r"https://\S+/api/open/v1/\w+/Table/\d+/data/?", address.strip()), (
            file.name
        )
        dimensions = json.loads(body)["dimensions"]
        assert all({"code", "filter", "values"} <= set(d) for d in dimensions), file.name


def test_names_without_codes_inside_counties_join_and_agree_with_the_compiled_figures():
    cube = cube_of(VACCINES, "fhi-xlsx", ("Geografi", "geo"), join="name")
    assert cube.dimensions == ("Geografi", "Alder", "Vaksine mot", "År")
    assert len(cube.cells["År"].cat.categories) == 13
    cells = picked(cube)
    assert set(cells["symbol"]) == {"", "..", ":"}
    assert value(cube, Geografi="Hele landet", Alder="2 år", År="2014-2018",
                 **{"Vaksine mot": "Meslinger"}) == 95.7  # fmt: skip
    listed = list(dict.fromkeys(cells["Geografi"]))
    names = [n for n in listed if not re.fullmatch(r"Bydel .*|.* bydel", n)]
    found = by_name(names, NORWAY, where=VACCINES, edition=2018, told=FHI_TOLD)
    assert {id[3:] for id in found.values()} == codes_of(2018)
    assert len(found) == 422
    measles = cells[(cells["Vaksine mot"] == "Meslinger") & cells["Geografi"].isin(list(found))]
    read = {
        (found[geo][3:], age.removesuffix(" år"), int(years[:4])): (number, symbol)
        for geo, age, years, number, symbol in measles[
            ["Geografi", "Alder", "År", "value", "symbol"]
        ].itertuples(index=False)
    }
    told = compiled("NO", "vaccination")
    told = told[(told["topic"] == "measles-vaccination") & told["geo"].isin(list(codes_of(2018)))]
    assert len(read) == len(told) == 422 * 3 * 13
    status = {"observed": "", "missing": "..", "suppressed": ":"}
    for row in told.itertuples():
        number, symbol = read[row.geo, row.age, row.first_year]
        assert symbol == status[row.status]
        assert number == row.value or symbol


@pytest.mark.parametrize(
    ("name", "rows", "symbols", "first"),
    [
        ("forventet_levealder_etter_utdanning_7_aarig", 8550, {":": 2672, "-": 2280}, 81.584549),
        ("selvmord_femaarig", 1900, {":": 1678}, 16.0025929731389),
    ],
)
def test_symbols_inside_the_column_of_values_stay_symbols(name, rows, symbols, first):
    cube = cube_of(f"no/{name}.csv", "fhi-csv")
    assert len(cube.cells) == rows
    marks = cube.cells["symbol"].value_counts().to_dict()
    assert marks.pop("") == rows - sum(symbols.values())
    assert marks == symbols
    assert cube.cells["value"].iloc[0] == first
    assert cube.cells["value"][cube.cells["symbol"] != ""].isna().all()
    assert {"Hele landet", "Kragerø"} <= set(cube.cells["Geografi"])


def test_decimal_commas_and_colons_of_the_directorate():
    name = "no/91-vedvarende_lavinntekt-kommune-2014.csv"
    cube = cube_of(name, "imdi-csv", ("kommune_nr", "geo"))
    assert len(cube.cells) == 428 * 5
    assert (cube.cells["symbol"] == ":").sum() == 208
    everyone = "innvkat.3.alle_vreg.3.alle_enhet.prosent_aar.2014"
    assert value(cube, kommune_nr="0101", column=everyone) == 11.7
    assert set(cube.cells["kommune_nr"]) - {"1901"} == codes_of(2014) - {"1903"}
    assert cube.cells["value"].max() < 100


def test_a_column_for_each_level_of_geography_and_women_as_zero():
    cube = cube_of("no/sosialhjelp.csv", "imdi-csv", value="tabellvariabel")
    levels = ("bydel_nr", "fylke_nr", "naringsregion_nr")
    read = ours(
        cube,
        Dimension("aar", "period"),
        Dimension("kommune_nr", "geo", pattern=r"(\d{4})"),
        *(Dimension(name, "single", pattern="(NULL)") for name in levels),
        Dimension("kjonn", "sex", words={"0": "female", "1": "male", "alle": "total"}),
        Dimension("innvkat_5", "topic"),
        Dimension("enhet", "single", words={"personer": "count", "prosent": ""}),
        symbols={":": "suppressed"},
    )
    assert len(read) == 12_840 / 2
    assert set(read["geo"]) - {"1901"} == codes_of(2013) - {"1903"}
    oslo = read[(read["geo"] == "0301") & (read["topic"] == "alle")].set_index("sex")["value"]
    assert oslo.to_dict() == {"female": 7501, "male": 9411, "total": 16912}
    told = compiled("NO", "social-assistance").query("stratum == 'all' and measure == 'count'")
    told = told.set_index(["geo", "sex"])["value"].fillna(-1).to_dict()
    own = read[read["topic"] == "alle"].set_index(["geo", "sex"])["value"].fillna(-1).to_dict()
    assert told == own


def test_text_in_cells_of_numbers_is_read_and_suppression_stays():
    cube = cube_of(
        "no/kostra_groups_text_suppression.xlsx", "columns", ("kommnr", "geo"), ("year", "period"),
        value="ema_string", label="Kommunenavn", ignored="ema,prikket,År,Kommunenummer",
    )  # fmt: skip
    assert len(cube.cells) == 3 * 360
    assert cube.cells["symbol"].value_counts().to_dict() == {"": 885, "<5": 195}
    assert cube.cells["value"].notna().sum() == 885
    assert value(cube, kommnr="0301", year="2022") == 48
    refuse_misaligned(cube.labels["kommnr"], NORWAY, "kostra")
    assert {"Rest", "21-22"} <= set(cube.cells["kommnr"])


@pytest.mark.parametrize(
    ("years", "rows", "name"),
    [
        ("2013_til2017", 5, "1940\xa0-\xa0Gáivuotna - Kåfjord"),
        ("2017_til2018", 57, "0722\xa0-\xa0Nøtterøy"),
        ("2018_til2019", 4, "1942\xa0-\xa0Nordreisa"),
        ("2019_til2020", 313, "2021\xa0-\xa0Kárášjohka - Karasjok"),
    ],
)
def test_changes_are_read_with_all_their_letters(years, rows, name):
    grid = text.grid(body_of(f"no/kommuner_med_endringer_fra{years}.csv"), where=years)
    assert len(grid.rows) == rows
    before = grid.column(grid.header[0])
    assert name in before
    labels = dict(cell.split("\xa0-\xa0") for cell in before)
    refuse_misaligned(labels, NORWAY, years)


def test_the_official_list_of_2026_has_todays_names_but_for_two_with_destroyed_letters():
    body = body_of("no/ssb_klass_kommuneinndeling_2026.csv")
    with pytest.raises(DataError):
        text.grid(body, where="klass", delimiter=";")
    grid = text.grid(body, where="klass", delimiter=";", short=True)
    names = dict(zip(grid.column("code"), grid.column("name"), strict=True))
    assert names.pop("9999") == "Uoppgitt"
    assert len(names) == 357
    refuse_misaligned(names, NORWAY, "klass")
    known = {m.code: {*m.names.values(), *m.aliases} for m in NORWAY.municipalities}
    other = {name for code, name in names.items() if name not in known[code]}
    assert other == {"Evenes - Evená??i", "Kárá?johka - Karasjok"}
    assert all(map(has_lost_letters, other))
