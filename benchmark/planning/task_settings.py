"""What a task fills in of a suite's settings."""

from benchmark.planning.config import Suite
from benchmark.tasks import Task
from benchmark.tasks.base import SuiteSettings
from core.errors import UserError


def settings_of(suite: Suite, task: Task) -> SuiteSettings:
    """The settings of a suite with the task's own in their gaps.

    Raises:
        UserError: a setting that the task has not, or a wrong value.
    """
    try:
        return SuiteSettings(
            training=task.training(suite.training, suite.smoke),
            network=task.network(suite.network, suite.smoke),
            augmentation=task.augmentation(suite.augmentation),
        )
    except UserError as error:
        raise UserError(f"suite {suite.name}: {error}") from None
