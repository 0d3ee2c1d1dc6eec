"""How closely a network follows its teacher, and how far its probabilities can be trusted."""

import numpy as np
from numpy.typing import NDArray

BINS = 15

Logits = NDArray[np.floating]


def teacher_agreement(logits: Logits, teacher_logits: Logits) -> float:
    """Share of the samples for which network and teacher predict the same class, in [0, 1].

    Source: Stanton et al. (NeurIPS 2021), "average top-1 agreement".

    Args:
        logits: of the network, (S, C), S >= 1.
        teacher_logits: of the same samples, (S, C).
    """
    return float((logits.argmax(axis=1) == teacher_logits.argmax(axis=1)).mean())


def teacher_divergence(logits: Logits, teacher_logits: Logits) -> float:
    """KL(teacher || network) of the predicted probabilities, mean over the samples, in nats.

    Source: Stanton et al. (NeurIPS 2021), "average predictive KL".

    Args:
        logits: of the network, (S, C), S >= 1.
        teacher_logits: of the same samples, (S, C).
    """
    own, teacher = _log_softmax(logits), _log_softmax(teacher_logits)
    return float((np.exp(teacher) * (teacher - own)).sum(axis=1).mean())


def negative_log_likelihood(logits: Logits, targets: NDArray[np.integer]) -> float:
    """-log of the probability of the true class, mean over the samples, in nats.

    Args:
        logits: (S, C), S >= 1.
        targets: true classes, (S,).
    """
    return float(-_log_softmax(logits)[np.arange(len(targets)), targets].mean())


def expected_calibration_error(logits: Logits, targets: NDArray[np.integer]) -> float:
    """|accuracy - mean confidence| of each bin of confidence, weighted by its samples; in [0, 1].

    Source: Guo et al. (ICML 2017), equation 3. The confidence is the largest probability. There are
    15 bins of equal width; each holds its upper end, not its lower one.

    Args:
        logits: (S, C), S >= 1.
        targets: true classes, (S,).
    """
    confidence = np.exp(_log_softmax(logits).max(axis=1))
    correct = logits.argmax(axis=1) == targets
    upper_ends = np.arange(1, BINS) / BINS  # of all bins but the last, whose is 1
    bins = np.searchsorted(upper_ends, confidence, side="left")
    # Per bin, |samples * accuracy - samples * mean confidence|.
    gaps = np.abs(np.bincount(bins, weights=correct - confidence, minlength=BINS))
    return float(gaps.sum() / len(targets))


def _log_softmax(logits: Logits) -> NDArray[np.float64]:
    """Logarithms of the probabilities, (S, C); stored logits have float16 precision."""
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True)
    log_probabilities: NDArray[np.float64] = shifted - np.log(
        np.exp(shifted).sum(axis=1, keepdims=True)
    )
    return log_probabilities
