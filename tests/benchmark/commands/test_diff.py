"""`diff` as a user calls it, on stores of constructed records; what `show` and `diff` share."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.cli import main
from benchmark.planning.plan import PlannedRun
from benchmark.records.record import Record

ROOT = Path(__file__).parents[3]
MakeRecord = Callable[..., Record]
MakeRuns = Callable[..., list[PlannedRun]]
Save = Callable[..., Record]


def _student(runs: list[PlannedRun]) -> PlannedRun:
    return next(run for run in runs if run.teacher_key)


def _teacher(runs: list[PlannedRun]) -> PlannedRun:
    return next(run for run in runs if run.key == _student(runs).teacher_key)


def _rows(output: str, first: str) -> list[list[str]]:
    """Cells of the table rows that begin with a cell of this text."""
    rows = ([cell.strip() for cell in line.split("│")[1:-1]] for line in output.splitlines())
    return [row for row in rows if row and row[0] == first]


def test_diff_of_runs_tells_settings_teachers_and_scores(
    plan_runs: MakeRuns, save: Save, read: Any
) -> None:
    short, long = (plan_runs(training={"epochs": epochs}) for epochs in (3, 5))
    for run in (*short, *long):
        save(run)
    first, second = _student(short), _student(long)
    save(first, 0.5)
    save(second, 0.625, predicted=(0, 0))
    output = read("diff", first.key, second.key)
    assert _rows(output, "training.epochs") == [["training.epochs", "3", "5"]] * 2
    keys = ["teacher.key", str(first.teacher_key), str(second.teacher_key)]
    assert _rows(output, "teacher.key") == [keys]
    assert output.index("Settings of the teachers") < output.rindex("training.epochs")
    assert _rows(output, "DEPTH") == [
        ["DEPTH", "weighted_f1", "50.00", "62.50", "+12.50"],
        ["DEPTH", "macro_f1", "25.00", "31.25", "+6.25"],
        ["DEPTH", "accuracy", "50.00", "62.50", "+12.50"],
    ]
    assert "DEPTH: the same on 1 of 2 test samples" in output
    assert "nothing differs" in output


def test_diff_says_where_a_teacher_is_not_known(plan_runs: MakeRuns, save: Save, read: Any) -> None:
    short, long = (plan_runs(training={"epochs": epochs}) for epochs in (3, 5))
    for run in (*short, _student(long)):
        save(run)
    output = read("diff", _student(short).key, _student(long).key)
    assert f"the record of B's, {_student(long).teacher_key}, is not in" in output
    assert "record of A's" not in output


def test_diff_of_one_run_done_twice_tells_what_is_outside_the_key(
    plan_runs: MakeRuns, save: Save, read: Any, make_record: MakeRecord, tmp_path: Path
) -> None:
    run = _student(plan_runs())
    environment = make_record(run, {"S1": 0.5}).environment
    save(run)
    save(run, folder="gpu", environment=environment.model_copy(update={"device": "GPU test"}))
    output = read("diff", run.key, str(tmp_path / "gpu" / "runs" / f"{run.key}.json"))
    assert "none differs: both have the same key" in output
    assert _rows(output, "environment.device") == [["environment.device", "CPU test", "GPU test"]]
    assert "DEPTH: the same on 2 of 2 test samples" in output


def test_diff_compares_predictions_on_the_same_samples_alone(
    plan_runs: MakeRuns, save: Save, read: Any, tmp_path: Path
) -> None:
    first, second = (_student(plan_runs(seeds=[seed])) for seed in (0, 1))
    save(first)
    save(second, indices=(5, 4))
    assert "tested on different samples" in read("diff", first.key, second.key)
    save(second)
    assert "the same on 2 of 2" in read("diff", first.key, second.key)
    (tmp_path / "results" / "runs" / f"{second.key}.predictions.npz").unlink()
    assert "cannot be compared: the predictions" in read("diff", first.key, second.key)


def test_diff_of_runs_with_different_networks(
    plan_runs: MakeRuns, save: Save, read: Any, make_record: MakeRecord
) -> None:
    runs = plan_runs()
    save(_student(runs))
    save(_teacher(runs), deployments=make_record(_teacher(runs), {"THERMAL": 0.5}).deployments)
    output = read("diff", _student(runs).key, _teacher(runs).key)
    assert "only A deploys DEPTH\nonly B deploys THERMAL" in output
    assert "no network is deployed by both" in output


def test_diff_of_folders_counts_equal_runs_and_lists_others(
    plan_runs: MakeRuns, save: Save, read: Any, tmp_path: Path
) -> None:
    runs = plan_runs()
    for run in runs:
        save(run, 0.5, folder="a")
        save(run, 0.5 if run is not runs[0] else 0.625, folder="b")
    (tmp_path / "b" / "runs" / "broken.json").touch()
    output = read("diff", str(tmp_path / "a"), str(tmp_path / "b"))
    assert f"Runs in both: {len(runs)}" in output
    assert f"equal scores: {len(runs) - 1}; differing: 1" in output
    assert "│ 50.00 │ 62.50 │ +12.50 │   12.50 │" in output
    assert "Runs only in A: 0; only in B: 0" in output
    assert f"left out: {tmp_path / 'b' / 'runs' / 'broken.json'} is not a readable record" in output


def test_diff_of_folders_pairs_runs_that_differ_in_a_setting(
    plan_runs: MakeRuns, save: Save, read: Any, tmp_path: Path
) -> None:
    seeds = {0: 0.5, 1: 0.75, 2: 0.25}
    for seed, step in seeds.items():
        for run in plan_runs(seeds=[seed], training={"epochs": 3}):
            save(run, 0.5, folder="a")
        for run in plan_runs(seeds=[seed], training={"epochs": 5}) if seed < 2 else ():
            save(run, step if run.teacher_key else 0.5, folder="b")
    output = read("diff", str(tmp_path / "a"), str(tmp_path / "b"))
    assert "Runs only in A: 9; only in B: 6" in output
    assert "not paired: 3 of A, 0 of B" in output
    assert _rows(output, "training.epochs") == [["training.epochs", "3", "5"]]
    assert _rows(output, "dkd") == [["dkd", "2", "2", "+12.50", "+0.00", "+25.00"]]
    assert _rows(output, "reference") == [["reference", "4", "4", "+0.00", "+0.00", "+0.00"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "0000"], "results (runs there: 1); give a key"),
        (["show", "absent.json"], "no record absent.json; name a run's key"),
        (["show", "{root}/README.md"], "README.md is not a record; name a run's .json file"),
        (["show", "{folder}"], "is a folder, expected a run"),
        (["show", "0000", "--results", "{folder}/absent"], "absent does not exist"),
        (["show", "0000", "--results", "{root}/README.md"], "README.md is a file"),
        (["diff", "0000", "{folder}"], "is a folder and 0000 is not: expected two"),
        (["diff", "{folder}", "{folder}/absent"], "absent is not: expected two"),
        (["diff", "{folder}", "{folder}/runs"], "runs holds no records: expected a results"),
        (["diff", "{folder}", "{folder}/../empty"], "empty holds no records: expected a results"),
        (["diff", "{folder}", "{folder}/../broken"], "broken can be read (records there: 1)"),
        (["diff", "0000", "1111"], "results (runs there: 1); give a key"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(
    plan_runs: MakeRuns,
    save: Save,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    save(_student(plan_runs()))
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken" / "runs").mkdir(parents=True)
    (tmp_path / "broken" / "runs" / "0.json").touch()
    folder = tmp_path / "results"
    given = [argument.format(folder=folder, root=ROOT) for argument in arguments]
    options = [] if "--results" in given else ["--results", str(folder)]
    assert main([*given, *options]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert main([*given, *options, "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_reading_does_not_load_pytorch(plan_runs: MakeRuns, save: Save, tmp_path: Path) -> None:
    key = _student(plan_runs()).key
    save(_student(plan_runs()))
    folder = str(tmp_path / "results")
    for arguments in (["show", key], ["diff", key, key], ["diff", folder, folder]):
        code = (
            "import sys; from benchmark.cli import main\n"
            f"code = main({[*arguments, '--results', folder]!r})\n"
            "print(code, 'torch' in sys.modules)"
        )
        result = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert result.stdout.endswith("0 False\n")
        assert "\x1b" not in result.stdout
