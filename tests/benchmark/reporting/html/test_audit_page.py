"""Pages of audits: what their cells open, and what their charts are drawn from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.planning.audit import AuditPlan, plan_audit
from benchmark.planning.config import Suite, read_suite
from benchmark.planning.inventory import DatasetSummary, take_inventory
from benchmark.records.record import Record
from benchmark.records.result import result_of
from benchmark.reporting.audit.report import write_audit

Parse = Callable[[str], Any]
TRISTAR = {"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}
TWO_TEACHERS = [
    TRISTAR,
    {**TRISTAR, "teacher": ["THERMAL", "DEPTH"]},
]


@pytest.fixture
def suite() -> Suite:
    settings = {"smoke": True, "seeds": 2, "datasets": TWO_TEACHERS, "methods": ["kd_v1"]}
    return read_suite("audit", {**settings, "plugins": ["none"]})


@pytest.fixture
def summaries(suite: Suite, miniature_data: Path) -> list[DatasetSummary]:
    return take_inventory(suite, miniature_data)


@pytest.fixture
def audit(suite: Suite, summaries: list[DatasetSummary]) -> AuditPlan:
    return plan_audit(suite, summaries)


def test_a_score_opens_the_runs_of_its_own_teacher(
    audit: AuditPlan,
    suite: Suite,
    summaries: list[DatasetSummary],
    make_record: Callable[..., Record],
    parse: Parse,
    tmp_path: Path,
) -> None:
    networks = {cell.run: cell.deployment for cell in audit.plan.cells}
    records = {
        key: make_record(audit.plan.runs[key], {name: 0.5}) for key, name in networks.items()
    }
    results = {key: result_of(record) for key, record in records.items()}
    report = write_audit(
        suite, audit, audit.plan.cells, summaries, results, tmp_path, records=records.get
    )
    page = parse((report.folder / "index.html").read_text())
    opened = {one["title"]: [row[-1] for row in one["rows"]] for one in page.details.values()}
    base = audit.base.suite.name
    for teacher in ("THERMAL", "THERMAL+DEPTH"):
        own = [
            cell.run
            for cell in audit.plan.cells
            if (cell.suite, cell.method, cell.teacher_modality) == (base, "kd_v1", teacher)
        ]
        (found,) = [
            keys
            for title, keys in opened.items()
            if title.startswith("KDv1, ") and title.endswith(f" {teacher} → DEPTH, as_described")
        ]
        assert found == own
        assert len(own) == 2
    curves = [
        (row["column"], row["variant"], row["repetition"])
        for chart in page.charts
        for row in chart["rows"]
        if row.get("method") == "KDv1" and "values" in row
    ]
    # Validation scores and losses.
    assert all(curves.count(one) == 2 for one in curves)
    assert len(set(curves)) == 2 * len(audit.variants) * 2
