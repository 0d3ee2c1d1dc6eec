"""Writes the report of an audit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.planning.audit import AuditPlan
from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.reporting.audit.figure import draw_effects
from benchmark.reporting.audit.findings import (
    BASELINES,
    FindingKey,
    Findings,
    OverBaseline,
    find_over,
)
from benchmark.reporting.audit.latex import render_audit_latex, render_audit_notes
from benchmark.reporting.audit.page import audit_page
from benchmark.reporting.audit.settings import audit_mixtures, sheet_setting_grids
from benchmark.reporting.audit.sheet import AuditSheet, build_sheets
from benchmark.reporting.audit.text import (
    audit_notes,
    render_audit_markdown,
    render_audit_summary,
)
from benchmark.reporting.consistency import require_one_audit
from benchmark.reporting.figures import SUFFIXES, ReportFigure
from benchmark.reporting.html.command import Command
from benchmark.reporting.html.overview import PAGE
from benchmark.reporting.html.render import render_page
from benchmark.reporting.latex.document import NAME as DOCUMENT
from benchmark.reporting.latex.document import render_document
from benchmark.reporting.longform import long_form
from benchmark.reporting.map_figure import (
    StoredMaps,
    TableColumn,
    map_figure_names,
    map_figures,
)
from benchmark.reporting.markdown import render_pictures
from benchmark.reporting.nested import as_json, run_records
from benchmark.reporting.notes import caution_sentences, setup_notes
from benchmark.reporting.report import Report, as_csv, write_files
from benchmark.reporting.settings import mixture_notes
from benchmark.reporting.significance.tested import Tested
from benchmark.reporting.stored import StoredRecords
from benchmark.reporting.wording import column_heading, report_title


def write_audit(
    suite: Suite,
    audit: AuditPlan,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    reports_folder: Path,
    maps: StoredMaps = lambda *_: None,
    *,
    records: StoredRecords = lambda _: None,
    command: Command | None = None,
) -> Report:
    """Write `<suite>.md`, `.tex`, `.csv`, `.json`, per baseline a figure, and what shows them all.

    `<suite>_maps_<dataset>.png` and `.pdf` draw label maps of the audit's base where there are any;
    the arguments are those of `write_report`.

    Raises:
        UserError: the folder cannot be written to, or the records do not belong in one audit.
    """
    require_one_audit(suite, audit, cells, results)
    sheets = build_sheets(audit, cells, summaries, results)
    found = {name: find_over(sheets, name) for name in BASELINES}
    protocols = audit.base.suite.protocol, audit.target.suite.protocol
    mixed = audit_mixtures(sheets, results)
    small_print = audit_notes(
        suite, *protocols, sheets, found, caution_sentences(suite, cells, results, mixed)
    ).with_notes([*setup_notes(suite, cells, summaries, results), *mixture_notes(mixed)])
    title = report_title(suite)
    made_with = sheet_setting_grids(sheets, results)
    markdown = render_audit_markdown(title, sheets, found, small_print, made_with)
    values = pd.concat(
        long_form(
            variant.suite,
            [cell for cell in cells if cell.suite == variant.suite.name],
            results,
        )
        for variant in audit.variants
    )
    drawn = _map_figures(suite, audit, sheets, cells, summaries, results, maps)
    runs = run_records(cells, results)
    named = zip(sheets, made_with, strict=False)  # all sheets have such a grid, or none has
    page = audit_page(
        suite,
        audit,
        title,
        cells,
        summaries,
        results,
        sheets,
        found,
        small_print,
        [(f"Made with: {column_heading(s.column, s.scenario)}", grid) for s, grid in named],
        drawn,
        records,
        command or Command(suite.name),
    )
    contents = {
        PAGE: render_page(page),
        f"{suite.name}.md": (markdown + render_pictures(drawn)).encode(),
        f"{suite.name}.tex": render_audit_latex(
            suite.name, title, sheets, found, small_print
        ).encode(),
        f"{suite.name}_notes.tex": render_audit_notes(
            suite.name, title, small_print.notes
        ).encode(),
        f"{suite.name}.csv": as_csv(values),
        f"{suite.name}.json": as_json(_content(suite, sheets, found, small_print.all, runs)),
    }
    figures = [*_effect_figures(suite, sheets, found), *drawn]
    tex_files = [name for name in contents if name.endswith(".tex")]
    contents[DOCUMENT] = render_document(title, tex_files, figures).encode()
    for one in figures:
        contents |= one.files
    effects = (f"{suite.name}_over_{name}.{suffix}" for name in BASELINES for suffix in SUFFIXES)
    obsolete = [*map_figure_names(suite.name, summaries), *effects]
    folder = write_files(reports_folder / suite.name, contents, obsolete)
    summary = render_audit_summary(title, sheets, found, small_print)
    return Report(folder, markdown, summary, tuple(one.picture for one in drawn))


def _effect_figures(
    suite: Suite, sheets: Sequence[AuditSheet], found: Mapping[str, OverBaseline]
) -> list[ReportFigure]:
    """The effects on the gain over each baseline, where any is known."""
    labels = {row.method: row.label for sheet in sheets for row in sheet.rows}
    figures = []
    for name in BASELINES:
        effects = found[name].effects
        if any(effect.comparison for effect in effects.values()):
            drawn = draw_effects(sheets, effects, name)
            stem = f"{suite.name}_over_{name}"
            files = {f"{stem}.{suffix}": content for suffix, content in drawn.items()}
            heading = f"Effects of switches on the gain over {labels.get(name, name)}"
            figures.append(ReportFigure(heading, files, f"{heading}."))
    return figures


def _map_figures(
    suite: Suite,
    audit: AuditPlan,
    sheets: Sequence[AuditSheet],
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    maps: StoredMaps,
) -> list[ReportFigure]:
    """Label maps of the networks that were trained as the audit's base has it."""
    columns = [TableColumn(sheet.scenario, sheet.column, sheet.rows) for sheet in sheets]
    own = [cell for cell in cells if cell.suite == audit.base.suite.name]
    drawn = map_figures(suite, columns, own, summaries, results, maps)
    trained = f"All are trained under the protocol {audit.base.name}."
    return [replace(one, caption=f"{one.caption} {trained}") for one in drawn]


def _content(
    suite: Suite,
    sheets: Sequence[AuditSheet],
    found: Mapping[str, OverBaseline],
    notes: Sequence[str],
    runs: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "suite": suite.model_dump(mode="json"),
        "notes": list(notes),
        "effects": [
            _record(sheet, key, tested, baseline, "effect")
            for sheet, baseline in product(sheets, BASELINES)
            for key, tested in _of(sheet, found[baseline].effects)
        ],
        "gains": [
            _record(sheet, key, tested, baseline, "gain")
            for sheet, baseline in product(sheets, BASELINES)
            for key, tested in _of(sheet, found[baseline].gains)
        ],
        "runs": runs,
    }


def _of(sheet: AuditSheet, findings: Findings) -> list[tuple[FindingKey, Tested]]:
    return [(key, tested) for key, tested in findings.items() if key[0] == sheet.student]


def _record(
    sheet: AuditSheet, key: FindingKey, tested: Tested, baseline: str, kind: str
) -> dict[str, Any]:
    _, row, variant = key
    comparison = tested.comparison
    return {
        "scenario": sheet.scenario.value,
        "dataset": sheet.column.dataset,
        "evaluated_modality": sheet.column.evaluated,
        "method": row.method,
        "plugin": row.plugin,
        "variant": variant,
        "baseline": baseline,
        "n": comparison.n if comparison else 0,
        kind: comparison.difference if comparison else None,
        "interval": comparison.interval if comparison else None,
        "t_p_value": comparison.t_p_value if comparison else None,
        "test_to_training": sheet.test_to_training,
        "corrected_interval": comparison.corrected_interval if comparison else None,
        "corrected_t_p_value": comparison.corrected_t_p_value if comparison else None,
        "holm_p_value": tested.holm_p,
        "effect_size": comparison.effect_size if comparison else None,
    }
