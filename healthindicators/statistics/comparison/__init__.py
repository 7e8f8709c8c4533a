"""Comparison of values with benchmarks, over time, and with each other."""

from healthindicators.statistics.comparison.funnel import (
    Overdispersion,
    benchmark_error,
    funnel_limits,
    overdispersion,
)
from healthindicators.statistics.comparison.multiplicity import (
    benjamini_hochberg,
    p_value_from_interval,
    p_value_of_count,
    p_value_of_proportion,
)
from healthindicators.statistics.comparison.ranks import (
    HealthGroups,
    RankUncertainty,
    health_groups,
    rank_uncertainty,
)
from healthindicators.statistics.comparison.trend import (
    RecentTrend,
    WeightedTrend,
    recent_trend,
    recent_trend_of_proportions,
    weighted_trend,
)
from healthindicators.statistics.comparison.verdict import (
    compare_by_control_limits,
    compare_by_interval,
    compare_by_intervals,
)

__all__ = [
    "HealthGroups",
    "Overdispersion",
    "RankUncertainty",
    "RecentTrend",
    "WeightedTrend",
    "benchmark_error",
    "benjamini_hochberg",
    "compare_by_control_limits",
    "compare_by_interval",
    "compare_by_intervals",
    "funnel_limits",
    "health_groups",
    "overdispersion",
    "p_value_from_interval",
    "p_value_of_count",
    "p_value_of_proportion",
    "rank_uncertainty",
    "recent_trend",
    "recent_trend_of_proportions",
    "weighted_trend",
]
