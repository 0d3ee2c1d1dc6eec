"""Writes the report of a suite: the same tables in four formats."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.config import Suite
from benchmark.inventory import DatasetSummary
from benchmark.plan import Cell
from benchmark.records import Record
from benchmark.reporting.companion import companion_files, companion_names
from benchmark.reporting.latex import render_latex
from benchmark.reporting.longform import long_form
from benchmark.reporting.markdown import render_markdown
from benchmark.reporting.notes import table_notes
from benchmark.reporting.tables import Table, build_tables
from benchmark.store import write_atomically
from core.errors import UserError


@dataclass(frozen=True)
class Report:
    """A written report: its folder, and its Markdown text."""

    folder: Path
    markdown: str


def write_report(
    suite: Suite,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    records: Mapping[str, Record],
    reports_folder: Path,
) -> Report:
    """Write `<suite>.md`, `.tex`, `.csv` and `.json` into `<reports>/<suite>/`.

    Where the suite reruns a printed table on the paper's data, `<suite>_vs_published.md` and `.tex`
    stand beside them.

    Raises:
        UserError: the folder cannot be written to.
    """
    own = [cell for cell in cells if cell.suite == suite.name]
    tables = build_tables(suite, own, summaries, records)
    companion = companion_files(suite, tables, summaries)
    notes = [*table_notes(suite, own, summaries, records), *companion.notes]
    title = suite.title or suite.name
    if suite.smoke:
        title += " - smoke run"
    markdown = render_markdown(title, tables, notes)
    contents = {
        "md": markdown,
        "tex": render_latex(suite.name, title, tables, notes),
        "csv": long_form(suite, own, records).to_csv(index=False, lineterminator="\n"),
        "json": json.dumps(_as_json(suite, tables, notes), indent=1, ensure_ascii=False) + "\n",
    }
    files = {f"{suite.name}.{suffix}": text.encode() for suffix, text in contents.items()}
    files |= {name: text.encode() for name, text in companion.files.items()}
    folder = write_files(reports_folder / suite.name, files, companion_names(suite.name))
    return Report(folder, markdown)


def write_files(folder: Path, contents: Mapping[str, bytes], obsolete: Iterable[str] = ()) -> Path:
    """Write the files of a report, each whole or not at all; returns the folder.

    Args:
        folder: is made where it is not there.
        contents: by file name.
        obsolete: files of earlier reports to remove, unless they are among the contents.

    Raises:
        UserError: the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            write_atomically(folder / name, content)
        for name in set(obsolete) - contents.keys():
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot write the report to {folder}: {error.strerror}; name another folder with "
            "--reports"
        ) from None
    return folder


def _as_json(suite: Suite, tables: Sequence[Table], notes: Sequence[str]) -> dict[str, Any]:
    return {
        "suite": suite.model_dump(mode="json"),
        "notes": list(notes),
        "tables": [
            {
                "scenario": table.scenario.value,
                "checkpoint": table.checkpoint,
                "baseline": table.baseline,
                "cells": [
                    {
                        "dataset": column.dataset,
                        "teacher_modality": column.teacher,
                        "evaluated_modality": column.evaluated,
                        "method": row.method,
                        "plugin": row.plugin,
                        "mean": entry.mean,
                        "std": entry.std,
                        "n": len(entry.values),
                        "expected": entry.expected,
                        "values": {str(seed): entry.values[seed] for seed in sorted(entry.values)},
                        "arrow": entry.arrow.value if entry.arrow else None,
                        "best": entry.best,
                        "parameters": list(table.parameters[row]),
                    }
                    for (row, column), entry in table.entries.items()
                ],
            }
            for table in tables
        ],
    }
