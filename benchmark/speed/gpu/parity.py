"""The device's training steps beside the same steps on the CPU."""

from collections.abc import Callable

import torch

from benchmark.speed.engine import EngineRun
from benchmark.speed.gpu.sizes import Sizes
from benchmark.speed.gpu.step import Context, Result
from benchmark.speed.measure import own_stream
from benchmark.speed.selection import teacher_table
from benchmark.speed.shapes import SHAPES
from benchmark.speed.timed_training import Bench, set_up
from benchmark.training.interleaving import run_to_end
from core.host import usable_cores

# What the engine does differently from one method to another: a table of logits, a parameter of the
# loss, several networks on batches of their own.
CASES = (("dkd", "lskd"), ("ctkd", "none"), ("discom_kd", "none"))

Course = Callable[[EngineRun, EngineRun, Sizes], tuple[list[float], list[float]]]


def parity(context: Context, method: str, plugin: str) -> Result:
    """The losses of the first steps, as a worker trains: relative differences from the CPU's.

    In float64 the whole course, since two correct loops drift apart in float32; in float32 each
    step from equal weights, with TF32 as PyTorch has it by default, and without.
    """
    torch.set_num_threads(max(1, usable_cores() // 2))  # a thread waits for all others

    def compare(dtype: torch.dtype, course: Course) -> Result:
        return _compare(context, method, plugin, dtype, course)

    found = {
        "float64": compare(torch.float64, _whole_course),
        "float32": compare(torch.float32, _from_equal_weights),
    }
    if context.device.type == "cuda":
        before = torch.backends.cudnn.allow_tf32
        torch.backends.cudnn.allow_tf32 = False
        try:
            found["float32 without TF32"] = compare(torch.float32, _from_equal_weights)
        finally:
            torch.backends.cudnn.allow_tf32 = before
    return found


def _compare(
    context: Context, method: str, plugin: str, dtype: torch.dtype, course: Course
) -> Result:
    with own_stream(context.device):
        own, cpu = (
            _run(_bench(context, device, dtype), method, plugin)
            for device in (context.device, torch.device("cpu"))
        )
        found, expected = course(own, cpu, context.sizes)
    differences = [abs(a - b) / abs(b) for a, b in zip(found, expected, strict=True)]
    return {"largest_relative_difference": max(differences), "losses": found, "on_cpu": expected}


def _bench(context: Context, device: torch.device, dtype: torch.dtype) -> Bench:
    sizes = context.sizes
    batch, steps = sizes.parity_batch, sizes.parity_steps
    return set_up(SHAPES["eurosat"], device, dtype, batch, steps, batch, sizes.parity_rounds)


def _run(bench: Bench, method: str, plugin: str) -> EngineRun:
    shape = bench.shape
    both = (shape.teacher, shape.student)
    modalities = both if method == "discom_kd" else (shape.student,)
    teacher, _ = teacher_table(bench)
    return EngineRun(bench, method, method, plugin, modalities, teacher)


def _whole_course(own: EngineRun, cpu: EngineRun, sizes: Sizes) -> tuple[list[float], list[float]]:
    found, expected = [], []
    for number in range(sizes.parity_rounds):
        found += run_to_end(own.train_in_steps(number))
        expected += run_to_end(cpu.train_in_steps(number))
    return found, expected


def _from_equal_weights(
    own: EngineRun, cpu: EngineRun, sizes: Sizes
) -> tuple[list[float], list[float]]:
    """Before each step the device gets the CPU's weights."""
    found, expected = [], []
    for number in range(sizes.parity_rounds):
        here, there = own.train_in_steps(number), cpu.train_in_steps(number)
        for _ in range(sizes.parity_steps):
            own.learner.load_state_dict(cpu.learner.state_dict())
            next(here)
            next(there)
        found += run_to_end(here)
        expected += run_to_end(there)
    return found, expected
