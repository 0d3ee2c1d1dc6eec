"""The task of a suite, which its data tells, and the suite with what its task fills in."""

from collections.abc import Sequence

from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.task_settings import settings_of
from benchmark.tasks import TASKS, Task
from core.errors import UserError
from methods.registry import METHODS, PLUGINS


def task_of_suite(suite: Suite, summaries: Sequence[DatasetSummary]) -> Task:
    """The one task of all data sets of a suite, which every method and plug-in of it serves.

    Raises:
        UserError: the data is of several tasks, or a method or plug-in does not serve it.
    """
    found = {summary.task: summary.name for summary in summaries}
    if len(found) > 1:
        listed = ", ".join(f"{name} is of {task}" for task, name in found.items())
        raise UserError(
            f"suite {suite.name}: {listed}, but a table has one score; write a suite for each task"
        )
    (name,) = found
    for noun, table, wanted in (
        ("method", METHODS, [entry.name for entry in suite.methods]),
        ("plug-in", PLUGINS, [plugin for plugin in suite.plugins if plugin != "none"]),
    ):
        for one in wanted:
            if name not in table.get(one).tasks:
                serving = [other for other in table if name in table.get(other).tasks]
                raise UserError(
                    f"suite {suite.name}: the {noun} '{one}' does not serve {name}, which "
                    f"{found[name]} is of; choose among {', '.join(serving) or 'none'}"
                )
    task = TASKS.get(name)
    for key in ("fidelity", "information"):
        if getattr(suite, key) and not task.keeps_logits:
            raise UserError(
                f"suite {suite.name}: {key} is made from the logits of all test samples, which are "
                f"not kept in {name}; remove the key"
            )
    if suite.information and set(suite.references) != {"teacher", "student"}:
        raise UserError(
            f"suite {suite.name}: information is that of TEACHER and STUDENT, but references has "
            f"{', '.join(suite.references) or 'none'}; name both, or remove the key"
        )
    return task


def with_task_settings(suite: Suite, summaries: Sequence[DatasetSummary]) -> Suite:
    """The suite with the settings that its task fills in; one without gaps as it is.

    Raises:
        UserError: as `task_of_suite` and `settings_of`.
    """
    settings = settings_of(suite, task_of_suite(suite, summaries))
    augmentation = settings.augmentation
    return suite.model_copy(
        update={
            "training": settings.training,
            "network": settings.network,
            "augmentation": {} if isinstance(augmentation, str) else augmentation.model_dump(),
        }
    )
