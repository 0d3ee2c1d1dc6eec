"""Scores of one network on one part of the split, by task.

Every class of scores says what its metrics are called, so that tables, pages and statistics need
not know the task: `headline` is what they compare.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from core.models import StrictModel
from methods.contract import CLASSIFICATION, SEGMENTATION

Confusion = Annotated[
    list[list[int]], Field(description="rows: true class, columns: predicted class")
]


class Scores(StrictModel):
    """Base of the scores of a task.

    Attributes:
        TASK: name of the task.
        METRICS: name of a score in [0, 1] -> what tables call it; the first is the headline, by
            which checkpoints are selected and methods compared.
        COUNTED: what the confusion matrix counts, in the plural.
    """

    TASK: ClassVar[str]
    METRICS: ClassVar[Mapping[str, str]]
    COUNTED: ClassVar[str]

    @property
    def values(self) -> dict[str, float]:
        """Name -> score, of all metrics, the headline first."""
        return {name: getattr(self, name) for name in self.METRICS}

    @property
    def of_classes(self) -> dict[str, list[float | None]]:
        """What is stored of each class beside the confusion matrix: name in tables -> values."""
        return {}

    @classmethod
    def headline_label(cls) -> str:
        """What tables call the headline."""
        return next(iter(cls.METRICS.values()))

    @property
    def headline(self) -> float:
        """The score that checkpoints are selected and methods compared by."""
        return next(iter(self.values.values()))


class ClassificationScores(Scores):
    """Scores of one class per sample."""

    TASK = CLASSIFICATION
    METRICS = {"weighted_f1": "weighted F1", "macro_f1": "macro F1", "accuracy": "accuracy"}
    COUNTED = "samples"

    weighted_f1: float
    macro_f1: float
    accuracy: float
    confusion: Confusion


class SegmentationScores(Scores):
    """Scores of one class per pixel; pixels without a class are not counted.

    `class_iou` is intersection over union of each class; None for a class that no true pixel has,
    which `mean_iou` leaves out.
    """

    TASK = SEGMENTATION
    METRICS = {"mean_iou": "mean IoU", "pixel_accuracy": "pixel accuracy"}
    COUNTED = "pixels"

    mean_iou: float
    pixel_accuracy: float
    class_iou: list[float | None]
    confusion: Confusion

    @property
    def of_classes(self) -> dict[str, list[float | None]]:
        return {"IoU": self.class_iou}


# The scores that a record may hold; told apart by their names.
AnyScores = ClassificationScores | SegmentationScores
