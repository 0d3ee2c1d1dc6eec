"""Classification: one class per sample."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from benchmark.records.scores import ClassificationScores
from benchmark.records.spec import Training
from benchmark.tasks.base import SuiteSettings, Task
from core.errors import UserError
from datasets import Dataset, Split, SplitRule
from methods.contract import CLASSIFICATION


class Classification(Task):
    """One class per sample, Adam with a constant rate, D4 views: the DisCoM-KD paper's set-up."""

    name = CLASSIFICATION
    scores = ClassificationScores
    teacher_views = ("shared",)
    label_noise = True

    def training(self, given: Training) -> Training:
        for key in sorted(Training.LATER & given.model_fields_set):
            if getattr(given, key) is not None:
                raise UserError(
                    f"training.{key} is for tasks whose learning rate has a schedule, but the data "
                    "is of classification; remove it"
                )
        return given

    def network(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if given:
            raise UserError(
                f"network.{next(iter(given))}: the networks of classification have no settings; "
                "remove the key 'network'"
            )
        return {}

    def augmentation(self, given: Mapping[str, Any]) -> Literal["d4"]:
        if given:
            raise UserError(
                f"augmentation.{next(iter(given))}: classification is augmented by the views of a "
                "square alone; remove the key 'augmentation'"
            )
        return "d4"

    def check_data(
        self,
        dataset: Dataset,
        splits: Mapping[int, Split],
        modalities: Sequence[str],
        image_size: int | None,
        settings: SuiteSettings,
    ) -> None:
        for modality in modalities if image_size is None else ():
            height, width = dataset.modalities[modality].shape[2:]
            if height != width:
                raise UserError(
                    f"{modality} images are {height} x {width}, but rotation by 90 degrees needs "
                    "squares; set image_size"
                )

    def split_notes(self, dataset: Dataset, splits: Mapping[int, Split]) -> tuple[str, ...]:
        return ()

    def split_words(self, rule: SplitRule) -> str:
        return "by group" if rule == "by_group" else "at random within each class"

    def optimiser_words(self, training: Training) -> str:
        return f"Adam with learning rate {training.learning_rate:g}"

    def setting_words(self, network: Mapping[str, Any], augmentation: object) -> tuple[str, ...]:
        return ()
