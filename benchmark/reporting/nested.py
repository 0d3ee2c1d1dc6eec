"""Reports as nested values, for JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.planning.config import Suite
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.reporting.tables import Column, Entry, Row, Table, cells_behind


def as_json(content: Mapping[str, Any]) -> bytes:
    """Nested values as a file."""
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def suite_content(
    suite: Suite,
    tables: Sequence[Table],
    notes: Sequence[str],
    cells: Sequence[Cell],
    results: Mapping[str, RunResult],
) -> dict[str, Any]:
    """The settings, notes and tables of a suite, and the finished runs behind them."""
    return {
        "suite": suite.model_dump(mode="json"),
        "notes": list(notes),
        "tables": [
            {
                "scenario": table.scenario.value,
                "checkpoint": table.checkpoint,
                "baseline": table.baseline,
                "cells": [
                    _entry_record(row, column, entry, table.parameters[row], behind)
                    for (row, column), entry in table.entries.items()
                ],
            }
            for table in tables
            for behind in [cells_behind(table, cells)]
        ],
        "runs": run_records(cells, results),
    }


def run_records(cells: Sequence[Cell], results: Mapping[str, RunResult]) -> dict[str, Any]:
    """With what each finished run of some cells was made, by its key."""
    return {
        key: {
            "device": result.device,
            "precision": result.precision,
            "numerics": result.numerics,
            "versions": result.versions,
            "git_commit": result.git_commit,
            "seconds": result.seconds,
            "parameters": {name: network.parameters for name, network in result.networks.items()},
        }
        for key in dict.fromkeys(cell.run for cell in cells)
        if (result := results.get(key)) is not None
    }


def _entry_record(
    row: Row,
    column: Column,
    entry: Entry,
    parameters: Sequence[int],
    behind: Mapping[tuple[str, str, Column], Sequence[Cell]],
) -> dict[str, Any]:
    return {
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
        "differs": entry.differs,
        "below_best": entry.below_best,
        "parameters": list(parameters),
        "runs": {
            str(cell.repetition): cell.run
            for cell in behind.get((row.method, row.plugin, column), ())
            if cell.repetition in entry.values
        },
    }
