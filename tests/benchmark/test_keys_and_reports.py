"""Keys and reports stay as they are unless somebody means to change them.

The digests beside this file were taken before the modules were put into folders. A change that is
meant to alter keys or reports puts the digests that the failure shows into the file, and says so.
"""

import hashlib
import json
from pathlib import Path

import pytest

from benchmark.cli import main
from benchmark.planning.audit import plan_audit
from benchmark.planning.config import read_suite, suite_names
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import Cell, make_plan

ROOT = Path(__file__).parents[2]
REFERENCE = json.loads((Path(__file__).parent / "reference" / "digests.json").read_text())
AUDITS = {"audit_terramesh": [], "audit_avmnist": ["--epochs", "10"]}
# Their data is an archive in the data folder.
NEED_MATERIAL = {"avmnist", "audit_avmnist", "audit_terramesh", "crodino_terramesh"}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _line(cell: Cell) -> str:
    names = (cell.dataset, cell.scenario, cell.teacher_modality, cell.evaluated_modality)
    return " ".join(map(str, (*names, cell.method, cell.plugin, cell.repetition, cell.run)))


def _keys(suite_name: str, data: Path) -> dict[str, object]:
    suite = read_suite(suite_name)
    summaries = take_inventory(suite, data)
    plan = plan_audit(suite, summaries).plan if suite.audit else make_plan(suite, summaries)
    lines = "\n".join(_line(cell) for cell in plan.cells)
    return {"runs": len(plan.runs), "cells": _digest(lines.encode())}


@pytest.mark.parametrize("name", [name for name in suite_names() if name not in NEED_MATERIAL])
def test_published_suites_have_the_keys_of_before(name: str, tmp_path: Path) -> None:
    assert _keys(name, tmp_path) == REFERENCE["keys"][name]


@pytest.mark.parametrize("name", sorted(NEED_MATERIAL))
def test_suites_on_archives_have_the_keys_of_before(name: str, material: Path) -> None:
    assert _keys(name, material / "data") == REFERENCE["keys"][name]


@pytest.mark.parametrize("name", AUDITS)
def test_shipped_records_alone_give_the_report_of_before(name: str, tmp_path: Path) -> None:
    assert _reports(name, tmp_path / "no data", tmp_path) == REFERENCE["reports"][name]


@pytest.mark.parametrize("name", AUDITS)
def test_shipped_records_beside_their_data_give_the_report_of_before(
    name: str, material: Path, tmp_path: Path
) -> None:
    assert _reports(name, material / "data", tmp_path) == REFERENCE["reports"][name]


def _reports(name: str, data: Path, folder: Path) -> dict[str, str]:
    command = ["--suite", name, "--plugins", "none", *AUDITS[name], "--report-only"]
    folders = ["--results", str(ROOT / "results" / "measured"), "--reports", str(folder)]
    assert main([*command, *folders, "--data", str(data)]) == 0
    return _digests(folder / name)


def _digests(report: Path) -> dict[str, str]:
    """Of the text files; pictures and pages depend on the versions of what draws them."""
    drawn = (".png", ".pdf", ".html")
    texts = [path for path in sorted(report.iterdir()) if path.suffix not in drawn]
    return {path.name: _digest(path.read_bytes()) for path in texts}
