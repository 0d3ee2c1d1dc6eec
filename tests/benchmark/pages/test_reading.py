"""What the pages are made of: scores by class, charts, differences, pairs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from benchmark.pages.chart import block_chart, marker
from benchmark.pages.differences import Difference, differences, flatten
from benchmark.pages.pairing import Pair, pair_runs
from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import make_plan
from benchmark.records.record import Record
from benchmark.records.spec import RunSpec
from benchmark.statistics.class_scores import Confusion, class_scores, confusions

MakeRecord = Callable[..., Record]
MakeFolder = Callable[..., dict[str, Record]]


@pytest.mark.parametrize("classes", [1, 2, 7, 30])
def test_class_scores_are_those_of_scikit_learn(classes: int) -> None:
    random = np.random.default_rng(classes)
    # With fewer samples than classes some are never true, some never predicted, some neither.
    targets, predictions = random.integers(0, classes, (2, 20))
    confusion = np.zeros((classes, classes), dtype=int)
    np.add.at(confusion, (targets, predictions), 1)
    expected = precision_recall_fscore_support(
        targets, predictions, labels=range(classes), zero_division=0
    )
    found = class_scores(confusion.tolist())
    for ours, theirs in zip(
        (found.precision, found.recall, found.f1, found.support), expected, strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_confusions_come_largest_first_without_the_diagonal() -> None:
    assert confusions([[9, 1, 0], [0, 9, 3], [2, 0, 9]]) == [
        Confusion(1, 2, 3),
        Confusion(2, 0, 2),
        Confusion(0, 1, 1),
    ]


def test_a_chart_rises_with_its_values() -> None:
    assert block_chart([0, 1, 2, 3, 4, 5, 6, 7], width=80, height=1) == ["▁▂▃▄▅▆▇█"]
    assert block_chart([0, 15], width=80, height=2) == [" █", "▁█"]
    assert block_chart([2, 2, 2], width=80, height=1) == ["▁▁▁"]


@pytest.mark.parametrize("epochs", [1, 2, 79, 80, 81, 300, 1000])
def test_a_chart_and_its_marker_fit_the_terminal(epochs: int) -> None:
    for epoch in {0, epochs // 2, epochs - 1}:
        values = [float(e == epoch) for e in range(epochs)]
        line = block_chart(values, width=80, height=1)[0]
        assert len(line) == min(epochs, 80)
        pointing = marker(values, 80, epoch, "selected")
        assert len(pointing) <= 80
        assert pointing.index("▲") == line.index(max(line))


def test_differences_are_complete_and_name_parts() -> None:
    first = {"a": {"x": 1, "y": [1, 2]}, "same": 3, "kind": 1, "none": None, "empty": {}}
    second = {"a": {"x": 1, "y": [2, 1]}, "same": 3, "kind": 1.0, "none": {"z": "t"}, "new": "n"}
    assert differences(flatten(first), flatten(second)) == [
        Difference("a.y", "[1, 2]", "[2, 1]"),
        Difference("kind", "1", "1.0"),  # as JSON, so the key tells them apart
        Difference("empty", "{}", None),
        Difference("none.z", None, '"t"'),
        Difference("new", None, '"n"'),
    ]


@pytest.fixture
def folder(miniature_data: Path, make_record: MakeRecord) -> MakeFolder:
    """All records of a small suite with changed settings, every score 0.5."""

    def make(**overrides: Any) -> dict[str, Record]:
        small = {"smoke": True, "seeds": 2, "methods": ["kd_v1", "mlkd"], "scenario": "cross_modal"}
        suite = read_suite("table1", {**small, **overrides})
        plan = make_plan(suite, take_inventory(suite, miniature_data))
        return {run.key: make_record(run, {"S": 0.5}) for run in plan.runs.values()}

    return make


def _pairs(first: dict[str, Record], second: dict[str, Record]) -> list[Pair]:
    known = {**first, **second}

    def find(key: str) -> RunSpec | None:
        return known[key].spec if key in known else None

    left = [record for key, record in first.items() if key not in second]
    right = [record for key, record in second.items() if key not in first]
    return pair_runs(left, right, find)


def _changes(pair: Pair) -> dict[str, tuple[str | None, str | None]]:
    return {change.path: (change.first, change.second) for change in pair.changes}


def _identity(record: Record) -> tuple[object, ...]:
    spec = record.spec
    return record.data.name, spec.method, spec.plugin, spec.modalities, spec.repetition


def test_a_setting_of_all_runs_pairs_students_although_their_teachers_keys_differ(
    folder: MakeFolder,
) -> None:
    first = folder(training={"epochs": 3})
    second = folder(training={"epochs": 5})
    pairs = _pairs(first, second)
    assert len(pairs) == len(first) == len(second)
    for pair in pairs:
        assert _identity(pair.first) == _identity(pair.second)
        assert _changes(pair) == {"training.epochs": ("3", "5")}


def test_a_switch_of_one_method_is_named_for_that_method_alone(folder: MakeFolder) -> None:
    protocol = {"base": "as_described", "mlkd_divergence": "released"}
    pairs = _pairs(folder(), folder(protocol=protocol))
    assert {pair.first.spec.method for pair in pairs} == {"mlkd"}
    found = {tuple(_changes(pair).values()) for pair in pairs}
    assert found == {(('"kd_loss"', '"released"'),)}


def test_a_change_of_the_teacher_alone_is_named_as_such(folder: MakeFolder) -> None:
    protocol = {"base": "as_described", "reference_augmentation": "none"}
    pairs = _pairs(folder(), folder(protocol=protocol))
    changes = {pair.first.spec.method: set(_changes(pair)) for pair in pairs}
    assert changes["reference"] == {"augmentation"}
    assert changes["kd_v1"] == changes["mlkd"] == {"teacher.spec.augmentation"}


def test_another_repetition_or_data_set_is_no_counterpart(folder: MakeFolder) -> None:
    first = folder(seeds=[0, 1], training={"epochs": 3})
    second = folder(seeds=[1, 2], training={"epochs": 5})
    entries = [{"name": "tristar", "teacher": "DEPTH", "student": "THERMAL"}]
    less = folder(seeds=[1, 2], training={"epochs": 5}, datasets=entries)
    assert {pair.second.spec.repetition for pair in _pairs(first, second)} == {1}
    assert _pairs(folder(seeds=[0]), folder(seeds=[2], training={"epochs": 5})) == []
    pairs = _pairs(first, less)
    assert pairs
    assert {(p.first.data.name, p.second.data.name) for p in pairs} == {("tristar", "tristar")}


@pytest.mark.parametrize(
    ("name", "fingerprint", "paired"),
    [("other", None, True), (None, "renewed", True), ("other", "renewed", False)],
)
def test_data_are_the_same_by_content_or_by_name(
    folder: MakeFolder, name: str | None, fingerprint: str | None, paired: bool
) -> None:
    entries = [{"name": "tristar", "teacher": "DEPTH", "student": "THERMAL"}]
    first = folder(datasets=entries, training={"epochs": 3})
    second = {}
    for record in folder(datasets=entries, training={"epochs": 5}).values():
        if record.spec.teacher is None:
            settings = record.spec.model_dump()
            settings["data"]["fingerprint"] = fingerprint or record.spec.data.fingerprint
            spec = RunSpec.model_validate(settings)
            facts = record.data.model_copy(update={"name": name or record.data.name})
            changes = {"key": spec.key, "spec": spec, "data": facts}
            second[spec.key] = record.model_copy(update=changes)
    assert len(_pairs(first, second)) == (len(second) if paired else 0)


def test_runs_must_agree_in_a_setting_that_both_folders_vary_alike(folder: MakeFolder) -> None:
    def make(epochs: int, rates: tuple[float, float]) -> dict[str, Record]:
        return {
            key: record
            for seed, rate in enumerate(rates)
            for key, record in folder(
                seeds=[seed], training={"epochs": epochs, "learning_rate": rate}
            ).items()
        }

    assert _pairs(make(3, (1e-4, 1e-3)), make(5, (1e-3, 1e-4))) == []
    assert _pairs(make(3, (1e-4, 1e-3)), make(5, (1e-4, 1e-3)))


def test_among_several_counterparts_the_one_with_fewest_changes(folder: MakeFolder) -> None:
    slow = folder(training={"epochs": 3, "learning_rate": 1e-4})
    fast = folder(training={"epochs": 3, "learning_rate": 1e-3})
    pairs = _pairs({**slow, **fast}, folder(training={"epochs": 5, "learning_rate": 1e-3}))
    assert len(pairs) == len(fast)
    assert all(_changes(pair) == {"training.epochs": ("3", "5")} for pair in pairs)


def test_several_equally_near_counterparts_are_no_pair(folder: MakeFolder) -> None:
    both = {**folder(training={"epochs": 3}), **folder(training={"epochs": 4})}
    assert _pairs(both, folder(training={"epochs": 5})) == []


def test_a_student_whose_teacher_is_unknown_is_no_pair(folder: MakeFolder) -> None:
    first, second = folder(training={"epochs": 3}), folder(training={"epochs": 5})
    students = {key: record for key, record in first.items() if record.spec.teacher}
    others = {key: record for key, record in second.items() if record.spec.teacher}
    assert students
    assert _pairs(students, second) == []
    assert _pairs(students, others) == []
