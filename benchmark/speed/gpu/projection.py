"""The hours of tables 1 to 4, projected from what was measured."""

from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import Plan, PlannedRun, make_plan
from benchmark.running.provenance import describe_environment
from benchmark.speed.estimate import by_device, can_estimate, estimate
from benchmark.speed.gpu.side_by_side import streams_name
from benchmark.speed.gpu.step import Context, Result
from benchmark.speed.measurement import read_measurements
from benchmark.speed.shapes import SHAPES
from benchmark.training.precision import resolve_precision

TABLES = ("table1", "table2", "table3", "table4")
MOST_RUNS = 64


def projection(context: Context) -> Result:
    """Hours of all runs of the tables as the suites have them: five seeds, 300 epochs.

    One run at a time, by the estimate of `--dry-run`; and side by side: divided by what runs on
    streams gained at the shape of the data set, where that was measured.

    Raises:
        RuntimeError: no speed of the device is in the folder.
    """
    device = context.device
    name = describe_environment(device, resolve_precision("auto", device)).device
    measured = by_device(read_measurements([context.folder]))
    own = {setup: found for (where, setup), found in measured.items() if where == name}
    if not own:
        raise RuntimeError(f"no measured speed of {name} is in {context.folder}")
    gains = {shape.dataset: _gain(context, key) for key, shape in SHAPES.items()}
    by_dataset = _runs()
    found: Result = {"gain_side_by_side": gains, "runs": {k: len(v) for k, v in by_dataset.items()}}
    for setup, measurements in own.items():
        estimates = {key: estimate(runs, measurements) for key, runs in by_dataset.items()}
        alone = {key: entry.hours for key, entry in estimates.items() if entry}
        if not alone:  # other networks were measured with that set-up
            continue
        together = {key: hours / (gains.get(key) or 1.0) for key, hours in alone.items()}
        found[setup] = {
            "shapes": [each.setup.shape for each in measurements],
            "hours_one_at_a_time": {**alone, "all": sum(alone.values())},
            "hours_side_by_side": {**together, "all": sum(together.values())},
        }
    return found


def _runs() -> dict[str, list[PlannedRun]]:
    """Data set -> the runs of all tables, each once."""
    plan = Plan()
    with TemporaryDirectory() as empty:  # data that is missing is planned by its card
        for name in TABLES:
            suite = read_suite(name)
            plan.merge(make_plan(suite, take_inventory(suite, Path(empty))))
    found = defaultdict(list)
    for run in plan.runs.values():
        if can_estimate(run):
            found[run.source.name].append(run)
    return dict(found)


def _gain(context: Context, shape: str) -> float | None:
    """The best throughput on streams over that of one run; None where one is not measured."""
    results = {
        runs: result["images_per_second"]["median"]
        for runs in range(1, MOST_RUNS + 1)
        if (result := context.report.result(streams_name(shape, runs)))
    }
    return max(results.values()) / results[1] if 1 in results else None
