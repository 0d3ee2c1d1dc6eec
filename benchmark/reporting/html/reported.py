"""What the page of a suite is made of: all that its report has found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.reporting.figures import ReportFigure
from benchmark.reporting.grid import Grid
from benchmark.reporting.html.command import Command
from benchmark.reporting.published.report import ComparisonFiles
from benchmark.reporting.significance.comparisons import Significance
from benchmark.reporting.small_print import SmallPrint
from benchmark.reporting.stored import StoredRecords
from benchmark.reporting.tables import SELECTED, Table


@dataclass(frozen=True)
class Reported:
    """The report of a suite.

    Attributes:
        suite: the suite.
        title: of the report.
        cells: of the suite.
        summaries: its data sets.
        results: of finished runs by key.
        analysed: its tables with what their numbers support.
        small_print: sentences on the tables.
        further: grids beside the tables, with their headings.
        figures: that the report shows.
        rank_diagrams: content of each PNG.
        printed: the tables beside printed ones.
        command: makes the suite again.
        records: where curves and confusion matrices are.
    """

    suite: Suite
    title: str
    cells: Sequence[Cell]
    summaries: Sequence[DatasetSummary]
    results: Mapping[str, RunResult]
    analysed: Sequence[tuple[Table, Significance]]
    small_print: SmallPrint
    further: Sequence[tuple[str, Grid]]
    figures: Sequence[ReportFigure]
    rank_diagrams: Sequence[bytes]
    printed: ComparisonFiles
    command: Command
    records: StoredRecords

    @property
    def selected(self) -> list[tuple[Table, Significance]]:
        """The tables of selected checkpoints."""
        return [(table, found) for table, found in self.analysed if table.checkpoint == SELECTED]
