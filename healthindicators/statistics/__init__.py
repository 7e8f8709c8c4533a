"""Arrays in, `Estimate` out: the statistics of health indicators.

Each function takes numbers or arrays and a confidence level, checks them, and returns values with
limits. What to do with few events, and what to show, is decided elsewhere.
"""

from healthindicators.statistics.estimate import Estimate
from healthindicators.statistics.life_table import life_expectancy
from healthindicators.statistics.proportion import wilson
from healthindicators.statistics.rate import byar, poisson_exact
from healthindicators.statistics.standardisation import directly_standardised_rate
from healthindicators.statistics.standards import ESP2013, standard_weights

__all__ = [
    "ESP2013",
    "Estimate",
    "byar",
    "directly_standardised_rate",
    "life_expectancy",
    "poisson_exact",
    "standard_weights",
    "wilson",
]
