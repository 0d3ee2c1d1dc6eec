"""What there is to train on."""

from collections.abc import Iterator

import torch

from benchmark.health.note import Note
from core.host import usable_cores


def look_at_devices() -> Iterator[Note]:
    """CPU and GPUs."""
    yield Note(f"CPU, {usable_cores()} cores")
    if not torch.cuda.is_available():
        yield Note("no GPU that PyTorch can use")
    for index in range(torch.cuda.device_count()):
        device = torch.cuda.get_device_properties(index)
        free, total = torch.cuda.mem_get_info(index)
        yield Note(
            f"cuda:{index}: {device.name}, {free / 2**30:.1f} of {total / 2**30:.1f} GiB free"
        )
