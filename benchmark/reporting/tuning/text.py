"""What a reader must know to judge the tables of tuning."""

from collections.abc import Sequence

from benchmark.planning.config import Suite
from benchmark.reporting.escape import escape_latex
from benchmark.reporting.grid import Grid, LatexStyle, latex_table
from benchmark.reporting.latex import latex_file
from benchmark.reporting.tuning.findings import TunedCell
from benchmark.reporting.wording import DIFFERS, SPREAD, score_text, selection_text, test_name
from benchmark.statistics import ALPHA
from benchmark.tuning.plan import RUNG, TuningPlan


def tuning_notes(
    suite: Suite, trials: TuningPlan, found: Sequence[TunedCell], metric: str
) -> list[str]:
    """Sentences on what was tuned, how it was chosen, and what the tables show."""
    tuning = trials.tuning
    tests = dict.fromkeys(
        test_name(cell.change.comparison.test_to_training is not None)
        for cell in found
        if cell.change.comparison is not None
    )
    places = ", ".join(map(str, trials.repetitions))
    missing = sum(cell.outcome.missing for cell in found)
    pruned = sum(len(cell.outcome.pruned) for cell in found)
    return [
        f"{score_text(metric)}, {SPREAD} over {len(suite.seeds)} repetitions; "
        f"{selection_text(metric)}.",
        f"Every row but TEACHER has {tuning.trials} trials in each column: its default, and "
        f"{tuning.trials - 1} random draws from its search space. The best validation {metric} "
        f"on repetition {places} chooses, which is not reported; no test score is looked at.",
        "Teachers are those of the suite, with its settings, in trials and reported repetitions.",
        "Repetitions that draw their split from one data set share samples: what a trial is chosen "
        "by can be among the test samples of a reported repetition, for every row alike.",
        *([f"Interval and p: {' or '.join(tests)}."] if tests else []),
        f"Marked {DIFFERS}: below {ALPHA:g} after Holm's correction over all rows and columns, "
        "each of these by itself: tuned against default, gains by default, gains tuned.",
        "epoch_share is the share of the suite's epochs; weight_decay is AdamW's, not on norms and "
        "biases.",
        *(
            [
                f"{pruned} of {len(found) * (tuning.trials - 1)} draws were pruned: as runs of a "
                f"share of {RUNG:g} of their epochs they scored below the median of their row's "
                "draws on validation (optuna's MedianPruner), and were not tried in full; of their "
                "cells there is no expected best score."
            ]
            if pruned
            else []
        ),
        *(
            [
                f"{missing} of {len(found) * tuning.trials} trials have no score, as they failed "
                "or are not done; the best values are those among the others."
            ]
            if missing
            else []
        ),
    ]


def render_tuning_latex(title: str, grids: Sequence[tuple[str, Grid]], notes: Sequence[str]) -> str:
    """Render tables for booktabs and xcolor; the notes become the caption of the first one."""
    parts: list[str] = []
    for heading, grid in grids:
        caption = f"{title}. {heading}." + ("" if parts else f" {' '.join(notes)}")
        columns = f"ll{'r' * (len(grid.aligned) - 2)}"
        parts.append(latex_table(grid, LatexStyle(escape_latex(caption), columns)))
    return latex_file(parts)
