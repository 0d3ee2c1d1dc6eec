"""What large plans cost: `python -m benchmark.scale --runs 1000 10000 100000`.

Builds a suite of each size in a temporary folder, with a record of every run in the true format,
and measures each step in a process of its own. docs/performance.md has figures.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from benchmark.cli import main as run_command_line
from benchmark.records.store import ResultStore
from benchmark.running.remaining import runs_to_do
from benchmark.scale.synthetic_results import fill, link_half, plan_of, write_suite
from core.host import peak_memory_bytes

SUITE, DONE, HALF = "scale.yaml", "results", "half"
DISPATCH = "dispatch all, no training"


@dataclass(frozen=True)
class Cost:
    """What a step took: seconds of wall clock and of the processor, peak memory in bytes.

    The seconds begin when everything is imported that a step needs in any case; the memory is that
    of the whole process.
    """

    wall: float
    processor: float
    memory: int


def _plan(folder: Path) -> None:
    plan_of(folder / SUITE)


def _resume(folder: Path, results: str) -> None:
    _, plan = plan_of(folder / SUITE)
    runs_to_do(plan.runs.values(), ResultStore(folder / results))


def _list(folder: Path) -> None:
    _, plan = plan_of(folder / SUITE)
    missing = {run.key for run in runs_to_do(plan.runs.values(), ResultStore(folder / HALF))}
    for key, run in plan.runs.items():
        print(key, "to do" if key in missing else "done ", run.description)


def _dispatch(folder: Path) -> None:
    from benchmark.scale.no_training import dispatch

    _, plan = plan_of(folder / SUITE)
    dispatch(plan.runs.values(), folder / "empty")


def _report(folder: Path) -> None:
    places = {"--results": DONE, "--reports": "reports", "--data": "."}
    options = [text for name, place in places.items() for text in (name, str(folder / place))]
    if run_command_line(["--suite", str(folder / SUITE), "--report-only", *options]):
        raise RuntimeError("the report could not be written")


# Each includes the plan, without which there is nothing to look up.
STEPS: dict[str, Callable[[Path], None]] = {
    "plan": _plan,
    "resume, all done": lambda folder: _resume(folder, DONE),
    "resume, half done": lambda folder: _resume(folder, HALF),
    "list keys, half done": _list,
    DISPATCH: _dispatch,
    "report": _report,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every step at every size and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.scale", description=__doc__)
    parser.add_argument("--runs", type=int, nargs="+", default=[1000, 10000], metavar="N")
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="where to make the temporary folder"
    )
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS), metavar="STEP")
    parser.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)  # one step, in its process
    options = parser.parse_args(arguments)
    if options.inside:
        _measure_here(options.inside[0], Path(options.inside[1]))
        return
    found: dict[int, dict[str, Cost]] = {}
    for wanted in sorted(options.runs):
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            folder = Path(name)
            runs = _build(folder, wanted)
            found[runs] = {step: _measure(step, folder) for step in options.steps}
    _print(found)


def _build(folder: Path, wanted: int) -> int:
    """Fill a folder; returns the number of runs, which is near to what is wanted."""
    _, plan = plan_of(write_suite(folder, wanted))
    fill(plan.runs.values(), folder / DONE)
    link_half(folder / DONE, folder / HALF)
    return len(plan.runs)


def _measure(step: str, folder: Path) -> Cost:
    command = [sys.executable, "-m", "benchmark.scale", "--inside", step, str(folder)]
    # Standard output belongs to the step, so the figures come on standard error.
    process = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if process.returncode:
        raise RuntimeError(f"step '{step}' failed:\n{process.stderr}")
    return Cost(**json.loads(process.stderr.splitlines()[-1]))


def _measure_here(step: str, folder: Path) -> None:
    if step == DISPATCH:
        import_module("benchmark.scale.no_training")  # and PyTorch, which no other step needs
    wall, processor = time.perf_counter(), time.process_time()
    STEPS[step](folder)
    cost = Cost(time.perf_counter() - wall, time.process_time() - processor, peak_memory_bytes())
    print(json.dumps(asdict(cost)), file=sys.stderr)


def _print(found: dict[int, dict[str, Cost]]) -> None:
    print("| step | runs | wall s | CPU s | peak MiB | CPU s, times the row above | runs, times |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for step in next(iter(found.values())):
        before: tuple[int, Cost] | None = None
        for runs, costs in found.items():
            cost, growth = costs[step], "| |"
            if before:
                growth = f"{cost.processor / before[1].processor:.1f} | {runs / before[0]:.1f} |"
            print(
                f"| {step} | {runs:,} | {cost.wall:.1f} | {cost.processor:.1f} "
                f"| {cost.memory / 2**20:,.0f} | {growth}"
            )
            before = runs, cost


if __name__ == "__main__":
    main()
