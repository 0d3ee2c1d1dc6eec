"""All values of a suite, one row a value."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmark.reporting.longform import COLUMNS

MakeGrid = Callable[..., Any]


def test_long_form(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid()
    grid.fill(grid.score)
    grid.report(tmp_path)
    frame = pd.read_csv(tmp_path / "table1" / "table1.csv", keep_default_na=False)
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == len(grid.plan.cells) * 12
    (value,) = frame.query(
        "dataset == 'tristar_miniature' and method == 'kd_v1' and plugin == 'lskd' and seed == 1"
        " and metric == 'weighted_f1'"
    )["value"]
    assert value == pytest.approx(0.57)
    row = frame.query("method == 'discom_kd' and seed == 0").iloc[0]
    assert grid.records[row["run"]].spec.method == "discom_kd"
    facts = ("device", "precision", "versions", "git_commit", "seconds", "parameters")
    assert tuple(row[name] for name in facts) == (
        "CPU test", "fp32", "torch 2", "", 1, 22_000_000,
    )  # fmt: skip
    last = frame[frame["metric"] == "last_weighted_f1"]["value"]
    assert set(last) == {0.1}
