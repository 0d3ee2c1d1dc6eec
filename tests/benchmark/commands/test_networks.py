"""Other networks and teachers of one's own, from the command line to tables and pages."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.cli import main

SUITE = """
name: {name}
scenario: cross_modal
datasets: [{{name: own, npz: {archive}, teacher: [S2, DEM], student: S1{more}}}]
student: {{network: resnet18, width: 0.125}}
teacher: {{network: resnet18, width: 0.0625, modalities: {{DEM: {{width: 0.125}}}}}}
methods: [crd]
plugins: [none]
seeds: 1
training: {{epochs: 2, batch_size: 16, learning_rate: 0.01}}
"""


def test_a_teacher_that_was_trained_before_is_scored_and_taught_by(
    write_npz: Callable[..., Path], tmp_path: Path, read: Callable[..., str]
) -> None:
    random = np.random.default_rng(1)
    archive = write_npz(DEM=random.integers(0, 99, (60, 1, 8, 8)).astype(np.int16))

    def run(name: str, more: str = "") -> pd.DataFrame:
        suite = tmp_path / f"{name}.yaml"
        suite.write_text(SUITE.format(name=name, archive=archive, more=more))
        folders = [f"--{folder}={tmp_path / folder}" for folder in ("results", "reports")]
        here = ["--executor", "inline", "--devices", "cpu"]
        assert main(["--suite", str(suite), *folders, *here]) == 0
        return pd.read_csv(tmp_path / "reports" / name / f"{name}.csv")

    def of(values: pd.DataFrame, method: str, metric: str = "weighted_f1") -> pd.Series:
        chosen = values[(values["method"] == method) & (values["metric"] == metric)]
        assert len(chosen) == 1
        return chosen.iloc[0]

    trained = run("trained")
    key = of(trained, "teacher")["run"]
    (weights,) = (tmp_path / "results").rglob(f"{key}*weights.pt")
    given = run("given", f", teacher_weights: {weights}")
    assert of(given, "teacher")["run"] != key
    for metric in ("weighted_f1", "last_weighted_f1", "validation_weighted_f1"):
        # The file holds the selected checkpoint, which is the only one of a teacher so given.
        score = of(trained, "teacher", metric.removeprefix("last_"))["value"]
        assert of(given, "teacher", metric)["value"] == score
    assert of(given, "crd")["value"] == of(trained, "crd")["value"]
    assert of(given, "crd")["run"] != of(trained, "crd")["run"]
    text = (tmp_path / "reports" / "given" / "given.md").read_text()
    assert "Students' networks: resnet18, width 0.125." in text
    assert "Teachers' networks: resnet18, width 0.0625; of DEM resnet18, width 0.125." in text
    assert "The weights of the teachers on own come from files" in text
    shown = read("show", of(given, "teacher")["run"])
    assert "not trained" in shown
    assert "Training loss" not in shown
