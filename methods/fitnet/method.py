"""FitNet as a method: its weight, and which map is the hint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.lazy import F, lazy, torch
from methods.base import DistillationMethod
from methods.contract import Problem
from methods.plugins import Plugin
from methods.registry import register_method
from methods.tasks import network_of

if TYPE_CHECKING:
    from methods.fitnet import criterion as regression
    from methods.learners import feature_distillation
    from methods.learners.base import Learner
    from methods.networks import initialisation
else:
    regression = lazy("methods.fitnet.criterion")
    feature_distillation = lazy("methods.learners.feature_distillation")
    initialisation = lazy("methods.networks.initialisation")

_FIRST_CHANNELS = 64  # of the first stage; each later one has twice those before it


@register_method
class FitNet(DistillationMethod):
    """CE + 100 times the hint's mean squared difference, in all epochs.

    Attributes:
        stage: behind which of the encoders' four stages the maps are.
    """

    name = "fitnet"
    label = "FitNet"
    distils_logits = False
    stage: Literal[1, 2, 3, 4] = 2
    distillation_weight: float = 100.0
    task_weight: float = 1.0

    @property
    def teacher_needs(self) -> tuple[str, ...]:  # type: ignore[override]
        return (self._map,)

    @property
    def _map(self) -> str:
        return f"stage_{self.stage}"

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        channels = _FIRST_CHANNELS * 2 ** (self.stage - 1)
        with initialisation.initial_weights(problem.seed, "regressor", *problem.channels):
            criterion = regression.HintCriterion(channels, self._map, self.distillation_weight)
        return feature_distillation.FeatureDistillationLearner(
            network_of(problem), self._task, criterion, plugin
        )

    def _task(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return self.task_weight * F.cross_entropy(logits, target)
