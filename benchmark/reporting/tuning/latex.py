"""Default beside tuned as LaTeX that needs booktabs and xcolor alone."""

from collections.abc import Sequence

from benchmark.reporting.grid import Grid
from benchmark.reporting.latex.file import latex_file, latex_label, latex_sentence
from benchmark.reporting.latex.table import LatexStyle, LatexText, latex_floats
from benchmark.reporting.small_print import SmallPrint


def render_tuning_latex(
    name: str, title: str, grids: Sequence[tuple[str, Grid]], small_print: SmallPrint
) -> str:
    r"""Render tables, ready for \input; what they have in common is said around the first."""
    floats: list[str] = []
    for number, (heading, grid) in enumerate(grids, 1):
        caption = [f"{title}, {heading[0].lower()}{heading[1:]}"]
        legend: list[str] = []
        if not floats:
            caption += filter(None, [small_print.scores, small_print.caution])
            legend = [small_print.marks]
        text = LatexText(
            list(map(latex_sentence, caption)),
            list(map(latex_sentence, legend)),
            latex_label(f"{name}-{number}"),
        )
        style = LatexStyle(f"ll{'r' * (len(grid.aligned) - 2)}")
        floats += latex_floats([(grid, style)], text)
    return latex_file(floats)
