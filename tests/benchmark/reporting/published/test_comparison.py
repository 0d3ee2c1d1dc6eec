"""Results held against the printed tables, cell by cell and as Markdown."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from benchmark.reporting.published.comparison import (
    ComparedCell,
    Comparison,
    compare_with_published,
)
from benchmark.reporting.published.printed import read_published
from benchmark.statistics import Arrow

MakePaper = Callable[..., Any]


def _comparison(paper: Any) -> Comparison:
    table, printed = paper.tables[0], read_published(paper.suite.name)
    assert printed is not None
    return compare_with_published(table, printed, table.columns)


def _cell(comparison: Comparison, dataset: str, evaluated: str, row: str) -> ComparedCell:
    (found,) = (
        cell
        for (own, column), cell in comparison.cells.items()
        if (column.dataset, column.evaluated) == (dataset, evaluated)
        and f"{own.method} {own.plugin}" == row
    )
    return found


def test_numbers_of_a_compared_cell(make_paper: MakePaper) -> None:
    comparison = _comparison(make_paper().fill())
    cell = _cell(comparison, "sunrgbd", "DEPTH", "mlkd none")
    assert cell.mean == pytest.approx(72)
    assert cell.std == pytest.approx(1.5811, abs=1e-4)
    assert (cell.count, cell.expected, cell.printed) == (5, 5, 44.43)
    assert cell.difference == pytest.approx(27.57)
    assert (cell.arrow, cell.printed_arrow, cell.agrees) == (Arrow.UP, Arrow.UP, True)
    (number,) = cell.notes
    assert "42.87" in comparison.oddities[number - 1].sentence
    kd = _cell(comparison, "sunrgbd", "DEPTH", "kd_v1 none")
    assert (kd.arrow, kd.printed_arrow, kd.agrees) == (Arrow.UP, Arrow.DOWN, False)
    teacher = _cell(comparison, "tristar", "DEPTH", "teacher none")
    assert (teacher.printed, teacher.arrow, teacher.agrees) == (96.99, None, None)
    student = _cell(comparison, "tristar", "DEPTH", "student none")
    assert (student.printed, student.agrees) == (90.66, None)
    # LSKD is down in ours, and printed up outside SUNRGBD; ORIG is up, and printed down four times
    # on SUNRGBD and once on SAR.
    assert comparison.agreement == (18, 33)


def test_a_printed_number_is_held_against_one_more_mean_of_five(make_paper: MakePaper) -> None:
    """Ours is 72 ± 1.58 over five runs: t(4) * 1.58 * sqrt(2 / 5) = 2.78 either way."""
    comparison = _comparison(make_paper().fill())
    cell = _cell(comparison, "sunrgbd", "DEPTH", "mlkd none")
    assert cell.prediction is not None
    assert (cell.prediction.low, cell.prediction.high) == pytest.approx((69.22, 74.78), abs=0.005)
    assert cell.predicted is False
    assert replace(cell, printed=70.0).predicted is True
    assert replace(cell, printed=None).predicted is None
    inside, predicted = comparison.predicted
    assert 0 <= inside < predicted == len(comparison.cells)


def test_table_2_compares_six_columns(make_paper: MakePaper) -> None:
    comparison = _comparison(make_paper("table2").fill())
    assert len(comparison.columns) == 6
    assert all(cell.printed is not None for cell in comparison.cells.values())
    assert _cell(comparison, "sunrgbd", "DEPTH", "teacher none").printed == 55.95
    assert _cell(comparison, "tristar", "THERMAL", "ctkd none").notes


def test_markdown_has_a_table_per_data_set(make_paper: MakePaper) -> None:
    text = make_paper("table2").fill().markdown()
    sections = text.split("### ")[1:]
    assert [section.splitlines()[0] for section in sections] == [
        "SUNRGBD",
        "EuroSAT-MS-SAR",
        "TRISTAR",
    ]
    lines = sections[0].splitlines()
    assert "| RGB ours | RGB printed | RGB difference | RGB arrows | DEPTH ours |" in lines[2]
    assert make_paper().fill().markdown().count("| ours | printed | difference |") == 3
    assert "| TEACHER | ALL | 92.00 ± 1.58 | 55.95 | +36.05 ± 2.78* |  |  |  |  |  |" in lines
    assert "|  | w/ LSKD | 52.00 ± 1.58 | 47.44 | +4.56 ± 2.78* | ↓ ↑ ≠ |" in text
    assert "43.82 [1]" in text
    assert "half of the 95 % prediction interval" in text
    assert "printed numbers lie in their prediction intervals" in text
    assert "may have been made with its released code" in text
    assert "set-up differs" not in text
    assert text.count("| --- |") == 3


def test_missing_cells_say_so(make_paper: MakePaper) -> None:
    paper = make_paper()

    def score(dataset: str, method: str, plugin: str, repetition: int) -> float | None:
        if method == "dkd" or (method == "discom_kd" and repetition > 1):
            return None
        return paper.score(dataset, method, plugin, repetition)

    paper.fill(score)
    cell = _cell(_comparison(paper), "sunrgbd", "DEPTH", "dkd none")
    assert (cell.mean, cell.count, cell.difference, cell.agrees) == (None, 0, None, None)
    text = paper.markdown()
    assert "| DKD | ORIG | - (0 of 5) | 42.44 |  |  |" in text
    assert "| DisCoM-KD | - | 70.50 ± 0.71 (2 of 5) | 47.69 | +22.81 ± 7.52* | ↑ ↑ |" in text


def test_rows_that_only_one_side_has_are_named(make_paper: MakePaper) -> None:
    methods = ["kd_v1", {"name": "kd_v1", "temperature": 2.0}]
    text = make_paper(methods=methods).fill().markdown()
    assert "Not in the printed table, so left out: KDv1 (temperature=2.0) ORIG" in text
    assert "Printed, but not in this suite: kd_v2, kd_v2 with lskd, dkd" in text
    assert "MLKD ORIG prints" not in text
