"""A sheet of an audit laid out as grids: the scores, then the gains over each baseline."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchmark.planning.plan import STUDENT, TEACHER
from benchmark.reporting.audit.sheet import AuditSheet, Effect, EffectKey
from benchmark.reporting.grid import Align, Grid, GridCell, GridRow, Heading
from benchmark.reporting.tables import Entry, Row, row_label
from benchmark.reporting.wording import DIFFERS, coverage, parameter_range
from benchmark.statistics import ALPHA, PairedComparison, mean, paired_comparison
from benchmark.statistics.percent import percent, points

STUDENT_X2 = "student_x2"
BASELINES = (STUDENT, STUDENT_X2)
UNCHANGED = "·"

Effects = Mapping[str, Mapping[EffectKey, Effect]]


class TitledGrid(NamedTuple):
    """A grid and what it shows."""

    title: str
    grid: Grid


def sheet_grids(sheet: AuditSheet, effects: Effects) -> list[TitledGrid]:
    """The grids of a sheet; Markdown names the variants, LaTeX numbers them from 0.

    Args:
        sheet: the sheet.
        effects: on the gain over each baseline.
    """
    grids = [_scores(sheet)]
    for baseline in BASELINES:
        reference = sheet.row(baseline)
        if reference is not None:
            grids.append(_gains(sheet, effects[baseline], reference))
    return grids


def _grid(headings: Sequence[Heading], rows: Sequence[Sequence[GridCell]]) -> Grid:
    aligned = [Align.LEFT, *[Align.RIGHT] * (len(headings) - 1)]
    return Grid([headings], aligned, [GridRow(cells) for cells in rows])


def _scores(sheet: AuditSheet) -> TitledGrid:
    rows = [
        [
            GridCell(row_label(row)),
            *(_score(sheet, row, name) for name in sheet.variants),
            GridCell(parameter_range(sheet.parameters[row], "-")),
        ]
        for row in sheet.rows
    ]
    names = [Heading(name, latex=str(number)) for number, name in enumerate(sheet.variants)]
    return TitledGrid("Weighted F1", _grid([Heading("method"), *names, Heading("M")], rows))


def _score(sheet: AuditSheet, row: Row, variant: str) -> GridCell:
    if variant != sheet.base and not sheet.changed(row, variant):
        return GridCell(UNCHANGED)
    entry = Entry(sheet.scores[row, variant], sheet.expected)
    return GridCell(
        "-" if entry.mean is None else percent(entry.mean),
        deviation="" if entry.std is None else percent(entry.std),
        remark=coverage(len(entry.values), entry.expected),
        stacked=True,
    )


def _gains(sheet: AuditSheet, effects: Mapping[EffectKey, Effect], reference: Row) -> TitledGrid:
    rows = [
        _gain_cells(sheet, effects, row, reference)
        for row in sheet.rows
        if row != reference and row.method != TEACHER
    ]
    last = len(sheet.variants) - 1
    headings = [
        Heading("method"),
        Heading(f"gain, {sheet.base}", latex="gain 0"),
        *(
            Heading(f"effect of {name}", latex=f"+{number}")
            for number, name in enumerate(sheet.variants[1:], 1)
        ),
        Heading(f"gain, {sheet.variants[-1]}", latex=f"gain, {last}"),
        *([Heading("printed gain")] if sheet.printed else []),
    ]
    title = f"Gain over {reference.label}, and what each change adds to it, in points"
    return TitledGrid(title, _grid(headings, rows))


def _gain_cells(
    sheet: AuditSheet, effects: Mapping[EffectKey, Effect], row: Row, reference: Row
) -> list[GridCell]:
    before = sheet.gain(row, sheet.base, reference)
    after = mean(sheet.gain(row, sheet.variants[-1], reference))
    zero = dict.fromkeys(before, 0.0)
    cells = [
        GridCell(row_label(row)),
        _difference(paired_comparison(before, zero), False, sheet.expected),
    ]
    for name in sheet.variants[1:]:
        effect = effects.get((sheet.student, row, name))
        if effect is None:
            cells.append(GridCell(UNCHANGED))
            continue
        marked = effect.corrected_p is not None and effect.corrected_p < ALPHA
        cells.append(_difference(effect.comparison, marked, sheet.expected))
    cells.append(GridCell("-" if after is None else points(after)))
    if sheet.printed:
        cells.append(GridCell(_printed_gain(sheet, row, reference)))
    return cells


def _printed_gain(sheet: AuditSheet, row: Row, reference: Row) -> str:
    own, other = sheet.printed.get(row), sheet.printed.get(reference)
    return "-" if own is None or other is None else f"{own - other:+.2f}"


def _difference(comparison: PairedComparison | None, marked: bool, expected: int) -> GridCell:
    """Difference, interval, mark, and how many repetitions there are where some are missing."""
    if comparison is None:
        return GridCell("-")
    interval = comparison.interval
    return GridCell(
        points(comparison.difference),
        interval=None if interval is None else (100 * interval[0], 100 * interval[1]),
        marks=DIFFERS * marked,
        remark="" if comparison.n == expected else f"n = {comparison.n}",
        stacked=True,
    )
