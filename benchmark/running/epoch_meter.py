"""Tells whoever watches the results folder how far a training is."""

import time

import torch

from benchmark.records.advance import Advance, Advances

INTERVAL = 2.0  # seconds; people do not read faster


class EpochMeter:
    """Is told of each epoch of one run, and notes it unless it did just before.

    Args:
        advances: where to.
        key: the run's key.
        epochs: how many it will have.
        images: that pass through networks in each, as in `Resources.images_per_second`.
        device: where it is trained.
    """

    def __init__(
        self, advances: Advances, key: str, epochs: int, images: int, device: torch.device
    ) -> None:
        self._advances = advances
        self._key = key
        self._epochs = epochs
        self._images = images
        self._device = device
        self._noted: float | None = None
        advances.forget(key)  # of a process that was killed

    def __call__(self, done: int, seconds: float) -> None:
        """Take note that so many epochs are done, the last one in so many seconds."""
        now = time.monotonic()
        if self._noted is not None and now - self._noted < INTERVAL:
            return
        self._noted = now
        used = total = None
        if self._device.type == "cuda":
            free, total = torch.cuda.mem_get_info(self._device)
            used = total - free
        advance = Advance(
            epochs_done=done,
            epochs=self._epochs,
            seconds_per_epoch=seconds,
            images_per_second=self._images / seconds if seconds else 0.0,
            memory_used=used,
            memory_total=total,
        )
        self._advances.note(self._key, advance)
