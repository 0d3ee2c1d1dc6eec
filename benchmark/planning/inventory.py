"""What a plan must know of the data sets: modalities and fingerprints."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.planning.config import DatasetEntry, Suite
from benchmark.planning.task_settings import settings_of
from benchmark.records.result import RunResult
from benchmark.records.store import ResultStore
from benchmark.tasks import TASKS, task_of
from core.errors import DatasetNotFoundError, UserError, nearest_names
from datasets import CARDS, Dataset, DatasetCard, DatasetSource, Split
from datasets.source import GENERATED, SourceKind, read_dataset, target_size
from methods.contract import CLASSIFICATION


@dataclass(frozen=True)
class DatasetSummary:
    """A data set as a plan and a report see it.

    Attributes:
        name: the name in CSV columns.
        label: the name in tables.
        modalities: the modalities that the suite uses, in the data set's order; empty where own
            data is missing, until a record tells them.
        fingerprint: of its content; a placeholder where the data is missing.
        source: where workers open it.
        normalised: images come in [0, 1] and are used as they are.
        samples: number of samples; where the data is missing, what its publication counts.
        notes: sentences that tables on this data must show.
        grouped: the data says which samples belong together.
        groups: the group of each sample, (N,), counted from 0, where the suite splits by group and
            the data is there; None otherwise.
        one_split: all repetitions have the same split, which came with the data.
        task: name of what its labels are of.
        channels: of every modality of the data set; empty where own data is missing.
        classes: number of classes; None likewise.
        missing: what is missing and where it belongs, None where the data is there.
    """

    name: str
    label: str
    modalities: tuple[str, ...]
    fingerprint: str
    source: DatasetSource
    normalised: bool
    samples: int | None
    notes: tuple[str, ...]
    grouped: bool = False
    groups: NDArray[np.int64] | None = field(default=None, repr=False, compare=False)
    one_split: bool = False
    task: str = CLASSIFICATION
    channels: Mapping[str, int] = field(default_factory=dict)
    classes: int | None = None
    missing: str | None = None


Preparing = Callable[[str], AbstractContextManager[Callable[[int, int], None] | None]]


def take_inventory(
    suite: Suite,
    data_folder: Path,
    preparing: Preparing | None = None,
    choosing: Sequence[int] = (),
) -> list[DatasetSummary]:
    """Open each data set of a suite once, checking content and splits.

    Args:
        suite: the grid.
        data_folder: where data sets are.
        preparing: from a data set's name to a context that gives the progress callback of its
            preparation, should it need any.
        choosing: repetitions, not the suite's, whose validation part chooses between trials.

    A data set that is missing gives a summary with `missing` set, from its card if it has one.

    Raises:
        UserError: unknown data set, bad content, a split that cannot be made, or a validation part
            that cannot choose.
    """
    silent: Preparing = lambda _: nullcontext()  # noqa: E731
    return [
        _summarise(entry, suite, data_folder, preparing or silent, choosing)
        for entry in suite.datasets
    ]


def _summarise(
    entry: DatasetEntry,
    suite: Suite,
    data_folder: Path,
    preparing: Preparing,
    choosing: Sequence[int],
) -> DatasetSummary:
    source = _source(entry, suite.smoke, data_folder)
    try:
        with preparing(entry.name) as progress:
            dataset = read_dataset(source, progress)
    except DatasetNotFoundError as error:
        card = CARDS.get(entry.name) if source.kind == "published" else None
        return DatasetSummary(
            name=entry.name,
            label=_label(entry),
            modalities=_chosen(entry, source.modalities or tuple(card.modalities)) if card else (),
            fingerprint=f"missing:{entry.name}",
            source=source,
            normalised=False,
            samples=card.samples if card else None,
            notes=(),
            task=card.task if card else CLASSIFICATION,
            channels={**card.modalities, **card.optional_modalities} if card else {},
            classes=len(card.class_names) if card else None,
            missing=str(error),
        )
    modalities = _chosen(entry, tuple(dataset.modalities))
    task = task_of(dataset)
    settings = settings_of(suite, task)
    try:
        splits = {repetition: dataset.split(entry.split, repetition) for repetition in suite.seeds}
        others = {repetition: dataset.split(entry.split, repetition) for repetition in choosing}
        every = splits | others
        task.check_data(dataset, every, modalities, target_size(source), settings)
        _require_choice(others)
    except UserError as error:
        raise UserError(f"data set {entry.name}: {error}") from None
    if entry.label_noise and not task.label_noise:
        raise UserError(
            f"data set {entry.name}: label_noise redraws labels of classification, but its data is "
            f"of {task.name}; remove the key"
        )
    label = _label(entry)
    return DatasetSummary(
        name=dataset.name,
        label=f"{label} (miniature)" if source.kind == "miniature" else label,
        modalities=modalities,
        fingerprint=dataset.fingerprint,
        source=source,
        normalised=dataset.normalised,
        samples=len(dataset),
        notes=(
            *dataset.notes,
            *task.untested_notes(
                {number: task.untested_classes(dataset, split) for number, split in splits.items()}
            ),
        ),
        grouped=dataset.groups is not None,
        groups=_counted_groups(entry, dataset),
        one_split=_has_one_split(entry, dataset, suite.seeds),
        task=task.name,
        channels=dataset.channels,
        classes=len(dataset.class_names),
    )


def _require_choice(splits: Mapping[int, Split]) -> None:
    """Raise UserError where a validation part tells no trial from another."""
    for repetition, split in splits.items():
        if len(split.validation) < 2:
            raise UserError(
                f"the held-out validation part of repetition {repetition} has one sample, which "
                "cannot choose between trials; give more samples, or leave out --tune"
            )


def _counted_groups(entry: DatasetEntry, dataset: Dataset) -> NDArray[np.int64] | None:
    if entry.split != "by_group" or dataset.groups is None:
        return None
    return np.unique(dataset.groups, return_inverse=True)[1].astype(np.int64)


def _has_one_split(entry: DatasetEntry, dataset: Dataset, seeds: Sequence[int]) -> bool:
    if entry.split == "paper" and dataset.official_test is not None:
        return True
    if entry.split != "paper" or not all(seed in dataset.given_splits for seed in seeds):
        return False
    first, *others = (dataset.given_splits[seed] for seed in seeds)
    return all(
        np.array_equal(one, same)
        for split in others
        for one, same in ((split.train, first.train), (split.test, first.test))
    )


def _label(entry: DatasetEntry) -> str:
    return entry.label or (CARDS.get(entry.name).label if entry.name in CARDS else entry.name)


def _source(entry: DatasetEntry, smoke: bool, data_folder: Path) -> DatasetSource:
    if entry.npz is not None and entry.npy is not None:
        raise UserError(f"data set {entry.name} names both npz and npy; keep one")
    if entry.options and (entry.npz is not None or entry.npy is not None):
        raise UserError(f"data set {entry.name} has options, which own data has not; remove them")
    kind: SourceKind
    modalities = None
    if entry.npz is not None:
        kind, path = "npz", _existing(entry.npz, data_folder)
    elif entry.npy is not None:
        kind, path = "npy", _existing(entry.npy, data_folder)
    elif entry.name in GENERATED:
        kind, path = "generated", data_folder
    else:
        card = CARDS.get(entry.name)  # raises with the nearest names
        kind, path = ("miniature" if smoke else "published"), data_folder
        if any(name in card.optional_modalities for name in entry.modalities or ()):
            modalities = _with_optional(card, entry)
    size = None if kind == "miniature" else entry.image_size
    return DatasetSource(
        kind=kind,
        name=entry.name,
        path=path,
        image_size=size,
        modalities=modalities,
        choices=tuple(sorted(entry.options.items())),
    )


def _with_optional(card: DatasetCard, entry: DatasetEntry) -> tuple[str, ...]:
    """Those of the card and the optional ones that the entry asks for, in the card's order."""
    wanted = entry.modalities or ()
    return (*card.modalities, *(name for name in card.optional_modalities if name in wanted))


def _existing(path: Path, data_folder: Path) -> Path:
    """A path beside the suite file (made absolute by then), or else inside the --data folder."""
    return path if path.is_absolute() else (data_folder / path)


def _chosen(entry: DatasetEntry, available: Sequence[str]) -> tuple[str, ...]:
    """The modalities that the entry chooses, in the data set's order; all by default."""
    for name in entry.modalities or ():
        if name not in available:
            hint = nearest_names(name, available)
            raise UserError(f"data set {entry.name} has no modality '{name}': {hint}")
    chosen = tuple(name for name in available if name in (entry.modalities or available))
    if len(chosen) < 2:
        raise UserError(f"data set {entry.name}: choose at least 2 modalities, not {len(chosen)}")
    return chosen


def adopt_recorded(
    suite: Suite, summaries: Sequence[DatasetSummary], store: ResultStore
) -> list[DatasetSummary]:
    """For data that is missing here, take what the records say of it.

    So reports and plans can be made where the results are and the data is not.

    Args:
        suite: the grid.
        summaries: of its data sets, from `take_inventory`.
        store: where records are.

    Raises:
        UserError: records on data that is missing were made on more than one version of it, which
            one table cannot hold; the records know no such modality as the suite names.
    """
    if not any(summary.missing for summary in summaries):
        return list(summaries)
    found: dict[str, dict[str, list[tuple[str, RunResult]]]] = {}
    for key, result in store.results():
        versions = found.setdefault(result.dataset, {})
        versions.setdefault(result.fingerprint, []).append((key, result))
    adopted = []
    for entry, summary in zip(suite.datasets, summaries, strict=True):
        recorded = list(found.get(summary.name, {}).values()) if summary.missing else []
        if len(recorded) > 1:
            examples = ", ".join(version[0][0] for version in recorded)
            raise UserError(
                f"the results on {summary.label} were made on {len(recorded)} different contents "
                f"of it (such as runs {examples}), and the data is not here to tell which is "
                "meant; name its folder with --data, or report each from a results folder of its "
                "own"
            )
        if recorded:
            results = [result for _, result in recorded[0]]
            facts = results[0]
            summary = replace(
                summary,
                modalities=summary.modalities or _chosen(entry, _recorded(entry, results)),
                fingerprint=facts.fingerprint,
                normalised=facts.normalisation == "given",
                samples=facts.samples,
                notes=(*facts.notes, *_recorded_untested(entry, suite.seeds, results)),
                grouped=facts.grouped,
                task=facts.task,
                **_recorded_splits(entry, suite.seeds, recorded[0], store),
            )
        adopted.append(summary)
    return adopted


def _recorded(entry: DatasetEntry, results: Sequence[RunResult]) -> tuple[str, ...]:
    """The modalities of own data in its order, as its records tell them.

    Older records name only what their runs read, which is all that keys depend on.
    """
    told = next((result.modalities for result in results if result.modalities), ())
    if told:
        return told
    order: TopologicalSorter[str] = TopologicalSorter()
    named = (*(entry.modalities or ()), *entry.teacher_modalities, entry.student)
    asked = [(name,) for name in named if name]
    for names in [*sorted({names for result in results for names in result.reads}), *asked]:
        for position, name in enumerate(names):
            order.add(name, *names[:position])
    return tuple(order.static_order())


def _recorded_untested(
    entry: DatasetEntry, seeds: Sequence[int], results: Sequence[RunResult]
) -> tuple[str, ...]:
    """What tables must show of classes that no test sample has, as records tell them."""
    untested = {
        result.repetition: result.untested_classes
        for result in results
        if result.split == entry.split and result.repetition in seeds
    }
    return TASKS.get(results[0].task).untested_notes(untested)


def _recorded_splits(
    entry: DatasetEntry,
    seeds: Sequence[int],
    recorded: Sequence[tuple[str, RunResult]],
    store: ResultStore,
) -> dict[str, Any]:
    """`groups` and `one_split` of a summary, from one run of each repetition.

    All runs of a repetition share its test samples. Those that no repetition tests are put into the
    last group: nothing asks for theirs, but the number of groups must be right.
    """
    runs = {
        result.repetition: (key, result)
        for key, result in recorded
        if result.split == entry.split and result.repetition in seeds
    }
    stored = [
        (result, found)
        for key, result in runs.values()
        if (found := store.find_predictions(key, {"indices", "groups"})) and "indices" in found
    ]
    tests = [found["indices"] for _, found in stored]
    groups = None
    # Older records do not tell the groups; those of only some repetitions would be of no use.
    if entry.split == "by_group" and stored and all("groups" in found for _, found in stored):
        facts = stored[0][0]
        groups = np.full(facts.samples, (facts.groups or 0) - 1)
        for _, found in stored:
            groups[found["indices"]] = found["groups"]
    one = entry.split == "paper" and len(tests) > 1
    one = one and all(np.array_equal(tests[0], test) for test in tests)
    return {"groups": groups, "one_split": one}


def require_modalities(summaries: Sequence[DatasetSummary], store: ResultStore | None) -> None:
    """Check that files or records told the modalities of every data set.

    Args:
        summaries: of the data sets.
        store: where records were looked for; None where they were not.

    Raises:
        DatasetNotFoundError: they did not, as can happen with own data.
    """
    for summary in summaries:
        if summary.modalities or summary.missing is None:
            continue
        if store is None:
            raise DatasetNotFoundError(summary.missing)
        raise DatasetNotFoundError(
            f"no record in {store.folder} is on {summary.label}, and its data is not here: "
            f"{summary.missing}"
        )


def require_data(summaries: Sequence[DatasetSummary]) -> None:
    """Raise DatasetNotFoundError, in one sentence, where a data set is missing."""
    for summary in summaries:
        if summary.missing is not None:
            raise DatasetNotFoundError(summary.missing)
