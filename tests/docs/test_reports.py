"""The reports in the docs are those that the shipped records give, byte for byte, without data."""

from pathlib import Path

import pytest

from benchmark.cli import main

ROOT = Path(__file__).parents[2]
# Report -> suite and options, as docs/results.md gives them.
COMMANDS = {
    "terramesh": ("terramesh",),
    "positive_control": ("positive_control",),
    "controls_terramesh": ("controls_terramesh",),
    "crodino_terramesh": ("crodino_terramesh",),
    "terramesh3": ("terramesh3",),
    "tuning_terramesh_tuning": ("tuning_terramesh", "--tune", "10"),
    "audit_terramesh": ("audit_terramesh", "--plugins", "none"),
    "audit_avmnist": ("audit_avmnist", "--plugins", "none", "--epochs", "10"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_report_in_the_docs_is_made_from_records_alone(name: str, tmp_path: Path) -> None:
    records = ROOT / "results" / "measured"
    folders = [f"--results={records}", f"--reports={tmp_path}", f"--data={tmp_path / 'no_data'}"]
    suite, *options = COMMANDS[name]
    assert main(["--suite", suite, *options, "--report-only", *folders]) == 0
    written = (tmp_path / suite / f"{name}.md").read_bytes()
    assert written == (ROOT / "docs" / "reports" / f"{name}.md").read_bytes()


def test_every_report_in_the_docs_has_its_command() -> None:
    assert {path.stem for path in (ROOT / "docs" / "reports").glob("*.md")} == set(COMMANDS)
