"""What the command line says of data with a class per pixel."""

from pathlib import Path

import matplotlib.image
import pytest

from benchmark.cli import main
from datasets.stand_ins.nyu_depth_v2 import write_nyu_matlab

SMALL = ["--image-size", "48", "--option", "depth=rawDepths"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_nyu_matlab(tmp_path)
    return tmp_path


def test_prepare_and_check_say_how_many_pixels_are_holes(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    holes = "DEPTH: 18,432 of 110,592 pixels (16.7%) are 0, where nothing was measured"
    assert main(["data", "prepare", "nyu_depth_v2", "--data", str(data), *SMALL]) == 0
    prepared = capsys.readouterr().out
    assert "nyu_depth_v2: 36 pairs in " in prepared
    assert "pixels of each class: wall " in prepared
    assert holes in prepared

    assert main(["data", "check", "nyu_depth_v2", "--data", str(data), *SMALL]) == 0
    checked = capsys.readouterr().out
    assert "36 samples with one of 40 classes per pixel and 12 groups" in checked
    assert holes in checked
    assert "36 pairs found, 1449 published" in checked
    assert "split by_group" not in checked  # the official one is


def test_show_draws_label_maps_and_augmented_ones(data: Path, tmp_path: Path) -> None:
    show = ["data", "show", "nyu_depth_v2", "--data", str(data), *SMALL]
    reports = ["--reports", str(tmp_path / "reports")]
    assert main([*show, *reports]) == 0
    assert main([*show, *reports, "--augmented"]) == 0
    plain, augmented = (
        matplotlib.image.imread(tmp_path / "reports" / "data" / f"nyu_depth_v2{suffix}.png")
        for suffix in ("", "_augmented")
    )
    assert augmented.shape[1] > plain.shape[1] > 900


def test_what_cannot_be_fetched_is_said_to_be_fetched_by_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "list", "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out.count("by hand") == 2
    assert main(["data", "fetch", "midair", "--data", str(tmp_path)]) == 0
    fetched = capsys.readouterr().out
    assert "Mid-Air is missing: found no MidAir.zip" in fetched
    assert "accepted: the folder MidAir" in fetched
