"""Planned suites whose records are filled in by hand, and the files of their reports."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmark.planning.config import Suite, read_suite
from benchmark.planning.inventory import DatasetSummary, take_inventory
from benchmark.planning.plan import Plan, make_plan
from benchmark.records.record import Record
from benchmark.records.result import result_of
from benchmark.reporting.report import write_report

MakeRecord = Callable[..., Record]
MakeGrid = Callable[..., "Grid"]


class Grid:
    """A planned suite whose records are filled in by hand."""

    def __init__(self, make_record: MakeRecord, data_folder: Path, **overrides: Any) -> None:
        settings = {"smoke": True, "seeds": 2, "methods": ["kd_v1", "discom_kd"], **overrides}
        self.suite: Suite = read_suite(settings.pop("suite", "table1"), settings)
        self.summaries: list[DatasetSummary] = take_inventory(self.suite, data_folder)
        self.plan: Plan = make_plan(self.suite, self.summaries)
        self.records: dict[str, Record] = {}
        self._make_record = make_record

    def fill(self, score: Callable[[str, str, int], float | None]) -> None:
        """Give every cell the score of (method, plug-in, repetition); None leaves it missing."""
        found: dict[str, dict[str, float]] = {}
        for cell in self.plan.cells:
            value = score(cell.method, cell.plugin, cell.repetition)
            if value is not None:
                found.setdefault(cell.run, {})[cell.deployment] = value
        self.records = {
            key: self._make_record(self.plan.runs[key], scores) for key, scores in found.items()
        }

    def report(self, folder: Path, **stored: Any) -> dict[str, str]:
        """Write the report and read its files by suffix; what is stored is as for that.

        "html" is the page.
        """
        results = {key: result_of(record) for key, record in self.records.items()}
        stored = {"records": self.records.get, **stored}
        report = write_report(
            self.suite, self.plan.cells, self.summaries, results, folder, **stored
        )
        return {
            path.suffix[1:]: path.read_text()
            for path in report.folder.iterdir()
            if path.stem in (self.suite.name, "index")
        }

    @staticmethod
    def rows(markdown: str) -> dict[tuple[str, str], list[str]]:
        """Cells of the first table by (method, variant)."""
        rows, label = {}, ""
        table = markdown.split("## ")[1]
        for line in table.splitlines():
            if line.startswith("| ") and "---" not in line:
                first, variant, *cells = [cell.strip() for cell in line.strip("|").split("|")]
                label = first or label
                rows[label, variant] = cells
        return rows

    @staticmethod
    def score(method: str, plugin: str, repetition: int) -> float:
        """TEACHER above DisCoM-KD above KDv1 above STUDENT, and LSKD below."""
        base = {"teacher": 0.9, "student": 0.6, "kd_v1": 0.65, "discom_kd": 0.7}[method]
        return base - (0.1 if plugin == "lskd" else 0.0) + 0.02 * repetition


@pytest.fixture
def make_grid(make_record: MakeRecord, miniature_data: Path) -> MakeGrid:
    """Make a grid on miniature data, some settings of table 1 changed."""
    return partial(Grid, make_record, miniature_data)
