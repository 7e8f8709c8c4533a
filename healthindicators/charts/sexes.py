"""Women and men side by side: a dot each, its whisker where there is an interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from healthindicators.charts import palette, scale, words
from healthindicators.charts.figure import Figure, Table
from healthindicators.charts.layout import BASE, TITLE, merged
from healthindicators.charts.markup import safe
from healthindicators.profile import Line, Value
from healthindicators.text import Language

ROW = 136
"""Pixels that one indicator takes: heading, two dots and an axis of its own, as units differ."""

LEFT = 60

_SEXES = ("female", "male")
_MARKS = {"female": ("circle", palette.WOMEN), "male": ("square", palette.MEN)}


def sexes(lines: Sequence[Line], language: Language) -> Figure | None:
    """Draw the indicators that are known for women and for men.

    Parameters
    ----------
    lines : sequence of Line
        All lines of a profile; those without both sexes are passed over.
    language : Language
        Of the reader.

    Returns
    -------
    Figure or None
        None when no indicator has a value for both.
    """
    shown = [line for line in lines if _complete(line)]
    if not shown:
        return None
    height = ROW * len(shown)
    layout: dict[str, Any] = {
        "height": height,
        "margin": {"l": LEFT, "r": 16, "t": 0, "b": 0},
        "separators": scale.separators(language),
        "hovermode": "closest",
        "annotations": [],
    }
    data: list[dict[str, Any]] = []
    for number, line in enumerate(shown):
        suffix = str(number + 1) if number else ""
        layout |= _axes(line, suffix, 1 - number / len(shown), 1 / len(shown), language)
        layout["annotations"].append(_heading(line, 1 - number / len(shown), language))
        data += [_dot(line, sex, suffix, language) for sex in _SEXES]
    alt = " ".join(_sentence(line, language) for line in shown)
    return Figure(alt, {"data": data, "layout": merged(BASE, layout)}, _table(shown, language))


def _complete(line: Line) -> bool:
    return all(sex in line.by_sex and line.by_sex[sex].value is not None for sex in _SEXES)


def _label(sex: str, language: Language) -> str:
    return language.say("Women") if sex == "female" else language.say("Men")


def _axes(line: Line, suffix: str, top: float, tall: float, language: Language) -> dict[str, Any]:
    """Return the axes of one indicator, which has its own as units differ."""
    low, high = scale.extent(n for sex in _SEXES for n in _limits(line.by_sex[sex]))
    marks = scale.ticks(low, high)
    decimals = scale.decimals_of(marks)
    across = {
        "anchor": f"y{suffix}", "range": [low, high], "tickvals": list(marks),
        "ticktext": [language.number(m, decimals) for m in marks],
        "ticks": "",
        "showgrid": True, "gridcolor": palette.RULE, "zeroline": False, "fixedrange": True,
    }  # fmt: skip
    upwards = {
        "anchor": f"x{suffix}", "range": [-0.5, 2.0],
        "domain": [round(top - tall * 0.78, 4), round(top - tall * 0.27, 4)],
        "tickvals": [1, 0], "ticktext": [_label(sex, language) for sex in _SEXES],
        "showgrid": False, "zeroline": False, "fixedrange": True,
    }  # fmt: skip
    return {f"xaxis{suffix}": across, f"yaxis{suffix}": upwards}


def _limits(value: Value) -> list[float]:
    return [n for n in (value.lower, value.value, value.upper) if n is not None]


def _heading(line: Line, top: float, language: Language) -> dict[str, Any]:
    indicator = line.indicator
    unit = words.unit(indicator.unit, language)
    period = words.period(line.by_sex["female"], indicator, language)
    below = language.say("{unit}, {period}", unit=unit, period=period)
    low, _ = scale.extent(n for sex in _SEXES for n in _limits(line.by_sex[sex]))
    if low > 0:
        below = language.say("{unit}; the axis does not start at zero", unit=below)
    name = safe(words.text_of(indicator, language).short)
    own = {
        "text": f'<b style="font-size:14px;fill:{palette.INK}">{name}</b><br>{safe(below)}',
        "xshift": -LEFT, "y": round(top, 4), "yshift": 0, "borderpad": 1,
    }  # fmt: skip
    return {**TITLE, **own}


def _dot(line: Line, sex: str, suffix: str, language: Language) -> dict[str, Any]:
    value, indicator = line.by_sex[sex], line.indicator
    symbol, colour = _MARKS[sex]
    at = round(value.value or 0.0, indicator.decimals)
    dot: dict[str, Any] = {
        "mode": "markers+text",
        "name": _label(sex, language),
        "x": [at],
        "y": [1 if sex == "female" else 0],
        "xaxis": f"x{suffix}",
        "yaxis": f"y{suffix}",
        "text": [words.number(value, indicator, language)],
        "textposition": "top center",
        "textfont": {"color": palette.INK},
        "marker": {"symbol": symbol, "color": colour, "size": 10},
        "hovertemplate": "%{text}",
    }
    if value.lower is not None and value.upper is not None:
        dot["error_x"] = {
            "type": "data",
            "symmetric": False,
            "array": [round(value.upper - at, indicator.decimals + 1)],
            "arrayminus": [round(at - value.lower, indicator.decimals + 1)],
            "width": 3,
            "thickness": 1.4,
            "color": colour,
        }
    return dot


def _sentence(line: Line, language: Language) -> str:
    indicator, by_sex = line.indicator, line.by_sex
    return language.say(
        "{indicator}, {unit}, {period}: women {female}, men {male}.",
        indicator=words.text_of(indicator, language).name,
        unit=words.unit(indicator.unit, language),
        period=words.period(by_sex["female"], indicator, language),
        female=words.number(by_sex["female"], indicator, language),
        male=words.number(by_sex["male"], indicator, language),
    )


def _table(lines: Sequence[Line], language: Language) -> Table:
    say = language.say
    columns = (
        say("Indicator"), say("Period"),
        say("Women"), say("Women, 95% interval"), say("Men"), say("Men, 95% interval"),
    )  # fmt: skip
    rows = []
    for line in lines:
        indicator = line.indicator
        cells = [words.period(line.by_sex["female"], indicator, language)]
        for sex in _SEXES:
            value = line.by_sex[sex]
            cells += [
                words.number(value, indicator, language),
                words.interval(value, indicator, language)
                or words.why_short(value.reason, language),
            ]
        rows.append((words.text_of(indicator, language).name, *cells))
    return Table(say("Figures behind the picture: women and men"), columns, tuple(rows))
