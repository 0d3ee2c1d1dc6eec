"""Segmentation: one class per pixel."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.records.augmentation import Augmentation
from benchmark.records.scores import SegmentationScores
from benchmark.records.spec import Training
from benchmark.statistics import bootstrap_iou_differences
from benchmark.tasks.base import Row, SuiteSettings, Task, validated
from core.errors import UserError
from datasets import Dataset, Split, SplitRule
from methods.contract import SEGMENTATION
from methods.networks.segmentation import SegmenterSettings

# The CroDiNo-KD paper's, and where it is silent those of the code that it follows, zifuwan/Sigma.
DEFAULTS: Mapping[str, Any] = {
    "epochs": 140,
    "batch_size": 8,
    "learning_rate": 6e-5,
    "weight_decay": 0.01,
    "decay_power": 0.9,
}
WARM_UP_SHARE = 10 / 140  # of all epochs, whatever their number
SMOKE_TRAINING: Mapping[str, Any] = {"epochs": 2, "batch_size": 4, "learning_rate": 1e-3}
SMOKE_NETWORK: Mapping[str, Any] = {"backbone": "resnet18", "weights": "none"}


class Segmentation(Task):
    """One class per pixel, AdamW with a schedule, random crops: the CroDiNo-KD paper's set-up."""

    name = SEGMENTATION
    scores = SegmentationScores
    teacher_views = ("shared", "independent")
    label_noise = False
    encoders = False
    augmentation_name = "augmentation"
    keeps_logits = False

    def training(self, given: Training, smoke: bool) -> Training:
        chosen = {
            key: value
            for key in given.model_fields_set
            if (value := getattr(given, key)) is not None
        }
        values = {**DEFAULTS, **(SMOKE_TRAINING if smoke else {}), **chosen}
        epochs = values["epochs"]
        filled = Training(**{"warm_up_epochs": round(WARM_UP_SHARE * epochs), **values})
        if chosen.get("warm_up_epochs", 0) >= epochs:
            raise UserError(
                f"training.warm_up_epochs is {chosen['warm_up_epochs']}, but there are {epochs} "
                "epochs; choose fewer, or 0"
            )
        return filled

    def network(self, given: Mapping[str, Any], smoke: bool) -> dict[str, Any]:
        settings = validated(SegmenterSettings, "network", given)
        if smoke:
            settings = settings.model_copy(update=dict(SMOKE_NETWORK))
        return settings.model_dump(mode="json")

    def augmentation(self, given: Mapping[str, Any]) -> Augmentation:
        return validated(Augmentation, "augmentation", given)

    def check_data(
        self,
        dataset: Dataset,
        splits: Mapping[int, Split],
        modalities: Sequence[str],
        resized: tuple[int, int] | None,
        settings: SuiteSettings,
    ) -> None:
        height, width = resized or dataset.labels.shape[1:]
        if isinstance(settings.augmentation, Augmentation):
            settings.augmentation.crop_size((height, width))
        fewest = min(len(split.train) for split in splits.values())
        if fewest < settings.training.batch_size:
            raise UserError(
                f"its training part has {fewest} images, fewer than a batch of "
                f"{settings.training.batch_size}; lower training.batch_size"
            )

    def untested_classes(self, dataset: Dataset, split: Split) -> tuple[str, ...]:
        assert dataset.pixel_counts is not None
        counts = dataset.pixel_counts[split.test].sum(axis=0)
        return tuple(
            name
            for index, name in enumerate(dataset.class_names)
            if not counts[index] and index != dataset.ignore_index
        )

    def untested_notes(self, untested: Mapping[int, Sequence[str]]) -> tuple[str, ...]:
        repetitions: dict[str, list[int]] = {}
        for repetition, names in sorted(untested.items()):
            for name in names:
                repetitions.setdefault(name, []).append(repetition)
        if not repetitions:
            return ()
        listed = ", ".join(
            name
            + ("" if len(own) == len(untested) else f" (repetition {', '.join(map(str, own))})")
            for name, own in repetitions.items()
        )
        return (f"in no test image, and left out of mean IoU: {listed}",)

    def split_words(self, rule: SplitRule) -> str:
        return "by group" if rule == "by_group" else "at random over images"

    def optimiser_words(self, training: Training) -> str:
        epochs = training.warm_up_epochs
        return (
            f"AdamW with learning rate {training.learning_rate:g}, weight decay "
            f"{training.weight_decay:g} (none on norms and biases), {epochs} "
            f"{'epoch' if epochs == 1 else 'epochs'} of linear warm-up, then polynomial decay of "
            f"power {training.decay_power:g}"
        )

    def bootstrap(
        self,
        samples: Mapping[str, NDArray[Any]],
        predictions: Mapping[Row, NDArray[Any]],
        baseline: Row,
        num_classes: int,
        places: tuple[NDArray[np.int64], int],
        groups: tuple[NDArray[np.int64], int] | None,
    ) -> dict[Row, NDArray[np.float64]]:
        return bootstrap_iou_differences(
            predictions,
            baseline,
            seed=0,  # for all repetitions, as in classification
            samples=places if groups is None else None,
            groups=groups,
        )

    def setting_words(self, network: Mapping[str, Any], augmentation: object) -> tuple[str, ...]:
        settings = SegmenterSettings.model_validate(dict(network))
        start = "random weights" if settings.weights == "none" else f"weights {settings.weights}"
        sentences = [
            f"Networks: {settings.backbone} encoders from {start}, output stride "
            f"{settings.output_stride}."
        ]
        if isinstance(augmentation, Augmentation):
            crop = (
                "the image size"
                if augmentation.crop is None
                else "{} x {}".format(*augmentation.crop)
            )
            sentences.append(
                f"Augmentation: mirrored with probability {augmentation.flip:g}, scaled by one of "
                f"{', '.join(f'{scale:g}' for scale in augmentation.scales)}, padded and cropped "
                f"to {crop}, colours of RGB jittered (brightness {augmentation.brightness:g}, "
                f"contrast {augmentation.contrast:g}, saturation {augmentation.saturation:g}, hue "
                f"{augmentation.hue:g})."
            )
        return tuple(sentences)
