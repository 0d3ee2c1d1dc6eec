"""The dispatch: which command is meant, and what becomes of its errors."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.cli import main

ROOT = Path(__file__).parents[3]
WRONG = ["--suite", "table1", "--smoke", "--methods", "kd1"]


@pytest.mark.parametrize("debug", [False, True])
def test_debug_shows_the_traceback(debug: bool, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*WRONG, *["--debug"] * debug]) == 2
    assert ("Traceback" in capsys.readouterr().err) == debug


@pytest.mark.parametrize("arguments", [WRONG, ["data", "list"], ["--help"]])
def test_another_system_is_refused_at_once(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: this system is 'win32', expected Linux or macOS")
    assert error.count("\n") == 1


def test_a_number_of_repetitions_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--suite", "table1", "--seeds", "1e9"])
    assert stopped.value.code == 2
    assert "'1e9' is neither a number of repetitions" in capsys.readouterr().err


def test_help_does_not_load_pytorch() -> None:
    code = (
        "import sys; from benchmark.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print('torch' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert result.stdout.strip().endswith("False")
