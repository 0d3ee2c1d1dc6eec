"""An audit as Markdown, and what is said of it."""

from collections.abc import Mapping, Sequence

from benchmark.planning.config import Protocol, Suite
from benchmark.reporting.audit.findings import OverBaseline
from benchmark.reporting.audit.grid import UNCHANGED, sheet_grids, summary_grid
from benchmark.reporting.audit.sheet import AuditSheet
from benchmark.reporting.escape import escape_markdown
from benchmark.reporting.grid import Grid, markdown_table
from benchmark.reporting.markdown import markdown_heading, markdown_list
from benchmark.reporting.notes import PARAMETERS
from benchmark.reporting.small_print import SmallPrint
from benchmark.reporting.wording import (
    DIFFERS,
    column_heading,
    counted,
    score_text,
    selection_text,
    test_name,
)
from benchmark.statistics import ALPHA


def render_audit_markdown(
    title: str,
    sheets: Sequence[AuditSheet],
    found: Mapping[str, OverBaseline],
    small_print: SmallPrint,
    made_with: Sequence[Grid] = (),
) -> str:
    """Render the audit: per student the scores, then the gains over each baseline.

    Args:
        title: of the report.
        sheets: the students.
        found: on the gains over each baseline.
        small_print: sentences.
        made_with: with what the cells of each sheet were made; empty where all have one setting.
    """
    lines = [markdown_heading(1, title), ""]
    for sheet in sheets:
        lines += [markdown_heading(2, column_heading(sheet.column, sheet.scenario)), ""]
        for shown, grid in sheet_grids(sheet, found):
            lines += [f"**{escape_markdown(shown)}**", "", *markdown_table(grid), ""]
    lines += markdown_list(small_print.reading)
    for sheet, grid in zip(sheets, made_with, strict=False):
        heading = f"Made with: {column_heading(sheet.column, sheet.scenario)}"
        lines += ["", markdown_heading(2, heading), "", *markdown_table(grid)]
    if small_print.further:
        lines += ["", markdown_heading(2, "Notes"), "", *markdown_list(small_print.further)]
    return "\n".join(lines) + "\n"


def render_audit_summary(
    title: str,
    sheets: Sequence[AuditSheet],
    found: Mapping[str, OverBaseline],
    small_print: SmallPrint,
) -> str:
    """Render what a reader needs first: per student both ends of the audit, and how to read it."""
    lines = [markdown_heading(1, title), ""]
    for sheet in sheets:
        heading = f"{column_heading(sheet.column, sheet.scenario)}, {sheet.metric}"
        lines += [markdown_heading(2, heading), ""]
        lines += [*markdown_table(summary_grid(sheet, found)), ""]
    return "\n".join([*lines, *markdown_list(small_print.reading)]) + "\n"


def audit_notes(
    suite: Suite,
    base: Protocol,
    target: Protocol,
    sheets: Sequence[AuditSheet],
    found: Mapping[str, OverBaseline],
    cautions: Sequence[str],
) -> SmallPrint:
    """What a reader must know to judge an audit; `cautions` are what to beware of, worst first."""
    metric = sheets[0].metric
    tests = dict.fromkeys(
        test_name(gain.comparison.test_to_training is not None)
        for over in found.values()
        for gain in over.gains.values()
        if gain.comparison is not None
    )
    several = len(sheets[0].variants) > 2  # the two ends alone differ in one switch
    return SmallPrint(
        scores=f"{score_text(metric)}, {counted(len(suite.seeds))}; {selection_text(metric)}.",
        marks=f"Gains over a baseline and effects on them are in points, with intervals of 95 %; "
        f"{DIFFERS}: below {ALPHA:g} after Holm's correction; {UNCHANGED}: the switch changes "
        "nothing of what is compared.",
        caution=next(iter(cautions), ""),
        columns=(PARAMETERS,),
        notes=(
            *cautions[1:],
            *(
                [
                    f"Each column between {base.name} and {target.name} changes one switch of "
                    f"{base.name} alone."
                ]
                if several
                else []
            ),
            "Gains and effects are paired over repetitions: the same split, batch order and "
            "initial weights on both sides."
            + " Effects of single switches need not add up to the effect of all."
            * several,
            *([f"Interval of 95 % and mark: {' or '.join(tests)}."] if tests else []),
            f"Holm's correction of {DIFFERS} is over all effects on gains over the same baseline, "
            "and over all gains over it at both ends.",
            *(
                [
                    "Printed gain: what the paper's table has, which may have been made with "
                    "other code than either protocol."
                ]
                if any(sheet.printed for sheet in sheets)
                else []
            ),
        ),
    )
