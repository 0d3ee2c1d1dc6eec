"""How strongly CTKD's temperature works against the student, epoch by epoch."""

import math


def gradient_factor(epoch: int, decay_epochs: int = 10) -> float:
    """Factor on the gradient of the learned temperature: a cosine from 0 to -1, then -1.

    Source: Li et al. (AAAI 2023), section "Curriculum temperature"; lambda of the gradient
    reversal.

    Args:
        epoch: current epoch, from 0.
        decay_epochs: epochs until -1 is reached, at least 1.

    >>> gradient_factor(0, 5), gradient_factor(5, 5), gradient_factor(9, 5)
    (0.0, -1.0, -1.0)
    """
    progress = min(epoch, decay_epochs) / decay_epochs
    return (math.cos(math.pi * progress) + 1) / 2 - 1
