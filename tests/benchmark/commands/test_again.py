"""The commands on a page ask for what it shows."""

import argparse
import shlex
from pathlib import Path
from typing import Any

import pytest

from benchmark.cli import main
from benchmark.commands.again import command_of
from benchmark.commands.options import SuiteOptions, add_suite_changes
from benchmark.planning.config import MethodEntry, read_suite

ASKED: dict[str, Any] = {
    "suites": ("table1",),
    "smoke": True,
    "data": Path("data"),
    "load": (),
    "datasets": None,
    "methods": ("kd_v1", "dkd"),
    "plugins": None,
    "seeds": (0, 2),
    "epochs": 3,
    "batch_size": None,
    "precision": None,
    "protocol": None,
}


def test_a_suite_is_asked_for_as_it_was() -> None:
    suite = read_suite("table1", {"seeds": [0, 2]})
    results = Path("results of mine")
    command = command_of(SuiteOptions(**ASKED), "table1", suite, results, ["--tune", "2"])
    assert command.whole == (
        "python run_benchmark.py --suite table1 --methods kd_v1 dkd --tune 2 --smoke --seeds 0,2 "
        "--epochs 3 --results 'results of mine'"
    )
    part = command.cell("sunrgbd", MethodEntry(name="dkd"), "lskd")
    assert "--datasets sunrgbd --methods dkd --plugins lskd --smoke --seeds 0,2" in part
    # A name alone does not stand for a variant of the suite, nor for a reference.
    variant = MethodEntry(name="dkd", hyperparameters={"alpha": 2})
    assert "--methods" not in command.cell("sunrgbd", variant, "none")
    # The plug-in may be one that the command line chose.
    assert "--datasets sunrgbd --plugins lskd --" in command.cell("sunrgbd", variant, "lskd")
    control = MethodEntry(name="discom_kd", alone=True)
    assert "--methods" not in command.cell("sunrgbd", control, "none")
    renamed = MethodEntry(name="dkd", variant="ours")
    assert "--methods dkd" in command.cell("sunrgbd", renamed, "none")
    assert "--methods" not in command.cell("sunrgbd", None, "none")


@pytest.mark.parametrize(("seeds", "written"), [((0, 1, 2), "3"), ((0,), "1"), ((3,), "3,")])
def test_repetitions_are_asked_for_as_they_were(seeds: tuple[int, ...], written: str) -> None:
    suite = read_suite("table1", {"seeds": list(seeds)})
    line = command_of(SuiteOptions(**ASKED), "table1", suite, Path("results"), ()).whole
    assert f"--seeds {written} " in line
    parser = argparse.ArgumentParser()
    add_suite_changes(parser)
    read = parser.parse_args(["--seeds", written]).seeds
    assert read_suite("table1", {"seeds": read}).seeds == seeds


def test_the_command_of_a_cell_asks_for_its_run(tmp_path: Path, capsys: Any) -> None:
    suite = read_suite("quickstart")
    asked = SuiteOptions(
        **{**ASKED, "suites": ("quickstart",), "smoke": False, "methods": None, "epochs": None}
    )
    command = command_of(asked, "quickstart", suite, tmp_path, ())
    entry = suite.methods[0]
    line = command.cell(suite.datasets[0].name, entry, suite.plugins[0])
    assert main([*shlex.split(line)[2:], "--dry-run"]) == 0
    assert "to do" in capsys.readouterr().out
