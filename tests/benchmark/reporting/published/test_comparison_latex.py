"""Comparisons with printed tables as LaTeX."""

from collections.abc import Callable
from typing import Any

import pytest

MakePaper = Callable[..., Any]


@pytest.mark.parametrize("suite", ["table1", "table2"])
@pytest.mark.parametrize("repetitions", [4, 5])
def test_latex_compiles_and_fits(
    make_paper: MakePaper, compile_latex: Callable[[str], None], suite: str, repetitions: int
) -> None:
    paper = make_paper(suite).fill(
        lambda *cell: (
            None if cell[3] >= repetitions else 0.3 + 0.1 * cell[3] - 0.2 * (cell[2] == "lskd")
        )
    )
    compile_latex(paper.beside_print().files[f"{suite}_vs_published.tex"])
