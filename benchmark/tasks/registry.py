"""The tasks that there are."""

from benchmark.tasks.base import Task
from benchmark.tasks.classification import Classification
from benchmark.tasks.segmentation import Segmentation
from core.registry import Registry
from datasets import Dataset

TASKS: Registry[Task] = Registry("task")
for _task in (Classification(), Segmentation()):
    TASKS.register(_task.name, _task)


def task_of(dataset: Dataset) -> Task:
    """The task that a data set's labels are of."""
    return TASKS.get(dataset.task)
