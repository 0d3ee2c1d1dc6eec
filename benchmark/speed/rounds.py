"""Timing in turns: each contender once per round, so that what else the machine does hits all."""

import gc
import time
from collections.abc import Callable, Sequence

import torch

from benchmark.speed.contender import Contender
from benchmark.speed.measurement import Timing


def time_in_turns(
    contenders: Sequence[Contender],
    rounds: int,
    uncounted: int,
    device: torch.device,
    advance: Callable[[], None],
) -> list[Timing]:
    """Time every contender in every round, after some rounds that are not counted.

    Each round begins with another contender, so that none always follows the same one.

    Args:
        contenders: what to time.
        rounds: to count, at least 1.
        uncounted: before them, at least 1.
        device: what they compute on.
        advance: called after each turn, of `len(contenders) * (uncounted + rounds)`.
    """
    training: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    evaluation: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    memory = {contender.name: 0 for contender in contenders}
    for turn in range(uncounted + rounds):
        gc.collect()  # here rather than at some moment in a turn
        first = turn % len(contenders)
        for contender in (*contenders[first:], *contenders[:first]):
            before = _start_counting_memory(device)
            seconds = _seconds(lambda: contender.train(turn), device)  # noqa: B023
            evaluated = _seconds(contender.evaluate, device) if contender.evaluations else None
            if turn >= uncounted:
                training[contender.name].append(seconds)
                if evaluated is not None:
                    evaluation[contender.name].append(evaluated)
            if device.type == "cuda":
                taken = torch.cuda.max_memory_allocated(device) - before
                memory[contender.name] = max(memory[contender.name], taken)
            advance()
    return [
        Timing(
            name=contender.name,
            kind=contender.kind,
            modalities=contender.modalities,
            encoders=contender.encoders,
            floor=contender.floor,
            training=training[contender.name],
            evaluation=evaluation[contender.name],
            evaluations=contender.evaluations,
            working_memory=memory[contender.name] if device.type == "cuda" else None,
        )
        for contender in contenders
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
