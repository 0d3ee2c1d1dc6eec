"""What a run leaves: one JSON record, validated whenever it is read."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import Field

from benchmark.records.scores import AnyScores
from benchmark.records.spec import LeavesOut, RunSpec
from core.models import StrictModel


class Evaluation(StrictModel):
    """Scores of one checkpoint; `epoch` counts from 0."""

    epoch: int
    validation: AnyScores
    test: AnyScores


class ProbeResult(StrictModel):
    """A part of a deployed network, at that network's selected and last checkpoint."""

    selected: Evaluation
    last: Evaluation


class DeploymentResult(StrictModel):
    """One deployed network: its best checkpoint by its score on validation, and its last."""

    parameters: int
    selected: Evaluation
    last: Evaluation
    validation_curve: list[float]
    probes: dict[str, ProbeResult] = Field(default_factory=dict)


class Resources(StrictModel):
    """What the run cost, over all its parts where it was continued from a snapshot.

    A run that shared its device took longer than it would have alone: its times are no measure of
    speed, and its peak memory may be that of several runs of one process.
    """

    seconds: float = Field(ge=0, le=1e10)  # 300 years
    images_per_second: float
    peak_memory_bytes: int
    trained_parameters: int
    shared_device: bool = False
    captured: bool = Field(default=False, description="its steps were replayed as CUDA graphs")
    continued: int = Field(default=0, description="how often, after the training was stopped")


class Environment(StrictModel):
    """Where and with what the run was done; none of it is part of the key."""

    device: str
    precision: Literal["fp32", "bf16"]
    threads: int
    versions: dict[str, str]
    git_commit: str | None
    git_dirty: bool | None


class DataFacts(LeavesOut):
    """The data as this run saw it."""

    LATER = frozenset({"untested_classes"})

    name: str
    fingerprint: str
    class_names: list[str]
    train_samples: int
    validation_samples: int
    test_samples: int
    notes: list[str]
    grouped: bool = False
    groups: int | None = Field(
        default=None, description="number of groups; None without, and in older records"
    )
    modalities: dict[str, int] = Field(
        default_factory=dict,
        description="channels of each modality, in the data set's order; empty in older records",
    )
    untested_classes: list[str] = Field(
        default_factory=list,
        description="classes that no test sample has, where scores leave them out",
    )


def headline_label(record: "Record") -> str:
    """What the score that a run is compared by is called."""
    return next(iter(record.deployments.values())).selected.test.headline_label()


def predictions_name(deployment: str, probe: str | None) -> str:
    """The name of a network's test predictions: the deployment's, or `deployment.probe`."""
    return f"{deployment}.{probe}" if probe else deployment


class Record(StrictModel):
    """A finished run. Files beside it are listed with their SHA-256.

    `term_curves` holds the parts of the loss and what else the learner noted, per epoch; `findings`
    what they say of the training that a table must tell, a sentence each.
    """

    schema_version: Literal[1] = 1
    key: str
    spec: RunSpec
    data: DataFacts
    deployments: dict[str, DeploymentResult] = Field(min_length=1)
    loss_curve: list[float]
    term_curves: dict[str, list[float]] = Field(default_factory=dict)
    findings: list[str] = Field(default_factory=list)
    resources: Resources
    environment: Environment
    finished: datetime = Field(default_factory=lambda: datetime.now(UTC))
    files: dict[str, str] = Field(default_factory=dict)
    teacher_weights: str | None = Field(
        default=None,
        description="SHA-256 of the weights file that a distilled student learned from: tells "
        "trainings of one teacher apart; None in older records",
    )

    @property
    def description(self) -> str:
        """The run in one short line."""
        return f"{self.data.name}: {self.spec.description}"
