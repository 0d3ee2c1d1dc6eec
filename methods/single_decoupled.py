"""A control of CroDiNo-KD: its decoupled augmentation, and nothing else of it.

A network that reads one modality cannot tell whether the other one was augmented alike. What
decoupling alone can do is to draw other views: this control trains the single-modality networks
side by side on independently drawn ones, and its distance to them is chance.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.lazy import lazy
from methods.base import Method
from methods.contract import SEGMENTATION, Kind, Problem, Sampling
from methods.plugins import Plugin
from methods.registry import register_method
from methods.tasks import network_of

if TYPE_CHECKING:
    from methods.learners import side_by_side
    from methods.learners.base import Learner
else:
    side_by_side = lazy("methods.learners.side_by_side")


@register_method
class SingleDecoupled(Method):
    """The reference network of each modality, cross-entropy alone, each on views of its own."""

    name = "single_decoupled"
    label = "single-modality, decoupled"
    kind = Kind.JOINT
    sampling = Sampling.DECOUPLED
    tasks = frozenset({SEGMENTATION})

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        networks = {
            modality: network_of(replace(problem, channels={modality: channels}))
            for modality, channels in problem.channels.items()
        }
        return side_by_side.SideBySideLearner(networks)
