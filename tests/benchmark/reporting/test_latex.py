"""Tables as LaTeX."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

MakeGrid = Callable[..., Any]


def test_latex_has_arrows_in_colour_and_nothing_unescaped(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    entry = {"name": "tristar", "label": "50% & more_", "teacher": "THERMAL", "student": "DEPTH"}
    grid = make_grid(datasets=[entry])
    grid.fill(grid.score)
    text = grid.report(tmp_path)["tex"]
    assert r"50\% \& more\_" in text
    assert r"\textcolor{green!55!black}{$\uparrow$}" in text
    assert r"\textcolor{red!80!black}{$\downarrow$}" in text
    assert r"\textbf{71.00{\tiny$\pm$1.41}}" in text
    assert not re.search(r"[^\x00-\x7f]", text)


def test_caption_legend_and_notes_share_the_small_print(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    grid = make_grid(smoke=False, seeds=3)
    grid.fill(lambda *cell: None if cell == ("kd_v1", "none", 2) else grid.score(*cell))
    files = grid.report(tmp_path)
    notes = (tmp_path / "table1" / "table1_notes.tex").read_text()
    caption, legend = re.findall(r"\\caption\[.*\]\{(.*)\}|\\tablelegend\{(.*)\}", files["tex"])
    assert caption[0].count(". ") == 2
    assert "with (k of n) rests on k of n repetitions" in caption[0]
    assert r"$\uparrow$ and $\downarrow$: mean above or below STUDENT" in legend[1]
    assert "Parameters, in millions (M)" in legend[1]
    assert r"\item Every method gets 300 epochs" in notes
    # What guards against misreading is in one of the three, and no sentence in two.
    said = [*caption[0].split(". "), *legend[1].split(". "), *re.findall(r"\\item (.*)", notes)]
    assert len({_letters(sentence) for sentence in said}) == len(said)
    together = _letters(" ".join(said))
    for sentence in re.findall("^- (.*)", files["md"], re.MULTILINE):
        assert _letters(sentence) in together, sentence


def _letters(text: str) -> str:
    """Text without what Markdown and LaTeX write in their own ways."""
    return re.sub(r"\\[a-z]+|[^A-Za-z0-9]", "", text)


def test_a_grid_of_any_size_fits_its_pages(
    make_grid: MakeGrid, compile_document: Callable[[Path], None], tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    images = random.random((60, 1, 8, 8), dtype=np.float32)
    np.savez(tmp_path / "own.npz", A=images, B=images, labels=np.arange(60) % 2)
    datasets = [
        {"name": f"own_{n}", "npz": str(tmp_path / "own.npz"), "teacher": "A", "student": "B"}
        for n in range(12)
    ]
    methods = [{"name": "kd_v1", "variant": f"{number} % & more_"} for number in range(60)]
    settings = {"datasets": datasets, "methods": methods, "plugins": ["none"], "smoke": False}
    grid = make_grid(**settings, training={"epochs": 2})
    grid.fill(lambda *cell: 0.5 + 0.1 * cell[2] + (cell[0] == "kd_v1") * 0.01)
    text = grid.report(tmp_path)["tex"]
    assert text.count("continued from Table") > 3
    compile_document(tmp_path / "table1")
