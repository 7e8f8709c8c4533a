"""Measures of inequality between groups: what each needs, and which way it points.

Values and populations of groups lie along the last axis, places along the leading ones. Measures
of ordered groups take them from the least to the most advantaged. The 21 summary measures of the
World Health Organization (Schlotheuber and Hosseinpoor, Int J Environ Res Public Health
2022;19:3697) are these:

===== =============================================== ==============================================
name  measure                                         here
===== =============================================== ==============================================
D     difference                                      `difference`
R     ratio                                           `ratio`
ACI   absolute concentration index                    `absolute_concentration_index`
RCI   relative concentration index                    `relative_concentration_index`
SII   slope index of inequality                       `slope_index`
RII   relative index of inequality                    `relative_index`
BGV   between-group variance                          `between_group_variance`
BGSD  between-group standard deviation                `between_group_standard_deviation`
COV   coefficient of variation                        `coefficient_of_variation`
MDMW  mean difference from mean, weighted             `mean_difference_from_mean`
MDMU  mean difference from mean, unweighted           the same, ``weighted=False``
MDBW  mean difference from best group, weighted       `mean_difference_from_best`
MDBU  mean difference from best group, unweighted     the same, ``weighted=False``
MDRW  mean difference from reference, weighted        `mean_difference_from_reference`
MDRU  mean difference from reference, unweighted      the same, ``weighted=False``
IDISU index of disparity, unweighted                  `index_of_disparity`
IDISW index of disparity, weighted                    the same, ``weighted=True``
TI    Theil index                                     `theil_index`
MLD   mean log deviation                              `mean_log_deviation`
PAR   population attributable risk                    `population_attributable_risk`
PAF   population attributable fraction                `population_attributable_fraction`
===== =============================================== ==============================================

Beyond these: Gini's and Atkinson's indices, the corrections of Wagstaff and Erreygers, the
concentration curve, the decomposition of entropy measures between and within larger groups, a
between-group variance without its noise, and the smallest inequality that data can show.
"""

from healthindicators.statistics.inequality.attributable import (
    population_attributable_fraction,
    population_attributable_risk,
)
from healthindicators.statistics.inequality.between_groups import (
    between_group_standard_deviation,
    between_group_variance,
    coefficient_of_variation,
    minimum_detectable_inequality,
)
from healthindicators.statistics.inequality.concentration import (
    ConcentrationCurve,
    absolute_concentration_index,
    concentration_curve,
    relative_concentration_index,
)
from healthindicators.statistics.inequality.entropy import (
    Decomposition,
    atkinson,
    mean_log_deviation,
    theil_decomposition,
    theil_index,
)
from healthindicators.statistics.inequality.gaps import difference, ratio
from healthindicators.statistics.inequality.gini import gini
from healthindicators.statistics.inequality.mean_differences import (
    index_of_disparity,
    mean_difference_from_best,
    mean_difference_from_mean,
    mean_difference_from_reference,
)
from healthindicators.statistics.inequality.slope import relative_index, slope_index

__all__ = [
    "ConcentrationCurve",
    "Decomposition",
    "absolute_concentration_index",
    "atkinson",
    "between_group_standard_deviation",
    "between_group_variance",
    "coefficient_of_variation",
    "concentration_curve",
    "difference",
    "gini",
    "index_of_disparity",
    "mean_difference_from_best",
    "mean_difference_from_mean",
    "mean_difference_from_reference",
    "mean_log_deviation",
    "minimum_detectable_inequality",
    "population_attributable_fraction",
    "population_attributable_risk",
    "ratio",
    "relative_concentration_index",
    "relative_index",
    "slope_index",
    "theil_decomposition",
    "theil_index",
]
