"""The table that says whether distillation can help, beside whether it did."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import UserError

MakeGrid = Callable[..., Any]
ENTRY = {"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}


def test_information_stands_beside_gains(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid(datasets=[ENTRY], methods=["kd_v1", "discom_kd"], information=True)
    grid.fill(grid.score)
    random = np.random.default_rng(0)
    targets = random.integers(0, 2, 300)
    student = (3 * np.eye(2)[targets] + random.normal(size=(300, 2))).astype(np.float16)
    strangers = random.normal(size=(300, 2)).astype(np.float16)
    teachers = {
        cell.run: (student, strangers)[cell.repetition]
        for cell in grid.plan.cells
        if cell.method == "teacher"
    }

    def logits(key: str, names: Any) -> dict[str, Any]:
        return {name: teachers.get(key, student) for name in names}

    def predictions(_: str, names: Any) -> dict[str, Any]:
        return {"targets": targets, "indices": np.arange(300)} if "targets" in names else {}

    text = grid.report(tmp_path, predictions=predictions, logits=logits)["md"]
    table = text.split("## Information")[1].splitlines()
    (row,) = [line for line in table if line.startswith("| TRISTAR")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[0] == "TRISTAR (miniature) THERMAL → DEPTH"
    shared, of_labels = (float(cell.split(" ± ")[0]) for cell in cells[1:3])
    assert shared > 1  # half of what the first repetition shares with itself
    assert 0.4 < of_labels < np.log(2)
    assert cells[3] == "1 of 2"
    assert cells[4:] == ["+0.00", "+5.00 (KDv1)"]  # KDv1 gains 5, with LSKD it loses 5
    assert "Information, in nats" in text


def test_the_best_gain_is_of_a_method_that_is_no_control_named_as_it_is(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    # Self-distillation gains more, but takes nothing from TEACHER: it is a control.
    methods = [{"name": "kd_v1", "label": "KD_1 | 50 %"}, "self_distillation"]
    grid = make_grid(datasets=[ENTRY], methods=methods, plugins=["none"], information=True)
    scores = {"kd_v1": 0.6, "self_distillation": 0.7}
    grid.fill(lambda method, *_: scores.get(method, 0.5))
    files = grid.report(tmp_path)
    table = files["md"].split("## Information")[1].splitlines()
    (row,) = [line for line in table if line.startswith("| TRISTAR")]
    assert row.endswith(r"| +10.00 | +10.00 (KD_1 \| 50 %) |")
    assert r"$+10.00$ (KD\_1 \textbar{} 50 \%)" in files["tex"]


def test_reports_say_nothing_of_information_that_nobody_asked_for(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    grid = make_grid(datasets=[ENTRY])
    grid.fill(grid.score)
    assert "nformation" not in grid.report(tmp_path)["md"]
    with pytest.raises(UserError, match="information is that of TEACHER and STUDENT"):
        make_grid(datasets=[ENTRY], references=["student"], information=True)
