"""What a reader must know to judge a table, as sentences under it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from benchmark.planning.config import DatasetEntry, Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import STUDENT, TEACHER, Cell
from benchmark.records.result import RunResult
from benchmark.reporting.significance.comparisons import Significance
from benchmark.reporting.tables import method_label
from benchmark.reporting.wording import BELOW_BEST, DIFFERS, SCORE, SELECTION, SPREAD
from benchmark.statistics import ALPHA


def table_notes(
    suite: Suite,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    analysed: Sequence[Significance],
) -> list[str]:
    """Sentences on scores, marks, set-up, data, cost and completeness, in that order."""
    seeds = len(suite.seeds)
    spread = (
        f"{SPREAD} over {seeds} repetitions"
        if seeds > 1
        else "one repetition, so nothing is known of the spread"
    )
    augmentation = (
        "the same D4 augmentation"
        if suite.protocol.reference_augmentation == "d4"
        else "D4 augmentation, TEACHER and STUDENT on one modality none"
    )
    return [
        f"{SCORE}, {spread}; {SELECTION}. Within a repetition all methods share split, batch order "
        "and the initial weights of equal networks.",
        *_mark_notes(suite, analysed),
        f"Protocol {suite.protocol.name}: {augmentation}.",
        *setup_notes(suite, cells, summaries, results),
    ]


def setup_notes(
    suite: Suite,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
) -> list[str]:
    """Sentences on budget, data, parameters, machines and completeness, under any protocol."""
    training = suite.training
    notes = [
        f"Every method gets {training.epochs} epochs, batch size {training.batch_size}, Adam with "
        f"learning rate {training.learning_rate:g}."
    ]
    notes += [_data_note(entry, summary)
              for entry, summary in zip(suite.datasets, summaries, strict=True)]  # fmt: skip
    used = {cell.run: results[cell.run] for cell in cells if cell.run in results}
    return [
        *notes,
        *_parameter_notes(suite, cells, used),
        *_machine_notes(used),
        *_missing_notes(len({cell.run for cell in cells} - used.keys()), len(used)),
    ]


def _machine_notes(used: Mapping[str, RunResult]) -> list[str]:
    if not used:
        return []
    settings = Counter(f"{result.precision} on {result.device}" for result in used.values())
    listed = ", ".join(f"{setting} ({count} runs)" for setting, count in settings.most_common())
    return [f"Trained with {listed}."]


def _missing_notes(missing: int, finished: int) -> list[str]:
    if not missing:
        return []
    return [
        f"{missing} of {missing + finished} runs are missing or failed; a cell with (k of n) "
        "rests on k of n repetitions and does not compete for the best."
    ]


def _data_note(entry: DatasetEntry, summary: DatasetSummary) -> str:
    rule = "by group" if entry.split == "by_group" else "at random within each class"
    side = entry.image_size
    size = f", images resized to {side} x {side}" if side else ""
    count = f"{summary.samples} samples" if summary.samples else "number of samples unknown"
    extra = "".join(f"; {note}" for note in summary.notes)
    if entry.label_noise:
        extra += (
            f"; {entry.label_noise:.0%} of the training labels redrawn at random, for all but "
            "TEACHER and the teachers; validation and test have the right ones"
        )
    if summary.grouped and entry.split == "paper":
        extra += "; samples of one group are in training and in test, which flatters every method"
    return f"{summary.label}: {count}, split 70/10/20 {rule}{size}{extra}."


def _mark_notes(suite: Suite, analysed: Sequence[Significance]) -> list[str]:
    """What the marks in the tables mean, and what too few repetitions leave open."""
    best = "bold: best of the column" + (", TEACHER aside" if TEACHER in suite.references else "")
    notes = []
    if suite.compared_with is None:
        notes.append(f"{best.capitalize()}, which says nothing of chance.")
    else:
        baseline = baseline_label(suite)
        notes.append(
            f"↑ and ↓: mean above or below {baseline}; {best}. Neither says that a difference is "
            f"larger than chance; {DIFFERS} does: it differs from {baseline}, and {BELOW_BEST}: it "
            f"falls short of the best, each by a paired t-test at {ALPHA:g} after Holm's "
            "correction over the table."
        )
    return [*notes, *dict.fromkeys(warning for one in analysed for warning in one.warnings)]


def baseline_label(suite: Suite) -> str:
    """The baseline's name in tables.

    Raises:
        KeyError: the suite has no baseline.
    """
    labels: dict[str, str] = {name: name.upper() for name in suite.references}
    for entry in suite.methods:
        labels[entry.column] = method_label(entry)
    return labels[suite.compared_with or ""]


def _parameter_notes(
    suite: Suite, cells: Sequence[Cell], used: Mapping[str, RunResult]
) -> list[str]:
    """Say what the parameter column counts, and where a method deploys more than STUDENT."""
    notes = ["Parameters, in millions (M): those of the network that a cell evaluates."]
    deployed: dict[str, dict[str, int]] = {}
    for cell in cells:
        if cell.run in used:
            student = f"{cell.dataset} {cell.evaluated_modality}"
            count = used[cell.run].networks[cell.evaluated_modality].parameters
            deployed.setdefault(cell.method, {})[student] = count
    references = deployed.get(STUDENT, {})
    for entry in suite.methods:
        ratios = [
            count / references[student]
            for student, count in deployed.get(entry.column, {}).items()
            if student in references
        ]
        if ratios and max(ratios) > 1.01:
            ratio = f"{max(ratios):.1f} times the parameters of STUDENT"
            notes.append(f"{method_label(entry)} deploys {ratio}.")
    if any(entry.evaluate for entry in suite.methods):
        notes.append(
            "A part of a network is scored at the checkpoints of the whole and is no training of "
            "its own; its parameters are those of the whole."
        )
    return notes
