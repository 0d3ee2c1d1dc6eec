"""Grids whose processes are killed, started twice, or run out of disk still end complete."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmark.cli import main
from benchmark.records.store import ResultStore

ROOT = Path(__file__).parents[3]
KILLS = int(os.environ.get("CMKD_TEST_KILLS", "6"))  # 50 take some six minutes


def _arguments(results: Path, data: Path, seeds: int, *more: str) -> list[str]:
    return [
        *("--suite", "table1", "--smoke", "--datasets", "tristar", "--seeds", str(seeds)),
        *("--epochs", "3", "--methods", "kd_v1", "discom_kd", "--plugins", "none"),
        *("--device", "cpu", f"--results={results}", f"--reports={results.parent / 'reports'}"),
        *(f"--data={data}", *more),
    ]


def _start(arguments: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(ROOT / "run_benchmark.py"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def _numbers(folder: Path) -> dict[str, dict[str, Any]]:
    """All of each record that must not depend on when, where and how often it was tried."""
    kept = {"spec", "data", "deployments", "loss_curve", "files"}
    return {record.key: record.model_dump(include=kept) for record in ResultStore(folder).records()}


class _Watch(threading.Thread):
    """Sees every file that ever stood as a run's record: a second training makes a second one."""

    def __init__(self, results: Path) -> None:
        super().__init__(daemon=True)
        self._runs = results / "runs"
        self._ended = threading.Event()
        self.seen: dict[str, set[int]] = {}

    def run(self) -> None:
        while not self._ended.wait(0.02):
            self.look()

    def look(self) -> None:
        for path in self._runs.glob("*.json"):
            self.seen.setdefault(path.stem, set()).add(path.stat().st_ino)

    def __enter__(self) -> "_Watch":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()
        self.look()


def _workers(parent: int) -> list[int]:
    """The worker processes of a scheduler."""
    found = []
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(parent).children():
            with suppress(psutil.NoSuchProcess):
                if any("spawn_main" in word for word in child.cmdline()):
                    found.append(child.pid)
    return found


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kills_lose_nothing_and_train_nothing_twice(tmp_path: Path, miniature_data: Path) -> None:
    chance = random.Random(0)
    results, seeds, kills = tmp_path / "killed", 4, 0
    grid = _arguments(results, miniature_data, seeds, "--executor", "local", "--workers", "2")
    with _Watch(results) as watch:
        scheduler = _start(grid)
        while kills < KILLS:
            time.sleep(chance.uniform(0.1, 4.0))
            if scheduler.poll() is not None:
                if len(list((results / "runs").glob("*.json"))) == 4 * seeds:
                    seeds += 2  # done early: ask for more
                    grid[grid.index("--seeds") + 1] = str(seeds)
                scheduler.communicate()
                scheduler = _start(grid)
                continue
            victim = chance.choice(["worker", "scheduler", "both"])
            workers = _workers(scheduler.pid)
            if victim == "both":
                os.killpg(scheduler.pid, signal.SIGKILL)
            elif victim == "worker" and workers:
                _kill(chance.choice(workers))
            else:
                _kill(scheduler.pid)
            kills += 1
        _kill(scheduler.pid)
        scheduler.communicate()
        last = _start(grid)
        output, _ = last.communicate(timeout=300)
    assert last.returncode == 0, output
    assert len(watch.seen) == 4 * seeds
    assert {key: len(files) for key, files in watch.seen.items() if len(files) > 1} == {}
    assert not list((results / "claims").iterdir())
    calm = tmp_path / "calm"
    arguments = _arguments(calm, miniature_data, seeds, "--executor", "local", "--workers", "2")
    assert main(arguments) == 0
    assert _numbers(results) == _numbers(calm)


@pytest.mark.slow
@pytest.mark.parametrize("count", [3])
def test_schedulers_that_start_together_split_the_work(
    tmp_path: Path, miniature_data: Path, count: int
) -> None:
    results, seeds = tmp_path / "results", 3
    arguments = _arguments(results, miniature_data, seeds, "--executor", "inline")
    with _Watch(results) as watch:
        schedulers = [_start(arguments) for _ in range(count)]
        outputs = [process.communicate(timeout=300)[0] for process in schedulers]
    assert [process.returncode for process in schedulers] == [0] * count, outputs
    trained = [int(re.findall(r"(\d+) runs trained", output)[0]) for output in outputs]
    assert sum(trained) == len(watch.seen) == 4 * seeds
    assert all(len(files) == 1 for files in watch.seen.values())
    assert min(trained) > 0


@contextmanager
def _small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """Mount a file system of that size; skips where this process may not."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    try:
        allowed = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        allowed = False
    if not allowed:
        pytest.skip("needs the right to mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


def test_a_disk_that_fills_and_one_that_turns_read_only(
    tmp_path: Path, miniature_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = tmp_path / "disk"
    with _small_disk(disk, 70):  # room for one teacher's weights
        grid = _arguments(disk / "results", miniature_data, 1, "--executor", "inline")
        assert main(grid) == 1
        output = capsys.readouterr().out
        assert "No space left on device; make room there" in " ".join(output.split())
        assert "(0 of 1)" in output
        assert "stopped with 3 runs left" in output
        whole = _numbers(disk / "results")
        assert len(whole) == 1
        assert not list((disk / "results").rglob("*.tmp"))
        _remount(disk, "ro")
        assert main(grid) == 2
        assert "Read-only file system" in capsys.readouterr().err
        assert main([*grid, "--report-only", f"--reports={tmp_path / 'reports'}"]) == 0
        _remount(disk, "rw,size=1g")
        assert main(grid) == 0
        assert "3 runs trained, 1 reused" in capsys.readouterr().out
        calm = tmp_path / "calm"
        assert main(_arguments(calm, miniature_data, 1, "--executor", "inline")) == 0
        assert _numbers(disk / "results") == _numbers(calm)
