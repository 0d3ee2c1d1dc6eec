"""DisCoM-KD as a method: its weights and its switches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from core.lazy import lazy
from methods.base import Method
from methods.contract import Kind, Problem, Projection, Sampling
from methods.discom_kd.loss import (
    Adversary,
    LossWeights,
    ModalityReduction,
    ModalityTargets,
)
from methods.plugins import Plugin
from methods.registry import register_method
from methods.search_space import LogUniform

if TYPE_CHECKING:
    from methods.discom_kd import learner as training
    from methods.learners.base import Learner
else:
    training = lazy("methods.discom_kd.learner")


@register_method
class DisCoMKD(Method):
    """Joint training of one model per modality, equations 2 to 7, all weights 1.

    Each modality is shuffled and augmented on its own, and selects its own checkpoint. It takes any
    number of modalities: every term is a sum over them, and each classifier of modalities tells
    them all apart, so that its cost is linear in them. The released code's targets are for two.

    `adversary: uniform` is an option that the paper does not have; see `uniform_adversary_loss`.
    """

    name = "discom_kd"
    label = "DisCoM-KD"
    kind = Kind.JOINT
    sampling = Sampling.INDEPENDENT
    encoders_per_modality = 2
    probes = ("only_inv", "only_inf")
    later_fields = frozenset({"adversary"})
    switches = {
        "projection": "projection",
        "modality_targets": "modality_targets",
        "modality_reduction": "modality_reduction",
    }
    adversarial_weight: Annotated[float, LogUniform(0.1, 10)] = 1.0
    modality_weight: Annotated[float, LogUniform(0.1, 10)] = 1.0
    auxiliary_weight: Annotated[float, LogUniform(0.1, 10)] = 1.0
    orthogonality_weight: Annotated[float, LogUniform(0.1, 10)] = 1.0
    projection: Projection = "linear"
    modality_targets: ModalityTargets = "class_index"
    modality_reduction: ModalityReduction = "sum"
    adversary: Adversary = "reversal"

    @property
    def most_modalities(self) -> int | None:
        return 2 if self.modality_targets == "released" else None

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        return training.DisCoMLearner(
            problem,
            self.projection,
            LossWeights(
                self.adversarial_weight,
                self.modality_weight,
                self.auxiliary_weight,
                self.orthogonality_weight,
            ),
            self.modality_targets,
            self.modality_reduction,
            self.adversary,
        )
