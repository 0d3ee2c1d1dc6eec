"""The engine of each task."""

from collections.abc import Mapping

from benchmark.training.classification import ClassificationEngine
from benchmark.training.segmentation.engine import SegmentationEngine
from benchmark.training.task import TaskEngine
from methods.contract import CLASSIFICATION, SEGMENTATION

ENGINES: Mapping[str, TaskEngine] = {
    CLASSIFICATION: ClassificationEngine(),
    SEGMENTATION: SegmentationEngine(),
}
