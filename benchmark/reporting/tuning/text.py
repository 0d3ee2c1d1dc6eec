"""What a reader must know to judge the tables of tuning."""

from collections.abc import Sequence

from benchmark.planning.config import Suite
from benchmark.reporting.small_print import SmallPrint
from benchmark.reporting.tuning.findings import TunedCell
from benchmark.reporting.wording import (
    DIFFERS,
    SPREAD,
    counted,
    score_text,
    selection_text,
    test_name,
)
from benchmark.statistics import ALPHA
from benchmark.tuning.plan import RUNG, TuningPlan


def tuning_notes(
    suite: Suite, trials: TuningPlan, found: Sequence[TunedCell], metric: str
) -> SmallPrint:
    """What is said on what was tuned, how it was chosen, and what the tables show."""
    tuning = trials.tuning
    tests = dict.fromkeys(
        test_name(cell.change.comparison.test_to_training is not None)
        for cell in found
        if cell.change.comparison is not None
    )
    places = ", ".join(map(str, trials.repetitions))
    missing = sum(cell.outcome.missing for cell in found)
    pruned = sum(len(cell.outcome.pruned) for cell in found)
    return SmallPrint(
        scores=f"{score_text(metric)}, {SPREAD} over {counted(len(suite.seeds))}; "
        f"{selection_text(metric)}.",
        marks=f"{DIFFERS}: below {ALPHA:g} after Holm's correction over all rows and columns, each "
        "of these by itself: tuned against default, gains by default, gains tuned.",
        caution=f"{missing} of {len(found) * tuning.trials} trials have no score, as they failed "
        "or are not done; the best values are those among the others."
        if missing
        else "",
        columns=(
            "epoch_share is the share of the suite's epochs; weight_decay is AdamW's, not on norms "
            "and biases.",
        ),
        notes=(
            f"Every row but TEACHER has {tuning.trials} trials in each column: its default, and "
            f"{tuning.trials - 1} random draws from its search space. The best validation {metric} "
            f"on repetition {places} chooses, which is not reported; no test score is looked at.",
            "Teachers are those of the suite, with its settings, in trials and reported "
            "repetitions.",
            "Repetitions that draw their split from one data set share samples: what a trial is "
            "chosen by can be among the test samples of a reported repetition, for every row "
            "alike.",
            *([f"Interval and p: {' or '.join(tests)}."] if tests else []),
            *(
                [
                    f"{pruned} of {len(found) * (tuning.trials - 1)} draws were pruned: as runs of "
                    f"a share of {RUNG:g} of their epochs they scored below the median of their "
                    "row's draws on validation (optuna's MedianPruner), and were not tried in "
                    "full; of their cells there is no expected best score."
                ]
                if pruned
                else []
            ),
        ),
    )
