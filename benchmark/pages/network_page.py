"""One deployed network on the page of its run: scores, classes, confusions, curve."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmark.pages.chart import block_chart, marker
from benchmark.pages.layout import heading, percent_or_dash, sentence
from benchmark.records.record import DeploymentResult
from benchmark.records.scores import AnyScores
from benchmark.statistics.class_scores import class_scores, confusions
from benchmark.statistics.percent import percent
from core.errors import UserError

MOST_CLASSES = 20  # of a confusion matrix that is printed whole
MOST_CONFUSIONS = 10
MOST_SAMPLES = 10**12
_LONGEST_NAME = 24


def print_network(
    console: Console, name: str, result: DeploymentResult, class_names: Sequence[str]
) -> None:
    """Print scores of both checkpoints, and the selected one's test results class by class.

    Raises:
        UserError: the confusion matrix is not one of these classes.
    """
    test = result.selected.test
    confusion = test.confusion
    _check_counts(confusion, len(class_names), name)
    heading(console, f"Network {name}: {result.parameters:,} parameters")
    console.print(_scores(result))
    heading(console, f"{name}, selected checkpoint on test, class by class")
    console.print(_classes(test, class_names))
    heading(console, f"{name}, confusions on test (rows: true, columns: predicted)")
    _print_confusions(console, confusion, class_names, test.COUNTED)
    metric = result.selected.test.headline_label()
    heading(console, f"{name}, {metric} on validation per epoch, in percent")
    curve = [100 * value for value in result.validation_curve]
    print_curve(console, curve, {name: result.selected.epoch})


def _check_counts(confusion: Sequence[Sequence[int]], classes: int, name: str) -> None:
    square = len(confusion) == classes and all(len(row) == classes for row in confusion)
    if not square or not all(0 <= count <= MOST_SAMPLES for row in confusion for count in row):
        raise UserError(
            f"the confusion matrix of network {name} is not one of counts, {classes} x {classes} "
            "as the record has classes; the record was changed: train its run again"
        )


def print_curve(console: Console, values: Sequence[float], selected: Mapping[str, int]) -> None:
    """Print a curve over epochs with the selected epoch of each network, counted from 0."""
    if not values:
        sentence(console, "no values")
        return
    for line in block_chart(values, console.width):
        console.print(line, no_wrap=True)
    for name, epoch in selected.items():
        if epoch < len(values):
            label = f"selected for {name}: epoch {epoch + 1} of {len(values)}"
            console.print(marker(values, console.width, epoch, label), no_wrap=True)
    low, high = min(values), max(values)
    sentence(
        console,
        f"first {values[0]:.4g}, min {low:.4g} (epoch {values.index(low) + 1}), "
        f"max {high:.4g} (epoch {values.index(high) + 1}), last {values[-1]:.4g}",
    )


def _scores(result: DeploymentResult) -> Table:
    metrics = result.selected.test.METRICS
    table = Table("checkpoint", "part", *metrics.values(), caption="in percent")
    for column in table.columns[2:]:
        column.justify = "right"
    for label, evaluation in (("selected", result.selected), ("last", result.last)):
        checkpoint = f"{label}, epoch {evaluation.epoch + 1}"
        parts = (("validation", evaluation.validation), ("test", evaluation.test))
        for part, scores in parts:
            table.add_row(checkpoint, part, *map(percent, scores.values.values()))
    return table


def _classes(test: AnyScores, class_names: Sequence[str]) -> Table:
    others = test.of_classes
    table = Table("", "class", test.COUNTED, "precision", "recall", "F1", *others)
    for column in table.columns[2:]:
        column.justify = "right"
    scores = class_scores(test.confusion)
    for index, name in enumerate(class_names):
        values = (scores.precision[index], scores.recall[index], scores.f1[index])
        more = (percent_or_dash(own[index]) for own in others.values())
        table.add_row(
            str(index + 1), name, str(scores.support[index]), *map(percent, values), *more
        )
    return table


def _print_confusions(
    console: Console,
    confusion: Sequence[Sequence[int]],
    class_names: Sequence[str],
    counted: str,
) -> None:
    lines = _matrix(confusion, class_names)
    if len(class_names) <= MOST_CLASSES and lines[0].cell_len <= console.width:
        for line in lines:
            console.print(line, no_wrap=True)
        return
    found = confusions(confusion)
    shown = found[:MOST_CONFUSIONS]
    sentence(
        console,
        f"The matrix of {len(class_names)} classes does not fit here; the {len(shown)} largest of "
        f"{len(found)} confusions:",
    )
    table = Table("true", "predicted", counted, "of the true class")
    for entry in shown:
        share = entry.count / sum(confusion[entry.true])
        names = class_names[entry.true], class_names[entry.predicted]
        table.add_row(*names, str(entry.count), f"{100 * share:.1f} %")
    console.print(table)


def _matrix(confusion: Sequence[Sequence[int]], class_names: Sequence[str]) -> list[Text]:
    """The matrix as lines of equal width; classes are numbered, and rows bear names too."""
    labels = [f"{index} {name}" for index, name in enumerate(class_names, start=1)]
    longest = min(max(map(cell_len, labels)), _LONGEST_NAME)
    largest = max(len(class_names), *(count for row in confusion for count in row))
    width = len(str(largest)) + 1
    head = "".join(f"{index:>{width}}" for index in range(1, len(class_names) + 1))
    lines = [Text(" " * longest + head, "dim")]
    for true, row in enumerate(confusion):
        line = Text(set_cell_size(labels[true], longest))
        for predicted, count in enumerate(row):
            style = "bold" if true == predicted else ""
            line.append(f"{count or '·':>{width}}", style if count else "dim")
        lines.append(line)
    return lines
