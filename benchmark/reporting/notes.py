"""What a reader must know to judge a table, sentence by sentence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.planning.config import DatasetEntry, Protocol, Suite, read_protocol
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.method_settings import method_of
from benchmark.planning.plan import STUDENT, Cell
from benchmark.planning.task_settings import settings_of
from benchmark.planning.tasks import task_of_suite
from benchmark.records.result import RunResult
from benchmark.reporting.settings import mixture_notes, setting_notes, table_mixtures
from benchmark.reporting.significance.comparisons import Significance
from benchmark.reporting.significance.marks import mark_sentence, test_notes
from benchmark.reporting.small_print import SmallPrint
from benchmark.reporting.tables import Row, Table, method_label, metric_of
from benchmark.reporting.wording import SPREAD, score_text, selection_text
from benchmark.tasks import TASKS
from datasets.source import target_size
from datasets.splits import OFFICIAL_SPLIT
from methods.networks.choice import DEFAULT
from methods.registry import METHODS

PARAMETERS = "Parameters, in millions (M): those of the network that a cell evaluates."
_APART = ("network", "modalities")
_AS_DESCRIBED = "as_described"


def table_notes(
    suite: Suite,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    analysed: Sequence[tuple[Table, Significance]],
) -> SmallPrint:
    """What a reader must know of the tables of a suite, by where it has to stand."""
    mixed: dict[str, list[Row]] = {}
    for table, _ in analysed:
        mixed |= table_mixtures(table, cells, results)
    metric = metric_of(summaries)
    seeds = len(suite.seeds)
    spread = (
        f"{SPREAD} over {seeds} repetitions"
        if seeds > 1
        else "one repetition, so nothing is known of the spread"
    )
    cautions = [
        *caution_sentences(suite, cells, results, mixed),
        *dict.fromkeys(warning for _, found in analysed for warning in found.warnings),
    ]
    return SmallPrint(
        scores=f"{score_text(metric)}, {spread}; {selection_text(metric)}.",
        marks=mark_sentence(suite, analysed),
        caution=next(iter(cautions), ""),
        columns=(PARAMETERS,),
        notes=(
            *cautions[1:],
            *test_notes(analysed),
            "Within a repetition all methods share split, batch order and the initial weights of "
            "equal networks.",
            _protocol_note(suite.protocol, TASKS.get(summaries[0].task).augmentation_name),
            *setup_notes(suite, cells, summaries, results),
            *mixture_notes(mixed),
        ),
    )


def caution_sentences(
    suite: Suite,
    cells: Sequence[Cell],
    results: Mapping[str, RunResult],
    mixed: Mapping[str, Sequence[Row]],
) -> list[str]:
    """What would be regretted most if it were overlooked, the worst first.

    Args:
        suite: the suite.
        cells: its cells.
        results: of finished runs by key.
        mixed: the comparisons that mix settings, as `mixture_notes` names them.
    """
    finished = {cell.run for cell in cells} & results.keys()
    missing = len({cell.run for cell in cells}) - len(finished)
    found = []
    if suite.smoke:
        found.append("A smoke run: small data and few epochs, so no number here is a result.")
    if missing:
        found.append(
            f"{missing} of {missing + len(finished)} runs are missing or failed; a cell with "
            "(k of n) rests on k of n repetitions and does not compete for the best."
        )
    if mixed:
        found.append(
            "Some comparisons mix runs of different settings, so their differences are not of the "
            "method alone; the notes name them."
        )
    return found


def _protocol_note(protocol: Protocol, augmentation: str) -> str:
    """The paper's text in words; any other protocol by all its switches."""
    if protocol == read_protocol(_AS_DESCRIBED):
        return f"Protocol {protocol.name}: the paper's text, the same {augmentation} for all."
    switches = ", ".join(f"{name}={value}" for name, value in protocol.switches.items())
    return f"Protocol {protocol.name}: {switches}."


def setup_notes(
    suite: Suite,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
) -> list[str]:
    """Sentences on budget, data, parameters and machines, under any protocol."""
    task = task_of_suite(suite, summaries)
    settings = settings_of(suite, task)
    training = settings.training
    described = zip(suite.datasets, summaries, strict=True)
    used = {cell.run: results[cell.run] for cell in cells if cell.run in results}
    return [
        f"Every method gets {training.epochs} epochs, batch size {training.batch_size}, "
        f"{task.optimiser_words(training)}.",
        *task.setting_words(settings.network, settings.augmentation),
        *network_notes(suite),
        *dict.fromkeys(_data_note(entry, summary) for entry, summary in described),
        *_parameter_notes(suite, cells, used),
        *schedule_notes(suite, training.epochs),
        *_own_teacher_notes(suite),
        *_finding_notes(suite, cells, used),
        *setting_notes(used.values()),
    ]


def network_notes(suite: Suite) -> list[str]:
    """Say where networks are not the paper's, and which teachers were not trained here."""
    notes = []
    for role, given in (("Students", suite.student), ("Teachers", suite.teacher)):
        if given:
            notes.append(f"{role}' networks: {_network_text(given)}.")
    own = [entry for entry in suite.datasets if entry.teacher_weights is not None]
    if own:
        listed = ", ".join(dict.fromkeys(entry.label or entry.name for entry in own))
        notes.append(
            f"The weights of the teachers on {listed} come from files: whether those teachers saw "
            "validation or test samples is not known here."
        )
    return notes


def _network_text(given: Mapping[str, Any]) -> str:
    settings = [f"{name} {value}" for name, value in given.items() if name not in _APART]
    text = ", ".join([str(given.get("network", DEFAULT)), *settings])
    own = given.get("modalities", {})
    others = [f"of {name} {_network_text(one)}" for name, one in own.items()]
    return "; ".join([text, *others])


def schedule_notes(suite: Suite, epochs: int) -> list[str]:
    """Name the methods whose schedules need more than so many epochs."""
    protocols = [suite.protocol, *([read_protocol(suite.audit)] if suite.audit else [])]
    notes = []
    for entry in suite.methods:
        needed = max(method_of(entry, protocol).schedule_epochs for protocol in protocols)
        if needed > epochs:
            notes.append(
                f"{method_label(entry)} has a schedule of {needed} epochs, which "
                f"{epochs} epochs never complete."
            )
    return notes


def _own_teacher_notes(suite: Suite) -> list[str]:
    """Name the methods whose students start from weights of their own."""
    return [
        f"{method_label(entry)} starts from other weights than STUDENT, which is its teacher."
        for entry in suite.methods
        if METHODS.get(entry.name).own_teacher
    ]


def _finding_notes(
    suite: Suite, cells: Sequence[Cell], results: Mapping[str, RunResult]
) -> list[str]:
    """What trainings found out about themselves, with the number of runs that did."""
    labels = {entry.column: method_label(entry) for entry in suite.methods}
    runs: dict[str, dict[str, RunResult]] = {}
    for cell in cells:
        if cell.method in labels and cell.run in results:
            runs.setdefault(labels[cell.method], {})[cell.run] = results[cell.run]
    notes = []
    for label, own in runs.items():
        counts = Counter(sentence for result in own.values() for sentence in result.warnings)
        notes += [
            f"{label}, {count} of {len(own)} runs: {sentence}."
            for sentence, count in counts.items()
        ]
    return notes


def _data_note(entry: DatasetEntry, summary: DatasetSummary) -> str:
    official = OFFICIAL_SPLIT in summary.notes and entry.split == "paper"
    rule = TASKS.get(summary.task).split_words(entry.split)
    split = "" if official else f", split 70/10/20 {rule}"
    side = entry.image_size
    height, width = target_size(summary.source) or (side, side)
    size = f", images resized to {height} x {width}" if side else ""
    count = f"{summary.samples} samples" if summary.samples else "number of samples unknown"
    extra = "".join(f"; {note}" for note in summary.notes)
    if entry.label_noise:
        extra += (
            f"; {entry.label_noise:.0%} of the training labels redrawn at random, for all but "
            "TEACHER and the teachers; validation and test have the right ones"
        )
    if summary.grouped and entry.split == "paper" and not official:
        extra += "; samples of one group are in training and in test, which flatters every method"
    return f"{summary.label}: {count}{split}{size}{extra}."


def _parameter_notes(
    suite: Suite, cells: Sequence[Cell], used: Mapping[str, RunResult]
) -> list[str]:
    """Say where a method deploys more than STUDENT."""
    notes = []
    deployed: dict[str, dict[str, int]] = {}
    for cell in cells:
        if cell.run in used:
            student = f"{cell.dataset} {cell.evaluated_modality}"
            count = used[cell.run].networks[cell.deployment].parameters
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
