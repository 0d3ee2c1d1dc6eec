"""What a reader is told of a comparison with a printed table, by where it has to stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmark.reporting.published.comparison import Comparison
from benchmark.reporting.published.eligibility import REPETITIONS
from benchmark.reporting.wording import DIFFERS, SPREAD, score_text

# The tables with TEACHER, STUDENT and the baselines, whose released scripts depart from the text.
_PERHAPS_AS_RELEASED = ("table1", "table2")


@dataclass(frozen=True)
class ComparisonPrint:
    """The sentences on a comparison; each stands in one of these places alone.

    Attributes:
        scores: what the numbers are.
        setup: how our set-up differs from the paper's; empty where it does not.
        refused: what is not compared, and why; likewise.
        legend: what signs and deviations mean.
        notes: all that is left.
    """

    scores: str
    setup: tuple[str, ...]
    refused: tuple[str, ...]
    legend: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def above(self) -> list[str]:
        """What stands above all tables where no page is short."""
        return [*self.setup, *self.refused]

    @property
    def below(self) -> list[str]:
        """What stands below them there."""
        return [self.scores, *self.legend, *self.notes]


def comparison_print(
    suite: str,
    metric: str,
    comparisons: Sequence[Comparison],
    differences: Sequence[str],
    refused: Sequence[str],
) -> ComparisonPrint:
    """The sentences on the comparisons of a suite with the printed table of its name.

    Args:
        suite: its name.
        metric: what its scores are called.
        comparisons: one per scenario.
        differences: of our set-up from the paper's, half a sentence each.
        refused: sentences on what is not compared.
    """
    setup = f"The set-up differs from the paper's: {'; '.join(differences)}."
    return ComparisonPrint(
        scores=f"{score_text(metric)}: our {SPREAD} of the checkpoints with the best validation "
        "score, the printed number, and ours minus printed in points.",
        setup=(setup,) if differences else (),
        refused=tuple(refused),
        legend=tuple(_legend(comparisons)),
        notes=tuple(_notes(suite, comparisons)),
    )


def _legend(comparisons: Sequence[Comparison]) -> list[str]:
    legend = [
        f"± after a difference: half of the 95 % prediction interval around our mean, where one "
        f"more mean of {REPETITIONS} runs made as ours would lie; {DIFFERS}: the printed number "
        "lies outside, which chance alone brings about in one case of twenty.",
        "(k of n): k of n repetitions are finished.",
    ]
    if _summed(each.agreement for each in comparisons)[1]:
        legend.append(
            "Arrows against STUDENT of the same column: ours, over the repetitions that both have, "
            "then the paper's, recomputed from its printed numbers; ≠ marks pairs that differ."
        )
    if any(cell.notes for comparison in comparisons for cell in comparison.cells.values()):
        legend.append("Small numbers after printed ones: oddities of the printed table, see notes.")
    return legend


def _notes(suite: str, comparisons: Sequence[Comparison]) -> list[str]:
    notes = []
    inside, predicted = _summed(each.predicted for each in comparisons)
    if predicted:
        notes.append(
            f"{inside} of {predicted} printed numbers lie in their prediction intervals, which "
            "assume that they are means of runs drawn as ours were."
        )
    if suite in _PERHAPS_AS_RELEASED:
        notes.append(
            "The paper's numbers may have been made with its released code, which departs from "
            "its text, rather than as the text says."
        )
    agreeing, comparable = _summed(each.agreement for each in comparisons)
    if comparable:
        notes.append(f"{agreeing} of {comparable} arrows agree with the printed ones.")
    unprinted = dict.fromkeys(
        f"{row.label} {row.variant}".removesuffix(" -")
        for comparison in comparisons
        for row in comparison.unprinted
    )
    if unprinted:
        notes.append(f"Not in the printed table, so left out: {', '.join(unprinted)}.")
    absent = dict.fromkeys(
        method if plugin == "none" else f"{method} with {plugin}"
        for comparison in comparisons
        for method, plugin in comparison.absent
    )
    if absent:
        notes.append(f"Printed, but not in this suite: {', '.join(absent)}.")
    return notes


def _summed(counts: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Pairs of numbers added up."""
    first, second = zip(*counts, strict=True)
    return sum(first), sum(second)
