"""The index of a country's reports: a list with search and a map to click."""

from __future__ import annotations

from pathlib import Path

from healthindicators import build, catalog, countries, geography
from healthindicators.charts.shapes import shapes
from healthindicators.model import Country, Framework
from healthindicators.report import fragments
from healthindicators.text import EN_DASH, language
from healthindicators.workspace import Workspace, write_changed


def _label(page: str, own: Framework, code: str) -> str:
    """Return what tells a page from the country's own: years in the same network, else its title."""
    framework = catalog.load().framework(page.split(".", maxsplit=1)[0])
    text = framework.text[code]
    if text.network == own.text[code].network:
        return f"{framework.first_year}{EN_DASH}{framework.last_year}"
    return text.title


def index_name(country: Country, code: str) -> str:
    """Return the file name of an index: that of the country's own language is the plain one."""
    return "index.html" if code == country.languages[0] else f"index.{code}.html"


def write_index(workspace: Workspace, edition: str, country: str, code: str) -> Path:
    """Write the index of the reports that there are in a language, and return its path.

    The country's own language is `index.html`, any other `index.<language>.html`. Where a
    municipality has reports under several frameworks, the index leads to the country's own.
    """
    about = countries.home(country).country
    own = catalog.load().framework(about.framework)
    folder = workspace.country_reports(edition, country)
    entries = []
    for geo in geography.load(country).municipalities:
        place = workspace.report(edition, country, geo)
        pages = sorted(
            place.glob(f"*.{code}.html"), key=lambda p: (about.framework not in p.name, p.name)
        )
        if pages:
            main, *others = (page.relative_to(folder).as_posix() for page in pages)
            names = tuple((_label(Path(address).name, own, code), address) for address in others)
            entries.append(fragments.Entry(geo, main, names))
    drawn = shapes(build.opened(workspace, country).outlines, about.insets)
    name = index_name(about, code)
    html = fragments.index(about, entries, drawn, edition, language(code))
    write_changed(folder / name, html.encode())
    return folder / name
