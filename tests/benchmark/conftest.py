"""Records of constructed scores and speed, for tests of the store, of reports and of estimates."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from benchmark.cli import main
from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import PlannedRun, make_plan
from benchmark.records.record import (
    DataFacts,
    DeploymentResult,
    Environment,
    Evaluation,
    Record,
    Resources,
)
from benchmark.records.scores import ClassificationScores
from benchmark.records.store import ResultStore
from benchmark.speed.measurement import Measurement, Setup, Timing
from methods import Problem
from methods.contract import SEGMENTATION
from methods.networks.initialisation import initial_weights
from methods.tasks import NETWORKS

MakeRecord = Callable[..., Record]
MakeRuns = Callable[..., list[PlannedRun]]
Save = Callable[..., Record]


def _scores(value: float) -> ClassificationScores:
    return ClassificationScores(
        weighted_f1=value, macro_f1=value / 2, accuracy=value, confusion=[[1, 0], [0, 1]]
    )


@pytest.fixture
def make_record() -> MakeRecord:
    """Make a record of a run with the given test score per deployed network."""

    def make(run: PlannedRun, scores: dict[str, float], last: float = 0.1) -> Record:
        deployments = {
            name: DeploymentResult(
                parameters=22_000_000 if run.spec.method == "discom_kd" else 11_000_000,
                selected=Evaluation(epoch=1, validation=_scores(0.5), test=_scores(value)),
                last=Evaluation(epoch=2, validation=_scores(0.4), test=_scores(last)),
                validation_curve=[0.1, 0.5, 0.4],
            )
            for name, value in scores.items()
        }
        return Record(
            key=run.key,
            spec=run.spec,
            data=DataFacts(
                name=run.source.name,
                fingerprint=run.spec.data.fingerprint,
                class_names=["a", "b"],
                train_samples=7,
                validation_samples=1,
                test_samples=2,
                notes=[],
            ),
            deployments=deployments,
            loss_curve=[2.0, 1.0, 0.5],
            resources=Resources(
                seconds=1, images_per_second=2, peak_memory_bytes=3, trained_parameters=4
            ),
            environment=Environment(
                device="CPU test",
                precision="fp32",
                threads=1,
                versions={"torch": "2"},
                git_commit=None,
                git_dirty=None,
            ),
        )

    return make


@pytest.fixture
def plan_runs(miniature_data: Path) -> MakeRuns:
    """The runs of a small suite with changed settings: teacher, student, one distilled student."""

    def make(**overrides: Any) -> list[PlannedRun]:
        entries = [{"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}]
        small = {"smoke": True, "seeds": 1, "methods": ["dkd"], "plugins": ["none"]}
        suite = read_suite("table1", {**small, "datasets": entries, **overrides})
        return list(make_plan(suite, take_inventory(suite, miniature_data)).runs.values())

    return make


@pytest.fixture
def save(tmp_path: Path, make_record: MakeRecord) -> Save:
    """Store a finished run of two test samples in a results folder of this name."""

    def call(
        run: PlannedRun,
        score: float = 0.5,
        folder: str = "results",
        predicted: tuple[int, int] = (0, 1),
        indices: tuple[int, int] = (4, 5),
        **changes: Any,
    ) -> Record:
        store = ResultStore(tmp_path / folder)
        store.prepare()
        record = make_record(run, {"DEPTH": score}).model_copy(update=changes)
        predictions = {"indices": indices, "targets": (0, 1), "DEPTH": predicted}
        store.save(record, {name: np.array(values) for name, values in predictions.items()}, b"w")
        return record

    return call


@pytest.fixture
def read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What a command prints, which must be plain text and succeed."""

    def call(*arguments: str) -> str:
        assert main([*arguments, "--results", str(tmp_path / "results")]) == 0
        output = capsys.readouterr().out
        assert "\x1b" not in output
        return output

    return call


def _timing(name: str, training: list[float], evaluation: list[float], **others: Any) -> Timing:
    values = {
        "kind": "engine",
        "modalities": ("SAR",),
        "encoders": 1,
        "floor": "floor of student",
        "evaluations": 10,
        "working_memory": None,
        **others,
    }
    return Timing(name=name, training=training, evaluation=evaluation, **values)


@pytest.fixture
def measurement() -> Measurement:
    """Two rounds; an epoch is 5 rounds of steps and, for what is validated, 2 evaluations."""
    return Measurement(
        setup=Setup(
            shape="eurosat",
            dataset="eurosat_ms_sar",
            image_size=64,
            channels={"MS": 13, "SAR": 2},
            split_sizes=(100, 10, 20),
            batch_size=10,
            steps=2,
            evaluated=5,
            loader_workers=0,
            load=None,
        ),
        environment=Environment(
            device="GPU of a test",
            precision="bf16",
            threads=1,
            versions={},
            git_commit=None,
            git_dirty=None,
        ),
        timings=[
            _timing(
                "reference loop",
                [4.0, 8.0],
                [1.0, 2.0],
                kind="reference",
                evaluations=30,
                floor=None,
            ),
            _timing("floor of student", [0.9, 1.6], [], kind="floor", evaluations=0, floor=None),
            _timing("student", [1.0, 2.0], [0.5, 1.0]),
            _timing("teacher", [2.0, 4.0], [1.0, 2.0], modalities=("MS",)),
            _timing("dkd", [1.1, 2.2], [0.5, 1.0]),
            _timing("discom_kd", [4.0, 8.0], [2.0, 4.0], modalities=("MS", "SAR"), encoders=2),
        ],
        teacher_table=1.0,
    )


@pytest.fixture
def pdflatex() -> Callable[[Path, str], str]:
    """Compile a file in a folder, with code before it; everything must fit. Returns the log."""
    compiler = shutil.which("pdflatex")
    if compiler is None:
        pytest.skip("needs pdflatex")

    def call(folder: Path, code: str) -> str:
        result = subprocess.run(
            [compiler, "-interaction=nonstopmode", "-halt-on-error", "-jobname=paper", code],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout[-2000:]
        for complaint in ("Overfull", "Float too large", "Missing character"):
            assert complaint not in result.stdout, result.stdout
        return result.stdout

    return call


@pytest.fixture
def compile_latex(pdflatex: Callable[[Path, str], str], tmp_path: Path) -> Callable[[str], None]:
    """Compile tables with booktabs and xcolor alone, on a text width of 13 cm; all must fit."""

    def call(tables: str) -> None:
        assert tables.isascii()
        folder = tmp_path / "latex"
        folder.mkdir()
        (folder / "tables.tex").write_text(tables)
        preamble = (
            r"\documentclass{article}\usepackage{booktabs}\usepackage{xcolor}"
            r"\setlength{\textwidth}{13cm}\begin{document}"
        )
        pdflatex(folder, preamble + r"\input{tables}\end{document}")

    return call


@pytest.fixture
def compile_document(pdflatex: Callable[[Path, str], str]) -> Callable[[Path], None]:
    """Compile the main.tex of a report in one and in two columns; all references must be found."""

    def call(folder: Path) -> None:
        for layout in ("onecolumn", "twocolumn"):
            code = rf"\def\layout{{{layout}}}\input{{main}}"
            pdflatex(folder, code)
        # Labels do not depend on the layout.
        assert "undefined" not in pdflatex(folder, code)

    return call


class Features(NamedTuple):
    """As real segmentation networks give them."""

    logits: Tensor
    pre_logits: Tensor
    encoded: Tensor


class TinySegmenter(nn.Module):
    """Two convolutions with batch normalisation between them, modalities stacked."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.modalities = problem.modalities
        channels = sum(problem.channels.values())
        with initial_weights(problem.seed, "tiny", *problem.modalities):
            self.encoder = nn.Sequential(
                nn.Conv2d(channels, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU()
            )
            self.head = nn.Conv2d(8, problem.num_classes, 3, padding=1)

    def features(self, inputs: Mapping[str, Tensor]) -> Features:
        stacked = [inputs[name] for name in self.modalities]
        encoded = self.encoder(torch.cat(stacked, dim=1))
        return Features(self.head(encoded), encoded, encoded)

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        return self.features(inputs).logits


@pytest.fixture
def tiny_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segmentation builds `TinySegmenter`."""
    monkeypatch.setitem(NETWORKS, SEGMENTATION, TinySegmenter)  # type: ignore[arg-type]
