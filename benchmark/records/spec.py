"""What a run is: everything that can change its result, and the key made from it."""

import hashlib
import json
from functools import cached_property
from typing import Any, ClassVar, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from benchmark.records.augmentation import Augmentation
from core.models import StrictModel


class LeavesOut(StrictModel):
    """A model whose `LATER` fields are left out at their defaults.

    They came when there were records already, so keys, records and reports are as they were before
    wherever they are not used.
    """

    LATER: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _without_defaults(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = serialize(self)
        for name in self.LATER:
            if getattr(self, name) == type(self).model_fields[name].get_default(
                call_default_factory=True
            ):
                values.pop(name, None)
        return values


class Training(LeavesOut):
    """The budget that every run of a suite gets; defaults are the DisCoM-KD paper's, section 4.

    `precision` is that of the encoders. Plans hold "fp32" or "bf16": a suite's "auto" is resolved
    before it is planned. Specs of earlier records have "auto", and their records what it became.

    `weight_decay` is decoupled, AdamW's, and not on norms and biases; None is Adam without any. The
    others belong to tasks whose optimiser has a schedule; None for the rest. The learning rate
    grows over `warm_up_epochs`, and then falls as (1 - steps done / all steps) to the power
    `decay_power`.
    """

    LATER = frozenset({"weight_decay", "warm_up_epochs", "decay_power"})

    epochs: int = Field(default=300, ge=1, le=1_000_000)
    batch_size: int = Field(default=128, ge=2, le=1_000_000)
    learning_rate: float = Field(default=1e-4, gt=0, allow_inf_nan=False)
    precision: Literal["auto", "fp32", "bf16"] = "fp32"
    weight_decay: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    warm_up_epochs: int | None = Field(default=None, ge=0)
    decay_power: float | None = Field(default=None, ge=0, allow_inf_nan=False)


class NoisyLabels(LeavesOut):
    """The share of training labels that are redrawn."""

    LATER = frozenset({"label_noise"})

    label_noise: float = Field(default=0, ge=0, le=1)


class DataSpec(NoisyLabels):
    """The data of a run; a data set's name or place changes no result, so neither is here."""

    fingerprint: str
    split: Literal["paper", "by_group"]
    image_size: int | None
    normalisation: Literal["training_split", "whole_data_set", "given"]


TeacherView = Literal["shared", "independent"]


class TeacherSpec(LeavesOut):
    """The teacher of a distilled student: the key of the run that trains it.

    `view` is what it sees of a training sample: the student's view, or one that is drawn apart.
    `network` holds the settings of its network; None where that has those of the student's.
    """

    LATER = frozenset({"view", "network"})

    key: str
    modalities: tuple[str, ...]
    mode: Literal["eval", "train"]
    view: TeacherView = "shared"
    network: dict[str, Any] | None = None


class RunSpec(LeavesOut):
    """One training: everything that can change its result and nothing else.

    Not here: the table that asks for the run, the device, the order of runs, where files lie.
    `numerics` is the version of the training engine, `source` the digest of a user's method file.
    `network` holds the settings of the task's networks, where it has any; in classification the
    encoder of each modality that has another than the paper's. `weights` is the digest of a file
    that the network's weights are read from; it is not trained then.
    """

    LATER = frozenset({"network", "weights"})

    numerics: int
    data: DataSpec
    method: str
    hyperparameters: dict[str, Any]
    source: str
    plugin: str
    modalities: tuple[str, ...]
    teacher: TeacherSpec | None
    augmentation: Literal["d4", "none"] | Augmentation
    repetition: int
    training: Training
    network: dict[str, Any] = Field(default_factory=dict)
    weights: str = ""

    @cached_property
    def key(self) -> str:
        """Hash of the canonical JSON form; equal specs have equal keys on every machine."""
        return _digest(self.model_dump(mode="json"))

    def former_key(self, teacher: str | None) -> str:
        """The key of the same run with `precision: auto`, as keys were before it was resolved.

        Args:
            teacher: the former key of its teacher's run, if it has a teacher.
        """
        settings = self.model_dump(mode="json")
        settings["training"]["precision"] = "auto"
        if teacher is not None:
            settings["teacher"]["key"] = teacher
        return _digest(settings)

    @property
    def method_name(self) -> str:
        """Its method, and its plug-in if it has one, as "dkd+lskd"."""
        return self.method if self.plugin == "none" else f"{self.method}+{self.plugin}"

    @property
    def description(self) -> str:
        """Method, modalities and repetition in one short line."""
        modalities = "+".join(self.modalities)
        what = f"{self.method_name} on {modalities}"
        if self.teacher:
            what = f"{self.method_name} {'+'.join(self.teacher.modalities)} -> {modalities}"
        return f"{what}, repetition {self.repetition}"


def _digest(settings: dict[str, Any]) -> str:
    text = json.dumps(settings, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:20]
