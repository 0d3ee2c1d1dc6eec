"""What a reader is told under a table."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

MakeGrid = Callable[..., Any]


def test_notes_say_what_a_reader_must_know(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid()
    grid.fill(grid.score)
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
