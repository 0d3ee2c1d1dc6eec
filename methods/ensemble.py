"""Ensemble: two STUDENTs whose probabilities are averaged.

It costs what DisCoM-KD's two encoders cost, and each of its networks is trained as STUDENT is. What
a method with two encoders gains over this control is not that of two networks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lazy import lazy
from methods.base import Method
from methods.contract import Control, Kind, Problem
from methods.plugins import Plugin
from methods.registry import register_method
from methods.tasks import another_start, network_of

if TYPE_CHECKING:
    from methods.learners import ensemble
    from methods.learners.base import Learner
else:
    ensemble = lazy("methods.learners.ensemble")


@register_method
class Ensemble(Method):
    """Two of STUDENT's network from different initial weights, cross-entropy for each.

    No term couples them. The first starts from STUDENT's weights; both see the same batches,
    augmented as the distilled students are under every protocol. The checkpoint is selected by the
    validation score of the mean of their probabilities, which is what is deployed.
    """

    name = "ensemble"
    label = "ensemble"
    kind = Kind.REFERENCE
    control = Control.ALL
    encoders_per_modality = 2

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        members = (network_of(problem), network_of(another_start(problem)))
        return ensemble.EnsembleLearner(members)
