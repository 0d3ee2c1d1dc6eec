"""The hours that `--dry-run` shows."""

from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest
import yaml

from benchmark.cli import main
from benchmark.running import machine
from benchmark.running.machine import processor_name
from benchmark.speed import hours
from benchmark.speed.measurement import Measurement
from benchmark.speed.report import write_report


@pytest.fixture
def dry_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """What `--dry-run` prints where no measurements ship with the suite."""
    monkeypatch.setattr(hours, "SHIPPED", tmp_path / "none")
    folders = [f"--{name}={tmp_path / name}" for name in ("results", "data")]

    def call(*arguments: str) -> str:
        assert main(["--dry-run", *folders, *arguments]) == 0
        return " ".join(capsys.readouterr().out.split())

    return call


def test_a_dry_run_shows_hours_on_measured_devices(
    dry_run: Callable[..., str], measurement: Measurement, tmp_path: Path
) -> None:
    write_report(tmp_path / "results" / "speed" / "a.json", measurement)
    choice = ("--suite", "table1", "--methods", "dkd", "discom_kd", "--seeds", "1")
    eurosat = dry_run(*choice, "--datasets", "eurosat_ms_sar", "--device", "cpu")
    # Seconds of an epoch, medians of the two rounds: TEACHER 18, STUDENT 9, DKD and DKD with LSKD
    # 9.75 each, DisCoM-KD 36, on 100 samples; the suite trains on 18,900 for 300 epochs.
    expected = (18 + 9 + 2 * 9.75 + 36) * 189 * 300 / 3600
    assert f"GPU of a test │ bf16, batch 10 │ 64 │ table1 │ {expected:,.1f} │" in eurosat
    assert "scaled" not in eurosat
    assert f"no speed of these networks was measured on CPU {processor_name()}" in eurosat
    tristar = dry_run(*choice, "--datasets", "tristar")
    assert "hours at other sizes are scaled by the number of pixels" in tristar
    # STUDENT's figure stands for both references here: no modality has the measured name.
    samples = 14201 * 0.7
    expected = (9 + 9 + 2 * 9.75 + 36) * 4 * samples / 100 * 300 / 3600
    assert f"│ {expected:,.1f} │" in tristar


def test_hours_of_segmentation_come_from_its_networks_alone(
    dry_run: Callable[..., str], measurement: Measurement, tmp_path: Path
) -> None:
    choice = ("--suite", "crodino_table1", "--methods", "kd_v2", "--seeds", "1", "--device", "cpu")
    write_report(tmp_path / "results" / "speed" / "a.json", measurement)  # of classification
    text = dry_run(*choice, "--datasets", "midair")
    assert "Hours" not in text
    assert "`python run_benchmark.py speed --shape midair` measures it" in text
    network = {"backbone": "resnet50", "weights": "none", "output_stride": 16}
    setup = {"shape": "midair", "dataset": "midair", "image_size": 256, "network": network}
    names = {"student": ("DEPTH",), "teacher": ("RGB", "DEPTH"), "dkd": ("DEPTH",)}
    timings = [
        timing.model_copy(update={"name": timing.name.replace("dkd", "kd_v2"), "modalities": own})
        for timing in measurement.timings
        if (own := names.get(timing.name))
    ]
    changed = measurement.setup.model_copy(update={"batch_size": 8, **setup})
    segmentation = measurement.model_copy(update={"setup": changed, "timings": timings})
    write_report(tmp_path / "results" / "speed" / "b.json", segmentation)
    text = dry_run(*choice, "--datasets", "midair")
    # TEACHER sees both modalities; of the others each modality has a student.
    pairs = 6859 * 0.7 * 140
    epochs = {timing.name: median(segmentation.epochs(timing)) for timing in timings}
    expected = (epochs["teacher"] + 2 * epochs["student"] + 2 * epochs["kd_v2"]) * pairs / 100
    assert (
        f"GPU of a test │ bf16, batch 8 │ 256 │ crodino_table1 │ {expected / 3600:,.1f} │" in text
    )
    assert "batch 10" not in text
    assert "scaled" not in text
    # 480 x 640 pixels are more than 256 x 256 by 4.69; 1,449 pairs.
    text = dry_run(*choice, "--datasets", "nyu_depth_v2")
    scaled = expected / 3600 * (1449 / 6859) * (480 * 640 / 256**2)
    assert f"│ {scaled:,.1f} │" in text


def test_a_dry_run_says_what_it_cannot_estimate(
    dry_run: Callable[..., str], measurement: Measurement, tmp_path: Path
) -> None:
    choice = ("--suite", "table1", "--datasets", "tristar", "--seeds", "1", "--device", "cpu")
    text = dry_run(*choice)
    assert "Hours" not in text
    assert f"no speed of these networks was measured on CPU {processor_name()}" in text
    write_report(tmp_path / "results" / "speed" / "a.json", measurement)
    (tmp_path / "results" / "speed" / "b.json").write_text("{}")  # no measurement: passed over
    assert "GPU of a test" in dry_run(*choice)


def test_networks_that_no_measurement_has_are_said_to_have_no_hours(
    dry_run: Callable[..., str], measurement: Measurement, tmp_path: Path
) -> None:
    write_report(tmp_path / "results" / "speed" / "a.json", measurement)
    suite = {
        "name": "mine",
        "scenario": "cross_modal",
        "datasets": [{"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}],
        "methods": ["dkd"],
        "plugins": ["none"],
        "student": {"width": 0.5},
        "seeds": 1,
    }
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(suite))
    device = ("--device", "cpu")
    text = dry_run("--suite", str(tmp_path / "mine.yaml"), *device)
    # STUDENT and DKD; their teacher has the network of the paper.
    assert "2 runs have other networks than those that `speed` measures: no hours are" in text
    assert "Hours" not in text
    assert "run_benchmark.py speed" not in text
    segmentation = ("--suite", "crodino_table1", "--methods", "kd_v2", "--seeds", "1")
    text = dry_run("--suite", str(tmp_path / "mine.yaml"), *segmentation, *device)
    assert "`python run_benchmark.py speed --shape midair` measures it" in text
    assert "`python run_benchmark.py speed` measures it" not in text


def test_gpus_are_named_as_the_driver_lists_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bus in ("0000:01:00.0", "0000:02:00.0"):
        (tmp_path / bus).mkdir()
        (tmp_path / bus / "information").write_text(
            "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 100\n"
        )
    monkeypatch.setattr(machine, "_GPUS", tmp_path)
    machine.gpu_names.cache_clear()
    assert machine.gpu_names() == ("NVIDIA H100 80GB HBM3",)
    machine.gpu_names.cache_clear()
