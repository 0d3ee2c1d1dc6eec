"""A sheet of an audit laid out as grids: the scores, then the gains over each baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from benchmark.planning.plan import STUDENT, TEACHER
from benchmark.reporting.audit.findings import BASELINES, Findings, OverBaseline
from benchmark.reporting.audit.sheet import AuditSheet
from benchmark.reporting.grid import Align, Grid, GridCell, GridRow, Heading
from benchmark.reporting.significance.tested import Tested
from benchmark.reporting.tables import Entry, Row, row_label
from benchmark.reporting.wording import (
    DIFFERS,
    coverage,
    interval_text,
    p_value_text,
    parameter_range,
    sentence_start,
)
from benchmark.statistics import PairedComparison
from benchmark.statistics.percent import percent, points

UNCHANGED = "·"


class TitledGrid(NamedTuple):
    """A grid and what it shows."""

    title: str
    grid: Grid


def sheet_grids(sheet: AuditSheet, found: Mapping[str, OverBaseline]) -> list[TitledGrid]:
    """The grids of a sheet; Markdown names the variants, LaTeX numbers them from 0.

    Args:
        sheet: the sheet.
        found: on the gains over each baseline.
    """
    grids = [_scores(sheet)]
    for baseline in BASELINES:
        reference = sheet.row(baseline)
        if reference is not None:
            grids += [
                _gains(sheet, found[baseline], reference),
                _tests(sheet, found[baseline].gains, reference),
            ]
    return grids


def summary_grid(sheet: AuditSheet, found: Mapping[str, OverBaseline]) -> Grid:
    """Scores at both ends, each with its gain over STUDENT where there is one."""
    reference = sheet.row(STUDENT)
    rows = []
    for row in sheet.rows:
        cells = [GridCell(row_label(row))]
        for variant in (sheet.base, sheet.target):
            entry = Entry(sheet.scores[row, variant], sheet.expected)
            cells.append(_end(entry))
            gain = found[STUDENT].gains.get((sheet.student, row, variant))
            if reference is not None:
                cells.append(
                    GridCell("-")
                    if gain is None
                    else replace(_difference(gain, sheet.expected), stacked=False, remark="")
                )
        rows.append(cells)
    gains = [Heading("gain")] if reference is not None else []
    ends = (Heading(sheet.base), *gains, Heading(sheet.target), *gains)
    return _grid([Heading("method"), *ends], rows)


def _end(entry: Entry) -> GridCell:
    return GridCell(
        None if entry.mean is None else percent(entry.mean),
        remark=coverage(len(entry.values), entry.expected),
    )


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
    return TitledGrid(
        sentence_start(sheet.metric), _grid([Heading("method"), *names, Heading("M")], rows)
    )


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


def _gains(sheet: AuditSheet, found: OverBaseline, reference: Row) -> TitledGrid:
    rows = [
        _gain_cells(sheet, found, row, reference)
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
        Heading(f"gain, {sheet.variants[-1]}", latex=f"gain {last}"),
        *([Heading("printed gain")] if sheet.printed else []),
    ]
    title = f"Gain over {reference.label}, and what each change adds to it, in points"
    return TitledGrid(title, _grid(headings, rows))


def _gain_cells(sheet: AuditSheet, found: OverBaseline, row: Row, reference: Row) -> list[GridCell]:
    cells = [
        GridCell(row_label(row)),
        _difference(found.gains[sheet.student, row, sheet.base], sheet.expected),
    ]
    for name in sheet.variants[1:]:
        effect = found.effects.get((sheet.student, row, name))
        cells.append(GridCell(UNCHANGED) if effect is None else _difference(effect, sheet.expected))
    cells.append(_difference(found.gains[sheet.student, row, sheet.target], sheet.expected))
    if sheet.printed:
        cells.append(GridCell(_printed_gain(sheet, row, reference)))
    return cells


def _tests(sheet: AuditSheet, gains: Findings, reference: Row) -> TitledGrid:
    """The gains at both ends with everything that was tested."""
    rows = []
    for variant in (sheet.base, sheet.target):
        for row in sheet.rows:
            gain = gains.get((sheet.student, row, variant))
            if gain is not None and gain.comparison is not None:
                rows.append([GridCell(variant), *_test_cells(row, gain, gain.comparison)])
    headings = [
        Heading("protocol"),
        Heading("method"),
        Heading("n"),
        Heading("gain"),
        Heading("corrected 95 % interval", latex="corrected"),
        Heading("corrected p", latex="$p$"),
        Heading("plain 95 % interval", latex="plain"),
        Heading("plain p", latex="plain $p$"),
        Heading("Holm"),
    ]
    title = f"Gain over {reference.label} at both ends, in points, with both tests"
    return TitledGrid(title, _grid(headings, rows))


def _test_cells(row: Row, gain: Tested, comparison: PairedComparison) -> list[GridCell]:
    return [
        GridCell(row_label(row)),
        GridCell(str(comparison.n)),
        GridCell(points(comparison.difference), marks=DIFFERS * gain.significant),
        GridCell(interval_text(comparison.corrected_interval)),
        GridCell(p_value_text(comparison.corrected_t_p_value)),
        GridCell(interval_text(comparison.interval)),
        GridCell(p_value_text(comparison.t_p_value)),
        GridCell(p_value_text(gain.holm_p)),
    ]


def _printed_gain(sheet: AuditSheet, row: Row, reference: Row) -> str:
    own, other = sheet.printed.get(row), sheet.printed.get(reference)
    return "-" if own is None or other is None else f"{own - other:+.2f}"


def _difference(found: Tested, expected: int) -> GridCell:
    """Difference, interval, mark, and how many repetitions there are where some are missing."""
    comparison = found.comparison
    if comparison is None:
        return GridCell("-")
    return GridCell(
        points(comparison.difference),
        interval=comparison.interval_in_points,
        marks=DIFFERS * found.significant,
        remark="" if comparison.n == expected else f"n = {comparison.n}",
        stacked=True,
    )
