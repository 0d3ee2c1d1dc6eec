"""Batches of arrays that stay on disk, read ahead of their use and put on the device."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Event, Thread

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from datasets.base import Array

UINT16_OFFSET = 1 << 15
_POLL = 0.1  # seconds after which a waiting thread looks whether anyone still wants its batches


def as_tensor_type(array: Array) -> Array:
    """Let an array be kept as a tensor on any device: uint16 becomes int16, `UINT16_OFFSET` less.

    Not every device gathers uint16. It is done in place, without a copy.

    Args:
        array: of any type that images and label maps have; it must be writable.
    """
    if array.dtype != np.uint16:
        return array
    own = array.view(np.uint16)
    np.bitwise_xor(own, np.uint16(UINT16_OFFSET), out=own)  # flipping the highest bit subtracts it
    return own.view(np.int16)


@dataclass
class _Staged:
    """A batch in host memory, and what says when the device has it."""

    tensors: dict[str, Tensor]
    copied: torch.cuda.Event | None = None


class PrefetchingReader:
    """Reads batches of memory-mapped arrays in a thread, some ahead of where they are used.

    On a GPU they are staged in pinned memory, which is used again and again, so that the copy to
    the device runs beside its work. Values are those of the arrays, whatever is read ahead.

    Args:
        arrays: name -> (N, ...), in host memory or mapped into it.
        device: where batches are wanted.
        ahead: batches that are read before they are asked for, at least 1.
    """

    def __init__(self, arrays: Mapping[str, Array], device: torch.device, ahead: int = 4) -> None:
        self._arrays = dict(arrays)
        self._device = device
        self._ahead = ahead

    def batches(
        self, parts: Sequence[tuple[NDArray[np.int64], Sequence[str]]]
    ) -> Generator[dict[str, Tensor], None, None]:
        """The batches of these samples, in this order.

        Args:
            parts: of each batch, its sample indices (B,) and the names of the arrays that it needs.

        Yields:
            name -> (B, ...) on the device, in the type that `as_tensor_type` gives.
        """
        ready: Queue[_Staged | BaseException | None] = Queue(self._ahead)
        free: Queue[_Staged] = Queue()
        stopped = Event()
        thread = Thread(
            target=self._read, args=(parts, ready, free, stopped), name="read", daemon=True
        )
        thread.start()
        try:
            while (staged := ready.get()) is not None:
                if isinstance(staged, BaseException):
                    raise staged
                yield self._on_device(staged)
                free.put(staged)
        finally:
            stopped.set()
            while thread.is_alive():  # it may wait for room
                _drain(ready)
                thread.join(_POLL)

    def _on_device(self, staged: _Staged) -> dict[str, Tensor]:
        if self._device.type != "cuda":
            return staged.tensors
        moved = {
            name: tensor.to(self._device, non_blocking=True)
            for name, tensor in staged.tensors.items()
        }
        staged.copied = torch.cuda.Event()  # type: ignore[no-untyped-call]
        staged.copied.record(torch.cuda.current_stream(self._device))
        return moved

    def _read(
        self,
        parts: Sequence[tuple[NDArray[np.int64], Sequence[str]]],
        ready: "Queue[_Staged | BaseException | None]",
        free: "Queue[_Staged]",
        stopped: Event,
    ) -> None:
        """What the thread does: fill `ready`, and None after the last batch."""
        try:
            for samples, names in parts:
                if stopped.is_set():
                    return
                staged = self._stage(samples, names, free)
                for name, tensor in staged.tensors.items():
                    array = self._arrays[name]
                    target = tensor.numpy().view(array.dtype)
                    # Without "clip", take would fill a second buffer first.
                    np.take(array, samples, axis=0, out=target, mode="clip")
                    as_tensor_type(target)
                ready.put(staged)
            ready.put(None)
        except BaseException as error:  # is raised where the batch is asked for
            ready.put(error)

    def _stage(
        self, samples: NDArray[np.int64], names: Sequence[str], free: "Queue[_Staged]"
    ) -> _Staged:
        """Memory for a batch: of one that the device has taken over, or new."""
        shapes = {name: (len(samples), *self._arrays[name].shape[1:]) for name in names}
        if self._device.type == "cuda":
            try:
                staged = free.get_nowait()
            except Empty:
                pass
            else:
                if {name: tuple(t.shape) for name, t in staged.tensors.items()} == shapes:
                    if staged.copied is not None:
                        staged.copied.synchronize()
                    return staged
        tensors = {}
        for name, shape in shapes.items():
            kind = self._arrays[name].dtype
            kept = np.dtype(np.int16) if kind == np.uint16 else kind
            tensor = torch.from_numpy(np.empty(shape, kept))
            tensors[name] = tensor.pin_memory() if self._device.type == "cuda" else tensor
        return _Staged(tensors)


def _drain(queue: "Queue[_Staged | BaseException | None]") -> None:
    try:
        while True:
            queue.get_nowait()
    except Empty:
        return
