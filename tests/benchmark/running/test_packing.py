"""Which runs may share a GPU."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmark.planning.plan import PlannedRun
from benchmark.records.record import Record
from benchmark.running.packing import CONTEXT_BYTES, DeviceLoad, MemoryNeeds, runs_that_fit

MakeRecord = Callable[..., Record]
MakeRuns = Callable[..., list[PlannedRun]]
GIB = 2**30


def _on_gpu(record: Record, peak: int) -> Record:
    return record.model_copy(
        update={
            "environment": record.environment.model_copy(update={"device": "NVIDIA H200"}),
            "resources": record.resources.model_copy(update={"peak_memory_bytes": peak}),
        }
    )


def test_needs_are_the_largest_peak_of_runs_of_the_same_shape(
    plan_runs: MakeRuns, make_record: MakeRecord
) -> None:
    runs = plan_runs(seeds=3, methods=["dkd", "mlkd"])
    dkd = [run for run in runs if run.spec.method == "dkd"]
    first, second, third = (make_record(run, {"DEPTH": 0.5}) for run in dkd)
    needs = MemoryNeeds([_on_gpu(first, 2 * GIB), _on_gpu(second, 3 * GIB), third])
    assert needs.of(dkd[2].spec) == 3 * GIB + CONTEXT_BYTES
    longer = plan_runs(methods=["dkd"], training={"epochs": 500})[-1]
    assert needs.of(longer.spec) == 3 * GIB + CONTEXT_BYTES
    for other in (
        plan_runs(methods=["dkd"], training={"batch_size": 64})[-1],
        plan_runs(methods=["dkd"], training={"precision": "bf16"})[-1],
        next(run for run in runs if run.spec.method == "mlkd"),
    ):
        assert needs.of(other.spec) is None


def test_a_run_whose_weights_are_given_needs_less_than_one_that_is_trained(
    plan_runs: MakeRuns, make_record: MakeRecord
) -> None:
    teacher = plan_runs()[0]
    given = replace(teacher, spec=teacher.spec.model_copy(update={"weights": "digest"}))
    needs = MemoryNeeds([_on_gpu(make_record(given, {"THERMAL": 0.5}), 1 * GIB)])
    assert needs.of(given.spec) == 1 * GIB + CONTEXT_BYTES
    assert needs.of(teacher.spec) is None


def test_peaks_of_the_cpu_say_nothing_of_a_gpu(
    plan_runs: MakeRuns, make_record: MakeRecord
) -> None:
    run = plan_runs()[-1]
    assert MemoryNeeds([make_record(run, {"DEPTH": 0.5})]).of(run.spec) is None


@pytest.mark.parametrize(
    ("running", "need", "admitted"),
    [
        ([], None, True),  # an empty device takes anything
        ([], 100 * GIB, True),  # which may fail, but only trying tells
        ([4 * GIB], 4 * GIB, True),
        ([4 * GIB], 6 * GIB, False),  # 10 of 10 GiB leaves no headroom
        ([4 * GIB], None, False),  # unknown: measured alone first
        ([None], 1 * GIB, False),  # and left alone meanwhile
        ([1 * GIB] * 4, 1 * GIB, False),  # as many as are wanted
    ],
)
def test_a_device_admits_what_fits(
    running: list[int | None], need: int | None, admitted: bool
) -> None:
    load = DeviceLoad(10 * GIB, 4, {str(number): bytes_ for number, bytes_ in enumerate(running)})
    assert load.admits(need) is admitted


def test_the_cpu_is_limited_by_number_alone() -> None:
    load = DeviceLoad(None, 2, {"a": None})
    assert load.admits(None)
    load.running["b"] = None
    assert not load.admits(None)


def test_as_many_runs_fit_on_a_gpu_as_its_memory_holds() -> None:
    total = 80 * 2**30
    assert runs_that_fit(100 * 2**30, total) == 1  # more than it has: at least it is tried
    assert runs_that_fit(30 * 2**30, total) == 2
    assert runs_that_fit(2**30, total) == 8
