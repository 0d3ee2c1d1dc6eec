"""The main job from end to end: real runs on miniature data, failures, restarts, bad input."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from benchmark.cli import main
from benchmark.records.store import ResultStore
from methods import METHODS

ROOT = Path(__file__).parents[3]
Run = Callable[..., int]
SMALL = ("--smoke", "--seeds", "1", "--epochs", "1", "--datasets", "tristar")


@pytest.fixture
def run(tmp_path: Path, miniature_data: Path) -> Run:
    """Run the command line on one small data set, results and reports inside `tmp_path`."""

    def call(*arguments: str, suite: str = "table1", small: bool = True) -> int:
        size = (
            ["--smoke", "--seeds", "1", "--epochs", "1", "--datasets", "tristar"] if small else []
        )
        folders = [f"--{name}={tmp_path / name}" for name in ("results", "reports")]
        folders.append(f"--data={miniature_data if small else tmp_path / 'data'}")
        return main(["--suite", suite, "--device", "cpu", *size, *folders, *arguments])

    return call


def _records(folder: Path) -> dict[str, dict[str, object]]:
    kept = {"spec", "data", "deployments", "loss_curve", "files"}
    return {record.key: record.model_dump(include=kept) for record in ResultStore(folder).records()}


@pytest.mark.slow
def test_smoke_runs_score_above_chance(run: Run, tmp_path: Path) -> None:
    few = ["--datasets", "eurosat_ms_sar", "--methods", "kd_v1", "--plugins", "none"]
    assert run("--smoke", "--executor", "inline", *few, small=False) == 0
    table = pd.read_csv(tmp_path / "reports" / "table1_smoke" / "table1_smoke.csv")
    scores = table[table.metric == "accuracy"].groupby("method").value.mean()
    chance = 1 / 10
    assert scores["teacher"] > 3 * chance
    assert scores["student"] > 1.3 * chance
    assert scores["kd_v1"] > 1.3 * chance


def test_from_suite_to_table_and_nothing_is_trained_twice(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--executor", "inline", "--methods", "kd_v1", "discom_kd") == 0
    assert "5 runs trained, 0 reused, 0 failed" in capsys.readouterr().out
    folder = tmp_path / "reports" / "table1_smoke"
    stem = "table1_smoke"
    assert {path.name.removeprefix(stem) for path in folder.iterdir()} == {
        ".md", ".tex", ".csv", ".json", "_statistics.md", "_statistics.csv",
        "_notes.tex", "main.tex", "index.html",
    }  # fmt: skip
    first = (folder / "table1_smoke.md").read_text()
    assert run("--executor", "inline", "--methods", "kd_v1", "discom_kd") == 0
    assert "0 runs trained, 5 reused" in capsys.readouterr().out
    assert (folder / "table1_smoke.md").read_text() == first
    assert run("--executor", "inline", "--methods", "kd_v1", "discom_kd", suite="table2") == 0
    # Of table 2's ten runs, both references and the joint run are done already.
    assert "5 runs trained, 3 reused" in capsys.readouterr().out


def test_table_4_needs_no_training_after_table_3(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--executor", "inline", suite="table3") == 0
    assert "5 runs trained" in capsys.readouterr().out
    assert run("--executor", "inline", suite="table4") == 0
    assert "0 runs trained, 1 reused" in capsys.readouterr().out
    text = (tmp_path / "reports" / "table4_smoke" / "table4_smoke.md").read_text()
    assert "| only z_inv | - | " in text
    assert "(0 of 1)" not in text


def test_an_audit_from_suite_to_figure(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    choice = ("--methods", "student_x2", "mlkd", "--plugins", "none")
    assert run("--executor", "inline", *choice, suite="audit") == 0
    # 4 under the text's protocol, as many with other normalisation and under the released one, 3
    # without augmentation, MLKD with its teacher in train mode and with its released divergence,
    # STUDENT x2 with the released projection.
    assert "18 runs trained, 0 reused, 0 failed" in capsys.readouterr().out
    folder = tmp_path / "reports" / "audit_smoke"
    assert "| MLKD | " in (folder / "audit_smoke.md").read_text()
    assert (folder / "audit_smoke_over_student_x2.png").is_file()


def test_worker_processes_give_the_same_bits_as_this_process(run: Run, tmp_path: Path) -> None:
    methods = ("--methods", "ctkd", "discom_kd")
    assert run("--executor", "inline", *methods) == 0
    inline = _records(tmp_path / "results")
    assert (
        run("--executor", "local", "--workers", "2", *methods, f"--results={tmp_path / 'two'}") == 0
    )
    assert _records(tmp_path / "two") == inline
    assert len(inline) == 5


def test_dry_run_and_report_only_train_nothing(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--dry-run", small=False) == 0
    output = capsys.readouterr().out
    assert "195" in output
    assert "SUNRGBD is missing" in output
    assert not (tmp_path / "results").exists()
    assert run("--report-only", "--methods", "kd_v1") == 0
    text = (tmp_path / "reports" / "table1_smoke" / "table1_smoke.md").read_text()
    assert "(0 of 1)" in text
    assert not (tmp_path / "results").exists()


def test_a_report_can_be_made_where_the_data_is_not(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "tristar"
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    for name in ("THERMAL", "DEPTH"):
        images = random.random((90, 1, 8, 8)).astype(np.float32)
        np.save(folder / f"{name}_data_normalized.npy", images)
    np.save(folder / "labels.npy", np.arange(90) % 6)
    options = ["--datasets", "tristar", "--seeds", "1", "--epochs", "1", "--methods", "kd_v1"]
    assert run("--executor", "inline", *options, small=False) == 0
    table = tmp_path / "reports" / "table1" / "table1.md"
    expected = table.read_text()
    table.unlink()
    folder.rename(tmp_path / "moved")
    assert run("--report-only", *options, small=False) == 0
    assert table.read_text() == expected


def test_records_alone_tell_of_own_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = {"name": "mine", "npz": str(tmp_path / "mine.npz"), "split": "by_group"}
    suite = {
        "name": "own",
        "scenario": "multi_modal",
        "datasets": [entry],
        "methods": ["kd_v1", "discom_kd"],
        "plugins": ["none"],
        "seeds": 2,
        "training": {"epochs": 1, "batch_size": 32},
    }
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(suite))
    random = np.random.default_rng(0)
    # In an order that is not that of the alphabet.
    images = {name: random.integers(0, 255, (90, 1, 8, 8), np.uint8) for name in ("Z", "B", "Y")}
    np.savez(tmp_path / "mine.npz", **images, labels=np.arange(90) % 3, groups=np.arange(90) // 3)
    own = ("--suite", str(path), "--results", str(tmp_path / "results"))
    report, data = tmp_path / "reports" / "own", tmp_path / "mine.npz"
    folders = ("--reports", str(tmp_path / "reports"), "--data", str(tmp_path / "data"))
    assert main([*own, *folders, "--executor", "inline", "--device", "cpu"]) == 0
    names = ("own.md", "own.tex", "own.csv", "own.json")
    expected = {name: (report / name).read_bytes() for name in names}
    shutil.rmtree(report)
    data.unlink()
    assert main([*own, *folders, "--report-only"]) == 0
    assert {name: (report / name).read_bytes() for name in names} == expected
    capsys.readouterr()
    assert main([*own, *folders, "--dry-run"]) == 0
    assert " 0.0 " in capsys.readouterr().out  # million images to train
    assert main(["status", *own]) == 0
    assert " none " in capsys.readouterr().out  # time left
    assert main([*own, *folders]) == 2
    assert capsys.readouterr().err.startswith(f"error: no file {data}")
    elsewhere = (*own[:2], "--results", str(tmp_path / "none"), *folders)
    for command in ("--report-only", "--dry-run"):
        assert main([*elsewhere, command]) == 2
        error = capsys.readouterr().err
        assert "is on mine, and its data is not here: no file" in error
        assert error.count("\n") == 1


def test_a_report_without_data_and_without_any_record_is_refused(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--report-only", small=False) == 2
    error = capsys.readouterr().err
    assert "is of suite table1, and its data is not here: SUNRGBD is missing" in error
    assert error.count("\n") == 1


def test_missing_data_is_one_sentence_with_a_way_out(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(small=False) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: SUNRGBD is missing")
    assert error.count("\n") == 1
    assert "--smoke" in error
    assert not (tmp_path / "results").exists()


FAILING_METHOD = """
import os
import shutil
import signal

import torch

from methods import DistillationMethod, register_method
from methods.kd import kd_loss


@register_method
class Failing(DistillationMethod):
    name = "failing"
    label = "Failing"
    how: str = "raise"

    def distillation_loss(self, student_logits, teacher_logits, target, epoch):
        if self.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.how == "nan":
            return kd_loss(student_logits, teacher_logits) * torch.nan
        raise RuntimeError("this method always fails")
"""


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("raise", "RuntimeError: this method always fails"),
        ("nan", "the loss became nan in epoch 1, step 1 of 9"),
        ("kill", "its worker process ended with code -9; it may have run out of memory"),
    ],
)
def test_a_failing_run_stops_nothing_else(
    tmp_path: Path, miniature_data: Path, how: str, reason: str
) -> None:
    (tmp_path / "failing.py").write_text(FAILING_METHOD.replace('"raise"', f'"{how}"', 1))
    script = [
        sys.executable,
        str(ROOT / "run_benchmark.py"),
        *("--suite", "table1", *SMALL),
        *("--device", "cpu", "--executor", "local", "--workers", "1"),
        *("--load", str(tmp_path / "failing.py"), "--methods", "failing", "kd_v1"),
        *(f"--{name}={tmp_path / name}" for name in ("results", "reports")),
        *("--data", str(miniature_data)),
    ]
    result = subprocess.run(script, capture_output=True, text=True, check=False, cwd=ROOT)
    assert result.returncode == 1, result.stderr
    assert "4 runs trained, 0 reused, 2 failed, 0 blocked" in result.stdout
    assert reason in result.stdout
    assert len(list((tmp_path / "results" / "failures").iterdir())) == 2
    table = (tmp_path / "reports" / "table1_smoke" / "table1_smoke.md").read_text()
    assert "| Failing | ORIG | - (0 of 1) |" in table
    again = subprocess.run(script, capture_output=True, text=True, check=False, cwd=ROOT)
    assert "0 runs trained, 4 reused, 2 failed" in again.stdout


def test_a_failed_teacher_blocks_its_students_alone(
    tmp_path: Path, write_npz: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    suite = {
        "name": "own",
        "scenario": "cross_modal",
        "datasets": [{"name": "own", "npz": str(write_npz()), "teacher": "S2", "student": "S1"}],
        "methods": ["kd_v1", "dkd"],
        "seeds": 1,
        "training": {"epochs": 1, "batch_size": 16, "learning_rate": 1e30},
    }
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(suite))
    folders = [f"--{name}={tmp_path / name}" for name in ("results", "reports")]
    code = main(["--suite", str(path), "--device", "cpu", "--executor", "inline", *folders])
    output = capsys.readouterr().out
    assert code == 1
    assert "0 runs trained, 0 reused, 2 failed, 2 blocked by a failed teacher" in output
    assert "blocked: own: kd_v1 S2 -> S1, repetition 0: its teacher failed" in output


def test_own_method_in_one_file_joins_the_suite(tmp_path: Path, miniature_data: Path) -> None:
    example = ROOT / "docs" / "examples" / "my_method.py"
    script = [
        sys.executable,
        str(ROOT / "run_benchmark.py"),
        *("--suite", "table1", *SMALL),
        *("--load", str(example), "--dry-run"),
        *(f"--{name}={tmp_path / name}" for name in ("results", "reports")),
        *("--data", str(miniature_data)),
    ]
    result = subprocess.run(script, capture_output=True, text=True, check=True, cwd=ROOT)
    assert "15" in result.stdout  # 13 runs of the paper and two of one's own


GREEDY = """
from pathlib import Path

import torch

from methods import DistillationMethod, register_method

TRIES = Path({folder!r})


@register_method
class Greedy(DistillationMethod):
    name = "greedy"
    label = "Greedy"

    def distillation_loss(self, student_logits, teacher_logits, target, epoch):
        tries = len(list(TRIES.iterdir()))
        if tries < {failures}:
            (TRIES / str(tries)).touch()
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1.00 TiB")
        return (student_logits - teacher_logits).square().mean()
"""


@pytest.mark.parametrize("failures", [1, 2])
def test_a_run_that_is_out_of_memory_is_tried_again_alone(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], failures: int
) -> None:
    (tmp_path / "tries").mkdir()
    method = tmp_path / "greedy.py"
    method.write_text(GREEDY.format(folder=str(tmp_path / "tries"), failures=failures))
    options = ("--load", str(method), "--methods", "greedy", "--plugins", "none")
    try:
        code = run("--executor", "local", "--runs-per-device", "2", *options)
    finally:
        METHODS.remove("greedy")
    output = " ".join(capsys.readouterr().out.split())
    assert "tried again alone on its device" in output
    if failures == 1:
        assert code == 0
        assert "3 runs trained, 0 reused, 0 failed" in output
    else:
        assert code == 1
        assert "it does not fit on this device even alone" in output
        assert "smaller --batch-size" in output


def test_interrupted_and_started_again(tmp_path: Path, miniature_data: Path) -> None:
    script = [
        sys.executable,
        str(ROOT / "run_benchmark.py"),
        *("--suite", "table1", "--smoke", "--datasets", "tristar", "--seeds", "1"),
        *("--device", "cpu", "--workers", "2", "--methods", "kd_v1", "kd_v2"),
        *(f"--{name}={tmp_path / name}" for name in ("results", "reports")),
        *("--data", str(miniature_data)),
    ]
    process = subprocess.Popen(
        script,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Shells start background jobs with this signal ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("done"):
            break
    os.killpg(process.pid, signal.SIGINT)  # as a terminal's Ctrl-C: to every process
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "finished runs are kept" in error
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "results/runs").glob("*.json")}
    assert before
    assert not list((tmp_path / "results" / "runs").glob(".*"))
    again = subprocess.run(script, capture_output=True, text=True, check=True)
    trained = 6 - len(before)
    assert f"{trained} runs trained, {len(before)} reused" in again.stdout
    assert all(path.stat().st_mtime_ns == changed for path, changed in before.items())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--device", "cuda:99"], "--devices cuda:99: found"),
        (["--device", "gpu"], "--devices gpu: unknown device"),
        (["--workers", "0"], "--runs-per-device 0: expected 1 or more"),
        (["--workers", "1001"], "--runs-per-device 1001: expected 1000 or less"),
        (["--snapshot-minutes", "nan"], "--snapshot-minutes nan: expected a number from 0, or off"),
        (["--epochs", "0"], "training.epochs is 0"),
        (["--epochs", "1000001"], "training.epochs is 1000001, but it should be less than"),
        (["--batch-size", "9" * 26], "but it should be less than or equal to 1000000"),
        (["--seeds", "3000000"], "seeds is 3000000, but it should be at most 10000 repetitions"),
        (["--seeds", "9" * 26], "but it should be at most 10000 repetitions"),
        (["--seeds", "0,2147483648"], "seeds should be repetitions below 2147483648"),
        (["--methods", "kd1"], "unknown method 'kd1'"),
        (["--datasets", "eurosat"], "no data set 'eurosat'"),
        (["--protocol", "as_printed"], "unknown protocol 'as_printed'"),
        (["--load", "absent.py"], "cannot read --load absent.py"),
        (["--results", "/proc/nowhere"], "cannot write to the results folder"),
        (["--suite", "table1"], "two suites are called 'table1_smoke'"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert "Traceback" not in error
