"""CTKD as a method: its weights and its schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from core.lazy import lazy, torch
from methods.base import DistillationMethod
from methods.registry import register_method
from methods.search_space import LogUniform

if TYPE_CHECKING:
    from methods.ctkd import curriculum
else:
    curriculum = lazy("methods.ctkd.curriculum")


@register_method
class CTKD(DistillationMethod):
    """0.1 CE + 0.9 kd_loss at the learned temperature; theta trained by the same optimiser."""

    name = "ctkd"
    label = "CTKD"
    switches = {"ctkd_epochs": "decay_epochs"}
    temperature_start: float = 1.0
    temperature_span: Annotated[float, LogUniform(2, 50)] = 20.0
    decay_epochs: int = 10
    distillation_weight: Annotated[float, LogUniform(0.09, 9)] = 0.9
    task_weight: float = 0.1

    @property
    def schedule_epochs(self) -> int:
        return self.decay_epochs

    def phase(self, epoch: int) -> int:
        return min(epoch, self.decay_epochs)

    def criterion(self) -> torch.nn.Module:
        return curriculum.CurriculumCriterion(
            curriculum.LearnedTemperature(self.temperature_start, self.temperature_span),
            decay_epochs=self.decay_epochs,
            weight=self.distillation_weight,
        )
