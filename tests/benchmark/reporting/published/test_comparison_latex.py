"""Tables and comparisons with printed ones as LaTeX."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MakePaper = Callable[..., Any]


@pytest.mark.parametrize("suite", ["table1", "table2"])
def test_latex_compiles_with_booktabs_and_xcolor_alone_and_fits(
    make_paper: MakePaper, compile_latex: Callable[[str], None], tmp_path: Path, suite: str
) -> None:
    paper = make_paper(suite).fill(
        lambda *cell: None if cell[3] == 4 else 0.3 + 0.1 * cell[3] - 0.2 * (cell[2] == "lskd")
    )
    files = paper.report(tmp_path)
    compile_latex(files[f"{suite}.tex"] + files[f"{suite}_vs_published.tex"])


@pytest.mark.parametrize("suite", ["table1", "table2", "table3", "table4"])
def test_the_document_of_a_printed_table_fits_one_column_and_two(
    make_paper: MakePaper, compile_document: Callable[[Path], None], tmp_path: Path, suite: str
) -> None:
    # Every cell but the worst and the best has both marks, which is the widest that it gets.
    paper = make_paper(suite).fill(
        lambda _, method, plugin, repetition: (
            0.5 + 0.02 * len(method + plugin) + 0.0141 * repetition + 1e-5 * repetition**2
        )
    )
    files = paper.report(tmp_path)
    assert f"{suite}_vs_published_notes.tex" in files["main.tex"]
    compile_document(tmp_path / "reports" / suite)


def test_captions_of_a_comparison_refer_to_the_first(make_paper: MakePaper) -> None:
    found = make_paper(seeds=3).fill().beside_print()
    tables = found.files["table1_vs_published.tex"].split(r"\end{table")
    assert tables[0].count("The set-up differs from the paper's: 3 repetitions instead of 5") == 1
    assert ", with another set-up, to be read as Table" in tables[1]
    together = "".join(found.files[f"table1_vs_published{end}"] for end in (".tex", "_notes.tex"))
    assert together.count("The set-up differs") == 1
    assert "Oddities of the printed table, cross-modal:" in together
