"""--tune from the command line to the report, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from benchmark.cli import main
from methods import METHODS

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command line on tiny data of one's own, results and reports inside `tmp_path`."""
    random, labels = np.random.default_rng(0), np.arange(60) % 3
    images = {
        name: (40 * labels[:, None, None, None] + random.integers(0, 99, (60, 1, 8, 8))).astype(
            np.uint8
        )
        for name in ("S2", "S1")
    }
    np.savez(tmp_path / "mine.npz", **images, labels=labels)
    suite = {
        "name": "mine",
        "scenario": "cross_modal",
        "datasets": [{"name": "mine", "npz": "mine.npz", "teacher": "S2", "student": "S1"}],
        "methods": ["kd_v2"],
        "seeds": 1,
        "training": {"epochs": 2, "batch_size": 16, "learning_rate": 1e-3, "precision": "fp32"},
    }

    def call(*arguments: str, **changes: object) -> int:
        path = tmp_path / "mine.yaml"
        path.write_text(yaml.safe_dump({**suite, **changes}))
        folders = [f"--{name}={tmp_path / name}" for name in ("results", "reports")]
        return main(["--suite", str(path), "--device", "cpu", *folders, *arguments])

    return call


def test_from_trials_to_the_report_and_again_from_records(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--tune", "2", "--dry-run") == 0
    # TEACHER, STUDENT, KDv2; a teacher and two trials of both rows on the next repetition.
    assert "together" in (output := capsys.readouterr().out)
    assert "0 of 4 trials of 2 table cells have a score" in output
    assert run("--tune", "2", "--executor", "inline") == 0
    assert "8 runs trained, 0 reused, 0 failed" in capsys.readouterr().out
    folder = tmp_path / "reports" / "mine"
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {name for name in files if "tuning" in name} == {
        "mine_tuning.md", "mine_tuning.tex", "mine_tuning.csv", "mine_tuning.json",
        "mine_tuning_expected.csv", "mine_tuning_expected.png", "mine_tuning_expected.pdf",
    }  # fmt: skip
    content = json.loads(files["mine_tuning.json"])
    assert content["tuning_repetitions"] == [1]
    table = pd.read_csv(folder / "mine_tuning.csv")
    for cell in content["cells"]:
        scores = [trial["validation_score"] for trial in cell["trials"]]
        assert scores[cell["best"]] == max(scores)
        assert cell["expected_validation_scores"] == pytest.approx([scores[0], max(scores)])
        own = table[(table.method == cell["method"]) & table.best]
        assert set(own.trial) == {cell["best"]}
        assert cell["tuned"].keys() == cell["default"].keys() == {"0"}
        if cell["best"] == 0:
            assert cell["tuned"] == cell["default"]
    text = files["mine_tuning.md"].decode()
    assert "| all rows | learning_rate | 0.001 | 0.0001 to 0.01, on a logarithmic scale |" in text
    assert "Teachers are those of the suite" in text
    assert "Tuned: Scores on the test set" in files["index.html"].decode()
    for path in folder.iterdir():
        path.unlink()
    assert run("--tune", "2", "--report-only") == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
    capsys.readouterr()
    assert run("--tune", "2", "--executor", "inline") == 0
    assert "0 runs trained" in capsys.readouterr().out
    # Its archive alone gives the same.
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "archives").mkdir(parents=True)
    suite, tuned = ["--suite", str(tmp_path / "mine.yaml")], ["--tune", "2"]
    archive = str(elsewhere / "archives" / "mine.zip")
    results = str(tmp_path / "results")
    assert main(["pack", *suite, *tuned, "--results", results, "--output", archive]) == 0
    assert "8 of 8 runs packed" in capsys.readouterr().out
    places = ["--results", str(elsewhere), "--reports", str(tmp_path / "again")]
    assert main([*suite, *tuned, "--report-only", *places]) == 0
    again = tmp_path / "again" / "mine"
    assert all((again / name).read_bytes() == files[name] for name in files if "tuning" in name)


def test_the_document_has_the_tables_of_tuning(
    run: Run, compile_document: Callable[[Path], None], tmp_path: Path
) -> None:
    assert run("--tune", "2", "--executor", "inline") == 0
    folder = tmp_path / "reports" / "mine"
    document = (folder / "main.tex").read_text()
    tables = {path.name for path in folder.glob("*.tex")} - {"main.tex"}
    assert tables == {"mine.tex", "mine_notes.tex", "mine_tuning.tex"}
    assert all(rf"\input{{{name}}}" in document for name in tables)
    assert "mine_tuning_expected.pdf" in document
    compile_document(folder)
    assert "mine_tuning" not in _without_tuning(run, folder)


def _without_tuning(run: Run, folder: Path) -> str:
    """The document of a report that does not ask for tuning."""
    assert run("--report-only") == 0
    return (folder / "main.tex").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tune", "0"], "--tune 0: expected 1 or more"),
        (["--tune-repetitions", "2"], "--tune-repetitions is of --tune; add --tune"),
        (["--tune", "2", "--tune-repetitions", "0"], "--tune-repetitions 0: expected 1 or more"),
        (["--prune"], "--prune is of --tune; add --tune"),
        (["--tune", "2", "--until", "1"], "--tune and --until cannot be given together"),
    ],
)
def test_numbers_that_cannot_be_are_refused(
    run: Run, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_trials_of_no_suite_are_not_packed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pack", "--tune", "2", "--output", str(tmp_path / "a.zip")]) == 2
    assert "name one with --suite" in capsys.readouterr().err


def test_an_audit_is_not_tuned(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--tune", "2", "--dry-run", audit="as_released") == 2
    assert "suite mine is an audit" in capsys.readouterr().err


def test_a_validation_part_of_one_sample_chooses_nothing(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = np.zeros((15, 1, 8, 8), np.uint8)
    np.savez(tmp_path / "mine.npz", S2=images, S1=images, labels=np.arange(15) // 12)
    assert run("--dry-run") == 0
    assert run("--tune", "2", "--dry-run") == 2
    error = capsys.readouterr().err
    assert "data set mine: the held-out validation part of repetition 1 has one sample" in error
    assert error.count("\n") == 1


def test_a_method_of_ones_own_declares_its_space_in_its_file(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.py"
    lines = (Path(__file__).parents[3] / "docs" / "examples" / "my_method.py").read_text()
    own.write_text(lines.replace("cosine_kd", "own_kd").replace("(0.1, 10)", "(10, 0.1)"))
    try:
        assert run("--tune", "2", "--dry-run", "--load", str(own)) == 2
    finally:
        METHODS.remove("own_kd")
    error = capsys.readouterr().err
    assert "'weight' of method 'own_kd' goes from 10 to 0.1, which leaves nothing to try" in error
