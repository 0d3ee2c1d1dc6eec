"""The terms of a run's loss, and what else its learner noted, at the epochs that matter."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from benchmark.pages.chart import block_chart
from benchmark.pages.layout import heading
from core.errors import UserError

_CHART_WIDTH = 24


def print_terms(
    console: Console, curves: Mapping[str, Sequence[float]], selected: Mapping[str, int]
) -> None:
    """Print the first value of each term, those at the selected epochs, the last, and the course.

    Args:
        console: where to.
        curves: name of a term -> its mean in each epoch; records of before have none.
        selected: deployed network -> its selected epoch, from 0.

    Raises:
        UserError: a curve ends before the others, or before a selected epoch.
    """
    if not curves:
        return
    heading(console, "Terms of the loss, and what else the learner noted: means over an epoch")
    epochs = len(next(iter(curves.values())))
    chosen = [
        (f"selected for {name}, epoch {epoch + 1}", epoch) for name, epoch in selected.items()
    ]
    for name, curve in curves.items():
        fits = all(0 <= epoch < epochs for epoch in (0, *selected.values()))
        if len(curve) != epochs or not fits:
            raise UserError(
                f"the record's curve of '{name}' has {len(curve)} epochs, which does not fit its "
                "other curves or selected epochs; move it aside with 'run_benchmark.py doctor "
                "--repair' and train its run again"
            )
    shown = [("first", 0), *chosen, ("last", epochs - 1)]
    table = Table("term", *(label for label, _ in shown), "course")
    for column in table.columns[1:-1]:
        column.justify = "right"
    for name, curve in curves.items():
        (course,) = block_chart(curve, _CHART_WIDTH, height=1)
        table.add_row(name, *(f"{curve[epoch]:.4g}" for _, epoch in shown), course)
    console.print(table)
