"""Writes the report of an audit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.planning.audit import AuditPlan
from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.reporting.audit.figure import draw_effects
from benchmark.reporting.audit.grid import BASELINES, Effects
from benchmark.reporting.audit.sheet import (
    AuditSheet,
    Effect,
    EffectKey,
    build_sheets,
    gain_effects,
)
from benchmark.reporting.audit.text import audit_notes, render_audit_latex, render_audit_markdown
from benchmark.reporting.longform import long_form
from benchmark.reporting.notes import setup_notes
from benchmark.reporting.report import Report, as_csv, as_json, write_files
from benchmark.reporting.wording import report_title


def write_audit(
    suite: Suite,
    audit: AuditPlan,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    reports_folder: Path,
) -> Report:
    """Write `<suite>.md`, `.tex`, `.csv`, `.json`, and per baseline a figure.

    Raises:
        UserError: the folder cannot be written to.
    """
    sheets = build_sheets(audit, cells, summaries, results)
    effects = {name: gain_effects(sheets, name) for name in BASELINES}
    notes = audit_notes(suite, audit.base.suite.protocol, audit.target.suite.protocol)
    notes += setup_notes(suite, cells, summaries, results)
    title = report_title(suite)
    markdown = render_audit_markdown(title, sheets, effects, notes)
    values = pd.concat(
        long_form(
            variant.suite,
            [cell for cell in cells if cell.suite == variant.suite.name],
            results,
        )
        for variant in audit.variants
    )
    contents = {
        f"{suite.name}.md": markdown.encode(),
        f"{suite.name}.tex": render_audit_latex(title, sheets, effects, notes).encode(),
        f"{suite.name}.csv": as_csv(values),
        f"{suite.name}.json": as_json(_content(suite, sheets, effects, notes)),
    }
    for name in BASELINES:
        if any(effect.comparison for effect in effects[name].values()):
            for suffix, content in draw_effects(sheets, effects[name], name).items():
                contents[f"{suite.name}_over_{name}.{suffix}"] = content
    return Report(write_files(reports_folder / suite.name, contents), markdown)


def _content(
    suite: Suite, sheets: Sequence[AuditSheet], effects: Effects, notes: Sequence[str]
) -> dict[str, Any]:
    found = [
        _effect_record(sheet, key, effect, baseline)
        for sheet in sheets
        for baseline in BASELINES
        for key, effect in effects[baseline].items()
        if key[0] == sheet.student
    ]
    return {"suite": suite.model_dump(mode="json"), "notes": list(notes), "effects": found}


def _effect_record(
    sheet: AuditSheet, key: EffectKey, effect: Effect, baseline: str
) -> dict[str, Any]:
    _, row, variant = key
    comparison = effect.comparison
    return {
        "scenario": sheet.scenario.value,
        "dataset": sheet.column.dataset,
        "evaluated_modality": sheet.column.evaluated,
        "method": row.method,
        "plugin": row.plugin,
        "variant": variant,
        "baseline": baseline,
        "n": comparison.n if comparison else 0,
        "effect": comparison.difference if comparison else None,
        "interval": comparison.interval if comparison else None,
        "t_p_value": comparison.t_p_value if comparison else None,
        "corrected_p_value": effect.corrected_p,
        "effect_size": comparison.effect_size if comparison else None,
    }
