"""STUDENT and TEACHER: one network trained with cross-entropy alone.

TEACHER of a cross-modal pair is this method on the teacher's modality, the multi-modal TEACHER is
it on all modalities, STUDENT is it on the student's: equal networks are equal runs, shared
between tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lazy import lazy
from methods.base import Method
from methods.contract import Kind, Problem
from methods.plugins import Plugin
from methods.registry import register_method

if TYPE_CHECKING:
    from methods.learners import supervised
    from methods.learners.base import Learner
    from methods.networks import classifier
else:
    supervised = lazy("methods.learners.supervised")
    classifier = lazy("methods.networks.classifier")


@register_method
class Reference(Method):
    """A classifier over the run's modalities, embeddings added. Source: DisCoM-KD, section 4."""

    name = "reference"
    label = "reference"
    kind = Kind.REFERENCE

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        network = classifier.build_classifier(problem.channels, problem.num_classes, problem.seed)
        return supervised.SupervisedLearner(network)
