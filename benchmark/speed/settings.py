"""What a measurement of speed is asked to do; needs no PyTorch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

# Shape -> the batch size of its paper.
BATCH_SIZES: Mapping[str, int] = {
    **dict.fromkeys(("eurosat", "sunrgbd", "tristar"), 128),
    **dict.fromkeys(("nyu", "potsdam", "midair"), 8),
}


@dataclass(frozen=True)
class SpeedSettings:
    """What to measure, and how.

    Attributes:
        shape: name of one of the shapes.
        batch_size: samples of a training step, at least 2.
        device: "auto", "cpu", or one GPU such as "cuda:0".
        precision: see `resolve_precision`.
        methods: each with `+` and a plug-in where one is wanted; None for all.
        rounds: rounds of each training, at least 1.
        steps: training steps a turn, at least 1.
        threads: CPU threads of each, at least 1.
        loader_workers: processes that prepare the reference loop's batches; 0 for its own.
    """

    shape: str
    batch_size: int
    device: str
    precision: Literal["auto", "fp32", "bf16"]
    methods: tuple[str, ...] | None
    rounds: int
    steps: int
    threads: int
    loader_workers: int
