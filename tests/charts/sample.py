"""A small profile made by hand: every case a chart must take, with figures easy to check."""

from dataclasses import replace

from healthindicators.model import (
    AreaText,
    Country,
    Expectation,
    Framework,
    FrameworkText,
    Geo,
    Indicator,
    IndicatorText,
    Level,
    Measure,
    Period,
    Polarity,
    Role,
    Service,
    Sidecar,
    StrategicArea,
)
from healthindicators.profile import (
    Benchmark,
    Change,
    KeyFact,
    Line,
    Position,
    Profile,
    Section,
    SourceLine,
    Spread,
    Value,
)

HERE = Geo("DK-751", "751", Level.MUNICIPALITY, {"da": "Aarhus"})
REGION = Geo("DK-R1082", "1082", Level.REGION, {"da": "Region Midtjylland"})
GROUP = Geo("DK-G1", "1", Level.GROUP, {"da": "Storbykommuner"})
DENMARK = Geo("DK", "000", Level.COUNTRY, {"da": "Danmark", "en": "Denmark"})
COUNTRY = Country("DK", {"da": "Danmark", "en": "Denmark"}, ("da", "en"), "f", 25832, {})
NAMES = {"municipality": "Aarhus", "country": "Denmark", "group": "Storbykommuner"}


def indicator(id="daily-smoking", name="Daily smoking", **changes):
    text = IndicatorText(name, name, f"What {name} is.", "Residents", "Beware of it.")
    made = Indicator(
        id, "percent", Measure.PROPORTION, Polarity.LOWER_IS_BETTER, 1, "16+", Expectation(0, 100),
        {"en": text},
    )  # fmt: skip
    return replace(made, **changes)


def value(number, first=2025, last=None, reach=None, reason=""):
    lower, upper = (None, None) if reach is None else (number - reach, number + reach)
    return Value(
        Period(first, last or first), number, lower, upper,
        "none" if reach is None else "wilson",
        "missing" if number is None else "observed", reason,
    )  # fmt: skip


def benchmark(geo, number, verdict="cannot-say", published=True, **years):
    return Benchmark(geo, value(number, **years), published, verdict)


WAVES = (2010, 2013, 2017, 2021, 2025)
SURVEY = "survey-interval-not-published"

SMOKING = Line(
    indicator(),
    "survey",
    value(8.3, reason=SURVEY),
    {
        "country": benchmark(DENMARK, 10.512345678, published=False),
        "region": benchmark(REGION, 9.9),
        "group": benchmark(GROUP, 8.5),
    },
    Position(13, 14, 98, 1),
    Spread(5.1, 9.1, 10.9, 12.6, 18.3),
    Change(Period(2021, 2021), -2.8),
    Change(Period(2010, 2010), -8.9),
    tuple(map(value, (17.2, 14.7, None, 11.1, 8.3), WAVES)),
    {"country": tuple(map(value, (20.9, 17.0, 16.9, 13.9, 10.5), WAVES))},
)  # fmt: skip

EXPECTANCY = Line(
    indicator(
        "life-expectancy", "Life expectancy", unit="years", measure=Measure.LIFE_EXPECTANCY,
        polarity=Polarity.HIGHER_IS_BETTER,
    ),
    "register",
    value(82.4, 2021, 2025, reach=0.3),
    {"country": benchmark(DENMARK, 81.6, "better", first=2021, last=2025)},
    Position(12, 25, 94, None),
    Spread(78.6, 80.9, 81.4, 82.0, 84.1),
    series=tuple(value(78.0 + i / 5, 2001 + i, 2005 + i, reach=0.3) for i in range(21)),
    benchmark_series={"country": tuple(value(77.3 + i / 5, 2001 + i, 2005 + i) for i in range(15))},
    by_sex={"female": value(84.0, 2021, 2025, reach=0.4), "male": value(80.7, 2021, 2025)},
)  # fmt: skip

COMMUTING = Line(
    indicator("commuting", "Commuting", unit="kilometres", polarity=Polarity.NEUTRAL),
    "register",
    value(22.2, reach=0.2),
    {"country": benchmark(DENMARK, 22.9, "lower")},
    Position(69, 69, 98, 4),
    Spread(12.4, 19.0, 23.0, 27.0, 33.0),
)

POVERTY = Line(
    indicator("child-poverty", "Child poverty"),
    "register",
    value(5.0, reach=0.3),
    {"country": benchmark(DENMARK, 4.4, "worse")},
    Position(75, 76, 98, 4),
    Spread(1.7, 3.2, 4.0, 5.0, 8.6),
)

LOANS = Line(
    indicator("library-loans", "Loans <b>&", polarity=Polarity.HIGHER_IS_BETTER, decimals=2),
    "register",
    value(None, reason="suppressed-by-provider"),
    {"country": benchmark(DENMARK, 4.16)},
    None,
    Spread(1.5, 3.0, 3.9, 4.8, 9.0),
)

AREA_TEXT = {
    "da": AreaText("Stigende ulighed", "Et løfte.", "Et hul."),
    "en": AreaText("Growing inequality", "A promise.", "A gap."),
}
EMPTY_TEXT = {"en": AreaText("Community", "Another promise.", "Nothing open measures it.")}


def service(line, role):
    return Service(line.indicator.id, role, {"en": f"Why {line.indicator.id}."})


INEQUALITY = Section(
    StrategicArea("inequality", AREA_TEXT),
    (
        (service(SMOKING, Role.DIRECT), SMOKING),
        (service(EXPECTANCY, Role.PROXY), EXPECTANCY),
        (service(LOANS, Role.CONTEXT), LOANS),
    ),
)
COMMUNITY = Section(StrategicArea("community", EMPTY_TEXT), ())
AGAIN = Section(
    StrategicArea("goals", {"en": AreaText("Goals", "P.", "")}),
    ((service(SMOKING, Role.PROXY), SMOKING), (service(POVERTY, Role.DIRECT), POVERTY)),
)

SIDECAR = Sidecar(
    "DK", "compiled", "health_profile", "National Health Profile", "Health Authority", "SIF1",
    "percent", "CC BY 4.0", "survey", "", "", "2026-11-22T01:35:00Z", "compiled", 1,
    "9f2c4be1a07d55e3" * 4,
)  # fmt: skip

PROFILE = Profile(
    HERE, REGION, GROUP, COUNTRY,
    Framework(
        "f", 2021, 2030, "da", "",
        {"en": FrameworkText("A strategy", "A network", "")},
        (INEQUALITY.area, COMMUNITY.area, AGAIN.area),
    ),
    "2026",
    (KeyFact("Residents", 349983.0, "persons", 0, Period(2020, 2020)),),
    (INEQUALITY, COMMUNITY, AGAIN),
    (COMMUTING,),
    (SourceLine(SIDECAR, (SMOKING.indicator,), 2010, 2025),),
)  # fmt: skip
