"""What the numbers of a table support: summaries, paired tests, families, resampling, ranks.

Pure functions of scores and predictions. SciPy and scikit-posthocs take seconds to import and only
a report with results needs them, so each is imported on first use.
"""

from benchmark.statistics.expected_best import expected_best, expected_best_curve
from benchmark.statistics.families import holm, smallest_detectable_effect
from benchmark.statistics.level import ALPHA
from benchmark.statistics.paired import PairedComparison, paired_comparison
from benchmark.statistics.power import (
    RepetitionsNeeded,
    repetitions_for_power,
    repetitions_for_width,
)
from benchmark.statistics.prediction import PredictionInterval, prediction_interval
from benchmark.statistics.probability import Superiority, probability_of_superiority
from benchmark.statistics.ranks import (
    RankAnalysis,
    RankTest,
    analyse_ranks,
    critical_difference,
    critical_difference_to_baseline,
)
from benchmark.statistics.resampled_iou import bootstrap_iou_differences
from benchmark.statistics.resampling import (
    bootstrap_differences,
    few_groups,
    percentile_interval,
    weighted_f1,
)
from benchmark.statistics.seeds import seed_warnings
from benchmark.statistics.summary import Arrow, compare, mean, mean_of_columns, standard_deviation

__all__ = [
    "ALPHA",
    "Arrow",
    "PairedComparison",
    "PredictionInterval",
    "RankAnalysis",
    "RankTest",
    "RepetitionsNeeded",
    "Superiority",
    "analyse_ranks",
    "bootstrap_differences",
    "bootstrap_iou_differences",
    "compare",
    "critical_difference",
    "critical_difference_to_baseline",
    "expected_best",
    "expected_best_curve",
    "few_groups",
    "holm",
    "mean",
    "mean_of_columns",
    "paired_comparison",
    "percentile_interval",
    "prediction_interval",
    "probability_of_superiority",
    "repetitions_for_power",
    "repetitions_for_width",
    "seed_warnings",
    "smallest_detectable_effect",
    "standard_deviation",
    "weighted_f1",
]
