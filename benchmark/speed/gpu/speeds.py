"""Speed at the shapes of the published data sets: the suite beside its floors and the loop."""

from dataclasses import asdict
from typing import Any

import torch

from benchmark.speed.engine import EngineRun
from benchmark.speed.floor import Floor
from benchmark.speed.gpu.step import Context, Result
from benchmark.speed.measure import measure, measure_trainings, open_bench
from benchmark.speed.measurement import STUDENT
from benchmark.speed.ratios import paired
from benchmark.speed.reference_loop import ReferenceLoop
from benchmark.speed.report import as_content, write_report
from benchmark.speed.selection import teacher_table
from benchmark.speed.timed_training import Bench, TimedTraining
from benchmark.training.teacher import Teacher
from methods.dkd import DKD
from methods.reference import Reference

LOADER_WORKERS = "loader workers"


def loader_workers(context: Context) -> Result:
    """DKD beside the reference loop with various numbers of loader processes; the best of them."""
    settings = context.settings(
        steps=context.epoch_steps("eurosat"), rounds=min(3, context.sizes.rounds)
    )
    with open_bench(context.console, settings) as bench:
        teacher, seconds = teacher_table(bench)
        trainings: list[TimedTraining] = [distilled(bench, teacher)]
        names = {
            count: f"reference loop, {count} workers" for count in context.sizes.loader_workers
        }
        trainings += [ReferenceLoop(bench, count, name) for count, name in names.items()]
        measurement = measure_trainings(context.console, settings, bench, trainings, seconds)
    suite, *loops = measurement.timings
    faster = {loop.name: paired(loop.training, suite.training) for loop in loops}
    best = min(names, key=lambda count: faster[names[count]].median)
    times = {name: asdict(spread) for name, spread in faster.items()}
    return {"best": best, "times_as_fast": times, **as_content(measurement)}


def speed(context: Context, shape: str, **changes: Any) -> Result:
    """The methods of tables 1 to 4 as `speed` measures them, and the file that `speed` writes."""
    found = context.report.result(LOADER_WORKERS) or {"best": context.sizes.loader_workers[-1]}
    rounds = min(changes.pop("rounds", context.sizes.rounds), context.sizes.rounds)
    settings = context.settings(
        shape,
        loader_workers=found["best"],
        steps=context.epoch_steps(shape),
        rounds=rounds,
        **changes,
    )
    measurement = measure(context.console, settings)
    path = context.folder / f"{measurement.name}.json"
    write_report(path, measurement)
    return {"file": str(path), **as_content(measurement)}


def variants(context: Context) -> Result:
    """CUDA graphs on and off, and memory layouts: steps of the suite, and floors."""
    settings = context.settings()
    with open_bench(context.console, settings) as bench:
        teacher, seconds = teacher_table(bench)
        run = student(bench, teacher)
        trainings: list[TimedTraining] = [
            Floor(bench, Reference.name, run),
            Floor(bench, Reference.name, run, "default layout", torch.contiguous_format),
            run,
            distilled(bench, teacher),
        ]
        if bench.device.type == "cuda":
            trainings += [
                Floor(bench, Reference.name, run, "CUDA graph", graph=True),
                Floor(
                    bench,
                    Reference.name,
                    run,
                    "CUDA graph, default layout",
                    torch.contiguous_format,
                    graph=True,
                ),
                student(bench, teacher, ", no graphs", graphs=False),
                distilled(bench, teacher, ", no graphs", graphs=False),
            ]
        measurement = measure_trainings(context.console, settings, bench, trainings, seconds)
    return as_content(measurement)


def compiled(context: Context) -> Result:
    """The network compiled, beside the other floors and the suite's own step."""
    settings = context.settings()
    with open_bench(context.console, settings) as bench:
        teacher, seconds = teacher_table(bench)
        run = student(bench, teacher)
        compiler = context.sizes.compiler
        trainings: list[TimedTraining] = [
            Floor(bench, Reference.name, run, "compiled", compiler=compiler),
            Floor(bench, Reference.name, run),
            run,
        ]
        if bench.device.type == "cuda":
            trainings.append(Floor(bench, Reference.name, run, "CUDA graph", graph=True))
        measurement = measure_trainings(context.console, settings, bench, trainings, seconds)
    return {"compiler": dict(compiler), **as_content(measurement)}


def student(bench: Bench, teacher: Teacher, variant: str = "", graphs: bool = True) -> EngineRun:
    """STUDENT as the suite trains it."""
    return _run(bench, Reference.name, f"{STUDENT}{variant}", teacher, graphs)


def distilled(bench: Bench, teacher: Teacher, variant: str = "", graphs: bool = True) -> EngineRun:
    """DKD as the suite trains it."""
    return _run(bench, DKD.name, f"{DKD.name}{variant}", teacher, graphs)


def _run(bench: Bench, method: str, name: str, teacher: Teacher, graphs: bool) -> EngineRun:
    run = EngineRun(bench, name, method, "none", (bench.shape.student,), teacher, graphs)
    run.floor = f"floor of {STUDENT}"  # both have its network
    return run
