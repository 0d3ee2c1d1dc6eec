"""What the number of seeds cannot support, as sentences for a report."""

from benchmark.statistics.families import smallest_detectable_effect
from benchmark.statistics.level import ALPHA

FEW = 5  # the standard deviation of four normal values itself varies by 42 % of what it estimates


def seed_warnings(
    n: int, comparisons: int, alpha: float = ALPHA, *, test_to_training: float | None = None
) -> list[str]:
    """Say what `n` repetitions leave open in a family of comparisons.

    In this order, each where it applies: no test is possible (fewer than two repetitions), few
    repetitions, the limit of the sign-flip test, the smallest detectable effect.

    Args:
        n: repetitions that a comparison rests on; the smallest number where comparisons differ.
        comparisons: tests in the family that Holm's correction covers; 0 where there is nothing to
            compare, which needs no warning.
        alpha: family-wise error rate, in (0, 1).
        test_to_training: as `paired_comparison` takes it; None where the plain t-test marks.

    Raises:
        ValueError: an argument is out of range.
    """
    if comparisons == 0:
        return []
    effect = smallest_detectable_effect(n, comparisons, alpha, test_to_training=test_to_training)
    if effect is None:
        return [
            "Fewer than two repetitions: no test and no interval is possible, and no difference "
            "here can be told from chance."
        ]
    test = "paired t-test" if test_to_training is None else "corrected resampled t-test"
    sentences = []
    if n < FEW:
        sentences.append(
            f"Only {n} repetitions: deviations and intervals are rough estimates, and the t-test "
            "rests on normal differences, which so few cannot show."
        )
    floor = 2.0 ** (1 - n)
    if floor > alpha:
        sentences.append(
            f"With {n} repetitions no distribution-free two-sided test can fall below p = "
            f"{floor:.3g}, so none can reject at {alpha:g}; marks rest on the {test}, which "
            "assumes normal differences."
        )
    elif floor * comparisons > alpha:
        sentences.append(
            f"With {n} repetitions no distribution-free two-sided test can fall below p = "
            f"{floor:.2g}, too much to reject at {alpha:g} after Holm's correction for "
            f"{comparisons} comparisons; marks rest on the {test}, which assumes normal "
            "differences."
        )
    family = "1 comparison" if comparisons == 1 else f"{comparisons} comparisons"
    sentences.append(
        f"Smallest detectable effect with {n} repetitions and {family}: a mean difference of "
        f"{effect:.1f} standard deviations of the paired differences. No mark does not mean no "
        "difference."
    )
    return sentences
