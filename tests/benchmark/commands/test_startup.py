"""What reads and plans answers without waiting for the libraries that train and report."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmark.planning.config import suite_names

ROOT = Path(__file__).parents[3]
TRAINING = {"torch", "torchvision"}
REPORTING = {"pandas", "scipy", "sklearn", "statsmodels", "scikit_posthocs", "matplotlib"}
DRIVER = """
import sys
from benchmark.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as exit:
    code = exit.code
print("code", code, "imported", *sys.modules)
"""


def _imported(*arguments: str | Path, ends_with: int = 0) -> set[str]:
    """Modules that a command has imported by its end."""
    command = [sys.executable, "-c", DRIVER, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    _, code, _, *modules = done.stdout.splitlines()[-1].split(" ")
    assert code == str(ends_with), done.stderr
    return set(modules)


@pytest.fixture
def own_data(tmp_path: Path) -> Path:
    """A folder with the files that shipped suites name, of a size that some of them change."""
    labels, groups = np.arange(120) % 3, np.arange(120) // 4
    images = np.zeros((120, 1, 12, 16), np.uint8)
    np.savez(
        tmp_path / "avmnist_fsdd.npz",
        IMAGE=images, SPECTROGRAM=images, labels=labels, groups=groups,
    )  # fmt: skip
    images = images[..., :12]
    np.savez(tmp_path / "terramesh_s2_s1.npz", S2=images, S1=images, labels=labels, groups=groups)
    maps = np.tile(np.arange(144).reshape(12, 12) % 3, (120, 1, 1))
    np.savez(tmp_path / "terramesh_rgb_dem_segmentation.npz", RGB=images, DEPTH=images, labels=maps)
    return tmp_path


def test_planning_all_suites_imports_nothing_that_trains_or_reports(own_data: Path) -> None:
    suites = [argument for name in suite_names() for argument in ("--suite", name)]
    folders = ("--data", own_data, "--results", own_data / "results")
    imported = _imported(*suites, "--dry-run", *folders)
    assert not imported & (TRAINING | REPORTING)
    (own_data / "results").mkdir()
    assert not _imported("status", *suites, *folders) & (TRAINING | REPORTING)


def test_reports_are_written_without_what_trains(own_data: Path) -> None:
    folders = ("--data", own_data, "--results", own_data / "results", "--reports", own_data / "out")
    assert not _imported("--suite", "terramesh", "--report-only", *folders) & TRAINING
    assert (own_data / "out" / "terramesh" / "terramesh.md").is_file()


@pytest.mark.parametrize(
    "command", ["", "data", "show", "diff", "status", "doctor", "pack", "speed", "power"]
)
def test_help_and_usage_errors_import_no_library_at_all(command: str) -> None:
    libraries = TRAINING | REPORTING | {"numpy", "pydantic", "rich", "yaml"}
    assert not _imported(*command.split(), "--help") & libraries
    assert not _imported(*command.split(), "--unknown", ends_with=2) & libraries


def test_listing_data_sets_imports_nothing_that_trains_or_reports(tmp_path: Path) -> None:
    assert not _imported("data", "list", "--data", tmp_path) & (TRAINING | REPORTING)
