"""Options that say where runs are trained, and do not go together."""

import sys
from pathlib import Path

import pytest

from benchmark.cli import main


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--ray-address", "auto"], "--ray-address needs --executor ray"),
        (["--executor", "local", "--ray-address", "head:6379"], "needs --executor ray"),
        (["--executor", "ray", "--devices", "cuda:1"], "expected auto, cpu or cuda"),
        (["--executor", "ray", "--ray-address", "ray://head:10001"], "expected auto or HOST:PORT"),
        (["--runs-per-device", "0"], "expected 1 or more"),
    ],
)
def test_placement_that_makes_no_sense_is_refused(
    options: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results"
    assert main(["--suite", "table1", "--smoke", f"--results={results}", *options]) == 2
    assert sentence in capsys.readouterr().err
    assert not results.exists()


def test_without_ray_a_sentence_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # as where it is not installed
    arguments = ["--suite", "table1", "--smoke", "--executor", "ray"]
    assert main([*arguments, f"--results={tmp_path}"]) == 2
    assert "pip install '.[ray]'" in capsys.readouterr().err
