"""Selective distillation as a method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from core.lazy import lazy, torch
from core.seeding import derive_seed
from methods.contract import CLASSIFICATION, Control
from methods.kd import KDv1
from methods.registry import register_method

if TYPE_CHECKING:
    from methods.mfh import teacher as selection
    from methods.networks import classifier
else:
    classifier = lazy("methods.networks.classifier")
    selection = lazy("methods.mfh.teacher")


@register_method
class MFH(KDv1):
    """KDv1 from a teacher that was trained with a student, without its least salient channels.

    Source: Xue et al. (ICLR 2023), modality-general distillation. Teacher and a network of the
    student's modality are trained at once with the cross-entropy of both and the mean squared
    difference of their logits. Then that `share` of the channels of the teacher's embedding is set
    to 0 which matters least to that difference, and a new student follows what is left.

    Two controls come with it: `removed` "random" removes as many channels at random, "most_salient"
    those that matter most.
    """

    name = "mfh"
    label = "MFH"
    tasks = frozenset({CLASSIFICATION})
    joint_teacher = True
    removed: Literal["least_salient", "random", "most_salient"] = "least_salient"
    share: Annotated[float, Field(ge=0, lt=1)] = 0.75
    permutations: Annotated[int, Field(ge=1)] = 10

    @property
    def control(self) -> Control:
        return Control.NONE if self.removed == "least_salient" else Control.OWN

    def followed_teacher(
        self,
        teacher: torch.nn.Module,
        partner: torch.nn.Module,
        batches: Iterable[Mapping[str, torch.Tensor]],
        seed: int,
    ) -> torch.nn.Module:
        assert isinstance(teacher, classifier.Classifier)
        width = teacher.head.in_features
        count = int(self.share * width)
        if self.removed == "random":
            random = torch.Generator().manual_seed(derive_seed("channels", seed))
            order = torch.randperm(width, generator=random)
        else:
            channels = derive_seed("salience", seed)
            found = selection.salience(teacher, partner, batches, self.permutations, channels)
            order = found.argsort(descending=self.removed == "most_salient", stable=True)
        removed = torch.zeros(width, dtype=torch.bool)
        removed[order[:count]] = True
        return selection.SelectiveTeacher(teacher, removed)
