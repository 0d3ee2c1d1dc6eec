"""Own data with one class per pixel, from the command line to tables and pages."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import matplotlib.image
import numpy as np
import pandas as pd
import pytest

from benchmark.cli import main
from datasets.looking.label_colours import class_palette
from datasets.looking.map_lines import TILE
from datasets.looking.page import DPI

pytestmark = pytest.mark.usefixtures("tiny_networks")

SUITE = """
name: own_maps
scenario: multi_modal
datasets: [{{name: own, npz: {archive}}}]
methods: [kd_v2]
seeds: 2
training: {{epochs: 4, batch_size: 4, learning_rate: 0.02}}
network: {{weights: none}}
"""


@pytest.fixture
def run(write_maps: Callable[..., Path], tmp_path: Path) -> Callable[..., None]:
    """Run the suite with further options, in this process."""
    labels = np.tile(np.arange(16) % 2, (40, 16, 1))
    labels[1:3, 0] = 2  # the test part of repetition 0 has none of these two images
    suite = tmp_path / "suite.yaml"
    suite.write_text(SUITE.format(archive=write_maps(samples=40, labels=labels)))
    folders = [f"--{name}={tmp_path / name}" for name in ("results", "reports")]

    def call(*options: str) -> None:
        here = ["--executor", "inline", "--devices", "cpu"]
        assert main(["--suite", str(suite), *folders, *here, *options]) == 0

    return call


def test_a_suite_fills_tables_of_mean_iou(
    run: Callable[..., None], tmp_path: Path, read: Callable[..., str]
) -> None:
    run()
    report = tmp_path / "reports" / "own_maps"
    text = (report / "own_maps.md").read_text()
    assert "| method | | own RGB | own DEPTH | parameters (M) |" in text
    assert "Mean IoU on the test set in percent" in text
    assert "the checkpoint with the best validation mean IoU" in text
    assert "AdamW with learning rate 0.02, weight decay 0.01" in text
    assert "split 70/10/20 at random over images" in text
    assert "in no test image, and left out of mean IoU: bright (repetition 0)" in text
    assert "F1" not in text
    values = pd.read_csv(report / "own_maps.csv")
    assert set(values["metric"]) >= {"mean_iou", "pixel_accuracy", "validation_last_mean_iou"}
    assert values["value"].between(0, 1).all()
    statistics = (report / "own_maps_statistics.md").read_text()
    assert "Differences of mean IoU in points" in statistics
    compared = pd.read_csv(report / "own_maps_statistics.csv")
    assert compared.query("checkpoint == 'selected'")["bootstrap_low"].notna().any()

    runs = values[(values["method"] == "kd_v2") & (values["evaluated_modality"] == "RGB")]
    keys = runs["run"].unique()
    shown = read("show", keys[0])
    assert "mean IoU" in shown
    assert "IoU" in shown
    assert "pixels" in shown
    assert "weight decay 0.01" in shown
    compared_runs = read("diff", *keys[:2])
    assert "mean_iou" in compared_runs


def test_reports_need_no_data_and_are_the_same_without_it(
    run: Callable[..., None], tmp_path: Path
) -> None:
    run()
    report = tmp_path / "reports" / "own_maps"
    before = {path.name: path.read_bytes() for path in report.glob("own_maps*.md")}
    (tmp_path / "maps.npz").unlink()
    run("--report-only")
    assert {path.name: path.read_bytes() for path in report.glob("own_maps*.md")} == before


def test_a_report_draws_the_maps_that_are_stored(
    run: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("--seeds", "1")
    shown = capsys.readouterr().out  # which names the figure, as it cannot show it
    assert shown.endswith(" (all notes: own_maps.md)\nits figures: own_maps_maps_own.png\n")
    assert "evenly spread" not in shown
    report, runs = tmp_path / "reports" / "own_maps", tmp_path / "results" / "runs"
    figure = report / "own_maps_maps_own.png"
    text = (report / "own_maps.md").read_text()
    assert "## Label maps: own" in text
    assert "](own_maps_maps_own.png)" in text
    assert figure.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    with_images = figure.read_bytes()
    width = matplotlib.image.imread(figure).shape[1]

    archive = tmp_path / "results" / "archives" / "all.zip"
    archive.parent.mkdir()
    assert main(["pack", f"--results={tmp_path / 'results'}", f"--output={archive}"]) == 0
    for path in runs.iterdir():
        path.unlink()
    run("--seeds", "1", "--report-only")
    assert figure.read_bytes() == with_images

    (tmp_path / "maps.npz").unlink()
    run("--seeds", "1", "--report-only")
    assert (report / "own_maps.md").read_text() == text
    assert matplotlib.image.imread(figure).shape[1] < width - TILE * 200

    with zipfile.ZipFile(archive) as packed:
        members = packed.namelist()
        packed.extractall(runs, [name for name in members if not name.endswith(".maps.npz")])
    archive.unlink()
    run("--seeds", "1", "--report-only")
    assert "Label maps" not in (report / "own_maps.md").read_text()
    assert not list(report.glob("*_maps_own.*"))


def test_an_audit_draws_the_maps_of_its_base(run: Callable[..., None], tmp_path: Path) -> None:
    with (tmp_path / "suite.yaml").open("a") as suite:
        suite.write("audit: independent_teacher\n")
    run("--seeds", "1", "--epochs", "2")
    report = tmp_path / "reports" / "own_maps"
    text = (report / "own_maps.md").read_text()
    assert "](own_maps_maps_own.png)" in text
    assert "All are trained under the protocol as_described." in text.replace("\\", "")
    columns = matplotlib.image.imread(report / "own_maps_maps_own.png").shape[1]
    assert columns > 5 * TILE * 200  # both images, truth, STUDENT and KDv2

    for path in (tmp_path / "results" / "runs").glob("*.maps.npz"):
        path.unlink()
    run("--seeds", "1", "--epochs", "2", "--report-only")
    assert "Label maps" not in (report / "own_maps.md").read_text()
    assert not list(report.glob("*_maps_own.*"))


def test_show_draws_the_maps_of_a_run(
    run: Callable[..., None],
    tmp_path: Path,
    read: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    run("--seeds", "1")
    (tmp_path / "maps.npz").rename(tmp_path / "renamed.npz")
    kept_file = next((tmp_path / "results" / "runs").glob("*.maps.npz"))
    key, kept = kept_file.name.partition(".")[0], np.load(kept_file)
    sample = int(kept["indices"][2])
    data, picture = f"--data={tmp_path}", tmp_path / "new" / "maps.png"

    one = read("show", key, "--pictures", str(picture), "--samples", str(sample), data)
    assert f"{picture}: 1 of {len(kept['indices'])} kept test samples" in one
    page = matplotlib.image.imread(picture)[..., :3]
    with np.load(tmp_path / "renamed.npz") as stored:
        colour = stored["RGB"][sample, :, 15, 15] / 255
    truth = class_palette(3)[kept["targets"][2, 15, 15]]
    for wanted in (colour, truth):
        assert (np.abs(page - wanted).max(axis=-1) < 0.01).sum() > (TILE * DPI / 16) ** 2 / 2

    elsewhere = f"--data={tmp_path / 'elsewhere'}"
    two = read("show", key, "--pictures", str(picture), "--random", "2", elsewhere)
    assert "without images: nothing in the folder" in " ".join(two.split())
    assert matplotlib.image.imread(picture).shape[1] < page.shape[1]

    unknown = next(number for number in range(40) if number not in kept["indices"])
    results = f"--results={tmp_path / 'results'}"
    options = ["--pictures", str(picture), "--samples", str(unknown)]
    assert main(["show", key, results, *options]) == 2
    error = capsys.readouterr().err
    assert f"kept no label map of sample {unknown}; it kept those of" in error
    assert f" {sample}," in error
