"""What a reader is told under a table."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.planning.config import SWITCHES

MakeGrid = Callable[..., Any]


def test_notes_say_what_a_reader_must_know(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid()
    grid.fill(grid.score)
    text = grid.report(tmp_path)["md"]
    for fact in (
        "over 2 repetitions",
        "Protocol as_described",
        "300 epochs, batch size 128, Adam with learning rate 0.0001",
        "no result of the published data set",
        "DisCoM-KD deploys 2.0 times the parameters of STUDENT",
        "Trained with fp32 on CPU test, engine version",
        "(30 runs)",
    ):
        assert fact in text, fact
    assert "smoke run" in text.splitlines()[0]


def _notes(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("- ")]


def test_marks_are_explained_in_one_sentence(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid()
    grid.fill(grid.score)
    notes = _notes(grid.report(tmp_path)["md"])
    (marks,) = [note for note in notes if "↑ and ↓" in note]
    assert marks.count(".") == 1
    for sign in ("↑", "↓", "bold", "\\*", "†"):
        assert sign in marks, sign
    assert not any(note.startswith(("- *", "- +", "- -")) for note in notes)  # a list in a list
    (test,) = [note for note in notes if note.startswith("- Test of")]
    assert "corrected resampled t-test (Nadeau and Bengio 2003)" in test


def test_no_test_is_named_where_nothing_was_compared(make_grid: MakeGrid, tmp_path: Path) -> None:
    assert "t-test" not in make_grid().report(tmp_path)["md"]


def test_what_trainings_found_out_is_told_with_the_number_of_runs(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    grid = make_grid()
    grid.fill(grid.score)
    joint = [key for key, run in grid.plan.runs.items() if run.spec.method == "discom_kd"]
    for key in joint[:2]:
        changes = {"findings": ["the adversary lost"]}
        grid.records[key] = grid.records[key].model_copy(update=changes)
    notes = _notes(grid.report(tmp_path)["md"])
    assert f"- DisCoM-KD, 2 of {len(joint)} runs: the adversary lost." in notes
    assert sum("the adversary lost" in note for note in notes) == 1


@pytest.mark.parametrize("protocol", ["as_released", {"base": "as_described", "ctkd_epochs": 5}])
def test_a_protocol_beside_the_papers_text_is_told_by_all_its_switches(
    make_grid: MakeGrid, tmp_path: Path, protocol: Any
) -> None:
    grid = make_grid(protocol=protocol, methods=["ctkd"])
    (note,) = [n for n in _notes(grid.report(tmp_path)["md"]) if n.startswith("- Protocol ")]
    for switch, value in grid.suite.protocol.switches.items():
        assert f"{switch}={value}" in note.replace("\\", "")
    assert len(grid.suite.protocol.switches) == len(SWITCHES) - 1  # without one that came later


def test_schedules_that_the_epochs_never_complete_are_named(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    methods = ["kd_v1", "dkd", "ctkd"]
    texts = {
        epochs: make_grid(methods=methods, training={"epochs": epochs}).report(tmp_path)["md"]
        for epochs in (9, 10, 20)
    }
    assert "DKD has a schedule of 20 epochs, which 9 epochs never complete" in texts[9]
    assert "CTKD has a schedule of 10 epochs, which 9 epochs never complete" in texts[9]
    assert "DKD has a schedule" in texts[10]
    assert "CTKD has a schedule" not in texts[10]
    assert "schedule of" not in texts[20]


def test_comparisons_of_two_processors_are_named(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid(plugins=["none"])
    grid.fill(grid.score)
    assert "Made with" not in grid.report(tmp_path)["md"]
    for key, record in grid.records.items():
        if record.spec.method == "kd_v1" and record.data.name.startswith("tristar"):
            other = record.environment.model_copy(update={"device": "GPU test"})
            grid.records[key] = record.model_copy(update={"environment": other})
    text = grid.report(tmp_path)["md"]
    assert "M1: fp32 on CPU test" in text
    assert "M2: fp32 on GPU test" in text
    (note,) = [note for note in _notes(text) if "that mix runs of different settings" in note]
    assert note.endswith("TRISTAR (miniature) THERMAL → DEPTH: KDv1.")
    made_with = text.split("## Made with")[1]
    assert "| KDv1 | ORIG | M1 | M1 | M2 |" in made_with
    assert "| DisCoM-KD | - | M1 | M1 | M1 |" in made_with


def test_a_split_that_ignores_groups_is_noted(make_grid: MakeGrid, tmp_path: Path) -> None:
    entry = {"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}
    sentence = "samples of one group are in training and in test"
    assert sentence in make_grid(datasets=[entry]).report(tmp_path)["md"]
    by_group = make_grid(datasets=[{**entry, "split": "by_group"}]).report(tmp_path)
    assert sentence not in by_group["md"]


def test_a_published_split_is_told_as_such(make_grid: MakeGrid, tmp_path: Path) -> None:
    suite = tmp_path / "maps.yaml"
    suite.write_text(
        "{name: maps, scenario: multi_modal, datasets: [{name: midair}], methods: [kd_v2]}"
    )
    text = make_grid(suite=str(suite), methods=["kd_v2"]).report(tmp_path)["md"]
    (note,) = [line for line in _notes(text) if line.startswith("- Mid-Air")]
    assert "split as published, a tenth of its training part held out for validation" in note
    assert "70/10/20" not in note
    assert "flatters" not in note
