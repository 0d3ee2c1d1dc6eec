"""What tables need of a record: a hundredth of it, so that those of a large plan fit in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from benchmark.records import Evaluation, Record, Scores

WEIGHTS = "weights.pt"


@dataclass(frozen=True, slots=True)
class PartScores:
    """Scores of one network on one part of the split, each in [0, 1]."""

    weighted_f1: float
    macro_f1: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class CheckpointScores:
    """Scores of one checkpoint."""

    validation: PartScores
    test: PartScores


@dataclass(frozen=True, slots=True)
class NetworkResult:
    """One deployed network, or a part of one, which has the parameter count of the whole."""

    parameters: int
    selected: CheckpointScores
    last: CheckpointScores
    probes: Mapping[str, "NetworkResult"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunResult:
    """A finished run without curves, confusion matrices and settings.

    Attributes:
        dataset: name of the data set.
        fingerprint: of its content.
        classes: number of its classes.
        samples: number of its samples, all parts of the split together.
        notes: sentences that tables on this data must show.
        grouped: the data says which samples belong together.
        normalisation: how the images were normalised; see `DataSpec`.
        teacher_mode: how the teacher ran; None for a run without teacher.
        precision: of the encoders.
        device: name of the device.
        has_weights: the record lists weights.
        networks: the deployed networks by name.
    """

    dataset: str
    fingerprint: str
    classes: int
    samples: int
    notes: tuple[str, ...]
    grouped: bool
    normalisation: Literal["training_split", "whole_data_set", "given"]
    teacher_mode: Literal["eval", "train"] | None
    precision: Literal["fp32", "bf16"]
    device: str
    has_weights: bool
    networks: Mapping[str, NetworkResult]


def result_of(record: Record) -> RunResult:
    """What tables need of a record."""
    data, teacher = record.data, record.spec.teacher
    return RunResult(
        dataset=data.name,
        fingerprint=data.fingerprint,
        classes=len(data.class_names),
        samples=data.train_samples + data.validation_samples + data.test_samples,
        notes=tuple(data.notes),
        grouped=data.grouped,
        normalisation=record.spec.data.normalisation,
        teacher_mode=teacher.mode if teacher else None,
        precision=record.environment.precision,
        device=record.environment.device,
        has_weights=WEIGHTS in record.files,
        networks={
            name: NetworkResult(
                deployed.parameters,
                _checkpoint(deployed.selected),
                _checkpoint(deployed.last),
                {
                    part: NetworkResult(
                        deployed.parameters, _checkpoint(probe.selected), _checkpoint(probe.last)
                    )
                    for part, probe in deployed.probes.items()
                },
            )
            for name, deployed in record.deployments.items()
        },
    )


def _checkpoint(evaluation: Evaluation) -> CheckpointScores:
    return CheckpointScores(_part(evaluation.validation), _part(evaluation.test))


def _part(scores: Scores) -> PartScores:
    return PartScores(scores.weighted_f1, scores.macro_f1, scores.accuracy)
