"""Packages of other projects that have one of our names."""

from pathlib import Path

import pytest

from benchmark.cli import main
from benchmark.health.name_clash import find_name_clashes


def _package(folder: Path, name: str, distribution: str | None = None) -> None:
    (folder / name).mkdir()
    (folder / name / "__init__.py").touch()
    if distribution is not None:
        info = folder / f"{distribution}-3.1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {distribution}\nVersion: 3.1.0\n")
        (info / "top_level.txt").write_text(f"{name}\n")


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path, as site-packages is."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture
def others() -> set[str]:
    """What clashes on this machine whatever a test does."""
    return set(find_name_clashes())


def test_a_distribution_with_a_package_of_our_name(others: set[str], environment: Path) -> None:
    _package(environment, "datasets", "huggingface_datasets")
    (clash,) = set(find_name_clashes()) - others
    assert clash.startswith("another package 'datasets' is in this environment")
    assert "of huggingface_datasets" in clash
    assert "environment of its own" in clash


def test_a_folder_on_the_path_that_no_distribution_owns(
    others: set[str], environment: Path
) -> None:
    _package(environment, "core")
    (clash,) = set(find_name_clashes()) - others
    assert f"of {environment / 'core'}" in clash


def test_an_installed_copy_of_ours_is_no_clash(others: set[str], environment: Path) -> None:
    _package(environment, "datasets", "cmkd_benchmark")
    _package(environment, "core")
    (environment / "datasets_tools").mkdir()
    assert set(find_name_clashes()) <= others


def test_doctor_counts_it_as_a_problem(
    environment: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _package(environment, "datasets")
    folders = [f"--{name}={tmp_path / name}" for name in ("results", "reports", "data")]
    assert main(["doctor", *folders]) == 1
    assert "! another package 'datasets'" in capsys.readouterr().out
