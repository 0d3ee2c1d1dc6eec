"""CRD as a method: its weights, and how many negatives a sample has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from core.errors import UserError
from core.lazy import lazy
from methods.base import DistillationMethod
from methods.contract import Problem
from methods.plugins import Plugin
from methods.registry import register_method
from methods.search_space import LogUniform

if TYPE_CHECKING:
    from methods.crd import learner as training
    from methods.crd import memory
    from methods.learners.base import Learner
    from methods.networks import classifier, initialisation
    from methods.networks import encoder as encoders
else:
    training = lazy("methods.crd.learner")
    memory = lazy("methods.crd.memory")
    classifier = lazy("methods.networks.classifier")
    encoders = lazy("methods.networks.encoder")
    initialisation = lazy("methods.networks.initialisation")


@register_method
class CRD(DistillationMethod):
    """CE + 0.8 times the contrastive losses of both networks, 16384 negatives a sample."""

    name = "crd"
    label = "CRD"
    teacher_needs = ("embedding",)
    distils_logits = False
    negatives: Annotated[int, Field(ge=1, le=1_000_000)] = 16384
    temperature: Annotated[float, LogUniform(0.02, 0.2)] = 0.07
    distillation_weight: Annotated[float, LogUniform(0.08, 8)] = 0.8
    task_weight: float = 1.0

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        if len(set(problem.labels)) < 2:
            raise UserError(
                "CRD takes negatives from other classes, but the training samples are of one "
                "class; train it on two classes or more"
            )
        student = classifier.build_classifier(
            problem.channels, problem.num_classes, problem.seed, problem.network
        )
        teacher = problem.teacher_sizes or encoders.FEATURE_SIZES
        with initialisation.initial_weights(problem.seed, "contrast", *problem.channels):
            contrast = memory.ContrastMemory(
                (student.feature_sizes["embedding"], teacher["embedding"]),
                problem.labels,
                problem.num_classes,
                self.negatives,
                self.temperature,
            )
        return training.CRDLearner(student, contrast, self.distillation_weight, self.task_weight)
