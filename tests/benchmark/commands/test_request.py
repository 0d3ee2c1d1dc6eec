"""Several suites on one command line."""

import argparse
from pathlib import Path

import pytest
import torch

from benchmark.cli import main
from benchmark.commands.options import SuiteOptions, add_suite_changes, read_suite_options
from benchmark.commands.request import read_suites
from benchmark.planning.config import SUITES
from benchmark.training.precision import resolve_precision
from core.errors import UserError


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


def test_auto_is_resolved_when_the_plan_is_made() -> None:
    (suite,) = read_suites(_asked(precision="auto"), "cpu")
    assert suite.training.precision == resolve_precision("auto", torch.device("cpu"))
    (suite,) = read_suites(_asked(precision=None), "cpu")
    assert suite.training.precision == "fp32"


def test_auto_on_a_cluster_is_refused() -> None:
    with pytest.raises(UserError, match="suite table1: precision is auto, but which devices a Ray"):
        read_suites(_asked(precision="auto"), None)


def _asked(precision: str | None) -> SuiteOptions:
    given = argparse.ArgumentParser()
    add_suite_changes(given)
    changes = ["--precision", precision] if precision else []
    parsed = given.parse_args(changes)
    parsed.suite, parsed.smoke, parsed.data = ["table1"], False, Path("data")
    return read_suite_options(parsed)
