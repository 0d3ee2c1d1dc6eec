"""Suites that ask for it show how networks follow their teachers, and how calibrated they are."""

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from benchmark.planning.config import read_suite
from core.errors import UserError

MakeGrid = Callable[..., Any]
METRICS = {"teacher_agreement", "teacher_kl", "ece", "nll"}
TARGETS = np.array([0, 1, 1, 0])
# Four test samples; a probability of 0.9 for one class, in the order of the samples.
CLASSES = {"teacher": [0, 1, 1, 1], "student": [0, 0, 0, 0], "kd_v1": [0, 1, 0, 1]}
COLUMN = {"datasets": [{"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}]}


class _Stored:
    """Logits and true classes of all runs but those of some methods."""

    def __init__(self, grid: Any, without: Collection[str] = ()) -> None:
        self._methods = {
            cell.run: cell.method for cell in grid.plan.cells if cell.method not in without
        }

    def logits(self, key: str, names: Collection[str]) -> dict[str, NDArray[np.float16]] | None:
        if key not in self._methods:
            return None
        sure = np.eye(2)[CLASSES[self._methods[key]]]
        return {name: (np.log(9) * (sure - 1)).astype(np.float16) for name in names}

    def predictions(self, key: str, names: Collection[str]) -> dict[str, NDArray[np.int64]]:
        return {"targets": TARGETS, "indices": np.arange(4)} if "targets" in names else {}


def _report(grid: Any, folder: Path, without: Collection[str] = ()) -> dict[str, str]:
    grid.fill(lambda *_: 0.5)
    stored = _Stored(grid, without)
    files: dict[str, str] = grid.report(
        folder, predictions=stored.predictions, logits=stored.logits
    )
    return files


@pytest.fixture
def grid(make_grid: MakeGrid) -> Any:
    return make_grid(fidelity=True, methods=["kd_v1"], plugins=["none"], **COLUMN)


def test_markdown_has_one_table_of_it(grid: Any, tmp_path: Path) -> None:
    text = _report(grid, tmp_path)["md"]
    (table,) = text.split("## Fidelity and calibration: ")[1:]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("|")]
    by_method = {row[-6]: row[-4:] for row in rows[2:]}
    # Of four samples with 0.9 each, TEACHER has three right: |0.75 - 0.9|, and -log as often.
    likelihood = -(3 * np.log(0.9) + np.log(0.1)) / 4
    nll = f"{likelihood:.3f} ± 0.000"
    assert by_method["TEACHER"] == ["-", "-", "15.00 ± 0.00", nll]
    divergence = 0.8 * np.log(9)  # of two opposite predictions
    kl = f"{divergence / 4:.3f} ± 0.000"
    half = f"{-(np.log(0.9) + np.log(0.1)) / 2:.3f} ± 0.000"
    assert by_method["KDv1"] == ["75.00 ± 0.00", kl, "40.00 ± 0.00", half]
    assert by_method["STUDENT"][0] == "25.00 ± 0.00"
    assert "15 bins of equal width" in text


def test_long_form_and_json_have_every_value(grid: Any, tmp_path: Path) -> None:
    files = _report(grid, tmp_path)
    frame = pd.read_csv(tmp_path / "table1" / "table1.csv", keep_default_na=False)
    own = frame[frame["metric"].isin(METRICS)]
    assert len(own) == 2 * (2 + 4 + 4)  # two repetitions; TEACHER has no agreement with itself
    kd = own.query("method == 'kd_v1' and seed == 1").set_index("metric")["value"]
    assert kd["teacher_agreement"] == 0.75
    records = json.loads(files["json"])["fidelity"]
    (record,) = (one for one in records if (one["method"], one["seed"]) == ("kd_v1", 1))
    assert {name: record[name] for name in METRICS} == pytest.approx(dict(kd))


def test_a_figure_shows_scores_over_agreement(grid: Any, tmp_path: Path) -> None:
    text = _report(grid, tmp_path)["md"]
    for suffix, start in (("png", b"\x89PNG"), ("pdf", b"%PDF")):
        file = tmp_path / "table1" / f"table1_agreement_cross_modal.{suffix}"
        assert file.read_bytes().startswith(start)
    assert "(table1_agreement_cross_modal.png)" in text
    without = _report(grid, tmp_path, without=["teacher"])["md"]  # then nothing agrees with it
    assert "_agreement_" not in without
    assert not list((tmp_path / "table1").glob("*_agreement_*"))


def test_runs_without_logits_are_counted(grid: Any, tmp_path: Path) -> None:
    text = _report(grid, tmp_path, without=["teacher", "student"])["md"]
    assert "4 of 6 finished cells have no fidelity and calibration" in text
    (line,) = (line for line in text.split("## Fidelity")[1].splitlines() if "KDv1" in line)
    assert line.split(" | ")[3:5] == ["-", "-"]  # its teacher's logits are missing
    assert "40.00" in line


def test_other_suites_have_nothing_of_it(make_grid: MakeGrid, tmp_path: Path) -> None:
    files = _report(make_grid(methods=["kd_v1"], plugins=["none"], **COLUMN), tmp_path)
    content = json.loads(files["json"])
    assert "fidelity" not in content
    assert "fidelity" not in content["suite"]
    assert "Fidelity" not in files["md"] + files["tex"]
    assert not METRICS & set(pd.read_csv(tmp_path / "table1" / "table1.csv")["metric"])


def test_audits_have_no_such_table() -> None:
    with pytest.raises(UserError, match="fidelity is True, but it should be false in an audit"):
        read_suite("audit", {"fidelity": True})
