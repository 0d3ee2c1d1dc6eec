"""`status` as a user calls it, on a folder that others work on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.cli import main
from benchmark.planning.plan import PlannedRun
from benchmark.records.claims import Claims
from benchmark.records.record import Record
from benchmark.records.status import Work, seconds_left
from benchmark.records.store import ResultStore
from benchmark.tasks.classification import SMOKE_TRAINING

MakeRuns = Callable[..., list[PlannedRun]]
Save = Callable[..., Record]
SUITE = [
    *("--suite", "table1", "--smoke", "--datasets", "tristar", "--seeds", "1"),
    *("--methods", "dkd", "--plugins", "none"),
]


@pytest.fixture
def runs(plan_runs: MakeRuns) -> list[PlannedRun]:
    return plan_runs(training=SMOKE_TRAINING)


def test_done_running_failed_and_what_is_left(
    runs: list[PlannedRun],
    save: Save,
    read: Callable[..., str],
    tmp_path: Path,
    miniature_data: Path,
) -> None:
    teacher, student, distilled = runs
    save(teacher)
    store = ResultStore(tmp_path / "results")
    store.note_failure(student.key, f"{student.description}\nTraceback\nValueError: too bright")
    claim = store.claims.acquire(distilled.key, distilled.description, "cuda:3")
    assert claim is not None
    with claim:
        text = read("status", *SUITE, "--data", str(miniature_data))
    lines = {line.split()[0]: line.split()[-1] for line in text.splitlines() if line.split()}
    assert (lines["done"], lines["running"], lines["failed"]) == ("1", "1", "1")
    assert "CPU-hours, CPU test" in text
    assert "dkd THERMAL -> DEPTH" in text
    assert "cuda:3" in text
    assert f"({student.key}): ValueError: too bright" in text
    row = [cell.strip() for cell in text.splitlines()[-2].split("│")[1:-1]]
    assert row[:5] == ["table1_smoke", "3", "1", "1", "1"]
    # The teacher took a second; the others cost as much each, and one is trained at a time.
    assert row[5] == "about 0:00:02"


def test_a_failure_that_was_mended_is_no_failure(
    runs: list[PlannedRun], save: Save, read: Callable[..., str], tmp_path: Path
) -> None:
    save(runs[0])
    path = tmp_path / "results" / "failures" / f"{runs[0].key}.txt"
    path.parent.mkdir()
    path.write_text("old news")
    assert "old news" not in read("status")


def test_what_cannot_be_read_and_what_was_abandoned(
    runs: list[PlannedRun], save: Save, read: Callable[..., str], tmp_path: Path
) -> None:
    save(runs[0])
    (tmp_path / "results" / "runs" / f"{runs[0].key}.json").write_text("{")
    claim = Claims(tmp_path / "results" / "claims").acquire(runs[1].key, "a run", "cpu")
    assert claim is not None
    path = tmp_path / "results" / "claims" / f"{runs[1].key}.0"
    start = path.read_text().split('"process_start":')[1].split(",")[0]
    path.write_text(path.read_text().replace(f'"process_start":{start}', '"process_start":1'))
    text = read("status")
    assert "its run will be done again" in text
    assert "abandoned  1" in text


def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--results", str(tmp_path / "absent")]) == 2
    assert "there is no results folder" in capsys.readouterr().err


def test_time_left_goes_by_the_kind_of_run() -> None:
    slow, fast = ("data", "discom_kd"), ("data", "dkd")
    done = [Work(slow, 2.0, 40.0), Work(fast, 1.0, 5.0)]
    assert seconds_left([*done, Work(slow, 1.0, None), Work(fast, 2.0, None)], 1) == 30.0
    assert seconds_left([*done, Work(slow, 1.0, None), Work(fast, 2.0, None)], 3) == 10.0
    # Of a kind that nobody has seen yet: 45 seconds for 3 units of cost.
    assert seconds_left([*done, Work(("data", "new"), 1.0, None)], 1) == 15.0
    assert seconds_left([Work(slow, 1.0, None)], 1) is None
    assert seconds_left(done, 1) == 0.0
    # A network whose weights were given was not trained.
    given = Work(slow, 0.0, 3.0)
    assert seconds_left([given, Work(fast, 1.0, 5.0), Work(slow, 2.0, None)], 1) == 10.0
    assert seconds_left([given, Work(slow, 2.0, None)], 1) is None
