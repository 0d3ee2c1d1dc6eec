"""Grids on a real Ray cluster of three nodes on this machine, whose nodes and head are killed."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmark.cli import main
from benchmark.records.claims import Claims
from benchmark.records.store import ResultStore

pytest.importorskip("ray", reason="needs Ray: pip install '.[ray]'")

ROOT = Path(__file__).parents[3]
RAY = Path(sys.executable).with_name("ray")
SETTINGS = {
    # How long Ray's processes, and this benchmark, wait for a head that is gone; 60 by default.
    "RAY_gcs_rpc_server_reconnect_timeout_s": "20",
    "RAY_worker_niceness": "0",  # else whatever runs beside the tests comes first
    "RAY_USAGE_STATS_ENABLED": "0",
}
SEEDS = 2
RUNS = 4 * SEEDS


class _Cluster:
    """A head and other nodes with one CPU core each; every node is a session of processes."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        self._folder = folder
        self.nodes: list[subprocess.Popen[str]] = []

    def start(self, count: int) -> None:
        """Start a head, then the other nodes."""
        port = self.address.rpartition(":")[2]
        head = ["--head", f"--port={port}", "--include-dashboard=false"]
        self._start(*head, f"--temp-dir={self._folder}")
        for _ in range(count - 1):
            self._start(f"--address={self.address}")

    def _start(self, *arguments: str) -> None:
        command = [str(RAY), "start", "--block", "--num-cpus=1", *arguments]
        limits = ["--object-store-memory=80000000", "--min-worker-port=0", "--max-worker-port=0"]
        node = subprocess.Popen(
            [*command, *limits],
            env=os.environ | SETTINGS,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.nodes.append(node)
        assert node.stdout is not None
        assert any("Ray runtime started" in line for line in node.stdout)

    def kill(self, node: "subprocess.Popen[str]") -> None:
        """End all processes of a node at once, as when its machine loses power."""
        self.nodes.remove(node)
        os.killpg(node.pid, signal.SIGKILL)
        node.communicate()


@pytest.fixture
def cluster() -> Iterator[_Cluster]:
    # Its sockets' paths may have 107 characters at most, too few for the folder of a test.
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder:
        made = _Cluster(Path(folder))
        made.start(3)
        yield made
        for node in list(made.nodes):
            made.kill(node)


def _arguments(results: Path, data: Path, *more: str) -> list[str]:
    return [
        *("--suite", "table1", "--smoke", "--datasets", "tristar", "--seeds", str(SEEDS)),
        *("--epochs", "3", "--methods", "kd_v1", "discom_kd", "--plugins", "none"),
        *("--device", "cpu", f"--results={results}", f"--reports={results.parent / 'reports'}"),
        *(f"--data={data}", "--snapshot-minutes=0", *more),
    ]


class _Command:
    """A grid in a process of its own, and what it has printed so far."""

    def __init__(self, arguments: list[str], log: Path) -> None:
        self._log = log
        with log.open("w") as output:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "run_benchmark.py"), *arguments],
                env=os.environ | SETTINGS | {"PYTHONUNBUFFERED": "1"},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self._log.read_text()

    def until(self, condition: Callable[[], Any]) -> None:
        """Wait for something that happens before it ends."""
        while not condition():
            assert self._process.poll() is None, self.output
            time.sleep(0.1)

    def end(self) -> int:
        """Wait for its end; the exit code."""
        return self._process.wait(timeout=900)


def _records(results: Path) -> set[str]:
    return {path.stem for path in (results / "runs").glob("*.json")}


def _node_of(results: Path, nodes: "list[subprocess.Popen[str]]") -> "subprocess.Popen[str] | None":
    """One of the nodes that trains now."""
    sessions = set()
    for owner in Claims(results / "claims").overview().held.values():
        if owner is not None:
            try:
                sessions.add(os.getsid(owner.pid))
            except ProcessLookupError:
                continue
    return next((node for node in nodes if node.pid in sessions), None)


def _numbers(folder: Path) -> dict[str, dict[str, Any]]:
    """All of each record that must not depend on when, where and how often it was tried."""
    kept = {"spec", "data", "deployments", "loss_curve", "files"}
    return {record.key: record.model_dump(include=kept) for record in ResultStore(folder).records()}


@pytest.mark.slow
def test_a_grid_ends_complete_though_a_node_and_then_the_head_are_killed(
    tmp_path: Path, miniature_data: Path, cluster: _Cluster
) -> None:
    results = tmp_path / "results"
    ray = ("--executor", "ray", "--ray-address", cluster.address)
    command = _Command(_arguments(results, miniature_data, *ray), tmp_path / "first.log")
    command.until(lambda: _node_of(results, cluster.nodes[1:]))
    victim = _node_of(results, cluster.nodes[1:])
    assert victim is not None
    cluster.kill(victim)
    before = len(_records(results))
    command.until(lambda: "its node left the Ray cluster" in command.output)
    command.until(lambda: len(_records(results)) > before)

    cluster.kill(cluster.nodes[0])
    code, output = command.end(), command.output
    assert code == 1, output
    assert "the head of the Ray cluster does not answer any more" in output
    assert "failed:" not in output
    kept = _records(results)
    assert len(kept) < RUNS

    for node in list(cluster.nodes):
        cluster.kill(node)
    cluster.start(3)
    command = _Command(_arguments(results, miniature_data, *ray), tmp_path / "second.log")
    code, output = command.end(), command.output
    assert code == 0, output
    assert f"{RUNS - len(kept)} runs trained, {len(kept)} reused" in output
    calm = tmp_path / "calm"
    assert main(_arguments(calm, miniature_data, "--executor", "inline")) == 0
    assert len(_numbers(results)) == RUNS
    assert _numbers(results) == _numbers(calm)
