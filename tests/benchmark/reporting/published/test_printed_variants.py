"""Comparisons of tables of variants: no STUDENT, and a column for the average."""

from collections.abc import Callable
from typing import Any

from benchmark.planning.config import Scenario
from benchmark.reporting.published.report import comparison_files
from benchmark.reporting.tables import SELECTED, Column, Entry, Row, Table
from datasets import CARDS

MakePaper = Callable[..., Any]


def _ablation(datasets: tuple[str, ...] = ("sunrgbd", "eurosat_ms_sar", "tristar")) -> Table:
    columns = [
        Column(name, CARDS.get(name).label, "ALL", modality)
        for name in datasets
        for modality in CARDS.get(name).modalities
    ]
    columns.append(Column("average", "Average", "ALL", ""))
    variants = ("discom_kd (without_adv)", "discom_kd")
    rows = [Row(name, "none", name.replace("discom_kd", "DisCoM-KD"), "-") for name in variants]
    entry = Entry({0: 0.77, 1: 0.79}, 5)
    return Table(
        Scenario.MULTI_MODAL,
        SELECTED,
        tuple(columns),
        tuple(rows),
        {(row, column): entry for row in rows for column in columns},
        dict.fromkeys(rows, (22_000_000,)),
        "discom_kd",
        "weighted F1",
        dict.fromkeys(columns, 0.2 / 0.7),
    )


def test_averages_and_variants_are_compared_without_arrows(make_paper: MakePaper) -> None:
    paper = make_paper("table2")
    suite = paper.suite.model_copy(update={"name": "table3"})
    found = comparison_files(suite, [_ablation()], paper.summaries)
    text = found.files["table3_vs_published.md"]
    assert "### Average\n\n| method | | ours | printed | difference |\n" in text
    assert (
        "| DisCoM-KD (without_adv) | - | 78.00 ± 1.41 (2 of 5) | 77.78 [1] | +0.22 ± 15.03 |\n"
        "| DisCoM-KD | - | 78.00 ± 1.41 (2 of 5) | 78.23 [3] | -0.23 ± 15.03 |"
    ) in text
    assert "Arrows" not in text
    assert "released code" not in text
    assert found.notes == ()


def test_an_average_needs_all_printed_columns(make_paper: MakePaper) -> None:
    paper = make_paper("table2")
    suite = paper.suite.model_copy(update={"name": "table3"})
    found = comparison_files(suite, [_ablation(("sunrgbd", "tristar"))], paper.summaries)
    assert "### Average" not in found.files["table3_vs_published.md"]
    assert found.notes == (
        "Not compared with the printed table: Average (not every column of the printed average "
        "is compared).",
    )


def test_latex_of_variants_compiles(
    make_paper: MakePaper, compile_latex: Callable[[str], None]
) -> None:
    paper = make_paper("table2")
    suite = paper.suite.model_copy(update={"name": "table3"})
    found = comparison_files(suite, [_ablation()], paper.summaries)
    compile_latex(found.files["table3_vs_published.tex"])
