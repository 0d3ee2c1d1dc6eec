"""`show` as a user calls it, on stores of constructed records."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.cli import main
from benchmark.pages.differences import flatten
from benchmark.planning.plan import PlannedRun
from benchmark.records.record import Record
from benchmark.records.store import ResultStore

MakeRecord = Callable[..., Record]
MakeRuns = Callable[..., list[PlannedRun]]
Save = Callable[..., Record]


def _student(runs: list[PlannedRun]) -> PlannedRun:
    return next(run for run in runs if run.teacher_key)


def _rows(output: str, first: str) -> list[list[str]]:
    """Cells of the table rows that begin with a cell of this text."""
    rows = ([cell.strip() for cell in line.split("│")[1:-1]] for line in output.splitlines())
    return [row for row in rows if row and row[0] == first]


def _with_test_confusion(
    record: Record, confusion: list[list[int]], class_names: list[str]
) -> Mapping[str, Any]:
    """Changes that give the network of a record a selected checkpoint with this confusion."""
    (name, result), *_ = record.deployments.items()
    test = result.selected.test.model_copy(update={"confusion": confusion})
    selected = result.selected.model_copy(update={"test": test})
    return {
        "deployments": {name: result.model_copy(update={"selected": selected})},
        "data": record.data.model_copy(update={"class_names": class_names}),
    }


def test_show_leaves_out_no_setting(plan_runs: MakeRuns, save: Save, read: Any) -> None:
    for run in plan_runs():
        save(run, 0.625)
    student = _student(plan_runs())
    shown = " ".join(read("show", student.key[:8]).split())
    for path, value in flatten(student.spec.model_dump(mode="json")).items():
        if value != '""' and path != "data.image_size":
            plain = json.loads(value)
            assert (plain[0] if isinstance(plain, list) else str(plain)) in shown, path
    assert f"tristar: {student.spec.description}" in shown
    assert f"teacher {student.teacher_key} on THERMAL, in eval mode; weighted F1" in shown
    assert "DEPTH 62.50 %" in shown


def test_show_tells_both_checkpoints_and_the_curves(
    plan_runs: MakeRuns, save: Save, read: Any
) -> None:
    run = _student(plan_runs())
    save(run, 0.625)
    output = read("show", run.key)
    assert _rows(output, "selected, epoch 2") == [
        ["selected, epoch 2", "validation", "50.00", "25.00", "50.00"],
        ["selected, epoch 2", "test", "62.50", "31.25", "62.50"],
    ]
    assert ["last, epoch 3", "test", "10.00", "5.00", "10.00"] in _rows(output, "last, epoch 3")
    assert "first 10, min 10 (epoch 1), max 50 (epoch 2), last 40" in output
    assert "first 2, min 0.5 (epoch 3), max 2 (epoch 1), last 0.5" in output
    assert output.count("\n ▲ selected for DEPTH: epoch 2 of 3\n") == 2


def test_show_tells_classes_and_confusions_by_name(
    plan_runs: MakeRuns, save: Save, read: Any, make_record: MakeRecord
) -> None:
    run = _student(plan_runs())
    names = ["[red]field", "lake", "town"]  # a name is not markup
    confusion = [[3, 1, 0], [0, 5, 2], [0, 0, 0]]
    save(run, **_with_test_confusion(make_record(run, {"DEPTH": 0.5}), confusion, names))
    output = read("show", run.key)
    assert _rows(output, "1") == [["1", "[red]field", "4", "100.00", "75.00", "85.71"]]
    assert _rows(output, "3") == [["3", "town", "0", "0.00", "0.00", "0.00"]]
    lines = [line.split() for line in output.splitlines()]
    assert ["1", "2", "3"] in lines
    assert ["2", "lake", "·", "5", "2"] in lines


@pytest.mark.parametrize(("classes", "count"), [(21, 7), (20, 1_000_000)])
def test_show_lists_the_largest_confusions_where_the_matrix_does_not_fit(
    plan_runs: MakeRuns,
    save: Save,
    read: Any,
    make_record: MakeRecord,
    classes: int,
    count: int,
) -> None:
    run = _student(plan_runs())
    confusion = np.eye(classes, dtype=int) * count
    confusion[3, 1], confusion[4, 2] = count, 1
    names = [f"class {letter}" for letter in "abcdefghijklmnopqrstuvwxy"[:classes]]
    changes = _with_test_confusion(make_record(run, {"DEPTH": 0.5}), confusion.tolist(), names)
    save(run, **changes)
    output = read("show", run.key)
    assert "the 2 largest of 2 confusions" in output
    assert _rows(output, "class d") == [["class d", "class b", str(count), "50.0 %"]]
    assert "·" not in output


def test_show_tells_missing_and_changed_files(
    plan_runs: MakeRuns, save: Save, read: Any, tmp_path: Path
) -> None:
    run = _student(plan_runs())
    save(run)
    beside = tmp_path / "results" / "runs" / f"{run.key}.weights.pt"
    names = ("predictions.npz", "weights.pt")

    def states() -> list[str]:
        lines = read("show", run.key).splitlines()
        found = (next(line for line in lines if f"{run.key}.{name}" in line) for name in names)
        return [line.split(maxsplit=1)[1].rpartition(",")[0] or line.split()[1] for line in found]

    assert states() == ["there, matches its digest", "there, matches its digest"]
    beside.write_bytes(b"v")
    assert states() == ["there, matches its digest", "there, differs from its digest"]
    beside.unlink()
    assert states()[1] == "missing"


def test_show_reads_a_record_that_was_copied_elsewhere(
    plan_runs: MakeRuns, save: Save, read: Any, tmp_path: Path
) -> None:
    run = _student(plan_runs())
    save(run)
    copy = (tmp_path / "results" / "runs" / f"{run.key}.json").rename(tmp_path / "mine.json")
    shown = " ".join(read("show", str(copy)).split())
    assert f"key {run.key}" in shown
    assert "its record is not in this folder" in shown
    assert "mine.weights.pt missing" in shown


def test_an_ambiguous_beginning_lists_at_most_ten_candidates(
    plan_runs: MakeRuns, save: Save, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = _student(plan_runs())
    save(run)
    for index in range(11):
        (tmp_path / "results" / "runs" / f"{run.key}{index:02}.json").touch()
    assert main(["show", run.key[:5], "--results", str(tmp_path / "results")]) == 2
    error = capsys.readouterr().err
    assert f"12 runs in {tmp_path / 'results'} begin with '{run.key[:5]}'" in error
    assert f"  {run.key}  tristar: dkd THERMAL -> DEPTH, repetition 0\n" in error
    assert error.count("not a readable record") == 9
    assert error.endswith("and 2 more\n")
    assert main(["show", run.key, "--results", str(tmp_path / "results")]) == 0


def test_a_typing_error_in_a_key_names_the_nearest(
    plan_runs: MakeRuns, save: Save, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = _student(plan_runs())
    save(run)
    for wrong in (f"x{run.key[1:]}", f"{run.key[:3]}x{run.key[4:8]}"):
        assert main(["show", wrong, "--results", str(tmp_path / "results")]) == 2
        error = capsys.readouterr().err
        assert f"no run '{wrong}' in {tmp_path / 'results'} (runs there: 1)" in error
        assert f"the nearest is {run.key} (tristar: dkd THERMAL -> DEPTH" in error


@pytest.mark.parametrize("content", ["", "{", '{"key": "0"}'])
def test_a_corrupt_record_is_said_to_be_so(
    plan_runs: MakeRuns,
    save: Save,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
) -> None:
    run = _student(plan_runs())
    save(run)
    (tmp_path / "results" / "runs" / f"{run.key}.json").write_text(content)
    assert main(["show", run.key, "--results", str(tmp_path / "results")]) == 2
    error = capsys.readouterr().err
    assert "is not a readable record (" in error
    assert error.count("\n") == 1


def test_show_tells_the_terms_at_the_epochs_that_matter(
    plan_runs: MakeRuns, save: Save, read: Any
) -> None:
    run = plan_runs()[0]
    save(run)
    assert "Terms of the loss" not in read("show", run.key)  # of before they were recorded
    save(run, term_curves={"task": [2.5, 1.5, 0.5]}, findings=["the loss has a finding"])
    shown = read("show", run.key)
    ((_, *values, _),) = _rows(shown, "task")
    assert values == ["2.5", "1.5", "0.5"]
    assert "note: the loss has a finding" in shown


def test_a_result_carries_the_findings(plan_runs: MakeRuns, save: Save, tmp_path: Path) -> None:
    run = plan_runs()[0]
    save(run, findings=["the loss has a finding"])
    result = ResultStore(tmp_path / "results").result(run.key)
    assert result is not None
    assert result.warnings == ("the loss has a finding",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--pictures", "maps.png"], "has no label maps"),
        (["--pictures", "maps.pdf"], "--pictures maps.pdf: expected a name that ends in .png"),
        (["--samples", "3"], "--samples is of pictures; add --pictures FILE.png"),
        (["--pictures", "maps.png", "--random", "0"], "--random 0: expected 1 or more"),
    ],
)
def test_pictures_that_cannot_be_drawn(
    plan_runs: MakeRuns,
    save: Save,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    run = plan_runs()[0]
    save(run)
    assert main(["show", run.key, f"--results={tmp_path / 'results'}", *options]) == 2
    assert message in capsys.readouterr().err
