"""Tables of suites: layout, arrows, bold, incomplete cells, parameters."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmark.planning.config import read_suite
from benchmark.records.record import ProbeResult

MakeGrid = Callable[..., Any]


def test_layout_and_numbers_of_table_1(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid()
    grid.fill(grid.score)
    rows = grid.rows(grid.report(tmp_path)["md"])
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
    grid.fill(grid.score)
    files = grid.report(tmp_path)
    rows = grid.rows(files["md"])
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
    rows = grid.rows(text)
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
    rows = grid.rows(grid.report(tmp_path)["md"])
    assert rows["DisCoM-KD", "-"][-2] == "50.00 (1 of 2)"


def test_parts_of_a_network_fill_rows_of_their_own(make_grid: MakeGrid, tmp_path: Path) -> None:
    methods = [{"name": "discom_kd", "evaluate": "only_inv", "label": "only z_inv"}, "discom_kd"]
    grid = make_grid(suite="table4", methods=methods)
    grid.fill(lambda *_: 0.5)
    rows = grid.rows(grid.report(tmp_path)["md"])
    assert rows["only z_inv", "-"][0] == "- (0 of 2)"  # these records have no parts
    for key, record in grid.records.items():
        deployments = {
            name: result.model_copy(
                update={"probes": {"only_inv": ProbeResult(selected=result.last, last=result.last)}}
            )
            for name, result in record.deployments.items()
        }
        grid.records[key] = record.model_copy(update={"deployments": deployments})
    rows = grid.rows(grid.report(tmp_path)["md"])
    assert rows["only z_inv", "-"][0] == "10.00 ± 0.00 ↓"
    assert rows["DisCoM-KD", "-"][0] == "**50.00 ± 0.00**"


def test_multi_modal_teacher_stands_once_per_data_set(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid(suite="table2")
    grid.fill(grid.score)
    files = grid.report(tmp_path)
    rows = grid.rows(files["md"])
    assert rows["TEACHER", "-"] == [*["91.00 ± 1.41", ""] * 3, "11.0"]
    assert files["tex"].count(r"\multicolumn{2}{c}{91.00") == 3


def test_an_incomplete_cell_says_what_it_rests_on_and_is_never_best(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    def score(method: str, plugin: str, repetition: int) -> float | None:
        if method == "discom_kd" and repetition == 1:
            return None
        return (
            None
            if (method, plugin) == ("kd_v1", "lskd")
            else grid.score(method, plugin, repetition)
        )

    grid = make_grid()
    grid.fill(score)
    files = grid.report(tmp_path)
    rows = grid.rows(files["md"])
    assert rows["DisCoM-KD", "-"][0] == "70.00 ↑ (1 of 2)"
    assert rows["KDv1", "w/ LSKD"][0] == "- (0 of 2)"
    assert rows["KDv1", "ORIG"][0].startswith("**66.00")
    assert "9 of 30 runs are missing or failed" in files["md"]
    cells = json.loads(files["json"])["tables"][0]["cells"]
    assert {(c["n"], c["expected"]) for c in cells if c["method"] == "discom_kd"} == {(1, 2)}


def test_json_says_which_runs_a_cell_rests_on(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid()
    grid.fill(grid.score)
    content = json.loads(grid.report(tmp_path)["json"])
    assert content["runs"].keys() == grid.records.keys()
    for cell in content["tables"][0]["cells"]:
        assert cell["runs"].keys() == cell["values"].keys()
        for repetition, key in cell["runs"].items():
            assert grid.records[key].spec.repetition == int(repetition)
            assert content["runs"][key]["device"] == "CPU test"
            assert sum(content["runs"][key]["parameters"].values()) > 0


def test_the_second_table_shows_last_epochs(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid()
    grid.fill(grid.score)
    _, first, second, _ = grid.report(tmp_path)["md"].split("## ")
    assert "last epoch" not in first.splitlines()[0]
    assert "last epoch" in second.splitlines()[0]
    assert "10.00 ± 0.00" in second
