"""Results that do not belong in one table."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
