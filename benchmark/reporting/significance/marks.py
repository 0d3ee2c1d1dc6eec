"""What the marks in the tables mean, and the test behind them."""

from collections.abc import Sequence

from benchmark.planning.config import Suite
from benchmark.planning.plan import TEACHER
from benchmark.reporting.significance.comparisons import Significance
from benchmark.reporting.tables import Table, row_label
from benchmark.reporting.wording import BELOW_BEST, DIFFERS, test_name
from benchmark.statistics import ALPHA


def mark_sentence(suite: Suite, analysed: Sequence[tuple[Table, Significance]]) -> str:
    """What each mark means, in one sentence."""
    aside = ", TEACHER aside" if TEACHER in suite.references else ""
    rows = [table.baseline_row for table, _ in analysed]
    baseline = next(filter(None, rows), None)
    if baseline is None:
        bold = f"Bold: the best mean of a column{aside}, which says nothing of chance"
        if not any(found.to_best for _, found in analysed):
            return f"{bold}."
        return f"{bold}; {BELOW_BEST}: falls short of it by more than chance."
    name = row_label(baseline)
    return (
        f"↑ and ↓: mean above or below {name}; bold: the best mean of a column{aside}; both may be "
        f"chance; {DIFFERS}: differs from {name} by more than chance; {BELOW_BEST}: falls short of "
        "the best of its column by more than chance."
    )


def test_notes(analysed: Sequence[tuple[Table, Significance]]) -> list[str]:
    """The test or tests that mark; none where nothing was compared."""
    names = dict.fromkeys(
        test_name(contrast.paired.test_to_training is not None)
        for _, found in analysed
        for contrast in (*found.to_baseline.values(), *found.to_best.values())
    )
    if not names:
        return []
    marks = (DIFFERS, BELOW_BEST) if any(found.to_baseline for _, found in analysed) else BELOW_BEST
    return [
        f"Test of {' and '.join(marks)}: {' or '.join(names)}, at {ALPHA:g} after Holm's "
        "correction over each table."
    ]
