"""What is held against the paper's numbers, and what is said of the rest."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.planning.config import read_suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.reporting.published.eligibility import setup_differences
from benchmark.reporting.published.report import ComparisonFiles, comparison_files
from benchmark.tasks import TASKS

MakePaper = Callable[..., Any]
Change = Callable[[DatasetSummary], DatasetSummary]


def _source(**changes: Any) -> Change:
    return lambda summary: replace(summary, source=replace(summary.source, **changes))


def _summary(**changes: Any) -> Change:
    return lambda summary: replace(summary, **changes)


def test_a_changed_set_up_is_said_on_top(make_paper: MakePaper) -> None:
    entry = {"name": "tristar", "teacher": "THERMAL", "student": "DEPTH", "split": "by_group"}
    paper = make_paper(
        datasets=[entry],
        seeds=3,
        protocol={"base": "as_described", "teacher_mode": "train"},
        training={"epochs": 50, "batch_size": 64, "learning_rate": 1e-3},
    ).fill()
    found = paper.beside_print()
    sentence = (
        "The set-up differs from the paper's: 50 epochs instead of 300; 64 samples a batch "
        "instead of 128; 3 repetitions instead of 5; learning rate 0.001 instead of 0.0001; "
        "protocol as_described + teacher_mode=train instead of as_described; TRISTAR split by "
        "group instead of at random."
    )
    assert paper.markdown().splitlines()[2] == sentence
    tex = found.files["table1_vs_published.tex"]
    assert r"protocol as\_described + teacher\_mode=train" in tex.split(r"\label")[0]
    assert found.notes == ()


@pytest.mark.parametrize(
    ("suite", "overrides", "said"),
    [
        ("table1", {"student": {"network": "resnet34"}}, "other networks of students"),
        (
            "table1",
            {"teacher": {"modalities": {"MS": {"network": "resnet34"}}}},
            "other networks of teachers",
        ),
        ("table1", {"training": {"weight_decay": 0.01}}, "another weight decay"),
        ("crodino_table1", {"network": {"backbone": "resnet18"}}, "other networks"),
        ("crodino_table1", {"augmentation": {"flip": 0.0}}, "another augmentation"),
        ("crodino_table1", {"training": {"epochs": 70}}, "70 epochs instead of 140"),
    ],
)
def test_networks_and_optimisers_that_are_not_the_papers_are_said_too(
    make_paper: MakePaper, suite: str, overrides: dict[str, Any], said: str
) -> None:
    summaries = make_paper().summaries if suite == "table1" else []
    task = TASKS.get("classification" if suite == "table1" else "segmentation")
    spelt_out = {"student": {"network": "resnet18"}} if suite == "table1" else {}
    for changes, expected in ((overrides, [said]), (spelt_out, [])):
        changed = read_suite(suite, changes)
        names = {entry.name for entry in changed.datasets}
        assert setup_differences(changed, summaries, names, task) == expected


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_source(kind="miniature"), "a smoke run on generated miniature data"),
        (_source(kind="npz"), "own data instead of the paper's"),
        (_source(kind="npy"), "own data instead of the paper's"),
        (_source(image_size=128), "images of 128 pixels a side instead of 224"),
        (
            _source(choices=(("depth", "depth"),)),
            "read with depth: depth instead of depth_bfx",
        ),
        (
            _summary(samples=2104),
            "2104 samples where the publication counts 2105",
        ),
        (
            _summary(samples=None),
            "unknown number of samples where the publication counts 2105",
        ),
        (
            _summary(modalities=("RGB", "DEPTH", "NORMALS")),
            "modalities RGB, DEPTH, NORMALS instead of RGB, DEPTH",
        ),
    ],
)
def test_data_that_is_not_the_papers_is_not_compared(
    make_paper: MakePaper, tmp_path: Path, change: Change, reason: str
) -> None:
    files = make_paper(changes={"sunrgbd": change}).fill().report(tmp_path)
    sentence = f"Not compared with the printed table: SUNRGBD DEPTH ({reason})."
    assert f"- {sentence}" in files["table1.md"]
    assert sentence in files["table1_vs_published.md"]
    assert "### TRISTAR THERMAL → DEPTH" in files["table1_vs_published.md"]
    assert "### SUNRGBD" not in files["table1_vs_published.md"]
    assert "42.87" not in files["table1_vs_published.md"]


@pytest.mark.parametrize(
    "source",
    [
        {"image_size": 224},
        {"choices": (("depth", "depth_bfx"),)},
        {"modalities": ("RGB", "DEPTH")},
    ],
)
def test_defaults_that_are_spelt_out_change_nothing(
    make_paper: MakePaper, source: dict[str, Any]
) -> None:
    paper = make_paper(changes={"sunrgbd": _source(**source)}).fill()
    assert paper.beside_print().notes == ()


def test_exchanged_roles_and_data_without_runs_are_not_compared(make_paper: MakePaper) -> None:
    datasets = [
        {"name": "sunrgbd", "teacher": "DEPTH", "student": "RGB"},
        {"name": "eurosat_ms_sar", "teacher": "MS", "student": "SAR"},
        {"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"},
    ]
    paper = make_paper(datasets=datasets)
    paper.fill(lambda *cell: None if cell[0] == "tristar" else paper.score(*cell))
    assert paper.beside_print().notes == (
        "Not compared with the printed table: SUNRGBD RGB (the printed table has no column "
        "DEPTH → RGB for it); TRISTAR DEPTH (no run of it is finished).",
    )


@pytest.mark.parametrize("kind", ["miniature", "npz"])
def test_without_the_papers_data_stale_comparisons_go(
    make_paper: MakePaper, tmp_path: Path, kind: str
) -> None:
    names = {"table1_vs_published.md", "table1_vs_published.tex"}
    assert names <= make_paper().fill().report(tmp_path).keys()
    changes = dict.fromkeys(("sunrgbd", "eurosat_ms_sar", "tristar"), _source(kind=kind))
    files = make_paper(changes=changes).fill().report(tmp_path)
    assert not names & files.keys()
    assert "Nothing is compared with the printed table: " in files["table1.md"]


def test_a_suite_of_another_name_is_not_compared(make_paper: MakePaper) -> None:
    paper = make_paper().fill()
    suite = paper.suite.model_copy(update={"name": "mine"})
    assert comparison_files(suite, paper.tables, paper.summaries) == ComparisonFiles({}, ())


def test_without_the_printed_tables_there_is_no_comparison(
    make_paper: MakePaper, tmp_path: Path
) -> None:
    paper = make_paper().fill()
    found = comparison_files(paper.suite, paper.tables, paper.summaries, tmp_path)
    assert found == ComparisonFiles({}, ())
