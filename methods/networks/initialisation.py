"""Initial weights that depend on the repetition and on the part of the network, on nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from core.seeding import derive_seed


@contextmanager
def initial_weights(seed: int, *part: str | int) -> Iterator[None]:
    """Build a part of a network inside this block and its weights depend on (seed, part) alone.

    Weights are drawn on the CPU, so that they are the same on every device, and the global random
    state is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(derive_seed(seed, *part))
        yield
