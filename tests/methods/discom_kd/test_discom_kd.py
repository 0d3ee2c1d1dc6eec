"""DisCoM-KD: what it deploys, the terms of its loss, and which way its adversary pulls."""

import pytest
import torch

from methods import Batch, Problem
from methods.discom_kd import orthogonality_loss
from methods.registry import make_method


def test_orthogonality_is_signed() -> None:
    ones = torch.ones(2, 4)
    assert orthogonality_loss(ones, ones, ones).item() == pytest.approx(2)
    assert orthogonality_loss(-ones, ones, -ones).item() == pytest.approx(-2)


def test_discom_deploys_one_model_per_modality_that_reads_its_own_alone(
    two_modalities: Problem, unpaired: Batch
) -> None:
    learner = make_method("discom_kd", {}).learner(two_modalities, None).eval()
    for name, network in learner.deployments().items():
        assert network.modalities == (name,)
        assert network({name: unpaired.inputs[name]}).shape == (6, 5)


def test_discom_weights_remove_terms(two_modalities: Problem, unpaired: Batch) -> None:
    parts = ("adversarial", "modality", "auxiliary", "orthogonality")

    def loss(**weights: float) -> float:
        learner = make_method("discom_kd", weights).learner(two_modalities, None).eval()
        return learner.loss(unpaired, 0).item()

    full = loss()
    without = {part: loss(**{f"{part}_weight": 0.0}) for part in parts}
    task = loss(**{f"{part}_weight": 0.0 for part in parts})
    assert task + sum(full - value for value in without.values()) == pytest.approx(full, rel=1e-4)
    assert len({round(value, 6) for value in without.values()}) == 4


def test_discom_adversary_reverses_the_gradient_of_the_encoder_not_of_the_classifier(
    two_modalities: Problem, unpaired: Batch
) -> None:
    others = {f"{part}_weight": 0.0 for part in ("modality", "auxiliary", "orthogonality")}

    def gradients(weight: float) -> tuple[torch.Tensor, torch.Tensor]:
        learner = make_method("discom_kd", {**others, "adversarial_weight": weight})
        built = learner.learner(two_modalities, None).eval()
        built.loss(unpaired, 0).backward()
        named = dict(built.named_parameters())
        projection = named["branches.SAR.projection.0.weight"].grad
        classifier = named["modality_adversary.weight"].grad
        assert projection is not None
        assert classifier is not None
        return projection, classifier

    encoder_without, _ = gradients(0.0)
    encoder_with, classifier = gradients(1.0)
    built = make_method("discom_kd", {}).learner(two_modalities, None).eval()
    step = {name: value.detach().clone() for name, value in built.state_dict().items()}

    def adversarial_loss(projection_shift: float, classifier_shift: float) -> float:
        shifted = dict(step)
        key = "branches.SAR.projection.0.weight"
        shifted[key] = step[key] + projection_shift * (encoder_with - encoder_without)
        shifted["modality_adversary.weight"] = (
            step["modality_adversary.weight"] + classifier_shift * classifier
        )
        with_term = make_method("discom_kd", others).learner(two_modalities, None).eval()
        without_term = make_method("discom_kd", {**others, "adversarial_weight": 0.0})
        plain = without_term.learner(two_modalities, None).eval()
        with_term.load_state_dict(shifted)
        plain.load_state_dict(shifted)
        return with_term.loss(unpaired, 0).item() - plain.loss(unpaired, 0).item()

    start = adversarial_loss(0, 0)
    # A step against its gradient makes the classifier better and the embedding harder to classify.
    assert adversarial_loss(0, -0.1) < start
    assert adversarial_loss(-0.1, 0) > start


def test_discom_takes_three_modalities() -> None:
    problem = Problem({"RGB": 3, "THERMAL": 1, "DEPTH": 1}, 4, 0)
    learner = make_method("discom_kd", {}).learner(problem, None)
    batch = Batch(
        {name: torch.rand(4, channels, 16, 16) for name, channels in problem.channels.items()},
        {name: torch.arange(4) for name in problem.channels},
    )
    assert learner.loss(batch, 0).isfinite()
    assert set(learner.deployments()) == {"RGB", "THERMAL", "DEPTH"}
