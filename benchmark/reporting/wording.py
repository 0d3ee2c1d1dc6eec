"""Words and numbers that tables, notes and figures have in common."""

from collections.abc import Iterable, Sequence

from benchmark.planning.config import Scenario, Suite
from benchmark.planning.plan import TEACHER
from benchmark.reporting.tables import LAST, Column, Table
from benchmark.statistics.percent import points

DIFFERS = "*"  # from the baseline, by a corrected test
BELOW_BEST = "†"  # short of the best of the column, by a corrected test

SPREAD = "mean ± standard deviation (n - 1)"


def score_text(metric: str) -> str:
    """What a table's numbers are."""
    return f"{sentence_start(metric)} on the test set in percent"


def selection_text(metric: str) -> str:
    """Which checkpoint they are of."""
    return f"the checkpoint with the best validation {metric}"


def sentence_start(text: str) -> str:
    """Text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def report_title(suite: Suite) -> str:
    """The title of a suite's report."""
    return (suite.title or suite.name) + (" - smoke run" if suite.smoke else "")


def table_heading(table: Table) -> str:
    """What a table shows, in one line."""
    if all(row.method != TEACHER and row.variant == "-" for row in table.rows):
        shown = "One network per modality, trained without a teacher"
    else:
        shown = scenario_heading(table.scenario, table.columns)
    return shown + (" (last epoch instead of best checkpoint)" if table.checkpoint == LAST else "")


def scenario_heading(scenario: Scenario, columns: Iterable[Column] = ()) -> str:
    """What the tables of a scenario show, in one line; the columns tell what teachers see."""
    if scenario is Scenario.MULTI_MODAL:
        return "Multi-modal: the teacher sees all modalities, the student one"
    if any("+" in column.teacher for column in columns):
        return "Cross-modal: the teacher sees what is left of the arrow, the student one modality"
    return "Cross-modal: the teacher sees one modality, the student another"


def modality_heading(column: Column, scenario: Scenario) -> str:
    """The modalities of a column; "" for the average."""
    if scenario is Scenario.CROSS_MODAL and column.evaluated:
        return f"{column.teacher} → {column.evaluated}"
    return column.evaluated


def column_heading(column: Column, scenario: Scenario) -> str:
    """The data set and the modalities of a column."""
    return f"{column.label} {modality_heading(column, scenario)}".rstrip()


def coverage(finished: int, expected: int) -> str:
    """How many repetitions an incomplete cell rests on; "" for a complete one."""
    return "" if finished == expected else f"{finished} of {expected}"


def parameter_range(counts: Sequence[int], dash: str) -> str:
    """Parameter counts, ascending, in millions: one, or a range; "-" where there are none."""
    millions = dict.fromkeys(f"{count / 1e6:.1f}" for count in counts[:: max(len(counts) - 1, 1)])
    return dash.join(millions) or "-"


def not_ranked(labels: Iterable[str]) -> str:
    """Which rows have no rank, as a sentence without its full stop."""
    return f"Incomplete, not ranked: {', '.join(labels)}"


def counted(repetitions: int) -> str:
    """A number of repetitions in words."""
    return f"{repetitions} repetition{'' if repetitions == 1 else 's'}"


def interval_text(interval: tuple[float, float] | None) -> str | None:
    """Both ends of an interval in points; None where there is none."""
    return None if interval is None else " to ".join(map(points, interval))


def p_value_text(value: float | None) -> str | None:
    """A p-value to three digits; None where there is none."""
    if value is None:
        return None
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def test_name(drawn: bool) -> str:
    """The test that marks a table, by whether repetitions draw their own splits."""
    return (
        "corrected resampled t-test (Nadeau and Bengio 2003), as repetitions draw their splits "
        "from one data set"
        if drawn
        else "paired t-test, as all repetitions have the split that came with the data"
    )
