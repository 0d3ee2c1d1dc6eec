"""An audit as Markdown and as LaTeX."""

from collections.abc import Sequence

from benchmark.planning.config import Protocol, Suite
from benchmark.reporting.audit.grid import UNCHANGED, Effects, sheet_grids
from benchmark.reporting.audit.sheet import AuditSheet
from benchmark.reporting.escape import escape_latex, escape_markdown
from benchmark.reporting.grid import LatexStyle, latex_table, markdown_table
from benchmark.reporting.latex import latex_file
from benchmark.reporting.markdown import markdown_heading, markdown_list
from benchmark.reporting.wording import DIFFERS, SCORE, SELECTION, column_heading
from benchmark.statistics import ALPHA


def render_audit_markdown(
    title: str, sheets: Sequence[AuditSheet], effects: Effects, notes: Sequence[str]
) -> str:
    """Render the audit: per student the scores, then the effects on the gain over each baseline."""
    lines = [markdown_heading(1, title), ""]
    for sheet in sheets:
        lines += [markdown_heading(2, column_heading(sheet.column, sheet.scenario)), ""]
        for shown, grid in sheet_grids(sheet, effects):
            lines += [f"**{escape_markdown(shown)}**", "", *markdown_table(grid), ""]
    lines += markdown_list(notes)
    return "\n".join(lines) + "\n"


def render_audit_latex(
    title: str, sheets: Sequence[AuditSheet], effects: Effects, notes: Sequence[str]
) -> str:
    """Render the audit for booktabs and xcolor; variants are numbered, the caption names them."""
    parts: list[str] = []
    for sheet in sheets:
        heading = column_heading(sheet.column, sheet.scenario)
        legend = "; ".join(f"{number}: {name}" for number, name in enumerate(sheet.variants))
        for shown, grid in sheet_grids(sheet, effects):
            caption = f"{title}: {heading}. {shown}. {legend}."
            if not parts:
                caption += f" {' '.join(notes)} Gains and effects: mean ± half of that interval."
            style = LatexStyle(
                caption=escape_latex(caption),
                columns=f"l{'c' * (len(grid.aligned) - 1)}",
                opening=r"\centering\fontsize{6.2}{7.4}\selectfont\setlength{\tabcolsep}{1pt}",
                gap="[2pt]",
            )
            parts.append(latex_table(grid, style))
    return latex_file(parts)


def audit_notes(suite: Suite, base: Protocol, target: Protocol) -> list[str]:
    """What a reader must know to judge an audit."""
    return [
        f"{SCORE}, {len(suite.seeds)} repetitions; {SELECTION}.",
        f"Each column between {base.name} and {target.name} changes one switch of {base.name} "
        f"alone; {UNCHANGED} where the switch changes nothing of what is compared.",
        "Effects are in points, with the 95 % confidence interval (t, n - 1) of the mean over "
        "repetitions, paired: the same split, batch order and initial weights with and without "
        "the change. Effects of single switches need not add up to the effect of all.",
        f"{DIFFERS} : Holm-corrected p-value of the paired t-test below {ALPHA:g}, over all "
        "effects on gains over the same baseline.",
        "Printed gain, where the data is the paper's: what the paper's table has, which may have "
        "been made with other code than either protocol.",
    ]
