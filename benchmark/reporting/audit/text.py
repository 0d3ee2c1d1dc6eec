"""An audit as Markdown and as LaTeX."""

from collections.abc import Mapping, Sequence

from benchmark.planning.config import Protocol, Suite
from benchmark.reporting.audit.findings import OverBaseline
from benchmark.reporting.audit.grid import UNCHANGED, sheet_grids
from benchmark.reporting.audit.sheet import AuditSheet
from benchmark.reporting.escape import escape_latex, escape_markdown
from benchmark.reporting.grid import Grid, LatexStyle, latex_table, markdown_table
from benchmark.reporting.latex import latex_file
from benchmark.reporting.markdown import markdown_heading, markdown_list
from benchmark.reporting.wording import (
    DIFFERS,
    column_heading,
    score_text,
    selection_text,
    test_name,
)
from benchmark.statistics import ALPHA


def render_audit_markdown(
    title: str,
    sheets: Sequence[AuditSheet],
    found: Mapping[str, OverBaseline],
    notes: Sequence[str],
    made_with: Sequence[Grid] = (),
) -> str:
    """Render the audit: per student the scores, then the gains over each baseline.

    Args:
        title: of the report.
        sheets: the students.
        found: on the gains over each baseline.
        notes: sentences.
        made_with: with what the cells of each sheet were made; empty where all have one setting.
    """
    lines = [markdown_heading(1, title), ""]
    for sheet in sheets:
        lines += [markdown_heading(2, column_heading(sheet.column, sheet.scenario)), ""]
        for shown, grid in sheet_grids(sheet, found):
            lines += [f"**{escape_markdown(shown)}**", "", *markdown_table(grid), ""]
    lines += markdown_list(notes)
    for sheet, grid in zip(sheets, made_with, strict=False):
        heading = f"Made with: {column_heading(sheet.column, sheet.scenario)}"
        lines += ["", markdown_heading(2, heading), "", *markdown_table(grid)]
    return "\n".join(lines) + "\n"


def render_audit_latex(
    title: str,
    sheets: Sequence[AuditSheet],
    found: Mapping[str, OverBaseline],
    notes: Sequence[str],
) -> str:
    """Render the audit for booktabs and xcolor; variants are numbered, the caption names them."""
    parts: list[str] = []
    for sheet in sheets:
        heading = column_heading(sheet.column, sheet.scenario)
        legend = "; ".join(f"{number}: {name}" for number, name in enumerate(sheet.variants))
        for shown, grid in sheet_grids(sheet, found):
            caption = f"{title}: {heading}. {shown}. {legend}."
            if not parts:
                caption += f" {' '.join(notes)} Gains and effects: mean ± half of that interval."
            style = LatexStyle(
                caption=escape_latex(caption),
                columns=f"l{'c' * (len(grid.aligned) - 1)}",
                gap="[2pt]",
            )
            parts.append(latex_table(grid, style))
    return latex_file(parts)


def audit_notes(
    suite: Suite,
    base: Protocol,
    target: Protocol,
    metric: str,
    found: Mapping[str, OverBaseline],
) -> list[str]:
    """What a reader must know to judge an audit."""
    tests = dict.fromkeys(
        test_name(gain.comparison.test_to_training is not None)
        for over in found.values()
        for gain in over.gains.values()
        if gain.comparison is not None
    )
    return [
        f"{score_text(metric)}, {len(suite.seeds)} repetitions; {selection_text(metric)}.",
        f"Each column between {base.name} and {target.name} changes one switch of {base.name} "
        f"alone; {UNCHANGED} where the switch changes nothing of what is compared.",
        "Gains and effects are in points, paired over repetitions: the same split, batch order "
        "and initial weights on both sides. Effects of single switches need not add up to the "
        "effect of all.",
        *([f"Interval of 95 % and mark: {' or '.join(tests)}."] if tests else []),
        f"Marked {DIFFERS}: below {ALPHA:g} after Holm's correction, over all effects on gains "
        "over the same baseline, and over all gains over it at both ends.",
        "Printed gain, where the data is the paper's: what the paper's table has, which may have "
        "been made with other code than either protocol.",
    ]
