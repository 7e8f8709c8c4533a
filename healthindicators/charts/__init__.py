"""Pictures of a profile: plotly dictionaries, inline SVG and the barometer, each with words."""

from healthindicators.charts.barometer import Barometer, barometer
from healthindicators.charts.concentration import concentration
from healthindicators.charts.figure import Drawing, Figure, Table
from healthindicators.charts.funnel import funnel
from healthindicators.charts.map import MapShapes, choropleth
from healthindicators.charts.sexes import sexes
from healthindicators.charts.trend import trend

__all__ = [
    "Barometer",
    "Drawing",
    "Figure",
    "MapShapes",
    "Table",
    "barometer",
    "choropleth",
    "concentration",
    "funnel",
    "sexes",
    "trend",
]
