"""What the number of seeds cannot support, as sentences for a report."""

from benchmark.statistics.families import smallest_detectable_effect
from benchmark.statistics.level import ALPHA


def seed_warnings(
    n: int, comparisons: int, alpha: float = ALPHA, *, test_to_training: float | None = None
) -> list[str]:
    """Say what `n` repetitions leave open in a family of comparisons.

    One sentence where no test is possible, for fewer than two repetitions. Else two: how large a
    difference must be to be found, and what the marks rest on.

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
    family = "1 comparison" if comparisons == 1 else f"{comparisons} comparisons"
    sentences = [
        f"With {n} repetitions and {family}, only a mean difference of at least {effect:.1f} "
        "standard deviations of the paired differences is marked; no mark does not mean no "
        "difference."
    ]
    floor = 2.0 ** (1 - n)
    if floor * comparisons > alpha:
        after = "" if floor > alpha else ", too much after Holm's correction"
        sentences.append(
            "Marks assume that differences are normal: a test without that assumption cannot fall "
            f"below p = {floor:.3g} with {n} repetitions{after}."
        )
    return sentences
