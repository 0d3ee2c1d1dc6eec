"""What is left of methods' gains over controls, in every format of a report."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

MakeGrid = Callable[..., Any]
COLUMN = {"datasets": [{"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}]}
ALONE = "discom_kd (alone)"
METHODS = [
    "label_smoothing",
    "self_distillation",
    "kd_v2",
    "discom_kd",
    {"name": "discom_kd", "alone": True},
]
SCORES = {
    ("teacher", "none"): 0.9,
    ("student", "none"): 0.60,
    ("label_smoothing", "none"): 0.61,
    ("self_distillation", "none"): 0.62,
    ("self_distillation", "lskd"): 0.66,
    ("kd_v2", "none"): 0.75,
    ("kd_v2", "lskd"): 0.65,  # above all controls but the one that has LSKD too
    ("discom_kd", "none"): 0.625,  # above all controls but its own
    (ALONE, "none"): 0.63,
}
NOISE = {"kd_v2": (0.0, 0.01, -0.01, 0.005, 0.0), "discom_kd": (0.001, 0.0, 0.002, 0.0, 0.001)}


def _score(method: str, plugin: str, repetition: int) -> float:
    noise = NOISE.get(method, (0.0,) * 5)[repetition]
    return SCORES[method, plugin] + 0.02 * repetition + noise


@pytest.fixture
def files(make_grid: MakeGrid, tmp_path: Path) -> dict[str, str]:
    grid = make_grid(methods=METHODS, seeds=5, plugins=["none", "lskd"], **COLUMN)
    grid.fill(_score)
    found: dict[str, str] = grid.report(tmp_path)
    return found


def test_markdown_says_what_is_left_and_what_survives(files: dict[str, str]) -> None:
    (table,) = files["md"].split("## What is left over the controls: ")[1:]
    lines = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in table.splitlines()
        if line.startswith("|")
    ]
    assert lines[0][-7:] == [
        *("STUDENT", "label smoothing", "self-distillation", "its own"),
        *("least over", "p", "survives"),
    ]
    plain, lskd, discom = (line[-7:] for line in lines[2:])
    assert plain[:5] == ["+15.10*", "+14.10*", "+13.10*", "-", "self-distillation"]
    assert lskd[2:5] == ["-0.90", "-", "self-distillation w/ LSKD"]
    assert discom[3:5] == ["-0.42*", "DisCoM-KD (alone)"]
    assert [plain[6], lskd[6], discom[6]] == ["yes", "no", "no"]
    headline = "above STUDENT and every control by more than chance: KDv2 ("
    assert headline in files["md"]
    assert "self-distillation starts from other weights than STUDENT" in files["md"]


def test_csv_and_json_have_every_comparison_with_its_test(
    files: dict[str, str], tmp_path: Path
) -> None:
    frame = pd.read_csv(tmp_path / "table1" / "table1_controls.csv", keep_default_na=False)
    assert len(frame) == 2 * 3 + 4  # KDv2 twice; DisCoM-KD has a control of its own
    row = frame.query(
        "method == 'kd_v2' and plugin == 'none' and control == 'self_distillation'"
    ).iloc[0]
    differences = 0.13 + np.array(NOISE["kd_v2"])
    spread = differences.std(ddof=1) * np.sqrt(1 / 5 + 2 / 7)
    expected = 2 * stats.t.sf(differences.mean() / spread, 4)
    assert float(row["difference"]) == pytest.approx(differences.mean())
    assert float(row["p_value"]) == pytest.approx(expected)
    # Of three methods it alone is above all controls: its largest p-value is multiplied by 3.
    assert float(row["survival_holm_p_value"]) == pytest.approx(3 * expected)
    records = json.loads(files["json"])["controls"]
    assert [record["difference"] for record in records] == frame["difference"].tolist()
    assert sum(record["survives"] for record in records) == 3  # KDv2's comparisons
    latex = (tmp_path / "table1" / "table1_controls.tex").read_text()
    assert r"$+13.10$$^{*}$" in latex
    assert r"\label{tab:table1-controls-cross-modal}" in latex


def test_a_control_without_results_leaves_the_question_open(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    grid = make_grid(methods=["label_smoothing", "kd_v2"], plugins=["none"], **COLUMN)
    grid.fill(lambda method, *rest: None if method == "label_smoothing" else _score(method, *rest))
    (table,) = grid.report(tmp_path)["md"].split("## What is left over the controls: ")[1:]
    last = table.split("\n\n")[1].splitlines()[-1].strip("| ").split(" | ")
    assert last[3:5] == ["+15.50*", "-"]
    assert last[-2:] == ["-", "-"]


def test_methods_that_all_have_a_plug_in_are_compared_with_such_controls(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    grid = make_grid(methods=METHODS, seeds=5, plugins=["lskd"], **COLUMN)
    grid.fill(_score)
    (table,) = grid.report(tmp_path)["md"].split("## What is left over the controls: ")[1:]
    kd_v2, discom = (line.split(" | ") for line in table.split("\n\n")[1].splitlines()[2:])
    assert kd_v2[5] == "-0.90"  # self-distillation with LSKD too
    assert discom[5] == "-3.42*"


def test_a_table_without_student_claims_nothing_of_it(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid(
        methods=["label_smoothing", "kd_v2"], references=["teacher"], plugins=["none"], **COLUMN
    )
    grid.fill(_score)
    files = grid.report(tmp_path)
    assert "Methods above every control by more than chance" in files["md"]
    assert "a method minus each control" in files["md"]
    assert "STUDENT" not in files["md"]


def test_suites_without_controls_say_nothing_of_them(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid(methods=["kd_v2"], plugins=["none"], **COLUMN)
    grid.fill(_score)
    assert "controls" not in json.loads(grid.report(tmp_path)["json"])
    assert not list((tmp_path / "table1").glob("*_controls*"))
