"""Pages opened in headless Chromium: drawn, searchable, accessible, quiet on the network."""

import contextlib
import functools
import http.server
import itertools
import re
import shutil
import threading
from collections import Counter

import pytest

from tests.conftest import command

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SERIOUS = {"serious", "critical"}
SCREENS = {"desktop": (1280, 900), "phone": (390, 844)}
PATIENCE = 120_000  # milliseconds: what is wrong never comes, what is slow may
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def address(made):
    """The reports folder with a neighbour of each kind, served here until the tests are done."""
    for municipality in ("Ålesund", "Göteborg"):
        done = command(made, "report", municipality)
        assert done.returncode == 0, done.stderr
    handler = functools.partial(Quiet, directory=made.root / "reports" / "2026")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


REPORT = "/DK/DK-101-koebenhavn/denmark-2021-2030.da.html"
ENGLISH = "/DK/DK-751-aarhus/denmark-2017-2020.en.html"
GAPS = "/DK/DK-825-laesoe/denmark-2021-2030.da.html"
NORWEGIAN = "/NO/NO-1508-aalesund/who-six-ps.nb.html"
SWEDISH = "/SE/SE-1480-goeteborg/sweden-2019-2025.sv.html"
REPORTS = (REPORT, ENGLISH, GAPS, NORWEGIAN, SWEDISH)
INDEX = "/DK/index.html"
INDEXES = (INDEX, "/NO/index.html", "/SE/index.html")


def on(*paths):
    """Run a test on pages that are opened once for all tests, on a desktop and on a phone."""
    cases = list(itertools.product(paths, SCREENS))
    names = [f"{path.split('/')[1]}-{path.split('/')[2]}-{screen}" for path, screen in cases]
    return pytest.mark.parametrize("page", cases, ids=names, indirect=True, scope="module")


@pytest.fixture(scope="module")
def page(browser, address, request):
    """A page with everything unfolded and drawn. To read: several tests look at the same."""
    path, screen = request.param
    with opened(browser, address, path, screen) as page:
        page.wait_for_function(DRAWN)
        # Whoever prints or listens opens everything; axe looks at what is open only.
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        yield page


DRAWN = """() => {
  const waits = [...document.querySelectorAll('.plot')].find(plot => !plot.data);
  if (waits) waits.scrollIntoView({ behavior: 'instant' });
  return !waits;
}"""
"""Whether every picture is drawn: each is when it comes near the screen, so the next one is sought."""


@contextlib.contextmanager
def opened(browser, address, path, screen="desktop", **options):
    width, height = SCREENS[screen]
    viewport = {"width": width, "height": height}
    context = browser.new_context(viewport=viewport, base_url=address, **options)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.asked = []
    page.complaints = []
    page.on("request", lambda r: page.asked.append(r.url))
    page.on("console", lambda m: page.complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: page.complaints.append(str(e)))
    page.goto(path)  # waits for plotly, not for silence: a busy browser may never report that
    yield page
    context.close()


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        (v["id"], v["impact"], [n["html"][:120] for n in v["nodes"]][:3])
        for v in found
        if v["impact"] in SERIOUS
    ]


@on(*REPORTS, *INDEXES)
def test_axe_finds_no_serious_violation(page):
    assert violations(page) == []


@on(*REPORTS, *INDEXES)
def test_no_request_leaves_the_page_and_nothing_is_scrolled_sideways(page, address):
    assert all(url.startswith((address, "data:", "blob:")) for url in page.asked)
    assert page.complaints == []
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


@on(REPORT)
def test_every_chart_is_drawn(page):
    plots = page.locator(".plot").count()
    assert plots > 10
    assert page.locator(".plot:has(.main-svg)").count() == plots


@on(REPORT)
def test_every_line_is_drawn_with_all_it_shares(page):
    traces = page.evaluate(
        "[...document.querySelectorAll('.plot')].flatMap(p => p.data.map(t => "
        "[t.meta || '', (t.x || []).length, t.y.length, t.mode]))"
    )
    assert {"municipality", "country", "group"} <= {meta for meta, *_ in traces}
    assert all(x == y > 0 and mode for _, x, y, mode in traces)


def test_a_chart_is_drawn_when_it_is_near_and_all_before_they_are_printed(browser, address):
    waiting = "[...document.querySelectorAll('.plot')].filter(p => !p.data).length"
    with opened(browser, address, REPORT) as page:
        plots = page.locator(".plot").count()
        assert page.evaluate(waiting) > plots / 2
        page.evaluate("document.querySelector('.plot').scrollIntoView({ behavior: 'instant' })")
        page.wait_for_function("document.querySelector('.plot').data")
        assert page.evaluate(waiting) > 0
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(waiting) == 0


POINTED = """() => [...document.querySelectorAll('svg.map')].map(map => {
  map.dispatchEvent(new Event('pointerenter'));
  const paths = [...map.querySelectorAll('.land path:has(title)')];
  const legend = [...map.parentNode.querySelectorAll('.legend li')];
  return [
    paths.map(p => [p.textContent, getComputedStyle(p).fill]),
    legend.map(li => [getComputedStyle(li.querySelector('path')).fill,
                      Number(li.querySelector('small').textContent.slice(1, -1))]),
  ];
})"""
"""Of each map: what its municipalities say and their colours, and the legend's colours and counts."""


@on(REPORT, NORWEGIAN, SWEDISH)
def test_a_map_says_the_name_and_value_under_the_pointer_in_the_colour_of_its_class(page):
    maps = page.evaluate(POINTED)
    assert len(maps) >= 4
    for said, legend in maps:
        assert not any("{" in title for title, _ in said)
        # Who is enlarged is drawn twice; of two with one name and value the legend counts both.
        once = Counter(colour for _, colour in set(map(tuple, said)))
        assert once == dict(legend)


@on(REPORT)
def test_a_map_says_where_there_is_no_value(page):
    titles = [title for said, _ in page.evaluate(POINTED) for title, _ in said]
    assert any(re.fullmatch(r"København: 80,9\sår", title) for title in titles)
    assert any(title.endswith(": intet tal") for title in titles)


@on(REPORT, NORWEGIAN)
def test_the_table_behind_the_maps_has_a_value_for_each_name(page):
    cells = page.evaluate(
        "[...document.querySelectorAll('#map-figures tr')].map(r => r.cells.length)"
    )
    assert len(cells) >= 98
    assert set(cells) == {len(set(page.evaluate(COLUMNS))) + 1}


COLUMNS = "[...document.querySelectorAll('svg.map')].map(map => map.dataset.column)"


def test_a_report_can_be_read_without_a_script(browser, address):
    with opened(browser, address, REPORT, java_script_enabled=False) as page:
        assert page.locator("table.key").count() >= 2
        assert page.locator("figure table").count() > 10
        page.locator("p.data a").first.click()
        page.locator("#map-figures > summary").click()
        assert page.locator("#map-figures tbody tr").first.is_visible()


@pytest.mark.parametrize(
    ("typed", "found"),
    [("kobenh", "København"), ("koebenhavn", "København"), ("Copenh", "København"), ("aero", "Ærø"),
     ("laeso", "Læsø"), ("LÆSØ", "Læsø")],
)  # fmt: skip
@on(INDEX)
def test_the_index_finds_a_municipality_however_it_is_typed(page, typed, found):
    page.get_by_role("searchbox").fill(typed)
    shown = page.locator("ul.places a:visible").all_inner_texts()
    assert shown == [found]


def test_a_municipality_can_be_clicked_on_the_map(browser, address):
    with opened(browser, address, INDEX) as page:
        page.locator("svg.map a[data-geo='DK-360']").first.dispatch_event("click")
        page.wait_for_url("**/DK-360-lolland/*.html")
        assert page.get_by_role("heading", level=1).inner_text() == "Lolland"
