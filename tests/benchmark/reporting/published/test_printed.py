"""The files of the printed tables, and what is read of them."""

import csv
import re
import shutil
from pathlib import Path

import pytest

from benchmark.planning.config import Scenario
from benchmark.reporting.published.printed import FOLDER, PublishedTable, read_published
from benchmark.reporting.tables import CellKey
from benchmark.statistics import Arrow
from core.errors import UserError

COUNTS = {"table1": 39, "table2": 75, "table3": 35, "table4": 21}
CRODINO_COUNTS = {"crodino_table1": 57, "crodino_table2": 42, "crodino_table3": 30}
# What the CroDiNo-KD paper calls things -> what suites call them.
DATASETS = {"nyudepth": "nyu_depth_v2"}
METHODS = {
    "multimodal": "teacher",
    "single_modality": "student",
    "kd_v1": "kd_v1 (T=1)",
    "kd_v2": "kd_v2 (T=1)",
    "masked_distillation": "masked_generative",
    "row1_without_orth": "crodino_kd (without_orth)",
    "row2_without_cl_or_aux": "crodino_kd (without_cl)",
    "row3_without_cl_or_aux": "crodino_kd (without_aux)",
    "without_mixup": "crodino_kd (without_mixup)",
    "without_decoupled_augmentation": "crodino_kd (without_decoupled_augmentation)",
    "full": "crodino_kd",
    "0.35": "crodino_kd",
    **{share: f"crodino_kd (mixup {share})" for share in ("0.05", "0.1", "0.2", "0.5")},
}
CROSS, MULTI = Scenario.CROSS_MODAL, Scenario.MULTI_MODAL


def _printed(name: str) -> PublishedTable:
    table = read_published(name)
    assert table is not None
    return table


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize(("name", "count"), {**COUNTS, **CRODINO_COUNTS}.items())
def test_published_tables_load(name: str, count: int) -> None:
    assert len(_printed(name).values) == count


@pytest.mark.parametrize("name", COUNTS)
def test_files_equal_the_reference(material: Path, name: str) -> None:
    reference = _rows(material / "published", f"discom_kd_{name}")
    if "variant" in reference[0]:
        for row in reference:
            variant = row.pop("variant")
            row["method"] += "" if variant == "full" else f" ({variant})"
            row |= {"scenario": "multi_modal", "teacher_modality": "ALL", "plugin": "none"}
    assert _rows(FOLDER, f"discom_kd_{name}") == reference


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("crodino_table1", "crodino_kd_table1"),
        ("crodino_table2", "crodino_kd_table2"),
        ("crodino_table3", "crodino_kd_table3_mixup"),
    ],
)
def test_crodino_tables_equal_the_reference(material: Path, name: str, file: str) -> None:
    row_name = {"crodino_table1": "method", "crodino_table2": "variant"}.get(name, "mixup_lambda")
    reference = {
        CellKey(
            MULTI,
            DATASETS.get(row["dataset"], row["dataset"]),
            row["evaluated_modality"],
            METHODS.get(row[row_name], row[row_name]),
            "none",
        ): float(row["value_percent"])
        for row in _rows(material / "published", file)
        if row[row_name] != "std"  # over the rows, not a cell
    }
    table = _printed(name)
    assert {key: table.percent(key) for key in table.values} == reference


def test_printed_costs_equal_the_reference(material: Path) -> None:
    reference = _rows(material / "published", "crodino_kd_cost")
    for row in reference:
        row["method"] = METHODS.get(row["method"], row["method"])
    assert _rows(FOLDER, "crodino_kd_costs") == reference


def test_tables_1_and_2_share_their_single_modality_runs() -> None:
    first, second = _printed("table1"), _printed("table2")
    for dataset, rich, poor in (
        ("sunrgbd", "RGB", "DEPTH"),
        ("eurosat_ms_sar", "MS", "SAR"),
        ("tristar", "THERMAL", "DEPTH"),
    ):
        assert first.percent(CellKey(CROSS, dataset, rich, "teacher", "none")) == second.percent(
            CellKey(MULTI, dataset, rich, "student", "none")
        )
        for method in ("student", "discom_kd"):
            assert first.percent(CellKey(CROSS, dataset, poor, method, "none")) == second.percent(
                CellKey(MULTI, dataset, poor, method, "none")
            )


@pytest.mark.parametrize("name", ["table3", "table4", "crodino_table2"])
def test_printed_averages_are_means_of_their_rows_up_to_rounding(name: str) -> None:
    table = _printed(name)
    for method in {key.method for key in table.values}:
        own = [v.value_percent for v in table.values.values() if v.method == method]
        *scores, average = own
        assert len(scores) == 6
        assert average == pytest.approx(sum(scores) / 6, abs=0.01)


@pytest.mark.parametrize("name", [*COUNTS, *CRODINO_COUNTS])
def test_every_oddity_is_about_printed_cells(name: str) -> None:
    table = _printed(name)
    assert table.oddities
    for oddity in table.oddities:
        assert any(oddity.concerns(key) for key in table.values), oddity


@pytest.mark.parametrize("name", [*COUNTS, *CRODINO_COUNTS])
def test_every_number_in_an_oddity_of_certain_cells_is_printed(name: str) -> None:
    table = _printed(name)
    printed = {f"{value.value_percent:.2f}" for value in table.values.values()}
    for oddity in table.oddities:
        if oddity.plugin or oddity.modality:
            # A number before "points" is a difference of printed ones.
            numbers = re.findall(r"\b\d\d\.\d\d\b(?! points)", oddity.sentence)
            assert set(numbers) <= printed, oddity


@pytest.mark.parametrize(
    ("dataset", "evaluated", "method", "plugin", "arrow"),
    [
        ("sunrgbd", "DEPTH", "mlkd", "none", Arrow.DOWN),
        ("sunrgbd", "DEPTH", "mlkd", "lskd", Arrow.EQUAL),
        ("tristar", "THERMAL", "ctkd", "none", Arrow.DOWN),
        ("tristar", "THERMAL", "discom_kd", "none", Arrow.UP),
        ("sunrgbd", "DEPTH", "student", "none", None),
        ("sunrgbd", "ALL", "teacher", "none", None),
        ("sunrgbd", "DEPTH", "own_method", "none", None),
    ],
)
def test_arrows_come_from_printed_numbers(
    dataset: str, evaluated: str, method: str, plugin: str, arrow: Arrow | None
) -> None:
    key = CellKey(MULTI, dataset, evaluated, method, plugin)
    assert _printed("table2").arrow(key) is arrow


def test_a_table_without_student_has_no_arrows() -> None:
    table = _printed("table3")
    assert {table.arrow(key) for key in table.values} == {None}


def test_nothing_is_published_without_the_folder_or_under_another_name(tmp_path: Path) -> None:
    assert read_published("table1", tmp_path / "nowhere") is None
    assert read_published("terramesh") is None


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("value_percent", "value", "expected the columns"),
        ("44.45", "144.45", r"line 2: value_percent is '144.45'"),
        ("44.45", "", r"line 2: value_percent is ''"),
        ("weighted_f1,44.45", "accuracy,44.45", "line 2: metric"),
        ("table1,cross_modal,sunrgbd,RGB,RGB", "table2,cross_modal,sunrgbd,RGB,RGB", "line 2 is"),
        ("MS,MS,teacher", "MS,SAR,student", "line 6 repeats a cell"),
    ],
)
def test_a_damaged_file_is_an_error_with_its_line(
    tmp_path: Path, before: str, after: str, problem: str
) -> None:
    text = (FOLDER / "discom_kd_table1.csv").read_text()
    (tmp_path / "discom_kd_table1.csv").write_text(text.replace(before, after, 1))
    with pytest.raises(UserError, match=problem):
        read_published("table1", tmp_path)


def test_damaged_oddities_are_an_error(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "discom_kd_table1.csv", tmp_path)
    (tmp_path / "oddities.yaml").write_text("table1: [{dataset: sunrgbd}]")
    with pytest.raises(UserError, match=r"oddities.yaml: table1.0.sentence"):
        read_published("table1", tmp_path)
