"""Results that do not belong in one table, audit or figure."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.planning.audit import plan_audit
from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.records.record import Record
from benchmark.records.result import result_of
from benchmark.reporting.audit.report import write_audit
from benchmark.reporting.pictures.draw import draw_picture
from benchmark.reporting.pictures.style import Width
from core.errors import UserError

MakeGrid = Callable[..., Any]


@pytest.mark.parametrize("what", ["data", "protocol"])
def test_results_that_do_not_belong_together_are_refused(
    make_grid: MakeGrid, tmp_path: Path, what: str
) -> None:
    grid = make_grid()
    grid.fill(grid.score)
    key = next(key for key, run in grid.plan.runs.items() if run.spec.method == "kd_v1")
    record = grid.records[key]
    assert record.spec.teacher is not None
    if what == "data":
        other = {"data": record.data.model_copy(update={"fingerprint": "other"})}
    else:
        teacher = record.spec.teacher.model_copy(update={"mode": "train"})
        other = {"spec": record.spec.model_copy(update={"teacher": teacher})}
    grid.records[key] = record.model_copy(update=other)
    with pytest.raises(UserError, match=key) as refusal:
        grid.report(tmp_path)
    assert {"data": "2 different contents", "protocol": "teacher_mode=train"}[what] in str(
        refusal.value
    )
    assert not (tmp_path / "table1").exists()


@pytest.mark.parametrize("kind", ["gains", "costs", "classes", "curves"])
def test_a_figure_refuses_them_too(make_grid: MakeGrid, kind: str) -> None:
    grid = make_grid(seeds=1, plugins=["none"])
    grid.fill(grid.score)
    key = next(key for key, run in grid.plan.runs.items() if run.spec.method == "kd_v1")
    record = grid.records[key]
    data = record.data.model_copy(update={"fingerprint": "other"})
    grid.records[key] = record.model_copy(update={"data": data})
    results = {key: result_of(record) for key, record in grid.records.items()}
    with pytest.raises(UserError, match=f"2 different contents.*{key}"):
        draw_picture(
            kind, Width.TEXT, grid.suite, None, grid.plan.cells, grid.summaries, results,
            grid.records.get, lambda *_: None,
        )  # fmt: skip


def test_an_audit_of_two_contents_is_refused(
    make_record: Callable[..., Record], miniature_data: Path, tmp_path: Path
) -> None:
    entry = {"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}
    settings = {"smoke": True, "seeds": 1, "datasets": [entry], "methods": ["kd_v1"]}
    suite = read_suite("audit", {**settings, "plugins": ["none"]})
    summaries = take_inventory(suite, miniature_data)
    audit = plan_audit(suite, summaries)
    ends = {cell.run for cell in audit.plan.cells if cell.suite == audit.target.suite.name}
    results = {}
    for key, run in audit.plan.runs.items():
        record = make_record(run, dict.fromkeys(run.spec.modalities, 0.5))
        if key in ends:  # all of a variant, so that no table of its own mixes anything
            data = record.data.model_copy(update={"fingerprint": "other"})
            record = record.model_copy(update={"data": data})
        results[key] = result_of(record)
    shared = suite, audit, audit.plan.cells, summaries, results
    with pytest.raises(UserError, match="2 different contents"):
        write_audit(*shared, tmp_path)
    with pytest.raises(UserError, match="2 different contents"):
        draw_picture("effects", Width.TEXT, *shared, lambda _: None, lambda *_: None)
