"""What there is to train on."""

import os
from collections.abc import Iterator

import torch

from benchmark.health.note import Note


def look_at_devices() -> Iterator[Note]:
    """CPU and GPUs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Note(f"CPU, {cores} cores")
    if not torch.cuda.is_available():
        yield Note("no GPU that PyTorch can use")
    for index in range(torch.cuda.device_count()):
        device = torch.cuda.get_device_properties(index)
        free, total = torch.cuda.mem_get_info(index)
        yield Note(
            f"cuda:{index}: {device.name}, {free / 2**30:.1f} of {total / 2**30:.1f} GiB free"
        )
