"""Masked generative distillation as a method: its weights, and its options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from core.lazy import lazy, torch
from methods.contract import SEGMENTATION, Problem
from methods.feature_distillation import FeatureDistillationMethod
from methods.registry import register_method
from methods.search_space import LogUniform, Uniform

if TYPE_CHECKING:
    from methods.masked_generative import criterion
    from methods.networks import initialisation
else:
    criterion = lazy("methods.masked_generative.criterion")
    initialisation = lazy("methods.networks.initialisation")


@register_method
class MaskedGenerative(FeatureDistillationMethod):
    """CE + alpha * generation_loss on the encoder's output, three quarters of which are masked.

    alpha is the paper's for images of 512 x 512 at output stride 8, a map of 4096 positions, and
    the term is a sum over positions: `alpha_reference_area: 4096` keeps its weight on other maps.
    `logits_weight: 3` adds spatial_kd_loss, which the released segmentation code has; plug-ins
    apply to that term, and not without it.
    """

    name = "masked_generative"
    label = "Masked Dist."
    tasks = frozenset({SEGMENTATION})
    teacher_needs = ("encoded",)
    alpha: Annotated[float, LogUniform(2e-6, 2e-4)] = 2e-5
    alpha_reference_area: int | None = None
    masked_share: Annotated[float, Uniform(0.25, 0.9)] = 0.75
    logits_weight: float = 0.0
    temperature: float = 4.0

    @property
    def distils_logits(self) -> bool:
        return bool(self.logits_weight)

    def terms_module(self, problem: Problem, student: torch.nn.Module) -> torch.nn.Module:
        *_, width = student.encoder.widths  # type: ignore[union-attr, misc]
        with initialisation.initial_weights(problem.seed, "generator", *problem.channels):
            generator = criterion.MaskedGenerator(width, self.masked_share)
        return criterion.MaskedGenerativeCriterion(
            generator, self.alpha, self.alpha_reference_area, self.logits_weight, self.temperature
        )
