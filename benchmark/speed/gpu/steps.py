"""The steps of a GPU report, the most valuable first.

A further step is a function of a `Context` in a file of its own, and its line here.
"""

from functools import partial
from typing import Any

from benchmark.speed.gpu.environment import environment, tests
from benchmark.speed.gpu.memory import out_of_memory
from benchmark.speed.gpu.parity import CASES, parity
from benchmark.speed.gpu.processes import in_processes
from benchmark.speed.gpu.projection import projection
from benchmark.speed.gpu.side_by_side import on_streams, streams_name
from benchmark.speed.gpu.speeds import (
    LOADER_WORKERS,
    compiled,
    loader_workers,
    speed,
    variants,
)
from benchmark.speed.gpu.stacked import grouped, mapped, stacked
from benchmark.speed.gpu.step import Step
from benchmark.speed.settings import BATCH_SIZES


def _speed(seconds: float, shape: str, variant: str = "", **changes: Any) -> Step:
    name = f"speed, {shape}" + (f", {variant}" if variant else "")
    return Step(name, seconds, partial(speed, shape=shape, **changes))


def _streams(seconds: float, shape: str, runs: int) -> Step:
    return Step(streams_name(shape, runs), seconds, partial(on_streams, shape=shape, runs=runs))


def _processes(seconds: float, runs: int) -> Step:
    name = f"side by side, eurosat, {runs} processes"
    return Step(name, seconds, partial(in_processes, shape="eurosat", runs=runs))


def _stacked(runs: int) -> tuple[Step, Step]:
    return (
        Step(f"{runs} networks by vmap", 40, partial(stacked, make=mapped, runs=runs)),
        Step(f"{runs} networks as groups", 40, partial(stacked, make=grouped, runs=runs)),
    )


STEPS: tuple[Step, ...] = (
    Step("environment", 5, environment),
    Step("tests", 60, tests),
    Step(LOADER_WORKERS, 50, loader_workers),
    _speed(90, "eurosat", rounds=5),
    Step("graphs and layouts", 30, variants),
    *(_streams(15, "eurosat", runs) for runs in (1, 2, 4, 8)),
    _streams(25, "eurosat", 16),
    _speed(75, "tristar", rounds=3),
    _speed(90, "sunrgbd", rounds=3),
    _speed(240, "midair", rounds=3, batch_size=BATCH_SIZES["midair"], methods=None),
    *(_streams(20, "tristar", runs) for runs in (1, 4)),
    *(_streams(30, "sunrgbd", runs) for runs in (1, 4)),
    Step("projection of tables 1 to 4", 15, projection),
    *(
        Step(f"parity, {method}+{plugin}", seconds, partial(parity, method=method, plugin=plugin))
        for (method, plugin), seconds in zip(CASES, (25, 25, 90), strict=True)
    ),
    Step("out of memory", 40, out_of_memory),
    *(_processes(seconds, runs) for runs, seconds in ((2, 30), (8, 45))),
    *_stacked(8),
    _streams(40, "eurosat", 32),
    _streams(70, "eurosat", 64),
    Step("compiled", 150, compiled),
    _speed(75, "eurosat", "fp32", precision="fp32", rounds=3),
    *_stacked(32),
    *(_streams(30, "tristar", runs) for runs in (2, 8)),
    *(_streams(45, "sunrgbd", runs) for runs in (2, 8)),
    _processes(60, 16),
)

# Each kind of step once, on what a CPU can do in seconds.
TINY_STEPS = (
    "environment",
    "tests",
    LOADER_WORKERS,
    "speed, eurosat",
    "graphs and layouts",
    *(streams_name("eurosat", runs) for runs in (1, 2)),
    "projection of tables 1 to 4",
    "parity, dkd+lskd",
    "out of memory",
    "side by side, eurosat, 2 processes",
    "8 networks by vmap",
    "8 networks as groups",
    "compiled",
)
