"""`speed` as a user calls it, and the figures that it derives."""

import json
from pathlib import Path

import pytest

from benchmark.cli import main
from benchmark.speed.measurement import Measurement, read_measurements
from benchmark.speed.ratios import against_reference, figures

TINY = ("--batch-size", "2", "--rounds", "1", "--steps", "1", "--device", "cpu")
TINY_EUROSAT = ("speed", *TINY, "--precision", "fp32")


def test_ratios_are_taken_within_rounds_and_epochs_include_evaluation(
    measurement: Measurement,
) -> None:
    found = {entry.name: entry for entry in figures(measurement)}
    student, dkd = found["student"], found["dkd"]
    assert student.images_per_second.median == pytest.approx((20 + 10) / 2)
    assert found["discom_kd"].images_per_second.high == pytest.approx(10 - (10 - 5) / 4)
    assert student.share_of_floor is not None
    assert student.share_of_floor.median == pytest.approx((0.9 + 0.8) / 2)
    assert student.epoch is not None
    assert student.epoch.median == pytest.approx((5 * 1 + 2 * 0.5 + 5 * 2 + 2 * 1) / 2)
    assert dkd.to_student is not None
    # The second round was half as fast for all, and changes no ratio.
    assert dkd.to_student.low == dkd.to_student.high == pytest.approx(6.5 / 6)
    assert found["floor of student"].epoch is None
    against = against_reference(measurement)
    assert against is not None
    assert against.epoch.median == pytest.approx((5 * 4 + 6 * 1) / 6.5)
    assert against.step.median == pytest.approx(4 / 1.1)


@pytest.mark.parametrize(
    "arguments", [("dkd", "dkd+lskd", "reference"), ("discom_kd", "student_x2")]
)
def test_every_training_is_timed_and_written(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*TINY_EUROSAT, "--results", str(tmp_path), "--methods", *arguments]) == 0
    output = capsys.readouterr().out
    (path,) = (tmp_path / "speed").iterdir()
    assert path.name.endswith("-eurosat-batch-2-threads-1-fp32.json")
    assert f"written to {path}" in output
    (found,) = read_measurements([tmp_path / "speed"])
    names = {timing.name for timing in found.timings}
    assert (
        names
        == {
            ("dkd", "dkd+lskd", "reference"): {
                *("reference loop", "floor of student", "student", "floor of teacher", "teacher"),
                *("dkd", "dkd+lskd"),
            },
            ("discom_kd", "student_x2"): {
                *("floor of student", "student", "floor of student_x2", "student_x2"),
                *("floor of discom_kd", "discom_kd"),
            },
        }[arguments]
    )
    for timing in found.timings:
        assert len(timing.training) == 1
        assert len(timing.evaluation) == (timing.kind != "floor")
    assert ("DKD trains" in output) == ("dkd" in arguments)
    assert len(json.loads(path.read_text())["figures"]) == len(names)


@pytest.mark.usefixtures("tiny_networks")
def test_segmentation_is_timed_at_the_batch_size_of_its_paper(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    methods = ("--methods", "reference", "kd_v2", "single_decoupled")
    tiny = ("--rounds", "1", "--steps", "1", "--device", "cpu", "--precision", "fp32")
    assert main(["speed", "--shape", "potsdam", *tiny, *methods, "--results", str(tmp_path)]) == 0
    output = capsys.readouterr().out
    assert "3, DEPTH 1 channels, 256 x 256, batch 8; 1 rounds" in output
    assert "a teacher's logits" not in output  # no table is made of them
    (found,) = read_measurements([tmp_path / "speed"])
    assert found.setup.network["backbone"] == "resnet50"
    timings = {timing.name: timing for timing in found.timings}
    assert timings.keys() == {
        *("floor of student", "student", "floor of teacher", "teacher", "kd_v2"),
        *("floor of single_decoupled", "single_decoupled"),
    }
    assert timings["teacher"].modalities == ("RGB", "DEPTH")
    assert timings["kd_v2"].modalities == ("DEPTH",)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--methods", "dkt"), "unknown method 'dkt'"),
        (("--methods", "dkd+lsdk"), "unknown plug-in 'lsdk'"),
        (
            ("--methods", "discom_kd+lskd"),
            "plug-ins change distilled logits, and discom_kd has none",
        ),
        (
            ("--shape", "midair", "--methods", "dkd"),
            "dkd: the shape is of segmentation, which dkd does not serve; name another --shape",
        ),
        (("--shape", "midair", "--methods", "kd_v2+lskd"), "segmentation, which lskd does not"),
        (("--steps", "0"), "--steps 0: expected 1 or more"),
        (("--threads", "9" * 20), "expected 1024 or less"),
        (("--batch-size", "1000001"), "--batch-size 1000001: expected 1000000 or less"),
        (("--loader-workers", "-1"), "--loader-workers -1: expected 0 or more"),
    ],
)
def test_wrong_input_is_said_before_anything_is_measured(
    arguments: tuple[str, ...], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*TINY_EUROSAT, "--results", str(tmp_path), *arguments]) == 2
    assert problem in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
