"""Classification: one class per sample."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmark.records.scores import ClassificationScores
from benchmark.records.spec import Training
from benchmark.statistics import bootstrap_differences
from benchmark.tasks.base import Row, SuiteSettings, Task
from core.errors import UserError
from datasets import Dataset, Split, SplitRule
from methods.contract import CLASSIFICATION

# At the learning rate and batch size of the suites, scores stay at chance in so few epochs.
SMOKE_TRAINING: Mapping[str, Any] = {"epochs": 6, "batch_size": 16, "learning_rate": 1e-3}
SCHEDULE = Training.LATER - {"weight_decay"}


class Classification(Task):
    """One class per sample, Adam with a constant rate, D4 views: the DisCoM-KD paper's set-up."""

    name = CLASSIFICATION
    scores = ClassificationScores
    teacher_views = ("shared",)
    label_noise = True
    encoders = True
    augmentation_name = "D4 augmentation"
    keeps_logits = True

    def training(self, given: Training, smoke: bool) -> Training:
        for key in sorted(SCHEDULE & given.model_fields_set):
            if getattr(given, key) is not None:
                raise UserError(
                    f"training.{key} is for tasks whose learning rate has a schedule, but the data "
                    "is of classification; remove it"
                )
        if not smoke:
            return given
        chosen = {key: getattr(given, key) for key in given.model_fields_set}
        return Training(**{**SMOKE_TRAINING, **chosen})

    def network(self, given: Mapping[str, Any], smoke: bool) -> dict[str, Any]:
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
        resized: tuple[int, int] | None,
        settings: SuiteSettings,
    ) -> None:
        for modality in modalities if resized is None else ():
            height, width = dataset.modalities[modality].shape[2:]
            if height != width:
                raise UserError(
                    f"{modality} images are {height} x {width}, but rotation by 90 degrees needs "
                    "squares; set image_size"
                )

    def untested_classes(self, dataset: Dataset, split: Split) -> tuple[str, ...]:
        return ()

    def untested_notes(self, untested: Mapping[int, Sequence[str]]) -> tuple[str, ...]:
        return ()

    def split_words(self, rule: SplitRule) -> str:
        return "by group" if rule == "by_group" else "at random within each class"

    def optimiser_words(self, training: Training) -> str:
        rate = f"learning rate {training.learning_rate:g}"
        if training.weight_decay is None:
            return f"Adam with {rate}"
        decay = f"weight decay {training.weight_decay:g} (none on norms and biases)"
        return f"AdamW with {rate}, {decay}"

    def bootstrap(
        self,
        samples: Mapping[str, NDArray[Any]],
        predictions: Mapping[Row, NDArray[Any]],
        baseline: Row,
        num_classes: int,
        places: tuple[NDArray[np.int64], int],
        groups: tuple[NDArray[np.int64], int] | None,
    ) -> dict[Row, NDArray[np.float64]]:
        return bootstrap_differences(
            samples["targets"],
            predictions,
            baseline,
            num_classes,
            # One seed for all repetitions: they share the resamples of the whole data set.
            seed=0,
            samples=places if groups is None else None,
            groups=groups,
        )

    def setting_words(self, network: Mapping[str, Any], augmentation: object) -> tuple[str, ...]:
        return ()
