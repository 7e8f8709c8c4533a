"""Finished pages, read back: every printed number is the figure it stands for."""

import csv
import gzip
import io
import json
import math
import re

import nbformat
import pytest
from bs4 import BeautifulSoup

from healthindicators.report import warm
from healthindicators.text import language
from tests.conftest import command, page_of

FOLDERS = (
    "DK-101-koebenhavn", "DK-360-lolland", "DK-530-billund", "DK-492-aeroe", "DK-741-samsoe",
    "DK-563-fanoe", "DK-825-laesoe",
)  # fmt: skip
WITHOUT_LIFE_EXPECTANCY = FOLDERS[3:]


def parsed(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def published(workspace, code):
    """Return the municipality's cells of every snapshot, read without any code of the package."""
    cells = {}
    for path in (workspace.root / "data" / "raw").rglob("*.csv.gz"):
        rows = csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode()))
        if "topic" not in rows.fieldnames:
            continue
        for row in rows:
            if row["geo"] == code and row["measure"] == "value" and row["value"]:
                period = (int(row["first_year"]), int(row["last_year"]))
                cells.setdefault(row["topic"], {})[period] = float(row["value"])
    return cells


def number(text):
    """Return a Danish number as printed."""
    return float(text.replace(".", "").replace(",", ".").replace("\N{MINUS SIGN}", "-"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_number_of_the_key_tables_is_the_published_figure(made, folder):
    page = parsed(page_of(made, folder))
    cells = published(made, folder.split("-")[1])
    rows = page.select("table.key tbody tr")
    compared = 0
    for row in rows:
        series = cells.get(row["data-indicator"])
        shown = row.select_one("td[data-col=value]")
        if series is None:
            # Computed here, or published without a value: then no number may stand in its place.
            computed = row["data-indicator"].startswith(("mortality", "life-expectancy-computed"))
            assert computed or shown["data-value"] == ""
            continue
        latest = max(series, key=lambda period: (period[1], period[0]))
        assert float(shown["data-value"]) == series[latest]
        printed = number(shown.get_text(strip=True))
        decimals = len(shown.get_text(strip=True).partition(",")[2])
        assert printed == round(series[latest], decimals)
        for column, choose in (("previous", max), ("first", min)):
            compared += _change_is_right(row, column, choose, series, latest)
        compared += 1
    assert compared >= 25


def _change_is_right(row, column, choose, series, latest):
    cell = row.select_one(f"td[data-col={column}]")
    earlier = [period for period in series if period[1] < latest[0]]
    if not earlier:
        assert cell["data-value"] == ""
        return 0
    since = choose(earlier, key=lambda period: (period[1], period[0]))
    if column == "first" and len(earlier) == 1:
        # With two periods only, the first is the previous one, and is told once.
        assert cell["data-value"] == ""
        return 0
    assert math.isclose(float(cell["data-value"]), series[latest] - series[since], abs_tol=1e-9)
    return 1


def test_benchmarks_positions_and_intervals_are_those_that_were_computed(made, processed):
    page = parsed(page_of(made, "DK-101-koebenhavn"))
    computed = processed.comparisons.set_index(["indicator", "geo"])
    for row in page.select("table.key tbody tr"):
        expected = computed.loc[(row["data-indicator"], "DK-101")]
        for kind in ("country", "region", "group"):
            shown = row.select_one(f"td[data-col={kind}]")
            assert float(shown["data-value"]) == expected[f"{kind}_value"]
            assert ("†" in shown.get_text()) != expected[f"{kind}_published"]
        place = row.select_one("td[data-col=position]")
        assert int(place["data-first"]) == expected["position_first"]
        assert int(place["data-last"]) == expected["position_last"]
        limits = row.select_one("td[data-col=interval]")
        if expected["interval"] == "none":
            assert limits["data-lower"] == limits["data-upper"] == ""
        else:
            assert float(limits["data-lower"]) == expected["lower"]
            assert float(limits["data-upper"]) == expected["upper"]


def test_daily_smoking_in_copenhagen_is_10_6(made):
    row = parsed(page_of(made, FOLDERS[0])).select_one('tr[data-indicator="daily-smoking"]')
    assert row.select_one("td[data-col=value]").get_text(strip=True) == "10,6"


def test_lolland_smokes_most_of_the_98(made):
    row = parsed(page_of(made, FOLDERS[1])).select_one('tr[data-indicator="daily-smoking"]')
    assert row.select_one("td[data-col=value]").get_text(strip=True) == "18,3"
    place = row.select_one("td[data-col=position]")
    assert (place["data-first"], place["data-last"], place["data-count"]) == ("98", "98", "98")


def test_the_jump_of_income_inequality_in_billund_is_kept(made):
    tables = parsed(page_of(made, FOLDERS[2])).select("figure table")
    behind = next(t for t in tables if "Gini" in t.caption.get_text())
    rows = {r.th.get_text(strip=True): r.td.get_text(strip=True) for r in behind.select("tbody tr")}
    assert rows["2023"] == "48,79"


@pytest.mark.parametrize("folder", WITHOUT_LIFE_EXPECTANCY)
def test_a_municipality_without_life_expectancy_says_so(made, folder):
    page = parsed(page_of(made, folder))
    row = page.select_one('table.key tr[data-indicator="life-expectancy"]')
    assert row.select_one("td[data-col=value]")["data-value"] == ""
    why = row.select_one("td[data-col=interval]").get_text(" ", strip=True)
    assert language("da").say("The provider publishes no figure for this municipality.") in why


def test_a_page_asks_for_nothing_but_plotly_beside_it(made):
    for path in (made.root / "reports").rglob("*.html"):
        page = parsed(path)
        asked = [e.get("src") or e.get("href") for e in page.select("[src], link[href]")]
        assert [
            a
            for a in asked
            if not re.fullmatch(r"data:,|(\.\./){2}assets/plotly-[\d.]+\.min\.js", a)
        ] == []
        assert "://" not in "".join(asked)
        for script in page.select("script:not([src])"):
            assert "fetch(" not in script.text


def test_links_lead_to_files_and_places_that_exist(made):
    for path in (made.root / "reports").rglob("*.html"):
        page = parsed(path)
        ids = {e["id"] for e in page.select("[id]")}
        assert len(ids) == len(page.select("[id]")), "an id stands twice"
        for link in page.select("a[href]"):
            address, _, place = link["href"].partition("#")
            if address:
                target = path.parent / address
                # English reports come with an English index; the Danish one is the country's own.
                assert target.is_file(), link
            else:
                assert place in ids, link


def test_every_figure_has_words_and_a_table(made):
    page = parsed(page_of(made, FOLDERS[0]))
    figures = page.select("figure")
    assert len(figures) > 10
    for figure in figures:
        behind = figure.select_one("p.data a") or figure
        table = page.select_one(behind["href"]) if behind.name == "a" else figure
        assert table.select_one("table tbody tr"), figure.get_text()[:80]
        named = figure.select_one("[aria-label]") or figure
        assert len(named.get("aria-label", "")) > 40


def test_the_language_of_the_document_is_that_of_its_reader(made):
    assert parsed(page_of(made, FOLDERS[0])).html["lang"] == "da"
    english = page_of(made, "DK-751-aarhus", "denmark-2017-2020.en")
    assert parsed(english).html["lang"] == "en"


def test_a_page_leads_to_the_index_of_its_own_language(made):
    for path, index in (
        (page_of(made, FOLDERS[0]), "../index.html"),
        (page_of(made, "DK-751-aarhus", "denmark-2017-2020.en"), "../index.en.html"),
    ):
        assert parsed(path).select_one("nav.top a")["href"] == index


def test_no_english_is_left_in_a_danish_page(made):
    text = parsed(page_of(made, FOLDERS[0])).body.get_text(" ")
    for word in (" the ", " and ", " municipalities", " since ", " worse", " better", " percent "):
        assert word not in text, word


def test_an_area_that_nothing_measures_says_so(made):
    page = parsed(page_of(made, FOLDERS[0]))
    empty = [s for s in page.select("section.area") if not s.select_one("table.key")]
    assert len(empty) == 2
    sentence = language("da").say(
        "No open figure measures this area. It stays in the report, so that the gap is seen."
    )
    assert all(sentence in s.get_text() for s in empty)


def test_the_executed_notebook_lies_beside_the_page_and_can_be_gone_on_with(made):
    path = page_of(made, FOLDERS[0]).with_suffix(".ipynb")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    injected = next(
        c for c in notebook.cells if "injected-parameters" in c.metadata.get("tags", [])
    )
    assert 'municipality = "DK-101"' in injected.source
    assert str(made.root) not in json.dumps(notebook)


def test_two_runs_give_the_same_bytes(made):
    folder = page_of(made, FOLDERS[0]).parent
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    again = command(made, "report", "101")
    assert again.returncode == 0, again.stderr
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_the_index_lists_every_report_in_danish_order(made):
    index = parsed(made.root / "reports" / "2026" / "DK" / "index.html")
    names = [a.get_text(strip=True) for a in index.select("ul.places a")]
    assert names == sorted(names, key=language("da").sort_key)
    assert {"København", "Ærø", "Læsø"} <= set(names)
    assert "Aarhus" not in names, "its only report is in English, on the English index"


def test_all_that_the_notebook_calls_is_drawn_before_the_first_copy(repository):
    """What a warm process has not made is made again in every copy, at ten times the price."""
    cells = json.loads((repository / "notebooks" / "municipality_profile.ipynb").read_text("utf-8"))
    sources = ["".join(cell["source"]) for cell in cells["cells"] if cell["cell_type"] == "code"]
    called = [found[1] for source in sources if (found := re.fullmatch(r"page\.(\w+)\(\)", source))]
    assert called == ["style", *warm.CALLS]
