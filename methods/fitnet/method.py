"""FitNet as a method: its weight, and which map is the hint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from core.lazy import lazy, torch
from methods.contract import Problem
from methods.feature_distillation import FeatureDistillationMethod
from methods.registry import register_method
from methods.search_space import LogUniform

if TYPE_CHECKING:
    from methods.fitnet import criterion
    from methods.networks import classifier, initialisation
    from methods.networks import encoder as encoders
else:
    classifier = lazy("methods.networks.classifier")
    encoders = lazy("methods.networks.encoder")
    criterion = lazy("methods.fitnet.criterion")
    initialisation = lazy("methods.networks.initialisation")


@register_method
class FitNet(FeatureDistillationMethod):
    """CE + 100 times the hint's mean squared difference, in all epochs.

    Attributes:
        stage: behind which of the encoders' four stages the maps are.
    """

    name = "fitnet"
    label = "FitNet"
    distils_logits = False
    stage: Literal[1, 2, 3, 4] = 2
    distillation_weight: Annotated[float, LogUniform(10, 1000)] = 100.0
    task_weight: float = 1.0

    @property
    def teacher_needs(self) -> tuple[str, ...]:  # type: ignore[override]
        return (self._map,)

    @property
    def _map(self) -> str:
        return f"stage_{self.stage}"

    def terms_module(self, problem: Problem, student: torch.nn.Module) -> torch.nn.Module:
        teacher = problem.teacher_sizes or encoders.FEATURE_SIZES
        channels = (
            classifier.channels_of(classifier.sizes_of(student), self._map, "the student"),
            classifier.channels_of(teacher, self._map, "the teacher"),
        )
        with initialisation.initial_weights(problem.seed, "regressor", *problem.channels):
            return criterion.HintCriterion(channels, self._map, self.distillation_weight)
