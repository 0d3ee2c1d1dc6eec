"""Suites on what passes for the paper's data, whose records are filled in by hand."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmark.planning.config import Suite, read_suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Plan, make_plan
from benchmark.records.record import Record
from benchmark.records.result import RunResult, result_of
from benchmark.reporting.published.report import ComparisonFiles, comparison_files
from benchmark.reporting.report import write_report
from benchmark.reporting.tables import Table, build_tables
from datasets import CARDS, DatasetSource

MakeRecord = Callable[..., Record]
MakePaper = Callable[..., "Paper"]
Change = Callable[[DatasetSummary], DatasetSummary]
Score = Callable[[str, str, str, int], float | None]


def _summary(name: str) -> DatasetSummary:
    """A data set as it is where the paper's files are in the data folder."""
    card = CARDS.get(name)
    return DatasetSummary(
        name=name,
        label=card.label,
        modalities=tuple(card.modalities),
        fingerprint=f"test:{name}",
        source=DatasetSource("published", name, Path("data")),
        normalised=False,
        samples=card.samples,
        notes=(),
    )


class Paper:
    """A suite planned on what passes for the paper's data, its records filled in by hand."""

    def __init__(
        self,
        make_record: MakeRecord,
        suite: str = "table1",
        changes: dict[str, Change] | None = None,
        **overrides: Any,
    ) -> None:
        self.suite: Suite = read_suite(suite, overrides)
        names = [entry.name for entry in self.suite.datasets]
        self.summaries = [
            change(_summary(name)) if (change := (changes or {}).get(name)) else _summary(name)
            for name in names
        ]
        self.plan: Plan = make_plan(self.suite, self.summaries)
        self.records: dict[str, Record] = {}
        self._make_record = make_record

    @staticmethod
    def score(_: str, method: str, plugin: str, repetition: int) -> float | None:
        """TEACHER above all methods above STUDENT, and LSKD far below."""
        base = {"teacher": 0.9, "student": 0.6}.get(method, 0.7)
        return base - (0.2 if plugin == "lskd" else 0.0) + 0.01 * repetition

    def fill(self, score: Score | None = None) -> "Paper":
        """Give each cell the score of (data set, method, plug-in, repetition); None: missing."""
        found: dict[str, dict[str, float]] = {}
        for cell in self.plan.cells:
            value = (score or self.score)(cell.dataset, cell.method, cell.plugin, cell.repetition)
            if value is not None:
                found.setdefault(cell.run, {})[cell.deployment] = value
        self.records = {
            key: self._make_record(self.plan.runs[key], scores) for key, scores in found.items()
        }
        return self

    @property
    def results(self) -> dict[str, RunResult]:
        """What its tables take of the records."""
        return {key: result_of(record) for key, record in self.records.items()}

    @property
    def tables(self) -> list[Table]:
        """Its tables."""
        return build_tables(self.suite, self.plan.cells, self.summaries, self.results)

    def beside_print(self) -> ComparisonFiles:
        """What is written beside its report."""
        return comparison_files(self.suite, self.tables, self.summaries)

    def markdown(self) -> str:
        """The comparison as Markdown."""
        return self.beside_print().files[f"{self.suite.name}_vs_published.md"]

    def report(self, folder: Path) -> dict[str, str]:
        """Write the report and read its files by name."""
        report = write_report(
            self.suite, self.plan.cells, self.summaries, self.results, folder / "reports"
        )
        return {
            path.name: path.read_text()
            for path in report.folder.iterdir()
            if path.suffix in (".md", ".tex", ".csv", ".json", ".html")
        }


@pytest.fixture
def make_paper(make_record: MakeRecord) -> MakePaper:
    """Make a grid on what passes for the paper's data."""
    return partial(Paper, make_record)
