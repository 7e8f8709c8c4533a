"""Gradients made by hand, with figures easy to check, and as many as a country has."""

import math
from pathlib import Path

from healthindicators import countries, plan, snapshots
from healthindicators.model import Period
from healthindicators.profile import Across, Gradient, Inequality
from healthindicators.workspace import Workspace
from tests.charts.sample import EXPECTANCY, SMOKING, indicator

REPOSITORY = Path(__file__).resolve().parents[2]
INCOME = indicator("disposable-income", "Income", unit="dkk", decimals=0)
GRADES = indicator("exam-grade", "Grades", unit="grade", school_year=True)

BENT = ((0.0, 0.0), (0.25, 0.4), (0.5, 0.7), (1.0, 1.0))


def around(value, reach=0.1):
    """A measure with its interval; without one where there is no reach."""
    if reach is None:
        return Inequality(value, None, None, "none")
    return Inequality(value, value - reach, value + reach, "hc3")


def gradient(of=SMOKING.indicator, by=INCOME, relative=0.7, concentration=-0.08, **changes):
    fields = {
        "period": Period(2025, 2025),
        "condition_period": Period(2024, 2025) if by.school_year else Period(2024, 2024),
        "municipalities": 98,
        "least": 14.24,
        "most": 9.96,
        "slope": around(-4.6, 1.2),
        "relative": around(relative) if isinstance(relative, float) else relative,
        "concentration": None if concentration is None else around(concentration, 0.02),
        "curve": BENT,
        **changes,
    }
    return Gradient(indicator=of, condition=by, **fields)


def without_ratio(by=INCOME):
    """An indicator whose zero is arbitrary: it has a slope and nothing relative."""
    return gradient(GRADES, by, relative=None, concentration=None, curve=())


ACROSS = (
    Across(
        INCOME,
        None,
        None,
        (gradient(), gradient(EXPECTANCY.indicator, relative=1.03, concentration=0.004)),
    ),
    Across(GRADES, None, None, (gradient(by=GRADES, concentration=-0.0567),)),
)


def country(catalog):
    """As much as a country has: every shown indicator by two conditions, over 98 municipalities."""
    home = countries.home("DK")
    ours = plan.make(catalog, home, snapshots.read_lock(Workspace(REPOSITORY))).available
    shown = [i for id, i in catalog.indicators.items() if i.shown and id in ours]
    return tuple(
        Across(by, None, None, tuple(_rugged(i, by, n) for n, i in enumerate(shown) if i is not by))
        for by in (catalog.indicators["disposable-income"], catalog.indicators["exam-grade"])
    )


def _rugged(of, by, number):
    """A bent curve of 98 steps of unequal width, none of them straight on."""
    widths = [1 + (7 * step + number) % 11 for step in range(98)]
    shares, before = [0.0], 0
    for width in widths:
        before += width
        shares.append(before / sum(widths))
    bend = (number % 9 - 4) / 20
    curve = tuple((x, x + bend * x * (1 - x) + 0.004 * math.sin(40 * x) * (1 - x)) for x in shares)
    size = of.expect.maximum / 3
    return gradient(
        of, by, around(0.5 + number / 25, 0.111), (number - 13) / 100,
        least=size, most=0.7 * size, slope=around(-0.3 * size, 0.1 * size), curve=curve,
    )  # fmt: skip
