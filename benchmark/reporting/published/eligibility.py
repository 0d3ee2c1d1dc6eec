"""What may be held against the paper's numbers: its data alone, and how the set-up differs."""

from collections.abc import Collection, Iterable, Sequence

from benchmark.planning.config import DatasetEntry, Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.networks import encoders_of
from benchmark.planning.task_settings import settings_of
from benchmark.records.spec import Training
from benchmark.reporting.published.printed import PublishedTable
from benchmark.reporting.tables import AVERAGE, Column, Table
from benchmark.reporting.wording import modality_heading
from benchmark.tasks import Task
from datasets import CARDS
from datasets.preparing.readers import READERS, PreparationOptions, resolve_options

_PROTOCOL = "as_described"  # what the paper's text says
REPETITIONS = 5  # behind each printed mean


def refused_columns(
    suite: Suite, table: Table, summaries: Sequence[DatasetSummary], printed: PublishedTable
) -> dict[Column, str]:
    """The columns of a table that are not compared, each with the reason as half a sentence."""
    by_name = {summary.name: summary for summary in summaries}
    refused: dict[Column, str] = {}
    wanted = printed.columns(table.scenario)
    averages = [column for column in table.columns if column.dataset == AVERAGE]
    for column in table.columns:
        if column in averages:
            continue
        reason = _why_not_the_papers(suite, by_name[column.dataset])
        if reason is None and (column.dataset, column.teacher, column.evaluated) not in wanted:
            heading = modality_heading(column, table.scenario)
            reason = f"the printed table has no column {heading} for it"
        if reason is None and not _any_run(table, column):
            reason = "no run of it is finished"
        if reason is not None:
            refused[column] = reason
    compared = {
        (column.dataset, column.teacher, column.evaluated)
        for column in table.columns
        if column not in refused
    }
    whole = {student for student in wanted if student[0] != AVERAGE} <= compared
    for column in averages:
        if not whole:
            refused[column] = "not every column of the printed average is compared"
        elif not _any_run(table, column):
            refused[column] = "no average is complete"
    return refused


def refusal_sentence(tables: Sequence[tuple[Table, dict[Column, str]]]) -> str | None:
    """One sentence on the columns that are not compared and why; None where all are."""
    reasons: dict[str, list[str]] = {}
    for _, refused in tables:
        for column, reason in refused.items():
            name = f"{column.label} {column.evaluated}".strip()
            reasons.setdefault(reason, []).append(name)
    if not reasons:
        return None
    if len(reasons) == 1 and all(len(refused) == len(table.columns) for table, refused in tables):
        return f"Nothing is compared with the printed table: {next(iter(reasons))}."
    listing = "; ".join(
        f"{', '.join(dict.fromkeys(names))} ({reason})" for reason, names in reasons.items()
    )
    return f"Not compared with the printed table: {listing}."


def setup_differences(
    suite: Suite, summaries: Sequence[DatasetSummary], datasets: Collection[str], task: Task
) -> list[str]:
    """How the set-up departs from the paper's text, a few words each.

    Args:
        suite: the suite.
        summaries: its data sets.
        datasets: names of those that are compared.
        task: of the suite, whose defaults are the paper's.
    """
    settings, found = settings_of(suite, task), []
    training = settings.training
    papers_own = task.training(Training(), smoke=False)
    for value, papers, unit in (
        (training.epochs, papers_own.epochs, "epochs"),
        (training.batch_size, papers_own.batch_size, "samples a batch"),
        (len(suite.seeds), REPETITIONS, "repetitions"),
    ):
        if value != papers:
            found.append(f"{value} {unit} instead of {papers}")
    if training.learning_rate != papers_own.learning_rate:
        found.append(
            f"learning rate {training.learning_rate:g} instead of {papers_own.learning_rate:g}"
        )
    # A warm-up is a share of the epochs, so that other epochs alone have another one.
    usual = task.training(Training(epochs=training.epochs), smoke=False)
    found += [
        f"another {name.replace('_', ' ')}"
        for name in ("weight_decay", "warm_up_epochs", "decay_power")
        if getattr(training, name) != getattr(usual, name)
    ]
    if settings.augmentation != task.augmentation({}):
        found.append("another augmentation")
    if settings.network != task.network({}, smoke=False):
        found.append("other networks")
    for role, encoders in encoders_of(suite, task, summaries).items():
        if encoders.usual or any(encoders.others.values()):
            found.append(f"other networks of {role}s")
    if suite.protocol.name != _PROTOCOL:
        found.append(f"protocol {suite.protocol.name} instead of {_PROTOCOL}")
    compared = [entry for entry in suite.datasets if entry.name in datasets]
    if noisy := _labels(entry for entry in compared if entry.label_noise):
        found.append(f"{noisy} with redrawn training labels")
    if ready := _labels(entry for entry in compared if entry.teacher_weights is not None):
        found.append(f"{ready} with teachers that were not trained here")
    if grouped := _labels(entry for entry in compared if entry.split == "by_group"):
        found.append(f"{grouped} split by group instead of at random")
    return found


def _labels(entries: Iterable[DatasetEntry]) -> str:
    """What tables call some data sets; "" for none."""
    return ", ".join(entry.label or CARDS.get(entry.name).label for entry in entries)


def _why_not_the_papers(suite: Suite, summary: DatasetSummary) -> str | None:
    """Why a data set is not the paper's, as half a sentence; None where it is."""
    source = summary.source
    if suite.smoke or source.kind == "miniature":
        return "a smoke run on generated miniature data"
    if source.kind != "published":
        return "own data instead of the paper's"
    card = CARDS.get(source.name)
    if card.samples is not None and summary.samples != card.samples:
        count = "unknown number of" if summary.samples is None else f"{summary.samples}"
        return f"{count} samples where the publication counts {card.samples}"
    reader = READERS.get(card.name)
    wanted = PreparationOptions(source.image_size, source.modalities, source.choices)
    used = resolve_options(card, reader, wanted)
    usual = resolve_options(card, reader, PreparationOptions())
    if used.image_size != usual.image_size:
        return f"images of {used.image_size} pixels a side instead of {usual.image_size}"
    if used.choices != usual.choices:
        changed = [
            f"{name}: {value} instead of {usual.choices[name]}"
            for name, value in used.choices.items()
            if value != usual.choices[name]
        ]
        return f"read with {', '.join(changed)}"
    if summary.modalities != tuple(card.modalities):
        names = ", ".join(summary.modalities)
        return f"modalities {names} instead of {', '.join(card.modalities)}"
    return None


def _any_run(table: Table, column: Column) -> bool:
    return any(table.entries[row, column].values for row in table.rows)
