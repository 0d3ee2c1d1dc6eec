"""Tables as LaTeX."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
