"""CroDiNo-KD as a method: its weights, and the switches of the paper's ablations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from core.errors import UserError
from core.lazy import lazy
from methods.base import Method
from methods.contract import SEGMENTATION, Kind, Problem, Sampling
from methods.crodino_kd.loss import LossWeights, Orthogonality
from methods.plugins import Plugin
from methods.registry import register_method
from methods.search_space import LogUniform, Uniform

if TYPE_CHECKING:
    from methods.crodino_kd import learner as training
    from methods.learners.base import Learner
else:
    training = lazy("methods.crodino_kd.learner")


@register_method
class CroDiNoKD(Method):
    """Joint training of one model per modality, equations 2 to 9, all weights 1.

    A weight of 0 takes a term out, `mixup: false` the mixed features' terms; without
    `decoupled_augmentation` a sample's modalities are augmented alike.
    """

    name = "crodino_kd"
    label = "CroDiNo-KD"
    kind = Kind.JOINT
    tasks = frozenset({SEGMENTATION})
    orthogonality_weight: Annotated[float, LogUniform(0.1, 10)] = 1.0
    contrastive_weight: Annotated[float, LogUniform(0.1, 10)] = 1.0
    auxiliary_weight: Annotated[float, LogUniform(0.1, 10)] = 1.0
    mixup: bool = True
    mixup_weight: Annotated[float, Uniform(0.1, 0.5)] = 0.35
    decoupled_augmentation: bool = True
    temperature: Annotated[float, LogUniform(0.02, 0.2)] = 0.07
    orthogonality: Orthogonality = "signed"
    auxiliary_skip: bool = True

    @property
    def sampling(self) -> Sampling:
        return Sampling.DECOUPLED if self.decoupled_augmentation else Sampling.PAIRED

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        if len(problem.channels) == 1:
            raise UserError(
                f"{self.name} trains on {problem.modalities[0]} alone, expected two modalities; "
                "give the data set another"
            )
        return training.CroDiNoLearner(
            problem,
            LossWeights(self.orthogonality_weight, self.contrastive_weight, self.auxiliary_weight),
            self.mixup_weight if self.mixup else None,
            self.temperature,
            self.orthogonality,
            self.auxiliary_skip,
        )
