"""Comparisons with printed tables as LaTeX that needs booktabs and xcolor alone."""

from collections.abc import Sequence

from benchmark.planning.plan import STUDENT
from benchmark.reporting.latex import escape
from benchmark.reporting.markdown import column_heading
from benchmark.reporting.published.comparison import ComparedCell, Comparison
from benchmark.reporting.published.markdown import (
    column_groups,
    format_count,
    format_points,
    group_cells,
    group_heading,
    has_arrows,
    row_heads,
)
from benchmark.reporting.tables import Column

_DIFFER = r"\textcolor{red!80!black}{$\neq$}"


def render_comparison_latex(
    name: str,
    title: str,
    above: Sequence[str],
    comparisons: Sequence[Comparison],
    below: Sequence[str],
) -> str:
    r"""Render a companion, ready for \input: a float per scenario and data set, text after them.

    The preamble needs \usepackage{booktabs} and \usepackage{xcolor}. The sentences above stand in
    every caption, because floats move and a table must not be read without them.
    """
    parts = [r"% needs \usepackage{booktabs} and \usepackage{xcolor}"]
    for comparison in comparisons:
        for columns in column_groups(comparison):
            heading = f"{group_heading(comparison, columns)}. {title}."
            caption = escape(" ".join([heading, *above]))
            label = "-".join([name, comparison.scenario.value, columns[0].dataset])
            parts.append(_table(comparison, columns, caption, label.replace("_", "-")))
        if comparison.oddities:
            sentences = [oddity.sentence for oddity in comparison.oddities]
            parts.append(_list("enumerate", "Oddities of the printed table:", sentences))
    parts.append(_list("itemize", "On the comparison:", below))
    return "\n\n".join(parts) + "\n"


def _list(environment: str, heading: str, sentences: Sequence[str]) -> str:
    items = [rf"\item {escape(sentence)}" for sentence in sentences]
    return "\n".join(
        [
            rf"{{\footnotesize\noindent {heading}",
            rf"\begin{{{environment}}}",
            *items,
            rf"\end{{{environment}}}}}",
        ]
    )


def _table(comparison: Comparison, columns: Sequence[Column], caption: str, label: str) -> str:
    arrows = has_arrows(comparison, columns)
    parts = ["ours", "printed", "diff.", *([r"$\uparrow\downarrow$"] if arrows else [])]
    headings, rules = [], []
    for number, column in enumerate(columns):
        heading = escape(column_heading(column, comparison.scenario, "→"))
        headings.append(rf"\multicolumn{{{len(parts)}}}{{c}}{{{heading}}}")
        first = 3 + number * len(parts)
        rules.append(rf"\cmidrule(lr){{{first}-{first + len(parts) - 1}}}")
    lines = [
        r"\begin{table}[t]",
        r"\centering",
        _type_size(comparison, columns),
        rf"\caption{{{caption}}}",
        rf"\label{{tab:{label}}}",
        rf"\begin{{tabular}}{{@{{}}ll{('rrrl' if arrows else 'rrr') * len(columns)}@{{}}}}",
        r"\toprule",
        " & & " + " & ".join(headings) + r" \\",
        " ".join(rules),
        " & & " + " & ".join(parts * len(columns)) + r" \\",
        r"\midrule",
    ]
    for row, name, variant in row_heads(comparison, columns):
        cells = [
            text
            for cell in group_cells(comparison, row, columns)
            for text in _cell(cell)[: len(parts)]
        ]
        variant_text = "--" if variant == "-" else escape(variant)
        lines.append(f"{escape(name)} & {variant_text} & {' & '.join(cells)} " + r"\\")
        if row.method == STUDENT:
            lines.append(r"\midrule")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}"])


def _type_size(comparison: Comparison, columns: Sequence[Column]) -> str:
    """What lets a table fit a text width of 13 cm: coverage of incomplete cells takes room."""
    if len(columns) == 1:
        return r"\footnotesize\setlength{\tabcolsep}{4pt}"
    cells = [comparison.cells[row, column] for row in comparison.rows for column in columns]
    complete = all(cell.count == cell.expected for cell in cells)
    return rf"\scriptsize\setlength{{\tabcolsep}}{{{'3pt' if complete else '1.5pt'}}}"


def _cell(cell: ComparedCell | None) -> tuple[str, str, str, str]:
    """Our number, the printed one, their difference, both arrows."""
    if cell is None:
        return "", "", "", ""
    ours = "--" if cell.mean is None else f"{cell.mean:.2f}"
    if cell.std is not None:
        ours += rf"{{\tiny$\pm${cell.std:.2f}}}"
    if count := format_count(cell):
        ours += rf"{{\tiny\,{count.strip()}}}"
    printed = "--" if cell.printed is None else f"{cell.printed:.2f}"
    if cell.notes:
        printed += rf"\textsuperscript{{{','.join(map(str, cell.notes))}}}"
    difference = format_points(cell.difference)
    arrows = ""
    if cell.arrow is not None and cell.printed_arrow is not None:
        arrows = escape(f"{cell.arrow}{cell.printed_arrow}") + ("" if cell.agrees else _DIFFER)
    return ours, printed, f"${difference}$" if difference else "", arrows
