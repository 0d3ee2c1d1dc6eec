"""What the marks in the tables mean, as sentences under them."""

from collections.abc import Sequence

from benchmark.planning.config import Suite
from benchmark.planning.plan import TEACHER
from benchmark.reporting.significance.comparisons import Significance
from benchmark.reporting.tables import Table, row_label
from benchmark.reporting.wording import BELOW_BEST, DIFFERS, test_name
from benchmark.statistics import ALPHA


def mark_notes(suite: Suite, analysed: Sequence[tuple[Table, Significance]]) -> list[str]:
    """The marks one by one, the test behind them, and what too few repetitions leave open."""
    aside = ", TEACHER aside" if TEACHER in suite.references else ""
    rows = [table.baseline_row for table, _ in analysed]
    baseline = next(filter(None, rows), None)
    if baseline is None:
        notes = [f"Bold: the best mean of a column{aside}, which says nothing of chance."]
    else:
        name = row_label(baseline)
        notes = [
            f"↑ and ↓: mean above or below {name}, which may be chance. "
            f"Bold: the best mean of a column{aside}, which may be chance too. "
            f"Marked {DIFFERS}: differs from {name} by more than chance. "
            f"Marked {BELOW_BEST}: falls short of the best of its column by more than chance.",
            *_test_notes(analysed),
        ]
    return [*notes, *dict.fromkeys(warning for _, found in analysed for warning in found.warnings)]


def _test_notes(analysed: Sequence[tuple[Table, Significance]]) -> list[str]:
    """The test or tests that mark; none where nothing was compared."""
    names = dict.fromkeys(
        test_name(contrast.paired.test_to_training is not None)
        for _, found in analysed
        for contrast in found.to_baseline.values()
    )
    if not names:
        return []
    return [
        f"Test of {DIFFERS} and {BELOW_BEST}: {' or '.join(names)}, at {ALPHA:g} after Holm's "
        "correction over each table."
    ]
