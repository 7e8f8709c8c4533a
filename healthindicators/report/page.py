"""The page of one municipality: what a notebook cell calls, one line each."""

from __future__ import annotations

from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING

from healthindicators import build as building
from healthindicators import catalog, geography
from healthindicators import profile as profiles
from healthindicators.charts import (
    Barometer,
    Drawing,
    Figure,
    MapShapes,
    barometer,
    choropleth,
    concentration,
    funnel,
    sexes,
    trend,
)
from healthindicators.charts.shapes import shapes
from healthindicators.errors import UnknownIndicator, UnknownName
from healthindicators.model import AreaText, Role, Service, StrategicArea
from healthindicators.processed import Processed, once
from healthindicators.profile import Line, Profile, Section
from healthindicators.report import (
    abroad,
    across,
    certainty,
    fragments,
    peers,
    recasting,
    tables,
    trends,
)
from healthindicators.report.display import Html, Parts
from healthindicators.report.parameters import Request, resolve
from healthindicators.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd


class Page:
    """All parts of one municipality's report, made when they are asked for.

    Parameters
    ----------
    processed : Processed
        What was computed for the country.
    request : Request
        Municipality, language, framework and edition.

    Attributes
    ----------
    profile : Profile
        Every number of the report, for a researcher to go on with.
    """

    def __init__(self, processed: Processed, request: Request) -> None:
        self._processed = processed
        self._request = request
        self._language = request.language
        self._register = geography.load(request.country.id)

    def __repr__(self) -> str:
        about = self._request
        return f"Page({about.geo.id}, {about.framework.id}, {about.language.code}, {about.edition})"

    @cached_property
    def profile(self) -> Profile:
        """Every number of the report."""
        about = self._request
        return _profile(self._processed, about.geo.id, about.framework.id, about.edition)

    @cached_property
    def figures(self) -> pd.DataFrame:
        """The municipality's rows of estimates: every period, sex and interval, with its snapshot."""
        import pandas as pd  # noqa: PLC0415 - for researchers; a report writes `figures_csv`

        return pd.DataFrame(self._figures)

    def figures_csv(self) -> bytes:
        """Return `figures` as the CSV file that lies beside a report."""
        return tables.figures_csv(self._figures)

    def style(self) -> Html:
        """The look of the page inside a notebook; a report brings its own."""
        return Html("Style of the page", fragments.notebook_style())

    def heading(self) -> Html:
        """Name, network, strategy, edition and key facts."""
        return Html(repr(self), fragments.heading(self.profile, self._language))

    def in_brief(self) -> Html:
        """What stands out, in a few lines."""
        return Html(f"In brief: {self!r}", fragments.in_brief(self.profile, self._language))

    def overview(self) -> Barometer:
        """The barometer: every indicator on one line against country and group."""
        return barometer(self.profile, self._language)

    def areas(self) -> Parts:
        """A section for each strategic area in the framework's order."""
        return Parts(tuple(part for s in self.profile.sections for part in self._section(s)))

    def area(self, id: str) -> Parts:
        """The section of one strategic area: text, key table, trends and maps."""
        sections = {section.area.id: section for section in self.profile.sections}
        if id not in sections:
            raise UnknownName(id, sections)
        return Parts(self._section(sections[id]))

    def others(self) -> Parts:
        """Indicators that serve no area of this framework; empty where all do."""
        lines = self.profile.others
        if not lines:
            return Parts(())
        say = self._language.say
        text = AreaText(
            name=say("Other indicators"),
            promise=say(
                "These indicators serve no area of this strategy. They are open, and shown."
            ),
            gap="",
        )
        # Without a rationale: what serves no area has no role there either.
        services = (Service(line.indicator.id, Role.CONTEXT, {}) for line in lines)
        area = StrategicArea("other-indicators", {self._language.code: text})
        return Parts(self._section(Section(area, tuple(zip(services, lines, strict=True)))))

    def trend(self, indicator: str) -> Figure | None:
        """One indicator through time; None where there is only one period."""
        return self._trend(self._line(indicator))

    def map(self, indicator: str) -> Drawing:
        """One indicator in every municipality of the country, this one marked."""
        line = self._line(indicator)
        return choropleth(
            line.indicator,
            profiles.everywhere(self._processed, indicator),
            self._request.geo.id,
            _names(self._request.country.id, self._language.code),
            _shapes(self._processed),
            self._language,
        )

    def for_whom(self) -> Parts:
        """Differences between women and men, and what open figures do not show."""
        chart = sexes([line for line in self.profile.lines if line.by_sex], self._language)
        text = Html("For whom", fragments.for_whom(self.profile, self._language))
        return Parts((text, *([chart] if chart else [])))

    def trends(self) -> Parts:
        """The change a year of each indicator that is known over time, and which are no chance."""
        html = trends.part(self.profile, self._language)
        return Parts((Html("Since when", html),)) if html else Parts(())

    def across(self) -> Parts:
        """Inequality across municipalities: the same for all, but where this one stands."""
        html = across.part(self.profile, self._language)
        if not html:
            return Parts(())
        curves = concentration(self.profile.across, self._language)
        return Parts((Html("Across municipalities", html), *([curves] if curves else [])))

    def certainty(self) -> Parts:
        """How sure the figures are: funnels, places as ranges, and patterns on the map."""
        html = certainty.part(self.profile, self._language)
        names = {"municipality": self._request.geo.name(self._language.code)}
        charts = (funnel(found, self._language, names) for found in self.profile.funnels)
        return Parts((Html("How sure", html), *charts)) if html else Parts(())

    def peers(self) -> Html:
        """The nearest statistical neighbours, and how they lie in each indicator."""
        return Html("Similar municipalities", peers.part(self.profile, self._language))

    def abroad(self) -> Parts:
        """The country beside others, in what may be compared; empty where nothing may."""
        html = abroad.part(self.profile, self._language)
        return Parts((Html("Across borders", html),)) if html else Parts(())

    def recasting(self) -> Parts:
        """How figures of former municipalities came here; empty where there are none."""
        html = recasting.part(self.profile, self._language)
        return Parts((Html("From former municipalities", html),)) if html else Parts(())

    def definitions(self) -> Html:
        """What each indicator counts, over whom, and how sure it is."""
        return Html("Definitions", fragments.definitions(self.profile, self._language))

    def sources(self) -> Html:
        """Provider, table, period and licence of every figure."""
        return Html("Sources", fragments.sources(self.profile, self._language))

    @property
    def _figures(self) -> dict[str, list[object]]:
        rows = self._processed.estimates_by_geo
        cells = rows.part(self._request.geo.id, *rows.columns)
        return dict(zip(rows.columns, cells, strict=True))

    def _line(self, indicator: str) -> Line:
        lines = {line.indicator.id: line for line in self.profile.lines}
        if indicator not in lines:
            raise UnknownIndicator(indicator, lines)
        return lines[indicator]

    def _trend(self, line: Line) -> Figure | None:
        benchmarks = self._register.benchmarks(self._request.geo)
        names = {kind: geo.name(self._language.code) for kind, geo in benchmarks.items()}
        names["municipality"] = self._request.geo.name(self._language.code)
        return trend(line, self._language, names)

    def _section(self, section: Section) -> tuple[object, ...]:
        html = fragments.section(self.profile, section, self._language)
        name = section.area.text[self._language.code].name
        # An indicator that serves two areas is drawn in the first only, and stands in both tables.
        drawn = {line.indicator.id for s in self._before(section) for _, line in s.lines}
        lines = [line for _, line in section.lines if line.indicator.id not in drawn]
        charts = [chart for chart in map(self._trend, lines) if chart]
        return (
            Html(name, html),
            *charts,
            *(self.map(id) for id in section.area.maps if self._is_mapped(id)),
        )

    def _is_mapped(self, indicator: str) -> bool:
        """Return whether half of the municipalities have a figure: a map of fewer tells nothing."""
        if indicator not in {line.indicator.id for line in self.profile.lines}:
            return False
        values = profiles.everywhere(self._processed, indicator).values()
        known = sum(value.value is not None for value in values)
        return 2 * known >= len(values)

    def _before(self, section: Section) -> tuple[Section, ...]:
        """Return the sections above one; above the other indicators, which are in none, all."""
        sections = self.profile.sections
        return sections[: sections.index(section)] if section in sections else ()


@lru_cache(maxsize=2)
def _profile(processed: Processed, geo: str, framework: str, edition: str) -> Profile:
    """Return a profile, kept for whoever asks for the same one next: its report's record does."""
    declared = catalog.load()
    register = geography.load(processed.plan.country.id)
    return profiles.make(
        processed, declared, register, register[geo], declared.frameworks[framework], edition
    )


@once
def _shapes(processed: Processed) -> MapShapes:
    return shapes(processed.outlines, processed.plan.country.insets)


@cache
def _names(country: str, language: str) -> dict[str, str]:
    return {m.id: m.name(language) for m in geography.load(country).municipalities}


def open_page(
    municipality: object,
    language: str = "",
    framework: str = "",
    edition: object = "",
    workspace: Workspace | None = None,
) -> Page:
    """Open the page of a municipality; figures are built first where anything has changed.

    Parameters
    ----------
    municipality : str
        Id, code or name in any spelling: ``DK-101``, ``101``, ``København``, ``Copenhagen``.
    language, framework, edition : str, optional
        The country's own language and framework and the lock's edition where left empty.
    workspace : Workspace, optional
        Found from the current folder where left out.

    Raises
    ------
    UserError
        If something asked for does not exist; the message gives the nearest names.
    """
    place = workspace or Workspace.find()
    request = resolve(place, municipality, language, framework, edition)
    return Page(building.opened(place, request.country.id), request)
