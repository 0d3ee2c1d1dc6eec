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
CRODINO = {
    "crodino_kd_table1": 57,
    "crodino_kd_table2": 42,
    "crodino_kd_table3_mixup": 36,
    "crodino_kd_cost": 9,
}
CROSS, MULTI = Scenario.CROSS_MODAL, Scenario.MULTI_MODAL


def _printed(name: str) -> PublishedTable:
    table = read_published(name)
    assert table is not None
    return table


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_published_tables_load(name: str, count: int) -> None:
    assert len(_printed(name).values) == count


@pytest.mark.parametrize(("name", "count"), CRODINO.items())
def test_crodino_files_hold_scores_in_percent(name: str, count: int) -> None:
    rows = _rows(FOLDER, name)
    assert len(rows) == count
    for row in rows:
        assert 0 <= float(row.get("value_percent", 0)) <= 100


@pytest.mark.parametrize("name", [*(f"discom_kd_{name}" for name in COUNTS), *CRODINO])
def test_files_equal_the_reference(material: Path, name: str) -> None:
    reference = _rows(material / "published", name)
    own = _rows(FOLDER, name)
    if "variant" in reference[0] and name.startswith("discom_kd"):
        for row in reference:
            variant = row.pop("variant")
            row["method"] += "" if variant == "full" else f" ({variant})"
            row |= {"scenario": "multi_modal", "teacher_modality": "ALL", "plugin": "none"}
    assert own == reference


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


@pytest.mark.parametrize("name", ["table3", "table4"])
def test_printed_averages_are_means_of_their_rows_up_to_rounding(name: str) -> None:
    table = _printed(name)
    for method in {key.method for key in table.values}:
        own = [v.value_percent for v in table.values.values() if v.method == method]
        *scores, average = own
        assert len(scores) == 6
        assert average == pytest.approx(sum(scores) / 6, abs=0.01)


@pytest.mark.parametrize("name", COUNTS)
def test_every_oddity_is_about_printed_cells(name: str) -> None:
    table = _printed(name)
    assert table.oddities
    for oddity in table.oddities:
        assert any(oddity.concerns(key) for key in table.values), oddity


@pytest.mark.parametrize("name", COUNTS)
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
