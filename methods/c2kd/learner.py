"""What C2KD trains: a classifier and a proxy per modality, all at once."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.c2kd.loss import kendall_correlation, non_target_loss
from methods.c2kd.network import build_proxy
from methods.contract import Batch, Problem
from methods.kd import kd_loss
from methods.learners.base import Learner
from methods.networks.classifier import (
    Classifier,
    ClassifierFeatures,
    build_classifier,
    channels_of,
)


class C2KDLearner(Learner):
    """The classifiers of all modalities, their proxies, and the loss.

    Each classifier and its proxy learn from each other. Across modalities proxies alone do, from
    the samples on which they agree well enough. Classifiers start as STUDENT's of their modality.
    With more than two modalities, which the paper does not have, a proxy learns from each other
    one, and the terms are averaged.

    Beside the terms of the loss it notes the share of samples that are chosen, mean over the pairs
    of modalities.

    Args:
        problem: modalities, classes and the seed of the initial weights.
        threshold: samples with a larger rank correlation of the two proxies are chosen.
    """

    def __init__(self, problem: Problem, threshold: float) -> None:
        super().__init__()
        classes, seed = problem.num_classes, problem.seed
        classifiers = {
            name: build_classifier({name: c}, classes, seed, problem.network)
            for name, c in problem.channels.items()
        }
        proxies = {
            name: build_proxy(
                name, channels_of(own.feature_sizes, "stage_3", "each modality"), classes, seed
            )
            for name, own in classifiers.items()
        }
        self.classifiers = nn.ModuleDict(classifiers)
        self.proxies = nn.ModuleDict(proxies)
        self._threshold = threshold

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        logits: list[Tensor] = []
        proxies: list[Tensor] = []
        for name, classifier in self.classifiers.items():
            assert isinstance(classifier, Classifier)
            features = classifier.features(batch.inputs)
            assert isinstance(features, ClassifierFeatures)
            logits.append(features.logits)
            proxies.append(self.proxies[name](features.stage_3))
        task = torch.stack([F.cross_entropy(own, batch.target) for own in logits]).sum()
        mutual = torch.stack(
            [
                kd_loss(proxy, own.detach(), 1.0) + kd_loss(own, proxy.detach(), 1.0)
                for own, proxy in zip(logits, proxies, strict=True)
            ]
        ).sum()
        transfer, share = self._between_modalities(proxies, batch.target)
        self.note(task=task, mutual=mutual, transfer=transfer, chosen_share=share)
        return task + mutual + transfer

    def _between_modalities(self, proxies: list[Tensor], target: Tensor) -> tuple[Tensor, Tensor]:
        """What all proxies learn from the others, and the share of samples that they learn from."""
        others = len(proxies) - 1
        transfer, shares = target.new_zeros((), dtype=torch.float32), []
        for place, one in enumerate(proxies):
            for other in proxies[place + 1 :]:
                with torch.no_grad():
                    chosen = kendall_correlation(one, other) > self._threshold
                shares.append(chosen.float().mean())
                transfer = transfer + non_target_loss(one, other.detach(), target, chosen) / others
                transfer = transfer + non_target_loss(other, one.detach(), target, chosen) / others
        return transfer, torch.stack(shares).mean() if shares else torch.zeros_like(transfer)

    def phase(self, epoch: int) -> int:
        return 0

    def deployments(self) -> dict[str, nn.Module]:
        return dict(self.classifiers.items())
