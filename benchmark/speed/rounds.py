"""Timing in rounds: each training once per round, so that other load slows all of them alike."""

import gc
import time
from collections.abc import Callable, Sequence

import torch

from benchmark.speed.measurement import Timing
from benchmark.speed.timed_training import TimedTraining


def time_in_turns(
    trainings: Sequence[TimedTraining],
    rounds: int,
    uncounted: int,
    device: torch.device,
    advance: Callable[[], None],
) -> list[Timing]:
    """Time every training in every round, after some rounds that are not counted.

    Each round begins with another training, so that none always follows the same one.

    Args:
        trainings: what to time.
        rounds: to count, at least 1.
        uncounted: before them, at least 1.
        device: what they compute on.
        advance: called after each turn, of `len(trainings) * (uncounted + rounds)`.
    """
    training: dict[str, list[float]] = {timed.name: [] for timed in trainings}
    evaluation: dict[str, list[float]] = {timed.name: [] for timed in trainings}
    memory = {timed.name: 0 for timed in trainings}
    for number in range(uncounted + rounds):
        gc.collect()  # here rather than at some moment in a turn
        first = number % len(trainings)
        for timed in (*trainings[first:], *trainings[:first]):
            before = _start_counting_memory(device)
            seconds = _seconds(lambda: timed.train(number), device)  # noqa: B023
            evaluated = _seconds(timed.evaluate, device) if timed.evaluations else None
            if number >= uncounted:
                training[timed.name].append(seconds)
                if evaluated is not None:
                    evaluation[timed.name].append(evaluated)
            if device.type == "cuda":
                taken = torch.cuda.max_memory_allocated(device) - before
                memory[timed.name] = max(memory[timed.name], taken)
            advance()
    return [
        Timing(
            name=timed.name,
            kind=timed.kind,
            modalities=timed.modalities,
            encoders=timed.encoders,
            floor=timed.floor,
            training=training[timed.name],
            evaluation=evaluation[timed.name],
            evaluations=timed.evaluations,
            working_memory=memory[timed.name] if device.type == "cuda" else None,
        )
        for timed in trainings
    ]


def _start_counting_memory(device: torch.device) -> int:
    if device.type != "cuda":
        return 0
    torch.cuda.reset_peak_memory_stats(device)
    return torch.cuda.memory_allocated(device)


def _seconds(work: Callable[[], None], device: torch.device) -> float:
    """Seconds of work, until the device has done it."""
    started = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - started
