"""What tables need of a record: a hundredth of it, so that those of a large plan fit in memory."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from benchmark.records.record import Record
from benchmark.records.scores import ClassificationScores, SegmentationScores

WEIGHTS = "weights.pt"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PartScores:
    """Scores of one network on one part of the split.

    Attributes:
        metrics: their names, as in `Scores.METRICS` of the task.
        values: as many, each in [0, 1].
    """

    metrics: tuple[str, ...]
    values: tuple[float, ...]

    @property
    def headline(self) -> float:
        """The score that methods are compared by: the first."""
        return self.values[0]


@dataclass(frozen=True, slots=True)
class CheckpointScores:
    """Scores of one checkpoint; `epoch` counts from 0."""

    epoch: int
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
        train_samples: those that the networks were trained on.
        validation_samples: those that checkpoints were selected by.
        test_samples: those that they were tested on.
        notes: sentences that tables on this data must show.
        grouped: the data says which samples belong together.
        groups: their number; None without groups, and where an older record does not say.
        modalities: of the data set, in its order; empty where an older record does not say.
        reads: the modalities that the run, and its teacher, reads, each in the data set's order.
        split: the rule of the split.
        repetition: number of the repetition, which the split depends on.
        normalisation: how the images were normalised; see `DataSpec`.
        teacher_mode: how the teacher ran; None for a run without teacher.
        precision: of the encoders.
        device: name of the device.
        numerics: version of the training engine.
        versions: packages and their versions, as "python 3.12.3, torch 2.11.0".
        git_commit: of the code, "-dirty" behind it where files differed from it; None outside a
            checkout.
        seconds: what the training took.
        images_per_second: that it trained with.
        shared_device: other runs were on its device meanwhile.
        trained_parameters: number of all that it trained, whether deployed or not.
        has_weights: the record lists weights.
        networks: the deployed networks by name.
        task: name of what it predicts.
        untested_classes: those that no test sample has, where scores leave them out.
        warnings: what its learner found in the training, a sentence each.
    """

    dataset: str
    fingerprint: str
    classes: int
    samples: int
    train_samples: int
    validation_samples: int
    test_samples: int
    notes: tuple[str, ...]
    grouped: bool
    groups: int | None
    modalities: tuple[str, ...]
    reads: tuple[tuple[str, ...], ...]
    split: Literal["paper", "by_group"]
    repetition: int
    normalisation: Literal["training_split", "whole_data_set", "given"]
    teacher_mode: Literal["eval", "train"] | None
    precision: Literal["fp32", "bf16"]
    device: str
    numerics: int
    versions: str
    git_commit: str | None
    seconds: float
    images_per_second: float
    shared_device: bool
    trained_parameters: int
    has_weights: bool
    networks: Mapping[str, NetworkResult]
    task: str
    untested_classes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def network(self, name: str, probe: str | None = None) -> NetworkResult | None:
        """A deployed network, or a part of one; None where the record lacks that part."""
        whole = self.networks[name]
        return whole if probe is None else whole.probes.get(probe)


def result_of(record: Record) -> RunResult:
    """What tables need of a record."""
    return _Record.model_validate(record, from_attributes=True).result


def parse_result(content: bytes) -> tuple[str, RunResult]:
    """The key of a record and what tables need of it, in half the time of reading all of it.

    Args:
        content: JSON that is known to be a record as it was written: what tables do not need is not
            looked at.

    Raises:
        ValidationError: it is none.
    """
    record = _Record.model_validate_json(content)
    return record.key, record.result


class _Part(BaseModel):
    """A part of a record, of which the entries here are read; see there for what they are."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _ClassificationScores(_Part):
    TASK: ClassVar[str] = ClassificationScores.TASK

    weighted_f1: float
    macro_f1: float
    accuracy: float


class _SegmentationScores(_Part):
    TASK: ClassVar[str] = SegmentationScores.TASK

    mean_iou: float
    pixel_accuracy: float


_Scores = Annotated[_ClassificationScores | _SegmentationScores, Field(union_mode="left_to_right")]


def _part_scores(scores: _Part) -> PartScores:
    names = tuple(type(scores).model_fields)
    return PartScores(_shared(names), tuple(getattr(scores, name) for name in names))


class _Evaluation(_Part):
    epoch: int
    validation: _Scores
    test: _Scores

    @property
    def result(self) -> CheckpointScores:
        validation, test = _part_scores(self.validation), _part_scores(self.test)
        return CheckpointScores(self.epoch, validation, test)


class _Probe(_Part):
    selected: _Evaluation
    last: _Evaluation


class _Deployment(_Probe):
    parameters: int
    probes: dict[str, _Probe] = Field(default_factory=dict)

    @property
    def result(self) -> NetworkResult:
        probes = {
            name: NetworkResult(self.parameters, probe.selected.result, probe.last.result)
            for name, probe in self.probes.items()
        }
        return NetworkResult(self.parameters, self.selected.result, self.last.result, probes)


class _Data(_Part):
    name: str
    fingerprint: str
    class_names: list[str]
    train_samples: int
    validation_samples: int
    test_samples: int
    notes: list[str]
    grouped: bool = False
    groups: int | None = None
    modalities: dict[str, int] = Field(default_factory=dict)
    untested_classes: list[str] = Field(default_factory=list)


class _DataSpec(_Part):
    split: Literal["paper", "by_group"]
    normalisation: Literal["training_split", "whole_data_set", "given"]


class _Teacher(_Part):
    mode: Literal["eval", "train"]
    modalities: tuple[str, ...]


class _Spec(_Part):
    numerics: int
    data: _DataSpec
    modalities: tuple[str, ...]
    teacher: _Teacher | None
    repetition: int


class _Environment(_Part):
    precision: Literal["fp32", "bf16"]
    device: str
    versions: dict[str, str]
    git_commit: str | None
    git_dirty: bool | None

    # Interned: a large plan has few different ones.
    @property
    def listed_versions(self) -> str:
        return sys.intern(", ".join(f"{name} {version}" for name, version in self.versions.items()))

    @property
    def commit(self) -> str | None:
        if self.git_commit is None:
            return None
        return sys.intern(self.git_commit + "-dirty" * bool(self.git_dirty))


class _Resources(_Part):
    seconds: float
    images_per_second: float
    shared_device: bool = False
    trained_parameters: int


class _Record(_Part):
    schema_version: Literal[1] = 1
    key: str
    spec: _Spec
    data: _Data
    deployments: dict[str, _Deployment]
    environment: _Environment
    resources: _Resources
    findings: list[str] = Field(default_factory=list)
    files: dict[str, str] = Field(default_factory=dict)

    @property
    def result(self) -> RunResult:
        data, teacher, environment = self.data, self.spec.teacher, self.environment
        reads = (self.spec.modalities, *((teacher.modalities,) if teacher else ()))
        return RunResult(
            dataset=data.name,
            fingerprint=data.fingerprint,
            classes=len(data.class_names),
            samples=data.train_samples + data.validation_samples + data.test_samples,
            train_samples=data.train_samples,
            validation_samples=data.validation_samples,
            test_samples=data.test_samples,
            notes=tuple(data.notes),
            grouped=data.grouped,
            groups=data.groups,
            modalities=_shared(tuple(data.modalities)),
            reads=_shared(reads),
            split=self.spec.data.split,
            repetition=self.spec.repetition,
            normalisation=self.spec.data.normalisation,
            teacher_mode=teacher.mode if teacher else None,
            precision=environment.precision,
            device=sys.intern(environment.device),
            numerics=self.spec.numerics,
            versions=environment.listed_versions,
            git_commit=environment.commit,
            seconds=self.resources.seconds,
            images_per_second=self.resources.images_per_second,
            shared_device=self.resources.shared_device,
            trained_parameters=self.resources.trained_parameters,
            has_weights=WEIGHTS in self.files,
            networks={name: network.result for name, network in self.deployments.items()},
            untested_classes=_shared(tuple(data.untested_classes)),
            task=next(iter(self.deployments.values())).selected.test.TASK,
            warnings=tuple(self.findings),
        )


@lru_cache(maxsize=1024)
def _shared(names: T) -> T:
    """Equal names, of which the records of a large plan then keep one copy."""
    return names
