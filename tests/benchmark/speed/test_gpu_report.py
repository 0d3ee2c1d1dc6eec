"""The GPU report: every step once, on the CPU with tiny sizes; cut off, gone on with, skipped."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rich.console import Console

from benchmark.cli import main as run_command_line
from benchmark.speed import hours
from benchmark.speed.gpu.progress import ReportFile
from benchmark.speed.gpu.step import Context, Result, Step
from benchmark.speed.gpu.steps import STEPS, TINY_STEPS
from benchmark.speed.gpu.work import work
from benchmark.speed.gpu_report import main
from benchmark.speed.measurement import read_measurements

Work = Callable[..., ReportFile]
CPU = torch.device("cpu")
FOREVER = 1e6


@pytest.fixture
def call(tmp_path: Path) -> Work:
    """Begin or go on with a report of some steps, as one call does."""

    def run(*steps: Step, seconds: float = 60) -> ReportFile:
        file = ReportFile(tmp_path / "report.json", tiny=True)
        file.cut_off("the process was killed")
        file.begin_call()
        code = work(Console(quiet=True), file, steps, CPU, time.time() + seconds)
        assert code == 0
        return ReportFile(tmp_path / "report.json", tiny=True)

    return run


def _step(name: str, do: Callable[[Context], Result] | None = None, seconds: float = 1) -> Step:
    return Step(name, seconds, do or (lambda _: {"value": name}))


def _states(file: ReportFile) -> dict[str, tuple[str, int]]:
    return {name: (found.state, found.call) for name, found in file.report.steps.items()}


def test_the_file_is_whole_before_and_after_every_step(call: Work, tmp_path: Path) -> None:
    seen: list[dict[str, tuple[str, int]]] = []

    def look(context: Context) -> Result:
        seen.append(_states(ReportFile(tmp_path / "report.json", tiny=True)))
        return {"earlier": context.report.result("first")}

    file = call(_step("first"), _step("second", look))
    assert seen == [{"first": ("done", 1), "second": ("under way", 1)}]
    assert file.report.result("second") == {"earlier": {"value": "first"}}


def test_what_does_not_fit_is_skipped_and_done_in_the_next_call(call: Work) -> None:
    steps = (_step("long", seconds=FOREVER), _step("short"))
    file = call(*steps)
    assert _states(file) == {"long": ("skipped", 1), "short": ("done", 1)}
    assert file.report.steps["long"].reason == "it may take 1000000 s, and 60 s were left"
    file = call(*steps, seconds=2 * FOREVER)
    assert _states(file) == {"long": ("done", 2), "short": ("done", 1)}


def test_what_fails_is_told_and_comes_last_in_the_next_call(call: Work) -> None:
    order: list[str] = []

    def fail(_: Context) -> Result:
        order.append("fails")
        raise RuntimeError("no such kernel\nand more")

    def note(_: Context) -> Result:
        order.append("new")
        return {}

    file = call(_step("fails", fail), _step("fine"))
    found = file.report.steps["fails"]
    assert (found.state, found.reason) == ("failed", "RuntimeError: no such kernel")
    assert "in fail" in found.details
    call(_step("fails", fail), _step("new", note))
    assert order == ["fails", "new", "fails"]
    # Where no time is left for it, the earlier reason stays.
    file = call(_step("fails", fail, seconds=FOREVER))
    assert file.report.steps["fails"].reason == "RuntimeError: no such kernel"


def test_a_step_that_was_cut_off_comes_last_and_what_is_done_stays(
    call: Work, tmp_path: Path
) -> None:
    call(_step("done"))
    file = ReportFile(tmp_path / "report.json", tiny=True)
    under_way = file.report.steps["done"].model_copy(update={"state": "under way"})
    file.note("cut off", under_way)
    order: list[str] = []

    def again(name: str) -> Step:
        return _step(name, lambda _: order.append(name) or {})  # type: ignore[func-returns-value]

    file = call(*map(again, ("done", "cut off", "new")))
    assert order == ["new", "cut off"]
    assert _states(file) == {"done": ("done", 1), "cut off": ("done", 2), "new": ("done", 2)}


def test_a_step_that_hangs_ends_its_process(tmp_path: Path) -> None:
    script = f"""
import time, torch
from pathlib import Path
from rich.console import Console
from benchmark.speed.gpu.progress import ReportFile
from benchmark.speed.gpu.step import Step
from benchmark.speed.gpu.work import work
file = ReportFile(Path({str(tmp_path / "report.json")!r}), tiny=True)
step = Step("hangs", 0.05, lambda _: time.sleep(600))
work(Console(), file, [step], torch.device("cpu"), time.time() + 600)
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "Timeout" in ended.stderr
    assert _states(ReportFile(tmp_path / "report.json", tiny=True)) == {"hangs": ("under way", 0)}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--tiny", "--steps", "speeed"), "--steps 'speeed': no such step; the steps are"),
        ((), "a GPU report needs a GPU, and found none"),
    ],
)
def test_wrong_input_is_said(
    arguments: tuple[str, ...], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # With --until the work is done in this process.
    options = ("--device", "cpu", "--output", str(tmp_path / "report.json"), "--until", "0")
    assert main([*options, *arguments]) == 2
    assert problem in " ".join(capsys.readouterr().err.split())


def test_another_file_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.json"
    path.write_text("{}")
    assert main(["--tiny", "--output", str(path)]) == 2
    assert "found no GPU report" in capsys.readouterr().err
    path.unlink()
    ReportFile(path, tiny=True).begin_call()
    assert main(["--output", str(path)]) == 2
    assert "of tiny sizes" in capsys.readouterr().err


def test_names_of_steps_are_distinct_and_the_tiny_ones_are_among_them() -> None:
    names = [step.name for step in STEPS]
    assert len(set(names)) == len(names)
    assert set(TINY_STEPS) <= set(names)


@pytest.mark.slow
def test_the_report_is_killed_and_goes_on_to_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "results" / "report.json"
    options = ("--tiny", "--device", "cpu", "--output", str(path), "--minutes", "30")
    command = [sys.executable, "-m", "benchmark.speed.gpu_report", *options]
    with subprocess.Popen(command, start_new_session=True) as process:
        while not path.exists() or "environment" not in _done(path):
            assert process.poll() is None
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    assert 0 < len(_done(path)) < len(TINY_STEPS)
    assert main(options) == 0
    steps = json.loads(path.read_text())["steps"]
    assert set(_done(path)) == set(TINY_STEPS)
    assert steps["environment"]["call"] == 1
    assert steps["compiled"]["call"] == 2

    results = {name: found["result"] for name, found in steps.items()}
    best = results["loader workers"]["best"]
    assert best in (0, 1)
    assert len(results["loader workers"]["times_as_fast"]) == 2
    (measured,) = read_measurements([path.parent / "speed"])
    assert measured.setup.loader_workers == best
    assert {"dkd", "student", "teacher", "reference loop"} <= {
        timing.name for timing in measured.timings
    }
    assert "needs a GPU" in results["tests"]["output"]
    one, two = (results[f"side by side, eurosat, {count} on streams"] for count in (1, 2))
    gain = two["images_per_second"]["median"] / one["images_per_second"]["median"]
    projected = results["projection of tables 1 to 4"]
    assert projected["gain_side_by_side"]["eurosat_ms_sar"] == pytest.approx(max(1, gain))
    for kind in ("float64", "float32"):  # the CPU beside itself
        assert results["parity, dkd+lskd"][kind]["largest_relative_difference"] < 1e-5
    assert [each["ending"] for each in results["out of memory"]["afterwards"]] == ["done", "done"]

    monkeypatch.setattr(hours, "SHIPPED", tmp_path / "none")
    folders = [f"--results={path.parent}", f"--data={tmp_path / 'data'}"]
    assert run_command_line(["--suite", "table1", "--dry-run", *folders]) == 0
    assert "Hours, one run at a time" in capsys.readouterr().out


def _done(path: Path) -> list[str]:
    steps = json.loads(path.read_text())["steps"]
    return [name for name, found in steps.items() if found["state"] == "done"]
