"""The pinned Norwegian figures are those of the bytes that the offices' users have published."""

import pandas as pd
import pytest

from healthindicators import geography, snapshots
from healthindicators.formats import figures
from healthindicators.workspace import Workspace
from tests.real_files import real_file

KEY = ["geo", "sex", "age", "stratum"]


@pytest.fixture(scope="module")
def pinned(repository):
    """Read a pinned table in the plain layout."""
    workspace = Workspace(repository)
    pins = snapshots.read_lock(workspace).pins

    def read(table):
        body = snapshots.open_pinned(workspace, pins[f"NO/compiled/{table}"]).body
        return figures.read(body, where=table)

    return read


def agree(ours, theirs, key):
    """Hold two tables of numbers as text against each other, cell by cell."""
    pair = ours.merge(theirs, on=key, how="outer", validate="1:1", indicator=True)
    assert (pair["_merge"] == "both").all()
    number = pd.to_numeric(pair["published"].str.replace(",", "."), errors="coerce")
    assert (number.isna() == pair["value"].isna()).all()
    assert pair["value"].sub(number).abs().max() < 1e-9
    hidden = pair["published"] == ":"
    assert (pair.loc[hidden, "status"] == "suppressed").all()


def test_low_income_is_what_the_directorate_published(pinned):
    raw = pd.read_csv(
        real_file("no/91-vedvarende_lavinntekt-kommune-2014.csv"), sep=";", dtype="str"
    )
    strata = {
        "all": "innvkat.3.alle_vreg.3.alle_enhet.prosent_aar.2014",
        "immigrants": "innvkat.3.innvandrere_vreg.3.alle_enhet.prosent_aar.2014",
        "rest-of-population": "innvkat.3.befolkningen.ellers_vreg.3.alle_enhet.prosent_aar.2014",
    }
    theirs = raw.rename(columns={"kommune_nr": "geo"} | {v: k for k, v in strata.items()})
    theirs = theirs.melt("geo", list(strata), var_name="stratum", value_name="published")
    ours = pinned("persistent-low-income")
    agree(ours[ours["last_year"] == 2014], theirs, ["geo", "stratum"])


def test_social_assistance_is_what_the_directorate_published(pinned):
    raw = pd.read_csv(real_file("no/sosialhjelp.csv"), dtype="str", keep_default_na=False)
    persons = raw[(raw["enhet"] == "personer") & (raw["aar"] == "2013")]
    strata = {
        "alle": "all", "innvandrere": "immigrants", "befolkningen_ellers": "rest-of-population",
        "norskfodte_m_innvf": "norwegian-born-to-immigrants",
        "bef_u_innv_og_norskf": "without-immigrant-background",
    }  # fmt: skip
    theirs = pd.DataFrame(
        {
            "geo": persons["kommune_nr"],
            "sex": persons["kjonn"].map({"0": "female", "1": "male", "alle": "total"}),
            "stratum": persons["innvkat_5"].map(strata),
            "published": persons["tabellvariabel"],
        }
    )
    ours = pinned("social-assistance")
    agree(ours, theirs[theirs["geo"].isin(ours["geo"])], ["geo", "sex", "stratum"])
    country = persons[persons["fylke_nr"] == "00"].set_index(["innvkat_5", "kjonn"])
    assert country.loc[("alle", "alle"), "tabellvariabel"] == "118027"
    everybody = ours[(ours["sex"] == "total") & (ours["stratum"] == "all")]
    assert everybody["value"].isna().sum() == 2
    # the country is published beside them, and leaves next to nothing for the two that are hidden
    assert everybody["value"].sum() == pytest.approx(118_027, abs=10)


def named(frame):
    """Return the codes of places that a table writes by their names."""
    register = geography.load("NO")
    codes = {m.name("nb"): m.code for m in register.members(register["NO-40"])}
    return frame["Geografi"].map(codes | {"Hele landet": "0", "Telemark": "40"})


def windows(frame):
    ends = frame["År"].str.split("-", expand=True).astype("int64")
    return {"first_year": ends[0], "last_year": ends[1]}


SEXES = {"kvinner": "female", "menn": "male", "kjønn samlet": "total"}


def test_life_expectancy_is_what_the_institute_published(pinned):
    raw = pd.read_csv(real_file("no/forventet_levealder_etter_utdanning_7_aarig.csv"), dtype="str")
    strata = {
        "alle utdanningsnivåer": "all", "grunnskole": "compulsory",
        "universitet/ høgskole": "tertiary", "videregående": "upper-secondary",
        "videregående eller høyere": "upper-secondary-or-higher",
    }  # fmt: skip
    theirs = pd.DataFrame(
        {
            "geo": named(raw),
            **windows(raw),
            "sex": raw["Kjønn"].map(SEXES),
            "age": raw["Alder"].map({"ved fødsel": "0", "30 år": "30", "65 år": "65"}),
            "stratum": raw["Utdanningsnivå"].map(strata),
            "published": raw["value"],
        }
    )
    ours = pd.concat([pinned("life-expectancy"), pinned("life-expectancy-by-education")])
    agree(ours, theirs, [*KEY, "first_year", "last_year"])


def test_suicide_is_what_the_institute_published(pinned):
    raw = pd.read_csv(real_file("no/selvmord_femaarig.csv"), dtype="str")
    ages = {
        "alle aldre": "total", "0-74 år": "0-74", "0-44 år": "0-44", "45-74 år": "45-74",
        "75+ år": "75+",
    }  # fmt: skip
    theirs = pd.DataFrame(
        {
            "geo": named(raw),
            **windows(raw),
            "sex": raw["Kjønn"].map(SEXES),
            "age": raw["Alder"].map(ages),
            "published": raw["value"],
        }
    )
    agree(pinned("suicide"), theirs, ["geo", "sex", "age", "first_year", "last_year"])
