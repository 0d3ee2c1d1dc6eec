"""Finished runs in the tools that they are logged to: read back as these tools read them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.cli import main
from benchmark.planning.plan import PlannedRun
from benchmark.records.record import Record
from benchmark.records.store import ResultStore
from benchmark.running.tracking.base import LoggedRun, logged_run
from benchmark.running.tracking.choice import make_trackers
from benchmark.running.tracking.logged import LoggedRuns
from benchmark.running.tracking.mlflow import MLflow
from benchmark.running.tracking.wandb import WeightsAndBiases

MakeRuns = Callable[..., list[PlannedRun]]
MakeRecord = Callable[..., Record]
SMOKE = [
    *("--suite", "table1", "--smoke", "--datasets", "tristar", "--seeds", "1", "--epochs", "2"),
    *("--methods", "kd_v1", "--plugins", "none", "--devices", "cpu", "--executor", "inline"),
]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "results"


@pytest.fixture
def record(plan_runs: MakeRuns, make_record: MakeRecord) -> Record:
    """Of a network whose name not every tool allows."""
    made = make_record(plan_runs()[-1], {"THERMAL+DEPTH": 0.625})
    return made.model_copy(update={"term_curves": {"kd": [0.5, 0.4, 0.3]}})


@pytest.fixture
def run(record: Record) -> LoggedRun:
    return logged_run(record)


def test_what_is_logged_of_a_record(record: Record, run: LoggedRun) -> None:
    assert run.epochs[2] == {
        "loss": 1.0,
        "term/kd": 0.4,
        "validation/THERMAL+DEPTH/weighted_F1": 0.5,
    }
    assert run.scores["test_selected/THERMAL+DEPTH/weighted_f1"] == 0.625
    assert run.scores["selected_epoch/THERMAL+DEPTH"] == 2  # records count from 0
    assert run.configuration["method"] == "dkd"
    assert run.configuration["training.epochs"] == record.spec.training.epochs
    assert run.configuration["modalities"] == "DEPTH"
    assert run.configuration["environment.device"] == "CPU test"


class _Flaky:
    """Fails as often as it is told to, as a server that is away does."""

    place = "here"

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.logged: list[str] = []

    def log(self, run: LoggedRun) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("nobody\nanswers")
        self.logged.append(run.key)


def test_a_run_is_logged_once_and_again_only_where_that_failed(
    record: Record, results: Path
) -> None:
    tracker = _Flaky(failures=1)
    store = ResultStore(results)
    store.prepare()
    (sentence,) = LoggedRuns(store, [tracker]).add(record)
    assert sentence == (
        "was not logged to here: nobody answers; start the same command again to log it"
    )
    for _ in range(3):
        assert not list(LoggedRuns(store, [tracker]).add(record))
    assert tracker.logged == [record.key]


def test_a_folder_that_marks_cannot_be_kept_in_stops_nothing(record: Record, results: Path) -> None:
    store = ResultStore(results)
    store.prepare()
    (results / "logged").write_text("a file of the user's")
    tracker = _Flaky()
    (sentence,) = LoggedRuns(store, [tracker]).add(record)
    assert sentence.startswith("was not logged to here: ")
    assert not tracker.logged


def test_tensorboard_reads_what_a_grid_logs_and_a_second_start_logs_nothing(
    tmp_path: Path, results: Path, miniature_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ("--data", str(miniature_data), "--results", str(results))
    reports = ("--reports", str(tmp_path / "reports"))
    assert main([*SMOKE, *folders, *reports, "--log-to", "tensorboard"]) == 0
    logged = {path: path.stat().st_mtime_ns for path in (results / "tensorboard").rglob("*")}
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    records = list(ResultStore(results).records())
    assert len(records) == 3
    for record in records:
        events = EventAccumulator(str(results / "tensorboard" / record.key)).Reload()
        assert [event.value for event in events.Scalars("loss")] == pytest.approx(record.loss_curve)
        assert [event.step for event in events.Scalars("loss")] == [1, 2]
        (network,) = record.deployments
        (score,) = events.Scalars(f"test_selected/{network}/weighted_f1")
        expected = record.deployments[network].selected.test.headline
        assert score.value == pytest.approx(expected)
    assert main([*SMOKE, *folders, *reports, "--log-to", "tensorboard"]) == 0
    again = {path: path.stat().st_mtime_ns for path in (results / "tensorboard").rglob("*")}
    assert again == logged
    assert "was not logged" not in capsys.readouterr().out
    # Nothing is left of what the runs said while they were under way.
    assert not list((results / "progress").iterdir())


@pytest.fixture
def mlflow(results: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The package, with a store of files."""
    package = pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (results / "mlruns").as_uri())
    return package


def test_mlflow_reads_what_was_logged(run: LoggedRun, results: Path, mlflow: Any) -> None:
    (tracker,) = make_trackers(["mlflow"], results)
    tracker.log(run)
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name("cmkd-benchmark")
    (found,) = client.search_runs([experiment.experiment_id])
    assert (found.info.run_name, found.info.status) == (run.name, "FINISHED")
    assert found.data.tags["key"] == run.key
    assert found.data.params["training.epochs"] == str(run.configuration["training.epochs"])
    assert found.data.metrics["test_selected/THERMAL_DEPTH/weighted_f1"] == 0.625
    history = client.get_metric_history(found.info.run_id, "term/kd")
    assert [(metric.step, metric.value) for metric in history] == [(1, 0.5), (2, 0.4), (3, 0.3)]


def test_what_an_attempt_left_in_mlflow_is_replaced_by_the_next(
    run: LoggedRun, results: Path, mlflow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tracker,) = make_trackers(["mlflow"], results)
    with monkeypatch.context() as away:
        away.setattr("mlflow.tracking.MlflowClient.set_terminated", _gone)
        with pytest.raises(ConnectionError):
            tracker.log(run)
    other = replace(run, key="f" * 20)
    tracker.log(other)
    tracker.log(run)
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name("cmkd-benchmark")
    found = client.search_runs([experiment.experiment_id])
    assert {one.data.tags["key"] for one in found} == {run.key, other.key}
    assert [one.info.status for one in found] == ["FINISHED", "FINISHED"]


def _gone(*_: object) -> None:
    raise ConnectionError("gone")


def test_each_experiment_is_a_place_of_its_own(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = set()
    for name in ("one", "two"):
        monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", name)
        monkeypatch.setenv("WANDB_ENTITY", name)
        places |= {MLflow(results).place, WeightsAndBiases(results).place}
    assert len(places) == 4


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://me:s3cret@example.org/ml", "https://***@example.org/ml"),
        ("https://me:s3@cret@example.org/ml", "https://***@example.org/ml"),
        ("postgresql://db/ml?user=me&password=s3cret&x=1", "ml?user=me&password=***&x=1"),
        ("sqlite:////home/me@host/mlflow.db", "sqlite:////home/me@host/mlflow.db"),
    ],
)
def test_passwords_of_addresses_are_not_printed(
    record: Record, results: Path, monkeypatch: pytest.MonkeyPatch, address: str, shown: str
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    assert MLflow(results).place.endswith(shown)

    class _Talkative(MLflow):
        def log(self, run: LoggedRun) -> None:
            raise ConnectionError(f"API request to {address} failed")

    store = ResultStore(results)
    store.prepare()
    (sentence,) = LoggedRuns(store, [_Talkative(results)]).add(record)
    assert sentence.count(shown) == 2
    assert "s3" not in sentence


def test_wandb_writes_what_was_logged_without_a_network(
    run: LoggedRun, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wandb = pytest.importorskip("wandb")
    monkeypatch.delenv("WANDB_MODE", raising=False)
    (tracker,) = make_trackers(["wandb"], results)
    tracker.log(run)
    wandb.teardown()  # its own process may write on for a moment
    (path,) = (results / "wandb").glob(f"offline-run-*-{run.key}/*.wandb")
    written = path.read_bytes()  # strings stand in it as they are
    for said in (run.key, run.name, "term/kd", "training.epochs", "test_selected/THERMAL+DEPTH"):
        assert said.encode() in written


def test_a_tool_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", {}.get)
    assert main([*SMOKE, "--log-to", "mlflow"]) == 2
    error = capsys.readouterr().err
    assert error == (
        "error: --log-to mlflow needs MLflow; install it with pip install '.[mlflow]'\n"
    )
