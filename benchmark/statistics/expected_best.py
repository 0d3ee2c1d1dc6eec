"""How good the best of so many trials is to be expected (Dodge et al., EMNLP 2019)."""

from collections.abc import Sequence


def expected_best(scores: Sequence[float], trials: int) -> float:
    """The expected maximum of so many draws, with replacement, from the scores.

    With n scores v_1 <= ... <= v_n, the maximum of k draws is at most v_i with probability
    (i / n)^k, so that it is the sum of v_i ((i / n)^k - ((i - 1) / n)^k). Source: Dodge et al.,
    Show Your Work (EMNLP 2019), equation 2.

    Args:
        scores: of trials that were drawn at random, at least one.
        trials: k, at least 1.

    Raises:
        ValueError: there are no scores or no trials.

    >>> expected_best([0.0, 1.0], 1), expected_best([0.0, 1.0], 2)
    (0.5, 0.75)
    """
    if not scores or trials < 1:
        raise ValueError(f"{len(scores)} scores and {trials} trials, expected 1 or more of each")
    count = len(scores)
    return sum(
        score * ((place / count) ** trials - ((place - 1) / count) ** trials)
        for place, score in enumerate(sorted(scores), 1)
    )


def expected_best_curve(default: float, drawn: Sequence[float]) -> list[float]:
    """The expected best score after 1, 2, ... trials, of which the first is the default.

    After k trials it is the expected maximum of the default and k - 1 draws from the others: that
    of draws of which none counts for less than the default.

    Args:
        default: score of the default.
        drawn: scores of the trials that were drawn at random.

    >>> expected_best_curve(0.5, [0.0, 1.0])
    [0.5, 0.75, 0.875]
    """
    raised = [max(score, default) for score in drawn]
    return [default, *(expected_best(raised, count) for count in range(1, len(drawn) + 1))]
