"""Tasks: what is predicted, and all that a benchmark of it does its own way.

A task is a `Task` here (settings, scores, words), a `TaskEngine` in `benchmark.training.tasks` (how
its batches and predictions are made) and an entry of `methods.tasks` (its network). Nothing else
asks which task it is. A data set's labels say whose it is.
"""

from benchmark.tasks.base import Task
from benchmark.tasks.registry import TASKS, task_of

__all__ = ["TASKS", "Task", "task_of"]
