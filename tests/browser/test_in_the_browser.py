"""Pages opened in headless Chromium: drawn, searchable, accessible, quiet on the network."""

import functools
import http.server
import re
import shutil
import threading

import pytest

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
    """The reports folder, served on this machine until the tests are done."""
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


@pytest.fixture(params=SCREENS)
def page(browser, address, request):
    width, height = SCREENS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=address)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.asked = []
    page.complaints = []
    page.on("request", lambda r: page.asked.append(r.url))
    page.on("console", lambda m: page.complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: page.complaints.append(str(e)))
    yield page
    context.close()


REPORT = "/DK/DK-101-koebenhavn/denmark-2021-2030.da.html"
ENGLISH = "/DK/DK-751-aarhus/denmark-2017-2020.en.html"
GAPS = "/DK/DK-825-laesoe/denmark-2021-2030.da.html"
INDEX = "/DK/index.html"


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        (v["id"], v["impact"], [n["html"][:120] for n in v["nodes"]][:3])
        for v in found
        if v["impact"] in SERIOUS
    ]


def opened(page, path):
    page.goto(path)
    # Not "networkidle": on a busy machine the browser may never report it.
    page.wait_for_function("[...document.querySelectorAll('.plot')].every(p => p.data)")
    # Whoever prints or listens opens everything; axe looks at what is open only.
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    return page


@pytest.mark.parametrize("path", [REPORT, ENGLISH, GAPS, INDEX])
def test_axe_finds_no_serious_violation(page, path):
    assert violations(opened(page, path)) == []


@pytest.mark.parametrize("path", [REPORT, ENGLISH, GAPS, INDEX])
def test_no_request_leaves_the_page_and_nothing_is_scrolled_sideways(page, path, address):
    opened(page, path)
    assert all(url.startswith((address, "data:", "blob:")) for url in page.asked)
    assert page.complaints == []
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


def test_every_chart_is_drawn(page):
    opened(page, REPORT)
    plots = page.locator(".plot").count()
    assert plots > 10
    page.wait_for_function(f"document.querySelectorAll('.plot .main-svg').length >= {plots}")


def test_every_line_is_drawn_with_all_it_shares(page):
    opened(page, REPORT)
    traces = page.evaluate(
        "[...document.querySelectorAll('.plot')].flatMap(p => p.data.map(t => "
        "[t.meta || '', (t.x || []).length, t.y.length, t.mode]))"
    )
    assert {"municipality", "country", "group"} <= {meta for meta, *_ in traces}
    assert all(x == y > 0 and mode for _, x, y, mode in traces)


def test_a_map_says_the_name_and_value_under_the_pointer(page):
    opened(page, REPORT)
    titles = page.evaluate(
        "[...document.querySelectorAll('svg.map .land use title')].map(t => t.textContent)"
    )
    maps = page.locator("svg.map").count()
    assert len(titles) > 98 * maps
    assert any(re.fullmatch(r"København: 80,9\sår", title) for title in titles)
    assert any(title.endswith(": intet tal") for title in titles)
    assert not any("{" in title for title in titles)


def test_the_table_behind_a_map_has_a_value_for_each_name(page):
    opened(page, REPORT)
    cells = page.evaluate(
        "[...document.querySelectorAll('.drawing:has(> svg.map) tbody tr')].map(r => r.cells.length)"
    )
    assert len(cells) >= 98
    assert set(cells) == {2}


def test_a_report_can_be_read_without_a_script(browser, address):
    context = browser.new_context(java_script_enabled=False, base_url=address)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(REPORT)
    assert page.locator("table.key").count() >= 2
    assert page.locator("figure table").count() > 10
    context.close()


@pytest.mark.parametrize(
    ("typed", "found"),
    [("kobenh", "København"), ("koebenhavn", "København"), ("Copenh", "København"), ("aero", "Ærø"),
     ("laeso", "Læsø"), ("LÆSØ", "Læsø")],
)  # fmt: skip
def test_the_index_finds_a_municipality_however_it_is_typed(page, typed, found):
    page.goto(INDEX)
    page.get_by_role("searchbox").fill(typed)
    shown = page.locator("ul.places a:visible").all_inner_texts()
    assert shown == [found]


def test_a_municipality_can_be_clicked_on_the_map(page):
    page.goto(INDEX)
    page.locator("svg.map a[data-geo='DK-360']").first.dispatch_event("click")
    page.wait_for_url("**/DK-360-lolland/*.html")
    assert page.get_by_role("heading", level=1).inner_text() == "Lolland"
