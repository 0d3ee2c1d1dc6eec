"""Where the stored pixels of a batch come from: the device, or arrays that are larger than it."""

import os
from collections.abc import Generator, Mapping, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from benchmark.training.reading import PrefetchingReader, as_tensor_type
from datasets.base import Array
from datasets.splits import Indices

LABELS = "labels"  # the name of the label maps among images, which are named in capitals
Part = tuple[Indices, Sequence[str]]

# Of a GPU's free memory, and of all memory of the machine: networks need the rest.
_SHARE_OF_GPU, _SHARE_OF_HOST = 0.5, 0.25


class StoredPixels(Protocol):
    """Gives batches of images and label maps as they are stored, on the device."""

    def batches(self, parts: Sequence[Part]) -> Generator[dict[str, Tensor], None, None]:
        """The batches of these samples, in this order.

        Args:
            parts: of each batch, its sample indices (B,) and the names of the arrays that it needs.

        Yields:
            name -> (B, ...) on the device, in the type that `as_tensor_type` gives.
        """


class ResidentPixels:
    """All images and label maps on the device; repetitions share them.

    Args:
        arrays: name -> (N, ...).
        device: where to.
    """

    def __init__(self, arrays: Mapping[str, Array], device: torch.device) -> None:
        self._device = device
        # A copy in any case: memory-mapped images cannot be written, which tensors must allow.
        self._tensors = {
            name: torch.from_numpy(as_tensor_type(np.array(array, order="C", subok=False))).to(
                device
            )
            for name, array in arrays.items()
        }

    def batches(self, parts: Sequence[Part]) -> Generator[dict[str, Tensor], None, None]:
        for samples, names in parts:
            index = torch.from_numpy(samples).to(self._device, non_blocking=True)
            yield {name: self._tensors[name].index_select(0, index) for name in names}


def open_pixels(arrays: Mapping[str, Array], device: torch.device) -> StoredPixels:
    """Put arrays on the device where they fit, else leave them where they are and read ahead.

    Values are the same either way, so no result depends on it.

    Args:
        arrays: name -> (N, ...), in host memory or mapped into it.
        device: where batches are wanted.
    """
    needed = sum(array.nbytes for array in arrays.values())
    if device.type == "cuda":
        room = _SHARE_OF_GPU * torch.cuda.mem_get_info(device)[0]
    else:
        room = _SHARE_OF_HOST * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return ResidentPixels(arrays, device) if needed <= room else PrefetchingReader(arrays, device)
