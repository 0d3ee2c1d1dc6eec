"""An audit as LaTeX that needs booktabs and xcolor alone."""

from collections.abc import Mapping, Sequence

from benchmark.reporting.audit.findings import OverBaseline
from benchmark.reporting.audit.grid import TitledGrid, sheet_grids
from benchmark.reporting.audit.sheet import AuditSheet
from benchmark.reporting.grid import Align
from benchmark.reporting.latex.file import latex_file, latex_label, latex_notes, latex_sentence
from benchmark.reporting.latex.table import LatexStyle, LatexText, latex_floats
from benchmark.reporting.small_print import SmallPrint
from benchmark.reporting.wording import column_heading


def render_audit_latex(
    name: str,
    title: str,
    sheets: Sequence[AuditSheet],
    found: Mapping[str, OverBaseline],
    small_print: SmallPrint,
) -> str:
    r"""Render the audit, ready for \input; variants are numbered, the first legend names them."""
    first = latex_label(f"{name}-1")
    floats: list[str] = []
    for sheet in sheets:
        heading = column_heading(sheet.column, sheet.scenario)
        for shown in sheet_grids(sheet, found):
            caption = latex_sentence(
                f"{title}: {heading}, {shown.title[0].lower()}{shown.title[1:]}"
            )
            if floats:
                label = latex_label(f"{name}-{len(floats) + 1}")
                read = rf"{caption}, to be read as Table~\ref{{tab:{first}}}"
                text = LatexText([read], [], label)
            else:
                said = filter(None, [small_print.scores, small_print.caution])
                legend = [_variants(sheet), small_print.marks, *small_print.columns]
                text = LatexText(
                    [caption, *map(latex_sentence, said)], list(map(latex_sentence, legend)), first
                )
            floats += latex_floats([(shown.grid, _style(shown))], text)
    return latex_file(floats)


def render_audit_notes(name: str, title: str, notes: Sequence[str]) -> str:
    r"""The notes on the tables that `render_audit_latex` wrote, ready for \input."""
    reference = rf"Table~\ref{{tab:{latex_label(f'{name}-1')}}}"
    return latex_notes([(rf"Notes on {reference}, {latex_sentence(title)}:", notes)])


def _variants(sheet: AuditSheet) -> str:
    """What the numbers in the headings stand for."""
    named = "; ".join(f"{number}: {name}" for number, name in enumerate(sheet.variants))
    return f"{named}; +k: effect of k alone; ± below a gain or an effect: half of its interval"


def _style(shown: TitledGrid) -> LatexStyle:
    left = sum(align is Align.LEFT for align in shown.grid.aligned)
    return LatexStyle("l" * left + "c" * (len(shown.grid.aligned) - left), gap="[2pt]")
