"""Arrays in, `Estimate` out: the statistics of health indicators.

Each function takes numbers or arrays and a confidence level, checks them, and returns values with
limits. What to do with few events, and what to show, is decided elsewhere.
"""

from healthindicators.statistics.comparison import (
    HealthGroups,
    Overdispersion,
    RankUncertainty,
    RecentTrend,
    WeightedTrend,
    benchmark_error,
    benjamini_hochberg,
    compare_by_control_limits,
    compare_by_interval,
    compare_by_intervals,
    funnel_limits,
    health_groups,
    overdispersion,
    p_value_from_interval,
    p_value_of_count,
    p_value_of_proportion,
    rank_uncertainty,
    recent_trend,
    recent_trend_of_proportions,
    weighted_trend,
)
from healthindicators.statistics.estimate import Estimate
from healthindicators.statistics.indirect import (
    indirectly_standardised_rate,
    indirectly_standardised_ratio,
    observed_to_expected,
)
from healthindicators.statistics.inequality import (
    ConcentrationCurve,
    Decomposition,
    absolute_concentration_index,
    atkinson,
    between_group_standard_deviation,
    between_group_variance,
    coefficient_of_variation,
    concentration_curve,
    difference,
    gini,
    index_of_disparity,
    mean_difference_from_best,
    mean_difference_from_mean,
    mean_difference_from_reference,
    mean_log_deviation,
    minimum_detectable_inequality,
    population_attributable_fraction,
    population_attributable_risk,
    ratio,
    relative_concentration_index,
    relative_index,
    slope_index,
    theil_decomposition,
    theil_index,
)
from healthindicators.statistics.life_table import life_expectancy
from healthindicators.statistics.mean import mean_interval
from healthindicators.statistics.mover import difference_of_estimates, ratio_of_estimates
from healthindicators.statistics.neighbours import (
    Neighbours,
    nearest_neighbours,
)
from healthindicators.statistics.pairs import (
    difference_of_proportions,
    difference_of_rates,
    ratio_of_proportions,
    ratio_of_rates,
)
from healthindicators.statistics.periods import PooledPeriods, pooled_periods
from healthindicators.statistics.proportion import clopper_pearson, wilson
from healthindicators.statistics.quantiles import quantile_groups
from healthindicators.statistics.rate import byar, poisson_exact
from healthindicators.statistics.shrinkage import (
    empirical_bayes,
)
from healthindicators.statistics.space import (
    LocalMoran,
    Moran,
    local_moran,
    moran,
    moran_values_of_rates,
)
from healthindicators.statistics.standardisation import (
    directly_standardised_rate,
    directly_standardised_rate_of_repeated_events,
)
from healthindicators.statistics.standards import ESP2013, standard_weights

__all__ = [
    "ESP2013",
    "ConcentrationCurve",
    "Decomposition",
    "Estimate",
    "HealthGroups",
    "LocalMoran",
    "Moran",
    "Neighbours",
    "Overdispersion",
    "PooledPeriods",
    "RankUncertainty",
    "RecentTrend",
    "WeightedTrend",
    "absolute_concentration_index",
    "atkinson",
    "benchmark_error",
    "benjamini_hochberg",
    "between_group_standard_deviation",
    "between_group_variance",
    "byar",
    "clopper_pearson",
    "coefficient_of_variation",
    "compare_by_control_limits",
    "compare_by_interval",
    "compare_by_intervals",
    "concentration_curve",
    "difference",
    "difference_of_estimates",
    "difference_of_proportions",
    "difference_of_rates",
    "directly_standardised_rate",
    "directly_standardised_rate_of_repeated_events",
    "empirical_bayes",
    "funnel_limits",
    "gini",
    "health_groups",
    "index_of_disparity",
    "indirectly_standardised_rate",
    "indirectly_standardised_ratio",
    "life_expectancy",
    "local_moran",
    "mean_difference_from_best",
    "mean_difference_from_mean",
    "mean_difference_from_reference",
    "mean_interval",
    "mean_log_deviation",
    "minimum_detectable_inequality",
    "moran",
    "moran_values_of_rates",
    "nearest_neighbours",
    "observed_to_expected",
    "overdispersion",
    "p_value_from_interval",
    "p_value_of_count",
    "p_value_of_proportion",
    "poisson_exact",
    "pooled_periods",
    "population_attributable_fraction",
    "population_attributable_risk",
    "quantile_groups",
    "rank_uncertainty",
    "ratio",
    "ratio_of_estimates",
    "ratio_of_proportions",
    "ratio_of_rates",
    "recent_trend",
    "recent_trend_of_proportions",
    "relative_concentration_index",
    "relative_index",
    "slope_index",
    "standard_weights",
    "theil_decomposition",
    "theil_index",
    "weighted_trend",
    "wilson",
]
