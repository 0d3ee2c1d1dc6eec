"""Tables: layout, arrows, bold, incomplete cells; and the four files of a report."""

import json
import re
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from benchmark.planning.config import Suite, read_suite
from benchmark.planning.inventory import DatasetSummary, take_inventory
from benchmark.planning.plan import Plan, make_plan
from benchmark.records.record import ProbeResult, Record
from benchmark.records.result import result_of
from benchmark.reporting.latex import escape
from benchmark.reporting.longform import COLUMNS
from benchmark.reporting.report import write_report
from core.errors import UserError

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
                found.setdefault(cell.run, {})[cell.evaluated_modality] = value
        self.records = {
            key: self._make_record(self.plan.runs[key], scores) for key, scores in found.items()
        }

    def report(self, folder: Path) -> dict[str, str]:
        """Write the report and read its files by suffix."""
        results = {key: result_of(record) for key, record in self.records.items()}
        report = write_report(self.suite, self.plan.cells, self.summaries, results, folder)
        return {
            path.suffix[1:]: path.read_text()
            for path in report.folder.iterdir()
            if path.stem == self.suite.name
        }


@pytest.fixture
def make_grid(make_record: MakeRecord, miniature_data: Path) -> MakeGrid:
    """Make a grid on miniature data, some settings of table 1 changed."""
    return partial(Grid, make_record, miniature_data)


def _rows(markdown: str) -> dict[tuple[str, str], list[str]]:
    """Cells of the first table by (method, variant)."""
    rows, label = {}, ""
    table = markdown.split("## ")[1]
    for line in table.splitlines():
        if line.startswith("| ") and "---" not in line:
            first, variant, *cells = [cell.strip() for cell in line.strip("|").split("|")]
            label = first or label
            rows[label, variant] = cells
    return rows


def _score(method: str, plugin: str, repetition: int) -> float:
    base = {"teacher": 0.9, "student": 0.6, "kd_v1": 0.65, "discom_kd": 0.7}[method]
    return base - (0.1 if plugin == "lskd" else 0.0) + 0.02 * repetition


def test_layout_and_numbers_of_table_1(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid()
    grid.fill(_score)
    rows = _rows(grid.report(tmp_path)["md"])
    assert rows["method", ""] == [
        "SUNRGBD (miniature) RGB → DEPTH",
        "EuroSAT-MS-SAR (miniature) MS → SAR",
        "TRISTAR (miniature) THERMAL → DEPTH",
        "parameters (M)",
    ]
    assert list(rows)[1:] == [
        ("TEACHER", "-"),
        ("STUDENT", "-"),
        ("KDv1", "ORIG"),
        ("KDv1", "w/ LSKD"),
        ("DisCoM-KD", "-"),
    ]
    assert rows["TEACHER", "-"][0] == "91.00 ± 1.41"
    assert rows["STUDENT", "-"][0] == "61.00 ± 1.41"
    assert rows["KDv1", "ORIG"][0] == "66.00 ± 1.41 ↑"
    assert rows["KDv1", "w/ LSKD"][0] == "56.00 ± 1.41 ↓"
    assert rows["DisCoM-KD", "-"][0] == "**71.00 ± 1.41** ↑"


def test_a_column_says_how_many_parameters_are_deployed(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    grid = make_grid()
    grid.fill(_score)
    files = grid.report(tmp_path)
    rows = _rows(files["md"])
    assert {name: cells[-1] for (name, _), cells in list(rows.items())[1:]} == {
        "TEACHER": "11.0", "STUDENT": "11.0", "KDv1": "11.0", "DisCoM-KD": "22.0",
    }  # fmt: skip
    assert " & 22.0 " in files["tex"]


def test_ablations_have_no_references_an_average_and_a_baseline_of_their_own(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    methods = read_suite("table3", {}).model_dump()["methods"]
    grid = make_grid(suite="table3", methods=[{**m, **m.pop("hyperparameters")} for m in methods])
    scores = {"discom_kd": 0.5, "discom_kd (without_aux)": 0.4}
    grid.fill(lambda method, _, repetition: scores.get(method, 0.6) + 0.01 * repetition)
    text = grid.report(tmp_path)["md"]
    rows = _rows(text)
    assert [name for name, _ in rows][1:] == [
        "w/o L_adv", "w/o L_mod", "w/o L_aux", "w/o L_orth", "DisCoM-KD",
    ]  # fmt: skip
    assert rows["method", ""][-2:] == ["Avg.", "parameters (M)"]
    assert len(rows["method", ""]) == 8
    assert rows["w/o L_aux", "-"][-2] == "40.50 ± 0.71 ↓"
    assert rows["w/o L_adv", "-"][0] == "**60.50 ± 0.71** ↑"
    assert rows["DisCoM-KD", "-"][0] == "50.50 ± 0.71"
    assert "mean above or below DisCoM-KD" in text
    assert "One network per modality" in text


def test_the_average_rests_on_repetitions_that_all_columns_have(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    grid = make_grid(suite="table3", methods=["discom_kd"])
    grid.fill(lambda *_: 0.5)
    (gone, *_) = [k for k, run in grid.plan.runs.items() if run.spec.repetition == 1]
    del grid.records[gone]
    rows = _rows(grid.report(tmp_path)["md"])
    assert rows["DisCoM-KD", "-"][-2] == "50.00 (1 of 2)"


def test_parts_of_a_network_fill_rows_of_their_own(make_grid: MakeGrid, tmp_path: Path) -> None:
    methods = [{"name": "discom_kd", "evaluate": "only_inv", "label": "only z_inv"}, "discom_kd"]
    grid = make_grid(suite="table4", methods=methods)
    grid.fill(lambda *_: 0.5)
    rows = _rows(grid.report(tmp_path)["md"])
    assert rows["only z_inv", "-"][0] == "- (0 of 2)"  # these records have no parts
    for key, record in grid.records.items():
        deployments = {
            name: result.model_copy(
                update={"probes": {"only_inv": ProbeResult(selected=result.last, last=result.last)}}
            )
            for name, result in record.deployments.items()
        }
        grid.records[key] = record.model_copy(update={"deployments": deployments})
    rows = _rows(grid.report(tmp_path)["md"])
    assert rows["only z_inv", "-"][0] == "10.00 ± 0.00 ↓"
    assert rows["DisCoM-KD", "-"][0] == "**50.00 ± 0.00**"


def test_a_mark_stands_where_the_corrected_test_says_so_and_nowhere_else(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    noise = [0.0, 0.011, -0.007, 0.004, -0.009]

    def score(method: str, _: str, repetition: int) -> float:
        # KDv1 is ten points above STUDENT in every repetition, DisCoM-KD by chance one above.
        if method == "kd_v1":
            return 0.6 + noise[repetition] / 10 + 1e-4 * (repetition % 2)
        by_chance = 0.01 + noise[(repetition * 2 + 1) % 5] if method == "discom_kd" else 0.0
        return 0.5 + noise[repetition] / 10 + by_chance

    grid = make_grid(methods=["kd_v1", "discom_kd"], plugins=["none"], seeds=5)
    grid.fill(score)
    files = grid.report(tmp_path)
    rows = _rows(files["md"])
    assert rows["KDv1", "ORIG"][0].endswith("↑*")
    assert rows["DisCoM-KD", "-"][0].endswith("↑†")
    assert rows["STUDENT", "-"][0].endswith("†")
    assert r"$^{*}$" in files["tex"]
    last_epoch = files["md"].split("## ")[2]
    assert "*" not in last_epoch.split("\n- ")[0].replace("**", "")
    frame = pd.read_csv(tmp_path / "table1" / "table1_statistics.csv")
    assert len(frame) == 2 * (2 * 3)
    kept = frame.query("method == 'kd_v1' and dataset == 'tristar_miniature'").iloc[0]
    assert kept["difference"] == pytest.approx(0.1, abs=1e-3)
    assert kept["holm_p_value"] < 0.001
    assert kept["sign_flip_p_value"] == 0.0625


def test_too_few_repetitions_are_said_to_be_too_few(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid(seeds=1)
    grid.fill(_score)
    assert "no difference here can be told from chance" in grid.report(tmp_path)["md"]
    grid = make_grid(seeds=2)
    grid.fill(_score)
    text = grid.report(tmp_path)["md"]
    assert "Only 2 repetitions" in text
    assert "no distribution-free two-sided test can fall below p = 0.5" in text


def test_test_samples_are_resampled_where_predictions_are_kept(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    grid = make_grid(methods=["kd_v1"], plugins=["none"])
    grid.fill(_score)
    records = {
        key: record.model_copy(
            update={
                "data": record.data.model_copy(
                    update={"train_samples": 100, "validation_samples": 20, "test_samples": 60}
                )
            }
        )
        for key, record in grid.records.items()
    }
    random = np.random.default_rng(0)
    targets = random.integers(0, 2, 60)

    def predictions(key: str, _: Collection[str]) -> dict[str, NDArray[np.int64]]:
        spec = records[key].spec
        right = random.random(60) < (0.95 if spec.method == "kd_v1" else 0.6)
        predicted = np.where(right, targets, 1 - targets)
        return {
            "indices": np.arange(60),
            "targets": targets,
            **dict.fromkeys(records[key].deployments, predicted),
        }

    results = {key: result_of(record) for key, record in records.items()}
    args = (grid.suite, grid.plan.cells, grid.summaries, results, tmp_path)
    write_report(*args, predictions)
    frame = pd.read_csv(tmp_path / "table1" / "table1_statistics.csv")
    against_student = frame[frame["against"] == "baseline"]
    assert (against_student["bootstrap_low"] > 0.1).all()
    assert (against_student["bootstrap_high"] < 0.7).all()
    write_report(*args)  # without them
    frame = pd.read_csv(tmp_path / "table1" / "table1_statistics.csv")
    assert frame["bootstrap_low"].isna().all()


def test_average_ranks_are_drawn_with_their_n(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid()
    grid.fill(_score)
    grid.report(tmp_path)
    folder = tmp_path / "table1"
    assert (folder / "table1_ranks_cross_modal.png").read_bytes().startswith(b"\x89PNG")
    text = (folder / "table1_statistics.md").read_text()
    assert "N = 3 columns; 1 is best. Friedman's test: p = " in text
    assert "| DisCoM-KD | 1.00 |" in text
    assert "table1_ranks_cross_modal.png" in text
    grid = make_grid(methods=["kd_v1"], plugins=["none"])  # two rows cannot be ranked
    grid.fill(_score)
    grid.report(tmp_path)
    assert not (folder / "table1_ranks_cross_modal.png").exists()


def test_a_row_that_is_not_ranked_does_not_stop_the_figure(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    grid = make_grid()
    grid.fill(lambda *cell: None if cell[0] == "discom_kd" and cell[2] else _score(*cell))
    grid.report(tmp_path)
    assert (tmp_path / "table1" / "table1_ranks_cross_modal.png").is_file()
    text = (tmp_path / "table1" / "table1_statistics.md").read_text()
    assert "Incomplete, not ranked: DisCoM-KD." in text


@pytest.mark.parametrize("what", ["data", "protocol"])
def test_results_that_do_not_belong_together_are_refused(
    make_grid: MakeGrid, tmp_path: Path, what: str
) -> None:
    grid = make_grid()
    grid.fill(_score)
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


def test_multi_modal_teacher_stands_once_per_data_set(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid(suite="table2")
    grid.fill(_score)
    files = grid.report(tmp_path)
    rows = _rows(files["md"])
    assert rows["TEACHER", "-"] == [*["91.00 ± 1.41", ""] * 3, "11.0"]
    assert files["tex"].count(r"\multicolumn{2}{c}{91.00") == 3


def test_an_incomplete_cell_says_what_it_rests_on_and_is_never_best(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    def score(method: str, plugin: str, repetition: int) -> float | None:
        if method == "discom_kd" and repetition == 1:
            return None
        return None if (method, plugin) == ("kd_v1", "lskd") else _score(method, plugin, repetition)

    grid = make_grid()
    grid.fill(score)
    files = grid.report(tmp_path)
    rows = _rows(files["md"])
    assert rows["DisCoM-KD", "-"][0] == "70.00 ↑ (1 of 2)"
    assert rows["KDv1", "w/ LSKD"][0] == "- (0 of 2)"
    assert rows["KDv1", "ORIG"][0].startswith("**66.00")
    assert "9 of 30 runs are missing or failed" in files["md"]
    cells = json.loads(files["json"])["tables"][0]["cells"]
    assert {(c["n"], c["expected"]) for c in cells if c["method"] == "discom_kd"} == {(1, 2)}


def test_the_second_table_shows_last_epochs(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid()
    grid.fill(_score)
    _, first, second = grid.report(tmp_path)["md"].split("## ")
    assert "last epoch" not in first.splitlines()[0]
    assert "last epoch" in second.splitlines()[0]
    assert "10.00 ± 0.00" in second


def test_notes_say_what_a_reader_must_know(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid()
    grid.fill(_score)
    text = grid.report(tmp_path)["md"]
    for fact in (
        "over 2 repetitions",
        "Protocol as_described",
        "300 epochs, batch size 128, Adam with learning rate 0.0001",
        "no result of the published data set",
        "DisCoM-KD deploys 2.0 times the parameters of STUDENT",
        "fp32 on CPU test (30 runs)",
    ):
        assert fact in text, fact
    assert "smoke run" in text.splitlines()[0]


def test_a_split_that_ignores_groups_is_noted(make_grid: MakeGrid, tmp_path: Path) -> None:
    entry = {"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}
    sentence = "samples of one group are in training and in test"
    assert sentence in make_grid(datasets=[entry]).report(tmp_path)["md"]
    by_group = make_grid(datasets=[{**entry, "split": "by_group"}]).report(tmp_path)
    assert sentence not in by_group["md"]


def test_long_form(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid()
    grid.fill(_score)
    grid.report(tmp_path)
    frame = pd.read_csv(tmp_path / "table1" / "table1.csv", keep_default_na=False)
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == len(grid.plan.cells) * 12
    (value,) = frame.query(
        "dataset == 'tristar_miniature' and method == 'kd_v1' and plugin == 'lskd' and seed == 1"
        " and metric == 'weighted_f1'"
    )["value"]
    assert value == pytest.approx(0.57)
    last = frame[frame["metric"] == "last_weighted_f1"]["value"]
    assert set(last) == {0.1}


def test_latex_has_arrows_in_colour_and_nothing_unescaped(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    entry = {"name": "tristar", "label": "50% & more_", "teacher": "THERMAL", "student": "DEPTH"}
    grid = make_grid(datasets=[entry])
    grid.fill(_score)
    text = grid.report(tmp_path)["tex"]
    assert r"50\% \& more\_" in text
    assert r"\textcolor{green!55!black}{$\uparrow$}" in text
    assert r"\textcolor{red!80!black}{$\downarrow$}" in text
    assert r"\textbf{71.00{\tiny$\pm$1.41}}" in text
    assert not re.search(r"[^\x00-\x7f]", text)


def test_escape_covers_every_special_character() -> None:
    assert escape(r"\&%$#_{}~^") == (
        r"\textbackslash{}\&\%\$\#\_\{\}\textasciitilde{}\textasciicircum{}"
    )


@pytest.mark.parametrize("suite", ["table1", "table2", "table3"])
def test_latex_compiles_with_booktabs_and_xcolor_alone(
    make_grid: MakeGrid, compile_latex: Callable[[str], None], tmp_path: Path, suite: str
) -> None:
    methods = ["kd_v1", "kd_v2", "dkd", "ctkd", "mlkd", "discom_kd"]
    grid = make_grid(suite=suite, methods=methods if suite != "table3" else ["discom_kd"], seeds=3)
    # Every cell but the worst and the best has both marks, which is the widest that it gets.
    grid.fill(
        lambda *cell: 0.5 + 0.02 * len(cell[0] + cell[1]) + 0.0141 * cell[2] + 1e-5 * cell[2] ** 2
    )
    compile_latex(grid.report(tmp_path)["tex"])
