"""Several suites on one command line."""

from pathlib import Path

import pytest

from benchmark.cli import main
from benchmark.planning.config import SUITES


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        ("table1", "two suites are called 'table1'; name each one differently, or give one"),
        ("Table1", "the suites 'table1' and 'Table1' differ only in upper and lower case"),
    ],
)
def test_suites_that_would_share_a_report_folder_are_refused(
    second: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text((SUITES / "table1.yaml").read_text().replace("name: table1", f"name: {second}"))
    for command in (["--dry-run"], ["status"]):
        given = [*command, "--suite", "table1", "--suite", str(path), "--results", str(tmp_path)]
        assert main(given) == 2
        error = capsys.readouterr().err
        assert sentence in error
        assert error.count("\n") == 1


def test_one_suite_given_twice_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--suite", "table1", "--suite", "table1", "--dry-run"]) == 2
    assert "or give one suite once" in capsys.readouterr().err
