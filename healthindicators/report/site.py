"""The index of a country's reports: a list with search and a map to click."""

from __future__ import annotations

from pathlib import Path

from healthindicators import build, countries, geography
from healthindicators.charts.shapes import shapes
from healthindicators.report import fragments
from healthindicators.text import language
from healthindicators.workspace import Workspace, write_whole


def write_index(workspace: Workspace, edition: str, country: str, code: str) -> Path:
    """Write the index of the reports that there are in a language, and return its path.

    The country's own language is `index.html`, any other `index.<language>.html`. Where a
    municipality has reports under several frameworks, the index leads to the country's own.
    """
    about = countries.home(country).country
    folder = workspace.country_reports(edition, country)
    entries = []
    for geo in geography.load(country).municipalities:
        place = workspace.report(edition, country, geo)
        pages = sorted(
            place.glob(f"*.{code}.html"), key=lambda p: (about.framework not in p.name, p.name)
        )
        if pages:
            entries.append(fragments.Entry(geo, pages[0].relative_to(folder).as_posix()))
    processed, _ = build.build(workspace, country)
    drawn = shapes(processed.boundaries, about.insets)
    name = "index.html" if code == about.languages[0] else f"index.{code}.html"
    html = fragments.index(about, entries, drawn, edition, language(code))
    write_whole(folder / name, html.encode())
    return folder / name
